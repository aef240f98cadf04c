"""The coupon at the checkout: offered where there are any, said in the sums, paid by its total."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution.models import Credit
from storefront.catalog import prices
from storefront.catalog.models import Product
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.orders import coupon_guesses, coupons
from storefront.orders.models import Order
from storefront.shops.models import Shop
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.browser import Browser
from tests.support.couponing import a_coupon, ordered, uses_of
from tests.support.queries import recorded_queries

TYPED = {"name": "李雷", "phone": "138 0013-8000", "address": "上海市衡山路 1 号", "note": "慢点"}
APPLY, TAKE_OFF = "apply=1", "take_off=1"


@pytest.fixture
def teapot(shop: Shop) -> Product:
    product = cast.a_product("Teapot", price=1_999)
    cast.a_listing(shop, product)
    return product


@pytest.fixture
def at_checkout(browser: Browser, teapot: Product) -> Browser:
    """Two teapots in the cart: 39.98."""
    address = f"/s/fang/p/{teapot.public_id}"
    browser.get(address)
    browser.press(address, "then=checkout", quantity="2")
    return browser


def orders() -> list[Order]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Order).order_by(Order.id)))


def apply(browser: Browser, code: str, status: int = 200, **typed: str) -> str:
    """Type a code and press the button beside it; what the page says then."""
    browser.get("/checkout")
    return browser.press("/checkout", APPLY, status, typed={**TYPED, **typed}, coupon=code).text


def test_there_is_a_field_only_while_a_coupon_is_in_force(
    at_checkout: Browser, clock: SettableClock
) -> None:
    def is_offered() -> bool:
        return "coupon" in at_checkout.get("/checkout").form("/checkout").fields

    assert not is_offered()
    a_coupon("OVER", starts_at=clock.now() - timedelta(days=1), ends_at=clock.now())
    later = clock.now() + timedelta(hours=1)
    a_coupon("LATER", starts_at=later, ends_at=later + timedelta(hours=1))
    assert not is_offered()
    clock.advance(timedelta(hours=1))
    assert is_offered()
    clock.advance(timedelta(hours=1))
    assert not is_offered()
    coupon = a_coupon("ONCE", most_uses=1)
    assert is_offered()
    ordered({cast.a_product().variants[0]: 1}, coupon)
    assert not is_offered()
    coupon = a_coupon("GONE")
    assert is_offered()
    coupons.withdraw(coupon.public_id, SYSTEM, clock.now())
    assert not is_offered()


def test_a_coupon_is_typed_shown_in_the_sums_and_paid_with(at_checkout: Browser) -> None:
    coupon = a_coupon(amount_off=500)
    text = apply(at_checkout, "welcome")
    assert "Coupon · Ten days Remove WELCOME −CN¥5.00" in text
    assert "Goods CN¥39.98" in text
    assert "Place the order · CN¥34.98" in text
    kept = at_checkout.page.form("/checkout").fields
    assert {name: kept[name] for name in TYPED} == TYPED
    assert kept["expected_total"] == "3498"
    # It survives going back and coming again.
    assert "−CN¥5.00" in at_checkout.get("/checkout").text
    page = at_checkout.press("/checkout", typed=TYPED)
    assert at_checkout.address.startswith("/o/")
    assert "Coupon · Ten days −CN¥5.00" in page.text
    assert "2 × CN¥19.99 CN¥39.98" in page.text
    assert "Pay CN¥34.98" in page.text
    assert [(order.total, order.discount_total) for order in orders()] == [(3_498, 500)]
    assert uses_of(coupon) == (1, 1)
    assert broken() == set()


def test_it_is_said_in_chinese_too(app: Flask, teapot: Product) -> None:
    a_coupon()
    browser = Browser(app.test_client(), "zh")
    browser.get(f"/p/{teapot.public_id}")
    browser.press(f"/p/{teapot.public_id}", "then=checkout")
    text = browser.press("/checkout", APPLY, typed=TYPED, coupon="WELCOME").text
    assert "优惠 · 优惠 移除 WELCOME −¥2.00" in text
    browser.press("/checkout", TAKE_OFF)
    assert "没有这个优惠码" in browser.press("/checkout", APPLY, 409, coupon="NEVER").text


def test_it_is_taken_off_again(at_checkout: Browser) -> None:
    coupon = a_coupon()
    apply(at_checkout, "WELCOME")
    page = at_checkout.press("/checkout", TAKE_OFF)
    assert "Place the order · CN¥39.98" in page.text
    assert page.form("/checkout").fields["name"] == "李雷"
    at_checkout.press("/checkout")
    assert [order.total for order in orders()] == [3_998]
    assert uses_of(coupon) == (0, 0)


def test_a_code_typed_without_pressing_its_button_counts_and_the_new_total_is_shown_first(
    at_checkout: Browser,
) -> None:
    a_coupon()
    at_checkout.get("/checkout")
    page = at_checkout.press("/checkout", typed=TYPED, coupon="welcome")
    assert orders() == []
    assert "Place the order · CN¥35.98" in page.text
    at_checkout.press("/checkout")
    assert [order.total for order in orders()] == [3_598]


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (None, "We do not know this coupon"),
        ({"least_spend": 5_000}, "Add CN¥10.02 of what this coupon is for"),
        ({"days": 2}, "This coupon works from 4 Mar 2026, 10:00 on."),
        ({"days": -20}, "This coupon is over"),
        ({"brands": True}, "This coupon is for other goods"),
        ({"used_up": True, "most_uses": 1}, "This coupon has been used up"),
        ({"used": True}, "This phone number has used the coupon before"),
        ({"basis_points": 1}, "There is nothing to take off an order this small"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_with_what_to_do(
    at_checkout: Browser, clock: SettableClock, terms: dict[str, Any] | None, words: str
) -> None:
    a_coupon("ANOTHER")
    if terms is not None:
        terms = dict(terms)
        days = timedelta(days=terms.pop("days", 0))
        used, used_up = terms.pop("used", False), terms.pop("used_up", False)
        if "brands" in terms:
            terms["brands"] = [cast.a_brand("RUGS").public_id]
        now = clock.now() + days
        coupon = a_coupon("TYPED", starts_at=now, ends_at=now + timedelta(days=10), **terms)
        if used or used_up:
            phone = "+8613800138000" if used else "+8613900000009"
            ordered({cast.a_product().variants[0]: 1}, coupon, phone=phone)
    before = len(orders())
    text = apply(at_checkout, "typed", 409)
    # In the summary, and at the field.
    assert text.count(words) == 2
    page = at_checkout.page
    assert page.title.startswith("Error: ")
    assert "#coupon" in page.links
    field = page.form("/checkout").attributes["coupon"]
    assert (field["value"], field["aria-invalid"]) == ("typed", "true")
    assert page.form("/checkout").fields["note"] == TYPED["note"]
    assert page.form("/checkout").fields["expected_total"] == "3998"
    assert len(orders()) == before


def test_nothing_typed_is_said(at_checkout: Browser) -> None:
    a_coupon()
    assert "Enter a coupon" in apply(at_checkout, " ", 422)


def test_used_by_this_phone_before_is_found_when_ordering_at_the_latest(
    at_checkout: Browser, teapot: Product
) -> None:
    coupon = a_coupon()
    ordered({teapot.variants[0]: 1}, coupon, phone="+8613800138000")
    assert "CN¥35.98" in apply(at_checkout, "WELCOME", phone="")
    page = at_checkout.press("/checkout", status=409, typed=TYPED)
    assert "This phone number has used the coupon before" in page.text
    assert "Place the order · CN¥39.98" in page.text
    assert len(orders()) == 1
    at_checkout.press("/checkout", TAKE_OFF)
    at_checkout.press("/checkout")
    assert [order.total for order in orders()] == [1_799, 3_998]


def test_a_coupon_that_was_withdrawn_meanwhile_orders_nothing_at_another_price(
    at_checkout: Browser, clock: SettableClock
) -> None:
    coupon = a_coupon()
    apply(at_checkout, "WELCOME")
    form = at_checkout.page
    coupons.withdraw(coupon.public_id, SYSTEM, clock.now())
    assert "This coupon is over" in at_checkout.get("/checkout").text
    at_checkout.page = form
    page = at_checkout.press("/checkout", status=409)
    assert page.text.count("This coupon is over") == 2
    assert "Place the order · CN¥39.98" in page.text
    assert orders() == []
    # Who reads that and orders all the same orders without it.
    at_checkout.press("/checkout")
    assert [(order.total, order.coupon_id) for order in orders()] == [(3_998, None)]


def test_a_price_that_changed_shows_the_total_with_the_coupon(
    at_checkout: Browser, teapot: Product, clock: SettableClock
) -> None:
    a_coupon()
    apply(at_checkout, "WELCOME")
    prices.change(teapot.variants[0].public_id, 2_500, "dearer", SYSTEM, clock.now())
    page = at_checkout.press("/checkout", status=409)
    assert "the total is now CN¥45.00" in page.text
    at_checkout.press("/checkout")
    assert [order.total for order in orders()] == [4_500]


def test_an_employees_code_credits_them_and_takes_nothing_off(
    at_checkout: Browser, teapot: Product
) -> None:
    a_coupon()
    bo = cast.a_link(cast.a_shop(title="波的店"))
    text = apply(at_checkout, bo.code)
    assert "Thank you: 波的店 is credited with this order." in text
    assert "Place the order · CN¥39.98" in text
    assert at_checkout.page.form("/checkout").fields["coupon"] == ""
    # A coupon may be used all the same.
    assert "CN¥35.98" in apply(at_checkout, "WELCOME")
    at_checkout.press("/checkout")
    (order,) = orders()
    trade.pay(_placed(order))
    assert db.session.scalars(sa.select(Credit.employee_id)).all() == [bo.employee_id]
    assert broken() == set()


def _placed(order: Order) -> Any:
    return order


def test_too_many_wrong_codes_are_told_to_wait_and_can_still_order(at_checkout: Browser) -> None:
    a_coupon()
    at_checkout.get("/checkout")
    for number in range(coupon_guesses.PER_VISITOR):
        at_checkout.press("/checkout", APPLY, 409, coupon=f"GUESS{number}")
    text = apply(at_checkout, "WELCOME", 429)
    assert "Try again in 60 minutes, or leave the field empty." in text
    at_checkout.press("/checkout", typed=TYPED, coupon="")
    assert [order.total for order in orders()] == [3_998]


def test_who_was_told_that_a_code_does_not_count_may_order_without_it(
    at_checkout: Browser,
) -> None:
    a_coupon()
    at_checkout.get("/checkout")
    page = at_checkout.press("/checkout", status=409, typed=TYPED, coupon="NEVER")
    assert "Place the order · CN¥39.98" in page.text
    # Another code is looked at all the same.
    at_checkout.press("/checkout", status=409, coupon="OTHER")
    assert orders() == []
    at_checkout.press("/checkout")
    assert [order.total for order in orders()] == [3_998]


@pytest.mark.parametrize("code", ["\0", "x" * 5_000, "<b>BOLD</b>", "'; --", "优惠"])
def test_a_strange_code_is_unknown(at_checkout: Browser, code: str) -> None:
    a_coupon()
    page = at_checkout.get("/checkout")
    data = {**page.form("/checkout").fields, "coupon": code, "apply": "1"}
    answer = at_checkout.client.post("/checkout", data=data)
    assert answer.status_code in {409, 422}
    assert "<b>BOLD</b>" not in answer.text


def test_a_strangers_cart_takes_no_coupon(app: Flask, at_checkout: Browser) -> None:
    a_coupon()
    fields = at_checkout.get("/checkout").form("/checkout").fields
    stranger = app.test_client()
    for more in ({"coupon": "WELCOME", "apply": "1"}, {"take_off": "1"}):
        assert stranger.post("/checkout", data={**fields, **more}).status_code == 404


def test_pressed_after_the_order_was_placed_leads_to_the_order(at_checkout: Browser) -> None:
    a_coupon()
    page = at_checkout.get("/checkout")
    at_checkout.press("/checkout", typed=TYPED)
    first = at_checkout.address
    at_checkout.page = page
    at_checkout.press("/checkout", APPLY, coupon="WELCOME")
    assert at_checkout.address == first


def test_a_coupon_in_the_cart_costs_no_more_than_to_look_for_one(at_checkout: Browser) -> None:
    a_coupon()
    for code in ("", "WELCOME"):
        if code:
            apply(at_checkout, code)
        with recorded_queries() as queries:
            at_checkout.get("/checkout")
        assert len(queries) == 6, "whether there is a coupon, or which one is in the cart"


def test_my_orders_and_the_page_of_the_order_tell_what_is_paid(at_checkout: Browser) -> None:
    a_coupon()
    apply(at_checkout, "WELCOME")
    at_checkout.press("/checkout")
    (order,) = orders()
    trade.pay(_placed(order))
    page = at_checkout.get(f"/o/{order.secret}")
    assert "−CN¥4.00" in page.text
    assert "Total CN¥35.98" in page.text
