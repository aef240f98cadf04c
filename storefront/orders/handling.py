"""What happens to an order after it was placed: paid, handed over, cancelled, brought back.

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
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.core.ids import public_id
from storefront.core.money import part_so_far
from storefront.orders.models import (
    ORDER_TRANSITIONS,
    CancelReason,
    Cart,
    HoldState,
    Order,
    OrderLine,
    OrderState,
    Return,
    ReturnLine,
    StockHold,
)

_orders = cast(sa.Table, Order.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_holds = cast(sa.Table, StockHold.__table__)
_returns = cast(sa.Table, Return.__table__)
_return_lines = cast(sa.Table, ReturnLine.__table__)


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
    customer_id: int
    contact_phone: str
    language: str
    state: OrderState
    currency: str
    total: int
    evidence: Mapping[str, Any]
    placed_at: datetime
    hold_expires_at: datetime
    handed_over_at: datetime | None


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
)


def lock(order_public_id: str) -> OrderFacts:
    """The order, locked until the transaction ends. Raises NotFound `order_not_found`."""
    return _locked(_orders.c.public_id == order_public_id)


def lock_by_secret(secret: str) -> OrderFacts:
    """The order behind a secret link, locked. Raises NotFound `order_not_found`."""
    return _locked(_orders.c.secret == secret)


def lock_by_id(order_id: int) -> OrderFacts:
    """The order with this number of ours, locked. Raises NotFound `order_not_found`."""
    return _locked(_orders.c.id == order_id)


def _locked(condition: sa.ColumnElement[bool]) -> OrderFacts:
    row = db.session.execute(sa.select(*_FACTS).where(condition).with_for_update()).one_or_none()
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
    rows = db.session.execute(
        sa.select(
            _lines.c.id,
            _lines.c.position,
            _lines.c.product_id,
            _lines.c.brand_id,
            _lines.c.category_id,
            _lines.c.quantity,
            _lines.c.net,
        )
        .where(_lines.c.order_id == order_id)
        .order_by(_lines.c.position)
    )
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
    """Nothing comes of it; held goods go back on sale. Raises Conflict `order_not_cancellable`."""
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


def _change(order_id: int, old: OrderState, new: OrderState, **values: Any) -> bool:
    assert new in ORDER_TRANSITIONS[old]
    changed = db.session.execute(
        sa.update(_orders)
        .where(_orders.c.id == order_id, _orders.c.state == old)
        .values(state=new, **values)
    )
    return changed_rows(changed) == 1


def _end_holds(order_id: int, state: HoldState) -> list[stock.Reserved]:
    rows = db.session.execute(
        sa.update(_holds)
        .where(_holds.c.order_id == order_id, _holds.c.state == HoldState.LIVE)
        .values(state=state)
        .returning(_holds.c.variant_id, _holds.c.location_id, _holds.c.quantity)
    )
    return [stock.Reserved(*row) for row in rows]


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


def record_return(
    order: OrderFacts, pieces: Mapping[int, int], reason: str, actor: Actor, now: datetime
) -> RecordedReturn:
    """Take back `pieces` by line position, put the goods back on sale, and say what to refund.

    A line's refunds sum to its net when all of it is back, however it came back. Raises Conflict
    `not_handed_over`, `more_than_sold`; Invalid `unknown_line`.
    """
    if order.state is not OrderState.HANDED_OVER:
        raise Conflict(
            "not_handed_over",
            "Only what was handed over can come back; cancel the order instead.",
            state=order.state.value,
        )
    sold = _sold_lines(order.id, pieces)
    returned = [_returned_line(sold[position], count) for position, count in pieces.items()]
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
    for line in returned:
        db.session.execute(
            sa.update(_lines)
            .where(_lines.c.id == line.order_line_id)
            .values(returned_quantity=line.returned_in_all)
        )
    _put_back(return_id, returned, actor, now)
    return RecordedReturn(return_id, return_public_id, tuple(returned))


def _sold_lines(order_id: int, pieces: Mapping[int, int]) -> dict[int, sa.Row[*tuple[Any, ...]]]:
    rows = db.session.execute(
        sa.select(
            _lines.c.id,
            _lines.c.position,
            _lines.c.quantity,
            _lines.c.net,
            _lines.c.returned_quantity,
        )
        .where(_lines.c.order_id == order_id, _lines.c.position.in_(list(pieces)))
        .with_for_update()
    )
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


def expired(now: datetime, limit: int) -> Sequence[int]:
    """Ids of unpaid orders whose hold has run out, oldest first."""
    return db.session.scalars(
        sa.select(_orders.c.id)
        .where(_orders.c.state == OrderState.AWAITING_PAYMENT, _orders.c.hold_expires_at <= now)
        .order_by(_orders.c.hold_expires_at)
        .limit(limit)
    ).all()
