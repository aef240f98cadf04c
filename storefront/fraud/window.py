"""Which sales the rules look at, and the tables that they are read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions.models import Accrual
from storefront.core.database import db
from storefront.customers.models import Customer
from storefront.fraud.rules import Thresholds
from storefront.orders.models import Order, OrderLine
from storefront.staff.models import Employee, OwnVisitor

accruals = cast(sa.Table, Accrual.__table__)
customers = cast(sa.Table, Customer.__table__)
employees = cast(sa.Table, Employee.__table__)
lines = cast(sa.Table, OrderLine.__table__)
orders = cast(sa.Table, Order.__table__)
own_visitors = cast(sa.Table, OwnVisitor.__table__)

Column = sa.ColumnElement[Any]

SOLD = accruals.join(orders, orders.c.id == accruals.c.order_id).join(
    lines, lines.c.id == accruals.c.order_line_id
)
"""Lines with commission on them, and their orders."""


StaffOrders = Mapping[int, frozenset[int]]
"""By order, the employees who placed it."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a scan looks at."""

    since: datetime
    now: datetime
    thresholds: Thresholds
    time_zone: str
    first_accrual_id: int
    seen_until: int | None = None
    """The last accrual that an earlier scan saw; None to look at all of them."""
    kept: list[StaffOrders] = field(default_factory=list[StaffOrders], compare=False)
    """What `staff_orders` has read."""

    @classmethod
    def until(
        cls,
        now: datetime,
        thresholds: Thresholds,
        time_zone: str,
        seen_until: int | None = None,
    ) -> Window:
        """The window that ends now."""
        since = now - timedelta(days=thresholds.window_days)
        return cls(since, now, thresholds, time_zone, _first_since(since), seen_until)

    @property
    def is_in(self) -> Column:
        """Whether an accrual stands and is within the window."""
        return sa.and_(
            accruals.c.id >= self.first_accrual_id,
            accruals.c.at >= self.since,
            accruals.c.superseded_at.is_(None),
        )

    @property
    def is_new(self) -> Column:
        """Whether an accrual was not there at the last scan."""
        return sa.true() if self.seen_until is None else accruals.c.id > self.seen_until


def _first_since(moment: datetime) -> int:
    """The row number from which on accruals are of that time or later, found by halves.

    Row numbers follow time closely; an accrual told late has a higher one, and is in.
    """
    low, high = 0, db.session.scalar(sa.select(sa.func.max(accruals.c.id))) or 0
    while low < high:
        middle = (low + high) // 2
        at = db.session.scalar(
            sa.select(accruals.c.at).where(accruals.c.id > middle).order_by(accruals.c.id).limit(1)
        )
        if at is None or at >= moment:
            high = middle
        else:
            low = middle + 1
    return low


@dataclass(frozen=True, slots=True)
class Look:
    """One rule's question: which sales it is about, and what puts some of them together."""

    source: sa.FromClause
    keys: Sequence[Column]
    """The employee's first of all."""
    conditions: Sequence[Column] = ()

    def groups(
        self,
        window: Window,
        *counts: Column,
        having: Column | None = None,
        only_new: bool = True,
    ) -> Sequence[sa.Row[Any]]:
        """The keys and the counts of each group that has something new in it."""
        question = self._about(window, *self.keys, *counts).group_by(*self.keys)
        if having is not None:
            question = question.having(having)
        if only_new and window.seen_until is not None:
            fresh = self._about(window, *self.keys).where(window.is_new)
            question = question.where(sa.tuple_(*self.keys).in_(fresh))
        return db.session.execute(question.order_by(*self.keys)).all()

    def lines_of(self, window: Window, values: Sequence[Any], *more: Column) -> Sequence[int]:
        """The order lines (row numbers) of a group."""
        these = [key == value for key, value in zip(self.keys, values, strict=True)]
        question = self._about(window, accruals.c.order_line_id).where(*these, *more)
        return db.session.scalars(question.distinct().order_by(accruals.c.order_line_id)).all()

    def _about(self, window: Window, *columns: Column) -> sa.Select[Any]:
        return sa.select(*columns).select_from(self.source).where(window.is_in, *self.conditions)


def staff_on(visitor_id: Column) -> Column:
    """How many employees have signed in in a browser."""
    theirs = own_visitors.alias("signed_in")
    return (
        sa.select(sa.func.count())
        .select_from(theirs)
        .where(theirs.c.visitor_id == visitor_id)
        .scalar_subquery()
    )


def staff_orders(window: Window) -> StaffOrders:
    """Orders that employees placed, as far as we know, by phone, by member card, by browser; with
    who that was.

    Read once for a window: they are as many as staff buy, and not as the chain sells.
    """
    if not window.kept:
        window.kept.append(_read_staff_orders(window))
    return window.kept[0]


def _read_staff_orders(window: Window) -> dict[int, frozenset[int]]:
    recent = orders.c.placed_at >= window.since
    order, buyer = orders.c.id.label("order_id"), employees.c.id.label("buyer_id")
    by_phone = sa.select(order, buyer).join(employees, employees.c.phone == orders.c.contact_phone)
    by_card = (
        sa.select(order, buyer)
        .join(customers, customers.c.id == orders.c.customer_id)
        .join(employees, employees.c.phone == customers.c.phone)
    )
    by_browser = (
        sa.select(order, own_visitors.c.employee_id.label("buyer_id"))
        .join(own_visitors, own_visitors.c.visitor_id == orders.c.visitor_id)
        .where(
            orders.c.visitor_id != "",
            staff_on(orders.c.visitor_id) < window.thresholds.staff_per_device_from,
        )
    )
    both = sa.union(by_phone.where(recent), by_card.where(recent), by_browser.where(recent))
    found: dict[int, frozenset[int]] = {}
    for order_id, buyer_id in db.session.execute(both):
        found[order_id] = found.get(order_id, frozenset()) | {buyer_id}
    return found


AT_ONCE = 500
"""Numbers that one question names."""


def in_parts(numbers: Iterable[int]) -> Iterator[Sequence[int]]:
    """Numbers in order, so many at once."""
    ordered = sorted(numbers)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
