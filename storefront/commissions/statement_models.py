"""Statements: what a period came to for one employee, frozen as it was issued."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.commissions.period_models import Period
from storefront.core.database import Amount, Base, Id
from storefront.staff.models import Employee, Store


class Statement(Base):
    """opening + earned - reversed + adjusted + settled - paid = closing, each in minor units.

    Opening and closing are held + payable; a payable below zero is a debt. A statement is never
    changed: a wrong name makes a new one, and the old one says that it was revoked and by which
    it was replaced.
    """

    __tablename__ = "statements"
    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    """Unguessable: whoever has it may see whether the statement is genuine."""
    period_id: Mapped[int] = mapped_column(sa.ForeignKey(Period.id))
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    store_id: Mapped[int] = mapped_column(sa.ForeignKey(Store.id))
    """The employee's store when it was issued."""
    currency: Mapped[str]
    issued_at: Mapped[datetime]

    opening_held: Mapped[Amount]
    opening_payable: Mapped[Amount]
    earned: Mapped[Amount]
    """What was accrued on sales, with its bonuses."""
    reversed: Mapped[Amount]
    """Taken back: for goods that came back, or because a decision gave it to others."""
    adjusted: Mapped[Amount]
    """What headquarters added or took off, with a reason."""
    settled: Mapped[Amount]
    """What the month as a whole added or took off: tiers and caps of the plan."""
    released: Mapped[Amount]
    """Went from held to payable; changes no sum of the two."""
    paid: Mapped[Amount]
    """Went out, less what came back from the bank."""
    closing_held: Mapped[Amount]
    closing_payable: Mapped[Amount]

    employee_number: Mapped[str]
    employee_name: Mapped[str]
    store_code: Mapped[str]
    store_name_zh: Mapped[str]
    store_name_en: Mapped[str]
    company: Mapped[str]
    """The legal person that pays, as the store had it; empty for none."""
    plan_versions: Mapped[list[Any]]
    """Of the plans that its entries were earned by, ascending."""

    show_total: Mapped[bool] = mapped_column(default=False)
    """Whether the employee lets whoever has the code see the total."""
    signature: Mapped[str | None]
    signing_key_id: Mapped[str | None]

    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str] = mapped_column(default="")
    revoked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("statements.id"))

    period: Mapped[Period] = relationship()
    __table_args__ = (
        sa.Index(
            "uq_statements_standing_period_id_employee_id",
            "period_id",
            "employee_id",
            unique=True,
            sqlite_where=sa.text("revoked_at IS NULL"),
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.Index("ix_statements_employee_id_id", "employee_id", "id"),
        sa.CheckConstraint(
            "opening_held + opening_payable + earned - reversed + adjusted + settled - paid"
            " = closing_held + closing_payable",
            name="adds_up",
        ),
    )

    @property
    def opening(self) -> int:
        """What was owed when the period began."""
        return self.opening_held + self.opening_payable

    @property
    def closing(self) -> int:
        """What is owed at its end; below zero the employee owes."""
        return self.closing_held + self.closing_payable
