"""The shopper's API: carts, checkout, the order's key."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog import prices
from storefront.catalog.models import Product, Variant
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.orders.models import Order
from tests.support import cast
from tests.support.rules import a_plan, a_policy
from tests.support.shopping import Shopper, a_shopper


@pytest.fixture
def teapot(app: Flask) -> Product:
    a_policy()
    a_plan()
    return cast.a_product(price=1_999, more_prices=(2_500,))


@pytest.fixture
def shopper(app: Flask) -> Shopper:
    return a_shopper(app)


@pytest.fixture
def white(teapot: Product) -> Variant:
    return teapot.variants[0]


def orders() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Order)) or 0


def test_a_cart_shows_the_catalogues_prices(
    shopper: Shopper, white: Variant, teapot: Product
) -> None:
    cart = shopper.fill_cart({white: 3, teapot.variants[1]: 1})
    shown = shopper.client.get(f"/api/v1/shopper/carts/{cart}").json
    assert shown is not None
    assert [line["net"]["amount"] for line in shown["lines"]] == [5_997, 2_500]
    assert shown["total"] == {"amount": 8_497, "currency": "CNY"}


def test_lines_are_changed_and_taken_out(shopper: Shopper, white: Variant, teapot: Product) -> None:
    cart = shopper.fill_cart({white: 3, teapot.variants[1]: 1})
    change = {"lines": [{"variant": white.public_id, "quantity": 0}]}
    changed = shopper.client.patch(f"/api/v1/shopper/carts/{cart}", json=change)
    assert changed.json is not None
    assert changed.json["total"]["amount"] == 2_500


@pytest.mark.parametrize("quantity", [0, -5, 10**9, 1.5, "2", None, True])
def test_a_quantity_that_is_none_is_refused(
    shopper: Shopper, white: Variant, quantity: object
) -> None:
    lines = [{"variant": white.public_id, "quantity": quantity}]
    answer = shopper.client.post("/api/v1/shopper/carts", json={"lines": lines})
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "invalid_fields"
    assert "quantity" in str(answer.json["errors"])


def test_a_price_cannot_be_sent(shopper: Shopper, white: Variant) -> None:
    lines = [{"variant": white.public_id, "quantity": 1, "price": 1}]
    answer = shopper.client.post("/api/v1/shopper/carts", json={"lines": lines})
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"]["json"]["lines"]["0"]["price"] == ["Unknown field."]


def test_unknown_and_repeated_goods_are_refused(shopper: Shopper, white: Variant) -> None:
    for lines, code in (
        ([{"variant": "var_nothing", "quantity": 1}], "unknown_variant"),
        ([{"variant": white.public_id, "quantity": 1}] * 2, "repeated_variant"),
    ):
        answer = shopper.client.post("/api/v1/shopper/carts", json={"lines": lines})
        assert answer.status_code == 422
        assert answer.json is not None
        assert answer.json["code"] == code


def test_another_browsers_cart_cannot_be_seen_changed_or_ordered(
    app: Flask, shopper: Shopper, white: Variant
) -> None:
    cart = shopper.fill_cart({white: 1})
    stranger = a_shopper(app)
    line = {"variant": white.public_id, "quantity": 2}
    answers = [
        stranger.client.get(f"/api/v1/shopper/carts/{cart}"),
        stranger.client.patch(f"/api/v1/shopper/carts/{cart}", json={"lines": [line]}),
        stranger.check_out(cart),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert {answer.json["code"] for answer in answers if answer.json} == {"cart_not_found"}
    assert orders() == 0


def test_a_cart_is_ordered_once(shopper: Shopper, white: Variant) -> None:
    cart = shopper.fill_cart({white: 1})
    first = shopper.check_out(cart)
    again = shopper.check_out(cart)
    assert (first.status_code, again.status_code) == (201, 409)
    assert first.json is not None
    assert again.json is not None
    assert again.json["code"] == "cart_already_ordered"
    assert again.json["order"] == first.json["id"]


def test_an_empty_cart_is_not_ordered(shopper: Shopper) -> None:
    answer = shopper.check_out(shopper.fill_cart({}))
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "cart_empty"


def test_the_price_at_the_order_counts_and_a_changed_one_is_told(
    shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    cart = shopper.fill_cart({white: 2})
    prices.change(white.public_id, 2_100, "dearer clay", SYSTEM, clock.now())
    refused = shopper.check_out(cart, expected_total=3_998)
    assert refused.status_code == 409
    assert refused.json is not None
    assert (refused.json["code"], refused.json["total"]) == ("price_changed", 4_200)
    assert orders() == 0, "nothing half done: the same cart can be ordered"
    placed = shopper.check_out(cart, expected_total=4_200)
    assert placed.status_code == 201


def test_a_price_changed_after_the_order_changes_nothing(
    shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    order = shopper.order({white: 2})
    prices.change(white.public_id, 1, "a mistake", SYSTEM, clock.now())
    shopper.pay(order)
    assert shopper.look_at(order)["total"]["amount"] == 3_998


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"phone": "hello"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"address": "\x00"}, "address"),
        ({"total": 1}, "total"),
        ({"employee": "emp_1"}, "employee"),
        ({"discount": 1}, "discount"),
    ],
)
def test_wrong_and_unknown_fields_are_named(
    shopper: Shopper, white: Variant, fields: dict[str, Any], field: str
) -> None:
    answer = shopper.check_out(shopper.fill_cart({white: 1}), **fields)
    assert answer.status_code == 422
    assert answer.json is not None
    assert field in answer.json["errors"]["json"]
    assert orders() == 0


def test_the_same_key_and_body_place_one_order_and_get_one_answer(
    shopper: Shopper, white: Variant
) -> None:
    cart = shopper.fill_cart({white: 1})
    answers = [shopper.check_out(cart, key="a key") for _ in range(3)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert orders() == 1


def test_the_same_key_with_another_body_is_refused(shopper: Shopper, white: Variant) -> None:
    cart = shopper.fill_cart({white: 1})
    shopper.check_out(cart, key="a key")
    other = shopper.check_out(cart, key="a key", name="韩梅梅")
    assert other.status_code == 422
    assert other.json is not None
    assert other.json["code"] == "idempotency_key_reused"


def test_a_key_is_the_callers_own(app: Flask, shopper: Shopper, white: Variant) -> None:
    shopper.check_out(shopper.fill_cart({white: 1}), key="a key")
    stranger = a_shopper(app, phone="13700137000")
    answer = stranger.check_out(stranger.fill_cart({white: 1}), key="a key")
    assert answer.status_code == 201
    assert orders() == 2


def test_a_refused_request_may_be_sent_again_with_its_key(
    shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    cart = shopper.fill_cart({white: 1})
    assert shopper.check_out(cart, key="a key", expected_total=1).status_code == 409
    prices.change(white.public_id, 1, "now it is", SYSTEM, clock.now())
    assert shopper.check_out(cart, key="a key", expected_total=1).status_code == 201


def test_an_orders_number_opens_nothing(shopper: Shopper, white: Variant) -> None:
    order = shopper.order({white: 1})
    for guess in (order["number"], order["id"], "1"):
        assert shopper.client.get(f"/api/v1/shopper/orders/{guess}").status_code == 404


def test_payment_is_asked_for_as_often_as_needed_and_stays_the_same(
    shopper: Shopper, white: Variant
) -> None:
    order = shopper.order({white: 1})
    address = f"/api/v1/shopper/orders/{order['key']}/payment"
    first, again = (shopper.client.post(address).json for _ in range(2))
    assert first == again


def test_after_the_hold_has_run_out_there_is_nothing_to_pay(
    shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    order = shopper.order({white: 1})
    clock.advance(timedelta(minutes=15))
    answer = shopper.client.post(f"/api/v1/shopper/orders/{order['key']}/payment")
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["code"] == "hold_expired"
    assert sales.expire_holds(clock.now()) == 1
    shown = shopper.look_at(order)
    assert (shown["state"], shown["cancel_reason"]) == ("cancelled", "not_paid_in_time")


def test_a_customer_cancels_until_the_goods_are_handed_over(
    shopper: Shopper, white: Variant, clock: SettableClock
) -> None:
    kept, given_up = (shopper.buy({white: 1}) for _ in range(2))
    cancelled = shopper.client.post(f"/api/v1/shopper/orders/{given_up['key']}/cancel")
    assert cancelled.json is not None
    assert cancelled.json["state"] == "cancelled"
    assert cancelled.json["refunded"]["amount"] == 1_999
    sales.hand_over(kept["id"], SYSTEM, clock.now())
    refused = shopper.client.post(f"/api/v1/shopper/orders/{kept['key']}/cancel")
    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["code"] == "order_not_cancellable"


def test_another_sites_page_cannot_order_for_the_visitor(shopper: Shopper, white: Variant) -> None:
    answer = shopper.client.post(
        "/api/v1/shopper/carts", json={"lines": []}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["code"] == "foreign_page"
