"""Roll-ups: sums that are kept up to date in the transactions that change them."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Amount, Base
from storefront.sharing.models import Uncounted

NOBODY = 0
"""Stands for employee and store of sales that earned nobody anything."""


class SalesDay(Base):
    """One employee's figures of one day in the chain's zone, at the store they sold for."""

    __tablename__ = "sales_days"
    day: Mapped[date] = mapped_column(primary_key=True)
    employee_id: Mapped[int] = mapped_column(sa.BigInteger(), primary_key=True)
    store_id: Mapped[int] = mapped_column(sa.BigInteger(), primary_key=True)
    orders: Mapped[int] = mapped_column(default=0)
    """Paid orders; one that is shared counts with the first share, so totals count it once."""
    orders_shared: Mapped[int] = mapped_column(default=0)
    """Orders in which this employee has a later share."""
    lines: Mapped[int] = mapped_column(default=0)
    units: Mapped[int] = mapped_column(default=0)
    sales: Mapped[Amount] = mapped_column(default=0)
    """Net of the paid lines, by the day of payment."""
    units_returned: Mapped[int] = mapped_column(default=0)
    refunded: Mapped[Amount] = mapped_column(default=0)
    """Net of what came back, by the day of the return."""
    accrued: Mapped[Amount] = mapped_column(default=0)
    reversed: Mapped[Amount] = mapped_column(default=0)
    released: Mapped[Amount] = mapped_column(default=0)
    paid: Mapped[Amount] = mapped_column(default=0)
    new_customers: Mapped[int] = mapped_column(default=0)
    __table_args__ = (sa.Index("ix_sales_days_employee_id_day", "employee_id", "day"),)


class VisitsDay(Base):
    """Visits of one link on one day, by whether they count; folded in from the touches."""

    __tablename__ = "visits_days"
    day: Mapped[date] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(sa.BigInteger(), primary_key=True)
    uncounted: Mapped[Uncounted] = mapped_column(primary_key=True)
    """Why they do not count; `no` for those that do."""
    employee_id: Mapped[int] = mapped_column(sa.BigInteger())
    visits: Mapped[int] = mapped_column(default=0)
    __table_args__ = (
        sa.Index("ix_visits_days_link_id_day", "link_id", "day"),
        sa.Index("ix_visits_days_employee_id_day", "employee_id", "day"),
    )


class VisitsFolded(Base):
    """How far the touches are folded into `VisitsDay`: one row."""

    __tablename__ = "visits_folded"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    touch_id: Mapped[int] = mapped_column(sa.BigInteger())
    """The last touch that is in; every later one is not."""
