"""Choosing a store at the checkout, collecting there, and following parcels on the order's page."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

from storefront import sales
from storefront.catalog import locations
from storefront.catalog.models import Product
from storefront.core import clock as clocks
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.orders.dispatches import Tracking
from storefront.orders.models import DispatchKind, Fulfilment, Order
from storefront.orders.placing import PlacedOrder
from storefront.shops.models import Shop
from tests.support import cast, trade
from tests.support.browser import Browser, Page
from tests.support.queries import recorded_queries

TYPED = {"name": "李雷", "phone": "138 0013-8000"}
ADDRESS = "上海市衡山路 1 号"
SENT, READY = DispatchKind.SENT, DispatchKind.READY_FOR_PICK_UP


@pytest.fixture
def teapot(shop: Shop) -> Product:
    """Five teapots in the house, in the shop."""
    product = cast.a_product("Teapot", price=1999, stock=5)
    cast.a_listing(shop, product)
    return product


@pytest.fixture
def stores(shop: Shop) -> None:
    """Two stores where orders are collected."""
    cast.a_pick_up_point("NORTH", 1, opening="Daily 10:00–21:00")
    cast.a_pick_up_point("SOUTH", 2)


def to_checkout(browser: Browser, product: Product) -> Page:
    address = f"/s/fang/p/{product.public_id}"
    browser.get(address)
    return browser.press(address, "then=checkout", quantity="1")


def the_order() -> Order:
    db.session.rollback()
    return db.session.scalars(sa.select(Order)).one()


def test_without_a_store_nobody_is_asked(browser: Browser, teapot: Product) -> None:
    page = to_checkout(browser, teapot)
    assert "Pick up at a store" not in page.text
    assert "fulfilment" not in page.form("/checkout").attributes
    assert "required" in page.form("/checkout").attributes["address"]


def test_delivery_is_chosen_until_somebody_chooses_otherwise(
    browser: Browser, teapot: Product, stores: None
) -> None:
    form = to_checkout(browser, teapot).form("/checkout")
    assert form.fields["fulfilment"] == "delivery"
    assert "point" not in form.fields
    browser.press("/checkout", typed=TYPED, address=ADDRESS)
    order = the_order()
    assert (order.fulfilment, order.address) == (Fulfilment.DELIVERY, ADDRESS)


def test_whoever_picks_it_up_needs_no_address(
    browser: Browser, teapot: Product, stores: None
) -> None:
    text = to_checkout(browser, teapot).text
    for words in ("Store NORTH", "1 NORTH Road", "Daily 10:00–21:00", "Store SOUTH"):
        assert words in text
    page = browser.press("/checkout", typed=TYPED, fulfilment="pick_up", point="SOUTH")
    order = the_order()
    assert (order.fulfilment, order.pick_up_name_en) == (Fulfilment.PICK_UP, "Store SOUTH")
    for words in ("Picked up at", "Store SOUTH", "1 SOUTH Road", "李雷 · +86 138 0013 8000"):
        assert words in page.text
    assert "Goes to" not in page.text


def test_what_was_typed_for_the_other_way_is_kept_and_not_used(
    browser: Browser, teapot: Product, stores: None
) -> None:
    to_checkout(browser, teapot)
    typed = {"phone": "1", "address": ADDRESS, "fulfilment": "pick_up", "point": "SOUTH"}
    page = browser.press("/checkout", status=422, typed=typed)
    fields = page.form("/checkout").fields
    assert {name: fields[name] for name in typed} == typed
    browser.press("/checkout", typed=TYPED)
    assert (the_order().address, the_order().address_digest) == ("", "")


@pytest.mark.parametrize(
    ("typed", "anchor", "words"),
    [
        ({"fulfilment": "pick_up"}, "#point", "Choose a store to pick it up at"),
        ({"fulfilment": "pick_up", "point": "HOUSE"}, "#point", "no longer be picked up there"),
        ({"fulfilment": "pick_up", "point": "x" * 5000}, "#point", "no longer be picked up"),
        ({"fulfilment": "delivery"}, "#address", "Enter your delivery address"),
        ({"fulfilment": "balloon"}, "#address", "Enter your delivery address"),
    ],
)
def test_what_is_missing_is_said_with_a_way_to_it(
    browser: Browser,
    teapot: Product,
    stores: None,
    typed: dict[str, str],
    anchor: str,
    words: str,
) -> None:
    to_checkout(browser, teapot)
    page = browser.press("/checkout", status=422, typed={**TYPED, **typed})
    assert page.title.startswith("Error: ")
    assert anchor in page.links
    # In the summary, and at the field.
    assert page.text.count(words) == 2
    assert anchor[1:] in {attributes.get("id") for _, attributes in page.elements}
    fields = page.form("/checkout").fields
    assert fields["name"] == "李雷"
    assert fields["fulfilment"] == ("pick_up" if anchor == "#point" else "delivery")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_a_store_that_closes_meanwhile_is_said_and_delivery_is_left(
    browser: Browser, teapot: Product, stores: None
) -> None:
    to_checkout(browser, teapot)
    for code in ("NORTH", "SOUTH"):
        locations.edit(code, is_pick_up=False)
    typed = {**TYPED, "fulfilment": "pick_up", "point": "NORTH"}
    page = browser.press("/checkout", status=422, typed=typed)
    assert "can no longer be picked up there" in page.text
    assert "#point" not in page.links
    browser.press("/checkout", address=ADDRESS)
    assert the_order().fulfilment is Fulfilment.DELIVERY


def test_the_only_store_is_chosen_already(browser: Browser, teapot: Product) -> None:
    cast.a_pick_up_point("NORTH")
    assert to_checkout(browser, teapot).form("/checkout").fields["point"] == "NORTH"


def test_many_stores_make_a_list_to_choose_from(browser: Browser, teapot: Product) -> None:
    for number in range(9):
        cast.a_pick_up_point(f"S{number}")
    page = to_checkout(browser, teapot)
    assert [each["id"] for each in page.all("select")] == ["point"]
    assert len(page.all("option")) == 10
    assert "Store S8 · 1 S8 Road" in page.text
    data = {**page.form("/checkout").fields, **TYPED, "fulfilment": "pick_up", "point": "S8"}
    wrong = browser.client.post("/checkout", data={**data, "name": ""}, headers=browser.headers)
    chosen = [each["value"] for each in Page(wrong.text).all("option") if "selected" in each]
    assert chosen == ["S8"]
    assert browser.client.post("/checkout", data=data).status_code == 303
    assert the_order().pick_up_name_en == "Store S8"


def order_for(product: Product, *, pick_up: str = "", pay: bool = True) -> PlacedOrder:
    order = trade.an_order(product, pick_up=pick_up)
    if pay:
        trade.pay(order)
    return order


def steps(page: Page) -> list[bool]:
    """Which of the steps are done."""
    items = page.html.partition('<ol class="steps"')[2].partition("</ol>")[0].split("<li")[1:]
    return [item.startswith(' class="done"') for item in items]


def test_the_code_is_shown_while_there_is_something_to_collect(
    browser: Browser, teapot: Product, stores: None
) -> None:
    order = order_for(teapot, pick_up="NORTH", pay=False)
    code = the_order().pick_up_code
    address, picture = f"/o/{order.secret}", f"/o/{order.secret}/pick-up.svg"
    shown = f"{code[:3]} {code[3:]}"
    assert shown not in browser.get(address).text
    assert browser.client.get(picture).status_code == 404
    trade.pay(order)
    page = browser.get(address)
    assert shown in page.text
    assert picture in {each.get("src") for each in page.all("img")}
    sales.hand_over(order.public_id, SYSTEM, clocks.now())
    assert shown not in browser.get(address).text
    assert browser.client.get(picture).status_code == 404
    assert "at Store NORTH. Within" in browser.page.text


def test_the_picture_is_a_qr_code_that_nobody_keeps(
    browser: Browser, teapot: Product, stores: None
) -> None:
    order = order_for(teapot, pick_up="NORTH")
    answer = browser.client.get(f"/o/{order.secret}/pick-up.svg")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    drawn = ET.fromstring(answer.data)
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert b"style" not in answer.data
    assert b"<script" not in answer.data
    sent = order_for(teapot)
    assert browser.client.get(f"/o/{sent.secret}/pick-up.svg").status_code == 404
    assert browser.client.get("/o/nothing/pick-up.svg").status_code == 404


def test_it_is_said_honestly_whether_all_of_it_is_there(
    browser: Browser, teapot: Product, stores: None
) -> None:
    elsewhere = "a few days until all is there"
    order = order_for(teapot, pick_up="NORTH")
    page = browser.get(f"/o/{order.secret}")
    assert "Paid. We are getting it ready at Store NORTH" in page.text
    assert elsewhere in page.text
    cast.counted(teapot.variants[0], 1, locations.find("NORTH"))
    order = order_for(teapot, pick_up="NORTH")
    assert elsewhere not in browser.get(f"/o/{order.secret}").text


def test_it_is_ready_once_the_store_says_so(
    browser: Browser, teapot: Product, stores: None
) -> None:
    order = order_for(teapot, pick_up="NORTH")
    assert steps(browser.get(f"/o/{order.secret}")) == [True, True, False, False]
    sales.dispatch(order.public_id, READY, Tracking(), SYSTEM, clocks.now())
    page = browser.get(f"/o/{order.secret}")
    assert "Ready for you at Store NORTH" in page.text
    assert steps(page) == [True, True, True, False]
    assert "Parcels" not in page.text
    chinese = Browser(browser.client, "zh").get(f"/o/{order.secret}")
    assert "可以到NORTH店取货了" in chinese.text


def test_every_parcel_is_followed_on_its_carriers_page(
    browser: Browser, teapot: Product, clock: SettableClock
) -> None:
    order = order_for(teapot)
    clock.advance(timedelta(hours=1))
    url = "https://carrier.example/SF1?a=1&b=2"
    for tracking in (Tracking("SF <Express>", "SF1", url), Tracking("JD", "J2"), Tracking()):
        sales.dispatch(order.public_id, SENT, tracking, SYSTEM, clocks.now())
    page = browser.get(f"/o/{order.secret}")
    assert "It comes in 3 parts; the latest left us on 2 Mar 2026, 11:00." in page.text
    assert [each["class"] for each in page.all("code")] == ["number", "number"]
    assert "SF <Express> · Number SF1" in page.text
    assert "<Express>" not in page.html
    (link,) = [each for each in page.all("a") if each.get("href") == url]
    assert link["rel"] == "noreferrer noopener"
    assert "Our own people bring it." in page.text
    assert steps(page) == [True, True, True, False]
    assert browser.answer.headers["Cache-Control"] == "no-store"


def test_the_steps_tell_when_each_of_them_was(
    browser: Browser, teapot: Product, clock: SettableClock
) -> None:
    order = order_for(teapot, pay=False)
    assert steps(browser.get(f"/o/{order.secret}")) == [True, False, False, False]
    clock.advance(timedelta(minutes=1))
    trade.pay(order)
    clock.advance(timedelta(hours=1))
    sales.dispatch(order.public_id, SENT, Tracking("JD", "J2"), SYSTEM, clocks.now())
    clock.advance(timedelta(days=1))
    sales.hand_over(order.public_id, SYSTEM, clocks.now())
    page = browser.get(f"/o/{order.secret}")
    assert steps(page) == [True] * 4
    assert [each["datetime"] for each in page.all("time")] == [
        "2026-03-02T02:00:00+00:00",
        "2026-03-02T02:01:00+00:00",
        "2026-03-02T03:01:00+00:00",
        "2026-03-03T03:01:00+00:00",
    ]


def test_a_step_that_nobody_told_of_is_left_out_afterwards(
    browser: Browser, teapot: Product
) -> None:
    order = order_for(teapot)
    sales.hand_over(order.public_id, SYSTEM, clocks.now())
    assert steps(browser.get(f"/o/{order.secret}")) == [True] * 3


def test_an_order_that_came_to_nothing_shows_no_steps(
    browser: Browser, teapot: Product, clock: SettableClock
) -> None:
    cancelled, expired = order_for(teapot), order_for(teapot, pay=False)
    sales.cancel_by_secret(cancelled.secret, clocks.now())
    clock.advance(timedelta(hours=3))
    for order in (cancelled, expired):
        assert steps(browser.get(f"/o/{order.secret}")) == []


def test_the_pages_of_orders_take_few_queries(
    browser: Browser, teapot: Product, stores: None
) -> None:
    order = order_for(teapot, pick_up="NORTH")
    with recorded_queries() as queries:
        browser.get(f"/o/{order.secret}")
    assert len(queries) <= 7, "a collected order asks for its place and for what lies there"
