"""What each kind of rule makes of a real sale, from payment to return, and in the entry's words."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.attribution.rules import Model, Policy
from storefront.commissions import plans
from storefront.commissions.models import Accrual
from storefront.commissions.rules import Buyer
from storefront.commissions.terms import NewRule
from storefront.core import clock as clocks
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.orders.placing import PlacedOrder
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.books import broken

PHONE = "+8613912345678"


def a_plan(*rules: NewRule, bonus: int = 0) -> None:
    now = clocks.now()
    version = plans.draft_plan(
        rules,
        hold_days=7,
        starts_at=now,
        note="",
        actor=SYSTEM,
        now=now,
        bonus=bonus,
    ).version
    plans.approve_plan(version, SYSTEM)
    plans.publish_plan(version, now)


def accruals_of(order: PlacedOrder) -> list[Accrual]:
    db.session.rollback()
    return list(
        db.session.scalars(
            sa.select(Accrual)
            .where(Accrual.order_id == order.id)
            .order_by(Accrual.id)
            .execution_options(populate_existing=True)
        )
    )


def amounts_of(order: PlacedOrder) -> list[int]:
    return [accrual.amount for accrual in accruals_of(order)]


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.the_policy()
    return trade.a_seller()


def test_an_amount_per_unit_is_earned_for_each_piece_and_goes_back_with_it(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(NewRule(per_unit=300))
    goods = cast.a_product(price=10_000).variants[0]
    order = trade.sell({goods: 3}, through=seller)
    (accrual,) = accruals_of(order)
    assert (accrual.rate, accrual.per_unit, accrual.amount) == (0, 300, 900)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    assert accruals_of(order)[0].reversed == 300
    assert broken() == set()


def test_a_cap_is_the_lines_and_what_it_took_is_kept(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(NewRule(1_000, cap=1_500))
    goods = cast.a_product(price=10_000).variants[0]
    small, large = (trade.sell({goods: pieces}, through=seller) for pieces in (1, 2))
    assert [(each.amount, each.cut) for each in accruals_of(small)] == [(1_000, 0)]
    assert [(each.amount, each.cut) for each in accruals_of(large)] == [(1_500, 500)]
    assert broken() == set()


def test_amounts_and_caps_follow_the_shares_of_a_line(app: Flask, clock: SettableClock) -> None:
    trade.the_policy(Policy(model=Model.LINEAR, window_days=30))
    a_plan(NewRule(per_unit=101), NewRule(5_000, brand_id=cast.a_brand("B2").id, cap=333))
    links = [trade.a_seller() for _ in range(3)]
    visitor = trade.a_visit(links[0])
    for link in links[1:]:
        clock.advance(timedelta(minutes=1))
        trade.a_visit(link, visitor)
    plain, capped = cast.a_product(price=9_000), cast.a_product(price=9_000)
    with transaction():
        capped.brand_id = cast.a_brand("B2").id
    order = trade.an_order({plain.variants[0]: 1, capped.variants[0]: 1}, visitor=visitor)
    trade.pay(order)
    assert sorted(amounts_of(order)) == sorted([35, 33, 33, 113, 110, 110])
    assert broken() == set()


def test_a_store_a_grade_and_a_persons_own_rule_in_rising_weight(
    seller: ShareLink, clock: SettableClock
) -> None:
    with transaction():
        db.session.execute(
            sa.update(Employee).where(Employee.id == seller.employee_id).values(grade="senior")
        )
    store = cast.a_store("S1").id
    goods = cast.a_product(price=10_000)
    a_plan(NewRule(100), NewRule(200, grade="senior"), NewRule(999, grade="lead"))
    by_grade = trade.sell(goods, through=seller)
    clock.advance(timedelta(days=1, minutes=1))
    a_plan(NewRule(100), NewRule(200, grade="senior"), NewRule(300, store_id=store))
    by_store = trade.sell(goods, through=seller)
    assert (amounts_of(by_grade), amounts_of(by_store)) == ([200], [300])
    assert [each.grade for each in accruals_of(by_grade)] == ["senior"]
    assert broken() == set()


def test_the_grade_is_the_one_at_the_order_even_if_it_changes_before_the_payment(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(NewRule(100), NewRule(200, grade="senior"))
    order = trade.an_order(cast.a_product(price=10_000), through=seller)
    with transaction():
        db.session.execute(sa.update(Employee).values(grade="senior"))
    trade.pay(order)
    assert amounts_of(order) == [100]
    assert broken() == set()


def test_new_and_returning_customers_and_the_bonus_for_a_first_order(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(NewRule(500), NewRule(1_000, buyer=Buyer.NEW), bonus=1_000)
    goods = [cast.a_product(price=10_000).variants[0] for _ in range(2)]
    first = trade.an_order({goods[0]: 2, goods[1]: 1}, through=seller, phone=PHONE)
    trade.pay(first)
    second = trade.an_order(goods[0], through=seller, phone=PHONE)
    trade.pay(second)
    found = {(each.base, each.bonus, each.amount) for each in accruals_of(first)}
    assert found == {(20_000, 667, 2_667), (10_000, 333, 1_333)}
    assert [(each.bonus, each.amount, each.buyer) for each in accruals_of(second)] == [
        (0, 500, Buyer.RETURNING)
    ]
    sales.hand_over(first.public_id, SYSTEM, clock.now())
    for position, pieces in ((1, 1), (1, 1), (2, 1)):
        sales.take_back(first.public_id, {position: pieces}, "", SYSTEM, clock.now())
        assert broken() == set()
    assert all(each.reversed == each.amount for each in accruals_of(first))


def test_a_second_order_paid_first_is_the_first_and_the_bonus_is_paid_once(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(NewRule(0), bonus=1_000)
    goods = cast.a_product(price=10_000)
    orders = [trade.an_order(goods, through=seller, phone=PHONE) for _ in range(3)]
    for order in reversed(orders):
        clock.advance(timedelta(minutes=1))
        trade.pay(order)
    assert [amounts_of(order) for order in orders] == [[0], [0], [1_000]]
    assert broken() == set()
