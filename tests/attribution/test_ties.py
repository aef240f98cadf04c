"""How customers come to be somebody's while they buy."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from storefront.attribution import evidence, ties
from storefront.attribution.models import Tie, TieHow
from storefront.attribution.rules import Model, Policy, Renewal, Source, TieMode, Treatment
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.customers.visitors import new_visitor_id
from storefront.orders.models import Order
from storefront.orders.placing import PlacedOrder
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once
from tests.support.ties import customer_of, history, whose

PHONE = "+8613800138000"
DAY = timedelta(days=1)


def first_touch(**elements: object) -> Policy:
    plain = {"window_days": 30, "tie_mode": TieMode.FIRST_TOUCH, "protection_days": 60}
    return Policy(**plain | elements)  # pyright: ignore


def first_order(**elements: object) -> Policy:
    return first_touch(tie_mode=TieMode.FIRST_ORDER, **elements)


def open_with(policy: Policy) -> None:
    trade.the_policy(policy)
    trade.the_plan()


def tie_frozen_on(order: PlacedOrder) -> tuple[int, str] | None:
    told = db.session.get_one(Order, order.id).evidence.get("tie")
    return told and (told["employee_id"], told["how"])


def test_the_first_whom_a_customer_met_has_them_from_the_order_on(
    app: Flask, clock: SettableClock
) -> None:
    open_with(first_touch())
    anna, bo = trade.a_seller(), trade.a_seller()
    visitor = trade.a_visit(anna)
    clock.advance(DAY)
    order = trade.sell(cast.a_product(), through=bo, visitor=visitor, phone=PHONE)
    (tie,) = history(customer_of(PHONE))
    assert (tie.employee_id, tie.since, tie.how) == (
        anna.employee_id,
        clock.now(),
        TieHow.FIRST_TOUCH,
    )
    assert (tie.protected_until, tie.by_employee_id) == (clock.now() + 60 * DAY, None)
    # The order on which it came about is judged with it.
    assert tie_frozen_on(order) == (anna.employee_id, "first_touch")
    assert broken() == set()


def test_another_touch_takes_the_customer_once_protection_has_run_out(
    app: Flask, clock: SettableClock
) -> None:
    open_with(first_touch(model=Model.TIED_FIRST))
    anna, bo = trade.a_seller(), trade.a_seller()
    visitor = new_visitor_id()
    goods = cast.a_product()
    trade.sell(goods, through=anna, visitor=visitor, phone=PHONE)
    clock.advance(59 * DAY)
    trade.sell(goods, through=bo, visitor=visitor, phone=PHONE)
    assert whose(customer_of(PHONE)) == [anna.employee_id]
    clock.advance(DAY)
    order = trade.sell(goods, through=bo, visitor=visitor, phone=PHONE)
    assert whose(customer_of(PHONE)) == [anna.employee_id, bo.employee_id]
    assert tie_frozen_on(order) == (bo.employee_id, "first_touch")
    assert history(customer_of(PHONE))[0].ended_at == clock.now()
    assert broken() == set()


def test_touches_with_the_tied_employee_renew_the_protection(
    app: Flask, clock: SettableClock
) -> None:
    open_with(first_touch(renewed_by=(Renewal.TOUCH,)))
    anna, bo = trade.a_seller(), trade.a_seller()
    visitor = new_visitor_id()
    goods = cast.a_product()
    trade.sell(goods, through=anna, visitor=visitor, phone=PHONE)
    clock.advance(50 * DAY)
    met_again = clock.now()
    trade.a_visit(anna, visitor)
    clock.advance(20 * DAY)
    trade.sell(goods, through=bo, visitor=visitor, phone=PHONE)
    (tie,) = history(customer_of(PHONE))
    assert (tie.employee_id, tie.protected_until) == (anna.employee_id, met_again + 60 * DAY)


def test_whoever_is_credited_with_the_first_order_has_the_customer(
    app: Flask, clock: SettableClock
) -> None:
    open_with(first_order(renewed_by=(Renewal.ORDER,)))
    anna, bo = trade.a_seller(), trade.a_seller()
    goods = cast.a_product()
    order = trade.an_order(goods, through=anna, phone=PHONE)
    assert whose(customer_of(PHONE)) == []
    clock.advance(timedelta(minutes=5))
    trade.pay(order)
    (tie,) = history(customer_of(PHONE))
    assert (tie.employee_id, tie.since, tie.how) == (
        anna.employee_id,
        clock.now(),
        TieHow.FIRST_ORDER,
    )
    clock.advance(30 * DAY)
    trade.sell(goods, through=bo, phone=PHONE)
    assert whose(customer_of(PHONE)) == [anna.employee_id]
    trade.sell(goods, through=anna, phone=PHONE)
    assert history(customer_of(PHONE))[0].protected_until == clock.now() + 60 * DAY
    clock.advance(60 * DAY)
    trade.sell(goods, through=bo, phone=PHONE)
    assert whose(customer_of(PHONE)) == [anna.employee_id, bo.employee_id]
    assert broken() == set()


def test_an_order_that_nobody_is_credited_with_ties_nobody(app: Flask) -> None:
    open_with(first_order(own_purchase=Treatment.STORE))
    own = cast.a_link(cast.a_shop(cast.an_employee(phone=PHONE)))
    goods = cast.a_product()
    trade.sell(goods, phone="+8613800138001")
    trade.sell(goods, through=own, phone=PHONE)
    assert whose(customer_of("+8613800138001")) == whose(customer_of(PHONE)) == []


def test_a_tie_earns_where_no_touch_does(app: Flask, clock: SettableClock) -> None:
    open_with(first_order(precedence=(Source.TOUCH, Source.TIE)))
    anna = trade.a_seller()
    goods = cast.a_product()
    trade.sell(goods, through=anna, phone=PHONE)
    clock.advance(31 * DAY)
    order = trade.sell(goods, phone=PHONE)
    assert tie_frozen_on(order) == (anna.employee_id, "first_order")
    assert broken() == set()


@pytest.mark.parametrize("mode", [TieMode.NONE, TieMode.EXPLICIT])
def test_by_other_modes_buying_ties_nobody(app: Flask, mode: TieMode) -> None:
    open_with(first_touch(tie_mode=mode))
    trade.sell(cast.a_product(), through=trade.a_seller(), phone=PHONE)
    assert whose(customer_of(PHONE)) == []


def test_without_ties_a_purchase_asks_nothing_more(app: Flask, clock: SettableClock) -> None:
    trade.open_for_trade()
    visitor = trade.a_visit(trade.a_seller())
    customer = trade.an_order(cast.a_product(), visitor=visitor, phone=PHONE)
    found = customer_of(PHONE)
    db.session.rollback()
    with recorded_queries() as gathering:
        evidence.gather([visitor], PHONE, found, clock.now())
    with recorded_queries() as meeting:
        ties.meet([visitor], PHONE, found, clock.now())
    assert len(meeting) == len(gathering) == 3
    trade.pay(customer)


def test_two_first_orders_at_once_tie_the_customer_once(app: Flask) -> None:
    open_with(first_order())
    goods = cast.a_product()
    charges = [
        trade.a_charge(trade.an_order(goods, through=trade.a_seller(), phone=PHONE))
        for _ in range(4)
    ]
    answers = all_at_once(app, [lambda charge=charge: trade.pay_at(charge) for charge in charges])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert len(whose(customer_of(PHONE))) == 1
    assert broken() == set()


@pytest.mark.postgresql_only
def test_where_nobody_gives_way_one_of_two_sales_fails(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin without the protection: read, then write."""
    open_with(first_order())
    goods = cast.a_product()
    charges = [
        trade.a_charge(trade.an_order(goods, through=trade.a_seller(), phone=PHONE))
        for _ in range(2)
    ]
    readers, decide = threading.Barrier(2), ties.by_order

    def decide_and_wait(*asked: object) -> object:
        change = decide(*asked)  # pyright: ignore
        readers.wait(timeout=5)
        return change

    monkeypatch.setattr(ties, "by_order", decide_and_wait)
    monkeypatch.setattr(ties, "giving_way", lambda _: sa.insert(Tie))
    answers = all_at_once(app, [lambda charge=charge: trade.pay_at(charge) for charge in charges])
    assert [type(each) for each in answers if isinstance(each, Exception)] == [IntegrityError]


def test_somebody_who_left_before_the_payment_gets_nobody(app: Flask, clock: SettableClock) -> None:
    open_with(first_order())
    anna, bo = trade.a_seller(), trade.a_seller()
    goods = cast.a_product()
    order = trade.an_order(goods, through=anna, phone=PHONE)
    cast.leaves(anna.shop.employee)
    trade.pay(order)
    assert whose(customer_of(PHONE)) == []
    trade.sell(goods, through=bo, phone=PHONE)
    clock.advance(60 * DAY)
    carla = trade.a_seller()
    order = trade.an_order(goods, through=carla, phone=PHONE)
    cast.leaves(carla.shop.employee)
    trade.pay(order)
    assert whose(customer_of(PHONE)) == [bo.employee_id], "whoever had them has them still"
    assert broken() == set()


def test_a_sale_told_late_opens_no_tie_within_the_history(app: Flask, clock: SettableClock) -> None:
    open_with(first_touch())
    visitor = trade.a_visit(trade.a_seller())
    met_at = clock.now()
    clock.advance(DAY)
    trade.sell(cast.a_product(), visitor=visitor, phone=PHONE)
    customer = customer_of(PHONE)
    found = ties.meet([visitor], PHONE, customer, met_at)
    db.session.rollback()
    assert found.tie is None
    assert len(history(customer)) == 1
