"""What became of a batch's payouts, as a file: the payroll's own, with a status in each line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, cast

import sqlalchemy as sa

from storefront.commissions.models import Payout, PayoutBatch
from storefront.commissions.payroll import PAYROLL_COLUMNS
from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow, read_rows
from storefront.core.database import db
from storefront.core.money import format_amount
from storefront.integrations.transfers.base import TransferAnswer, TransferStatus

_payouts = cast(sa.Table, Payout.__table__)

MOST_ROWS = 100_000
COLUMNS = CsvColumns(
    required=("batch", "payout", "amount", "currency", "status"),
    optional=(*(set(PAYROLL_COLUMNS) - {"batch", "payout", "amount", "currency"}), "message"),
)
STATUSES = (TransferStatus.PAID, TransferStatus.FAILED, TransferStatus.RETURNED)


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer, and the line it stands on."""

    line: int
    payout: str
    answer: TransferAnswer


def read_answers(
    source: BinaryIO | bytes, batch: PayoutBatch, problems: CsvProblems
) -> list[AnswerLine]:
    """The answers that make sense; what is wrong with the others is noted in `problems`.

    Raises Invalid `wrong_file` where the rest cannot be read, see core.csvfile.
    """
    amounts = {
        row.public_id: format_amount(row.amount, batch.currency)
        for row in db.session.execute(
            sa.select(_payouts.c.public_id, _payouts.c.amount).where(
                _payouts.c.batch_id == batch.id
            )
        )
    }
    first_line: dict[str, int] = {}
    lines: list[AnswerLine] = []
    for row in read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems):
        before = problems.count
        _check(row, batch, amounts, problems)
        earlier = first_line.setdefault(row["payout"], row.line)
        if earlier != row.line:
            problems.add(row.line, "payout", "payout_twice", f"Is on line {earlier} already.")
        if problems.count == before:
            answer = TransferAnswer(TransferStatus(row["status"]), row.get("message") or "")
            lines.append(AnswerLine(row.line, row["payout"], answer))
    return lines


def _check(
    row: CsvRow, batch: PayoutBatch, amounts: Mapping[str, str], problems: CsvProblems
) -> None:
    if row["batch"] != batch.public_id:
        message = f"This is about another batch than {batch.public_id}."
        problems.add(row.line, "batch", "other_batch", message)
        return
    if row["payout"] not in amounts:
        problems.add(row.line, "payout", "unknown_payout", "The batch has no such payout.")
        return
    amount = amounts[row["payout"]]
    if (row["amount"], row["currency"]) != (amount, batch.currency):
        message = f"We sent {amount} {batch.currency}."
        problems.add(row.line, "amount", "amount_differs", message)
    if row["status"] not in STATUSES:
        message = f"Must be one of: {', '.join(STATUSES)}."
        problems.add(row.line, "status", "wrong_status", message)
