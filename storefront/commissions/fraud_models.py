"""What fraud rules found about commission: thresholds, cases, occurrences, and how far was looked.

The rows lie here, beside the holds that they are the reason for, so that the book's audit can ask
about them; who writes them is told in `storefront.fraud`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column

from storefront.attribution.models import Verdict, VersionState, superseded_at
from storefront.core.database import Base, Id
from storefront.orders.models import OrderLine
from storefront.staff.models import Employee, Role


class Signal(StrEnum):
    """What a rule looks for. One rule each."""

    OWN_PHONE = "own_phone"
    OWN_DEVICE = "own_device"
    OWN_OPENID = "own_openid"
    OWN_CARD = "own_card"
    OWN_ADDRESS = "own_address"
    COLLEAGUE_RING = "colleague_ring"
    BUY_AND_RETURN = "buy_and_return"
    GUESTS_ON_DEVICE = "guests_on_device"
    STAFF_DISCOUNT = "staff_discount"
    CLAIM_WITHOUT_MEETING = "claim_without_meeting"
    BUYING_FOR_STOCK = "buying_for_stock"


class FraudPolicy(Base):
    """A version of the thresholds by which fraud rules look at sales."""

    __tablename__ = "fraud_policies"
    id: Mapped[Id]
    version: Mapped[int] = mapped_column(unique=True)
    state: Mapped[VersionState]
    starts_at: Mapped[datetime]
    rules: Mapped[dict[str, Any]]
    """The document that `fraud.rules.Thresholds` reads."""
    note: Mapped[str]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    if TYPE_CHECKING:
        superseded_at: Mapped[datetime | None]
        """When a later version takes its place, if one was published. Set below: it is a query."""


FraudPolicy.superseded_at = column_property(superseded_at(FraudPolicy.__table__))


class CaseState(StrEnum):
    """Where a case stands. Time closes none."""

    OPEN = "open"
    PROPOSED = "proposed"
    """Answered, and waiting for a second person."""
    CLOSED = "closed"


class CaseOutcome(StrEnum):
    """What headquarters found."""

    DISMISSED = "dismissed"
    CONFIRMED = "confirmed"
    MEASURE_TAKEN = "measure_taken"


class FraudCase(Base):
    """What one rule found about one person, until somebody answers it."""

    __tablename__ = "fraud_cases"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    rule: Mapped[Signal]
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    state: Mapped[CaseState]
    opened_at: Mapped[datetime]
    for_role: Mapped[Role]
    """The least role that may answer it; it rises while nobody does."""
    escalates_at: Mapped[datetime | None]
    """None: the highest role has it, and keeps it until it is answered."""
    outcome: Mapped[CaseOutcome | None]
    takes_back: Mapped[bool] = mapped_column(default=False)
    """Whether the answer takes the commission back."""
    note: Mapped[str] = mapped_column(default="")
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    answered_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """The second person, where the answer needed one."""
    approved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        sa.Index(
            "uq_fraud_cases_open_rule_employee_id",
            "rule",
            "employee_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
        sa.Index("ix_fraud_cases_state_escalates_at", "state", "escalates_at"),
    )


class FraudOccurrence(Base):
    """One line that a rule found about one person: found once, whatever became of its case."""

    __tablename__ = "fraud_occurrences"
    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(sa.ForeignKey(FraudCase.id), index=True)
    rule: Mapped[Signal]
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey(OrderLine.id), index=True)
    evidence: Mapped[dict[str, Any]]
    """What the rule saw: counts, shares and digests, never a number that opens anything."""
    policy_version: Mapped[int]
    """Of the thresholds; 0 for those that hold while nobody published any."""
    found_at: Mapped[datetime]
    verdict_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Verdict.id), index=True)
    """The verdict that took the line's credit back."""
    __table_args__ = (sa.UniqueConstraint("rule", "employee_id", "order_line_id"),)


class FraudScan(Base):
    """How far the rules have looked."""

    __tablename__ = "fraud_scans"
    id: Mapped[Id]
    at: Mapped[datetime]
    whole: Mapped[bool]
    """Whether the whole window was looked at, or only what was new."""
    last_accrual_id: Mapped[int] = mapped_column(sa.BigInteger())
    policy_version: Mapped[int]
    found: Mapped[int]
