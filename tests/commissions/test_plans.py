"""Commission plans: versions that two people saw, and the one in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.catalog import categories
from storefront.catalog.models import Category
from storefront.commissions import naming, plans
from storefront.commissions.models import Accrual
from storefront.commissions.naming import NamedRule
from storefront.commissions.terms import NewRule
from storefront.core import clock as clocks
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import DomainError
from storefront.orders.placing import PlacedOrder
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as error:
        deed()
    db.session.rollback()
    return error.value.code


def drafted(
    *rules: NewRule, actor: Actor = SYSTEM, hold_days: int = 30, in_minutes: int = 0
) -> int:
    now = clocks.now()
    return plans.draft_plan(
        rules or [NewRule(500)],
        hold_days=hold_days,
        starts_at=now + timedelta(minutes=in_minutes),
        note="",
        actor=actor,
        now=now,
    ).version


def rates_of(order: PlacedOrder) -> list[int]:
    return list(
        db.session.scalars(
            sa.select(Accrual.rate).where(Accrual.order_id == order.id).order_by(Accrual.id)
        )
    )


@pytest.fixture
def maker(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee(role=Role.HQ_FINANCE))


@pytest.fixture
def checker(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee(role=Role.HQ_FINANCE))


def test_a_plan_goes_from_draft_by_approval_to_publication(
    maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    now = clock.now()
    version = drafted(actor=maker)
    assert refused(lambda: plans.plan_in_force(now)) == "no_plan"
    assert refused(lambda: plans.publish_plan(version, now)) == "not_approved"
    assert refused(lambda: plans.approve_plan(version, maker)) == "four_eyes"
    plans.approve_plan(version, checker)
    assert refused(lambda: plans.approve_plan(version, checker)) == "not_a_draft"
    plans.publish_plan(version, now)
    assert refused(lambda: plans.publish_plan(version, now)) == "not_approved"
    assert refused(lambda: plans.approve_plan(version, checker)) == "not_a_draft"
    in_force = plans.plan_in_force(now)
    assert (in_force.version, [rule.rate for rule in in_force.rules]) == (version, [500])
    assert plans.find_plan(version).published_at == now


@pytest.mark.parametrize(
    ("rules", "hold_days"),
    [
        ([], 30),
        ([NewRule(-1)], 30),
        ([NewRule(10_001)], 30),
        ([NewRule(500)], -1),
        ([NewRule(500)], 366),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused(
    app: Flask, clock: SettableClock, rules: list[NewRule], hold_days: int
) -> None:
    def draft() -> None:
        plans.draft_plan(
            rules,
            hold_days=hold_days,
            starts_at=clock.now(),
            note="",
            actor=SYSTEM,
            now=clock.now(),
        )

    assert refused(draft) == "wrong_plan"


def test_a_second_plan_cannot_pay_for_the_past(app: Flask, clock: SettableClock) -> None:
    trade.the_plan()
    version = drafted(in_minutes=-1)
    plans.approve_plan(version, SYSTEM)
    assert refused(lambda: plans.publish_plan(version, clock.now())) == "starts_in_the_past"


def test_there_is_no_such_plan(app: Flask) -> None:
    assert refused(lambda: plans.find_plan(1)) == "plan_not_found"
    assert refused(lambda: plans.approve_plan(1, SYSTEM)) == "plan_not_found"
    assert refused(lambda: plans.publish_plan(1, clocks.now())) == "plan_not_found"


def test_an_order_earns_by_the_plan_in_force_when_it_was_placed(
    app: Flask, clock: SettableClock
) -> None:
    trade.open_for_trade()
    seller, goods = trade.a_seller(), cast.a_product(price=10_000)
    version = drafted(NewRule(2_500), in_minutes=5)
    plans.approve_plan(version, SYSTEM)
    plans.publish_plan(version, clock.now())
    before = trade.an_order(goods, through=seller)
    clock.advance(timedelta(minutes=5))
    at_the_start = trade.sell(goods, through=seller)
    trade.pay(before)
    assert rates_of(before) == [1_000]
    assert rates_of(at_the_start) == [2_500]


def test_of_two_plans_that_start_together_the_later_version_counts(
    app: Flask, clock: SettableClock
) -> None:
    for rate in (100, 200):
        version = drafted(NewRule(rate), in_minutes=1)
        plans.approve_plan(version, SYSTEM)
        plans.publish_plan(version, clock.now())
    in_force = plans.plan_in_force(clock.now() + timedelta(minutes=1))
    assert [rule.rate for rule in in_force.rules] == [200]


def test_goods_earn_by_the_nearest_category_above_them(app: Flask, clock: SettableClock) -> None:
    home = categories.create("HOME", "家居", "Home")
    kitchen = categories.create("KITCHEN", "厨房", "Kitchen", parent=home.public_id)
    tea = categories.create("TEA", "茶", "Tea", parent=kitchen.public_id)
    trade.the_policy()
    trade.the_plan(
        NewRule(100),
        NewRule(200, category_id=home.id),
        NewRule(300, category_id=kitchen.id),
    )
    seller = trade.a_seller()
    pot = cast.a_product(category_id=tea.id)
    chair = cast.a_product(category_id=home.id)
    order = trade.sell({pot.variants[0]: 1, chair.variants[0]: 1}, through=seller)
    assert rates_of(order) == [300, 200]
    paths = db.session.scalars(
        sa.select(Accrual.category_ids).where(Accrual.order_id == order.id).order_by(Accrual.id)
    ).all()
    assert paths == [[tea.id, kitchen.id, home.id], [home.id]]


def test_moving_a_category_later_changes_nothing_that_was_earned(
    app: Flask, clock: SettableClock
) -> None:
    home = categories.create("HOME", "家居", "Home")
    tea = categories.create("TEA", "茶", "Tea", parent=home.public_id)
    trade.the_policy()
    trade.the_plan(NewRule(100), NewRule(200, category_id=home.id))
    goods = cast.a_product(category_id=tea.id)
    seller = trade.a_seller()
    before = trade.sell(goods, through=seller)
    current = db.session.get_one(Category, tea.id)
    categories.edit(
        tea.public_id, current.version, categories.CategoryChanges(parent=categories.TOP)
    )
    after = trade.sell(goods, through=seller)
    assert (rates_of(before), rates_of(after)) == ([200], [100])
    assert broken() == set()


def test_plans_are_listed_from_the_latest(app: Flask) -> None:
    for _ in range(3):
        drafted()
    assert [plan.version for plan in plans.list_plans(None, 2)] == [3, 2]
    assert [plan.version for plan in plans.list_plans(2, 2)] == [1]


def test_rules_are_written_and_read_with_public_ids(app: Flask) -> None:
    employee, goods = cast.an_employee(), cast.a_product()
    named = [
        NamedRule(500),
        NamedRule(600, employee=employee.public_id),
        NamedRule(700, product=goods.public_id, brand=goods.brand.public_id),
        NamedRule(800, category=goods.category.public_id),
    ]
    version = drafted(*naming.understood(named))
    plan = plans.find_plan(version)
    assert naming.named_content([plan.id])[plan.id].rules == named


@pytest.mark.parametrize("noun", ["employee", "product", "category", "brand"])
def test_a_rule_about_something_unknown_is_refused(app: Flask, noun: str) -> None:
    rule = replace(NamedRule(500), **{noun: "xxx_nothing"})
    assert refused(lambda: naming.understood([rule])) == f"unknown_{noun}"
