"""Customers find their orders and addresses by their phone number and a code."""

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
from storefront.core.jobs import Job
from storefront.customers import sign_in
from storefront.customers.models import CustomerVisitor, SignInCode, Through
from storefront.orders.dispatches import Tracking
from storefront.orders.models import DispatchKind, Order
from tests.support import cast, trade
from tests.support.browser import Browser
from tests.support.queries import recorded_queries
from tests.support.shopping import a_shopper

PHONE = "+8613800138000"


class Post:
    """A message service that keeps the codes it carries."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str]] = []

    def send(self, phone: str, text: str, *, key: str) -> None:
        if key.startswith("sign-in:"):
            self.letters.append((phone, text))

    @property
    def code(self) -> str:
        return self.letters[-1][1].rpartition("#")[2]


@pytest.fixture
def post(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setitem(app.extensions, "messenger", post)
    return post


@pytest.fixture
def tea(app: Flask) -> Product:
    trade.the_policy()
    trade.the_plan()
    return cast.a_product("Tea")


@pytest.fixture
def order(app: Flask, tea: Product) -> Order:
    a_shopper(app, phone=PHONE).buy({tea.variants[0]: 2})
    return db.session.scalars(sa.select(Order)).one()


def ask(browser: Browser, phone: str = "138 0013 8000", status: int = 200) -> None:
    """Ask for a code; what there is to send goes out."""
    browser.get("/orders")
    browser.press("/orders/code", phone=phone, status=status)
    jobs.run_due(clock.now())


def enter(browser: Browser, code: str, status: int = 200) -> None:
    browser.press("/orders/in", code=code, status=status)


def test_the_code_opens_the_list_and_each_order(
    browser: Browser, order: Order, post: Post, tea: Product
) -> None:
    secret = order.secret
    ask(browser)
    ((phone, text),) = post.letters
    assert phone == PHONE
    assert text.splitlines()[-1].startswith("@")
    enter(browser, f" {post.code[:3]} {post.code[3:]} ")
    assert "Tea" in browser.page.text
    assert "2 pieces" in browser.page.text
    assert f"/o/{secret}" in browser.page.links
    assert browser.answer.headers["Cache-Control"] == "no-store"


def test_a_number_without_orders_looks_the_same_and_is_sent_nothing(
    app: Flask, browser: Browser, order: Order, post: Post
) -> None:
    ask(browser, "+44 20 7946 0958")
    strange = browser.page.text.replace("+44 20 7946 0958", "…")
    assert post.letters == []
    known = Browser(app.test_client())
    ask(known)
    assert known.page.text.replace("138 0013 8000", "…") == strange
    enter(browser, "000000", status=422)


def test_nobody_sees_orders_without_the_code(
    app: Flask, browser: Browser, order: Order, post: Post
) -> None:
    ask(browser)
    stranger = Browser(app.test_client())
    assert "Tea" not in stranger.get("/orders").text
    right = post.code
    wrong = "000000" if right != "000000" else "111111"
    enter(browser, wrong, status=422)
    assert "Enter the six digits" in browser.page.text
    enter(browser, right)
    assert "Tea" in browser.page.text
    assert "Tea" not in stranger.get("/orders").text


def test_a_code_works_once_for_ten_minutes_and_five_tries(
    app: Flask, browser: Browser, order: Order, post: Post, clock: SettableClock
) -> None:
    ask(browser)
    first = post.code
    clock.advance(timedelta(seconds=61))
    ask(browser)
    second = post.code
    other = Browser(app.test_client())
    other.get("/orders")
    # The earlier one still works, once.
    sign_in.prove(PHONE, first, "somebody", clock.now())
    with pytest.raises(Exception, match="wrong_code"):
        sign_in.prove(PHONE, first, "somebody", clock.now())
    for _ in range(sign_in.MOST_TRIES - 1):
        with pytest.raises(Exception, match="wrong_code"):
            sign_in.prove(PHONE, "x", "somebody", clock.now())
    with pytest.raises(Exception, match="wrong_code"):
        sign_in.prove(PHONE, second, "somebody", clock.now())
    clock.advance(timedelta(minutes=2))
    ask(browser)
    clock.advance(sign_in.GOOD_FOR)
    enter(browser, post.code, status=422)


def test_codes_are_not_sent_without_end(
    browser: Browser, order: Order, post: Post, clock: SettableClock
) -> None:
    ask(browser)
    ask(browser, status=429)
    assert "in a minute" in browser.page.text
    assert browser.answer.headers["Retry-After"] == "60"
    for _ in range(sign_in.PER_PHONE - 1):
        clock.advance(timedelta(minutes=2))
        ask(browser)
    clock.advance(timedelta(minutes=2))
    ask(browser, status=429)
    assert len(post.letters) == sign_in.PER_PHONE
    clock.advance(sign_in.WINDOW)
    ask(browser)


def test_one_caller_cannot_try_numbers_without_end(app: Flask, clock: SettableClock) -> None:
    for number in range(sign_in.PER_CALLER):
        sign_in.ask(f"+86138{number:08}", "192.0.2.1", "zh", clock.now())
    with pytest.raises(Exception, match="too_many_codes"):
        sign_in.ask("+8613900000000", "192.0.2.1", "zh", clock.now())
    sign_in.ask("+8613900000000", "192.0.2.2", "zh", clock.now())


def test_neither_code_nor_caller_can_be_read_from_the_books(order: Order, post: Post) -> None:
    sign_in.ask(PHONE, "192.0.2.1", "zh", clock.now())
    jobs.run_due(clock.now())
    row = db.session.scalars(sa.select(SignInCode)).one()
    job = db.session.scalars(sa.select(Job).where(Job.kind == sign_in.SEND_CODE)).one()
    for kept in (row.salt, row.caller, str(job.payload)):
        assert post.code not in kept
        assert "192.0.2.1" not in kept


def test_a_message_service_that_is_down_tells_nobody_who_is_a_customer(
    app: Flask,
    browser: Browser,
    order: Order,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Down:
        def send(self, phone: str, text: str, *, key: str) -> None:
            raise ConnectionError("nobody answers")

    monkeypatch.setitem(app.extensions, "messenger", Down())
    ask(browser)
    clock.advance(timedelta(minutes=1))
    later = Post()
    monkeypatch.setitem(app.extensions, "messenger", later)
    jobs.run_due(clock.now())
    enter(browser, later.code)
    assert "Tea" in browser.page.text


def test_a_code_that_would_come_too_late_is_not_sent(
    order: Order, post: Post, clock: SettableClock
) -> None:
    sign_in.ask(PHONE, "192.0.2.1", "zh", clock.now())
    jobs.run_due(clock.advance(sign_in.GOOD_FOR))
    assert post.letters == []


def test_signing_in_makes_the_browsers_meetings_the_customers(
    browser: Browser, order: Order, post: Post
) -> None:
    ask(browser)
    enter(browser, post.code)
    through = set(db.session.scalars(sa.select(CustomerVisitor.through)))
    assert through == {Through.CHECKOUT, Through.SIGN_IN}


def test_signing_out_and_thirty_days_close_the_list(
    browser: Browser, order: Order, post: Post, clock: SettableClock
) -> None:
    ask(browser)
    enter(browser, post.code)
    browser.press("/orders/out")
    assert "Tea" not in browser.page.text
    clock.advance(timedelta(minutes=2))
    ask(browser)
    enter(browser, post.code)
    clock.advance(sign_in.SIGNED_IN_FOR)
    assert "Tea" not in browser.get("/orders").text
    sign_in.forget_old(clock.now() + timedelta(days=2))
    assert db.session.scalar(sa.select(sa.func.count(SignInCode.id))) == 0


def test_a_wrong_number_is_kept_as_typed(browser: Browser, post: Post) -> None:
    ask(browser, "12", status=422)
    assert browser.page.form("/orders/code").fields["phone"] == "12"
    assert "Error: " in browser.page.title


def test_whoever_is_known_finds_their_addresses_at_checkout(
    app: Flask, browser: Browser, order: Order, post: Post, tea: Product, clock: SettableClock
) -> None:
    address = order.address
    browser.get(f"/p/{tea.public_id}")
    browser.press(f"/p/{tea.public_id}", "then=checkout")
    assert browser.page.form("/checkout").fields["address"] == ""
    ask(browser)
    enter(browser, post.code)
    form = browser.get("/checkout").form("/checkout")
    assert form.fields["address"] == address
    assert form.fields["phone"]
    browser.press("/checkout", address="Somewhere else 1")
    browser.get(f"/p/{tea.public_id}")
    browser.press(f"/p/{tea.public_id}", "then=checkout")
    places = [link for link in browser.page.links if "place=" in link]
    assert len(places) == 2
    assert browser.page.form("/checkout").fields["address"] == "Somewhere else 1"
    assert browser.get(places[1]).form("/checkout").fields["address"] == address
    assert browser.get("/checkout?place=99").form("/checkout").fields["address"]


@pytest.mark.parametrize(
    ("pick_up", "before", "after"),
    [
        ("", "Paid. We are getting it ready", "On its way"),
        ("SHOP", "Paid. We are getting it ready at Store SHOP", "Ready for you at Store SHOP"),
    ],
)
def test_the_list_says_what_is_on_its_way_and_what_is_ready_where(
    browser: Browser, tea: Product, post: Post, pick_up: str, before: str, after: str
) -> None:
    cast.a_pick_up_point("SHOP")
    sold = trade.sell(tea, phone=PHONE, handed_over=False, pick_up=pick_up)
    ask(browser)
    enter(browser, post.code)
    assert f" {before} 2 Mar" in browser.get("/orders").text
    kind = DispatchKind.READY_FOR_PICK_UP if pick_up else DispatchKind.SENT
    sales.dispatch(sold.public_id, kind, Tracking(), SYSTEM, clock.now())
    assert f" {after} 2 Mar" in browser.get("/orders").text


def test_the_list_costs_few_queries(browser: Browser, order: Order, post: Post) -> None:
    ask(browser)
    enter(browser, post.code)
    with recorded_queries() as queries:
        browser.get("/orders")
    assert len(queries) <= 3
