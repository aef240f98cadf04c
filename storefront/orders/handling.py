"""What happens to an order after it was placed: paid, handed over, cancelled.

Each verb changes the state by one guarded UPDATE and says whether it won; it joins the caller's
transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from storefront.catalog import stock
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db
from storefront.core.errors import Conflict, NotFound
from storefront.orders import coupon_uses
from storefront.orders.models import (
    ORDER_TRANSITIONS,
    CancelReason,
    Cart,
    Door,
    Fulfilment,
    HoldState,
    Order,
    OrderLine,
    OrderState,
    StockHold,
)

_orders = cast(sa.Table, Order.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_holds = cast(sa.Table, StockHold.__table__)


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What credit and commission need to know of an order line."""

    id: int
    position: int
    product_id: int
    brand_id: int
    category_id: int
    quantity: int
    net: int


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the story needs to know of an order."""

    id: int
    public_id: str
    number: str
    secret: str
    customer_id: int | None
    contact_phone: str
    language: str
    state: OrderState
    currency: str
    total: int
    evidence: Mapping[str, Any]
    placed_at: datetime
    hold_expires_at: datetime
    handed_over_at: datetime | None
    door: Door
    fulfilment: Fulfilment = Fulfilment.DELIVERY


_FACTS = (
    _orders.c.id,
    _orders.c.public_id,
    _orders.c.number,
    _orders.c.secret,
    _orders.c.customer_id,
    _orders.c.contact_phone,
    _orders.c.language,
    _orders.c.state,
    _orders.c.currency,
    _orders.c.total,
    _orders.c.evidence,
    _orders.c.placed_at,
    _orders.c.hold_expires_at,
    _orders.c.handed_over_at,
    _orders.c.door,
    _orders.c.fulfilment,
)


_LOCKED = sa.select(*_FACTS).with_for_update()
_LOCKED_BY_PUBLIC_ID = _LOCKED.where(_orders.c.public_id == sa.bindparam("key"))
_LOCKED_BY_SECRET = _LOCKED.where(_orders.c.secret == sa.bindparam("key"))
_LOCKED_BY_ID = _LOCKED.where(_orders.c.id == sa.bindparam("key"))

_LINES_OF = (
    sa.select(
        _lines.c.id,
        _lines.c.position,
        _lines.c.product_id,
        _lines.c.brand_id,
        _lines.c.category_id,
        _lines.c.quantity,
        _lines.c.net,
    )
    .where(_lines.c.order_id == sa.bindparam("order_id"))
    .order_by(_lines.c.position)
)
_CHANGE = sa.update(_orders).where(
    _orders.c.id == sa.bindparam("of_order"), _orders.c.state == sa.bindparam("old_state")
)
_END_HOLDS = (
    sa.update(_holds)
    .where(_holds.c.order_id == sa.bindparam("of_order"), _holds.c.state == HoldState.LIVE)
    .values(state=sa.bindparam("new_state"))
    .returning(_holds.c.variant_id, _holds.c.location_id, _holds.c.quantity)
)


def lock(order_public_id: str) -> OrderFacts:
    """The order, locked until the transaction ends. Raises NotFound `order_not_found`."""
    return _locked(_LOCKED_BY_PUBLIC_ID, order_public_id)


def lock_by_secret(secret: str) -> OrderFacts:
    """The order behind a secret link, locked. Raises NotFound `order_not_found`."""
    return _locked(_LOCKED_BY_SECRET, secret)


def lock_by_id(order_id: int) -> OrderFacts:
    """The order with this number of ours, locked. Raises NotFound `order_not_found`."""
    return _locked(_LOCKED_BY_ID, order_id)


def _locked(statement: sa.Select[*tuple[Any, ...]], key: str | int) -> OrderFacts:
    row = db.session.execute(statement, {"key": key}).one_or_none()
    if row is None:
        raise NotFound("order_not_found", "There is no such order.")
    return OrderFacts(*row)


def find_by_secret(secret: str) -> Order:
    """The order behind a secret link, with its lines. Raises NotFound `order_not_found`."""
    order = db.session.scalar(
        sa.select(Order).where(Order.secret == secret).options(selectinload(Order.lines))
    )
    if order is None:
        raise NotFound("order_not_found", "There is no such order.")
    return order


def secret_of_cart(cart_public_id: str, visitor_id: str) -> str | None:
    """The key of the order that this visitor made of this cart of theirs, if they did."""
    return db.session.scalar(
        sa.select(_orders.c.secret)
        .join(Cart, Cart.id == _orders.c.cart_id)
        .where(Cart.public_id == cart_public_id, Cart.visitor_id == visitor_id)
    )


def lines_of(order_id: int) -> list[LineFacts]:
    """The order's lines by position."""
    rows = db.session.execute(_LINES_OF, {"order_id": order_id})
    return [LineFacts(*row) for row in rows]


def mark_paid(order_id: int, now: datetime) -> bool:
    """Awaiting payment becomes paid; False if it was not awaiting payment any more."""
    return _change(order_id, OrderState.AWAITING_PAYMENT, OrderState.PAID, paid_at=now)


def mark_handed_over(order: OrderFacts, actor: Actor, now: datetime) -> None:
    """Paid becomes handed over, and the held goods leave. Raises Conflict `order_not_paid`."""
    if not _change(
        order.id,
        OrderState.PAID,
        OrderState.HANDED_OVER,
        handed_over_at=now,
        handed_over_by_id=actor.employee_id,
    ):
        raise Conflict(
            "order_not_paid",
            "Only a paid order can be handed over, and only once.",
            state=order.state.value,
        )
    held = _end_holds(order.id, HoldState.TAKEN)
    if held:
        stock.take(held, f"handover:{order.id}", actor, now)


def mark_cancelled(order: OrderFacts, reason: CancelReason, actor: Actor, now: datetime) -> None:
    """Nothing comes of it: held goods go back on sale, and a coupon may be used again.

    Raises Conflict `order_not_cancellable`.
    """
    cancelled = OrderState.CANCELLED
    if cancelled not in ORDER_TRANSITIONS[order.state] or not _change(
        order.id,
        order.state,
        cancelled,
        cancelled_at=now,
        cancelled_by_id=actor.employee_id,
        cancel_reason=reason,
    ):
        raise Conflict(
            "order_not_cancellable",
            "This order was handed over or cancelled already.",
            state=order.state.value,
        )
    held = _end_holds(order.id, HoldState.LET_GO)
    if held:
        stock.let_go(held)
    coupon_uses.give_back(order.id)


def _change(order_id: int, old: OrderState, new: OrderState, **values: Any) -> bool:
    assert new in ORDER_TRANSITIONS[old]
    changed = db.session.execute(
        _CHANGE, {"of_order": order_id, "old_state": old, "state": new, **values}
    )
    return changed_rows(changed) == 1


def _end_holds(order_id: int, state: HoldState) -> list[stock.Reserved]:
    rows = db.session.execute(_END_HOLDS, {"of_order": order_id, "new_state": state})
    return [stock.Reserved(*row) for row in rows]


def expired(now: datetime, limit: int) -> Sequence[int]:
    """Ids of unpaid orders whose hold has run out, oldest first."""
    return db.session.scalars(
        sa.select(_orders.c.id)
        .where(_orders.c.state == OrderState.AWAITING_PAYMENT, _orders.c.hold_expires_at <= now)
        .order_by(_orders.c.hold_expires_at)
        .limit(limit)
    ).all()
