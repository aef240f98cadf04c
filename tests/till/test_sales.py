"""A sale at a till goes the way of every sale: evidence, verdict, book, roll-ups, audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.attribution.models import Credit, Verdict
from storefront.commissions.models import Accrual
from storefront.core import jobs
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, Invalid
from storefront.customers.models import Customer
from storefront.orders.models import Door, Order, OrderState, TillRecord
from storefront.payments.models import Payment, PaymentState
from tests.support import cast, tills, trade
from tests.support.books import broken
from tests.support.tills import a_line, a_sale, sold

CHEN, DAI = "E0001", "E0002"


@pytest.fixture(autouse=True)
def chain(app: Flask) -> None:
    """A chain that sells, with two people in its first store."""
    trade.open_for_trade()
    cast.an_employee(CHEN)
    cast.an_employee(DAI)


def credits_on(order_id: int) -> list[tuple[int, str, int]]:
    """Line, staff number and share of every credit on an order."""
    rows = db.session.execute(
        sa.text(
            "SELECT l.position, e.number, c.share FROM credits c"
            " JOIN order_lines l ON l.id = c.order_line_id JOIN employees e ON e.id = c.employee_id"
            " WHERE c.order_id = :id ORDER BY l.position, c.position"
        ),
        {"id": order_id},
    )
    return [(row[0], row[1], row[2]) for row in rows]


def number_of(table: type[object]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_sale_is_paid_handed_over_credited_and_held_from_the_tills_time(
    clock: SettableClock,
) -> None:
    lamp = cast.a_product(price=1_999)
    at = clock.now() - timedelta(hours=3)
    taken = sold(a_sale(a_line(lamp, 3_500, CHEN, quantity=2), at=at))
    order = db.session.get_one(Order, taken.order.id)
    assert (order.door, order.state, order.total) == (Door.TILL, OrderState.HANDED_OVER, 3_500)
    assert order.placed_at == order.paid_at == order.handed_over_at == at
    assert (order.customer_id, order.cart_id, order.contact_phone) == (None, None, "")
    payment = db.session.scalars(sa.select(Payment)).one()
    assert (payment.gateway, payment.state) == ("till", PaymentState.CAPTURED)
    assert (payment.captured_amount, payment.captured_at) == (3_500, at)
    accrual = db.session.scalars(sa.select(Accrual)).one()
    assert (accrual.base, accrual.amount, accrual.due_at) == (3_500, 350, at + timedelta(days=30))
    assert credits_on(order.id) == [(1, CHEN, 10_000)]
    verdict = db.session.scalars(sa.select(Verdict)).one()
    assert verdict.reason == "till_claim"
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(jobs.Job))
    assert broken() == set()


def test_lines_have_their_own_sellers_and_shares() -> None:
    lamp, shade = cast.a_product(), cast.a_product()
    sale = a_sale(
        a_line(lamp, 1_001, (CHEN, 3_333), (DAI, 6_667)),
        a_line(shade, 500, DAI),
        a_line(lamp, 300),
    )
    taken = sold(sale)
    assert credits_on(taken.order.id) == [(1, CHEN, 3_333), (1, DAI, 6_667), (2, DAI, 10_000)]
    bases = db.session.scalars(sa.select(Accrual.base).order_by(Accrual.id)).all()
    assert bases == [334, 667, 500]
    assert broken() == set()


def test_a_known_customers_touches_are_evidence_and_the_tills_word_comes_first() -> None:
    link = trade.a_seller(store="S2")
    phone = "+8613800138000"
    visitor = trade.a_visit(link)
    trade.sell(cast.a_product(), visitor=visitor, phone=phone)
    lamp = cast.a_product()
    by_word = sold(a_sale(a_line(lamp, 500, CHEN), phone=phone))
    by_touch = sold(a_sale(a_line(lamp, 500), phone=phone))
    stranger = sold(a_sale(a_line(lamp, 500), phone="+8613800138001"))
    toucher = db.session.scalar(
        sa.text(f"SELECT number FROM employees WHERE id={link.employee_id}")
    )
    assert credits_on(by_word.order.id) == [(1, CHEN, 10_000)]
    assert credits_on(by_touch.order.id) == [(1, toucher, 10_000)]
    assert credits_on(stranger.order.id) == []
    assert broken() == set()


def test_the_same_number_is_one_sale_and_another_content_is_refused(clock: SettableClock) -> None:
    lamp = cast.a_product()
    sale = a_sale(a_line(lamp, 500, CHEN), number="T1")
    first = sold(sale)
    clock.advance(timedelta(days=400))
    again = sold(sale)
    assert (first.is_new, again.is_new) == (True, False)
    assert (again.order.id, number_of(Order)) == (first.order.id, 1)
    for other in (
        replace(sale, at=sale.at - timedelta(seconds=1)),
        replace(sale, phone="+8613800138000"),
        replace(sale, lines=(a_line(lamp, 501, CHEN),)),
        replace(sale, lines=(a_line(lamp, 500, DAI),)),
    ):
        with pytest.raises(Conflict, match="number_taken"):
            sold(other)
    cast.a_store("S9")
    assert sold(replace(sale, store="S9")).is_new
    assert broken() == set()


def test_a_sale_told_before_is_answered_though_its_seller_has_left(clock: SettableClock) -> None:
    seller = cast.an_employee("E0009")
    sale = a_sale(a_line(cast.a_product(), 500, "E0009"), at=clock.now() - timedelta(hours=1))
    assert sold(sale).is_new
    cast.leaves(seller)
    assert not sold(sale).is_new
    late = replace(sale, number="late")
    assert sold(late).is_new, "they left after the sale"
    with pytest.raises(Invalid, match="employee_had_left"):
        sold(replace(sale, number="too late", at=clock.now()))


@pytest.mark.parametrize(
    ("change", "code", "line"),
    [
        ({"store": "S9"}, "unknown_store", None),
        ({"at": "later"}, "in_the_future", None),
        ({"lines": "nobody"}, "unknown_code", 2),
        ({"lines": "stranger"}, "unknown_employee", 2),
        ({"lines": "in part"}, "shares_not_whole", 2),
        ({"lines": "too much"}, "shares_not_whole", 2),
        ({"lines": "twice"}, "seller_twice", 2),
        ({"lines": "huge"}, "amount_too_large", None),
    ],
)
def test_what_is_wrong_is_refused_with_its_place_and_nothing_is_taken(
    change: dict[str, str], code: str, line: int | None, clock: SettableClock
) -> None:
    lamp = cast.a_product()
    second = {
        "nobody": a_line("NOBODY-1", 5, CHEN),
        "stranger": a_line(lamp, 5, "E9999"),
        "in part": a_line(lamp, 5, (CHEN, 9_999)),
        "too much": a_line(lamp, 5, (CHEN, 9_999), (DAI, 2)),
        "twice": a_line(lamp, 5, (CHEN, 5_000), (CHEN, 5_000)),
        "huge": a_line(lamp, 10**15, CHEN),
    }
    sale = a_sale(a_line(lamp, 500, CHEN))
    if "lines" in change:
        sale = replace(sale, lines=(*sale.lines, second[change["lines"]]))
    elif "at" in change:
        sale = replace(sale, at=clock.now() + timedelta(minutes=5, seconds=1))
    else:
        sale = replace(sale, store=change["store"])
    with pytest.raises(Invalid) as refused:
        sold(sale)
    assert (refused.value.code, refused.value.extra.get("line")) == (code, line)
    for table in (Order, Customer, Payment, TillRecord, Credit):
        assert number_of(table) == 0


def test_five_minutes_of_clock_difference_are_allowed(clock: SettableClock) -> None:
    sale = a_sale(a_line(cast.a_product(), 500, CHEN), at=clock.now() + timedelta(minutes=5))
    assert sold(sale).is_new
    assert broken() == set()


def test_a_sale_from_before_the_first_policy_or_plan_is_a_clear_error(clock: SettableClock) -> None:
    with pytest.raises(Conflict, match="no_policy"):
        sold(a_sale(a_line(cast.a_product(), 500, CHEN), at=clock.now() - timedelta(days=2)))
    assert number_of(Order) == 0


def test_goods_off_sale_and_gifts_are_sold_at_a_till_all_the_same() -> None:
    from storefront.catalog.models import ProductState

    hidden = cast.a_product(state=ProductState.HIDDEN)
    taken = sold(a_sale(a_line(hidden, 0, CHEN, quantity=3)))
    assert taken.order.total == 0
    assert broken() == set()


def test_an_employee_who_buys_at_the_till_falls_under_the_self_purchase_rule() -> None:
    cast.an_employee("E0005", phone="+8613900139000")
    taken = sold(a_sale(a_line(cast.a_product(), 500, "E0005"), phone="+8613900139000"))
    assert credits_on(taken.order.id) == []
    assert broken() == set()


def test_a_customer_is_new_with_their_earliest_purchase_however_late_it_is_told(
    clock: SettableClock,
) -> None:
    lamp = cast.a_product()
    now: datetime = clock.now()
    days = [now, now - timedelta(hours=5), now - timedelta(hours=20), now - timedelta(hours=1)]
    sellers = [CHEN, DAI, CHEN, DAI]
    for at, seller in zip(days, sellers, strict=True):
        sold(a_sale(a_line(lamp, 500, seller), at=at, member_code="M1"))
    customer = db.session.scalars(sa.select(Customer)).one()
    assert customer.first_paid_at == days[2]
    chen = db.session.scalar(sa.text(f"SELECT id FROM employees WHERE number = '{CHEN}'"))
    assert tills.figures("new_customers") == {("2026-03-01", chen): 1}
    assert broken() == set()


def test_an_earlier_purchase_of_nobodys_moves_the_new_customer_too(clock: SettableClock) -> None:
    lamp = cast.a_product()
    phone = "+8613800138000"
    trade.sell(lamp, through=trade.a_seller(), phone=phone)
    sold(a_sale(a_line(lamp, 5), at=clock.now() - timedelta(hours=20), phone=phone))
    assert tills.figures("new_customers") == {("2026-03-01", 0): 1}
    assert broken() == set()


def test_what_was_sold_at_a_till_is_taken_back_there_alone() -> None:
    taken = sold(a_sale(a_line(cast.a_product(), 500, CHEN)))
    with pytest.raises(Conflict, match="sold_at_till"):
        sales.take_back(taken.order.public_id, {1: 1}, "", SYSTEM, taken.order.placed_at)


def test_the_hold_is_released_as_for_every_sale(clock: SettableClock) -> None:
    sold(a_sale(a_line(cast.a_product(), 500, CHEN)))
    clock.advance(timedelta(days=30, seconds=-1))
    assert sales.release(clock.now()) == 0
    clock.advance(timedelta(seconds=1))
    assert sales.release(clock.now()) == 1
    assert broken() == set()


def test_stock_is_left_alone() -> None:
    lamp = cast.a_product(stock=5)
    taken = sold(a_sale(a_line(lamp, 500, CHEN, quantity=9)))
    assert taken.is_new, "the till's own system counts the shop floor"
    on_hand = db.session.scalar(sa.text("SELECT sum(on_hand) FROM stock_levels"))
    assert on_hand == 5
    assert broken() == set()
