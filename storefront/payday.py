"""Payday: an approved batch goes out, and every payout of it is heard of again.

`submit` → `send` → (the provider answers, is asked, or a file comes back) → the batch is over.
No transaction is open while the provider is asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from storefront.commissions import payouts, transferring
from storefront.commissions.answer_file import read_answers
from storefront.commissions.models import BatchState, PayoutBatch
from storefront.commissions.service import Moved
from storefront.core import jobs
from storefront.core.actor import Actor
from storefront.core.clock import local_day
from storefront.core.csvfile import CsvProblems
from storefront.core.database import db, in_transaction, transaction
from storefront.core.errors import Conflict
from storefront.core.settings import settings
from storefront.insights import counting, rollups
from storefront.integrations.transfers.base import (
    Transfer,
    TransferAnswer,
    Transfers,
    TransferUnanswered,
)

log = logging.getLogger(__name__)

SEND_PAYOUTS = "payday.send_payouts"
"""Kind of the job that sends the payouts of a submitted batch."""

ASK_ABOUT_PAYOUTS = "payday.ask_about_payouts"
"""Kind of the job that asks about a batch's unanswered payouts at once."""

Told = Callable[[int], object]


def submit(batch_id: str, provider: Transfers, actor: Actor, now: datetime) -> PayoutBatch:
    """An approved batch goes to the provider; a worker sends its payouts.

    Raises NotFound `batch_not_found`, Conflict `batch_not_approved`.
    """
    with transaction():
        batch = transferring.submit(batch_id, provider.name, actor, now)
        jobs.leave(SEND_PAYOUTS, f"payouts:{batch_id}", {"batch": batch_id}, now)
        return batch


def send(
    batch_id: str, provider: Transfers, now: datetime, told: Told = lambda _: None
) -> PayoutBatch:
    """Send every payout of a submitted batch that was not sent; one without an answer is unknown.

    Several who do this at the same time share the work, and a run that died is taken up again.
    """
    batch = _submitted(batch_id)
    while transfer := transferring.take_to_send(batch.id, now):
        _hear(transfer.reference, lambda transfer=transfer: provider.send(transfer, now), now)
        told(1)
    transferring.finish(batch.id, now)
    return _found(batch_id)


def ask_soon(batch_id: str, now: datetime) -> PayoutBatch:
    """Have a worker ask about a submitted batch, without waiting for the next round.

    Raises NotFound `batch_not_found`, Conflict `batch_not_submitted`.
    """
    with transaction():
        batch = _submitted(batch_id)
        key = f"payouts:{batch_id}:asked:{now.isoformat()}"
        jobs.leave(ASK_ABOUT_PAYOUTS, key, {"batch": batch_id}, now)
        return batch


def ask(
    batch_id: str, provider: Transfers, now: datetime, told: Told = lambda _: None
) -> PayoutBatch:
    """Ask the provider about every payout that was sent and has no final answer.

    One that they never got is sent again under its own number, never under another.
    """
    batch = _submitted(batch_id)
    for transfer in transferring.to_ask_about(batch.id):
        _hear(transfer.reference, lambda transfer=transfer: _ask(provider, transfer, now), now)
        told(1)
    transferring.finish(batch.id, now)
    return _found(batch_id)


def _ask(provider: Transfers, transfer: Transfer, now: datetime) -> TransferAnswer:
    return provider.find(transfer.reference) or provider.send(transfer, now)


def _hear(reference: str, call: Callable[[], TransferAnswer], now: datetime) -> None:
    """Take the provider's answer in; without one the payout stays as it is, and is asked about."""
    db.session.rollback()
    try:
        answer = call()
    except TransferUnanswered as silence:
        log.warning("payout %s: %s", reference, silence)
        return
    try:
        take_in(reference, answer, now)
    except Conflict as contradiction:
        log.error("payout %s: %s", reference, contradiction.detail)


def take_in(reference: str, answer: TransferAnswer, now: datetime) -> None:
    """Note one answer about a payout, and count what it moved.

    Raises Conflict `answer_contradicts`.
    """
    with transaction():
        _count(transferring.note(reference, answer, now), now)


def _count(moved: Sequence[Moved], now: datetime) -> None:
    day = local_day(now, settings().chain_time_zone)
    rollups.bump(day, counting.of_commission("paid", moved))


def _submitted(batch_id: str) -> PayoutBatch:
    batch = _found(batch_id)
    if batch.state not in (BatchState.SUBMITTED, BatchState.PAID):
        raise Conflict(
            "batch_not_submitted", "This batch was not submitted.", state=batch.state.value
        )
    return batch


def _found(batch_id: str) -> PayoutBatch:
    if not in_transaction():
        db.session.rollback()
    return payouts.look_up(batch_id)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a file brought."""

    lines: int
    batch: PayoutBatch


def answer(batch_id: str, source: BinaryIO | bytes, actor: Actor, now: datetime) -> Answered:
    """Take a file of answers in, wholly or not at all.

    A batch that the payroll pays goes out with its first file. An answer that is known changes
    nothing; money may still come back after the batch is over. Raises NotFound `batch_not_found`,
    Conflict `batch_not_approved`, Invalid `wrong_file` with every complaint.
    """
    problems = CsvProblems()
    with transaction():
        batch = payouts.find(batch_id)
        if batch.state not in (BatchState.SUBMITTED, BatchState.PAID):
            batch = transferring.submit(batch_id, transferring.PAYROLL, actor, now)
        lines = read_answers(source, batch, problems)
        moved: list[Moved] = []
        for line in lines:
            try:
                moved += transferring.note(line.payout, line.answer, now)
            except Conflict as contradiction:
                problems.add(line.line, "status", contradiction.code, contradiction.detail)
        problems.raise_if_any()
        transferring.finish(batch.id, now)
        _count(moved, now)
        return Answered(len(lines), payouts.find(batch_id))
