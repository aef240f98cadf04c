"""Commission plans, accruals, the double-entry ledger, payout batches."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from storefront.attribution.models import Credit, VersionState, superseded_at
from storefront.catalog.models import Brand, Category, Product
from storefront.commissions.rules import Buyer
from storefront.core.database import Amount, Base, Id
from storefront.orders.models import Order, OrderLine
from storefront.staff.models import Employee, Store


class CommissionPlan(Base):
    """A version of what is earned."""

    __tablename__ = "commission_plans"
    id: Mapped[Id]
    version: Mapped[int] = mapped_column(unique=True)
    state: Mapped[VersionState]
    starts_at: Mapped[datetime]
    """Orders placed from here on earn by it, until a later version starts."""
    hold_days: Mapped[int]
    """Days from hand-over until commission may be paid: the return window."""
    bonus: Mapped[Amount] = mapped_column(default=0)
    """Minor units for a customer's first order, on top of what its lines earn."""
    note: Mapped[str]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    if TYPE_CHECKING:
        superseded_at: Mapped[datetime | None]
        """When a later version takes its place, if one was published. Set below: it is a query."""
    rules: Mapped[list[PlanRule]] = relationship(order_by="PlanRule.position")


CommissionPlan.superseded_at = column_property(superseded_at(CommissionPlan.__table__))


class PlanRule(Base):
    """What is earned and on what; a condition that is left empty matches everything."""

    __tablename__ = "plan_rules"
    id: Mapped[Id]
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(CommissionPlan.id))
    position: Mapped[int]
    rate: Mapped[int]
    """In basis points of the line's net; 0 where an amount per unit is earned."""
    per_unit: Mapped[int | None] = mapped_column(sa.BigInteger())
    """Minor units for each piece, instead of a rate."""
    cap: Mapped[int | None] = mapped_column(sa.BigInteger())
    """The most that a line earns by this rule, in minor units."""
    employee_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    product_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Product.id))
    category_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Category.id))
    brand_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Brand.id))
    store_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Store.id))
    grade: Mapped[str | None]
    buyer: Mapped[Buyer | None]
    """New or returning customers only."""
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "position"),
        sa.CheckConstraint("rate >= 0 AND rate <= 10000", name="rate_in_basis_points"),
        sa.CheckConstraint(
            "per_unit IS NULL OR (per_unit >= 0 AND rate = 0)", name="rate_or_per_unit"
        ),
        sa.CheckConstraint("cap >= 0", name="cap_not_negative"),
    )


class Accrual(Base):
    """The commission on one credit, with plan, rule, rate and base as they were at the sale."""

    __tablename__ = "accruals"
    id: Mapped[Id]
    credit_id: Mapped[int] = mapped_column(sa.ForeignKey(Credit.id), unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    order_line_id: Mapped[int] = mapped_column(sa.ForeignKey(OrderLine.id), index=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    store_id: Mapped[int] = mapped_column(sa.ForeignKey(Store.id))
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(CommissionPlan.id))
    rule_id: Mapped[int | None] = mapped_column(sa.ForeignKey(PlanRule.id))
    """None: no rule of the plan matched, and nothing is earned."""
    rate: Mapped[int]
    per_unit: Mapped[int | None] = mapped_column(sa.BigInteger())
    """Minor units for each piece of the line, where that is what the rule gives."""
    base: Mapped[Amount]
    """This credit's share of the line's net."""
    category_ids: Mapped[list[Any]] = mapped_column(default=list)
    """The line's category and those above it at the sale; empty if no rule asked for them."""
    grade: Mapped[str] = mapped_column(default="")
    """The employee's at the order; empty for none."""
    buyer: Mapped[Buyer] = mapped_column(default=Buyer.UNKNOWN)
    """What the customer was to the chain when the order was paid."""
    amount: Mapped[Amount]
    """What is earned in all: by the rule and its cap, with the bonus."""
    cut: Mapped[Amount] = mapped_column(default=0)
    """What the rule's cap on the line took away."""
    bonus: Mapped[Amount] = mapped_column(default=0)
    """What is in the amount for the customer's first order."""
    reversed: Mapped[Amount] = mapped_column(default=0)
    """What was taken back: for goods that came back, and the rest once others are credited."""
    hold_days: Mapped[int]
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    """Set at hand-over: from then on it may be released."""
    released_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    """When a decision gave the credit to others; None while the accrual stands."""
    __table_args__ = (
        sa.CheckConstraint("reversed >= 0 AND reversed <= amount", name="reversed_within_amount"),
        sa.Index("ix_accruals_employee_id_id", "employee_id", "id"),
        sa.Index(
            "ix_accruals_held_due_at",
            "due_at",
            sqlite_where=sa.text("released_at IS NULL AND superseded_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL AND superseded_at IS NULL"),
        ),
    )


class HoldKind(StrEnum):
    """Why commission is kept back, besides the return window."""

    DISPUTE = "dispute"


class CommissionHold(Base):
    """Keeps an accrual from being released or paid out until somebody lifts it: time never does.

    It moves no money: it says what may not move.
    """

    __tablename__ = "commission_holds"
    id: Mapped[Id]
    accrual_id: Mapped[int] = mapped_column(sa.ForeignKey(Accrual.id), index=True)
    kind: Mapped[HoldKind]
    reason: Mapped[str]
    """What it is about, for people."""
    placed_at: Mapped[datetime]
    placed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    __table_args__ = (
        sa.Index(
            "uq_commission_holds_live_accrual_id_kind",
            "accrual_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
    )


class BatchState(StrEnum):
    """Where a payout batch stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    PAID = "paid"
    DISCARDED = "discarded"


BATCH_TRANSITIONS: dict[BatchState, frozenset[BatchState]] = {
    BatchState.DRAFT: frozenset({BatchState.APPROVED, BatchState.DISCARDED}),
    BatchState.APPROVED: frozenset({BatchState.PAID, BatchState.DISCARDED}),
    BatchState.PAID: frozenset(),
    BatchState.DISCARDED: frozenset(),
}


class PayoutBatch(Base):
    """A payment run: everything payable up to a cutoff."""

    __tablename__ = "payout_batches"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    cutoff_at: Mapped[datetime]
    """Entries before this instant are in."""
    currency: Mapped[str]
    total: Mapped[Amount] = mapped_column(default=0)
    payees: Mapped[int] = mapped_column(default=0)
    state: Mapped[BatchState]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    created_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]

    payouts: Mapped[list[Payout]] = relationship(
        back_populates="batch", order_by="Payout.employee_id"
    )


class Payout(Base):
    """One employee's part of a batch."""

    __tablename__ = "payouts"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey(PayoutBatch.id))
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    amount: Mapped[Amount]
    __table_args__ = (
        sa.UniqueConstraint("batch_id", "employee_id"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
    )

    batch: Mapped[PayoutBatch] = relationship(back_populates="payouts")
    employee: Mapped[Employee] = relationship()


class Account(StrEnum):
    """The accounts of the book. Every entry also names the employee it is about."""

    EXPENSE = "expense"
    """What commission costs the chain."""
    HELD = "held"
    """Owed, but not yet due."""
    PAYABLE = "payable"
    """Owed and due; below zero it is the employee's debt, carried forward."""
    PAID = "paid"
    """Gone out with a payroll."""


class TransactionKind(StrEnum):
    """What a ledger transaction is about."""

    ACCRUAL = "accrual"
    REVERSAL = "reversal"
    RELEASE = "release"
    PAYOUT = "payout"
    REATTRIBUTION = "reattribution"
    """Taken back because headquarters decided that others earned it."""


TAKING_BACK = (TransactionKind.REVERSAL, TransactionKind.REATTRIBUTION)
"""Kinds whose entries on an accrual take commission back."""


class LedgerTransaction(Base):
    """Entries that belong together and sum to zero. Append-only."""

    __tablename__ = "ledger_transactions"
    id: Mapped[Id]
    kind: Mapped[TransactionKind]
    cause: Mapped[str] = mapped_column(unique=True)
    """What made it, so that making it twice is impossible."""
    at: Mapped[datetime]


class LedgerEntry(Base):
    """One posting. Positive amounts are owed to the employee (or, on `expense`, taken back)."""

    __tablename__ = "ledger_entries"
    id: Mapped[Id]
    transaction_id: Mapped[int] = mapped_column(sa.ForeignKey(LedgerTransaction.id), index=True)
    key: Mapped[str] = mapped_column(unique=True)
    account: Mapped[Account]
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id))
    amount: Mapped[Amount]
    currency: Mapped[str]
    at: Mapped[datetime]
    accrual_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Accrual.id), index=True)
    payout_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Payout.id), index=True)
    """The payout that claims this entry of `payable`: the only column ever filled in later."""
    __table_args__ = (
        sa.Index("ix_ledger_entries_employee_id_account_id", "employee_id", "account", "id"),
        sa.Index(
            "ix_ledger_entries_unclaimed",
            "employee_id",
            sqlite_where=sa.text("account = 'payable' AND payout_id IS NULL"),
            postgresql_where=sa.text("account = 'payable' AND payout_id IS NULL"),
        ),
    )
