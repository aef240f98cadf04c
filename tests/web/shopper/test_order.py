"""The order's own page, from waiting for payment to money back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog.models import Product
from storefront.core import clock, jobs
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.integrations.payments.base import GatewayDown
from storefront.orders.models import CancelReason, Order, OrderState
from storefront.shops.models import Shop
from tests.support import cast
from tests.support.browser import Browser
from tests.support.queries import recorded_queries

TYPED = {"name": "李雷", "phone": "13800138000", "address": "上海市衡山路 1 号"}


@pytest.fixture
def teapot(shop: Shop) -> Product:
    """Five teapots, in the shop."""
    product = cast.a_product("Teapot", price=1999, stock=5)
    cast.a_listing(shop, product)
    return product


@pytest.fixture
def ordered(browser: Browser, teapot: Product) -> Browser:
    """Three teapots are ordered, and the order's page is on the screen."""
    address = f"/s/fang/p/{teapot.public_id}"
    browser.get(address)
    browser.press(address, "then=checkout", quantity="3")
    browser.press("/checkout", typed=TYPED)
    assert browser.address.startswith("/o/")
    return browser


def the_order() -> Order:
    db.session.rollback()
    return db.session.scalars(sa.select(Order)).one()


def pay(browser: Browser, end: str = "pay") -> None:
    """Press the pay button, and end it at the sandbox."""
    browser.press(f"{browser.address}/pay")
    assert browser.address.startswith("/sandbox/pay/")
    browser.press(browser.address, f"end={end}")


def test_the_page_is_a_secret(ordered: Browser) -> None:
    headers = ordered.answer.headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex"
    assert {"name": "robots", "content": "noindex"} in ordered.page.all("meta")
    assert "ETag" not in headers


def test_its_number_opens_nothing(ordered: Browser) -> None:
    order = the_order()
    ordered.get(f"/o/{order.number}", 404)
    ordered.get(f"/o/{order.public_id}", 404)
    ordered.client.delete_cookie("visitor")
    # The address is all it takes, in whatever browser.
    ordered.get(f"/o/{order.secret}")


def test_it_says_what_was_ordered_for_how_much_and_until_when(ordered: Browser) -> None:
    text = ordered.page.text
    for words in (
        the_order().number,
        "Teapot",
        "3 × CN¥19.99",
        "CN¥59.97",
        "李雷 · +86 138 0013 8000",
        "上海市衡山路 1 号",
        "kept for you until 10:15",
        "Pay CN¥59.97",
    ):
        assert words in text


def test_the_pay_buttons_form_may_be_sent_on_to_a_gateway(ordered: Browser) -> None:
    policy = ordered.answer.headers["Content-Security-Policy"]
    assert policy.endswith("form-action 'self' http://shop.test https:")


def test_it_is_paid_at_the_sandbox_and_the_page_says_so(ordered: Browser) -> None:
    pay(ordered)
    order = the_order()
    assert ordered.address == f"/o/{order.secret}"
    assert order.state is OrderState.PAID
    assert "Paid. We are getting it ready" in ordered.page.text
    assert "Pay CN¥" not in ordered.page.text


def test_a_declined_payment_may_be_tried_again(ordered: Browser) -> None:
    pay(ordered, "decline")
    assert "did not go through and nothing was taken" in ordered.page.text
    pay(ordered)
    assert the_order().state is OrderState.PAID


def test_a_payment_that_was_begun_goes_on_at_the_same_place(ordered: Browser) -> None:
    address = ordered.address
    ordered.press(f"{address}/pay")
    first = ordered.address
    ordered.get(address)
    ordered.press(f"{address}/pay")
    assert ordered.address == first


def test_a_gateway_that_does_not_answer_is_said_on_the_page(
    app: Flask, ordered: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise GatewayDown("no answer")

    monkeypatch.setattr(app.extensions["gateway"], "open_charge", down)
    page = ordered.press(f"{ordered.address}/pay", status=503)
    assert "does not answer" in page.text


def test_it_is_cancelled_before_it_is_paid(ordered: Browser) -> None:
    ordered.press(f"{ordered.address}/cancel")
    text = ordered.page.text
    assert "This order is cancelled" in text
    assert "Nothing was taken from you" in text
    assert the_order().cancel_reason is CancelReason.BY_CUSTOMER


def test_what_was_paid_goes_back_when_it_is_cancelled(ordered: Browser) -> None:
    pay(ordered)
    ordered.press(f"{ordered.address}/cancel")
    assert "CN¥59.97 is on its way back to you" in ordered.page.text
    jobs.run_due(clock.now())
    assert "CN¥59.97 went back to you on 2 Mar 2026" in ordered.get(ordered.address).text


def test_an_order_that_is_handed_over_cannot_be_cancelled(ordered: Browser) -> None:
    pay(ordered)
    before = ordered.page
    sales.hand_over(the_order().public_id, SYSTEM, clock.now())
    ordered.page = before
    page = ordered.press(f"{ordered.address}/cancel", status=409)
    assert "can no longer be cancelled" in page.text
    assert "Handed over on 2 Mar 2026" in page.text
    assert not any(form.action.endswith("/cancel") for form in page.forms)


def test_what_came_back_is_said_line_by_line(ordered: Browser) -> None:
    pay(ordered)
    order = the_order()
    sales.hand_over(order.public_id, SYSTEM, clock.now())
    sales.take_back(order.public_id, {1: 2}, "too small", SYSTEM, clock.now())
    text = ordered.get(ordered.address).text
    assert "2 came back" in text
    assert "CN¥39.98 is on its way back to you" in text


def test_when_the_time_is_over_there_is_nothing_to_pay(
    ordered: Browser, clock: SettableClock
) -> None:
    before = ordered.page
    clock.advance(timedelta(minutes=15))
    page = ordered.get(ordered.address)
    assert "The time to pay is over" in page.text
    assert not any(form.action.endswith("/pay") for form in page.forms)
    # A page that was left open leads to the same words.
    ordered.page = before
    assert "The time to pay is over" in ordered.press(f"{ordered.address}/pay").text
    sales.expire_holds(clock.now())
    assert "No payment came before" in ordered.get(ordered.address).text


def test_another_sites_page_neither_pays_nor_cancels(ordered: Browser) -> None:
    for deed in ("pay", "cancel"):
        answer = ordered.client.post(
            f"{ordered.address}/{deed}", headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert answer.status_code == 403
    assert the_order().state is OrderState.AWAITING_PAYMENT


def test_it_speaks_the_readers_language_not_the_buyers(ordered: Browser) -> None:
    ordered.headers["Accept-Language"] = "zh"
    text = ordered.get(ordered.address).text
    assert "等待付款" in text
    assert "¥59.97" in text
    assert "2026年3月2日 10:00" in text


def test_what_was_typed_stays_text(browser: Browser, teapot: Product) -> None:
    hostile = "<script>alert(1)</script>"
    browser.get(f"/p/{teapot.public_id}")
    browser.press(f"/p/{teapot.public_id}", "then=checkout")
    page = browser.press(
        "/checkout", name=hostile, phone="13800138000", address=hostile, note=hostile
    )
    assert page.text.count(hostile) == 3
    assert all(script.get("type") == "module" for script in page.all("script"))


def test_the_page_takes_few_queries(ordered: Browser) -> None:
    with recorded_queries() as queries:
        ordered.get(ordered.address)
    assert len(queries) <= 5


@pytest.mark.parametrize("deed", ["pay", "cancel"])
def test_an_unknown_order_is_not_found(browser: Browser, shop: Shop, deed: str) -> None:
    assert browser.client.post(f"/o/nothing/{deed}").status_code == 404
