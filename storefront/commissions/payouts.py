"""Payout batches: draft, approved by a second person, submitted or paid with the payroll."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions import claiming, periods
from storefront.commissions.book import Posting, post
from storefront.commissions.eligibility import Terms
from storefront.commissions.models import (
    BATCH_TRANSITIONS,
    Account,
    BatchState,
    Payout,
    PayoutBatch,
    PayoutState,
    TransactionKind,
)
from storefront.commissions.payout_models import PayoutApproval
from storefront.commissions.service import Moved
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Forbidden, Invalid, NotFound
from storefront.core.ids import public_id
from storefront.core.settings import settings
from storefront.staff.models import Employee

_approvals = cast(sa.Table, PayoutApproval.__table__)
_batches = cast(sa.Table, PayoutBatch.__table__)
_payouts = cast(sa.Table, Payout.__table__)
_employees = cast(sa.Table, Employee.__table__)


def draft(cutoff_at: datetime, currency: str, actor: Actor, now: datetime) -> PayoutBatch:
    """Claim every payable entry from before `cutoff_at` for whoever is eligible.

    What is on hold is passed by. Whoever is left out keeps their entries for a later batch, and the
    batch says why. Raises Invalid `cutoff_in_the_future`; Conflict `nothing_to_pay`,
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
            minimum=settings().payout_minimum,
            state=BatchState.DRAFT,
            created_by_id=actor.employee_id,
            created_at=now,
        )
        session.add(batch)
        session.flush()
        claiming.claim(batch.id, cutoff_at, Terms(batch.minimum, settings().payroll_needs_identity))
        _add_up(batch)
        if not batch.payees:
            raise Conflict("nothing_to_pay", "Nobody is owed anything by this cutoff.")
        return batch


def _add_up(batch: PayoutBatch) -> None:
    """Set the batch to what its payouts come to, and to how many approvals that needs."""
    totals = db.session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(_payouts.c.amount), 0)).where(
            _payouts.c.batch_id == batch.id
        )
    ).one()
    batch.payees, batch.total = int(totals[0]), int(totals[1])
    second_from = settings().payout_second_approval_from
    batch.approvals_needed = 2 if second_from and batch.total >= second_from else 1
    db.session.flush()


def remove(
    batch_public_id: str, payout_public_id: str, note: str, actor: Actor, now: datetime
) -> PayoutBatch:
    """Take somebody out of a batch that was not submitted, saying why.

    It is a draft again: whoever approved it approved something else. Raises NotFound
    `batch_not_found`, `payout_not_found`; Conflict `batch_not_open`, `last_payout`.
    """
    with transaction() as session:
        batch = find(batch_public_id)
        if batch.state not in (BatchState.DRAFT, BatchState.APPROVED):
            raise Conflict(
                "batch_not_open", "Only a draft or approved batch changes.", state=batch.state.value
            )
        payout = session.scalar(
            sa.select(Payout).where(
                Payout.batch_id == batch.id, Payout.public_id == payout_public_id
            )
        )
        if payout is None:
            raise NotFound("payout_not_found", "The batch has no such payout.")
        if batch.payees == 1:
            raise Conflict("last_payout", "This is the last payout of the batch: discard it.")
        claiming.exclude(batch.id, payout.employee_id, payout.amount, note, actor.employee_id)
        claiming.give_up(payout.id)
        session.expunge(payout)
        session.execute(
            sa.update(_approvals)
            .where(_approvals.c.batch_id == batch.id, _approvals.c.withdrawn_at.is_(None))
            .values(withdrawn_at=now)
        )
        batch.state, batch.approved_by_id, batch.approved_at = BatchState.DRAFT, None, None
        batch.changed_by_id, batch.changed_at = actor.employee_id, now
        _add_up(batch)
        return batch


def approve(batch_public_id: str, actor: Actor, now: datetime) -> PayoutBatch:
    """Another person agrees. A batch that needs two of them stays a draft until the second.

    Raises Forbidden `four_eyes`; Conflict `batch_not_draft`, `approved_already`.
    """
    with transaction() as session:
        batch = find(batch_public_id)
        if batch.state is not BatchState.DRAFT:
            _refuse(batch, BatchState.APPROVED)
        me = actor.employee_id
        if me is not None and me in (batch.created_by_id, batch.changed_by_id):
            raise Forbidden(
                "four_eyes", "Somebody else has to approve the batch you drafted or last changed."
            )
        before = approvals_of(batch)
        if me is not None and me in before:
            raise Conflict("approved_already", "You approved this batch. It needs somebody else.")
        session.execute(sa.insert(_approvals), {"batch_id": batch.id, "employee_id": me, "at": now})
        if len(before) + 1 >= batch.approvals_needed:
            change(batch, BatchState.DRAFT, BatchState.APPROVED, approved_by_id=me, approved_at=now)
        return batch


def approvals_of(batch: PayoutBatch) -> Sequence[int | None]:
    """Whose approvals of a batch stand; None is the program itself."""
    return db.session.scalars(
        sa.select(_approvals.c.employee_id)
        .where(_approvals.c.batch_id == batch.id, _approvals.c.withdrawn_at.is_(None))
        .order_by(_approvals.c.id)
    ).all()


def discard(batch_public_id: str, now: datetime) -> PayoutBatch:
    """Give the claimed entries free for another batch. Raises Conflict `batch_over`, NotFound."""
    with transaction():
        batch = find(batch_public_id)
        change(batch, batch.state, BatchState.DISCARDED, discarded_at=now)
        claiming.free(sa.select(_payouts.c.id).where(_payouts.c.batch_id == batch.id))
        return batch


def mark_paid(batch_public_id: str, now: datetime) -> tuple[PayoutBatch, list[Moved]]:
    """Payroll has paid all of it: book it, once. Joins the caller's transaction.

    Raises Conflict `batch_not_approved`, NotFound.
    """
    batch = find(batch_public_id)
    if batch.state is not BatchState.APPROVED:
        _refuse(batch, BatchState.PAID)
    change(batch, BatchState.APPROVED, BatchState.PAID, paid_at=now)
    rows = db.session.execute(
        sa.select(_payouts.c.id, _payouts.c.employee_id, _payouts.c.amount, _employees.c.store_id)
        .join(_employees, _employees.c.id == _payouts.c.employee_id)
        .where(_payouts.c.batch_id == batch.id)
        .order_by(_payouts.c.id)
    ).all()
    db.session.execute(
        sa.update(_payouts)
        .where(_payouts.c.batch_id == batch.id)
        .values(state=PayoutState.PAID, paid_at=now, answered_at=now)
    )
    postings = [
        posting for row in rows for posting in booking(row.id, row.employee_id, row.amount, now)
    ]
    post(TransactionKind.PAYOUT, f"payout:batch:{batch.id}", postings, batch.currency, now)
    return batch, [Moved(row.employee_id, row.store_id, row.amount) for row in rows]


def booking(payout_id: int, employee_id: int, amount: int, now: datetime) -> list[Posting]:
    """The postings of a payout: from what is due to what is paid."""
    return [
        Posting(
            f"payout:{payout_id}:{account}", account, employee_id, moved, now, payout_id=payout_id
        )
        for account, moved in ((Account.PAYABLE, -amount), (Account.PAID, amount))
    ]


def find(batch_public_id: str) -> PayoutBatch:
    """The batch with this id, locked. Raises NotFound `batch_not_found`."""
    return _found(_by_id(batch_public_id).with_for_update())


def look_up(batch_public_id: str) -> PayoutBatch:
    """The batch with this id. Raises NotFound `batch_not_found`."""
    return _found(_by_id(batch_public_id))


def _by_id(batch_public_id: str) -> sa.Select[PayoutBatch]:
    return sa.select(PayoutBatch).where(PayoutBatch.public_id == batch_public_id)


def _found(statement: sa.Select[PayoutBatch]) -> PayoutBatch:
    batch = db.session.scalar(statement.execution_options(populate_existing=True))
    if batch is None:
        raise NotFound("batch_not_found", "There is no such payout batch.")
    return batch


_REFUSALS = {
    BatchState.APPROVED: ("batch_not_draft", "Only a draft can be approved, once."),
    BatchState.SUBMITTED: ("batch_not_approved", "Only an approved batch can be submitted, once."),
    BatchState.PAID: ("batch_not_approved", "Only an approved batch can be paid, once."),
    BatchState.DISCARDED: ("batch_over", "This batch was submitted, paid or discarded already."),
}


def _refuse(batch: PayoutBatch, new: BatchState) -> None:
    code, detail = _REFUSALS[new]
    raise Conflict(code, detail, state=batch.state.value)


def change(batch: PayoutBatch, old: BatchState, new: BatchState, **values: Any) -> None:
    """Bring a batch from one state into another, if it is still in it. Raises Conflict."""
    allowed = new in BATCH_TRANSITIONS[old]
    changed = allowed and changed_rows(
        db.session.execute(
            sa.update(_batches)
            .where(_batches.c.id == batch.id, _batches.c.state == old)
            .values(state=new, **values)
        )
    )
    if not changed:
        _refuse(batch, new)
    db.session.refresh(batch)
