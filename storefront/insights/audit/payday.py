"""Payouts: what is claimed was due, is claimed once, and adds up; and two people saw it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.attribution.models import VersionState
from storefront.commissions.models import Account, BatchState, TransactionKind
from storefront.insights.audit.invariant import Asked, differs, or_nothing, query, unless
from storefront.insights.audit.tables import (
    accruals,
    batches,
    employees,
    entries,
    payouts,
    plans,
    policies,
    transactions,
)

Question = sa.Select[*tuple[Any, ...]]

_is_booking = transactions.c.kind == TransactionKind.PAYOUT
"""Whether an entry books a payout, and is not one of those that were claimed for it."""


def _claims() -> sa.Select[*tuple[Any, ...]]:
    """Every entry that a payout claims, with its payout and batch."""
    return (
        sa.select(
            entries.c.id.label("entry_id"),
            entries.c.key,
            entries.c.account,
            entries.c.at,
            payouts.c.public_id.label("payout"),
            batches.c.public_id.label("batch"),
            batches.c.state,
            batches.c.cutoff_at,
        )
        .select_from(entries)
        .join(transactions, transactions.c.id == entries.c.transaction_id)
        .join(payouts, payouts.c.id == entries.c.payout_id)
        .join(batches, batches.c.id == payouts.c.batch_id)
        .outerjoin(accruals, accruals.c.id == entries.c.accrual_id)
        .where(~_is_booking)
    )


def paid_before_release(_: Asked) -> Question:
    """What a payout claims was released, and fell due before the batch's cutoff."""
    return _claims().where(
        unless(sa.and_(accruals.c.released_at.is_not(None), entries.c.at < batches.c.cutoff_at))
    )


def claimed_wrongly(_: Asked) -> Question:
    """Only payable entries are claimed, for their own employee, and by no discarded batch."""
    return _claims().where(
        sa.or_(
            entries.c.account != Account.PAYABLE,
            entries.c.employee_id != payouts.c.employee_id,
            entries.c.currency != batches.c.currency,
            batches.c.state == BatchState.DISCARDED,
        )
    )


def employees_twice_in_a_batch(_: Asked) -> Question:
    """An employee has at most one payout in a batch."""
    return (
        sa.select(payouts.c.batch_id, payouts.c.employee_id, sa.func.count().label("payouts"))
        .group_by(payouts.c.batch_id, payouts.c.employee_id)
        .having(sa.func.count() > 1)
    )


def batches_unlike_their_payouts(_: Asked) -> Question:
    """A batch's total and number of payees are those of its payouts."""
    sums = (
        sa.select(
            payouts.c.batch_id,
            sa.func.sum(payouts.c.amount).label("total"),
            sa.func.count().label("payees"),
        )
        .group_by(payouts.c.batch_id)
        .subquery()
    )
    return (
        sa.select(
            batches.c.public_id.label("batch"),
            batches.c.total,
            batches.c.payees,
            sums.c.total.label("total_of_payouts"),
            sums.c.payees.label("number_of_payouts"),
        )
        .outerjoin(sums, sums.c.batch_id == batches.c.id)
        .where(
            sa.or_(
                differs(batches.c.total, or_nothing(sums.c.total)),
                differs(batches.c.payees, or_nothing(sums.c.payees)),
            )
        )
    )


def payouts_unlike_their_entries(_: Asked) -> Question:
    """A payout's amount is the sum of what it claims and, once paid, what is booked for it."""

    def sum_of(condition: sa.ColumnElement[bool], name: str) -> sa.Label[int]:
        return sa.func.sum(sa.case((condition, entries.c.amount), else_=0)).label(name)

    sums = (
        sa.select(
            entries.c.payout_id,
            sum_of(~_is_booking, "claimed"),
            sum_of(_is_booking & (entries.c.account == Account.PAID), "paid"),
            sum_of(_is_booking & (entries.c.account == Account.PAYABLE), "booked"),
        )
        .join(transactions, transactions.c.id == entries.c.transaction_id)
        .where(entries.c.payout_id.is_not(None))
        .group_by(entries.c.payout_id)
        .subquery()
    )
    state, amount = batches.c.state, payouts.c.amount
    claimed = sa.case((state == BatchState.DISCARDED, 0), else_=amount)
    paid = sa.case((state == BatchState.PAID, amount), else_=0)
    return (
        sa.select(
            payouts.c.public_id.label("payout"),
            batches.c.public_id.label("batch"),
            batches.c.state,
            payouts.c.amount,
            sums.c.claimed,
            sums.c.paid,
        )
        .join(batches, batches.c.id == payouts.c.batch_id)
        .outerjoin(sums, sums.c.payout_id == payouts.c.id)
        .where(
            sa.or_(
                differs(or_nothing(sums.c.claimed), claimed),
                differs(or_nothing(sums.c.paid), paid),
                differs(or_nothing(sums.c.booked), -paid),
            )
        )
    )


def employees_paid_more_than_payouts(_: Asked) -> Question:
    """An employee was paid the sum of their payouts in paid batches, to the cent."""
    booked = (
        sa.select(entries.c.employee_id, sa.func.sum(entries.c.amount).label("amount"))
        .where(entries.c.account == Account.PAID)
        .group_by(entries.c.employee_id)
        .subquery()
    )
    paid = (
        sa.select(payouts.c.employee_id, sa.func.sum(payouts.c.amount).label("amount"))
        .join(batches, batches.c.id == payouts.c.batch_id)
        .where(batches.c.state == BatchState.PAID)
        .group_by(payouts.c.employee_id)
        .subquery()
    )
    return (
        sa.select(
            employees.c.number.label("employee"),
            booked.c.amount.label("booked"),
            paid.c.amount.label("paid"),
        )
        .outerjoin(booked, booked.c.employee_id == employees.c.id)
        .outerjoin(paid, paid.c.employee_id == employees.c.id)
        .where(differs(or_nothing(booked.c.amount), or_nothing(paid.c.amount)))
    )


def batches_out_of_step(_: Asked) -> Question:
    """A batch was approved by somebody else than its maker before it was paid."""
    approved = batches.c.state.in_([BatchState.APPROVED, BatchState.PAID])
    return sa.select(
        batches.c.public_id.label("batch"),
        batches.c.state,
        batches.c.created_by_id,
        batches.c.approved_by_id,
        batches.c.approved_at,
        batches.c.paid_at,
    ).where(
        sa.or_(
            batches.c.created_by_id == batches.c.approved_by_id,
            sa.and_(approved, batches.c.approved_at.is_(None)),
            sa.and_(batches.c.state == BatchState.PAID, batches.c.paid_at.is_(None)),
            sa.and_(batches.c.state != BatchState.PAID, batches.c.paid_at.is_not(None)),
            sa.and_(batches.c.state == BatchState.DISCARDED, batches.c.discarded_at.is_(None)),
            batches.c.state.not_in(list(BatchState)),
        )
    )


def _versions_out_of_step(versions: sa.Table) -> Question:
    published = versions.c.state == VersionState.PUBLISHED
    return sa.select(
        versions.c.version,
        versions.c.state,
        versions.c.created_by_id,
        versions.c.approved_by_id,
        versions.c.published_at,
    ).where(
        sa.or_(
            versions.c.created_by_id == versions.c.approved_by_id,
            sa.and_(published, versions.c.published_at.is_(None)),
            sa.and_(~published, versions.c.published_at.is_not(None)),
        )
    )


def policies_out_of_step(_: Asked) -> Question:
    """Nobody approved an attribution policy that they drafted."""
    return _versions_out_of_step(policies)


def plans_out_of_step(_: Asked) -> Question:
    """Nobody approved a commission plan that they drafted."""
    return _versions_out_of_step(plans)


INVARIANTS = (
    query(6, "paid after release", paid_before_release),
    query(7, "entries claimed once", claimed_wrongly),
    query(7, "one payout per employee and batch", employees_twice_in_a_batch),
    query(8, "batches are the sum of their payouts", batches_unlike_their_payouts),
    query(8, "payouts are the sum of their entries", payouts_unlike_their_entries),
    query(8, "paid is the sum of payouts", employees_paid_more_than_payouts),
    query(23, "four eyes on payouts", batches_out_of_step),
    query(23, "four eyes on policies", policies_out_of_step),
    query(23, "four eyes on plans", plans_out_of_step),
)
