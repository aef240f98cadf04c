"""Orders that are sent and collected, and what breaks them."""

from __future__ import annotations

from datetime import timedelta

from storefront import sales
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.insights.audit import tables as t
from storefront.orders.dispatches import MOST, Tracking
from storefront.orders.models import DispatchKind
from tests.insights.planting import Plant, change, copy
from tests.support import cast, trade


def send_and_collect(clock: SettableClock) -> None:
    """One order is sent in two parts and handed over, one waits to be collected."""
    clock.advance(timedelta(minutes=1))
    goods = cast.a_product("Parcel").variants[0]
    point = cast.a_pick_up_point("PARCELS")
    sent, collected = trade.an_order(goods), trade.an_order(goods, pick_up=point.code)
    for order in (sent, collected):
        trade.pay(order)
    clock.advance(timedelta(hours=1))
    followed = Tracking("SF", "SF1", "https://carrier.example/SF1")
    for tracking in (followed, Tracking()):
        sales.dispatch(sent.public_id, DispatchKind.SENT, tracking, SYSTEM, clock.now())
    kind = DispatchKind.READY_FOR_PICK_UP
    sales.dispatch(collected.public_id, kind, Tracking(), SYSTEM, clock.now())
    clock.advance(timedelta(hours=1))
    sales.hand_over(sent.public_id, SYSTEM, clock.now())
    clock.advance(timedelta(minutes=1))
    db.session.rollback()


_d, _o = t.dispatches.c, t.orders.c
_collected = _o.fulfilment == "pick_up"
_sent = _o.fulfilment == "delivery"


def _too_many() -> None:
    for number in range(MOST):
        copy(t.dispatches, id=900_000 + number, public_id=f"dsp_{number}")()


PLANTS: dict[str, list[Plant]] = {
    "collected orders have a place": [
        change(t.orders, _collected, pick_up_location_id=None),
        change(t.orders, _collected, pick_up_code="12345"),
        change(t.orders, _collected, pick_up_name_en=""),
        change(t.orders, _collected, address="Hengshan Road 1"),
        change(t.orders, _collected, fulfilment="delivery"),
        change(t.orders, _sent, fulfilment="pick_up"),
        change(t.orders, _sent, fulfilment="balloon"),
        change(t.orders, _sent, pick_up_code="123456"),
    ],
    "dispatches fit their orders": [
        change(t.dispatches, kind="ready_for_pick_up"),
        change(t.dispatches, at=lambda at: at - timedelta(hours=2)),
        change(t.dispatches, at=lambda at: at + timedelta(days=2)),
        change(t.orders, _collected, paid_at=None),
        change(t.dispatches, order_id=999_999),
    ],
    "parcels can be followed": [
        change(t.dispatches, _d.number != "", number=""),
        change(t.dispatches, _d.carrier == "", carrier="SF"),
        change(t.dispatches, _d.number != "", tracking_url="http://carrier.example/"),
        change(t.dispatches, _d.number == "", tracking_url="https://carrier.example/"),
    ],
    "orders go in few parts": [_too_many],
}
