"""The sandbox's own pay page."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core import clock
from storefront.core.database import db
from storefront.integrations.payments.base import ChargeRequest
from storefront.integrations.payments.sandbox import SandboxCapture, SandboxGateway
from tests.support.browser import Browser
from tests.support.shopping import sandbox_of


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())


def pay_page(app: Flask, return_url: str = "http://shop.test/cart") -> str:
    request = ChargeRequest("reference1", 1999, "CNY", "260302-1", return_url)
    charge = sandbox_of(app).open_charge(request)
    return charge.pay_url.removeprefix("http://shop.test")


def test_it_says_what_it_is_and_how_much(app: Flask, browser: Browser) -> None:
    page = browser.get(pay_page(app))
    assert "Sandbox: no money moves" in page.text
    assert "CN¥19.99" in page.text
    assert "260302-1" in page.text
    assert browser.answer.headers["Cache-Control"] == "no-store"


def test_paying_twice_is_paying_once(app: Flask, browser: Browser) -> None:
    address = pay_page(app)
    browser.get(address)
    form = browser.page
    for _ in range(2):
        browser.page = form
        browser.press(address, "end=pay")
        assert browser.address == "/cart"
    assert db.session.scalar(sa.select(sa.func.count(SandboxCapture.id))) == 1
    page = browser.get(address)
    assert "This has been paid already" in page.text
    assert page.forms == []


def test_a_notice_that_the_shop_does_not_know_yet_keeps_nobody_from_going_back(
    app: Flask, browser: Browser
) -> None:
    address = pay_page(app)
    browser.get(address)
    browser.press(address, "end=decline")
    assert browser.address == "/cart"


def test_the_way_back_stays_in_the_shop(app: Flask) -> None:
    for elsewhere in ("http://evil.example/", "http://shop.test.evil.example/", "//evil", "x"):
        address = pay_page(app, return_url=elsewhere)
        answer = app.test_client().post(address, data={"end": "pay"})
        assert answer.headers["Location"] == "http://shop.test/"


@pytest.mark.parametrize("token", ["x", "%00", "a" * 100, "漢字", "=" * 9, "A" * 5000])
def test_what_the_sandbox_did_not_make_is_not_found(browser: Browser, token: str) -> None:
    browser.get(f"/sandbox/pay/{token}", 404)


def test_a_changed_amount_is_not_found(app: Flask, browser: Browser) -> None:
    address = pay_page(app)
    forged = SandboxGateway("another secret", "http://shop.test")
    stolen = forged.open_charge(ChargeRequest("reference1", 1, "CNY", "x", "http://shop.test/"))
    assert address != stolen.pay_url
    browser.get(stolen.pay_url, 404)


def test_an_end_that_is_none_is_refused(app: Flask) -> None:
    assert app.test_client().post(pay_page(app), data={"end": "free"}).status_code == 422


def test_another_sites_page_ends_nothing(app: Flask) -> None:
    answer = app.test_client().post(
        pay_page(app), data={"end": "pay"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert db.session.scalar(sa.select(sa.func.count(SandboxCapture.id))) == 0


def test_where_another_gateway_is_in_use_there_is_no_sandbox(app: Flask) -> None:
    address = pay_page(app)

    class Other:
        name = "other"

    app.extensions["gateway"] = Other()
    assert app.test_client().get(address).status_code == 404
    assert app.test_client().post(address, data={"end": "pay"}).status_code == 404


def test_it_looks_at_its_own_clock(app: Flask, browser: Browser) -> None:
    address = pay_page(app)
    browser.get(address)
    browser.press(address, "end=pay")
    assert db.session.scalars(sa.select(SandboxCapture.paid_at)).one() == clock.now()
