"""Orders that the customer collects: the place, the code, and whether all of it is there.

Whoever hands such an order over without having seen its page proves with its number and its code
that the customer stands in front of them. Guesses are counted before they are looked at.
"""

from __future__ import annotations

import hmac
import math
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog.locations import PickUpPoint
from storefront.core.database import db, insert_for, transaction
from storefront.core.errors import Invalid, TooMany
from storefront.core.ids import random_digits
from storefront.orders.models import (
    Fulfilment,
    HoldState,
    Order,
    OrderLine,
    PickUpTries,
    StockHold,
)

DIGITS = 6
MOST_TRIES = 10
PAUSE = timedelta(hours=1)
"""After so long without a try, tries are counted anew: never more than MOST_TRIES in an hour."""

_holds = cast(sa.Table, StockHold.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_tries = cast(sa.Table, PickUpTries.__table__)


def frozen(point: PickUpPoint | None) -> dict[str, Any]:
    """What an order that is collected at `point` keeps of it, with a code of its own.

    It keeps no address of the customer's. Nothing for an order that is sent.
    """
    if point is None:
        return {}
    return {
        "fulfilment": Fulfilment.PICK_UP,
        "pick_up_location_id": point.id,
        "pick_up_name_zh": point.name_zh,
        "pick_up_name_en": point.name_en,
        "pick_up_address_zh": point.address_zh,
        "pick_up_address_en": point.address_en,
        "pick_up_code": random_digits(DIGITS),
        "address": "",
        "address_digest": "",
    }


def is_all_there(order_id: int) -> bool:
    """Whether every piece is held where the order is collected. One query.

    What is made to order, or lies where we cannot see it, is not.
    """
    held = sa.select(sa.func.coalesce(sa.func.sum(_holds.c.quantity), 0)).where(
        _holds.c.order_id == _orders.c.id,
        _holds.c.location_id == _orders.c.pick_up_location_id,
        _holds.c.state == HoldState.LIVE,
    )
    ordered = sa.select(sa.func.sum(_lines.c.quantity)).where(_lines.c.order_id == _orders.c.id)
    everything = held.scalar_subquery() == ordered.scalar_subquery()
    return bool(db.session.scalar(sa.select(everything).where(_orders.c.id == order_id)))


def charge_try(number: str, now: datetime) -> None:
    """Count a try of the code of the order with this number, before it is looked at.

    Committed at once, so that what comes of the try cannot undo it. A number that no order to be
    collected has is not counted, and is told apart by nothing. Raises TooMany `too_many_attempts`
    with `retry_after` in seconds.
    """
    with transaction():
        order_id = db.session.scalar(sa.select(_orders.c.id).where(_is_collected(number)))
        if order_id is None:
            return
        is_long_ago = _tries.c.last_at <= now - PAUSE
        counted = db.session.scalar(
            insert_for(_tries)
            .values(order_id=order_id, tries=1, last_at=now)
            .on_conflict_do_update(
                index_elements=["order_id"],
                set_={"tries": sa.case((is_long_ago, 1), else_=_tries.c.tries + 1), "last_at": now},
                where=sa.or_(is_long_ago, _tries.c.tries < MOST_TRIES),
            )
            .returning(_tries.c.tries)
        )
        if counted is None:
            last = db.session.scalars(
                sa.select(_tries.c.last_at).where(_tries.c.order_id == order_id)
            ).one()
            raise TooMany(
                "too_many_attempts",
                "Too many wrong codes. Try again later, or look at the order's page.",
                retry_after=max(1, math.ceil((last + PAUSE - now).total_seconds())),
            )


def find_by_code(number: str, code: str) -> int:
    """The order (row number) with this number and this code.

    Raises Invalid `wrong_pick_up_code` for any other code, also where there is no such order.
    """
    row = db.session.execute(
        sa.select(_orders.c.id, _orders.c.pick_up_code).where(_is_collected(number))
    ).one_or_none()
    typed, right = "".join(code.split()), row.pick_up_code if row else ""
    if row is None or not right or not hmac.compare_digest(typed.encode(), right.encode()):
        raise Invalid("wrong_pick_up_code", "This is not the code of that order. Look again.")
    return row.id


def forget_old(now: datetime) -> None:
    """Delete tries of which nothing hangs any more."""
    with transaction() as session:
        session.execute(sa.delete(_tries).where(_tries.c.last_at < now - 2 * PAUSE))


def _is_collected(number: str) -> sa.ColumnElement[bool]:
    return sa.and_(_orders.c.number == number.strip(), _orders.c.fulfilment == Fulfilment.PICK_UP)
