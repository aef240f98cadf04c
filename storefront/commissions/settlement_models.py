"""What whole months added and took off: which plan settled a month, and what it came to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Amount, Base, Id
from storefront.staff.models import Employee


class SettledMonth(Base):
    """A period that has been settled, and the version of the plan by which it is, for good."""

    __tablename__ = "settled_months"
    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    """The period's name, like `2026-03`."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    plan_id: Mapped[int | None] = mapped_column(sa.ForeignKey("commission_plans.id"))
    """In force when it began, or else the first that started within it; None: there was none."""
    __table_args__ = (sa.CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),)


class Settlement(Base):
    """What a month came to for one employee, as it was known when it was settled.

    Net sales, extra and cut are the month's whole figures; `amount` is what they differ from all
    that was posted for the month before. A month has one of its own, and another for each later
    month in which it came to something else.
    """

    __tablename__ = "settlements"
    id: Mapped[Id]
    month_id: Mapped[int] = mapped_column(sa.ForeignKey(SettledMonth.id))
    """What it is about."""
    posted_in_id: Mapped[int] = mapped_column(sa.ForeignKey(SettledMonth.id))
    """The month in whose books it stands."""
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    net_sales: Mapped[Amount]
    commission: Mapped[Amount]
    """What the month's sales earned by the rules, less what was taken back of it."""
    extra: Mapped[Amount]
    """What the tiers add."""
    cut: Mapped[Amount]
    """What the month's cap takes away."""
    before: Mapped[Amount]
    """What was posted for the month until then."""
    amount: Mapped[Amount]
    """What is posted: extra - cut - before."""
    at: Mapped[datetime]
    """When it was settled: after the month it stands in was over."""
    bands: Mapped[list[Any]]
    """Tiers reached: each its start, its part of the net sales, its basis points, its amount."""
    __table_args__ = (
        sa.UniqueConstraint("employee_id", "month_id", "posted_in_id"),
        sa.Index("ix_settlements_posted_in_id", "posted_in_id"),
        sa.CheckConstraint("amount = extra - cut - before", name="adds_up"),
        sa.CheckConstraint("extra >= 0 AND cut >= 0", name="parts_not_negative"),
    )
