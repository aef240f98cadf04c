"""Commission plans, accruals, the double-entry ledger, payout batches."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

from storefront.attribution.models import Credit, VersionState, superseded_at
from storefront.catalog.models import Brand, Category, Product
from storefront.commissions.adjustment_models import Adjustment
from storefront.commissions.period_models import Period
from storefront.commissions.rules import Buyer
from storefront.commissions.settlement_models import Settlement
from storefront.core.database import Amount, Base, Id
from storefront.core.ids import public_id
from storefront.orders.models import Order, OrderLine
from storefront.sharing.models import Campaign
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
    order_cap: Mapped[int | None] = mapped_column(sa.BigInteger())
    """The most that one employee earns on one order by rules and boosters; None: no limit."""
    service_bonus: Mapped[Amount] = mapped_column(default=0)
    """Minor units for the employee who hands an order over at the store."""
    month_terms: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Tiers by the month's net sales and the month's cap: a MonthTerms; empty for none."""
    note: Mapped[str]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    if TYPE_CHECKING:
        superseded_at: Mapped[datetime | None]
        """When a later version takes its place, if one was published. Set below: it is a query."""
    rules: Mapped[list[PlanRule]] = relationship(order_by="PlanRule.position")
    """Rules first, and behind them the boosters."""


CommissionPlan.superseded_at = column_property(superseded_at(CommissionPlan.__table__))


class PlanRule(Base):
    """What is earned and on what; a condition that is left empty matches everything.

    One with a budget is a booster: it gives something on top, between two times, while its money
    lasts. `spent` and `granted` are all that ever changes of a published plan.
    """

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
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Campaign.id))
    """The touch that won came through this campaign."""
    buyer: Mapped[Buyer | None]
    """New or returning customers only."""
    budget: Mapped[int | None] = mapped_column(sa.BigInteger())
    """The most that a booster pays out in all, in minor units; None for a rule."""
    starts_at: Mapped[datetime | None]
    """A booster's: it counts for orders placed from here on."""
    ends_at: Mapped[datetime | None]
    """And before here."""
    spent: Mapped[Amount] = mapped_column(default=0)
    """What standing accruals got of the budget."""
    granted: Mapped[Amount] = mapped_column(default=0)
    """What the latest sale got of what it asked for: so the one UPDATE that takes it can say so."""
    __table_args__ = (
        sa.UniqueConstraint("plan_id", "position"),
        sa.CheckConstraint(
            "(budget IS NULL AND starts_at IS NULL AND ends_at IS NULL AND spent = 0)"
            " OR (budget > 0 AND starts_at < ends_at)",
            name="boosters_are_whole",
        ),
        sa.CheckConstraint(
            "spent >= 0 AND (budget IS NULL OR spent <= budget)", name="spent_within_budget"
        ),
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
    campaign_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Campaign.id))
    """The campaign through which the touch came that won."""
    booster_id: Mapped[int | None] = mapped_column(sa.ForeignKey(PlanRule.id), index=True)
    """The booster that matched, if there was one at the order."""
    amount: Mapped[Amount]
    """What is earned in all: by the rule and its cap, with booster and bonus, within the order's
    cap."""
    cut: Mapped[Amount] = mapped_column(default=0)
    """What the rule's cap on the line took away."""
    order_cut: Mapped[Amount] = mapped_column(default=0)
    """What the plan's cap on the order took away of the rest and of the boost."""
    boost: Mapped[Amount] = mapped_column(default=0)
    """What is in the amount by the booster."""
    unfunded: Mapped[Amount] = mapped_column(default=0)
    """What the booster would have given besides, had its budget not been used up."""
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
        # A month is settled out of its own sales, however long the history.
        sa.Index("ix_accruals_employee_id_at", "employee_id", "at"),
        sa.Index(
            "ix_accruals_held_due_at",
            "due_at",
            sqlite_where=sa.text("released_at IS NULL AND superseded_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL AND superseded_at IS NULL"),
        ),
    )


class ServiceBonus(Base):
    """A fixed amount for the employee who handed an order over at the store, once per order."""

    __tablename__ = "service_bonuses"
    id: Mapped[Id]
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), unique=True)
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    store_id: Mapped[int] = mapped_column(sa.ForeignKey(Store.id))
    """Theirs at the hand-over."""
    plan_id: Mapped[int] = mapped_column(sa.ForeignKey(CommissionPlan.id))
    amount: Mapped[Amount]
    at: Mapped[datetime]
    due_at: Mapped[datetime]
    """When the return window is over."""
    released_at: Mapped[datetime | None]
    reversed_at: Mapped[datetime | None]
    """When the whole order had come back, before it was due."""
    __table_args__ = (
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint(
            "released_at IS NULL OR reversed_at IS NULL", name="released_or_reversed"
        ),
        sa.Index(
            "ix_service_bonuses_held_due_at",
            "due_at",
            sqlite_where=sa.text("released_at IS NULL AND reversed_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL AND reversed_at IS NULL"),
        ),
    )


class HoldKind(StrEnum):
    """Why commission is kept back, besides the return window."""

    DISPUTE = "dispute"
    """Until the dispute about the line is over."""
    FRAUD = "fraud"
    """Until the case of a fraud rule is answered."""
    REVIEW = "review"
    """Headquarters looks into it, by hand."""
    MISSING_DATA = "missing_data"
    """Something is missing without which nobody can be paid."""


class CommissionHold(Base):
    """Keeps commission from being released or paid out until somebody lifts it: time never does.

    It is on one accrual, or on everything that an employee has and gets. It moves no money: it
    says what may not move.
    """

    __tablename__ = "commission_holds"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True, default=lambda: public_id("hld"))
    accrual_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Accrual.id), index=True)
    employee_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """Whose commission is held as a whole; None where it is one accrual."""
    kind: Mapped[HoldKind]
    reason: Mapped[str]
    """What it is about, for headquarters."""
    placed_at: Mapped[datetime]
    placed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    note: Mapped[str] = mapped_column(default="")
    """What was said when it was lifted, or asked to be lifted."""
    lift_asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """Who wants it lifted, where the amount asks for a second person."""
    lift_asked_at: Mapped[datetime | None]
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    __table_args__ = (
        sa.CheckConstraint(
            "(accrual_id IS NULL) <> (employee_id IS NULL)", name="accrual_or_employee"
        ),
        sa.Index(
            "uq_commission_holds_live_employee_id_kind",
            "employee_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("lifted_at IS NULL"),
            postgresql_where=sa.text("lifted_at IS NULL"),
        ),
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
    SUBMITTED = "submitted"
    """With the bank: some of its payouts wait for their answer."""
    PAID = "paid"
    """Over: every payout has its final answer, which may be that it failed."""
    DISCARDED = "discarded"


BATCH_TRANSITIONS: dict[BatchState, frozenset[BatchState]] = {
    BatchState.DRAFT: frozenset({BatchState.APPROVED, BatchState.DISCARDED}),
    BatchState.APPROVED: frozenset(
        {BatchState.DRAFT, BatchState.SUBMITTED, BatchState.PAID, BatchState.DISCARDED}
    ),
    BatchState.SUBMITTED: frozenset({BatchState.PAID}),
    BatchState.PAID: frozenset(),
    BatchState.DISCARDED: frozenset(),
}
"""An edit makes an approved batch a draft again."""

LIVE_BATCHES = (BatchState.DRAFT, BatchState.APPROVED, BatchState.SUBMITTED)
"""States of a batch that is out: it has claimed what nobody else may claim, and is not over."""


class PayoutBatch(Base):
    """A payment run: everything payable up to a cutoff."""

    __tablename__ = "payout_batches"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    cutoff_at: Mapped[datetime]
    """Entries before this instant are in."""
    currency: Mapped[str]
    minimum: Mapped[Amount] = mapped_column(default=0)
    """Who is owed less waits for a later batch."""
    total: Mapped[Amount] = mapped_column(default=0)
    payees: Mapped[int] = mapped_column(default=0)
    state: Mapped[BatchState]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """Who edited it last; None if nobody did."""
    approvals_needed: Mapped[int] = mapped_column(default=1)
    approved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    """Whose approval was the last that it needed."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Employee.id))
    provider: Mapped[str] = mapped_column(default="")
    """Through whom it was submitted; empty if the payroll pays it."""
    paid_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]

    payouts: Mapped[list[Payout]] = relationship(
        back_populates="batch", order_by="Payout.employee_id"
    )


class PayoutState(StrEnum):
    """What became of one employee's part of a batch."""

    WAITING = "waiting"
    """Not sent."""
    UNKNOWN = "unknown"
    """Sent, or about to be, and not answered: it is asked about, never sent under a new number."""
    SENT = "sent"
    """Accepted by the bank, and not final."""
    PAID = "paid"
    FAILED = "failed"
    """The bank did not pay; what it claimed is free for a later batch."""
    RETURNED = "returned"
    """The money came back; it is due again."""


PAYOUT_TRANSITIONS: dict[PayoutState, frozenset[PayoutState]] = {
    PayoutState.WAITING: frozenset({PayoutState.UNKNOWN, PayoutState.PAID, PayoutState.FAILED}),
    PayoutState.UNKNOWN: frozenset(
        {PayoutState.SENT, PayoutState.PAID, PayoutState.FAILED, PayoutState.RETURNED}
    ),
    PayoutState.SENT: frozenset({PayoutState.PAID, PayoutState.FAILED, PayoutState.RETURNED}),
    PayoutState.PAID: frozenset({PayoutState.RETURNED}),
    PayoutState.FAILED: frozenset(),
    PayoutState.RETURNED: frozenset(),
}

UNANSWERED = (PayoutState.WAITING, PayoutState.UNKNOWN, PayoutState.SENT)
"""States of a payout that has no final answer yet."""


class Payout(Base):
    """One employee's part of a batch. Its public id is the number that the bank knows it by."""

    __tablename__ = "payouts"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey(PayoutBatch.id))
    employee_id: Mapped[int] = mapped_column(sa.ForeignKey(Employee.id), index=True)
    amount: Mapped[Amount]
    state: Mapped[PayoutState] = mapped_column(default=PayoutState.WAITING)
    sent_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    """When it was booked as paid; stays if the money comes back."""
    answered_at: Mapped[datetime | None]
    """When its state was last told."""
    answer: Mapped[str] = mapped_column(default="")
    """What the bank said, in its words."""
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
    SERVICE = "service"
    """The bonus for handing an order over at the store."""
    ADJUSTMENT = "adjustment"
    """Added or taken off by headquarters, with a reason and two people."""
    SETTLEMENT = "settlement"
    """What a month as a whole adds or takes off: tiers and caps of the plan."""
    PAYOUT_RETURN = "payout_return"
    """A payout's money came back: it is due again."""


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
    service_bonus_id: Mapped[int | None] = mapped_column(sa.ForeignKey(ServiceBonus.id))
    settlement_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Settlement.id))
    adjustment_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Adjustment.id))
    payout_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Payout.id), index=True)
    """The payout that claims this entry of `payable`: filled in later."""
    period_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Period.id))
    """The period whose close claimed this entry: filled in once, and then final. Beside
    `payout_id` the only column ever filled in later."""
    __table_args__ = (
        sa.Index("ix_ledger_entries_employee_id_account_id", "employee_id", "account", "id"),
        sa.Index("ix_ledger_entries_period_id_employee_id", "period_id", "employee_id"),
        # Most entries are about none of these: an index of all would cost every sale, and a close
        # rewrites each of its entries in every index.
        *(
            sa.Index(
                f"ix_ledger_entries_{column}",
                column,
                sqlite_where=sa.text(f"{column} IS NOT NULL"),
                postgresql_where=sa.text(f"{column} IS NOT NULL"),
            )
            for column in ("service_bonus_id", "settlement_id", "adjustment_id")
        ),
        sa.Index(
            "ix_ledger_entries_unclaimed",
            "employee_id",
            sqlite_where=sa.text("account = 'payable' AND payout_id IS NULL"),
            postgresql_where=sa.text("account = 'payable' AND payout_id IS NULL"),
        ),
    )
