"""Rates: every accrual is what the plan of its day gives, by the very rules that made it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storefront.attribution.models import VersionState
from storefront.commissions.plans import content_of
from storefront.commissions.rules import (
    Booster,
    Buyer,
    Earning,
    Portion,
    Rule,
    Subject,
    Wanted,
    bonus_by_line,
    choose_booster,
    choose_rule,
    wanted_on_order,
    with_boost,
)
from storefront.core.database import db
from storefront.core.money import WHOLE_BASIS_POINTS
from storefront.insights.audit.invariant import (
    Asked,
    Invariant,
    Row,
    differs,
    or_nothing,
    query,
    sentence_of,
)
from storefront.insights.audit.tables import (
    accruals,
    credits_,
    lines,
    orders,
    plan_rules,
    plans,
)

AT_ONCE = 10_000

_Row = sa.Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class _Plan:
    id: int
    starts_at: datetime
    hold_days: int
    bonus: int
    order_cap: int | None
    rules: tuple[Rule, ...]
    boosters: tuple[Booster, ...]


@dataclass(frozen=True, slots=True)
class _Around:
    """What some accruals are computed with besides their own rows."""

    shares: Mapping[tuple[int, int], tuple[int, ...]]
    """By verdict and line, of those lines that are shared."""
    quantities: Mapping[int, Mapping[int, int]]
    """By order and line, of those orders that may have a bonus."""
    whole: Mapping[int, Sequence[_Row]]
    """By order: all its accruals, of those orders that have a cap."""


def rated_otherwise(_: Asked) -> Iterator[Row]:
    """Rule, rate, amount and hold of every accrual are those of the plan in force at its order."""
    published = _published()
    last = 0
    while True:
        chunk = db.session.execute(_CHUNK, {"last": last}).all()
        if not chunk:
            return
        whole = _whole(chunk, published)
        every = [*chunk, *(row for rows in whole.values() for row in rows)]
        around = _Around(_shares(every), _quantities(every, published), whole)
        for row in chunk:
            expected = _expected(published, row, around)
            found = (
                row.plan_id,
                row.rule_id,
                row.rate,
                row.per_unit,
                row.booster_id,
                row.amount,
                row.cut,
                row.order_cut,
                row.boost,
                row.unfunded,
                row.bonus,
                row.hold_days,
            )
            if found != expected:
                yield {
                    "accrual_id": row.id,
                    "order": row.number,
                    "line": row.position,
                    "found": found,
                    "expected": expected,
                }
        last = chunk[-1].id


_ROWS = (
    sa.select(
        accruals.c.id,
        accruals.c.plan_id,
        accruals.c.rule_id,
        accruals.c.rate,
        accruals.c.per_unit,
        accruals.c.base,
        accruals.c.amount,
        accruals.c.cut,
        accruals.c.order_cut,
        accruals.c.booster_id,
        accruals.c.boost,
        accruals.c.unfunded,
        accruals.c.bonus,
        accruals.c.grade,
        accruals.c.buyer,
        accruals.c.campaign_id,
        accruals.c.store_id,
        accruals.c.order_id,
        accruals.c.order_line_id,
        accruals.c.hold_days,
        accruals.c.employee_id,
        accruals.c.category_ids,
        credits_.c.verdict_id,
        credits_.c.superseded_by_id,
        credits_.c.share,
        credits_.c.position.label("place"),
        lines.c.position,
        lines.c.quantity,
        lines.c.product_id,
        lines.c.category_id,
        lines.c.brand_id,
        orders.c.number,
        orders.c.placed_at,
    )
    .join(credits_, credits_.c.id == accruals.c.credit_id)
    .join(lines, lines.c.id == accruals.c.order_line_id)
    .join(orders, orders.c.id == accruals.c.order_id)
)
_CHUNK = _ROWS.where(accruals.c.id > sa.bindparam("last")).order_by(accruals.c.id).limit(AT_ONCE)


def _published() -> list[_Plan]:
    """Published plans with their rules, the one that starts last first."""
    rows = db.session.execute(
        sa.select(
            plans.c.id, plans.c.starts_at, plans.c.hold_days, plans.c.bonus, plans.c.order_cap
        )
        .where(plans.c.state == VersionState.PUBLISHED)
        .order_by(plans.c.starts_at.desc(), plans.c.version.desc())
    ).all()
    plans_found: list[_Plan] = []
    for row in rows:
        rules, boosters = content_of(row.id)
        plans_found.append(_Plan(*row, rules=rules, boosters=boosters))
    return plans_found


def _whole(chunk: Sequence[_Row], published: Sequence[_Plan]) -> dict[int, list[_Row]]:
    """The accruals of all orders of a chunk whose plan has a cap on the order."""
    capped = {
        row.order_id
        for row in chunk
        if (plan := _plan_of(published, row)) and plan.order_cap is not None
    }
    if not capped:
        return {}
    whole: dict[int, list[_Row]] = defaultdict(list)
    for row in db.session.execute(_ROWS.where(accruals.c.order_id.in_(capped))):
        whole[row.order_id].append(row)
    return whole


def _shares(chunk: Sequence[_Row]) -> dict[tuple[int, int], tuple[int, ...]]:
    shared = {row.order_line_id for row in chunk if row.share < WHOLE_BASIS_POINTS}
    if not shared:
        return {}
    rows = db.session.execute(
        sa.select(credits_.c.verdict_id, credits_.c.order_line_id, credits_.c.share)
        .where(credits_.c.order_line_id.in_(shared))
        .order_by(credits_.c.position)
    )
    shares: dict[tuple[int, int], tuple[int, ...]] = defaultdict(tuple)
    for verdict_id, line_id, share in rows:
        shares[verdict_id, line_id] += (share,)
    return shares


def _quantities(chunk: Sequence[_Row], published: Sequence[_Plan]) -> dict[int, dict[int, int]]:
    wanted = {row.order_id for row in chunk if row.buyer is Buyer.NEW}
    if not wanted or not any(plan.bonus for plan in published):
        return {}
    rows = db.session.execute(
        sa.select(lines.c.order_id, lines.c.id, lines.c.quantity)
        .where(lines.c.order_id.in_(wanted))
        .order_by(lines.c.position)
    )
    quantities: dict[int, dict[int, int]] = defaultdict(dict)
    for order_id, line_id, quantity in rows:
        quantities[order_id][line_id] = quantity
    return quantities


def _plan_of(published: Sequence[_Plan], row: _Row) -> _Plan | None:
    return next((plan for plan in published if plan.starts_at <= row.placed_at), None)


def _expected(
    published: Sequence[_Plan], row: _Row, around: _Around
) -> tuple[int | None, ...] | None:
    plan = _plan_of(published, row)
    if plan is None:
        return None
    earning = _earning(plan, row, around)
    want = _wanted(plan, row, around)
    # How much was left in a budget nobody can tell afterwards; but never more than was wanted.
    gained = with_boost(want, min(max(row.boost, 0), want.boost))
    rule, booster = earning.rule, earning.booster
    return (
        plan.id,
        rule.id if rule else None,
        rule.rate if rule else 0,
        rule.per_unit if rule else None,
        booster.rule.id if booster else None,
        gained.amount,
        gained.cut,
        gained.order_cut,
        gained.boost,
        gained.unfunded,
        gained.bonus,
        plan.hold_days,
    )


def _earning(plan: _Plan, row: _Row, around: _Around) -> Earning:
    subject = Subject(
        employee_id=row.employee_id,
        product_id=row.product_id,
        category_ids=tuple(row.category_ids) or (row.category_id,),
        brand_id=row.brand_id,
        store_id=row.store_id,
        grade=row.grade,
        buyer=row.buyer,
        campaign_id=row.campaign_id,
    )
    return Earning(
        row.employee_id,
        _portion(row, around),
        choose_rule(plan.rules, subject),
        choose_booster(plan.boosters, subject, row.placed_at),
        _bonus(plan, row, around),
    )


def _wanted(plan: _Plan, row: _Row, around: _Around) -> Wanted:
    """What a share earns by rules and caps: with an order's cap, beside all that was decided with
    it and after what its employee had of the order before.
    """
    if plan.order_cap is None:
        return wanted_on_order([_earning(plan, row, around)], None)[0]
    of_order = around.whole[row.order_id]
    together = sorted(
        (each for each in of_order if each.verdict_id == row.verdict_id),
        key=lambda each: (each.position, each.place),
    )
    used: dict[int, int] = defaultdict(int)
    for each in of_order:
        gone = each.superseded_by_id is not None and each.superseded_by_id <= row.verdict_id
        if each.verdict_id < row.verdict_id and not gone:
            used[each.employee_id] += each.amount - each.bonus
    earnings = [_earning(plan, each, around) for each in together]
    wanted = wanted_on_order(earnings, plan.order_cap, used)
    return wanted[[each.id for each in together].index(row.id)]


def _portion(row: _Row, around: _Around) -> Portion:
    if row.share == WHOLE_BASIS_POINTS:
        return Portion(row.base, row.quantity)
    shares = around.shares[row.verdict_id, row.order_line_id]
    if sum(shares) != WHOLE_BASIS_POINTS:
        # Another question complains of that; here such a share stands for the whole line.
        return Portion(row.base, row.quantity)
    return Portion(row.base, row.quantity, shares, min(row.place, len(shares) - 1))


def _bonus(plan: _Plan, row: _Row, around: _Around) -> int:
    if not plan.bonus or row.buyer is not Buyer.NEW:
        return 0
    quantities = around.quantities[row.order_id]
    if row.order_line_id not in quantities:
        return 0
    parts = bonus_by_line(plan.bonus, list(quantities.values()))
    return parts[list(quantities).index(row.order_line_id)]


def budgets_unlike_their_spending(_: Asked) -> sa.Select[*tuple[Any, ...]]:
    """A booster has spent what standing accruals got of it, and never more than its budget; what
    has no budget has spent nothing.
    """
    earned = (
        sa.select(accruals.c.booster_id, sa.func.sum(accruals.c.boost).label("boost"))
        .where(accruals.c.superseded_at.is_(None), accruals.c.booster_id.is_not(None))
        .group_by(accruals.c.booster_id)
        .subquery()
    )
    return (
        sa.select(
            plan_rules.c.id.label("booster_id"),
            plan_rules.c.plan_id,
            plan_rules.c.budget,
            plan_rules.c.spent,
            earned.c.boost,
        )
        .outerjoin(earned, earned.c.booster_id == plan_rules.c.id)
        .where(
            sa.or_(
                differs(plan_rules.c.spent, or_nothing(earned.c.boost)),
                plan_rules.c.spent > or_nothing(plan_rules.c.budget),
                plan_rules.c.spent < 0,
            )
        )
    )


INVARIANTS = (
    Invariant(20, "accruals can be repeated", sentence_of(rated_otherwise), rated_otherwise),
    query(20, "boosters spend their budget", budgets_unlike_their_spending),
)
