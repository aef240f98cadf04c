"""Orders that come in at a till: paid and handed over when we hear of them, at its own prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from storefront.catalog.prices import PricedVariant
from storefront.core.database import db, insert_if_absent
from storefront.core.ids import public_id, random_text
from storefront.orders.handling import OrderFacts
from storefront.orders.models import (
    CancelReason,
    Door,
    Order,
    OrderLine,
    OrderState,
    TillDeed,
    TillRecord,
)
from storefront.orders.placing import order_number

_orders = cast(sa.Table, Order.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_records = cast(sa.Table, TillRecord.__table__)


class Charged(NamedTuple):
    """A line as the till charged it."""

    variant: PricedVariant
    quantity: int
    net: int


class Written(NamedTuple):
    """A till's number, under which something was written down."""

    deed: TillDeed
    digest: str
    order_id: int
    return_id: int | None
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class TillNumber:
    """The number that a till gave to what it did."""

    store_id: int
    number: str


_FIND = sa.select(
    _records.c.deed,
    _records.c.digest,
    _records.c.order_id,
    _records.c.return_id,
    _records.c.happened_at,
).where(
    _records.c.store_id == sa.bindparam("store_id"), _records.c.number == sa.bindparam("number")
)


def find_written(number: TillNumber) -> Written | None:
    """What was written down under a till's number, if anything was."""
    row = db.session.execute(
        _FIND, {"store_id": number.store_id, "number": number.number}
    ).one_or_none()
    return Written(*row) if row else None


def write_down(number: TillNumber, written: Written, now: datetime) -> bool:
    """Take a till's number for good, within the caller's transaction; False if somebody has it.

    While another transaction holds the number uncommitted, this waits for its end.
    """
    return insert_if_absent(
        _records,
        ["store_id", "number"],
        {
            "store_id": number.store_id,
            "number": number.number,
            **written._asdict(),
            "received_at": now,
        },
    )


def write_order(
    store_id: int,
    charged: Sequence[Charged],
    *,
    customer_id: int | None,
    phone: str | None,
    evidence: Mapping[str, Any],
    currency: str,
    at: datetime,
) -> OrderFacts:
    """Write an order that was placed, paid and handed over at `at`.

    No stock is held or taken: what leaves the shop floor is counted by the till's own system.
    """
    total = sum(line.net for line in charged)
    order = OrderFacts(
        id=0,
        public_id=public_id("ord"),
        number=order_number(at),
        secret=random_text(26),
        customer_id=customer_id,
        contact_phone=phone or "",
        language="zh",
        state=OrderState.HANDED_OVER,
        currency=currency,
        total=total,
        evidence=evidence,
        placed_at=at,
        hold_expires_at=at,
        handed_over_at=at,
        door=Door.TILL,
    )
    values = {each.name: getattr(order, each.name) for each in fields(order)}
    del values["id"]
    order_id = db.session.scalars(
        sa.insert(_orders).returning(_orders.c.id),
        {
            **values,
            "store_id": store_id,
            "cart_id": None,
            "visitor_id": "",
            "contact_name": "",
            "address": "",
            "address_digest": "",
            "note": "",
            "lines_total": total,
            "shipping_total": 0,
            "evidence": dict(evidence),
            "paid_at": at,
            "cancel_reason": CancelReason.NOT_CANCELLED,
        },
    ).one()
    db.session.execute(
        sa.insert(_lines),
        [_as_row(order_id, position, line) for position, line in enumerate(charged, start=1)],
    )
    return replace(order, id=order_id)


def _as_row(order_id: int, position: int, line: Charged) -> dict[str, Any]:
    variant = line.variant
    return {
        "order_id": order_id,
        "position": position,
        "variant_id": variant.variant_id,
        "product_id": variant.product_id,
        "brand_id": variant.brand_id,
        "category_id": variant.category_id,
        "code": variant.code,
        "name_zh": variant.full_name_zh,
        "name_en": variant.full_name_en,
        # The till tells what a line came to. This is the least price of a piece that it can have
        # come from: a line never costs more than its pieces.
        "unit_price": -(-line.net // line.quantity),
        "quantity": line.quantity,
        "net": line.net,
        "returned_quantity": 0,
    }
