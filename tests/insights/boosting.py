"""Boosters, a cap on the order, a campaign and hand-overs at a store, and what breaks them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storefront import sales
from storefront.commissions.terms import NewRule
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.insights.audit import tables as t
from storefront.sharing.models import ShareLink
from tests.insights.planting import Plant, change, delete, loosely
from tests.support import cast, trade
from tests.support.disputing import a_dispute, decided, owner
from tests.support.planning import a_booster, a_campaign, a_link_for, in_force


def boost(clock: SettableClock) -> None:
    """E1 sells up to a cap and beyond a budget, loses a line to E2, and orders are handed over."""
    clock.advance(timedelta(minutes=1))
    campaign = a_campaign()
    in_force(
        NewRule(1_000),
        NewRule(1_500, campaign_id=campaign.id),
        boosters=(a_booster(500, budget=1_300), a_booster(per_unit=10, budget=99, grade="lead")),
        order_cap=2_500,
        service_bonus=150,
        hold_days=7,
    )
    anna, bo = _link_of("E1"), _link_of("E2")
    goods = [cast.a_product(price=10_000).variants[0] for _ in range(2)]
    through = (anna, a_link_for(campaign, anna), anna)
    orders = [
        trade.sell({goods[0]: 1, goods[1]: 1}, through=link, handed_over=False) for link in through
    ]
    clerk = cast.actor_of(owner(bo))
    for order in orders:
        sales.hand_over_at_store(order.secret, clerk, clock.now())
    decided(a_dispute(owner(bo), orders[0], 2), lines={2: {owner(bo): 10_000}})
    sales.take_back(orders[1].public_id, {1: 1, 2: 1}, "", SYSTEM, clock.now())
    clock.advance(timedelta(days=8))
    sales.release(clock.now())
    last = trade.sell({goods[0]: 1}, handed_over=False)
    sales.hand_over_at_store(last.secret, clerk, clock.now())
    clock.advance(timedelta(minutes=1))


def _link_of(number: str) -> ShareLink:
    return db.session.scalars(
        sa.select(ShareLink).where(ShareLink.employee_id == _employee(number)).limit(1)
    ).one()


def _employee(number: str) -> Any:
    return sa.select(t.employees.c.id).where(t.employees.c.number == number).scalar_subquery()


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def more(amount: int) -> int:
    return amount + 1


def less(amount: int) -> int:
    return amount - 1


_a, _b, _s, _e = t.accruals.c, t.plan_rules.c, t.service_bonuses.c, t.entries.c
_boosted = _a.boost > 0
_released, _taken_back = _s.released_at.is_not(None), _s.reversed_at.is_not(None)

PLANTS: dict[str, list[Plant]] = {
    "boosters spend their budget": [
        change(t.plan_rules, _b.spent > 0, spent=less),
        change(t.accruals, _boosted, _a.superseded_at.is_(None), boost=less),
        loosely(change(t.plan_rules, _b.spent > 0, budget=1), t.plan_rules),
        loosely(change(t.plan_rules, _b.budget.is_(None), spent=1), t.plan_rules),
    ],
    "bonuses for service have their deed": [
        change(t.service_bonuses, employee_id=_employee("E1")),
        change(t.service_bonuses, amount=more),
        change(t.service_bonuses, due_at=lambda due: due - timedelta(days=1)),
        change(t.orders, t.orders.c.handed_over_by_id.is_not(None), handed_over_by_id=None),
        change(t.plans, t.plans.c.service_bonus > 0, service_bonus=more),
    ],
    "bonuses for service equal their entries": [
        change(t.service_bonuses, amount=more),
        change(t.service_bonuses, _released, released_at=None),
        change(t.service_bonuses, _taken_back, reversed_at=None),
        change(t.entries, _e.service_bonus_id.is_not(None), amount=more),
        change(t.entries, _e.service_bonus_id.is_not(None), employee_id=_employee("F1")),
        delete(t.entries, _e.service_bonus_id.is_not(None)),
    ],
    "bonuses for service end when they should": [
        change(t.service_bonuses, _released, released_at=lambda at: at - timedelta(days=9)),
        change(t.service_bonuses, _taken_back, reversed_at=lambda at: at + timedelta(days=9)),
        loosely(change(t.service_bonuses, _released, reversed_at=LONG_AGO), t.service_bonuses),
    ],
}
MORE_PLANTS: dict[str, list[Plant]] = {
    "accruals can be repeated": [
        change(t.accruals, _boosted, boost=more),
        change(t.accruals, _boosted, booster_id=None),
        change(t.accruals, _a.unfunded > 0, unfunded=more),
        change(t.accruals, _a.order_cut > 0, order_cut=0),
        change(t.accruals, _a.campaign_id.is_not(None), campaign_id=None),
        change(t.plan_rules, _b.spent > 0, rate=more),
        loosely(change(t.plan_rules, _b.spent > 0, ends_at=LONG_AGO), t.plan_rules),
        change(t.plans, t.plans.c.order_cap.is_not(None), order_cap=more),
    ],
    "ledger entries have their cause": [
        change(t.entries, _e.key.like("service:%:held"), service_bonus_id=None),
    ],
}
