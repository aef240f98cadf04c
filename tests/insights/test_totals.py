"""Totals, against a recount of every order by hand."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.attribution.models import Credit
from storefront.attribution.rules import Model, Policy
from storefront.commissions.models import (
    Account,
    Accrual,
    LedgerEntry,
    LedgerTransaction,
    TransactionKind,
)
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.insights.scope import CHAIN, EVER, Period, Scope
from storefront.insights.totals import Grouping, Totals, customers_credited, grouped, totals
from storefront.orders.models import Order
from storefront.staff.models import Employee, Region, Store
from tests.insights.year import live_through_it
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.queries import recorded_queries

ZONE = "Asia/Shanghai"
SUMMED = (
    "orders",
    "orders_credited",
    "lines",
    "units",
    "sales",
    "sales_credited",
    "units_returned",
    "refunded",
    "accrued",
    "reversed",
    "released",
    "paid",
)


class Recount:
    """The same figures by walking through every order and entry. No order is shared here."""

    def __init__(self, period: Period, employee: int | None = None) -> None:
        self.period = period
        self.employee = employee
        self.sums: dict[str, int] = dict.fromkeys(SUMMED, 0)
        self.earner = dict(db.session.execute(sa.select(Credit.order_id, Credit.employee_id)).all())
        for order in db.session.scalars(sa.select(Order).where(Order.paid_at.is_not(None))):
            if self.is_asked_for(self.earner.get(order.id)):
                self.count_sale(order)
                self.count_returns(order)
        for accrual in db.session.scalars(sa.select(Accrual)):
            if self.is_asked_for(accrual.employee_id) and self.has(accrual.at):
                self.sums["accrued"] += accrual.amount
        booked = db.session.execute(
            sa.select(LedgerEntry, LedgerTransaction).join(
                LedgerTransaction, LedgerTransaction.id == LedgerEntry.transaction_id
            )
        )
        for entry, transaction in booked:
            if self.is_asked_for(entry.employee_id) and self.has(transaction.at):
                self.count_entry(entry, transaction.kind)

    def is_asked_for(self, employee: int | None) -> bool:
        return self.employee in (None, employee)

    def has(self, moment: datetime | None) -> bool:
        if moment is None:
            return False
        day = moment.astimezone(ZoneInfo(ZONE)).date()
        return (self.period.start or date.min) <= day < (self.period.end or date.max)

    def count_sale(self, order: Order) -> None:
        if not self.has(order.paid_at):
            return
        credited = order.id in self.earner
        self.sums["orders"] += 1
        self.sums["orders_credited"] += credited
        for line in order.lines:
            self.sums["lines"] += 1
            self.sums["units"] += line.quantity
            self.sums["sales"] += line.net
            self.sums["sales_credited"] += line.net * credited

    def count_returns(self, order: Order) -> None:
        if self.has(order.cancelled_at):
            self.sums["units_returned"] += sum(line.quantity for line in order.lines)
            self.sums["refunded"] += sum(line.net for line in order.lines)
        for returned in order.returns:
            if self.has(returned.at):
                self.sums["units_returned"] += sum(line.quantity for line in returned.lines)
                self.sums["refunded"] += returned.refund_amount

    def count_entry(self, entry: LedgerEntry, kind: TransactionKind) -> None:
        if kind is TransactionKind.REVERSAL and entry.account is not Account.EXPENSE:
            self.sums["reversed"] -= entry.amount
        if kind is TransactionKind.RELEASE and entry.account is Account.PAYABLE:
            self.sums["released"] += entry.amount
        if entry.account is Account.PAID:
            self.sums["paid"] += entry.amount


def recount(period: Period, employee: int | None = None) -> dict[str, int]:
    return Recount(period, employee).sums


def shown(found: Totals) -> dict[str, int]:
    return {name: getattr(found, name) for name in SUMMED}


PERIODS = [
    EVER,
    Period(date(2026, 3, 2), date(2026, 3, 3)),
    Period(date(2026, 4, 1), date(2026, 5, 1)),
    Period(start=date(2026, 4, 2)),
    Period(end=date(2026, 4, 2)),
    Period(date(2030, 1, 1), date(2030, 2, 1)),
]


def test_totals_are_what_a_recount_gives(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    for period in PERIODS:
        assert shown(totals(period, CHAIN)) == recount(period)
    for seller in db.session.scalars(sa.select(Employee.id)).all():
        for period in PERIODS:
            assert shown(totals(period, Scope(employee_id=seller))) == recount(period, seller)
    assert totals(EVER, CHAIN).orders > 4


def test_days_sum_to_the_month_and_groups_to_the_chain(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    chain = shown(totals(EVER, CHAIN))
    for by in Grouping:
        sums: dict[str, int] = defaultdict(int)
        for group in grouped(by, EVER, CHAIN):
            for name, value in shown(group.totals).items():
                sums[name] += value
        assert sums == chain
    days = [date(2026, 3, 1) + timedelta(days=step) for step in range(100)]
    by_day = [shown(totals(Period(day, day + timedelta(days=1)), CHAIN)) for day in days]
    assert {name: sum(day[name] for day in by_day) for name in SUMMED} == chain


def test_groups_carry_their_names(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    names = {by: [group.code for group in grouped(by, EVER, CHAIN)] for by in Grouping}
    assert names == {
        Grouping.EMPLOYEE: ["", "E1", "E2"],
        Grouping.STORE: ["", "S1", "S2"],
        Grouping.REGION: ["", "R1"],
        Grouping.MONTH: ["2026-03", "2026-04", "2026-05"],
    }


def test_a_scope_is_a_store_or_a_region_as_well(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    store = db.session.scalars(sa.select(Store).where(Store.code == "S1")).one()
    region = db.session.scalars(sa.select(Region).where(Region.code == "R1")).one()
    of_store = totals(EVER, Scope(store_id=store.id))
    anna = db.session.scalars(sa.select(Employee.id).where(Employee.number == "E1")).one()
    assert shown(of_store) == shown(totals(EVER, Scope(employee_id=anna)))
    of_region = totals(EVER, Scope(region_id=region.id))
    assert of_region.sales == of_region.sales_credited == totals(EVER, CHAIN).sales_credited


def test_a_page_of_groups_goes_on_where_the_last_one_ended(
    app: Flask, clock: SettableClock
) -> None:
    live_through_it(clock)
    for by in Grouping:
        everything = grouped(by, EVER, CHAIN)
        pages, after = [], None
        while found := grouped(by, EVER, CHAIN, after=after, limit=1):
            pages += found
            after = found[-1].key
        assert pages == everything


def test_a_sale_stays_with_the_store_it_was_made_for(app: Flask, clock: SettableClock) -> None:
    trade.open_for_trade()
    seller, goods = trade.a_seller("E1", store="S1"), cast.a_product(price=1_000)
    trade.sell(goods, through=seller)
    trade.moves(seller.shop.employee, "S2")
    trade.sell(goods, through=seller)
    by_store = {group.code: group.totals.sales for group in grouped(Grouping.STORE, EVER, CHAIN)}
    assert by_store == {"S1": 1_000, "S2": 1_000}


def test_customers_are_counted_once_however_often_they_come(
    app: Flask, clock: SettableClock
) -> None:
    trade.open_for_trade()
    seller, goods = trade.a_seller(), cast.a_product()
    order = trade.sell(goods, through=seller, phone="+8613900000001")
    clock.advance(timedelta(days=40))
    trade.sell(goods, through=seller, phone="+8613900000001")
    trade.sell(goods, through=seller, phone="+8613900000002")
    trade.sell(goods, phone="+8613900000003")
    trade.an_order(goods, through=seller, phone="+8613900000004")
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    assert customers_credited(EVER, CHAIN, ZONE) == 2
    assert customers_credited(Period(end=date(2026, 4, 1)), CHAIN, ZONE) == 1
    assert customers_credited(EVER, Scope(employee_id=seller.employee_id), ZONE) == 2
    assert customers_credited(EVER, Scope(employee_id=cast.an_employee().id), ZONE) == 0
    assert totals(EVER, CHAIN).new_customers == 3


def test_the_cost_ratio_is_net_commission_of_net_credited_sales(
    app: Flask, clock: SettableClock
) -> None:
    trade.open_for_trade()
    seller, goods = trade.a_seller(), cast.a_product(price=3_335)
    assert totals(EVER, CHAIN).cost_ratio is None
    trade.sell(goods)
    assert totals(EVER, CHAIN).cost_ratio is None  # nothing of it is credited
    order = trade.sell({goods.variants[0]: 3}, through=seller)
    assert totals(EVER, CHAIN).cost_ratio == 1_000  # 1001 of 10005: 1000.5 basis points down
    clock.advance(timedelta(days=31))
    sales.take_back(order.public_id, {1: 3}, "", SYSTEM, clock.now())
    assert totals(EVER, CHAIN).cost_ratio is None
    later = Period(start=date(2026, 4, 1))
    assert totals(later, CHAIN).net_sales == -10_005
    assert totals(later, CHAIN).cost_ratio is None


def test_a_shared_order_counts_once_and_its_parts_sum_to_the_whole(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(Policy(window_days=30, model=Model.LINEAR))
    trade.the_plan()
    sellers = [trade.a_seller(f"E{number}", store=f"S{number}") for number in (1, 2, 3)]
    visitor = trade.a_visit(sellers[2])
    for seller in (sellers[1], sellers[0]):
        clock.advance(timedelta(minutes=1))
        trade.a_visit(seller, visitor)
    order = trade.sell({cast.a_product(price=1_000).variants[0]: 2}, visitor=visitor)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())

    chain = totals(EVER, CHAIN)
    assert (chain.orders, chain.orders_credited, chain.lines, chain.units) == (1, 1, 1, 2)
    assert (chain.sales, chain.sales_credited, chain.refunded) == (2_000, 2_000, 1_000)
    own = [totals(EVER, Scope(employee_id=seller.employee_id)) for seller in sellers]
    assert [each.orders for each in own] == [1, 0, 0]
    assert [each.orders_credited for each in own] == [1, 1, 1]
    assert [each.sales for each in own] == [668, 666, 666]
    assert [each.refunded for each in own] == [334, 333, 333]
    assert [each.accrued for each in own] == [67, 67, 67]
    assert sum(each.reversed for each in own) == chain.reversed
    assert broken() == set()


def test_totals_cost_one_query_whatever_they_are_of(app: Flask, clock: SettableClock) -> None:
    live_through_it(clock)
    with recorded_queries() as queries:
        totals(EVER, CHAIN)
    assert len(queries) == 1
    for by in Grouping:
        with recorded_queries() as queries:
            grouped(by, EVER, CHAIN)
        assert len(queries) == 1
