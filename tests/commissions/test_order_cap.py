"""The most that one employee earns on one order: through returns and decisions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront import sales
from storefront.attribution.rules import Model, Policy
from storefront.commissions.terms import NewRule
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.sharing.models import ShareLink
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.disputing import a_dispute, decided, owner
from tests.support.planning import a_booster, accruals_of, in_force, spent


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.the_policy()
    return trade.a_seller()


def test_rules_fill_the_cap_line_by_line_and_boosters_after_them(
    seller: ShareLink, clock: SettableClock
) -> None:
    goods = [cast.a_product(price=10_000).variants[0] for _ in range(3)]
    in_force(
        NewRule(1_000, cap=900),
        order_cap=2_500,
        boosters=(a_booster(500, budget=90_000),),
        bonus=300,
    )
    order = trade.sell(dict.fromkeys(goods, 1), through=seller)
    found = [
        (each.amount, each.cut, each.order_cut, each.boost, each.bonus)
        for each in accruals_of(order)
    ]
    assert found == [(1_000, 100, 500, 0, 100), (1_000, 100, 500, 0, 100), (800, 100, 700, 0, 100)]
    assert spent() == [0]
    one = trade.sell({goods[0]: 2}, through=seller)
    (accrual,) = accruals_of(one)
    assert (accrual.amount, accrual.cut, accrual.order_cut, accrual.boost) == (
        2_200,
        1_100,
        0,
        1000,
    )
    assert broken() == set()


def test_each_employee_has_a_cap_of_their_own(app: Flask, clock: SettableClock) -> None:
    trade.the_policy(Policy(model=Model.LINEAR, window_days=30))
    links = [trade.a_seller() for _ in range(3)]
    visitor = trade.a_visit(links[0])
    for link in links[1:]:
        clock.advance(timedelta(minutes=1))
        trade.a_visit(link, visitor)
    in_force(order_cap=500)
    goods = [cast.a_product(price=10_001).variants[0] for _ in range(2)]
    order = trade.an_order(dict.fromkeys(goods, 1), visitor=visitor)
    trade.pay(order)
    found = accruals_of(order)
    for link in links:
        mine = [each for each in found if each.employee_id == link.employee_id]
        assert sum(each.amount for each in mine) == 500
        assert sum(each.amount + each.order_cut for each in mine) in (666, 668)
    assert broken() == set()


def test_a_return_takes_back_its_part_of_what_was_left(
    seller: ShareLink, client: FlaskClient, clock: SettableClock
) -> None:
    goods = [cast.a_product(price=10_000).variants[0] for _ in range(2)]
    in_force(order_cap=1_301)
    order = trade.sell({goods[0]: 1, goods[1]: 3}, through=seller)
    assert [(each.amount, each.order_cut) for each in accruals_of(order)] == [
        (1_000, 0),
        (301, 2_699),
    ]
    for reversed_by_then in (100, 201, 301):
        sales.take_back(order.public_id, {2: 1}, "", SYSTEM, clock.now())
        assert [each.reversed for each in accruals_of(order)] == [0, reversed_by_then]
        assert broken() == set()
    headers = cast.headers_of(owner(seller))
    entries = client.get(
        "/api/v1/seller/earnings/entries?account=held&language=en", headers=headers
    ).get_json()["items"]
    assert (
        "The cap on the order took 26.99 CNY away." in entries[-1]["words"] + entries[-2]["words"]
    )


def test_a_decision_counts_what_an_employee_has_of_the_order_already(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy()
    anna, bo = trade.a_seller("E1", "S1"), trade.a_seller("E2", "S2")
    goods = [cast.a_product(price=10_000).variants[0] for _ in range(3)]
    in_force(order_cap=1_700)
    order = trade.sell(dict.fromkeys(goods, 1), through=anna)
    assert [each.amount for each in accruals_of(order)] == [1_000, 700, 0]
    decided(
        a_dispute(owner(bo), order, 1, 2), lines={1: {owner(bo): 10_000}, 2: {owner(bo): 10_000}}
    )
    assert [each.amount for each in accruals_of(order)[3:]] == [1_000, 700]
    decided(a_dispute(owner(bo), order, 3), lines={3: {owner(bo): 4_000, owner(anna): 6_000}})
    by_owner = {each.employee_id: each.amount for each in accruals_of(order)[5:]}
    assert by_owner == {bo.employee_id: 0, anna.employee_id: 600}
    assert broken() == set()
    decided(a_dispute(owner(anna), order, 2), lines={2: {owner(anna): 10_000}})
    assert [(each.amount, each.order_cut) for each in accruals_of(order)[7:]] == [(1_000, 0)]
    assert broken() == set()
