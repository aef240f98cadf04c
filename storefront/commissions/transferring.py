"""Payouts on their way: sent under one number each, asked about, answered one by one.

A payout is `unknown` from just before it is sent until it is answered. So whatever dies in between,
nothing is sent that nobody would ask about; and it never gets another number.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions import claiming, payouts
from storefront.commissions.book import Posting, post
from storefront.commissions.models import (
    PAYOUT_TRANSITIONS,
    UNANSWERED,
    Account,
    BatchState,
    Payout,
    PayoutBatch,
    PayoutState,
    TransactionKind,
)
from storefront.commissions.service import Moved
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict
from storefront.integrations.transfers.base import Transfer, TransferAnswer, TransferStatus
from storefront.staff.models import Employee

_batches = cast(sa.Table, PayoutBatch.__table__)
_employees = cast(sa.Table, Employee.__table__)
_payouts = cast(sa.Table, Payout.__table__)

PAYROLL = "payroll"
"""The provider of batches that the payroll pays by hand, and answers with a file."""

_STATES = {
    TransferStatus.ACCEPTED: PayoutState.SENT,
    TransferStatus.PAID: PayoutState.PAID,
    TransferStatus.FAILED: PayoutState.FAILED,
    TransferStatus.RETURNED: PayoutState.RETURNED,
}


def submit(batch_public_id: str, provider: str, actor: Actor, now: datetime) -> PayoutBatch:
    """An approved batch goes out; it is not discarded any more.

    Raises NotFound `batch_not_found`, Conflict `batch_not_approved`.
    """
    with transaction():
        batch = payouts.find(batch_public_id)
        payouts.change(
            batch,
            batch.state,
            BatchState.SUBMITTED,
            provider=provider,
            submitted_at=now,
            submitted_by_id=actor.employee_id,
        )
        return batch


def take_to_send(batch_id: int, now: datetime) -> Transfer | None:
    """The next payout that was not sent, marked as unknown before anything leaves the house.

    None when every payout is on its way. Each is taken by one, however many ask.
    """
    with transaction() as session:
        found = session.scalar(
            sa.select(_payouts.c.id)
            .where(_payouts.c.batch_id == batch_id, _payouts.c.state == PayoutState.WAITING)
            .order_by(_payouts.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if found is None:
            return None
        taken = changed_rows(
            session.execute(
                sa.update(_payouts)
                .where(_payouts.c.id == found, _payouts.c.state == PayoutState.WAITING)
                .values(state=PayoutState.UNKNOWN, sent_at=now)
            )
        )
        return _transfer(found) if taken else None


def _transfer(payout_id: int) -> Transfer:
    row = db.session.execute(
        sa.select(
            _payouts.c.public_id,
            _payouts.c.amount,
            _batches.c.currency,
            _employees.c.number,
            _employees.c.name,
        )
        .join(_batches, _batches.c.id == _payouts.c.batch_id)
        .join(_employees, _employees.c.id == _payouts.c.employee_id)
        .where(_payouts.c.id == payout_id)
    ).one()
    return Transfer(row.public_id, row.amount, row.currency, row.number, row.name)


def unanswered(before: datetime) -> list[str]:
    """Batches with a provider that were submitted before a moment and are not over."""
    return list(
        db.session.scalars(
            sa.select(_batches.c.public_id)
            .where(
                _batches.c.state == BatchState.SUBMITTED,
                _batches.c.submitted_at < before,
                _batches.c.provider != PAYROLL,
            )
            .order_by(_batches.c.id)
        )
    )


def to_ask_about(batch_id: int) -> list[Transfer]:
    """The payouts of a batch that were sent and have no final answer."""
    found = db.session.scalars(
        sa.select(_payouts.c.id)
        .where(
            _payouts.c.batch_id == batch_id,
            _payouts.c.state.in_((PayoutState.UNKNOWN, PayoutState.SENT)),
        )
        .order_by(_payouts.c.id)
    ).all()
    return [_transfer(payout_id) for payout_id in found]


def note(payout_public_id: str, answer: TransferAnswer, now: datetime) -> list[Moved]:
    """Take an answer in, within the caller's transaction; what it moved, for the roll-ups.

    Paid is booked; failed gives free what was claimed; money that comes back is due again. An
    answer that is known changes nothing. Raises Conflict `answer_contradicts`.
    """
    payout = db.session.execute(
        sa.select(_payouts).where(_payouts.c.public_id == payout_public_id).with_for_update()
    ).one()
    new = _STATES[answer.status]
    if new is payout.state:
        return []
    if new not in PAYOUT_TRANSITIONS[payout.state]:
        raise Conflict(
            "answer_contradicts",
            f"{payout_public_id} is {payout.state.value}: it cannot become {new.value}.",
            state=payout.state.value,
        )
    values: dict[str, Any] = {"state": new, "answered_at": now, "answer": answer.message[:500]}
    if new is PayoutState.PAID:
        values["paid_at"] = now
    db.session.execute(sa.update(_payouts).where(_payouts.c.id == payout.id).values(values))
    return _carry_out(payout, new, now)


def _carry_out(payout: sa.Row[*tuple[Any, ...]], new: PayoutState, now: datetime) -> list[Moved]:
    if new is PayoutState.SENT:
        return []
    paid_before = payout.paid_at is not None
    if new is not PayoutState.PAID and not paid_before:
        claiming.free(sa.select(sa.literal(payout.id)))
        return []
    currency, store_id = db.session.execute(
        sa.select(_batches.c.currency, _employees.c.store_id)
        .select_from(_payouts)
        .join(_batches, _batches.c.id == _payouts.c.batch_id)
        .join(_employees, _employees.c.id == _payouts.c.employee_id)
        .where(_payouts.c.id == payout.id)
    ).one()
    cause = f"payout:{payout.id}"
    if new is PayoutState.PAID:
        postings = payouts.booking(payout.id, payout.employee_id, payout.amount, now)
        post(TransactionKind.PAYOUT, cause, postings, currency, now)
        return [Moved(payout.employee_id, store_id, payout.amount)]
    post(TransactionKind.PAYOUT_RETURN, f"{cause}:return", _return_of(payout, now), currency, now)
    return [Moved(payout.employee_id, store_id, -payout.amount)]


def _return_of(payout: sa.Row[*tuple[Any, ...]], now: datetime) -> list[Posting]:
    """Due again, for whatever batch claims it next; and no longer paid."""
    key = f"payout:{payout.id}:return"
    return [
        Posting(f"{key}:payable", Account.PAYABLE, payout.employee_id, payout.amount, now),
        Posting(
            f"{key}:paid",
            Account.PAID,
            payout.employee_id,
            -payout.amount,
            now,
            payout_id=payout.id,
        ),
    ]


def finish(batch_id: int, now: datetime) -> bool:
    """A submitted batch is over once every payout of it has its final answer; whether it is."""
    with transaction() as session:
        waiting = (
            sa.exists()
            .where(_payouts.c.batch_id == _batches.c.id, _payouts.c.state.in_(UNANSWERED))
            .correlate(_batches)
        )
        return bool(
            changed_rows(
                session.execute(
                    sa.update(_batches)
                    .where(
                        _batches.c.id == batch_id,
                        _batches.c.state == BatchState.SUBMITTED,
                        ~waiting,
                    )
                    .values(state=BatchState.PAID, paid_at=now)
                )
            )
        )
