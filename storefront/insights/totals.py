"""Totals over a period, out of the day's roll-up: what was sold, came back, was earned and paid.

Refunds and reversals count on their own day ("posted"), so a period that is over never changes.
An order that several people share counts once, with the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.models import Credit, Verdict
from storefront.core.database import db
from storefront.core.money import WHOLE_BASIS_POINTS
from storefront.insights.models import NOBODY, SalesDay
from storefront.insights.rollups import MEASURES
from storefront.insights.scope import Period, Scope
from storefront.orders.models import Order
from storefront.staff.models import Employee, Region, Store

_days = cast(sa.Table, SalesDay.__table__)
_stores = cast(sa.Table, Store.__table__)
_regions = cast(sa.Table, Region.__table__)
_employees = cast(sa.Table, Employee.__table__)
_orders = cast(sa.Table, Order.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)
_credits = cast(sa.Table, Credit.__table__)


@dataclass(frozen=True, slots=True)
class Totals:
    """Figures of a period and scope. Amounts in minor units of the chain's currency."""

    orders: int
    """Paid orders, by the day of payment."""
    orders_credited: int
    """Those credited to somebody; an employee's own also where theirs is not the first share."""
    lines: int
    units: int
    sales: int
    """What was paid for goods, without shipping."""
    sales_credited: int
    units_returned: int
    refunded: int
    refunded_credited: int
    accrued: int
    reversed: int
    released: int
    """Commission that became payable."""
    paid: int
    new_customers: int
    """Customers whose first paid order ever this was."""

    @property
    def net_sales(self) -> int:
        """Sales less refunds."""
        return self.sales - self.refunded

    @property
    def commission_net(self) -> int:
        """Commission accrued less reversed."""
        return self.accrued - self.reversed

    @property
    def cost_ratio(self) -> int | None:
        """Net commission in basis points of net credited sales; None where there are none."""
        base = self.sales_credited - self.refunded_credited
        if base <= 0:
            return None
        return (2 * self.commission_net * WHOLE_BASIS_POINTS + base) // (2 * base)


def _sum(amount: sa.ColumnElement[int], name: str) -> sa.Label[int]:
    return sa.func.coalesce(sa.func.sum(amount), 0).label(name)


_of_somebody = _days.c.employee_id != NOBODY
_SUMS = (
    *(_sum(_days.c[name], name) for name in MEASURES),
    *(
        _sum(sa.case((_of_somebody, _days.c[name]), else_=0), f"{name}_credited")
        for name in ("orders", "sales", "refunded")
    ),
)


def totals(period: Period, scope: Scope) -> Totals:
    """The figures of `scope` in `period`."""
    row = db.session.execute(
        sa.select(*_SUMS).where(period.has_day(_days.c.day), _within(_days, scope))
    ).one()
    return _read(row, own=scope.employee_id is not None)


def customers_credited(period: Period, scope: Scope, time_zone: str) -> int:
    """How many customers have an order, paid in `period`, that is credited within `scope`.

    Counted from the orders themselves: a customer of several days counts once. One whose orders all
    came back stays a credited customer.
    """
    credited = sa.select(_credits.c.order_id).where(
        _credits.c.employee_id.is_not(None),
        _credits.c.superseded_by_id.is_(None),
        _within(_credits, scope),
    )
    count = db.session.scalar(
        sa.select(sa.func.count(_orders.c.customer_id.distinct())).where(
            _orders.c.paid_at.is_not(None),
            period.has_moment(_orders.c.paid_at, time_zone),
            _orders.c.id.in_(credited),
        )
    )
    return count or 0


def _within(table: sa.Table, scope: Scope) -> sa.ColumnElement[bool]:
    """Whether a row of `table`, which names an employee and a store, belongs to `scope`."""
    conditions: list[sa.ColumnElement[bool]] = [sa.true()]
    if scope.employee_id is not None:
        conditions.append(table.c.employee_id == scope.employee_id)
    if scope.store_id is not None:
        conditions.append(table.c.store_id == scope.store_id)
    if scope.region_id is not None:
        conditions.append(table.c.store_id.in_(_stores_of(scope.region_id)))
    return sa.and_(*conditions)


def _stores_of(region_id: int) -> sa.Select[int]:
    return sa.select(_stores.c.id).where(_stores.c.region_id == region_id)


def _read(row: sa.Row[*tuple[Any, ...]], *, own: bool) -> Totals:
    # PostgreSQL's sums of big integers are decimals.
    sums = {column.name: int(getattr(row, column.name)) for column in _SUMS}
    shared = sums.pop("orders_shared")
    if own:
        sums["orders_credited"] += shared
    return Totals(**sums)


# --- in groups --------------------------------------------------------------------------------


class Grouping(StrEnum):
    """What a table of totals has a row for."""

    EMPLOYEE = "employee"
    STORE = "store"
    REGION = "region"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Group:
    """One row of a table of totals."""

    key: int
    """Where it stands in the table, for the next page: rows come by rising keys."""
    code: str
    """Staff number, code of the store or region, or the month as `2026-03`.

    Empty for what was sold at the chain's own front, through nobody.
    """
    name_zh: str
    name_en: str
    totals: Totals


@dataclass(frozen=True, slots=True)
class _Shape:
    """How one grouping is asked: what makes a group, and where its names stand."""

    key: sa.ColumnElement[int]
    table: sa.Table | None = None
    names: tuple[str, str, str] = ("", "", "")


_SHAPES = {
    Grouping.EMPLOYEE: _Shape(_days.c.employee_id, _employees, ("number", "name", "name")),
    Grouping.STORE: _Shape(_days.c.store_id, _stores, ("code", "name_zh", "name_en")),
    Grouping.REGION: _Shape(
        sa.func.coalesce(_stores.c.region_id, NOBODY), _regions, ("code", "name_zh", "name_en")
    ),
    Grouping.MONTH: _Shape(
        sa.extract("year", _days.c.day) * 100 + sa.extract("month", _days.c.day)
    ),
}


def grouped(
    by: Grouping,
    period: Period,
    scope: Scope,
    *,
    after: int | None = None,
    limit: int | None = None,
) -> list[Group]:
    """A row for each employee, store, region or month that has figures, up to `limit` of them.

    `after` is the key of the last row of the page before.
    """
    shape = _SHAPES[by]
    sums = sa.select(shape.key.label("key"), *_SUMS)
    if by is Grouping.REGION:
        sums = sums.outerjoin(_stores, _stores.c.id == _days.c.store_id)
    sums = sums.where(period.has_day(_days.c.day), _within(_days, scope))
    if after is not None:
        sums = sums.where(shape.key > after)
    page = sums.group_by("key").order_by("key").limit(limit).subquery()
    statement = sa.select(page).order_by(page.c.key)
    if shape.table is not None:
        code, name_zh, name_en = (
            sa.func.coalesce(shape.table.c[column], "").label(label)
            for column, label in zip(shape.names, ("code", "name_zh", "name_en"), strict=True)
        )
        statement = statement.add_columns(code, name_zh, name_en).outerjoin(
            shape.table, shape.table.c.id == page.c.key
        )
    return [_group(by, row) for row in db.session.execute(statement)]


def _group(by: Grouping, row: sa.Row[*tuple[Any, ...]]) -> Group:
    totals_of_group = _read(row, own=by is Grouping.EMPLOYEE)
    key = int(row.key)
    if by is Grouping.MONTH:
        month = f"{key // 100:04}-{key % 100:02}"
        return Group(key, month, month, month, totals_of_group)
    return Group(key, row.code, row.name_zh, row.name_en, totals_of_group)
