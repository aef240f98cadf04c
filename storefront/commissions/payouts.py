"""Payout batches: draft, approved by a second person, paid with the payroll."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions import holds, periods
from storefront.commissions.book import Posting, post
from storefront.commissions.models import (
    BATCH_TRANSITIONS,
    Account,
    BatchState,
    CommissionHold,
    LedgerEntry,
    Payout,
    PayoutBatch,
    TransactionKind,
)
from storefront.commissions.service import Moved
from storefront.core.actor import Actor
from storefront.core.csvfile import write_rows
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Forbidden, Invalid, NotFound
from storefront.core.ids import public_id
from storefront.core.money import format_amount
from storefront.staff.models import Employee, Store

_batches = cast(sa.Table, PayoutBatch.__table__)
_payouts = cast(sa.Table, Payout.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_employees = cast(sa.Table, Employee.__table__)
_holds = cast(sa.Table, CommissionHold.__table__)
_stores = cast(sa.Table, Store.__table__)

PAYROLL_COLUMNS = (
    "batch",
    "payout",
    "employee_number",
    "employee_name",
    "store_code",
    "amount",
    "currency",
)


def draft(cutoff_at: datetime, currency: str, actor: Actor, now: datetime) -> PayoutBatch:
    """Claim every payable entry from before `cutoff_at` for whoever is owed more than nothing.

    What is on hold is passed by. Employees who owe, or are owed nothing, keep their entries for a
    later batch. Raises Invalid `cutoff_in_the_future`; Conflict `nothing_to_pay`,
    `period_closing`.
    """
    if cutoff_at > now:
        raise Invalid("cutoff_in_the_future", "A batch pays what was due by now at the latest.")
    with transaction() as session:
        periods.keep_from_closing(now)
        batch = PayoutBatch(
            public_id=public_id("bat"),
            cutoff_at=cutoff_at,
            currency=currency,
            state=BatchState.DRAFT,
            created_by_id=actor.employee_id,
            created_at=now,
        )
        session.add(batch)
        session.flush()
        _claim(batch.id, cutoff_at)
        totals = session.execute(
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(_payouts.c.amount), 0)).where(
                _payouts.c.batch_id == batch.id
            )
        ).one()
        batch.payees, batch.total = int(totals[0]), int(totals[1])
        if not batch.payees:
            raise Conflict("nothing_to_pay", "Nobody is owed anything by this cutoff.")
        return batch


def _claim(batch_id: int, cutoff_at: datetime) -> None:
    """One conditional UPDATE claims the entries; what was claimed then says what is paid."""
    session = db.session
    open_entries = sa.and_(
        _entries.c.account == Account.PAYABLE,
        _entries.c.payout_id.is_(None),
        _entries.c.at < cutoff_at,
        ~holds.is_held(_entries.c.accrual_id, _entries.c.employee_id),
    )
    owed = session.execute(
        sa.select(_entries.c.employee_id, sa.func.sum(_entries.c.amount).label("amount"))
        .where(open_entries)
        .group_by(_entries.c.employee_id)
        .having(sa.func.sum(_entries.c.amount) > 0)
    ).all()
    if not owed:
        return
    session.execute(
        sa.insert(_payouts),
        [
            {
                "public_id": public_id("pyt"),
                "batch_id": batch_id,
                "employee_id": row.employee_id,
                "amount": int(row.amount),
            }
            for row in owed
        ],
    )
    mine = sa.select(_payouts.c.id).where(
        _payouts.c.batch_id == batch_id, _payouts.c.employee_id == _entries.c.employee_id
    )
    session.execute(
        sa.update(_entries)
        .where(open_entries, mine.exists())
        .values(payout_id=mine.scalar_subquery())
    )
    _give_up_held(batch_id)
    _settle_amounts(batch_id)


def _give_up_held(batch_id: int) -> None:
    """Give free what was put on hold after the claim had begun and before it came to the entry."""
    ours = sa.select(_payouts.c.id).where(_payouts.c.batch_id == batch_id)
    db.session.execute(
        sa.update(_entries)
        .where(
            holds.is_held(_entries.c.accrual_id, _entries.c.employee_id),
            _entries.c.payout_id.in_(ours),
        )
        .values(payout_id=None)
    )


def _settle_amounts(batch_id: int) -> None:
    """Set each payout to what it really claimed: a return or a draft may have come between."""
    session = db.session
    claimed = (
        sa.select(sa.func.coalesce(sa.func.sum(_entries.c.amount), 0))
        .where(_entries.c.payout_id == _payouts.c.id)
        .scalar_subquery()
    )
    differing = session.execute(
        sa.select(_payouts.c.id, claimed.label("claimed")).where(
            _payouts.c.batch_id == batch_id, _payouts.c.amount != claimed
        )
    ).all()
    for row in differing:
        if row.claimed > 0:
            session.execute(
                sa.update(_payouts).where(_payouts.c.id == row.id).values(amount=int(row.claimed))
            )
            continue
        session.execute(
            sa.update(_entries).where(_entries.c.payout_id == row.id).values(payout_id=None)
        )
        session.execute(sa.delete(_payouts).where(_payouts.c.id == row.id))


def approve(batch_public_id: str, actor: Actor, now: datetime) -> PayoutBatch:
    """A second person agrees. Raises Forbidden `four_eyes`, Conflict `batch_not_draft`."""
    with transaction():
        batch = find(batch_public_id)
        if batch.created_by_id is not None and batch.created_by_id == actor.employee_id:
            raise Forbidden("four_eyes", "Somebody else has to approve the batch you drafted.")
        _change(
            batch,
            BatchState.DRAFT,
            BatchState.APPROVED,
            approved_by_id=actor.employee_id,
            approved_at=now,
        )
        return batch


def discard(batch_public_id: str, now: datetime) -> PayoutBatch:
    """Give the claimed entries free for another batch. Raises Conflict `batch_paid`, NotFound."""
    with transaction() as session:
        batch = find(batch_public_id)
        _change(batch, batch.state, BatchState.DISCARDED, discarded_at=now)
        session.execute(
            sa.update(_entries)
            .where(
                _entries.c.payout_id.in_(
                    sa.select(_payouts.c.id).where(_payouts.c.batch_id == batch.id)
                )
            )
            .values(payout_id=None)
        )
        return batch


def mark_paid(batch_public_id: str, now: datetime) -> tuple[PayoutBatch, list[Moved]]:
    """Payroll has paid: book it, once. Joins the caller's transaction.

    Raises Conflict `batch_not_approved`, NotFound.
    """
    batch = find(batch_public_id)
    _change(batch, BatchState.APPROVED, BatchState.PAID, paid_at=now)
    rows = db.session.execute(
        sa.select(_payouts.c.id, _payouts.c.employee_id, _payouts.c.amount, _employees.c.store_id)
        .join(_employees, _employees.c.id == _payouts.c.employee_id)
        .where(_payouts.c.batch_id == batch.id)
        .order_by(_payouts.c.id)
    ).all()
    postings: list[Posting] = []
    for row in rows:
        postings += [
            Posting(
                f"payout:{row.id}:payable",
                Account.PAYABLE,
                row.employee_id,
                -row.amount,
                now,
                payout_id=row.id,
            ),
            Posting(
                f"payout:{row.id}:paid",
                Account.PAID,
                row.employee_id,
                row.amount,
                now,
                payout_id=row.id,
            ),
        ]
    post(TransactionKind.PAYOUT, f"payout:batch:{batch.id}", postings, batch.currency, now)
    return batch, [Moved(row.employee_id, row.store_id, row.amount) for row in rows]


def find(batch_public_id: str) -> PayoutBatch:
    """The batch with this id. Raises NotFound `batch_not_found`."""
    batch = db.session.scalar(
        sa.select(PayoutBatch).where(PayoutBatch.public_id == batch_public_id).with_for_update()
    )
    if batch is None:
        raise NotFound("batch_not_found", "There is no such payout batch.")
    return batch


_REFUSALS = {
    BatchState.APPROVED: ("batch_not_draft", "Only a draft can be approved, once."),
    BatchState.PAID: ("batch_not_approved", "Only an approved batch can be paid, once."),
    BatchState.DISCARDED: ("batch_over", "This batch was paid or discarded already."),
}


def _change(batch: PayoutBatch, old: BatchState, new: BatchState, **values: Any) -> None:
    allowed = new in BATCH_TRANSITIONS[old]
    changed = allowed and changed_rows(
        db.session.execute(
            sa.update(_batches)
            .where(_batches.c.id == batch.id, _batches.c.state == old)
            .values(state=new, **values)
        )
    )
    if not changed:
        code, detail = _REFUSALS[new]
        raise Conflict(code, detail, state=batch.state.value)
    db.session.refresh(batch)


def payroll_csv(batch: PayoutBatch) -> bytes:
    """The payroll file of a batch: one row per payout, amounts as decimals with a point.

    Raises Conflict `batch_not_approved` for a draft: nothing unapproved leaves the house.
    """
    if batch.state not in (BatchState.APPROVED, BatchState.PAID):
        raise Conflict("batch_not_approved", "The payroll file is there once it is approved.")
    rows = db.session.execute(
        sa.select(
            _payouts.c.public_id,
            _employees.c.number,
            _employees.c.name,
            _stores.c.code,
            _payouts.c.amount,
        )
        .join(_employees, _employees.c.id == _payouts.c.employee_id)
        .join(_stores, _stores.c.id == _employees.c.store_id)
        .where(_payouts.c.batch_id == batch.id)
        .order_by(_employees.c.number)
    )
    lines = (
        (
            batch.public_id,
            row.public_id,
            row.number,
            row.name,
            row.code,
            format_amount(row.amount, batch.currency),
            batch.currency,
        )
        for row in rows
    )
    return b"".join(write_rows(PAYROLL_COLUMNS, lines))
