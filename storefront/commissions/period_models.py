"""The chain's months: what is settled, stated and never touched again, one after the other."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Amount, Base, Id
from storefront.staff.models import Employee


class PeriodState(StrEnum):
    """Where a period stands."""

    OPEN = "open"
    CLOSING = "closing"
    """Some of its statements are written; what was begun is taken up again where it stopped."""
    CLOSED = "closed"


PERIOD_TRANSITIONS: dict[PeriodState, frozenset[PeriodState]] = {
    PeriodState.OPEN: frozenset({PeriodState.CLOSING}),
    PeriodState.CLOSING: frozenset({PeriodState.CLOSED}),
    PeriodState.CLOSED: frozenset(),
}


class Period(Base):
    """A month in the chain's zone, from `starts_at` up to, and without, `ends_at`.

    The totals are those of its statements, and stand once it is closed.
    """

    __tablename__ = "periods"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    """Like `2026-03`."""
    starts_at: Mapped[datetime] = mapped_column(unique=True)
    ends_at: Mapped[datetime] = mapped_column(unique=True)
    state: Mapped[PeriodState]
    currency: Mapped[str]
    done_to: Mapped[Amount] = mapped_column(default=0)
    """Row number of the last employee whose statement is written, while it is closing."""
    begun_at: Mapped[datetime | None]
    begun_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    statements: Mapped[int] = mapped_column(default=0)
    opening: Mapped[Amount] = mapped_column(default=0)
    earned: Mapped[Amount] = mapped_column(default=0)
    reversed: Mapped[Amount] = mapped_column(default=0)
    adjusted: Mapped[Amount] = mapped_column(default=0)
    settled: Mapped[Amount] = mapped_column(default=0)
    paid: Mapped[Amount] = mapped_column(default=0)
    closing: Mapped[Amount] = mapped_column(default=0)
    __table_args__ = (sa.CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),)
