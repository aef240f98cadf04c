"""An employee's earnings: the balance, its entries, the orders and links behind them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog.models import Variant
from storefront.commissions import payouts, words
from storefront.commissions.models import Account, TransactionKind
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.core.languages import LANGUAGES, Language
from storefront.insights import credited, earnings, links
from storefront.insights.credited import EarningState
from storefront.insights.earnings import Balance
from storefront.insights.links import LinkSales
from storefront.insights.scope import Period
from storefront.sharing.models import ShareLink, Uncounted
from storefront.staff.models import Employee
from tests.insights.year import live_through_it
from tests.support import cast, trade
from tests.support.queries import recorded_queries


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.open_for_trade()
    return trade.a_seller("E1")


@pytest.fixture
def goods(seller: ShareLink) -> Variant:
    return cast.a_product(price=1_000).variants[0]


def state_of(seller: ShareLink) -> EarningState:
    (order,) = credited.credited_orders(seller.employee_id, None, 10)
    return order.lines[0].state


def test_a_balance_through_the_life_of_a_sale(
    seller: ShareLink, goods: Variant, clock: SettableClock
) -> None:
    me = seller.employee_id

    def stand() -> tuple[Balance, EarningState]:
        return earnings.balance_of(me), state_of(seller)

    order = trade.sell({goods: 10}, through=seller, handed_over=False)
    assert stand() == (Balance(1_000, 0, 0, 0, 0), EarningState.WAITING)
    sales.hand_over(order.public_id, SYSTEM, clock.now())
    assert stand() == (Balance(1_000, 0, 0, 0, 0), EarningState.HELD)
    clock.advance(timedelta(days=31))
    sales.release(clock.now())
    assert stand() == (Balance(0, 1_000, 0, 0, 0), EarningState.PAYABLE)
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    assert stand() == (Balance(0, 0, 1_000, 0, 0), EarningState.IN_PAYOUT)
    payouts.discard(batch.public_id, clock.now())
    assert stand() == (Balance(0, 1_000, 0, 0, 0), EarningState.PAYABLE)
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    assert stand() == (Balance(0, 0, 1_000, 0, 0), EarningState.IN_PAYOUT)
    sales.pay_out(batch.public_id, clock.now())
    assert stand() == (Balance(0, 0, 0, 1_000, 0), EarningState.PAID)
    sales.take_back(order.public_id, {1: 3}, "", SYSTEM, clock.now())
    assert stand() == (Balance(0, 0, 0, 1_000, 300), EarningState.PAID)
    sales.take_back(order.public_id, {1: 7}, "", SYSTEM, clock.now())
    assert stand() == (Balance(0, 0, 0, 1_000, 1_000), EarningState.REVERSED)


def test_goods_that_earn_nothing_say_so(app: Flask) -> None:
    trade.the_policy()
    trade.the_plan(plans_rule := trade.NewRule(rate=0))
    assert plans_rule.rate == 0
    seller = trade.a_seller()
    trade.sell(cast.a_product(), through=seller)
    assert state_of(seller) is EarningState.NOTHING


def test_the_parts_of_every_balance_sum_to_what_was_earned(
    app: Flask, clock: SettableClock
) -> None:
    live_through_it(clock)
    for employee in db.session.scalars(sa.select(Employee.id)).all():
        balance = earnings.balance_of(employee)
        orders = credited.credited_orders(employee, None, 100)
        earned = sum(order.commission for order in orders)
        due = balance.payable + balance.disputed + balance.in_payout
        parts = balance.held + due + balance.paid - balance.debt
        assert parts == earned
        assert not (balance.payable and balance.debt)


def test_the_entries_of_an_account_sum_to_the_account(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    for employee in db.session.scalars(sa.select(Employee.id)).all():
        balance = earnings.balance_of(employee)
        sums = {
            account: sum(
                entry.amount for entry in earnings.entries_of(employee, None, 1_000, account)
            )
            for account in earnings.OWN_ACCOUNTS
        }
        assert sums == {
            Account.HELD: balance.held,
            Account.PAYABLE: balance.payable + balance.in_payout - balance.debt,
            Account.PAID: balance.paid,
        }


def test_entries_are_read_page_by_page_without_gap_or_repetition(
    app: Flask, clock: SettableClock
) -> None:
    live_through_it(clock)
    anna = db.session.scalars(sa.select(Employee.id).where(Employee.number == "E1")).one()
    everything = earnings.entries_of(anna, None, 1_000)
    assert len(everything) > 8
    assert [entry.id for entry in everything] == sorted(
        (entry.id for entry in everything), reverse=True
    )
    pages, before = [], None
    while page := earnings.entries_of(anna, before, 3):
        pages += page
        before = page[-1].id
    assert pages == everything
    assert Account.EXPENSE not in {entry.account for entry in everything}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_has_words(app: Flask, clock: SettableClock, language: Language) -> None:
    live_through_it(clock)
    kinds = set()
    for employee in db.session.scalars(sa.select(Employee.id)).all():
        for entry in earnings.entries_of(employee, None, 1_000):
            about = words.About(
                entry.order_number or "",
                entry.line or 0,
                "茶壶 {x}",
                500,
                payout=entry.payout or "",
            )
            sentence = words.of_entry(entry.kind, entry.account, about, language)
            assert (entry.order_number or entry.payout or "?") in sentence
            kinds.add((entry.kind, entry.account))
    assert kinds == {
        (TransactionKind.ACCRUAL, Account.HELD),
        (TransactionKind.REVERSAL, Account.HELD),
        (TransactionKind.REVERSAL, Account.PAYABLE),
        (TransactionKind.RELEASE, Account.HELD),
        (TransactionKind.RELEASE, Account.PAYABLE),
        (TransactionKind.PAYOUT, Account.PAYABLE),
        (TransactionKind.PAYOUT, Account.PAID),
    }


def test_an_order_credited_to_me_shows_its_lines_and_verdict(
    seller: ShareLink, goods: Variant, clock: SettableClock
) -> None:
    other = cast.a_product(price=2_000).variants[0]
    placed = trade.sell({goods: 3, other: 1}, through=seller)
    sales.take_back(placed.public_id, {1: 1}, "", SYSTEM, clock.now())
    order = credited.credited_order(seller.employee_id, placed.public_id)
    assert (order.number, order.sales, order.commission) == (placed.number, 5_000, 400)
    assert [
        (line.position, line.quantity, line.returned_quantity, line.base, line.amount)
        for line in order.lines
    ] == [(1, 3, 1, 3_000, 300), (2, 1, 0, 2_000, 200)]
    assert order.lines[0].reversed == 100
    assert order.verdict.ruling_on(2).winners[0].employee_id == seller.employee_id
    assert order.policy_version == 1


def test_orders_of_colleagues_are_nobodys_business(
    seller: ShareLink, goods: Variant, clock: SettableClock
) -> None:
    colleague = trade.a_seller("E2")
    theirs = trade.sell({goods: 1}, through=colleague)
    nobodys = trade.sell({goods: 1})
    assert credited.credited_orders(seller.employee_id, None, 10) == []
    for order in (theirs, nobodys):
        with pytest.raises(NotFound):
            credited.credited_order(seller.employee_id, order.public_id)


def test_orders_are_read_page_by_page(
    seller: ShareLink, goods: Variant, clock: SettableClock
) -> None:
    other = cast.a_product().variants[0]
    numbers = [trade.sell({goods: 1, other: 2}, through=seller).number for _ in range(5)]
    pages, before = [], None
    while page := credited.credited_orders(seller.employee_id, before, 2):
        pages += page
        before = page[-1].order_id
    assert [order.number for order in pages] == numbers[::-1]
    with recorded_queries() as queries:
        credited.credited_orders(seller.employee_id, None, 5)
    assert len(queries) == 2


def test_a_link_is_told_what_came_through_it(
    seller: ShareLink, goods: Variant, clock: SettableClock
) -> None:
    poster = cast.a_link(seller.shop)
    unused = cast.a_link(seller.shop)
    first = trade.sell({goods: 2}, through=seller)
    trade.sell({goods: 1}, through=poster)
    trade.sell({goods: 5}, through=poster, handed_over=False)
    trade.a_visit(poster)
    trade.a_visit(poster, uncounted=Uncounted.CRAWLER)
    trade.sell({goods: 7}, through=trade.a_seller("E2"))
    clock.advance(timedelta(days=1))
    sales.take_back(first.public_id, {1: 1}, "", SYSTEM, clock.now())
    trade.sell({goods: 1}, through=poster)

    figures = {each.link.id: each for each in links.figures_of(seller.employee_id, None, 10)}
    assert list(figures) == [unused.id, poster.id, seller.id]
    assert figures[unused.id].sold == LinkSales(0, 0, 0)
    assert figures[seller.id].sold == LinkSales(orders=1, sales=2_000, commission=100)
    assert figures[poster.id].sold == LinkSales(orders=3, sales=7_000, commission=700)
    assert figures[poster.id].visits.counted == 4
    assert figures[poster.id].visits.uncounted == {Uncounted.CRAWLER: 1}

    first_day = Period(date(2026, 3, 2), date(2026, 3, 3))
    (_, on_first_day, _) = links.figures_of(seller.employee_id, None, 10, first_day)
    assert on_first_day.sold == LinkSales(orders=2, sales=6_000, commission=600)
    assert on_first_day.visits.counted == 3


def test_links_are_read_page_by_page_at_a_constant_cost(
    seller: ShareLink, goods: Variant, clock: SettableClock
) -> None:
    ids = [seller.id, *(cast.a_link(seller.shop).id for _ in range(4))]
    pages, before = [], None
    while page := links.figures_of(seller.employee_id, before, 2):
        pages += page
        before = page[-1].link.id
    assert [each.link.id for each in pages] == ids[::-1]
    with recorded_queries() as queries:
        links.figures_of(seller.employee_id, None, 5)
    assert len(queries) == 4
