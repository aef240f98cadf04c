"""Checking out: what was typed stays, what went wrong is said, and an order is placed once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.catalog import prices, products, variants
from storefront.catalog.models import Product
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db
from storefront.orders.models import Cart, Order
from storefront.shops.models import Shop
from tests.support import cast
from tests.support.browser import Browser
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once

TYPED = {
    "name": " 李雷 ",
    "phone": "138 0013-8000",
    "address": "上海市衡山路 1 号\r\n302 室",
    "note": "",
}


@pytest.fixture
def teapot(shop: Shop) -> Product:
    """Five teapots, in the shop."""
    product = cast.a_product("Teapot", price=1999, stock=5)
    cast.a_listing(shop, product)
    return product


@pytest.fixture
def at_checkout(browser: Browser, teapot: Product) -> Browser:
    """Two teapots in the cart, and the form on the screen."""
    return to_checkout(browser, teapot, "2")


def to_checkout(browser: Browser, product: Product, quantity: str) -> Browser:
    address = f"/s/fang/p/{product.public_id}"
    browser.get(address)
    browser.press(address, "then=checkout", quantity=quantity)
    assert browser.address.startswith("/checkout")
    return browser


def orders() -> list[Order]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Order).order_by(Order.id)))


def test_a_guest_orders_with_three_fields(at_checkout: Browser) -> None:
    page = at_checkout.press("/checkout", typed=TYPED)
    (order,) = orders()
    assert at_checkout.address == f"/o/{order.secret}"
    assert "Waiting for your payment" in page.text
    assert (order.contact_name, order.contact_phone) == ("李雷", "+8613800138000")
    assert order.address == "上海市衡山路 1 号\n302 室"
    assert order.language == "en"
    assert order.total == 3998
    assert "Your cart is empty" in at_checkout.get("/cart").text


def test_the_form_helps_to_be_filled_in(at_checkout: Browser) -> None:
    fields = at_checkout.page.form("/checkout").attributes
    tokens = {name: fields[name].get("autocomplete") for name in ("name", "phone", "address")}
    assert tokens == {"name": "name", "phone": "tel", "address": "street-address"}
    labels = {each.get("for") for each in at_checkout.page.all("label")}
    assert {"name", "phone", "address", "note"} <= labels
    assert fields["phone"]["type"] == "tel"
    assert "CN¥39.98" in at_checkout.page.text


def test_the_form_is_kept_by_nobody(at_checkout: Browser) -> None:
    headers = at_checkout.answer.headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"


def test_nothing_filled_in_is_said_field_by_field(at_checkout: Browser) -> None:
    page = at_checkout.press("/checkout", status=422)
    assert page.title.startswith("Error: ")
    assert "There is a problem" in page.text
    for field, words in (
        ("name", "Enter your name"),
        ("phone", "Enter your phone number"),
        ("address", "Enter your delivery address"),
    ):
        # In the summary, and at the field.
        assert page.text.count(words) == 2
        assert f"#{field}" in page.links
        described = str(page.form("/checkout").attributes[field]["aria-describedby"])
        assert f"{field}-wrong" in described.split()
    assert orders() == []


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("phone", "12", "Enter a phone number like"),
        ("phone", "hello", "Enter a phone number like"),
        ("phone", "1" * 33, "Enter a phone number like"),
        ("phone", "\0" * 11, "Enter a phone number like"),
        ("name", "李" * 81, "Name has up to 80 characters"),
        ("name", "a\tb\0", "Name has characters that cannot be shown"),
        ("address", "x" * 401, "Delivery address has up to 400 characters"),
        ("address", "a\x07", "Delivery address has characters that cannot be shown"),
        ("note", "x" * 401, "Note has up to 400 characters"),
        ("name", "   ", "Enter your name"),
    ],
)
def test_a_wrong_field_is_said_and_all_that_was_typed_stays(
    at_checkout: Browser, field: str, typed: str, words: str
) -> None:
    given = {**TYPED, "note": "<b>ring</b> twice & wait", field: typed}
    page = at_checkout.press("/checkout", status=422, typed=given)
    assert words in page.text
    kept = page.form("/checkout").fields
    for name, value in given.items():
        assert kept[name].split() == value.split(), name
    assert "<b>ring</b>" not in page.html
    assert orders() == []


def test_it_is_said_in_chinese_too(app: Flask, teapot: Product) -> None:
    browser = to_checkout(Browser(app.test_client(), "zh"), teapot, "1")
    page = browser.press("/checkout", status=422)
    assert "请填写手机号" in page.text
    assert page.title.startswith("有误：")


def test_pressed_twice_is_ordered_once(at_checkout: Browser) -> None:
    form = at_checkout.page
    at_checkout.press("/checkout", typed=TYPED)
    first = at_checkout.address
    at_checkout.page = form
    at_checkout.press("/checkout", typed=TYPED)
    assert at_checkout.address == first
    # Also with something wrong in it, or with another phone number.
    for fields in ({**TYPED, "phone": "1"}, {**TYPED, "phone": "13900139000"}):
        at_checkout.page = form
        at_checkout.press("/checkout", typed=fields)
        assert at_checkout.address == first
    assert len(orders()) == 1


def test_pressed_at_the_same_moment_is_ordered_once(app: Flask, at_checkout: Browser) -> None:
    data = {**at_checkout.page.form("/checkout").fields, **TYPED}
    cookie = at_checkout.client.get_cookie("visitor")
    assert cookie is not None

    def press() -> str:
        client = app.test_client()
        client.set_cookie("visitor", cookie.value)
        answer = client.post("/checkout", data=data)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    answers = all_at_once(app, [press] * 4)
    (order,) = orders()
    assert answers == [f"/o/{order.secret}"] * 4


def test_a_changed_price_is_shown_before_anything_is_ordered(
    at_checkout: Browser, teapot: Product
) -> None:
    prices.change(teapot.variants[0].public_id, 2500, "dearer", SYSTEM, clock.now())
    page = at_checkout.press("/checkout", status=409, typed=TYPED)
    assert "the total is now CN¥50.00" in page.text
    assert page.form("/checkout").fields["name"] == "李雷"
    assert orders() == []
    at_checkout.press("/checkout")
    assert [order.total for order in orders()] == [5000]


@pytest.mark.parametrize("total", ["", "0", "-1", "x", "9" * 30, "１"])
def test_a_form_that_does_not_know_the_total_shows_it_first(
    at_checkout: Browser, total: str
) -> None:
    page = at_checkout.press("/checkout", status=409, typed=TYPED, expected_total=total)
    assert "the total is now CN¥39.98" in page.text
    assert orders() == []


def test_too_few_left_are_offered_and_what_was_typed_stays(
    at_checkout: Browser, teapot: Product
) -> None:
    variant = teapot.variants[0]
    cast.counted(variant, 1)
    page = at_checkout.press("/checkout", status=409, typed=TYPED)
    assert "Only 1 of “Teapot” are left" in page.text
    # Enter presses the first button, which must not be the one that changes the cart.
    assert page.form("/checkout").buttons[0] == ("", "")
    page = at_checkout.press("/checkout", f"adjust={variant.public_id}:1")
    assert "There is a problem" not in page.text
    assert page.form("/checkout").fields["phone"] == "138 0013-8000"
    at_checkout.press("/checkout")
    assert [order.total for order in orders()] == [1999]


def test_none_left_can_be_taken_out(at_checkout: Browser, teapot: Product) -> None:
    variant = teapot.variants[0]
    cast.counted(variant, 0)
    page = at_checkout.press("/checkout", status=409, typed=TYPED)
    assert "“Teapot” has just sold out" in page.text
    page = at_checkout.press("/checkout", f"adjust={variant.public_id}:0")
    assert at_checkout.address == "/cart"
    assert orders() == []


def test_what_went_off_sale_is_said_at_once_and_can_be_taken_out(
    at_checkout: Browser, teapot: Product
) -> None:
    kettle = cast.a_product("Kettle", price=500)
    at_checkout.get(f"/p/{kettle.public_id}")
    at_checkout.press(f"/p/{kettle.public_id}", "then=checkout")
    products.hide(teapot.public_id)
    page = at_checkout.press("/checkout", status=409, typed=TYPED)
    assert "“Teapot” is no longer sold" in page.text
    page = at_checkout.get("/checkout")
    assert "“Teapot” is no longer sold" in page.text
    at_checkout.press("/checkout", f"adjust={teapot.variants[0].public_id}:0")
    at_checkout.press("/checkout", typed=TYPED)
    assert [order.total for order in orders()] == [500]


@pytest.mark.parametrize("adjust", ["", "x", "x:y", ":1", "var_x:-1", "var_x:1e9", "x" * 999])
def test_a_strange_adjustment_is_refused(at_checkout: Browser, adjust: str) -> None:
    fields = {**at_checkout.page.form("/checkout").fields, "adjust": adjust}
    answer = at_checkout.client.post("/checkout", data=fields)
    assert answer.status_code == 422
    assert orders() == []


def test_a_strangers_cart_cannot_be_ordered(
    app: Flask, at_checkout: Browser, teapot: Product
) -> None:
    cart = at_checkout.page.form("/checkout").fields["cart"]
    stranger = to_checkout(Browser(app.test_client()), teapot, "1")
    stranger.page.form("/checkout").fields["cart"] = cart
    assert "not in your browser" in stranger.press("/checkout", status=404, typed=TYPED).text
    assert orders() == []
    # Nor does a stranger learn of the order that was made of it.
    at_checkout.press("/checkout", typed=TYPED)
    stranger.get("/checkout")
    stranger.page.form("/checkout").fields["cart"] = cart
    stranger.press("/checkout", status=404, typed=TYPED)


def test_without_its_cookie_a_form_orders_nothing(app: Flask, at_checkout: Browser) -> None:
    data = {**at_checkout.page.form("/checkout").fields, **TYPED}
    answer = app.test_client().post("/checkout", data=data, headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert "If cookies are switched off" in answer.text


def test_another_sites_page_orders_nothing(at_checkout: Browser) -> None:
    data = {**at_checkout.page.form("/checkout").fields, **TYPED}
    answer = at_checkout.client.post(
        "/checkout", data=data, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert orders() == []


def test_an_empty_cart_leads_back_to_the_cart(browser: Browser, shop: Shop) -> None:
    browser.get("/checkout")
    assert browser.address == "/cart"


def test_a_form_of_a_cart_that_was_emptied_leads_to_the_cart(
    at_checkout: Browser, teapot: Product
) -> None:
    form = at_checkout.page
    at_checkout.get("/cart")
    at_checkout.press("/cart", "remove=1")
    at_checkout.page = form
    at_checkout.press("/checkout", typed=TYPED)
    assert at_checkout.address == "/cart"


def test_a_variant_hidden_after_it_was_chosen_is_refused_on_its_page(
    browser: Browser, teapot: Product
) -> None:
    address = f"/s/fang/p/{teapot.public_id}"
    variants.add(
        teapot.public_id,
        teapot.version,
        variants.VariantDraft(code="T2", price=1, option_zh="蓝", option_en="Blue"),
        SYSTEM,
        clock.now(),
    )
    browser.get(address)
    variants.hide(teapot.variants[0].public_id)
    page = browser.press(address, "then=cart", 422)
    assert "no longer sold" in page.text


def test_the_form_takes_six_queries(at_checkout: Browser) -> None:
    with recorded_queries() as queries:
        at_checkout.get("/checkout")
    why = "the cart twice, its looks, who the customer is, the stores, any coupons"
    assert len(queries) == 6, why


@pytest.mark.parametrize("cart", ["", "\0", "crt_nothing", "x" * 5000])
def test_a_strange_cart_is_not_found(at_checkout: Browser, cart: str) -> None:
    data = {**at_checkout.page.form("/checkout").fields, **TYPED, "cart": cart}
    assert at_checkout.client.post("/checkout", data=data).status_code == 404
    wrong = {**data, "name": ""}
    assert at_checkout.client.post("/checkout", data=wrong).status_code == 404
    adjusted = {**data, "adjust": "var_\0:1"}
    assert at_checkout.client.post("/checkout", data=adjusted).status_code in {404, 422}


def test_a_cart_is_its_orders_key(at_checkout: Browser) -> None:
    at_checkout.press("/checkout", typed=TYPED)
    db.session.rollback()
    cart = db.session.scalars(sa.select(Cart)).one()
    assert cart.ordered_at is not None
    assert [order.cart_id for order in orders()] == [cart.id]
