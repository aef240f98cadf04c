"""The chain's report: one answer with the figures that HQ closes its books with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

import sqlalchemy as sa

from storefront.commissions.models import (
    Account,
    BatchState,
    LedgerEntry,
    Payout,
    PayoutBatch,
    PayoutState,
)
from storefront.core.clock import local_day
from storefront.core.database import db
from storefront.core.settings import settings
from storefront.insights.models import SalesDay
from storefront.insights.scope import CHAIN, EVER, Period
from storefront.insights.totals import customers_credited, totals
from storefront.shops.models import Shop
from storefront.staff.models import Employee

_days = cast(sa.Table, SalesDay.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_batches = cast(sa.Table, PayoutBatch.__table__)
_payouts = cast(sa.Table, Payout.__table__)
_employees = cast(sa.Table, Employee.__table__)
_shops = cast(sa.Table, Shop.__table__)


@dataclass(frozen=True, slots=True)
class PaidBatch:
    """A payout batch that was paid."""

    close: date
    """The day whose beginning was its cutoff."""
    payees: int
    total: int


@dataclass(frozen=True, slots=True)
class EmployeeFigures:
    """What an employee's sales came to."""

    commission_net: int
    """Accrued less reversed."""
    paid: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What is open in the ledger now, over all employees."""

    still_due: int
    """What the chain owes: held, and payable of everybody who has something to come."""
    owed_by_employees: int
    """What others have to earn back first: debts carried forward."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The chain's figures of a period. Amounts in minor units of its currency.

    `still_due` and `owed_by_employees` are as of now, whatever the period; over all time
    accrued - reversed = paid + still_due - owed_by_employees, but for what months were settled with
    and what finance adjusted: those stand in the statements.
    """

    orders: int
    orders_credited: int
    order_lines: int
    units: int
    sales: int
    sales_credited: int
    customers_credited: int
    units_returned: int
    refunded: int
    commission_accrued: int
    commission_reversed: int
    commission_paid: int
    still_due: int
    owed_by_employees: int
    payouts: tuple[PaidBatch, ...]
    """Those paid in the period, by their cutoff."""
    employees: Mapping[str, EmployeeFigures]
    """By staff number: everybody who has a shop or figures."""


def report(period: Period = EVER) -> ChainReport:
    """The chain's figures in `period`: what the console shows and the replay checks."""
    chain = totals(period, CHAIN)
    now_open = owed()
    return ChainReport(
        orders=chain.orders,
        orders_credited=chain.orders_credited,
        order_lines=chain.lines,
        units=chain.units,
        sales=chain.sales,
        sales_credited=chain.sales_credited,
        customers_credited=customers_credited(period, CHAIN, settings().chain_time_zone),
        units_returned=chain.units_returned,
        refunded=chain.refunded,
        commission_accrued=chain.accrued,
        commission_reversed=chain.reversed,
        commission_paid=chain.paid,
        still_due=now_open.still_due,
        owed_by_employees=now_open.owed_by_employees,
        payouts=_paid_batches(period),
        employees=_employee_figures(period),
    )


def owed() -> Owed:
    """What the ledger says is still to be paid, and what employees owe."""
    payable = (
        sa.select(sa.func.sum(_entries.c.amount).label("amount"))
        .where(_entries.c.account == Account.PAYABLE)
        .group_by(_entries.c.employee_id)
        .subquery()
    )
    above, below = db.session.execute(
        sa.select(
            sa.func.sum(sa.case((payable.c.amount > 0, payable.c.amount), else_=0)),
            sa.func.sum(sa.case((payable.c.amount < 0, payable.c.amount), else_=0)),
        )
    ).one()
    held = db.session.scalar(
        sa.select(sa.func.sum(_entries.c.amount)).where(_entries.c.account == Account.HELD)
    )
    return Owed(int(held or 0) + int(above or 0), -int(below or 0))


def _paid_batches(period: Period) -> tuple[PaidBatch, ...]:
    zone = settings().chain_time_zone
    rows = db.session.execute(
        sa.select(
            _batches.c.cutoff_at,
            sa.func.count().label("payees"),
            sa.func.sum(_payouts.c.amount).label("total"),
        )
        .join(_payouts, _payouts.c.batch_id == _batches.c.id)
        .where(
            _batches.c.state == BatchState.PAID,
            _payouts.c.state == PayoutState.PAID,
            period.has_moment(_batches.c.paid_at, zone),
        )
        .group_by(_batches.c.id, _batches.c.cutoff_at)
        .order_by(_batches.c.cutoff_at, _batches.c.id)
    )
    return tuple(
        PaidBatch(local_day(row.cutoff_at, zone), row.payees, int(row.total)) for row in rows
    )


def _employee_figures(period: Period) -> dict[str, EmployeeFigures]:
    sums = (
        sa.select(
            _days.c.employee_id,
            sa.func.sum(_days.c.accrued - _days.c.reversed).label("commission_net"),
            sa.func.sum(_days.c.paid).label("paid"),
        )
        .where(period.has_day(_days.c.day))
        .group_by(_days.c.employee_id)
        .subquery()
    )
    has_shop = sa.exists().where(_shops.c.employee_id == _employees.c.id)
    rows = db.session.execute(
        sa.select(_employees.c.number, sums.c.commission_net, sums.c.paid)
        .outerjoin(sums, sums.c.employee_id == _employees.c.id)
        .where(sa.or_(has_shop, sums.c.employee_id.is_not(None)))
        .order_by(_employees.c.id)
    )
    return {
        row.number: EmployeeFigures(int(row.commission_net or 0), int(row.paid or 0))
        for row in rows
    }
