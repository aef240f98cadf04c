"""A customer asks to give goods back, and headquarters answers."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from storefront import sales
from storefront.catalog.models import Product
from storefront.commissions.models import Accrual
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict
from storefront.core.pictures import Picture
from storefront.orders import return_requests
from storefront.orders.models import (
    Order,
    RequestState,
    Return,
    ReturnReason,
    ReturnRequest,
)
from storefront.payments.models import Refund
from storefront.shops.models import Shop
from storefront.staff.models import Role
from tests.support import cast
from tests.support.books import broken
from tests.support.browser import Browser
from tests.support.queries import recorded_queries
from tests.support.shopping import a_shopper
from tests.support.threads import all_at_once


@pytest.fixture
def cups(shop: Shop) -> Product:
    return cast.a_listing(shop, cast.a_product("Cup", price=1_000, stock=9)).product


@pytest.fixture
def order(app: Flask, shop: Shop, cups: Product) -> Order:
    """Three cups, credited to the shop's keeper and handed over."""
    shopper = a_shopper(app)
    shopper.follow(cast.a_link(shop))
    shopper.buy({cups.variants[0]: 3})
    order = db.session.scalars(sa.select(Order)).one()
    sales.hand_over(order.public_id, SYSTEM, clock.now())
    return the_order()


def the_order() -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(sa.select(Order)).one()


def the_request() -> ReturnRequest:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(sa.select(ReturnRequest).order_by(ReturnRequest.id.desc())).first()  # pyright: ignore


def send(browser: Browser, secret: str, status: int = 303, **fields: Any) -> str:
    """Send the form as a phone does, with a file in it or not."""
    data = {"line-1": "2", "reason": "damaged", "words": "A crack.", **fields}
    answer = browser.client.post(f"/o/{secret}/return", data=data, headers=browser.headers)
    assert answer.status_code == status, answer.text
    return answer.text


def a_photo() -> io.BytesIO:
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Spy Camera"
    Image.new("RGB", (40, 30), "teal").save(stream, "JPEG", exif=exif)
    stream.seek(0)
    return stream


def operations() -> dict[str, str]:
    return cast.headers_of(cast.an_employee(role=Role.HQ_OPERATIONS))


def test_from_the_wish_to_the_money_back(
    app: Flask, browser: Browser, order: Order, cups: Product
) -> None:
    secret = order.secret
    page = browser.get(f"/o/{secret}")
    assert "Return something" in page.text
    form = page.form(f"/o/{secret}/return")
    assert form.fields["line-1"] == "1"
    send(browser, secret, picture=(a_photo(), "crack.jpg"))
    assert "You asked to return this" in browser.get(f"/o/{secret}").text
    assert "Return something" not in browser.page.text
    assert db.session.scalar(sa.select(sa.func.count(Return.id))) == 0

    hq = app.test_client()
    headers = operations()
    (item,) = hq.get("/api/v1/hq/return-requests?state=asked", headers=headers).json["items"]  # pyright: ignore
    assert item["lines"] == [{"line": 1, "quantity": 2}]
    assert (item["reason"], item["words"]) == ("damaged", "A crack.")
    photo = hq.get(item["picture"]["files"][0]["jpeg"])
    assert photo.status_code == 200
    assert b"Spy Camera" not in photo.data
    path = f"/api/v1/hq/return-requests/{item['id']}/accept"
    accepted = hq.post(path, json={"answer": "Thank you."}, headers=headers)
    assert accepted.status_code == 200, accepted.text
    assert accepted.json["state"] == "accepted"  # pyright: ignore
    text = browser.get(f"/o/{secret}").text
    assert "Thank you." in text
    assert "2 came back" in text
    assert db.session.scalars(sa.select(Refund.amount)).one() == 2_000
    assert db.session.scalars(sa.select(Return.reason)).one() == "damaged"
    accrual = db.session.scalars(sa.select(Accrual)).one()
    assert accrual.reversed == round(accrual.amount * 2 / 3)
    assert broken() == set()
    again = hq.post(path, json={}, headers=headers)
    assert (again.status_code, again.json["code"]) == (409, "request_over")  # pyright: ignore
    assert "Return something" in browser.page.text, "one cup is left"


def test_a_refusal_says_why_and_the_customer_may_ask_again(
    app: Flask, browser: Browser, order: Order
) -> None:
    secret, headers = order.secret, operations()
    send(browser, secret)
    hq = app.test_client()
    path = f"/api/v1/hq/return-requests/{the_request().public_id}/refuse"
    assert hq.post(path, json={}, headers=headers).status_code == 422
    assert hq.post(path, json={"answer": "It was used."}, headers=headers).status_code == 200
    page = browser.get(f"/o/{secret}")
    assert "It was used." in page.text
    assert "Return something" in page.text
    send(browser, secret)
    assert "Return something" not in browser.get(f"/o/{secret}").text


def test_the_customer_may_keep_it_after_all(browser: Browser, order: Order) -> None:
    secret = order.secret
    send(browser, secret)
    browser.get(f"/o/{secret}")
    browser.press(f"/o/{secret}/return/withdraw")
    assert the_request().state is RequestState.WITHDRAWN
    assert "You decided to keep it" in browser.page.text
    answer = browser.client.post(f"/o/{secret}/return/withdraw")
    assert answer.status_code == 409


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"line-1": "0"}, "Choose what you want to return"),
        ({"line-1": "x"}, "Enter how many as a number"),
        ({"line-1": "4"}, "Choose fewer"),
        ({"line-9": "1", "line-1": "0"}, "Nothing of this order"),
        ({"reason": "greed"}, "Choose why"),
        ({"words": "x" * 1_001}, "1000 characters at most"),
        ({"picture": (io.BytesIO(b"<svg onload=x>"), "x.svg")}, "Choose a JPEG"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    browser: Browser, order: Order, fields: dict[str, Any], words: str
) -> None:
    if "picture" in fields:
        fields = {"picture": (io.BytesIO(b"<svg onload=x>"), "x.svg")}
    status = 409 if words in {"Choose fewer", "Nothing of this order"} else 422
    html = send(browser, order.secret, status, **{"words": "A long story.", **fields})
    assert words in html
    assert "There is a problem" in html
    if "words" not in fields:
        assert "A long story." in html
    assert the_request() is None


def test_nobody_leaves_a_picture_who_may_not_ask(browser: Browser, order: Order) -> None:
    """Neither for an order that there is not, nor with every further try."""
    secret = order.secret
    before = db.session.scalar(sa.select(sa.func.count(Picture.id)))
    send(browser, "nobodys-secret", 404, picture=(a_photo(), "x.jpg"))
    send(browser, secret, 409, **{"line-1": "9"}, picture=(a_photo(), "x.jpg"))
    send(browser, secret)
    assert "asked already" in send(browser, secret, 409, picture=(a_photo(), "x.jpg"))
    assert db.session.scalar(sa.select(sa.func.count(Picture.id))) == before


def test_after_the_days_nobody_asks_any_more(
    browser: Browser, order: Order, clock: SettableClock
) -> None:
    secret = order.secret
    clock.advance(timedelta(days=7))
    assert "Return something" not in browser.get(f"/o/{secret}").text
    assert "The days to ask are over" in send(browser, secret, 409)


@pytest.mark.own_app(return_days=14)
def test_the_chain_says_how_many_days(
    browser: Browser, order: Order, cups: Product, clock: SettableClock
) -> None:
    secret = order.secret
    clock.advance(timedelta(days=13))
    assert "Return something" in browser.get(f"/o/{secret}").text
    assert "within 14 days" in browser.get(f"/p/{cups.public_id}").text


def test_what_was_not_handed_over_is_cancelled_instead(
    app: Flask, browser: Browser, shop: Shop, cups: Product
) -> None:
    a_shopper(app).buy({cups.variants[0]: 1})
    assert "Nothing of this order" not in browser.get(f"/o/{the_order().secret}").text
    send(browser, the_order().secret, 409)


def test_it_is_for_headquarters_operations(app: Flask, browser: Browser, order: Order) -> None:
    send(browser, order.secret)
    path = f"/api/v1/hq/return-requests/{the_request().public_id}/accept"
    client = app.test_client()
    assert client.post(path, json={}).status_code == 401
    seller = cast.headers_of(cast.an_employee())
    assert client.post(path, json={}, headers=seller).status_code == 403
    finance = cast.headers_of(cast.an_employee(role=Role.HQ_FINANCE))
    assert client.post(path, json={}, headers=finance).status_code == 403
    unknown = client.post(
        "/api/v1/hq/return-requests/rrq_none/accept", json={}, headers=operations()
    )
    assert unknown.status_code == 404


def asking(secret: str) -> Any:
    now = clock.now()
    return lambda: return_requests.ask(secret, {1: 1}, ReturnReason.OTHER, "", None, now).public_id


def test_of_many_who_ask_at_once_one_does(app: Flask, order: Order) -> None:
    answers = all_at_once(app, [asking(order.secret)] * 4)
    assert (
        sorted(each.code for each in answers if isinstance(each, Conflict))
        == ["return_asked_before"] * 3
    )


def test_without_the_index_all_do(app: Flask, order: Order) -> None:
    """The twin without the protection: on PostgreSQL, as SQLite lets one write at a time."""
    with db.engine.begin() as connection:
        connection.execute(sa.text("DROP INDEX uq_return_requests_open_order_id"))
    answers = all_at_once(app, [asking(order.secret)] * 4)
    assert not [each for each in answers if isinstance(each, Exception)]


def test_of_two_who_accept_at_once_the_goods_come_back_once(
    app: Flask, browser: Browser, order: Order
) -> None:
    send(browser, order.secret)
    name, now = the_request().public_id, clock.now()
    answers = all_at_once(
        app, [lambda: sales.accept_return(name, "", SYSTEM, now).state for _ in range(4)]
    )
    assert sum(answer is RequestState.ACCEPTED for answer in answers) == 1
    assert the_order().lines[0].returned_quantity == 2
    assert broken() == set()


def test_the_orders_page_costs_little_more(browser: Browser, order: Order) -> None:
    secret = order.secret
    browser.get(f"/o/{secret}")
    with recorded_queries() as queries:
        browser.get(f"/o/{secret}")
    assert len(queries) <= 6
