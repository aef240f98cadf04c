"""Credit: every paid order is judged, by the policy of its day, and its shares are whole."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storefront.attribution.models import VersionState
from storefront.attribution.rules import Evidence, Line, Policy, decide
from storefront.attribution.rules import Verdict as Decision
from storefront.attribution.standing import stands
from storefront.core.database import db
from storefront.core.money import WHOLE_BASIS_POINTS
from storefront.insights.audit.invariant import (
    Asked,
    Invariant,
    Row,
    or_nothing,
    query,
    sentence_of,
    unless,
)
from storefront.insights.audit.tables import credits_, lines, orders, policies, verdicts

Question = sa.Select[*tuple[Any, ...]]

AT_ONCE = 1_000

_Share = tuple[int, int, int | None, int, int]


def orders_not_judged(_: Asked) -> Question:
    """A paid order has verdicts numbered from 1 without a gap, an unpaid one has none."""
    counts = (
        sa.select(
            verdicts.c.order_id,
            sa.func.count().label("verdicts"),
            sa.func.min(verdicts.c.sequence).label("first"),
            sa.func.max(verdicts.c.sequence).label("last"),
        )
        .group_by(verdicts.c.order_id)
        .subquery()
    )
    whole = sa.and_(counts.c.first == 1, counts.c.last == counts.c.verdicts)
    return (
        sa.select(orders.c.number, orders.c.state, orders.c.paid_at, counts.c.verdicts)
        .outerjoin(counts, counts.c.order_id == orders.c.id)
        .where(
            sa.or_(
                sa.and_(orders.c.paid_at.is_(None), counts.c.verdicts.is_not(None)),
                sa.and_(orders.c.paid_at.is_not(None), unless(whole)),
            )
        )
    )


def lines_shared_in_part(_: Asked) -> Question:
    """The standing shares of a paid line sum to 10,000 basis points, or to 0; one verdict's all."""
    shares = (
        sa.select(
            credits_.c.order_line_id,
            sa.func.sum(credits_.c.share).label("share"),
            sa.func.count(credits_.c.verdict_id.distinct()).label("verdicts"),
        )
        .where(credits_.c.superseded_by_id.is_(None))
        .group_by(credits_.c.order_line_id)
        .subquery()
    )
    share = or_nothing(shares.c.share)
    whole = sa.and_(share == WHOLE_BASIS_POINTS, shares.c.verdicts == 1)
    return (
        sa.select(orders.c.number, lines.c.position, share.label("share"))
        .join(orders, orders.c.id == lines.c.order_id)
        .outerjoin(shares, shares.c.order_line_id == lines.c.id)
        .where(
            sa.or_(
                unless(sa.or_(shares.c.order_line_id.is_(None), whole)),
                sa.and_(orders.c.paid_at.is_(None), shares.c.order_line_id.is_not(None)),
            )
        )
    )


def lines_credited_otherwise(_: Asked) -> Iterator[Row]:
    """The standing credits of every line are those that the latest verdict's document says."""
    last = 0
    while True:
        chunk = db.session.execute(
            sa.select(verdicts.c.id, verdicts.c.order_id, verdicts.c.document, orders.c.number)
            .join(orders, orders.c.id == verdicts.c.order_id)
            .where(verdicts.c.id > last, stands(verdicts))
            .order_by(verdicts.c.id)
            .limit(AT_ONCE)
        ).all()
        if not chunk:
            return
        found = _standing([row.order_id for row in chunk])
        for row in chunk:
            said = _said(Decision.from_document(row.document))
            if found[row.order_id] != said:
                yield {"order": row.number, "verdict_id": row.id}
        last = chunk[-1].id


def _said(decision: Decision) -> set[_Share]:
    """What a verdict gives: line, place among its shares, employee, store and share."""
    return {
        (line, position, claim.employee_id, claim.store_id, claim.share)
        for ruling in decision.rulings
        for line in ruling.positions
        for position, claim in enumerate(ruling.winners)
    }


def _standing(order_ids: Sequence[int]) -> dict[int, set[_Share]]:
    rows = db.session.execute(
        sa.select(
            credits_.c.order_id,
            lines.c.position.label("line"),
            credits_.c.position,
            credits_.c.employee_id,
            credits_.c.store_id,
            credits_.c.share,
        )
        .join(lines, lines.c.id == credits_.c.order_line_id)
        .where(credits_.c.order_id.in_(order_ids), credits_.c.superseded_by_id.is_(None))
    )
    standing: dict[int, set[_Share]] = defaultdict(set)
    for order_id, *share in rows:
        standing[order_id].add(tuple(share))
    return standing


def credits_of_other_orders(_: Asked) -> Question:
    """A credit is on a line of the order that its verdict is about."""
    return (
        sa.select(
            credits_.c.id.label("credit_id"),
            credits_.c.order_id,
            verdicts.c.order_id.label("order_of_verdict"),
            lines.c.order_id.label("order_of_line"),
        )
        .outerjoin(verdicts, verdicts.c.id == credits_.c.verdict_id)
        .outerjoin(lines, lines.c.id == credits_.c.order_line_id)
        .where(
            sa.or_(
                verdicts.c.order_id.is_distinct_from(credits_.c.order_id),
                lines.c.order_id.is_distinct_from(credits_.c.order_id),
            )
        )
    )


def judged_otherwise(_: Asked) -> Iterator[Row]:
    """Policy and evidence, asked again, give every order's first verdict."""
    versions = _published_policies()
    last = 0
    while True:
        chunk = db.session.execute(
            sa.select(
                verdicts.c.id,
                verdicts.c.order_id,
                verdicts.c.policy_id,
                verdicts.c.reason,
                verdicts.c.document,
                orders.c.number,
                orders.c.placed_at,
                orders.c.evidence,
            )
            .join(orders, orders.c.id == verdicts.c.order_id)
            .where(verdicts.c.id > last, verdicts.c.sequence == 1)
            .order_by(verdicts.c.id)
            .limit(AT_ONCE)
        ).all()
        if not chunk:
            return
        bought = _lines_of([row.order_id for row in chunk])
        for row in chunk:
            expected = _expected(versions, row.placed_at, row.evidence, bought[row.order_id])
            if (row.policy_id, row.reason, row.document) != expected:
                yield {"order": row.number, "verdict_id": row.id, "reason": row.reason}
        last = chunk[-1].id


def _lines_of(order_ids: Sequence[int]) -> dict[int, list[Line]]:
    rows = db.session.execute(
        sa.select(lines.c.order_id, lines.c.position, lines.c.product_id)
        .where(lines.c.order_id.in_(order_ids))
        .order_by(lines.c.order_id, lines.c.position)
    )
    bought: dict[int, list[Line]] = defaultdict(list)
    for row in rows:
        bought[row.order_id].append(Line(row.position, row.product_id))
    return bought


def _published_policies() -> list[tuple[int, datetime, Policy]]:
    """Published policies, the one that starts last first."""
    rows = db.session.execute(
        sa.select(policies.c.id, policies.c.starts_at, policies.c.rules)
        .where(policies.c.state == VersionState.PUBLISHED)
        .order_by(policies.c.starts_at.desc(), policies.c.version.desc())
    )
    return [(row.id, row.starts_at, Policy.from_document(row.rules)) for row in rows]


def _expected(
    versions: Sequence[tuple[int, datetime, Policy]],
    placed_at: datetime,
    evidence: Mapping[str, Any],
    bought: Sequence[Line],
) -> tuple[int, str, dict[str, Any]] | None:
    for policy_id, starts_at, policy in versions:
        if starts_at <= placed_at:
            decision = decide(policy, Evidence.from_document(evidence), bought)
            return policy_id, decision.reason.value, decision.as_document()
    return None


INVARIANTS = (
    query(17, "every paid order is judged", orders_not_judged),
    query(17, "shares are whole", lines_shared_in_part),
    query(17, "credits are of their verdict's order", credits_of_other_orders),
    Invariant(
        17,
        "credits are what the verdict says",
        sentence_of(lines_credited_otherwise),
        lines_credited_otherwise,
    ),
    Invariant(21, "verdicts can be repeated", sentence_of(judged_otherwise), judged_otherwise),
)
