"""Boosters in real sales: matched like rules, paid while the budget lasts, never beyond it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront import sales
from storefront.attribution.rules import Model, Policy
from storefront.commissions import budgets
from storefront.commissions.models import PlanRule
from storefront.commissions.terms import NewRule
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.orders.models import CancelReason
from storefront.sharing.models import ShareLink
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.disputing import a_dispute, decided, owner
from tests.support.planning import a_booster, accruals_of, in_force, spent
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once

CROWD = 16


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.the_policy()
    return trade.a_seller()


def test_a_booster_adds_to_the_rule_for_orders_placed_between_its_times(
    seller: ShareLink, clock: SettableClock
) -> None:
    goods = cast.a_product(price=10_000)
    start = clock.now() + timedelta(hours=1)
    in_force(boosters=(a_booster(300, budget=90_000, starts_at=start, days=1),))
    before = trade.sell(goods, through=seller)
    clock.advance(start - clock.now())
    first = trade.sell(goods, through=seller)
    clock.advance(start + timedelta(days=1) - clock.now())
    last = trade.sell(goods, through=seller)
    found = [accruals_of(order)[0] for order in (before, first, last)]
    assert [(each.amount, each.boost) for each in found] == [(1_000, 0), (1_300, 300), (1_000, 0)]
    assert [each.booster_id is not None for each in found] == [False, True, False]
    assert spent() == [300]
    assert broken() == set()


def test_of_two_boosters_the_more_specific_counts_and_they_do_not_add_up(
    seller: ShareLink, clock: SettableClock
) -> None:
    tea, pot = cast.a_product(price=10_000), cast.a_product(price=10_000)
    in_force(
        boosters=(
            a_booster(100, budget=90_000),
            a_booster(per_unit=77, product_id=tea.id, budget=90_000),
        )
    )
    order = trade.sell({tea.variants[0]: 2, pot.variants[0]: 1}, through=seller)
    assert sorted(each.boost for each in accruals_of(order)) == [100, 154]
    assert spent() == [100, 154]
    assert broken() == set()


def test_the_last_money_is_paid_in_part_and_the_entry_says_so(
    seller: ShareLink, client: FlaskClient, clock: SettableClock
) -> None:
    goods = cast.a_product(price=10_000).variants[0]
    in_force(boosters=(a_booster(500, budget=1_200),))
    orders = [trade.sell({goods: pieces}, through=seller) for pieces in (2, 1, 1)]
    found = [accruals_of(order)[0] for order in orders]
    assert [(each.boost, each.unfunded) for each in found] == [(1_000, 0), (200, 300), (0, 500)]
    assert [each.amount for each in found] == [3_000, 1_200, 1_000]
    assert spent() == [1_200]
    headers = cast.headers_of(owner(seller))
    words = {
        language: client.get(
            f"/api/v1/seller/earnings/entries?account=held&language={language}", headers=headers
        ).get_json()["items"][1]["words"]
        for language in ("zh", "en")
    }
    assert "2.00 CNY of it comes from a booster (everything: 5%)" in words["en"]
    assert "The booster's budget was used up: 3.00 CNY that it promised is not paid." in words["en"]
    assert "其中 2.00 CNY 来自限时加码" in words["zh"]
    assert "预算已用完，因此少发 3.00 CNY" in words["zh"]
    assert broken() == set()


def test_within_one_order_the_first_lines_get_the_last_money(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(Policy(model=Model.LINEAR, window_days=30))
    links = [trade.a_seller() for _ in range(2)]
    visitor = trade.a_visit(links[0])
    clock.advance(timedelta(minutes=1))
    trade.a_visit(links[1], visitor)
    in_force(boosters=(a_booster(1_000, budget=1_300),))
    goods = [cast.a_product(price=10_000).variants[0] for _ in range(2)]
    order = trade.an_order(dict.fromkeys(goods, 1), visitor=visitor)
    trade.pay(order)
    found = sorted(accruals_of(order), key=lambda each: each.credit_id)
    assert [each.boost for each in found] == [500, 500, 300, 0]
    assert [each.unfunded for each in found] == [0, 0, 200, 500]
    assert broken() == set()


def test_what_comes_back_takes_the_boost_with_it_and_not_back_to_the_budget(
    seller: ShareLink, clock: SettableClock
) -> None:
    goods = cast.a_product(price=10_000).variants[0]
    in_force(boosters=(a_booster(333, budget=5_000),))
    order = trade.sell({goods: 3}, through=seller)
    (accrual,) = accruals_of(order)
    assert (accrual.boost, accrual.amount) == (999, 3_999)
    for reversed_by_then in (1_333, 2_666, 3_999):
        sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
        assert accruals_of(order)[0].reversed == reversed_by_then
        assert broken() == set()
    paid = trade.sell(goods, through=seller, handed_over=False)
    sales.cancel(paid.public_id, CancelReason.BY_CHAIN, SYSTEM, clock.now())
    assert spent() == [999 + 333]
    assert broken() == set()


def test_a_decision_gives_the_old_boost_back_and_others_get_it(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy()
    anna, bo = trade.a_seller("E1", "S1"), trade.a_seller("E2", "S2")
    goods = [cast.a_product(price=10_000).variants[0] for _ in range(2)]
    in_force(
        boosters=(
            a_booster(500, budget=700),
            a_booster(per_unit=40, employee_id=bo.employee_id, budget=300),
        )
    )
    order = trade.sell({goods[0]: 1, goods[1]: 2}, through=anna)
    assert [(each.boost, each.unfunded) for each in accruals_of(order)] == [(500, 0), (200, 800)]
    decided(a_dispute(owner(bo), order, 2), lines={2: {owner(bo): 10_000}})
    found = accruals_of(order)
    assert [(each.employee_id, each.boost) for each in found[2:]] == [(bo.employee_id, 80)]
    assert spent() == [500, 80]
    assert broken() == set()
    decided(a_dispute(owner(anna), order, 2), lines={2: {owner(anna): 10_000}})
    assert [(each.boost, each.unfunded) for each in accruals_of(order)[3:]] == [(200, 800)]
    assert spent() == [700, 0]
    assert broken() == set()


def test_a_sale_that_no_booster_matches_asks_nothing_more_of_the_database(
    seller: ShareLink, clock: SettableClock
) -> None:
    goods, boosted = cast.a_product(price=10_000), cast.a_product(price=10_000)

    def statements() -> list[int]:
        counted: list[int] = []
        for each in (goods, boosted):
            charge = trade.a_charge(trade.an_order(each, through=seller))
            with recorded_queries() as asked:
                trade.pay_at(charge)
            counted.append(len(asked))
        return counted

    in_force(NewRule(1_000))
    plain = statements()
    clock.advance(timedelta(days=1))
    in_force(NewRule(1_000), boosters=(a_booster(500, product_id=boosted.id, budget=10**6),))
    assert statements() == [plain[0], plain[1] + 1]


# --- many at once -----------------------------------------------------------------------------


def sold_at_once(app: Flask, seller: ShareLink, budget: int) -> list[int]:
    """A crowd pays at one moment for what a booster gives 500 for; what each got."""
    goods = cast.a_product(price=10_000)
    in_force(boosters=(a_booster(500, budget=budget),))
    orders = [trade.an_order(goods, through=seller) for _ in range(CROWD)]
    charges = [trade.a_charge(order) for order in orders]
    answers = all_at_once(app, [lambda each=each: trade.pay_at(each) for each in charges])
    assert not [each for each in answers if isinstance(each, Exception)], answers
    return [accruals_of(order)[0].boost for order in orders]


@pytest.mark.own_app(database_pool_size=CROWD + 4)
def test_a_crowd_never_overspends_a_budget(
    app: Flask, seller: ShareLink, clock: SettableClock
) -> None:
    boosts = sold_at_once(app, seller, 500 * 5 + 123)
    assert sorted(boosts, reverse=True) == [500] * 5 + [123] + [0] * (CROWD - 6)
    assert spent() == [500 * 5 + 123]
    assert broken() == set()


@pytest.mark.postgresql_only
@pytest.mark.own_app(database_pool_size=CROWD + 4)
def test_twin_that_looks_before_it_takes_overspends(
    app: Flask, seller: ShareLink, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_and_take(asked: Mapping[int, int]) -> dict[int, int]:
        granted: dict[int, int] = {}
        for booster, amount in asked.items():
            row = db.session.execute(
                sa.select(PlanRule.budget, PlanRule.spent).where(PlanRule.id == booster)
            ).one()
            granted[booster] = min(amount, row.budget - row.spent)
            db.session.execute(
                sa.update(PlanRule)
                .where(PlanRule.id == booster)
                .values(spent=row.spent + granted[booster])
            )
        return granted

    monkeypatch.setattr(budgets, "take", look_and_take)
    boosts = sold_at_once(app, seller, 500 * 5 + 123)
    assert sum(boosts) > 500 * 5 + 123
    assert "boosters spend their budget" in broken()


@pytest.mark.own_app(database_pool_size=CROWD + 4)
def test_sales_of_several_boosters_in_any_order_never_wait_for_each_other_in_a_circle(
    app: Flask, seller: ShareLink, clock: SettableClock
) -> None:
    goods = [cast.a_product(price=10_000) for _ in range(3)]
    in_force(boosters=tuple(a_booster(500, product_id=each.id, budget=4_444) for each in goods))
    ones = [each.variants[0] for each in goods]
    orders = [
        trade.an_order(dict.fromkeys(ones[:: (-1 if turn % 2 else 1)], 1), through=seller)
        for turn in range(CROWD)
    ]
    charges = [trade.a_charge(order) for order in orders]
    answers = all_at_once(app, [lambda each=each: trade.pay_at(each) for each in charges])
    assert not [each for each in answers if isinstance(each, Exception)], answers
    assert spent() == [4_444] * 3
    assert broken() == set()
