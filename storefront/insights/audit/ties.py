"""Ties: a customer is one employee's at a time, and what was claimed and accepted came about."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.attribution.relations import ACCEPTED
from storefront.insights.audit.invariant import Asked, query, unless
from storefront.insights.audit.tables import customer_claims, ties

Question = sa.Select[*tuple[Any, ...]]


def several_open_ties(_: Asked) -> Question:
    """Every customer has at most one open tie."""
    return (
        sa.select(ties.c.customer_id, sa.func.count().label("open"))
        .where(ties.c.ended_at.is_(None))
        .group_by(ties.c.customer_id)
        .having(sa.func.count() > 1)
    )


def overlapping_ties(_: Asked) -> Question:
    """A customer's ties follow each other: each begins at the end of the one before, or later."""
    customers, in_turn = ties.c.customer_id, (ties.c.since, ties.c.id)
    before = sa.func.lag(ties.c.ended_at).over(partition_by=customers, order_by=in_turn)
    place = sa.func.row_number().over(partition_by=customers, order_by=in_turn)
    row = (
        sa.select(
            ties.c.id,
            ties.c.customer_id,
            ties.c.since,
            ties.c.ended_at,
            before.label("last_ended_at"),
            place.label("place"),
        )
    ).subquery()
    follows = sa.or_(row.c.place == 1, row.c.last_ended_at <= row.c.since)
    forward = sa.or_(row.c.ended_at.is_(None), row.c.ended_at >= row.c.since)
    known = sa.and_(row.c.since.is_not(None), row.c.customer_id.is_not(None))
    return sa.select(row.c.id, row.c.customer_id, row.c.since, row.c.ended_at).where(
        sa.or_(unless(follows), unless(forward), ~known)
    )


def claims_without_their_tie(_: Asked) -> Question:
    """An accepted claim has its tie, of the same customer, employee and moment; no other has."""
    accepted = customer_claims.c.outcome.in_(ACCEPTED)
    theirs = sa.and_(
        ties.c.customer_id == customer_claims.c.customer_id,
        ties.c.employee_id == customer_claims.c.employee_id,
        ties.c.since == customer_claims.c.at,
    )
    fits = sa.or_(sa.and_(accepted, theirs), sa.and_(~accepted, customer_claims.c.tie_id.is_(None)))
    return (
        sa.select(customer_claims.c.public_id, customer_claims.c.outcome, customer_claims.c.tie_id)
        .outerjoin(ties, ties.c.id == customer_claims.c.tie_id)
        .where(unless(fits))
    )


INVARIANTS = (
    query(19, "one open tie per customer", several_open_ties),
    query(19, "ties follow each other", overlapping_ties),
    query(19, "accepted claims have their tie", claims_without_their_tie),
)
