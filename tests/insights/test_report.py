"""The chain's report: the figures that HQ closes its books with."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Flask

from storefront import sales
from storefront.commissions import payouts
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.insights.report import EmployeeFigures, Owed, PaidBatch, owed, report
from storefront.insights.scope import EVER, Period
from tests.insights.year import live_through_it
from tests.support import cast, trade


def test_an_empty_chain_reports_nothing(app: Flask) -> None:
    found = report()
    assert (found.orders, found.sales, found.still_due, found.payouts) == (0, 0, 0, ())
    assert found.employees == {}


def test_everything_earned_is_paid_still_due_or_owed_back(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    found = report(EVER)
    earned = found.commission_accrued - found.commission_reversed
    assert earned == found.commission_paid + found.still_due - found.owed_by_employees
    assert found.owed_by_employees > 0
    assert found.still_due > 0
    assert sum(each.commission_net for each in found.employees.values()) == earned
    assert sum(each.paid for each in found.employees.values()) == found.commission_paid
    assert sum(batch.total for batch in found.payouts) == found.commission_paid


def test_the_report_by_hand(app: Flask, clock: SettableClock) -> None:
    trade.open_for_trade()
    anna, bo, _idle = (trade.a_seller(f"E{number}") for number in (1, 2, 3))
    cast.an_employee("E4")  # has no shop
    goods = cast.a_product(price=1_000).variants[0]
    first = trade.sell({goods: 4}, through=anna, phone="+8613900000001")
    trade.sell({goods: 2}, through=bo, phone="+8613900000002")
    trade.sell({goods: 1}, phone="+8613900000003")
    clock.advance(timedelta(days=31))  # to 2 April
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    sales.take_back(first.public_id, {1: 1}, "", SYSTEM, clock.now())
    trade.sell({goods: 3}, through=bo, phone="+8613900000002")

    found = report()
    assert (found.orders, found.orders_credited) == (4, 3)
    assert (found.order_lines, found.units) == (4, 10)
    assert (found.sales, found.sales_credited) == (10_000, 9_000)
    assert found.customers_credited == 2
    assert (found.units_returned, found.refunded) == (1, 1_000)
    assert (found.commission_accrued, found.commission_reversed) == (900, 100)
    assert (found.commission_paid, found.still_due, found.owed_by_employees) == (600, 300, 100)
    assert found.payouts == (PaidBatch(date(2026, 4, 2), payees=2, total=600),)
    assert found.employees == {
        "E1": EmployeeFigures(commission_net=300, paid=400),
        "E2": EmployeeFigures(commission_net=500, paid=200),
        "E3": EmployeeFigures(commission_net=0, paid=0),
    }

    march = report(Period(date(2026, 3, 1), date(2026, 4, 1)))
    assert (march.orders, march.customers_credited, march.refunded) == (3, 2, 0)
    assert (march.payouts, march.commission_paid) == ((), 0)
    april = report(Period(date(2026, 4, 1), date(2026, 5, 1)))
    assert (april.orders, april.customers_credited, april.refunded) == (1, 1, 1_000)
    assert (april.commission_accrued, april.commission_reversed) == (300, 100)
    assert len(april.payouts) == 1
    assert april.still_due == found.still_due  # as of now, in every period


def test_a_batch_that_is_only_approved_is_not_in_the_report(
    app: Flask, clock: SettableClock
) -> None:
    trade.open_for_trade()
    trade.sell(cast.a_product(price=1_000), through=trade.a_seller())
    clock.advance(timedelta(days=31))
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    assert report().payouts == ()
    assert owed() == Owed(still_due=100, owed_by_employees=0)
