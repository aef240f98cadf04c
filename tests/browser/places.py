"""Every page that a customer can see: the one list that is walked through.

A new page is a line here, and is then held to what every page is held to (`test_pages.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from storefront.core import clock
from storefront.customers.visitors import new_visitor_id
from storefront.orders import carts
from tests.browser.serving import LiveShop
from tests.browser.visitor import Visitor
from tests.support.showcase import PERFUME, SOLD_OUT, TEAPOT, Showcase

# Set aside for telephones in plays; a number may ask for a code once a minute.
_numbers = itertools.count(1)

Who = Literal["anybody", "with a cart", "signed in"]


@dataclass(frozen=True)
class Place:
    """A page: its name in a file's name, its path, and what a visitor does to come to see it."""

    name: str
    path: str | Callable[[Showcase], str]
    status: int = 200
    """Of the page as it is looked at, after `then`."""
    who: Who = "anybody"
    then: Callable[[Visitor], None] | None = None

    def __str__(self) -> str:
        return self.name


def visit(visitor: Visitor, place: Place) -> None:
    """Come to see a page."""
    if place.who != "anybody":
        visitor.remember(_somebody(visitor.shop, place.who))
    path = place.path if isinstance(place.path, str) else place.path(visitor.shop.goods)
    visitor.go(path, 200 if place.then else place.status)
    if place.then:
        place.then(visitor)
    assert visitor.status == place.status, visitor.path


def _somebody(shop: LiveShop, who: Who) -> str:
    """A visitor's id, with what is known of them."""
    if who == "signed in":
        return shop.goods.signed_in
    visitor = new_visitor_id()
    wanted = {shop.goods.variants[TEAPOT][0]: 2, shop.goods.variants[PERFUME][1]: 1}
    with shop.inside():
        carts.create(visitor, wanted, clock.now())
    return visitor


# What visitors do

PLACE_ORDER = "form[action='/checkout'] button.button:not([name])"


def _choose_too_many(visitor: Visitor) -> None:
    visitor.fill(quantity="100000")
    visitor.page.locator("form.buy").evaluate("form => form.noValidate = true")
    visitor.press("form.buy button[value='cart']")


def _want_half_a_piece(visitor: Visitor) -> None:
    visitor.page.locator(".line-form").first.evaluate("form => form.noValidate = true")
    visitor.fill(quantity="-1")
    visitor.enter("quantity")


def _order_without_an_address(visitor: Visitor) -> None:
    visitor.fill(name="韩梅梅", phone="12")
    visitor.press(PLACE_ORDER)


def _collect_it(visitor: Visitor) -> None:
    visitor.page.locator("#by-pick-up").check()


def _give_a_coupon(code: str) -> Callable[[Visitor], None]:
    def give(visitor: Visitor) -> None:
        visitor.fill(coupon=code)
        visitor.press("button[name='apply']")

    return give


def _go_to_pay(visitor: Visitor) -> None:
    visitor.press("form[action$='/pay'] button")


def _ask_for_a_return(visitor: Visitor) -> None:
    visitor.page.locator("#giving-back summary").click()


def _ask_for_a_return_without_a_reason(visitor: Visitor) -> None:
    _ask_for_a_return(visitor)
    visitor.press("form[action$='/return'] button.button:not([name])")


def _ask_for_a_code(visitor: Visitor) -> None:
    visitor.fill(phone=f"+44 20 7946 {next(_numbers):04}")
    visitor.press("form[action='/orders/code'] button")


def _enter_a_wrong_code(visitor: Visitor) -> None:
    _ask_for_a_code(visitor)
    visitor.fill(code="000000")
    visitor.press("form[action='/orders/in'] button")


def _order(name: str) -> Callable[[Showcase], str]:
    return lambda goods: f"/o/{goods.orders[name]}"


PLACES = [
    # The chain's own front
    Place("front", "/"),
    Place("department", lambda goods: f"/c/{goods.category}"),
    Place("search", "/search?q=a"),
    Place("search-nothing", "/search?q=zeppelin"),
    Place("front-product", lambda goods: f"/p/{goods.products[TEAPOT]}"),
    # An employee's shop
    Place("shop", "/s/fang"),
    Place("shop-by-link", lambda goods: f"/s/fang/~{goods.link}"),
    Place("shop-department", lambda goods: f"/s/fang?in={goods.category}"),
    Place("shop-search-nothing", "/s/fang?q=zeppelin"),
    Place("shop-new", "/s/zhaoyi"),
    Place("shop-closed", "/s/chenmo", 410),
    Place("shop-forwarding", "/s/sunhao"),
    Place("product", lambda goods: f"/s/fang/p/{goods.products[TEAPOT]}"),
    Place(
        "product-by-link", lambda goods: f"/s/fang/p/{goods.products[TEAPOT]}/~{goods.teapot_link}"
    ),
    Place("product-prices", lambda goods: f"/s/fang/p/{goods.products[PERFUME]}"),
    Place("product-sold-out", lambda goods: f"/s/fang/p/{goods.products[SOLD_OUT]}"),
    Place(
        "product-error",
        lambda goods: f"/s/fang/p/{goods.products[TEAPOT]}",
        422,
        then=_choose_too_many,
    ),
    # What she writes
    Place("posts", "/s/fang/t"),
    Place("post", lambda goods: f"/s/fang/t/{goods.post}"),
    Place("post-by-link", lambda goods: f"/s/fang/t/{goods.post}/~{goods.link}"),
    Place("post-gone", lambda goods: f"/s/fang/t/{goods.taken_down}", 410),
    # Buying
    Place("cart-empty", "/cart"),
    Place("cart", "/cart?shop=fang", who="with a cart"),
    Place("cart-error", "/cart", 422, "with a cart", _want_half_a_piece),
    Place("checkout", "/checkout?shop=fang", who="with a cart"),
    Place("checkout-error", "/checkout", 422, "with a cart", _order_without_an_address),
    Place("checkout-collect", "/checkout", who="with a cart", then=_collect_it),
    Place("checkout-coupon", "/checkout", who="with a cart", then=_give_a_coupon("welcome10")),
    Place("checkout-no-coupon", "/checkout", 409, "with a cart", _give_a_coupon("NOSUCH1")),
    Place("order-awaiting", _order("awaiting")),
    Place("sandbox", _order("awaiting"), then=_go_to_pay),
    Place("order-too-late", _order("too_late")),
    Place("order-paid", _order("paid")),
    Place("order-sent", _order("sent")),
    Place("order-ready", _order("ready")),
    Place("order-cancelled", _order("cancelled")),
    Place("order-handed-over", _order("handed_over"), then=_ask_for_a_return),
    Place("return-error", _order("handed_over"), 422, then=_ask_for_a_return_without_a_reason),
    Place("return-asked", _order("asked_back")),
    Place("return-accepted", _order("came_back")),
    Place("sign-in", "/orders"),
    Place("sign-in-code", "/orders", then=_ask_for_a_code),
    Place("sign-in-error", "/orders", 422, then=_enter_a_wrong_code),
    Place("orders", "/orders", who="signed in"),
    # What is not there
    Place("link-unknown", "/l/never2was", 404),
    Place("link-withdrawn", lambda goods: f"/l/{goods.withdrawn_link}", 410),
    Place("page-unknown", "/nowhere", 404),
    Place("product-gone", lambda goods: f"/p/{goods.no_longer_sold}", 410),
    Place("order-unknown", "/o/neverwas", 404),
    Place("broken", "/for-tests/broken", 500),
    Place("verify", "/verify"),
]
