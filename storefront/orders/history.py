"""A customer's own orders, for whoever has proved to be them."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, cast

import sqlalchemy as sa

from storefront.core.database import db
from storefront.orders.models import Dispatch, Door, Fulfilment, Order, OrderLine, OrderState

_dispatches = cast(sa.Table, Dispatch.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)

PAGE = 20
MOST_PLACES = 5


class OwnOrder(NamedTuple):
    """An order as a list shows it."""

    id: int
    number: str
    secret: str
    state: OrderState
    placed_at: datetime
    hold_expires_at: datetime
    total: int
    currency: str
    pieces: int
    first_variant_id: int
    first_zh: str
    first_en: str
    fulfilment: Fulfilment
    pick_up_name_zh: str
    pick_up_name_en: str
    is_dispatched: bool
    """Whether something of it was sent, or is ready to be collected."""


class Place(NamedTuple):
    """Where goods were sent before."""

    name: str
    phone: str
    address: str


def orders_of(customer_id: int, before: int | None = None, limit: int = PAGE) -> list[OwnOrder]:
    """Up to `limit` of a customer's online orders, newest first, from below a row. One query."""
    first = _lines.alias("first_lines")
    pieces = (
        sa.select(sa.func.sum(_lines.c.quantity))
        .where(_lines.c.order_id == _orders.c.id)
        .correlate(_orders)
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            _orders.c.id,
            _orders.c.number,
            _orders.c.secret,
            _orders.c.state,
            _orders.c.placed_at,
            _orders.c.hold_expires_at,
            _orders.c.total,
            _orders.c.currency,
            pieces,
            first.c.variant_id,
            first.c.name_zh,
            first.c.name_en,
            _orders.c.fulfilment,
            _orders.c.pick_up_name_zh,
            _orders.c.pick_up_name_en,
            sa.exists().where(_dispatches.c.order_id == _orders.c.id).correlate(_orders),
        )
        .join(first, sa.and_(first.c.order_id == _orders.c.id, first.c.position == 1))
        .where(
            _orders.c.customer_id == customer_id,
            _orders.c.door == Door.ONLINE,
            _orders.c.id < before if before is not None else sa.true(),
        )
        .order_by(_orders.c.id.desc())
        .limit(limit)
    )
    return [OwnOrder(*row) for row in rows]


def places_of(customer_id: int) -> list[Place]:
    """Where the customer's orders were sent, each place once, the latest first. One query."""
    latest = sa.func.max(_orders.c.id)
    rows = db.session.execute(
        sa.select(_orders.c.contact_name, _orders.c.contact_phone, _orders.c.address)
        .where(
            _orders.c.customer_id == customer_id,
            _orders.c.door == Door.ONLINE,
            _orders.c.fulfilment == Fulfilment.DELIVERY,
        )
        .group_by(_orders.c.contact_name, _orders.c.contact_phone, _orders.c.address)
        .order_by(latest.desc())
        .limit(MOST_PLACES)
    )
    return [Place(*row) for row in rows]
