"""What each credit of an order earns: rows of accruals, computed and not yet written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.service import CreditFacts
from storefront.commissions import budgets, plans
from storefront.commissions.models import Accrual
from storefront.commissions.rules import (
    Buyer,
    Earned,
    Earning,
    Portion,
    Subject,
    asked_of_boosters,
    bonus_by_line,
    choose_booster,
    choose_rule,
    earned_on_order,
    wanted_on_order,
)
from storefront.core.database import db
from storefront.orders.handling import OrderFacts, lines_of
from storefront.staff.models import Employee

_accruals = cast(sa.Table, Accrual.__table__)
_employees = cast(sa.Table, Employee.__table__)


@dataclass(frozen=True, slots=True)
class _Sale:
    """What the credits of an order have in common."""

    order: OrderFacts
    plan: plans.PlanInForce
    paths: Mapping[int, tuple[int, ...]]
    buyer: Buyer
    shares: Mapping[int, Sequence[CreditFacts]]
    """By line: everybody credited with it, in their order."""
    grades: Mapping[int, str]
    bonuses: Mapping[int, int]
    """By line: its part of the bonus for the customer's first order."""
    campaigns: Mapping[int, int]
    """By touch: the campaign it came through, if it did."""


def rows_of(
    order: OrderFacts,
    credited: Sequence[CreditFacts],
    buyer: Buyer,
    now: datetime,
    *,
    decided: bool,
) -> list[dict[str, Any]]:
    """The accruals of an order's credits, and what they get of boosters is taken from the budgets.

    `credited` holds all the credits of each line that it has any of. A store that is credited earns
    nothing. `decided` says that a dispute led to them: then what employees have of the order
    already counts towards the plan's cap on it.
    """
    earning = [credit for credit in credited if credit.employee_id is not None]
    if not earning:
        return []
    plan = plans.plan_in_force(order.placed_at)
    sale = _Sale(
        order,
        plan,
        plans.category_paths(plan),
        buyer,
        shares=_shares_of(credited),
        grades=_grades(order, earning),
        bonuses=_bonuses(order, plan, buyer),
        campaigns=_campaigns(order),
    )
    earning.sort(key=lambda credit: (credit.line.position, credit.position))
    subjects = [_subject(sale, credit) for credit in earning]
    earnings = [
        _earning(sale, credit, subject) for credit, subject in zip(earning, subjects, strict=True)
    ]
    used = _used(order.id) if decided and plan.order_cap is not None else {}
    wanted = wanted_on_order(earnings, plan.order_cap, used)
    asked = asked_of_boosters(earnings, wanted)
    granted = budgets.take(asked) if asked else {}
    return [
        _row(sale, credit, subject, each, gained, now)
        for credit, subject, each, gained in zip(
            earning, subjects, earnings, earned_on_order(earnings, wanted, granted), strict=True
        )
    ]


def _shares_of(credited: Sequence[CreditFacts]) -> dict[int, list[CreditFacts]]:
    shares: dict[int, list[CreditFacts]] = defaultdict(list)
    for credit in sorted(credited, key=lambda each: each.position):
        shares[credit.line.id].append(credit)
    return shares


def _grades(order: OrderFacts, earning: Sequence[CreditFacts]) -> dict[int, str]:
    """Each earner's grade, as the order froze it, or as it is now.

    The order knows nothing of somebody whom only a decision named.
    """
    people = order.evidence.get("people", {})
    earners = {credit.employee_id for credit in earning if credit.employee_id is not None}
    frozen = {each: people[str(each)].get("grade", "") for each in earners if str(each) in people}
    others = earners - set(frozen)
    if not others:
        return frozen
    rows = db.session.execute(
        sa.select(_employees.c.id, _employees.c.grade).where(_employees.c.id.in_(others))
    )
    return frozen | {row.id: row.grade for row in rows}


def _bonuses(order: OrderFacts, plan: plans.PlanInForce, buyer: Buyer) -> dict[int, int]:
    if not plan.bonus or buyer is not Buyer.NEW:
        return {}
    lines = lines_of(order.id)
    parts = bonus_by_line(plan.bonus, [line.quantity for line in lines])
    return {line.id: part for line, part in zip(lines, parts, strict=True)}


def _campaigns(order: OrderFacts) -> dict[int, int]:
    return {
        touch["touch_id"]: touch["campaign_id"]
        for touch in order.evidence.get("touches", ())
        if touch.get("campaign_id") is not None
    }


def _used(order_id: int) -> dict[int, int]:
    """What employees have of an order by rules and boosters, as it stands."""
    rows = db.session.execute(
        sa.select(_accruals.c.employee_id, sa.func.sum(_accruals.c.amount - _accruals.c.bonus))
        .where(_accruals.c.order_id == order_id, _accruals.c.superseded_at.is_(None))
        .group_by(_accruals.c.employee_id)
    )
    return {employee_id: int(total) for employee_id, total in rows}


def _subject(sale: _Sale, credit: CreditFacts) -> Subject:
    assert credit.employee_id is not None
    line = credit.line
    return Subject(
        employee_id=credit.employee_id,
        product_id=line.product_id,
        category_ids=sale.paths.get(line.category_id, (line.category_id,)),
        brand_id=line.brand_id,
        store_id=credit.store_id,
        grade=sale.grades[credit.employee_id],
        buyer=sale.buyer,
        campaign_id=sale.campaigns.get(credit.touch_id or 0),
    )


def _earning(sale: _Sale, credit: CreditFacts, subject: Subject) -> Earning:
    shares = sale.shares[credit.line.id]
    portion = Portion(
        credit.net,
        credit.line.quantity,
        tuple(each.share for each in shares),
        shares.index(credit),
    )
    return Earning(
        subject.employee_id,
        portion,
        choose_rule(sale.plan.rules, subject),
        choose_booster(sale.plan.boosters, subject, sale.order.placed_at),
        sale.bonuses.get(credit.line.id, 0),
    )


def _row(
    sale: _Sale,
    credit: CreditFacts,
    subject: Subject,
    earning: Earning,
    gained: Earned,
    now: datetime,
) -> dict[str, Any]:
    rule, booster = earning.rule, earning.booster
    return {
        "credit_id": credit.id,
        "order_id": sale.order.id,
        "order_line_id": credit.line.id,
        "employee_id": subject.employee_id,
        "store_id": credit.store_id,
        "plan_id": sale.plan.id,
        "rule_id": rule.id if rule else None,
        "rate": rule.rate if rule else 0,
        "per_unit": rule.per_unit if rule else None,
        "base": credit.net,
        "category_ids": list(subject.category_ids) if sale.paths else [],
        "grade": subject.grade,
        "buyer": sale.buyer,
        "campaign_id": subject.campaign_id,
        "booster_id": booster.rule.id if booster else None,
        "amount": gained.amount,
        "cut": gained.cut,
        "order_cut": gained.order_cut,
        "boost": gained.boost,
        "unfunded": gained.unfunded,
        "bonus": gained.bonus,
        "reversed": 0,
        "hold_days": sale.plan.hold_days,
        "at": now,
    }
