"""The cart: chosen on the product's page, kept on the server, changed without scripts."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront.catalog import products
from storefront.core.database import db
from storefront.customers.visitors import COOKIE_NAME
from storefront.orders.models import CartLine
from storefront.shops.models import Shop
from storefront.web.shopper.choosing import MOST_PIECES
from tests.support import cast
from tests.support.browser import Browser
from tests.support.queries import recorded_queries


@pytest.fixture
def address(shop: Shop) -> str:
    """A teapot in the shop, in two variants of which three each are there."""
    product = cast.a_product("Teapot", price=1999, more_prices=[2999], stock=3)
    for variant, option in zip(product.variants, ("White", "Blue"), strict=True):
        variant.option_zh = variant.option_en = option
    db.session.commit()
    return f"/s/fang/p/{cast.a_listing(shop, product).product.public_id}"


def variants(browser: Browser) -> list[str]:
    return [str(each["value"]) for each in browser.page.all("input") if each["type"] == "radio"]


def quantities() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(CartLine.quantity).order_by(CartLine.id)))


def test_nobody_who_only_looks_gets_a_cookie(client: FlaskClient, address: str) -> None:
    for path in ("/", "/s/fang", address, "/cart"):
        assert "Set-Cookie" not in client.get(path).headers


def test_what_is_chosen_lies_in_the_cart(browser: Browser, address: str) -> None:
    browser.get(address)
    page = browser.press(address, "then=cart", quantity="2")
    assert browser.address == "/cart?shop=fang"
    assert "Teapot · White" in page.text
    assert "CN¥39.98" in page.text
    assert "2 items" in page.text
    assert "/checkout?shop=fang" in page.links
    # The way on leads back into the shop.
    assert "/s/fang" in page.links
    cookie = browser.client.get_cookie(COOKIE_NAME)
    assert cookie is not None
    assert cookie.http_only


def test_the_same_again_adds_up_and_another_variant_is_another_line(
    browser: Browser, address: str
) -> None:
    for quantity, variant in (("2", 0), ("1", 0), ("1", 1)):
        browser.get(address)
        chosen = variants(browser)[variant]
        browser.press(address, "then=cart", quantity=quantity, variant=chosen)
    assert quantities() == [3, 1]


def test_buying_at_once_leads_to_the_checkout(browser: Browser, address: str) -> None:
    browser.get(address)
    browser.press(address, "then=checkout")
    assert browser.address == "/checkout?shop=fang"


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "", "x", "1000", "９", "1" * 400, "1e3"])
def test_a_quantity_that_is_none_is_refused_and_stays_as_typed(
    browser: Browser, address: str, quantity: str
) -> None:
    browser.get(address)
    chosen = variants(browser)[1]
    page = browser.press(address, "then=cart", 422, quantity=quantity, variant=chosen)
    assert f"Enter a quantity from 1 to {MOST_PIECES}" in page.text
    assert page.title.startswith("Error: ")
    assert "#quantity" in page.links
    form = page.form(address)
    assert form.fields["variant"] == chosen
    assert form.fields["quantity"] == quantity[:20]
    assert quantities() == []


def test_a_cart_takes_no_more_than_so_many_of_a_kind(browser: Browser, address: str) -> None:
    for status in (200, 422):
        browser.get(address)
        browser.press(address, "then=cart", status, quantity="500")
    assert "takes up to 999 of a kind" in browser.page.text
    assert quantities() == [500]


def test_a_sold_out_variant_may_be_chosen_and_is_politely_refused(
    browser: Browser, address: str, shop: Shop
) -> None:
    product = products.find(address.rpartition("/")[2])
    cast.counted(product.variants[1], 0)
    browser.get(address)
    chosen = variants(browser)[1]
    page = browser.press(address, "then=cart", 422, variant=chosen)
    assert "“Blue” is sold out; choose another one" in page.text
    assert "#variant" in page.links
    assert page.form(address).fields["variant"] == chosen


@pytest.mark.parametrize("variant", ["", "var_nothing", "<script>", "\0", "x" * 5000])
def test_a_variant_of_something_else_is_refused(
    browser: Browser, address: str, variant: str
) -> None:
    browser.get(address)
    page = browser.press(address, "then=cart", 422, variant=variant)
    assert "choose" in page.text.lower()
    other = cast.a_product("Kettle").variants[0].public_id
    browser.press(address, "then=cart", 422, variant=other)
    assert quantities() == []


def test_another_sites_page_puts_nothing_in(client: FlaskClient, address: str) -> None:
    for site in ("cross-site", "same-site"):
        answer = client.post(
            address,
            data={"variant": "x", "quantity": "1"},
            headers={"Sec-Fetch-Site": site, "Accept-Language": "en"},
        )
        assert answer.status_code == 403
        assert "another site’s page" in answer.text


def test_quantities_change_and_lines_go(browser: Browser, address: str) -> None:
    browser.get(address)
    browser.press(address, "then=cart")
    page = browser.press("/cart", quantity="3")
    assert browser.address == "/cart?shop=fang"
    assert "CN¥59.97" in page.text
    page = browser.press("/cart", "remove=1")
    assert "Your cart is empty" in page.text
    assert quantities() == []


def test_a_quantity_of_nothing_takes_the_line_out(browser: Browser, address: str) -> None:
    browser.get(address)
    browser.press(address, "then=cart")
    assert "Your cart is empty" in browser.press("/cart", quantity="0").text


@pytest.mark.parametrize("quantity", ["-1", "1.5", "", "1000", "two"])
def test_a_wrong_quantity_in_the_cart_changes_nothing(
    browser: Browser, address: str, quantity: str
) -> None:
    browser.get(address)
    browser.press(address, "then=cart", quantity="2")
    page = browser.press("/cart", status=422, quantity=quantity)
    assert "Enter a quantity of “Teapot · White” from 0 to 999" in page.text
    assert page.form("/cart").fields["quantity"] == quantity
    assert quantities() == [2]


def test_a_strangers_cart_can_be_neither_seen_nor_changed(
    app: Flask, browser: Browser, address: str
) -> None:
    browser.get(address)
    browser.press(address, "then=cart", quantity="2")
    stolen = browser.page.form("/cart").fields
    stranger = Browser(app.test_client())
    stranger.get(address)
    stranger.press(address, "then=cart")
    assert stranger.page.form("/cart").fields["cart"] != stolen["cart"]
    stranger.page.form("/cart").fields.update(cart=stolen["cart"])
    page = stranger.press("/cart", status=404, quantity="9")
    assert "This cart is not in your browser" in page.text
    assert quantities() == [2, 1]


def test_a_forged_cookie_is_nobodys(browser: Browser, address: str) -> None:
    browser.get(address)
    browser.press(address, "then=cart")
    cookie = browser.client.get_cookie(COOKIE_NAME)
    assert cookie is not None
    browser.client.set_cookie(COOKIE_NAME, cookie.value[:-2] + "xx")
    assert "Your cart is empty" in browser.get("/cart").text


def test_what_was_taken_off_sale_is_shown_and_can_only_be_removed(
    browser: Browser, address: str
) -> None:
    browser.get(address)
    browser.press(address, "then=cart")
    products.hide(address.rpartition("/")[2])
    page = browser.get("/cart?shop=fang")
    assert "No longer sold" in page.text
    assert "quantity" not in page.form("/cart").fields
    assert "Your cart is empty" in browser.press("/cart", "remove=1").text


def test_a_cart_page_takes_three_queries_and_is_its_visitors_alone(
    browser: Browser, address: str
) -> None:
    browser.get(address)
    browser.press(address, "then=cart")
    with recorded_queries() as queries:
        browser.get("/cart")
    assert len(queries) == 3
    assert browser.answer.headers["Cache-Control"] == "private, no-cache"
    assert {"name": "robots", "content": "noindex"} in browser.page.all("meta")


@pytest.mark.parametrize("shop_name", ["//evil.example", "fang/../x", "<b>", "A", "x" * 99, ""])
def test_the_shop_to_go_back_to_is_a_shop_or_nothing(browser: Browser, shop_name: str) -> None:
    page = browser.get(f"/cart?shop={shop_name}")
    assert not any("evil" in link or ".." in link for link in page.links)
    assert "/" in page.links
    assert "<b>" not in page.html


@pytest.mark.parametrize("name", ["", "\0", "crt_nothing", "x" * 5000, "crt_\ud7ff"])
def test_strange_carts_and_lines_are_not_found(browser: Browser, address: str, name: str) -> None:
    browser.get(address)
    browser.press(address, "then=cart")
    form = browser.page.form("/cart").fields
    for field in ("cart", "variant"):
        answer = browser.client.post("/cart", data={**form, field: name, "quantity": "7"})
        assert answer.status_code in {404, 422}, field
    assert quantities() == [1]


def test_the_newest_cart_is_the_one_that_is_shown(browser: Browser, address: str) -> None:
    browser.get(address)
    browser.press(address, "then=cart")
    variant = cast.a_product("Kettle").variants[0].public_id
    lines = [{"variant": variant, "quantity": 1}]
    assert browser.client.post("/api/v1/shopper/carts", json={"lines": lines}).status_code == 201
    page = browser.get("/cart")
    assert "Kettle" in page.text
    assert "Teapot" not in page.text


def test_a_page_that_is_kept_asks_how_many_pieces_there_are(
    app: Flask, browser: Browser, address: str
) -> None:
    nobody = app.test_client().get("/cart/pieces")
    assert nobody.json == {"pieces": 0}
    assert "Set-Cookie" not in nobody.headers
    browser.get(address)
    browser.press(address, "then=cart", quantity="2")
    answer = browser.client.get("/cart/pieces")
    assert answer.json == {"pieces": 2}
    assert answer.headers["Cache-Control"] == "no-store"
