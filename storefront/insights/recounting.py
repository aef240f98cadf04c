"""What a decision moves in the roll-ups: the sale and what came back of it, on their own days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple, cast

import sqlalchemy as sa

from storefront.attribution.models import Verdict
from storefront.commissions.reattribution import Reattributed
from storefront.core.clock import local_day
from storefront.core.database import db
from storefront.core.settings import settings
from storefront.customers.models import Customer
from storefront.insights.counting import (
    Shares,
    moved,
    of_commission,
    of_return_shared,
    of_sale_shared,
)
from storefront.insights.rollups import Tally
from storefront.orders import handling
from storefront.orders.handling import LineFacts
from storefront.orders.models import Order, OrderLine, OrderState, Return, ReturnLine
from storefront.orders.returns import ReturnedLine

_customers = cast(sa.Table, Customer.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_return_lines = cast(sa.Table, ReturnLine.__table__)
_returns = cast(sa.Table, Return.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)


class Decided(NamedTuple):
    """An order that is credited otherwise than before, and the commission that moved."""

    order_id: int
    before: Shares
    after: Shares
    commission: Reattributed


def recount(decisions: Iterable[Decided], now: datetime) -> None:
    """Keep the roll-ups in step with decisions, last of all: their rows are shared with others."""
    time_zone = settings().chain_time_zone
    today = local_day(now, time_zone)
    tally = Tally()
    for each in decisions:
        of_decision(tally, each, time_zone)
        tally.add(today, of_commission("accrued", each.commission.accrued))
        tally.add(today, of_commission("reversed", each.commission.reversed))
    tally.write()


def of_decision(tally: Tally, decided: Decided, time_zone: str) -> None:
    """Put into the tally what changes when lines of a paid order are credited otherwise.

    The sale counts on the day it was paid, what came back on the day it did: a decision moves
    both between people and leaves the days' sums alone.
    """
    order_id, before, after, _ = decided
    order = db.session.execute(
        sa.select(_orders.c.paid_at, _orders.c.state, _orders.c.cancelled_at).where(
            _orders.c.id == order_id
        )
    ).one()
    lines = handling.lines_of(order_id)
    new_customer = _brought_new_customer(order_id)
    tally.add(
        local_day(order.paid_at, time_zone),
        moved(
            of_sale_shared(lines, before, new_customer=new_customer),
            of_sale_shared(lines, after, new_customer=new_customer),
        ),
    )
    returned = _returned(order_id, time_zone)
    if order.state is OrderState.CANCELLED:
        returned.append((local_day(order.cancelled_at, time_zone), _whole(lines)))
    for day, back in returned:
        tally.add(day, moved(of_return_shared(back, before), of_return_shared(back, after)))


def _whole(lines: Sequence[LineFacts]) -> list[ReturnedLine]:
    """All of an order's lines, as a cancellation brings them back."""
    return [
        ReturnedLine(line.id, line.quantity, line.net, line.quantity, line.quantity)
        for line in lines
    ]


def _brought_new_customer(order_id: int) -> bool:
    """Whether somebody was new with this order: of two paid at once, with the first judged."""
    first_judged = (
        sa.select(_verdicts.c.order_id)
        .join(_orders, _orders.c.id == _verdicts.c.order_id)
        .join(_customers, _customers.c.id == _orders.c.customer_id)
        .where(
            _customers.c.id
            == sa.select(_orders.c.customer_id).where(_orders.c.id == order_id).scalar_subquery(),
            _orders.c.paid_at == _customers.c.first_paid_at,
            _verdicts.c.sequence == 1,
        )
        .order_by(_verdicts.c.id)
        .limit(1)
    )
    return db.session.scalar(first_judged) == order_id


def _returned(order_id: int, time_zone: str) -> list[tuple[date, list[ReturnedLine]]]:
    rows = db.session.execute(
        sa.select(
            _returns.c.id,
            _returns.c.at,
            _return_lines.c.order_line_id,
            _return_lines.c.quantity,
            _return_lines.c.amount,
            _lines.c.quantity.label("line_quantity"),
            _lines.c.returned_quantity,
        )
        .join(_return_lines, _return_lines.c.return_id == _returns.c.id)
        .join(_lines, _lines.c.id == _return_lines.c.order_line_id)
        .where(_returns.c.order_id == order_id)
        .order_by(_returns.c.id, _return_lines.c.id)
    )
    back: dict[int, tuple[date, list[ReturnedLine]]] = {}
    for row in rows:
        _, lines = back.setdefault(row.id, (local_day(row.at, time_zone), []))
        lines.append(
            ReturnedLine(
                row.order_line_id,
                row.quantity,
                row.amount,
                row.line_quantity,
                row.returned_quantity,
            )
        )
    return list(back.values())
