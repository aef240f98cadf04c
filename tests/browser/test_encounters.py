"""What else happens to people on the pages: passing on, looking for, coming too late."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from storefront.catalog import prices, stocktaking
from storefront.catalog.stocktaking import Counted
from storefront.core import clock, jobs
from storefront.core.actor import SYSTEM
from storefront.core.database import db
from storefront.orders import handling
from storefront.sharing.models import Touch, TouchKind, Uncounted
from tests.browser.places import PLACE_ORDER
from tests.browser.serving import LiveShop
from tests.browser.visitor import NewVisitor, Visitor
from tests.support import cast
from tests.support.chromium import CHROME, WECHAT
from tests.support.showcase import PHONE, SOLD_OUT, TEAPOT

both_ways = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


def touches_of(visitor: Visitor) -> list[tuple[TouchKind, Uncounted, int]]:
    with visitor.shop.inside():
        return [
            (touch.kind, touch.uncounted, touch.employee_id)
            for touch in db.session.scalars(
                sa.select(Touch).where(Touch.visitor_id == visitor.known_as())
            )
        ]


def order_what_is_in_the_cart(visitor: Visitor) -> None:
    visitor.go("/checkout")
    visitor.fill(name="李雷", phone="138 0013 8001", address="上海市衡山路 1 号")
    visitor.press(PLACE_ORDER)


def put_into_the_cart(visitor: Visitor, product: str) -> None:
    visitor.go(f"/p/{product}")
    visitor.press("form.buy button[value='checkout']")
    assert visitor.path == "/checkout"


@both_ways
def test_a_friend_who_is_sent_the_address_in_the_bar_is_met_through_a_reshare(
    live_shop: LiveShop, new_visitor: NewVisitor, scripts: bool
) -> None:
    first = new_visitor(WECHAT, scripts=scripts)
    first.go(f"/l/{live_shop.goods.teapot_link}")
    passed_on = first.path
    assert passed_on.endswith(f"/~{live_shop.goods.teapot_link}")
    friend = new_visitor(CHROME, scripts=scripts)
    friend.go(passed_on)
    assert friend.path == passed_on
    keeper = live_shop.goods.keeper
    assert touches_of(first) == [(TouchKind.LINK, Uncounted.NO, keeper)]
    assert touches_of(friend) == [(TouchKind.RESHARE, Uncounted.NO, keeper)]


@both_ways
def test_who_looks_for_something_finds_it_or_is_told_where_else(
    new_visitor: NewVisitor, scripts: bool
) -> None:
    visitor = new_visitor(CHROME, scripts=scripts)
    visitor.go("/s/fang")
    everything = visitor.page.locator(".good").count()
    visitor.fill(q="teapot")
    visitor.press(".search button")
    assert visitor.page.locator(".good").count() == 1
    assert "Stoneware Teapot" in visitor.text
    visitor.fill(q="zeppelin")
    visitor.press(".search button")
    assert visitor.page.locator(".good").count() == 0
    visitor.press("a[href^='/search']")
    assert visitor.path == "/search?q=zeppelin"
    visitor.go("/s/fang")
    chip = visitor.page.locator(".chips a[href*='?in=']").first
    name = chip.inner_text()
    visitor.press(".chips a[href*='?in=']")
    assert visitor.page.locator(".chips [aria-current]").inner_text() == name
    assert 0 < visitor.page.locator(".good").count() < everything


@both_ways
def test_my_orders_open_with_the_code_from_the_message(
    live_shop: LiveShop,
    new_visitor: NewVisitor,
    scripts: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []

    class Post:
        def send(self, phone: str, text: str, *, key: str) -> None:
            if key.startswith("sign-in:"):
                sent.append(text)

    monkeypatch.setitem(live_shop.app.extensions, "messenger", Post())
    with live_shop.inside():
        # A number may ask once a minute, and another test may just have done so.
        db.session.execute(sa.text("DELETE FROM sign_in_codes"))
        db.session.commit()
    visitor = new_visitor(CHROME, scripts=scripts)
    visitor.go("/orders")
    visitor.fill(phone=PHONE)
    visitor.press("form[action='/orders/code'] button")
    with live_shop.inside():
        jobs.run_due(clock.now())
    code = re.search(r"#(\d{6})$", sent[-1])
    assert code
    visitor.fill(code=code[1])
    visitor.press("form[action='/orders/in'] button")
    assert visitor.path == "/orders"
    assert visitor.page.locator("a[href^='/o/']").count() >= len(live_shop.goods.orders)
    visitor.press("form[action='/orders/out'] button")
    assert visitor.page.locator("a[href^='/o/']").count() == 0


@both_ways
def test_the_language_is_changed_where_one_stands(new_visitor: NewVisitor, scripts: bool) -> None:
    visitor = new_visitor(WECHAT, scripts=scripts)
    visitor.go(f"/p/{visitor.shop.goods.products[TEAPOT]}")
    there = visitor.path
    assert "粗陶提梁壶" in visitor.text
    visitor.press(".languages button[value='en']")
    assert visitor.path == there
    assert visitor.page.locator("html").get_attribute("lang") == "en"
    assert "Stoneware Teapot" in visitor.text
    assert "CN¥329.00" in visitor.text


def test_what_is_sold_out_cannot_be_put_into_a_cart(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(CHROME)
    visitor.go(f"/s/fang/p/{visitor.shop.goods.products[SOLD_OUT]}")
    assert visitor.page.locator("form.buy button.button").is_disabled()
    assert "Sold out" in visitor.text


@both_ways
def test_of_two_who_buy_the_last_piece_one_gets_it_and_the_other_loses_nothing_typed(
    live_shop: LiveShop, new_visitor: NewVisitor, scripts: bool
) -> None:
    with live_shop.inside():
        rare = cast.a_product("Rare lamp", price=9_900, stock=1).public_id
    first, second = (new_visitor(CHROME, scripts=scripts) for _ in range(2))
    for each in (first, second):
        put_into_the_cart(each, rare)
        each.fill(name="李雷", phone="138 0013 8001", address="上海市衡山路 1 号", note="轻放")
    first.press(PLACE_ORDER)
    assert first.path.startswith("/o/")
    second.press(PLACE_ORDER)
    assert second.status == 409
    assert "Rare lamp" in second.page.locator("#problem").inner_text()
    typed = [second.value_of(name) for name in ("name", "phone", "address", "note")]
    assert typed == ["李雷", "138 0013 8001", "上海市衡山路 1 号", "轻放"]
    second.press("#problem button[name='adjust']")
    assert second.path == "/cart"


@both_ways
def test_a_new_price_is_seen_on_the_next_look_and_nobody_pays_it_unseen(
    live_shop: LiveShop, new_visitor: NewVisitor, scripts: bool
) -> None:
    with live_shop.inside():
        lamp = cast.a_product("Lamp", price=9_900)
        product, variant = lamp.public_id, lamp.variants[0].public_id
    visitor = new_visitor(CHROME, scripts=scripts)
    put_into_the_cart(visitor, product)
    visitor.go(f"/p/{product}")
    assert "CN¥99.00" in visitor.text
    visitor.go("/checkout")
    visitor.fill(name="李雷", phone="138 0013 8001", address="上海市衡山路 1 号")
    with live_shop.inside():
        prices.change(variant, 12_000, "dearer", SYSTEM, clock.now())
    visitor.press(PLACE_ORDER)
    assert visitor.status == 409
    assert "CN¥120.00" in visitor.page.locator("#problem").inner_text()
    assert visitor.value_of("address") == "上海市衡山路 1 号"
    # The browser has kept the page, and asks whether it still stands.
    visitor.go(f"/p/{product}")
    assert "CN¥120.00" in visitor.text
    assert "CN¥99.00" not in visitor.text


@both_ways
def test_goods_that_have_gone_since_the_page_was_opened_are_refused_in_words(
    live_shop: LiveShop, new_visitor: NewVisitor, scripts: bool
) -> None:
    with live_shop.inside():
        lamp = cast.a_product("Last lamp", price=9_900, stock=1)
        product, variant = lamp.public_id, lamp.variants[0].id
    visitor = new_visitor(CHROME, scripts=scripts)
    visitor.go(f"/p/{product}")
    with live_shop.inside():
        stocktaking.count([Counted(variant, cast.a_location().id, 0)], SYSTEM, clock.now())
    visitor.press("form.buy button[value='checkout']")
    assert "sold out" in visitor.page.get_by_role("alert").first.inner_text()
    visitor.page.reload()
    assert visitor.page.locator("form.buy button.button").is_disabled()


@both_ways
def test_who_collects_at_a_store_types_no_address_and_is_given_a_code(
    live_shop: LiveShop, new_visitor: NewVisitor, scripts: bool
) -> None:
    visitor = new_visitor(CHROME, scripts=scripts)
    put_into_the_cart(visitor, live_shop.goods.products[TEAPOT])
    visitor.page.locator("#by-pick-up").check()
    assert visitor.page.locator("#address").is_hidden()
    visitor.fill(name="李雷", phone="138 0013 8001")
    visitor.press(PLACE_ORDER)
    assert visitor.path.startswith("/o/")
    assert "Store SHOP" in visitor.text
    visitor.press("form[action$='/pay'] button")
    visitor.press("button[value='pay']")
    code = visitor.page.locator(".to-collect .code").inner_text()
    picture = visitor.page.locator(".to-collect img")
    assert picture.evaluate("one => one.complete && one.naturalWidth > 0")
    with live_shop.inside():
        order = handling.find_by_secret(visitor.path.rpartition("/")[2])
        assert order.pick_up_code == "".join(code.split())
        assert order.address == ""


@both_ways
def test_a_coupon_takes_off_what_it_says_and_can_be_taken_back(
    live_shop: LiveShop, new_visitor: NewVisitor, scripts: bool
) -> None:
    visitor = new_visitor(CHROME, scripts=scripts)
    put_into_the_cart(visitor, live_shop.goods.products[TEAPOT])
    # Each customer may use it once.
    visitor.fill(name="李雷", phone=f"138 0013 801{int(scripts)}", coupon="welcome10")
    visitor.press("button[name='apply']")
    total = visitor.page.locator(".sum-total")
    assert "CN¥296.10" in total.inner_text()
    assert visitor.value_of("name") == "李雷"
    visitor.press("button[name='take_off']")
    assert "CN¥329.00" in total.inner_text()
    visitor.fill(address="上海市衡山路 1 号", coupon="WELCOME10")
    visitor.press("button[name='apply']")
    visitor.press(PLACE_ORDER)
    assert visitor.path.startswith("/o/")
    assert "CN¥32.90" in visitor.page.locator(".sum-off").inner_text()
    assert "CN¥296.10" in visitor.page.locator(".sum-total").inner_text()


@both_ways
def test_a_post_leads_to_its_goods_and_keeps_the_code(
    live_shop: LiveShop, new_visitor: NewVisitor, scripts: bool
) -> None:
    visitor = new_visitor(WECHAT, scripts=scripts)
    visitor.go(f"/l/{live_shop.goods.link}")
    visitor.press(f"a[href*='/t/{live_shop.goods.post}']")
    assert "怎样泡一壶好茶" in visitor.page.locator("h1").inner_text()
    visitor.press(".good a")
    assert visitor.path.startswith("/s/fang/p/")
    assert visitor.path.endswith(f"/~{live_shop.goods.link}")
