"""What belongs to a payout batch beside its payouts: who approved it, and whom it left out."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.commissions.models import PayoutBatch
from storefront.core.database import Amount, Base, Id
from storefront.staff.models import Employee


class LeftOut(StrEnum):
    """Why somebody whose account is not even has no part in a batch."""

    DEBT = "debt"
    """Owes, or is owed nothing in all."""
    BELOW_MINIMUM = "below_minimum"
    ON_HOLD = "on_hold"
    """All that is due is on hold."""
    MISSING_DATA = "missing_data"
    """Payroll does not know their identity document."""
    SUSPENDED = "suspended"
    REMOVED = "removed"
    """Taken out of the batch by a person."""


class PayoutExclusion(Base):
    """Somebody whom a batch left out, with the reason; their entries wait for a later batch."""

    __tablename__ = "payout_exclusions"
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey(PayoutBatch.id))
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    reason: Mapped[LeftOut]
    amount: Mapped[Amount]
    """What is due to them by the cutoff, on hold or not; below zero is a debt."""
    note: Mapped[str] = mapped_column(default="")
    by_employee_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    __table_args__ = (sa.UniqueConstraint("batch_id", "employee_id"),)


class PayoutApproval(Base):
    """One person's approval of a batch; an edit of the batch withdraws it."""

    __tablename__ = "payout_approvals"
    id: Mapped[Id]
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey(PayoutBatch.id), index=True)
    employee_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """None: the program itself, as in a replay."""
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    __table_args__ = (
        sa.Index(
            "uq_payout_approvals_standing_batch_id_employee_id",
            "batch_id",
            "employee_id",
            unique=True,
            sqlite_where=sa.text("withdrawn_at IS NULL"),
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
    )
