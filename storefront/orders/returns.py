"""Goods that come back, by line and quantity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog import stock
from storefront.core.actor import Actor
from storefront.core.database import db
from storefront.core.errors import Conflict, Invalid
from storefront.core.ids import public_id
from storefront.core.money import part_so_far
from storefront.orders.handling import OrderFacts
from storefront.orders.models import (
    HoldState,
    OrderLine,
    OrderState,
    Return,
    ReturnLine,
    StockHold,
)

_lines = cast(sa.Table, OrderLine.__table__)
_holds = cast(sa.Table, StockHold.__table__)
_returns = cast(sa.Table, Return.__table__)
_return_lines = cast(sa.Table, ReturnLine.__table__)


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """One line of a return, with how many of the line's pieces are back in all."""

    order_line_id: int
    quantity: int
    amount: int
    """What is paid back for these pieces."""
    line_quantity: int
    returned_in_all: int


@dataclass(frozen=True, slots=True)
class RecordedReturn:
    """A return as it was written down."""

    id: int
    public_id: str
    lines: tuple[ReturnedLine, ...]

    @property
    def amount(self) -> int:
        """What is paid back."""
        return sum(line.amount for line in self.lines)


_SOLD = (
    sa.select(
        _lines.c.id, _lines.c.position, _lines.c.quantity, _lines.c.net, _lines.c.returned_quantity
    )
    .where(
        _lines.c.order_id == sa.bindparam("order_id"),
        _lines.c.position.in_(sa.bindparam("positions", expanding=True)),
    )
    .with_for_update()
)
_paid_back = (
    sa.select(sa.func.coalesce(sa.func.sum(_return_lines.c.amount), 0))
    .where(_return_lines.c.order_line_id == _lines.c.id)
    .correlate(_lines)
    .scalar_subquery()
)
_STANDING = (
    sa.select(
        _lines.c.position,
        _lines.c.code,
        _lines.c.net,
        _lines.c.quantity,
        _lines.c.returned_quantity,
        _paid_back,
    )
    .where(_lines.c.order_id == sa.bindparam("order_id"))
    .order_by(_lines.c.position)
)
_FACTS = sa.select(_returns.c.public_id, _returns.c.refund_amount).where(
    _returns.c.id == sa.bindparam("return_id")
)
_NOTE_RETURNED = sa.update(_lines).where(_lines.c.id == sa.bindparam("of_line"))


@dataclass(frozen=True, slots=True)
class LineStanding:
    """What was sold with a line, and what of it is back."""

    position: int
    code: str
    net: int
    quantity: int
    returned: int
    """Pieces."""
    paid_back: int


def standing_of(order_id: int) -> list[LineStanding]:
    """The lines of an order by position, with what came back of them."""
    rows = db.session.execute(_STANDING, {"order_id": order_id})
    return [LineStanding(*row[:-1], int(row[-1])) for row in rows]


def facts_of(return_id: int) -> tuple[str, int]:
    """The public id of a return, and what was paid back for it."""
    row = db.session.execute(_FACTS, {"return_id": return_id}).one()
    return row.public_id, row.refund_amount


def record_return(
    order: OrderFacts,
    pieces: Mapping[int, int],
    reason: str,
    actor: Actor,
    now: datetime,
    paid_back: Mapping[int, int] | None = None,
) -> RecordedReturn:
    """Take back `pieces` by line position, put the goods back on sale, and say what to refund.

    A line's refunds sum to its net when all of it is back, however it came back; but a till has
    paid back already, and `paid_back` says what, by position. Raises Conflict `not_handed_over`,
    `more_than_sold`; Invalid `unknown_line`.
    """
    if order.state is not OrderState.HANDED_OVER:
        raise Conflict(
            "not_handed_over",
            "Only what was handed over can come back; cancel the order instead.",
            state=order.state.value,
        )
    sold = _sold_lines(order.id, pieces)
    returned = [_returned_line(sold[position], count) for position, count in pieces.items()]
    if paid_back is not None:
        returned = [
            replace(line, amount=paid_back[position])
            for position, line in zip(pieces, returned, strict=True)
        ]
    return_public_id = public_id("ret")
    return_id = db.session.scalars(
        sa.insert(_returns).returning(_returns.c.id),
        {
            "public_id": return_public_id,
            "order_id": order.id,
            "reason": reason,
            "refund_amount": sum(line.amount for line in returned),
            "at": now,
            "by_employee_id": actor.employee_id,
        },
    ).one()
    db.session.execute(
        sa.insert(_return_lines),
        [
            {
                "return_id": return_id,
                "order_line_id": line.order_line_id,
                "quantity": line.quantity,
                "amount": line.amount,
            }
            for line in returned
        ],
    )
    db.session.execute(
        _NOTE_RETURNED,
        [
            {"of_line": line.order_line_id, "returned_quantity": line.returned_in_all}
            for line in returned
        ],
    )
    _put_back(return_id, returned, actor, now)
    return RecordedReturn(return_id, return_public_id, tuple(returned))


def _sold_lines(order_id: int, pieces: Mapping[int, int]) -> dict[int, sa.Row[*tuple[Any, ...]]]:
    rows = db.session.execute(_SOLD, {"order_id": order_id, "positions": list(pieces)})
    sold = {row.position: row for row in rows}
    unknown = sorted(set(pieces) - set(sold))
    if unknown or not pieces:
        raise Invalid("unknown_line", "The order has no such line.", lines=unknown)
    return sold


def _returned_line(sold: sa.Row[*tuple[Any, ...]], count: int) -> ReturnedLine:
    before, after = sold.returned_quantity, sold.returned_quantity + count
    if after > sold.quantity:
        raise Conflict(
            "more_than_sold",
            f"Line {sold.position}: {sold.quantity} were sold and {before} are back already.",
            line=sold.position,
            sold=sold.quantity,
            returned=before,
        )
    return ReturnedLine(
        order_line_id=sold.id,
        quantity=count,
        amount=part_so_far(sold.net, after, sold.quantity)
        - part_so_far(sold.net, before, sold.quantity),
        line_quantity=sold.quantity,
        returned_in_all=after,
    )


def _put_back(
    return_id: int, returned: Sequence[ReturnedLine], actor: Actor, now: datetime
) -> None:
    """Goods go back to where they were taken from, the first place first."""
    holds = db.session.execute(
        sa.select(
            _holds.c.order_line_id, _holds.c.variant_id, _holds.c.location_id, _holds.c.quantity
        )
        .where(
            _holds.c.order_line_id.in_([line.order_line_id for line in returned]),
            _holds.c.state == HoldState.TAKEN,
        )
        .order_by(_holds.c.variant_id, _holds.c.id)
    ).all()
    now_back = {line.order_line_id: line for line in returned}
    passed: dict[int, int] = {}
    back: list[stock.Returned] = []
    for hold in holds:
        line = now_back[hold.order_line_id]
        start = passed.get(hold.order_line_id, 0)
        end = passed[hold.order_line_id] = start + hold.quantity
        here = min(end, line.returned_in_all) - max(start, line.returned_in_all - line.quantity)
        if here > 0:
            cause = f"return:{return_id}:{hold.order_line_id}:{hold.location_id}"
            back.append(stock.Returned(hold.variant_id, here, cause, hold.location_id))
    if back:
        stock.put_back(back, actor, now)
