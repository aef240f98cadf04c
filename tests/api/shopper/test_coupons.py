"""A coupon on a cart, for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from storefront.catalog.models import Variant
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.orders import coupon_guesses, coupons
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.couponing import a_coupon, uses_of
from tests.support.shopping import Shopper, a_shopper

CARTS = "/api/v1/shopper/carts"


@pytest.fixture
def lamp(app: Flask, clock: SettableClock) -> Variant:
    trade.open_for_trade()
    return cast.a_product(price=1_999).variants[0]


@pytest.fixture
def shopper(app: Flask) -> Shopper:
    return a_shopper(app)


def put(shopper: Shopper, cart: str, code: str) -> TestResponse:
    return shopper.client.put(f"{CARTS}/{cart}/coupon", json={"code": code})


def look(shopper: Shopper, cart: str) -> dict[str, Any]:
    return shopper.client.get(f"{CARTS}/{cart}").get_json()


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_coupon_is_put_on_remembered_paid_with_and_shown(shopper: Shopper, lamp: Variant) -> None:
    coupon = a_coupon(amount_off=1_000)
    cart = shopper.fill_cart({lamp: 2})
    assert look(shopper, cart)["coupon"] is None
    answer = put(shopper, cart, " welcome ")
    assert answer.status_code == 200, answer.text
    assert answer.json == look(shopper, cart)
    name = {"zh": "优惠", "en": "Ten days"}
    assert look(shopper, cart)["coupon"] == {"code": "WELCOME", "name": name, "refused": None}
    assert look(shopper, cart)["discount"]["amount"] == 1_000
    assert look(shopper, cart)["total"]["amount"] == 2_998
    placed = shopper.check_out(cart, expected_total=2_998).get_json()
    assert placed["total"]["amount"] == 2_998
    shopper.pay(placed)
    order = shopper.look_at(placed)
    assert (order["state"], order["coupon"]) == ("paid", {"code": "WELCOME", "name": name})
    assert order["discount"]["amount"] == 1_000
    assert [(line["discount"]["amount"], line["net"]["amount"]) for line in order["lines"]] == [
        (1_000, 2_998)
    ]
    assert uses_of(coupon) == (1, 1)
    assert broken() == set()


def test_it_is_taken_off_again(shopper: Shopper, lamp: Variant) -> None:
    a_coupon()
    cart = shopper.fill_cart({lamp: 1})
    put(shopper, cart, "WELCOME")
    answer = shopper.client.delete(f"{CARTS}/{cart}/coupon")
    assert (answer.get_json()["coupon"], answer.get_json()["total"]["amount"]) == (None, 1_999)
    order = shopper.look_at(shopper.check_out(cart).get_json())
    assert (order["coupon"], order["discount"]["amount"]) == (None, 0)


def test_what_takes_nothing_off_is_refused_with_the_reason(
    shopper: Shopper, lamp: Variant, clock: SettableClock
) -> None:
    a_coupon("LEAST", least_spend=5_000)
    later = clock.now() + timedelta(days=1)
    a_coupon("LATER", starts_at=later, ends_at=later + timedelta(days=1))
    cart = shopper.fill_cart({lamp: 1})
    least = put(shopper, cart, "LEAST")
    assert problem_of(least) == (409, "coupon_least_spend")
    assert least.get_json()["missing"] == 3_001
    assert problem_of(put(shopper, cart, "LATER")) == (409, "coupon_not_yet")
    assert problem_of(put(shopper, cart, "NEVER")) == (404, "coupon_unknown")
    assert look(shopper, cart)["coupon"] is None


def test_a_coupon_that_no_longer_fits_is_named_and_not_silently_left_out(
    shopper: Shopper, lamp: Variant, clock: SettableClock
) -> None:
    coupon = a_coupon()
    cart = shopper.fill_cart({lamp: 1})
    put(shopper, cart, "WELCOME")
    coupons.withdraw(coupon.public_id, SYSTEM, clock.now())
    assert look(shopper, cart)["coupon"]["refused"] == "coupon_over"
    assert look(shopper, cart)["total"]["amount"] == 1_999
    assert problem_of(shopper.check_out(cart)) == (409, "coupon_over")
    shopper.client.delete(f"{CARTS}/{cart}/coupon")
    assert shopper.check_out(cart).status_code == 201


def test_a_second_order_of_the_same_phone_is_refused(
    app: Flask, shopper: Shopper, lamp: Variant
) -> None:
    a_coupon()
    for each, expected in ((shopper, 201), (a_shopper(app), 409)):
        cart = each.fill_cart({lamp: 1})
        assert put(each, cart, "WELCOME").status_code == 200
        assert each.check_out(cart).status_code == expected


def test_codes_cannot_be_found_by_trying(
    app: Flask, shopper: Shopper, lamp: Variant, clock: SettableClock
) -> None:
    a_coupon()
    cart = shopper.fill_cart({lamp: 1})
    for number in range(coupon_guesses.PER_VISITOR):
        # The right one in between costs nothing.
        assert put(shopper, cart, "WELCOME").status_code == 200
        assert problem_of(put(shopper, cart, f"GUESS{number}")) == (404, "coupon_unknown")
    answer = put(shopper, cart, "WELCOME")
    assert problem_of(answer) == (429, "too_many_coupons")
    assert answer.headers["Retry-After"] == "3600"
    # Another visitor is not held up, until too many of one address have tried.
    stranger = a_shopper(app)
    assert put(stranger, stranger.fill_cart({lamp: 1}), "WELCOME").status_code == 200
    clock.advance(timedelta(hours=1))
    assert put(shopper, cart, "WELCOME").status_code == 200


def test_a_new_cookie_does_not_buy_new_tries_for_ever(app: Flask, lamp: Variant) -> None:
    a_coupon()
    left = coupon_guesses.PER_CALLER
    while left > 0:
        stranger = a_shopper(app)
        cart = stranger.fill_cart({lamp: 1})
        for _ in range(min(left, coupon_guesses.PER_VISITOR)):
            assert put(stranger, cart, "GUESS").status_code == 404
            left -= 1
    stranger = a_shopper(app)
    answer = put(stranger, stranger.fill_cart({lamp: 1}), "WELCOME")
    assert problem_of(answer) == (429, "too_many_coupons")


def test_a_strangers_cart_is_nobodys_business(app: Flask, shopper: Shopper, lamp: Variant) -> None:
    a_coupon()
    cart = shopper.fill_cart({lamp: 1})
    stranger = a_shopper(app)
    assert problem_of(put(stranger, cart, "WELCOME")) == (404, "cart_not_found")
    answer = stranger.client.delete(f"{CARTS}/{cart}/coupon")
    assert problem_of(answer) == (404, "cart_not_found")
    shopper.check_out(cart)
    assert problem_of(put(shopper, cart, "WELCOME")) == (409, "cart_already_ordered")
