"""What scripts add, for those whose browser has them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route

from tests.browser.serving import LiveShop
from tests.browser.visitor import NewVisitor, Visitor
from tests.support.chromium import CHROME, WECHAT
from tests.support.showcase import PERFUME, TEAPOT


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor(CHROME)


def look_at(visitor: Visitor, product: str) -> str:
    path = f"/s/fang/p/{visitor.shop.goods.products[product]}"
    visitor.go(path)
    return path


def said(visitor: Visitor) -> str:
    """What the page tells beside its content, once it has told something."""
    place = visitor.page.locator("#said:not(:empty)")
    place.wait_for()
    return " ".join(place.inner_text().split())


def in_the_cart(visitor: Visitor) -> str:
    return visitor.page.locator("[data-count]").inner_text()


def test_goods_go_into_the_cart_and_the_reader_stays(visitor: Visitor) -> None:
    path = look_at(visitor, TEAPOT)
    visitor.page.locator("[data-step='more']").click()
    visitor.press("form.buy button[value='cart']")
    assert said(visitor) == "It is in your cart. See the cart"
    assert visitor.path == path
    assert in_the_cart(visitor) == "2"
    # Also on a page that was kept for everybody.
    visitor.go("/s/fang")
    visitor.page.locator("[data-count]").wait_for()
    assert in_the_cart(visitor) == "2"


def test_a_step_in_the_cart_changes_the_total_and_keeps_the_place(visitor: Visitor) -> None:
    look_at(visitor, TEAPOT)
    visitor.press("form.buy button[value='cart']")
    visitor.go("/cart")
    more = visitor.page.locator("[data-step='more']")
    more.click()
    more.click()
    visitor.page.locator(".sum-total", has_text="CN¥987.00").wait_for()
    assert "CN¥987.00" in said(visitor)
    assert visitor.page.evaluate("document.activeElement.dataset.step") == "more"
    assert in_the_cart(visitor) == "3"
    visitor.press("[name='remove']")
    assert "Your cart is empty" in visitor.text
    assert visitor.page.locator("[data-count]").is_hidden()


def test_without_a_line_nothing_is_lost_and_the_reader_is_told(visitor: Visitor) -> None:
    def cut(route: Route) -> None:
        route.abort("connectionfailed")

    path = look_at(visitor, TEAPOT)
    visitor.fill(quantity="4")
    visitor.page.route("**/*", cut)
    visitor.page.locator("form.buy button[value='cart']").click()
    assert said(visitor) == "No answer came, and nothing is lost. Try again."
    assert (visitor.path, visitor.value_of("quantity")) == (path, "4")
    visitor.page.unroute("**/*", cut)
    visitor.press("form.buy button[value='cart']")
    visitor.page.locator("[data-count]", has_text="4").wait_for()
    visitor.complaints.clear()


def test_a_page_that_cannot_be_reached_is_replaced_by_one_that_says_so(
    visitor: Visitor,
) -> None:
    look_at(visitor, TEAPOT)
    visitor.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    visitor.page.context.set_offline(True)
    visitor.page.goto(f"{visitor.shop.base}/s/fang")
    assert visitor.page.locator("h1").inner_text() == "没有网络"
    assert "There is no connection" in visitor.text
    visitor.page.context.set_offline(False)
    visitor.press("main a.button")
    assert visitor.path == "/s/fang"
    assert visitor.page.locator(".good").count() > 0
    visitor.complaints.clear()


def test_the_picture_of_the_chosen_variant_comes_into_view(
    live_shop: LiveShop, visitor: Visitor
) -> None:
    look_at(visitor, TEAPOT)
    bar = visitor.page.locator(".gallery-bar")
    assert re.fullmatch(r"1 / \d", bar.locator("span").inner_text())
    chosen = visitor.page.locator("form.buy [data-picture]").last
    wanted = chosen.get_attribute("data-picture")
    chosen.check()
    place = visitor.page.locator(f".gallery [data-picture='{wanted}']")
    nth = place.evaluate("one => [...one.parentElement.children].indexOf(one) + 1")
    assert nth > 1
    bar.locator("span", has_text=f"{nth} /").wait_for()


def test_the_address_to_pass_on_carries_the_code_and_is_copied(
    live_shop: LiveShop, visitor: Visitor
) -> None:
    visitor.go(f"/l/{live_shop.goods.teapot_link}")
    field = visitor.page.locator("#share-link")
    assert field.input_value() == visitor.page.url
    assert field.input_value().endswith(f"/~{live_shop.goods.teapot_link}")
    visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.page.locator("[data-copy]").click()
    assert said(visitor) == "The address is copied."
    assert visitor.page.evaluate("navigator.clipboard.readText()") == visitor.page.url


def test_inside_wechat_where_nothing_can_be_handed_on_the_address_selects_itself(
    new_visitor: NewVisitor,
) -> None:
    visitor = new_visitor(WECHAT)
    look_at(visitor, TEAPOT)
    field = visitor.page.locator("#share-link")
    field.focus()
    selected = field.evaluate("one => one.selectionEnd - one.selectionStart")
    assert selected == len(field.input_value())


def test_what_was_typed_at_checkout_outlives_a_reload_and_is_gone_after_the_order(
    visitor: Visitor,
) -> None:
    look_at(visitor, TEAPOT)
    visitor.press("form.buy button[value='checkout']")
    visitor.fill(name="李雷", phone="138 0013 8001", address="上海市衡山路 1 号")
    visitor.page.reload()
    typed = [visitor.value_of(name) for name in ("name", "phone", "address")]
    assert typed == ["李雷", "138 0013 8001", "上海市衡山路 1 号"]
    visitor.press("form[action='/checkout'] button.button:not([name])")
    assert visitor.path.startswith("/o/")
    assert visitor.page.evaluate("sessionStorage.getItem('checkout')") is None


def test_the_buy_button_is_in_reach_while_the_pages_own_is_not(visitor: Visitor) -> None:
    look_at(visitor, PERFUME)
    bar, own = visitor.page.locator(".buy-bar"), visitor.page.locator("form.buy .buttons")
    own.scroll_into_view_if_needed()
    bar.wait_for(state="hidden")
    visitor.page.locator(".foot").scroll_into_view_if_needed()
    bar.wait_for(state="visible")
    visitor.press(".buy-bar button")
    assert visitor.path == "/checkout?shop=fang"
