"""Simulations that headquarters asked for."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, Id
from storefront.staff.models import Employee


class SimulationState(StrEnum):
    """Where a simulation stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN = (SimulationState.WAITING, SimulationState.RUNNING)


class Simulation(Base):
    """A policy or a plan tried on the orders of a period. It is carried out step by step."""

    __tablename__ = "simulations"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    policy_version: Mapped[int | None]
    """The stored version that it is about; None for a document that is not stored, or none."""
    rules: Mapped[dict[str, Any]]
    """The policy's document as it was then: a draft may have been written anew since. Empty where
    only a plan is tried."""
    plan_version: Mapped[int | None]
    """The plan's version that is tried; None for the plan of each order's day."""
    plan: Mapped[dict[str, Any] | None]
    """What that version said then."""
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    """The first day that is left out."""
    state: Mapped[SimulationState]
    slot: Mapped[int | None] = mapped_column(unique=True)
    """Taken while it is open: there are only so many, so only so many run at once."""
    total: Mapped[int | None]
    """Orders of the period; None until they are counted."""
    done: Mapped[int] = mapped_column(default=0)
    """Orders gone through."""
    step: Mapped[int] = mapped_column(default=0)
    """Steps that are done. Whoever does the next one must still find this number."""
    attempts: Mapped[int] = mapped_column(default=0)
    """How often the next step was begun."""
    reached_at: Mapped[datetime | None]
    """The last order gone through was placed then."""
    reached_id: Mapped[int | None] = mapped_column(sa.BigInteger())
    tally: Mapped[bytes | None] = mapped_column(sa.LargeBinary(), deferred=True)
    """What came of it so far, for all employees; compressed."""
    result: Mapped[dict[str, Any] | None] = mapped_column(deferred=True)
    """The answer, once it is done: bounded, whatever the chain's size."""
    error: Mapped[str] = mapped_column(default="")
    """The code of what went wrong, if it failed."""
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
