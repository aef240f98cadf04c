"""Gathering, at the moment of the order, what is known about who may have sold it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from storefront.attribution.models import AttributionPolicy, Tie, VersionState
from storefront.attribution.rules import (
    LONGEST_WINDOW_DAYS,
    Evidence,
    Person,
    TieEvidence,
    TieMode,
    TillClaim,
    TouchEvidence,
)
from storefront.core.database import db
from storefront.sharing.touches import TouchFact, touches_of
from storefront.staff.models import Employee
from storefront.staff.recognition import employees_known_as

MOST_TOUCHES = 500
"""The latest so many touches of a customer are evidence; hardly a person has more."""

_employees = cast(sa.Table, Employee.__table__)
_policies = cast(sa.Table, AttributionPolicy.__table__)
_ties = cast(sa.Table, Tie.__table__)
_heirs = _employees.alias("heirs")

_open_tie = sa.and_(
    _ties.c.customer_id == sa.bindparam("customer_id"),
    _ties.c.since <= sa.bindparam("at"),
    sa.or_(_ties.c.ended_at.is_(None), _ties.c.ended_at > sa.bindparam("at")),
)
_tied_employee = sa.select(_ties.c.employee_id).where(_open_tie).limit(1).scalar_subquery()
# It rides along, so that a chain without ties asks nothing more of the database than this.
_tie_mode = (
    sa.select(_policies.c.rules["tie_mode"].as_string())
    .where(
        _policies.c.state == VersionState.PUBLISHED,
        _policies.c.starts_at <= sa.bindparam("at"),
    )
    .order_by(_policies.c.starts_at.desc(), _policies.c.version.desc())
    .limit(1)
    .scalar_subquery()
)
_PEOPLE = (
    sa.select(
        _employees.c.id,
        _employees.c.number,
        _employees.c.store_id,
        _employees.c.left_at,
        _employees.c.successor_id,
        _employees.c.grade,
        _heirs.c.number.label("heir_number"),
        _heirs.c.store_id.label("heir_store_id"),
        _heirs.c.left_at.label("heir_left_at"),
        _heirs.c.grade.label("heir_grade"),
        _ties.c.since,
        _ties.c.how,
        _ties.c.protected_until,
        _tie_mode.label("tie_mode"),
    )
    .outerjoin(_heirs, _heirs.c.id == _employees.c.successor_id)
    .outerjoin(_ties, sa.and_(_ties.c.employee_id == _employees.c.id, _open_tie))
    .where(
        sa.or_(
            _employees.c.id.in_(sa.bindparam("ids", expanding=True)),
            _employees.c.id == _tied_employee,
        )
    )
    .order_by(_employees.c.id)
)


class Gathered(NamedTuple):
    """What was found."""

    evidence: Evidence
    knows_ties: bool
    """Whether there is somebody whom the policy in force might tie the customer to."""


def gather(
    visitor_ids: Collection[str],
    phone: str | None,
    customer_id: int | None,
    at: datetime,
    claims: Sequence[TillClaim] = (),
) -> Evidence:
    """What was known at `at`: a customer's touches, their tie, what a till claimed, and the people.

    `phone` is the buyer's in E.164 form, `customer_id` None for somebody whom nobody knows. Three
    queries, however much there is.
    """
    return look(visitor_ids, phone, customer_id, at, claims).evidence


def look(
    visitor_ids: Collection[str],
    phone: str | None,
    customer_id: int | None,
    at: datetime,
    claims: Sequence[TillClaim] = (),
) -> Gathered:
    """What `gather` gathers, and whether there may be a tie to be made, in the same queries."""
    since = at - timedelta(days=LONGEST_WINDOW_DAYS)
    met = touches_of(visitor_ids, since, at, MOST_TOUCHES)
    buyers = employees_known_as(phone, visitor_ids)
    ids = {touch.employee_id for touch in met} | {claim.employee_id for claim in claims}
    rows = db.session.execute(_PEOPLE, {"ids": sorted(ids), "customer_id": customer_id, "at": at})
    people: dict[int, Person] = {}
    tie: TieEvidence | None = None
    knows_ties = False
    for row in rows:
        knows_ties = row.tie_mode not in (None, TieMode.NONE)
        people |= _people_of(row, at)
        if row.since is not None:
            tie = TieEvidence(row.id, row.since, row.how.value, row.protected_until)
    found = Evidence(
        placed_at=at,
        people=people,
        touches=tuple(_as_evidence(touch) for touch in met),
        buyers=frozenset(buyers),
        tie=tie,
        claims=tuple(claims),
    )
    return Gathered(found, knows_ties)


def _people_of(row: sa.Row[*tuple[Any, ...]], at: datetime) -> dict[int, Person]:
    """An employee and, if they had left by then, whoever took their place."""
    if row.left_at is None or row.left_at > at:
        return {row.id: Person(row.number, row.store_id, grade=row.grade or None)}
    left = Person(row.number, row.store_id, row.left_at, row.successor_id, row.grade or None)
    if row.successor_id is None:
        return {row.id: left}
    heir_left_at = row.heir_left_at if row.heir_left_at and row.heir_left_at <= at else None
    return {
        row.id: left,
        row.successor_id: Person(
            row.heir_number, row.heir_store_id, heir_left_at, grade=row.heir_grade or None
        ),
    }


def _as_evidence(touch: TouchFact) -> TouchEvidence:
    return TouchEvidence(
        touch_id=touch.touch_id,
        employee_id=touch.employee_id,
        at=touch.at,
        kind=touch.kind.value,
        channel=touch.channel.value,
        product_id=touch.product_id,
        uncounted=touch.uncounted.value,
        campaign_id=touch.campaign_id,
    )
