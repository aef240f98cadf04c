"""What headquarters adds to an employee's commission or takes off, with a reason and two people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Amount, Base, Id
from storefront.staff.models import Employee


class AdjustmentKind(StrEnum):
    """What an adjustment is for."""

    BONUS = "bonus"
    SERVICE = "service"
    """For service to customers rather than for a sale."""
    CORRECTION = "correction"
    """Something was booked wrong: the entry stays, this puts it right."""
    GOODWILL = "goodwill"
    RECOVERY = "recovery"
    """Taken back for another reason than a return; below zero."""


class AdjustmentState(StrEnum):
    """Where an adjustment stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    """Posted to the ledger."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


ADJUSTMENT_TRANSITIONS: dict[AdjustmentState, frozenset[AdjustmentState]] = {
    AdjustmentState.PROPOSED: frozenset(
        {AdjustmentState.APPROVED, AdjustmentState.REJECTED, AdjustmentState.WITHDRAWN}
    ),
    AdjustmentState.APPROVED: frozenset(),
    AdjustmentState.REJECTED: frozenset(),
    AdjustmentState.WITHDRAWN: frozenset(),
}


class Adjustment(Base):
    """Proposed by one person, decided by another, and only then in the book."""

    __tablename__ = "adjustments"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    kind: Mapped[AdjustmentKind]
    amount: Mapped[Amount]
    """Minor units; below zero takes off."""
    currency: Mapped[str]
    reason: Mapped[str]
    """For the employee to read."""
    state: Mapped[AdjustmentState]
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    decision_note: Mapped[str] = mapped_column(default="")
    __table_args__ = (sa.CheckConstraint("amount <> 0", name="amount_not_zero"),)
