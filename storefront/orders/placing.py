"""From a cart to an order: prices frozen, stock held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog import locations, prices, stock
from storefront.catalog.models import ProductState
from storefront.core.addresses import address_digest
from storefront.core.database import db
from storefront.core.errors import Conflict
from storefront.core.ids import public_id, random_text
from storefront.core.money import LARGEST_AMOUNT
from storefront.orders import coupon_quotes, coupon_uses, pick_ups
from storefront.orders.carts import CartView
from storefront.orders.coupon_rules import Goods
from storefront.orders.models import (
    CancelReason,
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
class Contact:
    """Who gets the goods, where, and in which browser they were ordered."""

    visitor_id: str
    name: str
    phone: str
    """In E.164 form."""
    address: str
    """Where it is sent to; of no account where it is collected."""
    note: str
    language: str
    pick_up: str = ""
    """Code of the location where they collect it; empty: it is sent."""


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """What the story needs to know of an order just placed."""

    id: int
    public_id: str
    number: str
    secret: str
    total: int
    currency: str
    hold_expires_at: datetime


def place(
    cart: CartView,
    contact: Contact,
    *,
    customer_id: int,
    evidence: Mapping[str, Any],
    currency: str,
    hold: timedelta,
    now: datetime,
) -> PlacedOrder:
    """Write the order at this moment's prices, and hold its stock until `now + hold`.

    Raises Conflict `not_on_sale`, `out_of_stock`, `order_too_large`, `no_pick_up_point`, and why
    the cart's coupon takes nothing off, if it has one that does not.
    """
    point = locations.pick_up_point(contact.pick_up) if contact.pick_up else None
    priced = prices.priced([line.variant_id for line in cart.lines])
    off_sale = [line.variant for line in cart.lines if not _on_sale(priced[line.variant_id])]
    if off_sale:
        raise Conflict("not_on_sale", "Some of the goods were taken off sale.", variants=off_sale)
    goods = [_goods(priced[line.variant_id], line.quantity) for line in cart.lines]
    full = sum(line.price for line in goods)
    if full > LARGEST_AMOUNT:
        raise Conflict("order_too_large", "Call us about an order of this size.")
    taken_off = coupon_quotes.reckon(cart.coupon_id, goods, now)
    total = full - taken_off.total
    order = PlacedOrder(
        id=0,
        public_id=public_id("ord"),
        number=order_number(now),
        secret=random_text(26),
        total=total,
        currency=currency,
        hold_expires_at=now + hold,
    )
    order_id = db.session.scalars(
        sa.insert(_orders).returning(_orders.c.id),
        {
            "public_id": order.public_id,
            "number": order.number,
            "secret": order.secret,
            "cart_id": cart.id,
            "visitor_id": contact.visitor_id,
            "customer_id": customer_id,
            "contact_name": contact.name,
            "contact_phone": contact.phone,
            "address": contact.address,
            "address_digest": address_digest(contact.address),
            "note": contact.note,
            "language": contact.language,
            "currency": currency,
            "coupon_id": cart.coupon_id,
            "discount_total": taken_off.total,
            "lines_total": total,
            "shipping_total": 0,
            "total": total,
            "state": OrderState.AWAITING_PAYMENT,
            "evidence": dict(evidence),
            "placed_at": now,
            "hold_expires_at": order.hold_expires_at,
            "cancel_reason": CancelReason.NOT_CANCELLED,
            **pick_ups.frozen(point),
        },
    ).one()
    line_ids = _write_lines(order_id, cart, priced, taken_off.amounts)
    _hold_stock(order_id, line_ids, cart, priced, first_at=point.id if point else None)
    if cart.coupon_id is not None:
        # Last of all: everybody with the same coupon waits here.
        coupon_uses.take(cart.coupon_id, order_id, customer_id, taken_off.total, now)
    return PlacedOrder(
        order_id,
        order.public_id,
        order.number,
        order.secret,
        total,
        currency,
        order.hold_expires_at,
    )


def order_number(now: datetime) -> str:
    """For people: six digits of the day in UTC, and ten that do not tell how many orders came."""
    digits = "".join(str(int(character, 36) % 10) for character in random_text(10))
    return f"{now:%y%m%d}-{digits[:5]}-{digits[5:]}"


def _on_sale(variant: prices.PricedVariant) -> bool:
    return variant.state is ProductState.ACTIVE and variant.product_state is ProductState.ACTIVE


def _goods(variant: prices.PricedVariant, quantity: int) -> Goods:
    return Goods(variant.price * quantity, variant.category_id, variant.brand_id)


def _write_lines(
    order_id: int,
    cart: CartView,
    priced: Mapping[int, prices.PricedVariant],
    taken_off: Sequence[int],
) -> Sequence[int]:
    """Insert the lines; their ids, in the cart's order. Without a coupon nothing is taken off."""
    rows: list[dict[str, Any]] = []
    for position, line in enumerate(cart.lines, start=1):
        variant = priced[line.variant_id]
        discount = taken_off[position - 1] if taken_off else 0
        rows.append(
            {
                "order_id": order_id,
                "position": position,
                "variant_id": line.variant_id,
                "product_id": variant.product_id,
                "brand_id": variant.brand_id,
                "category_id": variant.category_id,
                "code": variant.code,
                "name_zh": _full_name(variant.name_zh, variant.option_zh),
                "name_en": _full_name(variant.name_en, variant.option_en),
                "unit_price": variant.price,
                "quantity": line.quantity,
                "discount": discount,
                "net": variant.price * line.quantity - discount,
                "returned_quantity": 0,
            }
        )
    db.session.execute(sa.insert(_lines), rows)
    # Asked for apart: SQLite gives no order to RETURNING, so it would insert one row at a time.
    return db.session.scalars(
        sa.select(_lines.c.id).where(_lines.c.order_id == order_id).order_by(_lines.c.position)
    ).all()


def _full_name(name: str, option: str) -> str:
    return f"{name} · {option}" if option else name


def _hold_stock(
    order_id: int,
    line_ids: Sequence[int],
    cart: CartView,
    priced: Mapping[int, prices.PricedVariant],
    first_at: int | None,
) -> None:
    wanted = [
        stock.Wanted(line.variant_id, line.quantity)
        for line in cart.lines
        if priced[line.variant_id].stock_tracked
    ]
    if not wanted:
        return
    line_of = {line.variant_id: line_id for line, line_id in zip(cart.lines, line_ids, strict=True)}
    reserved = stock.reserve(wanted, first_at)
    db.session.execute(
        sa.insert(_holds),
        [
            {
                "order_id": order_id,
                "order_line_id": line_of[part.variant_id],
                "variant_id": part.variant_id,
                "location_id": part.location_id,
                "quantity": part.quantity,
                "state": HoldState.LIVE,
            }
            for part in reserved
        ],
    )
