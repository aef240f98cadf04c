"""What is on its way, or ready to be collected: told once, and shown on the order's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

import sqlalchemy as sa

from storefront.core.actor import Actor
from storefront.core.database import db
from storefront.core.errors import Conflict, Invalid
from storefront.core.ids import public_id
from storefront.orders.handling import OrderFacts
from storefront.orders.models import Dispatch, DispatchKind, Fulfilment, OrderState

MOST = 20
"""Of one order."""
LONGEST_CARRIER = 60
LONGEST_NUMBER = 60
LONGEST_URL = 500

KIND_OF = {
    Fulfilment.DELIVERY: DispatchKind.SENT,
    Fulfilment.PICK_UP: DispatchKind.READY_FOR_PICK_UP,
}

_dispatches = cast(sa.Table, Dispatch.__table__)


@dataclass(frozen=True, slots=True)
class Tracking:
    """Who brings a parcel, under which number, and where the carrier tells of it (or "").

    All of it is empty where the chain brings it itself, or the customer comes.
    """

    carrier: str = ""
    number: str = ""
    url: str = ""


def record(
    order: OrderFacts, kind: DispatchKind, tracking: Tracking, actor: Actor, now: datetime
) -> Dispatch:
    """Write down that something of a locked order is on its way, or ready to be collected.

    Raises Conflict `order_not_paid`, `wrong_dispatch_kind` (sent, but it is collected; or the other
    way round), `too_many_dispatches`; Invalid `tracking_incomplete`, `wrong_tracking_url`.
    """
    if order.state is not OrderState.PAID:
        raise Conflict(
            "order_not_paid",
            "Only what is paid and not yet handed over can be sent.",
            state=order.state.value,
        )
    if KIND_OF[order.fulfilment] is not kind:
        raise Conflict(
            "wrong_dispatch_kind",
            "An order that is delivered is sent; one that is collected is made ready.",
            fulfilment=order.fulfilment.value,
        )
    _check(kind, tracking)
    # The order is locked, so nobody adds to it meanwhile.
    before = sa.select(sa.func.count()).where(_dispatches.c.order_id == order.id)
    if (db.session.scalar(before) or 0) >= MOST:
        raise Conflict("too_many_dispatches", f"An order goes in {MOST} parts at most.")
    dispatch = Dispatch(
        public_id=public_id("dsp"),
        order_id=order.id,
        kind=kind,
        carrier=tracking.carrier.strip(),
        number=tracking.number.strip(),
        tracking_url=tracking.url,
        at=now,
        by_employee_id=actor.employee_id,
    )
    db.session.add(dispatch)
    db.session.flush()
    return dispatch


def _check(kind: DispatchKind, tracking: Tracking) -> None:
    carrier, number = bool(tracking.carrier.strip()), bool(tracking.number.strip())
    if kind is DispatchKind.READY_FOR_PICK_UP and (carrier or number or tracking.url):
        raise Invalid("tracking_incomplete", "What is collected has no carrier and no number.")
    if carrier is not number or (tracking.url and not carrier):
        raise Invalid(
            "tracking_incomplete",
            "Give the carrier and the number, or neither if you bring it yourselves.",
        )
    if tracking.url and not _is_safe(tracking.url):
        raise Invalid("wrong_tracking_url", "The carrier's page has an address with https://.")


def _is_safe(url: str) -> bool:
    """Whether it leads to a host over https, and to nothing else."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host) and "@" not in parts.netloc and "\\" not in url


def of_order(order_id: int) -> Sequence[Dispatch]:
    """An order's, in the order of their times. One query."""
    return db.session.scalars(
        sa.select(Dispatch).where(Dispatch.order_id == order_id).order_by(Dispatch.id)
    ).all()


def find(dispatch_public_id: str) -> Dispatch:
    """The one with this public id, which is known to be there."""
    return db.session.scalars(
        sa.select(Dispatch).where(Dispatch.public_id == dispatch_public_id)
    ).one()
