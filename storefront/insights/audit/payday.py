"""Payouts: what is claimed was due, is claimed once, and adds up; and two people saw it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.attribution.models import VersionState
from storefront.commissions.models import (
    UNANSWERED,
    Account,
    BatchState,
    PayoutState,
    TransactionKind,
)
from storefront.insights.audit.invariant import Asked, differs, or_nothing, query, unless
from storefront.insights.audit.tables import (
    accruals,
    batches,
    employees,
    entries,
    payout_approvals,
    payout_exclusions,
    payouts,
    plans,
    policies,
    service_bonuses,
    transactions,
)

Question = sa.Select[*tuple[Any, ...]]

_is_booking = sa.or_(
    transactions.c.kind == TransactionKind.PAYOUT,
    sa.and_(
        transactions.c.kind == TransactionKind.PAYOUT_RETURN, entries.c.account == Account.PAID
    ),
)
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
        .outerjoin(service_bonuses, service_bonuses.c.id == entries.c.service_bonus_id)
        .where(~_is_booking)
    )


def paid_before_release(_: Asked) -> Question:
    """What a payout claims was released, and fell due before the batch's cutoff."""
    # What settles a month, adjusts, or came back from the bank was never held.
    released = sa.or_(
        accruals.c.released_at.is_not(None),
        service_bonuses.c.released_at.is_not(None),
        entries.c.settlement_id.is_not(None),
        entries.c.adjustment_id.is_not(None),
        transactions.c.kind == TransactionKind.PAYOUT_RETURN,
    )
    return _claims().where(unless(sa.and_(released, entries.c.at < batches.c.cutoff_at)))


def claimed_wrongly(_: Asked) -> Question:
    """Only payable entries are claimed, for their own employee, and by no discarded batch nor by a
    payout that failed.
    """
    return _claims().where(
        sa.or_(
            entries.c.account != Account.PAYABLE,
            entries.c.employee_id != payouts.c.employee_id,
            entries.c.currency != batches.c.currency,
            batches.c.state == BatchState.DISCARDED,
            payouts.c.state == PayoutState.FAILED,
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
    was_paid = payouts.c.paid_at.is_not(None)
    claimed = sa.case(
        (state == BatchState.DISCARDED, 0),
        (payouts.c.state.in_([PayoutState.FAILED, PayoutState.RETURNED]) & ~was_paid, 0),
        else_=amount,
    )
    paid = sa.case((payouts.c.state == PayoutState.PAID, amount), else_=0)
    booked = sa.case((was_paid, -amount), else_=0)
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
                differs(or_nothing(sums.c.booked), booked),
            )
        )
    )


def employees_paid_more_than_payouts(_: Asked) -> Question:
    """An employee was paid the sum of their payouts that were paid, to the cent."""
    booked = (
        sa.select(entries.c.employee_id, sa.func.sum(entries.c.amount).label("amount"))
        .where(entries.c.account == Account.PAID)
        .group_by(entries.c.employee_id)
        .subquery()
    )
    paid = (
        sa.select(payouts.c.employee_id, sa.func.sum(payouts.c.amount).label("amount"))
        .where(payouts.c.state == PayoutState.PAID)
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
    """A batch was approved by others than who made or last changed it before it was paid."""
    approved = batches.c.state.in_([BatchState.APPROVED, BatchState.SUBMITTED, BatchState.PAID])
    standing = payout_approvals.c.withdrawn_at.is_(None) & (
        payout_approvals.c.batch_id == batches.c.id
    )
    own = sa.exists().where(
        standing,
        sa.or_(
            payout_approvals.c.employee_id == batches.c.created_by_id,
            payout_approvals.c.employee_id == batches.c.changed_by_id,
        ),
    )
    approvals = sa.select(sa.func.count()).where(standing).correlate(batches).scalar_subquery()
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
            own,
            sa.and_(approved, batches.c.approved_at.is_(None)),
            # Of batches from before approvals were kept one by one, the batch itself says it.
            sa.and_(
                approved, batches.c.approvals_needed > 1, approvals < batches.c.approvals_needed
            ),
            sa.and_(batches.c.state == BatchState.PAID, batches.c.paid_at.is_(None)),
            sa.and_(batches.c.state != BatchState.PAID, batches.c.paid_at.is_not(None)),
            sa.and_(batches.c.state == BatchState.DISCARDED, batches.c.discarded_at.is_(None)),
            batches.c.state.not_in(list(BatchState)),
        )
    )


def payouts_out_of_step(_: Asked) -> Question:
    """Payouts move once their batch was approved, are all answered when it is over, and say when
    they were paid.
    """
    state, of_batch = payouts.c.state, batches.c.state
    at_home = of_batch.in_([BatchState.DRAFT, BatchState.APPROVED, BatchState.DISCARDED])
    return (
        sa.select(payouts.c.public_id.label("payout"), state, of_batch.label("state_of_batch"))
        .join(batches, batches.c.id == payouts.c.batch_id)
        .where(
            sa.or_(
                sa.and_(at_home, state != PayoutState.WAITING),
                sa.and_(of_batch == BatchState.PAID, state.in_(UNANSWERED)),
                sa.and_(state == PayoutState.PAID, payouts.c.paid_at.is_(None)),
                sa.and_(
                    state.not_in([PayoutState.PAID, PayoutState.RETURNED]),
                    payouts.c.paid_at.is_not(None),
                ),
                state.not_in(list(PayoutState)),
            )
        )
    )


def left_out_and_paid(_: Asked) -> Question:
    """Nobody is both in a batch and left out of it."""
    return sa.select(payout_exclusions.c.batch_id, payout_exclusions.c.employee_id).join(
        payouts,
        sa.and_(
            payouts.c.batch_id == payout_exclusions.c.batch_id,
            payouts.c.employee_id == payout_exclusions.c.employee_id,
        ),
    )


def versions_out_of_step(versions: sa.Table) -> Question:
    """Versions that somebody approved who drafted them, or whose times do not fit their state."""
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
    return versions_out_of_step(policies)


def plans_out_of_step(_: Asked) -> Question:
    """Nobody approved a commission plan that they drafted."""
    return versions_out_of_step(plans)


INVARIANTS = (
    query(6, "paid after release", paid_before_release),
    query(7, "entries claimed once", claimed_wrongly),
    query(7, "one payout per employee and batch", employees_twice_in_a_batch),
    query(8, "batches are the sum of their payouts", batches_unlike_their_payouts),
    query(8, "payouts are the sum of their entries", payouts_unlike_their_entries),
    query(8, "paid is the sum of payouts", employees_paid_more_than_payouts),
    query(8, "payouts move with their batch", payouts_out_of_step),
    query(8, "left out is not paid", left_out_and_paid),
    query(23, "four eyes on payouts", batches_out_of_step),
    query(23, "four eyes on policies", policies_out_of_step),
    query(23, "four eyes on plans", plans_out_of_step),
)
