"""Parcels and what is ready to be collected: written down once, told once, and never misleading."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog.models import Variant
from storefront.core import clock as clocks
from storefront.core import jobs
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, DomainError, Invalid
from storefront.orders import dispatches
from storefront.orders.dispatches import MOST, Tracking
from storefront.orders.models import Dispatch, DispatchKind, Order
from storefront.orders.placing import PlacedOrder
from tests.support import cast, trade
from tests.support.books import broken

SENT, READY = DispatchKind.SENT, DispatchKind.READY_FOR_PICK_UP
PARCEL = Tracking("SF Express", "SF1042583120971", "https://carrier.example/SF1042583120971")


class Post:
    """A message service that keeps what it carries."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, str]] = []

    def send(self, phone: str, text: str, *, key: str) -> None:
        self.letters.append((phone, text, key.partition(":")[0]))


@pytest.fixture
def post(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setitem(app.extensions, "messenger", post)
    return post


@pytest.fixture
def tea(app: Flask) -> Variant:
    trade.open_for_trade()
    cast.a_pick_up_point("SHOP")
    return cast.a_product("Tea").variants[0]


def send(order: PlacedOrder, tracking: Tracking = PARCEL, kind: DispatchKind = SENT) -> Dispatch:
    return sales.dispatch(order.public_id, kind, tracking, SYSTEM, clocks.now())


def code_of(refused: pytest.ExceptionInfo[DomainError]) -> str:
    return refused.value.code


def in_english(order: PlacedOrder) -> None:
    db.session.execute(sa.update(Order).where(Order.id == order.id).values(language="en"))
    db.session.commit()


def test_a_parcel_is_written_down_with_what_follows_it(tea: Variant) -> None:
    order = trade.sell(tea, handed_over=False)
    made = send(order)
    (found,) = dispatches.of_order(order.id)
    assert found.public_id == made.public_id
    assert (found.carrier, found.number, found.tracking_url) == (
        PARCEL.carrier,
        PARCEL.number,
        PARCEL.url,
    )
    assert found.at == clocks.now()
    assert broken() == set()


def test_only_what_is_paid_and_not_yet_handed_over_is_sent(tea: Variant) -> None:
    awaiting, done = trade.an_order(tea), trade.sell(tea)
    over = trade.sell(tea, handed_over=False)
    sales.cancel_by_secret(over.secret, clocks.now())
    for order in (awaiting, done, over):
        with pytest.raises(Conflict) as refused:
            send(order)
        assert code_of(refused) == "order_not_paid"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Dispatch)) == 0


def test_what_is_collected_is_not_sent_and_what_is_sent_not_collected(tea: Variant) -> None:
    sent = trade.sell(tea, handed_over=False)
    collected = trade.sell(tea, handed_over=False, pick_up="SHOP")
    for order, kind in ((sent, READY), (collected, SENT)):
        with pytest.raises(Conflict) as refused:
            send(order, Tracking(), kind)
        assert code_of(refused) == "wrong_dispatch_kind"
    assert send(collected, Tracking(), READY).kind is READY


@pytest.mark.parametrize(
    "tracking",
    [
        Tracking("SF Express", ""),
        Tracking("", "SF1"),
        Tracking("  ", "SF1"),
        Tracking("", "", "https://carrier.example/"),
    ],
)
def test_half_of_what_follows_a_parcel_is_refused(tea: Variant, tracking: Tracking) -> None:
    order = trade.sell(tea, handed_over=False)
    with pytest.raises(Invalid) as refused:
        send(order, tracking)
    assert code_of(refused) == "tracking_incomplete"


def test_what_the_chain_brings_itself_has_neither(tea: Variant) -> None:
    order = trade.sell(tea, handed_over=False)
    assert send(order, Tracking()).number == ""
    collected = trade.sell(tea, handed_over=False, pick_up="SHOP")
    with pytest.raises(Invalid) as refused:
        send(collected, PARCEL, READY)
    assert code_of(refused) == "tracking_incomplete"


@pytest.mark.parametrize(
    "url",
    [
        "http://carrier.example/SF1",
        "javascript:alert(1)",
        "//carrier.example/SF1",
        "https://",
        "https:///SF1",
        "https://me@carrier.example/",
        "https://carrier.example/a b",
        "https://carrier.example\\@evil.example/",
        "https://[::1/",
        "https://carrier.example/" + "x" * 500,
        "https://carrier.example/\n",
        "ftp://carrier.example/",
    ],
)
def test_only_an_https_page_may_be_led_to(tea: Variant, url: str) -> None:
    order = trade.sell(tea, handed_over=False)
    with pytest.raises(Invalid) as refused:
        send(order, Tracking("SF", "SF1", url))
    assert code_of(refused) == "wrong_tracking_url"


def test_an_order_goes_in_twenty_parts_at_most(tea: Variant) -> None:
    order = trade.sell(tea, handed_over=False)
    for _ in range(MOST):
        send(order)
    with pytest.raises(Conflict) as refused:
        send(order)
    assert code_of(refused) == "too_many_dispatches"
    assert len(dispatches.of_order(order.id)) == 20


def test_the_customer_is_told_once_of_each_parcel(tea: Variant, post: Post) -> None:
    order = trade.sell(tea, handed_over=False, phone="+8613800138000")
    jobs.run_due(clocks.now())
    post.letters.clear()
    send(order)
    send(order, Tracking())
    for _ in range(3):
        jobs.run_due(clocks.now())
    page = f"http://shop.test/o/{order.secret}"
    assert post.letters == [
        (
            "+8613800138000",
            f"苇汀百货：订单 {order.number} 已发货，SF Express SF1042583120971。查看订单：{page}",
            "dispatch",
        ),
        (
            "+8613800138000",
            f"苇汀百货：订单 {order.number} 已出发，由我们的人送到。查看订单：{page}",
            "dispatch",
        ),
    ]


def test_whoever_collects_is_told_where_and_with_what(tea: Variant, post: Post) -> None:
    order = trade.an_order(tea, pick_up="SHOP")
    in_english(order)
    trade.pay(order)
    send(order, Tracking(), READY)
    jobs.run_due(clocks.now())
    code = db.session.scalars(sa.select(Order.pick_up_code)).one()
    receipt, ready = (text for _, text, _ in post.letters)
    assert "We send another message as soon as it is ready at Store SHOP." in receipt
    assert code not in receipt
    assert f"is ready at Store SHOP. Show the code {code} there." in ready


def test_the_receipt_of_what_is_sent_names_no_store(tea: Variant, post: Post) -> None:
    trade.sell(tea, handed_over=False)
    jobs.run_due(clocks.now())
    assert "已付款，我们正在备货" in post.letters[0][1]


def test_nobody_is_told_of_an_order_that_is_over_by_then(
    tea: Variant, post: Post, clock: SettableClock
) -> None:
    order = trade.sell(tea, handed_over=False)
    jobs.run_due(clocks.now())
    post.letters.clear()
    send(order)
    sales.cancel_by_secret(order.secret, clocks.now())
    clock.advance(timedelta(minutes=1))
    jobs.run_due(clocks.now())
    assert [kind for _, _, kind in post.letters] == []
