"""Disputes, the lines that they are about, who would lose by them, and what everybody says."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.attribution.models import Verdict
from storefront.core.database import Base, Id
from storefront.core.pictures import Picture
from storefront.orders.models import Order, OrderLine
from storefront.staff.models import Employee


class DisputeReason(StrEnum):
    """Why somebody says that a sale was theirs."""

    MY_CUSTOMER = "my_customer"
    WRONG_SELLER_AT_TILL = "wrong_seller_at_till"
    VISIT_MISSING = "visit_missing"
    SHARED_SALE = "shared_sale"
    OTHER = "other"


class DisputeState(StrEnum):
    """Where a dispute stands. Waiting and past due are told by its dates: time decides nothing."""

    OPEN = "open"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


DISPUTE_TRANSITIONS: dict[DisputeState, frozenset[DisputeState]] = {
    DisputeState.OPEN: frozenset({DisputeState.DECIDED, DisputeState.WITHDRAWN}),
    DisputeState.DECIDED: frozenset(),
    DisputeState.WITHDRAWN: frozenset(),
}


class Outcome(StrEnum):
    """What headquarters decided."""

    UPHELD = "upheld"
    PARTLY = "partly"
    DENIED = "denied"


class Dispute(Base):
    """One employee's objection to who is credited with lines of an order."""

    __tablename__ = "disputes"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    opened_by_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    knows_order: Mapped[bool]
    """Whether the evidence names the opener; if not they are told no more than they knew."""
    reason: Mapped[DisputeReason]
    state: Mapped[DisputeState]
    opened_at: Mapped[datetime]
    answer_due_at: Mapped[datetime]
    """Until then whoever would lose may answer, and pictures may be added."""
    decision_due_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[Outcome | None]
    explanation: Mapped[str] = mapped_column(default="")
    """Why headquarters decided so, for everybody concerned to read."""
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    verdict_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Verdict.id))
    """What the decision put in place of the verdict before; None if it changed nothing."""
    __table_args__ = (
        sa.Index("ix_disputes_state_decision_due_at_id", "state", "decision_due_at", "id"),
        sa.Index("ix_disputes_opened_by_id_id", "opened_by_id", "id"),
    )


class DisputeLine(Base):
    """A line that a dispute is about. A line has one live dispute at most."""

    __tablename__ = "dispute_lines"
    id: Mapped[Id]
    dispute_id: Mapped[int] = mapped_column(sa.ForeignKey(Dispute.id), index=True)
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey(OrderLine.id), index=True)
    position: Mapped[int]
    closed_at: Mapped[datetime | None]
    __table_args__ = (
        sa.Index(
            "uq_dispute_lines_live_order_line_id",
            "order_line_id",
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        ),
    )


class DisputeParty(Base):
    """Somebody who is credited with a disputed line and would lose by the dispute."""

    __tablename__ = "dispute_parties"
    dispute_id: Mapped[int] = mapped_column(sa.ForeignKey(Dispute.id), primary_key=True)
    employee_id: Mapped[int] = mapped_column(
        sa.ForeignKey(Employee.id), primary_key=True, index=True
    )


class DisputeStatement(Base):
    """What the opener or somebody who would lose has to say, once each."""

    __tablename__ = "dispute_statements"
    id: Mapped[Id]
    dispute_id: Mapped[int] = mapped_column(sa.ForeignKey(Dispute.id))
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    words: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (sa.UniqueConstraint("dispute_id", "employee_id"),)


class DisputePicture(Base):
    """A picture that goes with a statement."""

    __tablename__ = "dispute_pictures"
    statement_id: Mapped[int] = mapped_column(sa.ForeignKey(DisputeStatement.id), primary_key=True)
    picture_id: Mapped[int] = mapped_column(sa.ForeignKey(Picture.id), primary_key=True)
    position: Mapped[int]
