"""Past orders, some at a time, each with all that a replay asks for: read and never locked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from storefront.attribution.models import Credit, Verdict
from storefront.commissions.models import Accrual
from storefront.commissions.rules import Buyer
from storefront.core.clock import start_of_day
from storefront.core.database import db, in_transaction
from storefront.customers.models import Customer
from storefront.insights.scope import Period
from storefront.orders.models import Order, OrderLine, OrderState, ReturnLine

_accruals = cast(sa.Table, Accrual.__table__)
_credits = cast(sa.Table, Credit.__table__)
_customers = cast(sa.Table, Customer.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_return_lines = cast(sa.Table, ReturnLine.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)


class Place(NamedTuple):
    """How far one has got: the last order gone through."""

    at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class Span:
    """Orders placed from `since` on and before `until`; without `since`, from the first."""

    since: datetime | None
    until: datetime
    after: Place | None = None
    """Only those behind this one, in the order in which they were placed."""
    last: Place | None = None
    """Only those up to this one."""

    @classmethod
    def of(cls, period: Period, time_zone: str, now: datetime) -> Span:
        """The days of a period, up to now."""
        since = start_of_day(period.start, time_zone) if period.start else None
        end = start_of_day(period.end, time_zone) if period.end else now
        return cls(since, min(end, now))

    def holds(self) -> sa.ColumnElement[bool]:
        """Whether an order lies in it."""
        place = sa.tuple_(_orders.c.placed_at, _orders.c.id)
        return sa.and_(
            _orders.c.placed_at < self.until,
            *([_orders.c.placed_at >= self.since] if self.since else []),
            *([place > _as_tuple(self.after)] if self.after else []),
            *([place <= _as_tuple(self.last)] if self.last else []),
        )


def _as_tuple(place: Place) -> sa.Tuple:
    return sa.tuple_(
        sa.literal(place.at, _orders.c.placed_at.type), sa.literal(place.id, _orders.c.id.type)
    )


class PastLine(NamedTuple):
    """An order line."""

    id: int
    position: int
    product_id: int
    brand_id: int
    category_id: int
    quantity: int
    net: int
    returned: int
    """Pieces that came back."""
    paid_back: int = 0
    """What was paid back for them."""


class PastShare(NamedTuple):
    """One share of a line, as the books have it."""

    employee_id: int | None
    store_id: int
    share: int
    cost: int
    """Commission that was not taken back."""
    category_ids: str | None
    """As the accrual froze them, a list; None where there is none."""
    buyer: Buyer | None = None
    """What the customer was, as the accrual froze it; None where there is none."""
    boost: int = 0
    """What a booster gave while its budget lasted."""
    grade: str = ""
    """The employee's, as the accrual froze it."""
    campaign_id: int | None = None
    """The campaign through which the touch came that won, as the accrual froze it."""


@dataclass(slots=True)
class PastOrder:
    """An order with its lines and who stands credited with them."""

    id: int
    public_id: str
    number: str
    placed_at: datetime
    state: OrderState
    paid_at: datetime | None
    evidence: str
    """As it is written: whoever wants it reads it."""
    buyer: Buyer
    """What the customer was: as an accrual froze it, or else by their first payment."""
    reason: str = ""
    """The standing verdict's."""
    disputed: bool = False
    """Whether headquarters decided a dispute about it."""
    lines: Sequence[PastLine] = ()
    shares: Sequence[Sequence[PastShare]] = ()
    """Of each line, in the order of the lines."""


_ORDERS = (
    sa.select(
        _orders.c.id,
        _orders.c.public_id,
        _orders.c.number,
        _orders.c.placed_at,
        _orders.c.state,
        _orders.c.paid_at,
        sa.cast(_orders.c.evidence, sa.Text),
        sa.case(
            (_customers.c.first_paid_at == _orders.c.paid_at, Buyer.NEW.value),
            (_customers.c.id.is_not(None), Buyer.RETURNING.value),
            else_=Buyer.UNKNOWN.value,
        ),
    )
    .outerjoin(_customers, _customers.c.id == _orders.c.customer_id)
    .order_by(_orders.c.placed_at, _orders.c.id)
)
_WANTED: sa.BindParameter[int] = sa.bindparam("wanted", expanding=True)
_LINES = (
    sa.select(
        _lines.c.order_id,
        _lines.c.id,
        _lines.c.position,
        _lines.c.product_id,
        _lines.c.brand_id,
        _lines.c.category_id,
        _lines.c.quantity,
        _lines.c.net,
        _lines.c.returned_quantity,
    )
    .where(_lines.c.order_id.in_(_WANTED))
    .order_by(_lines.c.order_id, _lines.c.position)
)
_PAID_BACK = (
    sa.select(_return_lines.c.order_line_id, sa.func.sum(_return_lines.c.amount))
    .where(_return_lines.c.order_line_id.in_(_WANTED))
    .group_by(_return_lines.c.order_line_id)
)
_SHARES = (
    sa.select(
        _credits.c.order_line_id,
        _credits.c.employee_id,
        _credits.c.store_id,
        _credits.c.share,
        sa.func.coalesce(_accruals.c.amount - _accruals.c.reversed, 0),
        sa.cast(_accruals.c.category_ids, sa.Text),
        _accruals.c.buyer,
        sa.func.coalesce(_accruals.c.boost, 0),
        sa.func.coalesce(_accruals.c.grade, ""),
        _accruals.c.campaign_id,
    )
    .outerjoin(_accruals, _accruals.c.credit_id == _credits.c.id)
    .where(_credits.c.order_id.in_(_WANTED), _credits.c.superseded_by_id.is_(None))
    .order_by(_credits.c.order_line_id, _credits.c.position)
)
_VERDICTS = (
    sa.select(_verdicts.c.order_id, _verdicts.c.sequence, _verdicts.c.reason)
    .where(_verdicts.c.order_id.in_(_WANTED))
    .order_by(_verdicts.c.order_id, _verdicts.c.sequence)
)


def count(span: Span) -> int:
    """How many orders there are to go through."""
    return db.session.scalar(sa.select(sa.func.count()).where(span.holds())) or 0


def parts(span: Span, size: int) -> Iterator[Span]:
    """The span cut into spans of so many orders; the last one has fewer."""
    after = span.after
    while True:
        rest = replace(span, after=after)
        last = db.session.execute(
            sa.select(_orders.c.placed_at, _orders.c.id)
            .where(rest.holds())
            .order_by(_orders.c.placed_at, _orders.c.id)
            .offset(size - 1)
            .limit(1)
        ).one_or_none()
        if last is None:
            yield rest
            return
        after = Place(*last)
        yield replace(rest, last=after)


def following(span: Span, limit: int) -> list[PastOrder]:
    """The first orders of a span, as they stand at this moment; empty when there are none.

    Must not be called within a transaction.
    """
    statement = _ORDERS.where(span.holds()).limit(limit)
    with _at_one_moment():
        orders = [PastOrder(*row) for row in db.session.execute(statement)]
        _complete(
            [each for each in orders if each.paid_at and each.state is not OrderState.CANCELLED]
        )
    return orders


@contextmanager
def _at_one_moment() -> Generator[None]:
    """Let several queries see one state of the books, while others go on selling."""
    assert not in_transaction()
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        db.session.rollback()


def _complete(orders: Sequence[PastOrder]) -> None:
    """Add lines, shares and verdicts, with one query each."""
    if not orders:
        return
    ids = [order.id for order in orders]
    lines: dict[int, list[PastLine]] = defaultdict(list)
    for order_id, *line in _rows(_LINES, ids):
        lines[order_id].append(PastLine(*line))
    shares: dict[int, list[PastShare]] = defaultdict(list)
    for line_id, *share in _rows(_SHARES, ids):
        shares[line_id].append(PastShare(*share))
    verdicts = {
        order_id: (sequence, reason) for order_id, sequence, reason in _rows(_VERDICTS, ids)
    }
    paid_back = _paid_back([line.id for each in lines.values() for line in each if line.returned])
    for order in orders:
        order.lines = [
            line._replace(paid_back=paid_back.get(line.id, 0)) if line.returned else line
            for line in lines[order.id]
        ]
        order.shares = [shares.get(line.id, ()) for line in order.lines]
        frozen = (share.buyer for each in order.shares for share in each if share.buyer)
        order.buyer = next(frozen, Buyer(order.buyer))
        sequence, order.reason = verdicts.get(order.id, (0, ""))
        order.disputed = sequence > 1


def _paid_back(line_ids: Sequence[int]) -> Mapping[int, int]:
    if not line_ids:
        return {}
    return {line_id: int(amount) for line_id, amount in _rows(_PAID_BACK, line_ids)}


def _rows(
    statement: sa.Select[*tuple[Any, ...]], ids: Collection[int]
) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    return db.session.execute(statement, {"wanted": ids}).all()
