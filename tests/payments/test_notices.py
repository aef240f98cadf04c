"""What gateways tell: believed only if signed and fresh, kept once, applied in any order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import duties, sales
from storefront.catalog.models import Product, Variant
from storefront.commissions import book
from storefront.core import jobs
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.integrations.payments.sandbox import SIGNATURE_HEADER, SignedNotice
from storefront.orders.models import Order
from storefront.payments.models import GatewayEvent, Payment, Refund
from tests.support import cast
from tests.support.rules import a_plan, a_policy
from tests.support.shopping import Shopper, a_shopper, deliver, sandbox_of


@pytest.fixture
def white(app: Flask) -> Variant:
    a_policy()
    a_plan()
    product: Product = cast.a_product(price=1_999)
    return product.variants[0]


@pytest.fixture
def shopper(app: Flask, white: Variant) -> Shopper:
    shopper = a_shopper(app)
    shopper.follow(cast.a_link(cast.a_shop()))
    return shopper


def rewritten(
    shop: Flask, notice: SignedNotice, clock: SettableClock, **changed: Any
) -> SignedNotice:
    """The notice with other contents, properly signed."""
    return sandbox_of(shop).signed({**orjson.loads(notice.body), **changed}, clock.now())


def order_state(order: dict[str, Any]) -> str:
    return (
        db.session.scalars(sa.select(Order.state).where(Order.public_id == order["id"])).one().value
    )


def event_state() -> tuple[str, str]:
    event = db.session.scalars(sa.select(GatewayEvent)).one()
    return event.state.value, event.problem


def refunds() -> list[tuple[str, int, str]]:
    rows = db.session.scalars(sa.select(Refund).order_by(Refund.id))
    return [(row.reason.value, row.amount, row.state.value) for row in rows]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", 1),
        ("amount", 2_000),
        ("currency", "USD"),
        ("merchant", "somebody-else"),
        ("app", "another-app"),
    ],
)
def test_an_authentic_notice_that_contradicts_us_is_set_aside(
    app: Flask, shopper: Shopper, white: Variant, clock: SettableClock, field: str, value: object
) -> None:
    order = shopper.order({white: 1})
    notice = rewritten(app, shopper.paid_notice(order), clock, **{field: value})
    assert deliver(shopper.client, notice).json == {"outcome": "set_aside"}
    assert order_state(order) == "awaiting_payment"
    state, problem = event_state()
    assert state == "set_aside"
    assert field in problem


def test_a_notice_for_another_order_pays_that_order_only(
    app: Flask, shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    small, large = shopper.order({white: 1}), shopper.order({white: 3})
    reference = orjson.loads(shopper.paid_notice(large).body)["reference"]
    notice = rewritten(app, shopper.paid_notice(small), clock, reference=reference)
    assert deliver(shopper.client, notice).json == {"outcome": "set_aside"}
    assert (order_state(small), order_state(large)) == ("awaiting_payment",) * 2


def test_a_notice_without_its_signature_is_not_believed(
    app: Flask, shopper: Shopper, white: Variant
) -> None:
    order = shopper.order({white: 1})
    notice = shopper.paid_notice(order)
    good = notice.headers[SIGNATURE_HEADER]
    for signature in ("", "t=1", good[:-1] + ("0" if good[-1] != "0" else "1"), good + ",v1=x"):
        answer = deliver(shopper.client, SignedNotice(notice.body, {SIGNATURE_HEADER: signature}))
        assert answer.status_code == 401, signature
        assert answer.json is not None
        assert answer.json["code"] == "notice_refused"
    assert deliver(shopper.client, SignedNotice(notice.body, {})).status_code == 401
    assert order_state(order) == "awaiting_payment"


def test_a_body_that_was_written_anew_is_not_believed(shopper: Shopper, white: Variant) -> None:
    notice = shopper.paid_notice(shopper.order({white: 1}))
    spaced = notice.body.replace(b":", b": ")
    assert deliver(shopper.client, SignedNotice(spaced, notice.headers)).status_code == 401


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-299, 200), (299, 200), (301, 401)])
def test_a_notice_is_fresh_for_five_minutes_both_ways(
    shopper: Shopper, white: Variant, clock: SettableClock, seconds: int, status: int
) -> None:
    notice = shopper.paid_notice(shopper.order({white: 1}))
    clock.advance(timedelta(seconds=seconds))
    assert deliver(shopper.client, notice).status_code == status


def test_a_repeated_notice_is_kept_and_applied_once(
    app: Flask, shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    order = shopper.order({white: 1})
    notice = shopper.paid_notice(order)
    outcomes = [deliver(shopper.client, notice).json for _ in range(3)]
    assert outcomes == [{"outcome": "applied"}, *[{"outcome": "without_effect"}] * 2]
    anew = rewritten(app, notice, clock, event_id="evt_another")
    assert deliver(shopper.client, anew).json == {"outcome": "without_effect"}
    assert jobs.run_due(clock.now()) == 1, "one receipt"
    assert refunds() == []


def test_a_notice_that_comes_before_what_it_is_about_waits_and_is_applied_with_its_seller(
    app: Flask, shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    order = shopper.order({white: 1})
    notice = shopper.paid_notice(order)
    reference = orjson.loads(notice.body)["reference"]
    # As if the order's own transaction had not been committed yet.
    hide = sa.update(Payment).values(reference="not committed yet")
    with db.engine.begin() as elsewhere:
        elsewhere.execute(hide)
    assert deliver(shopper.client, notice).json == {"outcome": "waiting"}
    with db.engine.begin() as elsewhere:
        elsewhere.execute(sa.update(Payment).values(reference=reference))
    clock.advance(timedelta(seconds=6))
    duties.apply_waiting_events(clock.now())
    assert order_state(order) == "paid"
    seller = db.session.scalars(sa.select(book._entries.c.employee_id).distinct()).one()
    assert book.balance_of(seller).held == 100


def test_a_lost_notice_is_asked_for(shopper: Shopper, white: Variant, clock: SettableClock) -> None:
    order = shopper.order({white: 1})
    shopper.paid_notice(order)
    clock.advance(timedelta(minutes=3))
    duties.ask_for_lost_notices(clock.now())
    assert order_state(order) == "paid"


def test_money_for_a_cancelled_order_goes_back_by_itself_once(
    shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    order = shopper.order({white: 1})
    notice = shopper.paid_notice(order)
    sales.cancel_by_secret(order["key"], clock.now())
    for _ in range(2):
        deliver(shopper.client, notice)
    jobs.run_due(clock.now())
    assert order_state(order) == "cancelled"
    assert refunds() == [("late_payment", 1_999, "paid_back")]


def test_a_paid_notice_after_the_full_refund_changes_nothing(
    app: Flask, shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    order = shopper.order({white: 1})
    notice = shopper.paid_notice(order)
    deliver(shopper.client, notice)
    sales.hand_over(order["id"], SYSTEM, clock.now())
    sales.take_back(order["id"], {1: 1}, "broken", SYSTEM, clock.now())
    jobs.run_due(clock.now())
    clock.advance(timedelta(hours=2))
    anew = rewritten(app, notice, clock, event_id="evt_late")
    assert deliver(shopper.client, anew).json == {"outcome": "without_effect"}
    assert refunds() == [("return", 1_999, "paid_back")]


def test_a_declined_payment_can_be_tried_again_and_money_on_both_is_kept_once(
    app: Flask, shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    order = shopper.order({white: 1})
    first = shopper.paid_notice(order)
    declined = rewritten(app, first, clock, kind="failed", event_id="evt_declined")
    assert deliver(shopper.client, declined).json == {"outcome": "applied"}
    second = shopper.paid_notice(order)
    assert orjson.loads(second.body)["reference"] != orjson.loads(first.body)["reference"]
    for notice in (second, first):
        assert deliver(shopper.client, notice).json == {"outcome": "applied"}
    assert refunds() == [("surplus_payment", 1_999, "waiting")]


def test_when_one_attempt_has_paid_the_other_is_given_up(
    app: Flask, shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    order = shopper.order({white: 1})
    first = shopper.paid_notice(order)
    declined = rewritten(app, first, clock, kind="failed", event_id="evt_declined")
    deliver(shopper.client, declined)
    shopper.paid_notice(order)
    deliver(shopper.client, first)
    states = db.session.scalars(sa.select(Payment.state).order_by(Payment.id)).all()
    assert [state.value for state in states] == ["captured", "closed"]


def test_a_notice_too_long_to_be_one_is_not_read(shopper: Shopper) -> None:
    answer = deliver(shopper.client, SignedNotice(b"x" * 65_537, {}))
    assert answer.status_code == 413


def test_there_is_no_such_gateway(shopper: Shopper) -> None:
    answer = shopper.client.post("/api/v1/partner/gateways/none/notices", data=b"{}")
    assert answer.status_code == 404
