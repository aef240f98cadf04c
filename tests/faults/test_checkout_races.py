"""Many people at one moment. Each race has a twin without its protection, which must fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog.models import Location, Product, StockLevel, Variant
from storefront.commissions.models import Accrual, LedgerEntry, Payout, PayoutBatch
from storefront.core import clock as now_of
from storefront.core import idempotency
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict
from storefront.customers.visitors import COOKIE_NAME
from storefront.orders.models import Order, OrderState, StockHold
from storefront.payments import inbox
from storefront.payments import service as payments
from storefront.payments.models import Payment, Refund
from tests.support import cast
from tests.support.rules import a_plan, a_policy
from tests.support.shopping import Shopper, a_shopper, deliver
from tests.support.threads import all_at_once

CROWD = 16

pytestmark = pytest.mark.own_app(database_pool_size=CROWD + 4)


@pytest.fixture(autouse=True)
def rules(app: Flask, clock: SettableClock) -> None:
    app.extensions["clock"] = clock
    a_policy()
    a_plan(hold_days=0)


def stocked(pieces: int) -> Variant:
    product = cast.a_product(price=1_999)
    with transaction() as session:
        location = Location(code="W", name_zh="仓", name_en="Warehouse")
        session.add(location)
        session.flush()
        variant = session.get_one(Product, product.id).variants[0]
        variant.stock_tracked = True
        session.add(StockLevel(variant_id=variant.id, location_id=location.id, on_hand=pieces))
    return variant


def crowd(app: Flask) -> list[Shopper]:
    return [a_shopper(app, phone=f"139001390{number:02}") for number in range(CROWD)]


def count(table: type[Any], *conditions: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0


def check_out(shopper: Shopper, cart: str, **options: Any) -> Callable[[], int]:
    return lambda: shopper.check_out(cart, **options).status_code


def test_the_last_piece_is_sold_to_exactly_one_of_a_crowd(app: Flask) -> None:
    variant = stocked(1)
    shoppers = crowd(app)
    carts = [shopper.fill_cart({variant: 1}) for shopper in shoppers]
    answers = all_at_once(
        app, [check_out(shopper, cart) for shopper, cart in zip(shoppers, carts, strict=True)]
    )
    assert Counter(answers) == {201: 1, 409: CROWD - 1}
    level = db.session.execute(sa.select(StockLevel.on_hand, StockLevel.reserved)).one()
    assert tuple(level) == (1, 1)
    assert count(StockHold) == count(Order) == 1


def test_a_crowd_gets_all_that_is_there_and_not_one_more(app: Flask) -> None:
    variant = stocked(CROWD - 5)
    shoppers = crowd(app)
    carts = [shopper.fill_cart({variant: 1}) for shopper in shoppers]
    answers = all_at_once(
        app, [check_out(shopper, cart) for shopper, cart in zip(shoppers, carts, strict=True)]
    )
    assert Counter(answers) == {201: CROWD - 5, 409: 5}


def same_request(app: Flask, shopper: Shopper, cart: str) -> Callable[[], tuple[int, bytes]]:
    """The shopper's own checkout with one and the same key, as a nervous phone sends it."""
    cookie = shopper.client.get_cookie(COOKIE_NAME)
    assert cookie is not None

    def send() -> tuple[int, bytes]:
        twin = a_shopper(app)
        twin.client.set_cookie(COOKIE_NAME, cookie.value)
        answer = twin.check_out(cart, key="one key")
        return answer.status_code, answer.data

    return send


def test_one_key_sent_by_a_crowd_places_one_order_with_one_answer(app: Flask) -> None:
    shopper = a_shopper(app)
    cart = shopper.fill_cart({cast.a_product().variants[0]: 1})
    send = same_request(app, shopper, cart)
    answers = all_at_once(app, [send] * CROWD)
    assert len(set(answers)) == 1
    assert isinstance(answers[0], tuple)
    assert answers[0][0] == 201
    assert count(Order) == 1


def test_one_notice_told_by_a_crowd_pays_once(app: Flask, clock: SettableClock) -> None:
    shopper = a_shopper(app)
    shopper.follow(cast.a_link(cast.a_shop()))
    notice = shopper.paid_notice(shopper.order({cast.a_product().variants[0]: 1}))
    answers = all_at_once(
        app, [lambda: deliver(app.test_client(), notice).get_data(as_text=True)] * CROWD
    )
    told = Counter(answers)
    assert sum(told.values()) == CROWD
    assert sum(number for text, number in told.items() if "applied" in str(text)) == 1
    assert count(Accrual) == 1
    assert count(Payment, Payment.captured_amount > 0) == 1


def test_paying_and_running_out_of_time_at_once_ends_paid_or_refunded(
    app: Flask, clock: SettableClock
) -> None:
    """Case 14: whoever comes first, the customer has the goods or the money."""
    variant = stocked(1)
    shopper = a_shopper(app)
    notice = shopper.paid_notice(shopper.order({variant: 1}))
    hold_ends = db.session.scalars(sa.select(Order.hold_expires_at)).one()
    all_at_once(
        app,
        [
            lambda: deliver(app.test_client(), notice).status_code,
            lambda: sales.expire_holds(hold_ends),
        ],
    )
    state = db.session.scalars(sa.select(Order.state)).one()
    reserved = db.session.scalars(sa.select(StockLevel.reserved)).one()
    refunded = db.session.scalar(sa.select(sa.func.sum(Refund.amount))) or 0
    assert (state, reserved, refunded) in (
        (OrderState.PAID, 1, 0),
        (OrderState.CANCELLED, 0, 1_999),
    )


def handed_over_sale(app: Flask, pieces: int = 10) -> dict[str, Any]:
    shopper = a_shopper(app)
    shopper.follow(cast.a_link(cast.a_shop()))
    order = shopper.buy({cast.a_product(price=1_000).variants[0]: pieces})
    sales.hand_over(order["id"], SYSTEM, now_of.now())
    return order


def test_returns_at_once_never_take_back_more_than_was_sold(
    app: Flask, clock: SettableClock
) -> None:
    order = handed_over_sale(app, pieces=10)

    def bring_back() -> int:
        try:
            sales.take_back(order["id"], {1: 3}, "", SYSTEM, clock.now())
        except Conflict:
            return 0
        return 3

    taken = all_at_once(app, [bring_back] * 8)
    assert sorted(taken, key=str) == [0] * 5 + [3] * 3
    assert db.session.scalar(sa.select(sa.func.sum(Refund.amount))) == 9_000
    assert db.session.scalars(sa.select(Accrual.reversed)).one() == 450


def test_two_payout_runs_at_once_claim_each_entry_once(app: Flask, clock: SettableClock) -> None:
    for _ in range(4):
        handed_over_sale(app)
    sales.release(clock.now())
    cutoff = clock.advance(timedelta(seconds=1))

    def draft() -> int:
        try:
            return sales.draft_payout(cutoff, SYSTEM, cutoff).total
        except Conflict:
            return 0

    totals = all_at_once(app, [draft] * 4)
    assert sum(total for total in totals if isinstance(total, int)) == 4 * 500, totals
    claimed = db.session.scalar(
        sa.select(sa.func.sum(LedgerEntry.amount)).where(LedgerEntry.payout_id.is_not(None))
    )
    assert claimed == db.session.scalar(sa.select(sa.func.sum(Payout.amount))) == 2_000
    assert db.session.scalar(sa.select(sa.func.sum(PayoutBatch.total))) == 2_000


def test_releases_at_once_release_each_accrual_once(app: Flask, clock: SettableClock) -> None:
    for _ in range(3):
        handed_over_sale(app)
    released = all_at_once(app, [lambda: sales.release(clock.now())] * 6)
    assert sum(number for number in released if isinstance(number, int)) == 3, released


# --- the twins: the same crowds without the protection ----------------------------------------


@pytest.mark.postgresql_only
def test_without_the_inbox_a_crowds_notice_would_be_applied_by_state_alone(
    app: Flask, clock: SettableClock
) -> None:
    """Take away inbox and guarded updates, and the crowd's notices no longer pass quietly."""
    shopper = a_shopper(app)
    shopper.follow(cast.a_link(cast.a_shop()))
    notice = shopper.paid_notice(shopper.order({cast.a_product().variants[0]: 1}))
    with (
        patch.object(inbox, "keep", lambda *_: True),
        patch.object(payments, "capture", lambda *_: True),
        patch.object(sales.handling, "mark_paid", lambda *_: True),
    ):
        answers = all_at_once(app, [lambda: deliver(app.test_client(), notice).status_code] * CROWD)
    assert Counter(answers) != {200: CROWD}


@pytest.mark.postgresql_only
def test_without_claiming_the_key_a_crowd_places_several_answers(app: Flask) -> None:
    shopper = a_shopper(app)
    cart = shopper.fill_cart({cast.a_product().variants[0]: 1})
    send = same_request(app, shopper, cart)
    with (
        patch.object(idempotency, "claim", lambda *_: True),
        patch.object(idempotency, "find_answer", lambda *_: None),
    ):
        answers = all_at_once(app, [send] * CROWD)
    assert len(set(answers)) > 1


@pytest.mark.postgresql_only
def test_without_the_condition_two_payout_runs_claim_an_entry_twice(
    app: Flask, clock: SettableClock
) -> None:
    handed_over_sale(app)
    sales.release(clock.now())
    cutoff = clock.advance(timedelta(seconds=1))

    def naive_draft() -> int:
        """Reads what is owed and writes it down, claiming nothing."""
        with transaction() as session:
            owed = LedgerEntry.__table__
            rows = session.execute(
                sa.select(owed.c.employee_id, sa.func.sum(owed.c.amount))
                .where(owed.c.account == "payable", owed.c.payout_id.is_(None), owed.c.at < cutoff)
                .group_by(owed.c.employee_id)
            ).all()
            return sum(int(amount) for _, amount in rows)

    totals = all_at_once(app, [naive_draft] * 4)
    assert sum(total for total in totals if isinstance(total, int)) > 500
