"""What happened in somebody's working life, with what is needed to undo it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.attribution.models import Tie
from storefront.core.database import Base, Id
from storefront.staff.models import Employee, EmploymentState, Store


class Step(StrEnum):
    """What happens to an employee."""

    MOVED = "moved"
    """To another store."""
    ON_LEAVE = "on_leave"
    BACK = "back"
    LEFT = "left"


class CareerEvent(Base):
    """A step of somebody's working life: what was before it and after it. Undone, never deleted."""

    __tablename__ = "career_events"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    step: Mapped[Step]
    at: Mapped[datetime]
    by_employee_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    reason: Mapped[str]
    successor_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """Who looks after the customers from here on: for good, or as long as the leave lasts."""
    state_before: Mapped[EmploymentState]
    state_after: Mapped[EmploymentState]
    store_before_id: Mapped[int] = mapped_column(sa.ForeignKey(Store.id))
    store_after_id: Mapped[int] = mapped_column(sa.ForeignKey(Store.id))
    forward_before_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """Whom the shop led to, if there was one and it led to somebody."""
    forward_after_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))


class CareerHandover(Base):
    """A customer who changed hands by a step."""

    __tablename__ = "career_handovers"
    event_id: Mapped[int] = mapped_column(sa.ForeignKey(CareerEvent.id), primary_key=True)
    old_tie_id: Mapped[int] = mapped_column(sa.ForeignKey(Tie.id), primary_key=True)
    new_tie_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Tie.id))
    """None if the customer was nobody's after it."""
