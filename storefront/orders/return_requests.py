"""A customer asks to give goods back, within the days that the chain promises.

One request of an order is open at a time. Nothing moves by asking: goods, money and commission move
when headquarters accepts, see `sales.accept_return`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.core.ids import public_id
from storefront.core.settings import settings
from storefront.orders import handling, returns
from storefront.orders.models import (
    Door,
    Order,
    OrderState,
    RequestState,
    ReturnReason,
    ReturnRequest,
    ReturnRequestLine,
)

LONGEST_WORDS = 1_000

_requests = cast(sa.Table, ReturnRequest.__table__)


def may_ask_until(order: Order) -> datetime | None:
    """Until when the customer may ask to give something of this order back; None if they may not.

    What was bought at a till goes back there.
    """
    if order.state is not OrderState.HANDED_OVER or order.door is not Door.ONLINE:
        return None
    assert order.handed_over_at is not None
    return order.handed_over_at + timedelta(days=settings().return_days)


def ask(
    secret: str,
    pieces: Mapping[int, int],
    reason: ReturnReason,
    words: str,
    picture_id: int | None,
    now: datetime,
) -> ReturnRequest:
    """Ask to give `pieces` by line position back, for the order behind a secret link.

    Raises NotFound `order_not_found`; Conflict `not_handed_over`, `too_late_to_return`,
    `return_asked_before`, `more_than_sold`; Invalid `nothing_chosen`, `unknown_line`.
    """
    try:
        with transaction() as session:
            order = handling.find_by_secret(secret)
            _refuse(order, pieces, now)
            request = ReturnRequest(
                public_id=public_id("rrq"),
                order_id=order.id,
                reason=reason,
                words=words,
                picture_id=picture_id,
                state=RequestState.ASKED,
                asked_at=now,
                answer="",
                lines=[
                    ReturnRequestLine(position=position, quantity=count)
                    for position, count in sorted(pieces.items())
                ],
            )
            session.add(request)
            session.flush()
            return request
    except IntegrityError as error:
        raise _asked_before() from error


def check(secret: str, pieces: Mapping[int, int], now: datetime) -> None:
    """Raise what `ask` would, for whoever has something costly to do before asking."""
    order = handling.find_by_secret(secret)
    _refuse(order, pieces, now)
    if any(request.state is RequestState.ASKED for request in of_order(order.id)):
        raise _asked_before()


def _asked_before() -> Conflict:
    return Conflict(
        "return_asked_before", "You have asked for this order already: we answer that first."
    )


def _refuse(order: Order, pieces: Mapping[int, int], now: datetime) -> None:
    if not pieces:
        raise Invalid("nothing_chosen", "Choose what you want to give back.")
    until = may_ask_until(order)
    if until is None:
        raise Conflict(
            "not_handed_over",
            "Only what was handed over can come back; cancel the order instead.",
            state=order.state.value,
        )
    if now >= until:
        raise Conflict("too_late_to_return", "The days in which this could come back are over.")
    sold = {line.position: line for line in returns.standing_of(order.id)}
    if set(pieces) - set(sold):
        raise Invalid("unknown_line", "The order has no such line.")
    for position, count in pieces.items():
        line = sold[position]
        if not 0 < count <= line.quantity - line.returned:
            raise Conflict(
                "more_than_sold",
                f"Line {position}: {line.quantity} were sold and {line.returned} are back already.",
                line=position,
                sold=line.quantity,
                returned=line.returned,
            )


def withdraw(secret: str, now: datetime) -> None:
    """The customer keeps the goods. Raises NotFound `order_not_found`, Conflict `request_over`."""
    with transaction():
        order = handling.find_by_secret(secret)
        _settle(
            _requests.c.order_id == order.id,
            RequestState.WITHDRAWN,
            answered_at=now,
        )


def refuse(request_id: str, answer: str, actor: Actor, now: datetime) -> ReturnRequest:
    """Headquarters says no, and why.

    Raises NotFound `request_not_found`, Conflict `request_over`.
    """
    with transaction():
        found = find(request_id)
        _settle(
            _requests.c.id == found.id,
            RequestState.REFUSED,
            answer=answer,
            answered_at=now,
            answered_by_id=actor.employee_id,
        )
        db.session.refresh(found)
        return found


def accept(
    request: ReturnRequest, return_id: int, answer: str, actor: Actor, now: datetime
) -> ReturnRequest:
    """Note the return that a request led to, within the caller's transaction.

    Raises Conflict `request_over`.
    """
    _settle(
        _requests.c.id == request.id,
        RequestState.ACCEPTED,
        answer=answer,
        answered_at=now,
        answered_by_id=actor.employee_id,
        return_id=return_id,
    )
    db.session.refresh(request)
    return request


def still_asked(request: ReturnRequest) -> None:
    """Make sure, once its order is locked, that nobody has answered a request meanwhile.

    Raises Conflict `request_over`.
    """
    db.session.refresh(request)
    if request.state is not RequestState.ASKED:
        raise _over()


def find(request_id: str) -> ReturnRequest:
    """One request with its lines, by its public id. Raises NotFound `request_not_found`."""
    found = db.session.scalar(
        _whole(sa.select(ReturnRequest).where(ReturnRequest.public_id == request_id))
    )
    if found is None:
        raise NotFound("request_not_found", "There is no such request.")
    return found


def listed(state: RequestState | None, before: int | None, limit: int) -> Sequence[ReturnRequest]:
    """Up to `limit` requests, the newest first, from below a row."""
    asked = sa.select(ReturnRequest).order_by(ReturnRequest.id.desc()).limit(limit)
    if state is not None:
        asked = asked.where(ReturnRequest.state == state)
    if before is not None:
        asked = asked.where(ReturnRequest.id < before)
    return db.session.scalars(_whole(asked)).all()


def of_order(order_id: int) -> Sequence[ReturnRequest]:
    """The requests for one order, the newest first."""
    asked = sa.select(ReturnRequest).where(ReturnRequest.order_id == order_id)
    return db.session.scalars(_whole(asked.order_by(ReturnRequest.id.desc()))).all()


def _whole(asked: sa.Select[ReturnRequest]) -> sa.Select[ReturnRequest]:
    return asked.options(
        selectinload(ReturnRequest.lines),
        selectinload(ReturnRequest.order),
        selectinload(ReturnRequest.picture),
    )


def _settle(which: sa.ColumnElement[bool], state: RequestState, **values: Any) -> None:
    settled = db.session.execute(
        sa.update(_requests)
        .where(which, _requests.c.state == RequestState.ASKED)
        .values(state=state, **values)
    )
    if not changed_rows(settled):
        raise _over()


def _over() -> Conflict:
    return Conflict("request_over", "This request was answered or withdrawn already.")
