"""Rates: every accrual is what the plan of its day gives, by the very rules that made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.models import VersionState
from storefront.commissions.models import PlanRule
from storefront.commissions.rules import Rule, Subject, choose_rule, commission
from storefront.core.database import db
from storefront.insights.audit.invariant import Asked, Invariant, Row, sentence_of
from storefront.insights.audit.tables import accruals, lines, orders, plans

AT_ONCE = 10_000

_rules = cast(sa.Table, PlanRule.__table__)


@dataclass(frozen=True, slots=True)
class _Plan:
    id: int
    starts_at: datetime
    hold_days: int
    rules: tuple[Rule, ...]


def rated_otherwise(_: Asked) -> Iterator[Row]:
    """Rule, rate, amount and hold of every accrual are those of the plan in force at its order."""
    published = _published()
    last = 0
    while True:
        chunk = db.session.execute(_CHUNK, {"last": last}).all()
        if not chunk:
            return
        for row in chunk:
            expected = _expected(published, row)
            found = (row.plan_id, row.rule_id, row.rate, row.amount, row.hold_days)
            if found != expected:
                yield {
                    "accrual_id": row.id,
                    "order": row.number,
                    "line": row.position,
                    "found": found,
                    "expected": expected,
                }
        last = chunk[-1].id


_CHUNK = (
    sa.select(
        accruals.c.id,
        accruals.c.plan_id,
        accruals.c.rule_id,
        accruals.c.rate,
        accruals.c.base,
        accruals.c.amount,
        accruals.c.hold_days,
        accruals.c.employee_id,
        accruals.c.category_ids,
        lines.c.position,
        lines.c.product_id,
        lines.c.category_id,
        lines.c.brand_id,
        orders.c.number,
        orders.c.placed_at,
    )
    .join(lines, lines.c.id == accruals.c.order_line_id)
    .join(orders, orders.c.id == accruals.c.order_id)
    .where(accruals.c.id > sa.bindparam("last"))
    .order_by(accruals.c.id)
    .limit(AT_ONCE)
)


def _published() -> list[_Plan]:
    """Published plans with their rules, the one that starts last first."""
    rows = db.session.execute(
        sa.select(plans.c.id, plans.c.starts_at, plans.c.hold_days)
        .where(plans.c.state == VersionState.PUBLISHED)
        .order_by(plans.c.starts_at.desc(), plans.c.version.desc())
    )
    return [_Plan(*row, rules=_rules_of(row.id)) for row in rows]


def _rules_of(plan_id: int) -> tuple[Rule, ...]:
    rows = db.session.execute(
        sa.select(
            _rules.c.id,
            _rules.c.position,
            _rules.c.rate,
            _rules.c.employee_id,
            _rules.c.product_id,
            _rules.c.category_id,
            _rules.c.brand_id,
        ).where(_rules.c.plan_id == plan_id)
    )
    return tuple(Rule(*row) for row in rows)


def _expected(
    published: Sequence[_Plan], row: sa.Row[*tuple[Any, ...]]
) -> tuple[int, int | None, int, int, int] | None:
    plan = next((plan for plan in published if plan.starts_at <= row.placed_at), None)
    if plan is None:
        return None
    subject = Subject(
        employee_id=row.employee_id,
        product_id=row.product_id,
        category_ids=tuple(row.category_ids) or (row.category_id,),
        brand_id=row.brand_id,
    )
    rule = choose_rule(plan.rules, subject)
    rate = rule.rate if rule else 0
    return plan.id, rule.id if rule else None, rate, commission(row.base, rate), plan.hold_days


INVARIANTS = (
    Invariant(20, "accruals can be repeated", sentence_of(rated_otherwise), rated_otherwise),
)
