"""Receipts as a CSV file: taken in wholly or not at all, by the same verbs as a till's own word.

One row for each line of a receipt, the rows of one receipt together. The file is read twice: first
for everything that can be seen without writing, so that a slip on the last line of a year of
receipts is told within seconds; then for good.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import BinaryIO

from storefront.attribution import service as attribution
from storefront.commissions import plans
from storefront.core.csvfile import CsvProblems, Imported
from storefront.core.database import transaction
from storefront.core.errors import Conflict, DomainError
from storefront.insights.rollups import Tally
from storefront.till import receipt_rows
from storefront.till.names import Names
from storefront.till.receipt_rows import Reading, Row
from storefront.till.rules import faults_of_return, faults_of_sale
from storefront.till.service import (
    SameMoment,
    changed_meanwhile,
    is_told,
    write_return,
    write_sale,
)
from storefront.till.told import Return, Sale

ENOUGH = 100
"""So many complaints are shown; after as many, writing on would only find their consequences."""


@dataclass(frozen=True, slots=True)
class _Receipt:
    """What the rows of one receipt tell, and where they stand."""

    told: Sale | Return
    lines: Sequence[int]
    """The file's line for each line of the receipt."""

    def note(self, problems: CsvProblems, code: str, sentence: str, field: str, place: int) -> None:
        """Complain about the receipt's line at `place` (from 1), or at 0 about all of it."""
        problems.add(self.lines[max(place - 1, 0)], field, code, sentence)


def import_till(source: BinaryIO, reading: Reading, now: datetime) -> Imported:
    """Take in every sale and return of a file, in its order, each as of its own time.

    Receipts that are known by store and number with the same content stay as they were. Raises
    Invalid `wrong_file` with every complaint, Conflict `changed_meanwhile`.
    """
    problems = CsvProblems()
    names = Names()
    _check(_receipts(source, reading, problems), names, problems, now)
    problems.raise_if_any()
    source.seek(0)
    tally = Tally()
    new = same = 0
    try:
        with transaction():
            for receipt in _receipts(source, reading, problems):
                if _write(receipt, names, tally, problems, now):
                    new += 1
                else:
                    same += 1
                if problems.count >= ENOUGH:
                    break
            problems.raise_if_any()
            tally.write()
    except SameMoment as same_moment:
        raise changed_meanwhile() from same_moment
    return Imported(new, 0, same)


def _receipts(source: BinaryIO, reading: Reading, problems: CsvProblems) -> Iterator[_Receipt]:
    """The receipts that make sense in themselves; what is wrong with the others is noted."""
    ends: dict[tuple[str, str], int] = {}
    for key, grouped in groupby(
        receipt_rows.read(source, reading, problems), key=lambda row: (row.store, row.number)
    ):
        rows = list(grouped)
        if key in ends:
            message = f"The other lines of this receipt end on line {ends[key]}: put them together."
            problems.add(rows[0].line, "number", "not_together", message)
        ends[key] = rows[-1].line
        if _are_one(rows, problems):
            yield _Receipt(receipt_rows.told(rows), [row.line for row in rows])


def _are_one(rows: Sequence[Row], problems: CsvProblems) -> bool:
    """Whether rows say the same where they speak of the receipt as a whole, and all are sound."""
    before = problems.count
    first = rows[0]
    for row in rows[1:]:
        for column in receipt_rows.OF_RECEIPT:
            if getattr(row, column) != getattr(first, column):
                message = f"Line {first.line} says something else of the same receipt."
                problems.add(row.line, column, "differs", message)
    return problems.count == before and all(row.is_sound for row in rows)


def _check(
    receipts: Iterable[_Receipt], names: Names, problems: CsvProblems, now: datetime
) -> None:
    """Note what is wrong with receipts as far as it can be seen without writing any."""
    earliest: _Receipt | None = None
    for receipt in receipts:
        known = names.learn(receipt.told)
        if isinstance(receipt.told, Sale):
            faults = faults_of_sale(receipt.told, known, now)
            if earliest is None or receipt.told.at < earliest.told.at:
                earliest = receipt
        else:
            faults = faults_of_return(receipt.told, known, now)
        if faults and is_told(receipt.told, names):
            # People leave and codes change: what was taken in once stays.
            continue
        for fault in faults:
            receipt.note(problems, fault.code, fault.sentence, fault.field, fault.line or 0)
    if earliest:
        _check_rules(earliest, problems)


def _check_rules(earliest: _Receipt, problems: CsvProblems) -> None:
    """Note if no policy or no plan was in force when the earliest receipt was written."""
    for find in (attribution.policy_in_force, plans.plan_in_force):
        try:
            find(earliest.told.at)
        except Conflict as none_yet:
            sentence = (
                f"{none_yet.detail} This is the file's earliest sale: publish one that starts "
                "before it. A chain's first one may start in the past."
            )
            earliest.note(problems, none_yet.code, sentence, "at", 0)


def _write(
    receipt: _Receipt, names: Names, tally: Tally, problems: CsvProblems, now: datetime
) -> bool:
    """Take one receipt in; True if it was new. A refusal is noted: nothing will be committed."""
    told = receipt.told
    try:
        if isinstance(told, Sale):
            return write_sale(told, names, tally, now).is_new
        return write_return(told, names, tally, now).is_new
    except DomainError as refusal:
        field = refusal.extra.get("field", "number")
        place = refusal.extra.get("line", 0)
        receipt.note(problems, refusal.code, refusal.detail, field, place)
        return False
