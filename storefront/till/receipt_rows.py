"""The rows of a file of receipts, read cell by cell before anything is compared or written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow, read_rows
from storefront.core.money import WHOLE_BASIS_POINTS, parse_amount
from storefront.core.phones import as_e164
from storefront.insights.days import FIRST_YEAR
from storefront.orders.models import TillDeed
from storefront.till.told import BroughtBack, Return, Sale, Seller, SoldLine

MOST_ROWS = 1_000_000
LONGEST_NUMBER = 64
LONGEST_REASON = 200
MOST_PIECES = 1_000_000
LATEST_YEAR = 2999

COLUMNS = CsvColumns(
    required=("kind", "store", "number", "at", "code", "quantity"),
    optional=(
        "net",
        "sellers",
        "member_code",
        "phone",
        "sale",
        "sale_store",
        "line",
        "amount",
        "reason",
    ),
)
OF_RECEIPT = ("kind", "at", "member_code", "phone", "sale", "sale_store", "reason")
"""What every row of a receipt says alike."""

_SHARE = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%", re.ASCII)
_AMOUNT = re.compile(r"\d{1,18}(\.\d{1,9})?", re.ASCII)
_PIECES = re.compile(r"\d{1,7}", re.ASCII)

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file leaves unsaid."""

    currency: str
    time_zone: str
    """Of times that are written without their offset."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read; what could not be read is None, and noted."""

    line: int
    """In the file."""
    kind: TillDeed | None
    store: str
    number: str
    at: datetime | None
    code: str
    quantity: int | None
    net: int | None
    sellers: tuple[Seller, ...]
    member_code: str | None
    phone: str | None
    sale: str | None
    sale_store: str | None
    sale_line: int | None
    amount: int | None
    reason: str
    is_sound: bool = True


def read(source: BinaryIO, reading: Reading, problems: CsvProblems) -> Iterator[Row]:
    """Yield the rows of a file, sound or not, and note what is wrong with each.

    Raises Invalid `wrong_file` where the rest cannot be read, see core.csvfile.
    """
    for row in read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems):
        yield _Cells(row, reading, problems).as_row()


def told(rows: Sequence[Row]) -> Sale | Return:
    """What the sound rows of one receipt tell."""
    first = rows[0]
    assert first.at is not None
    if first.kind is TillDeed.SALE:
        return Sale(
            store=first.store,
            number=first.number,
            at=first.at,
            lines=tuple(
                SoldLine(row.code, row.quantity or 0, row.net or 0, row.sellers) for row in rows
            ),
            member_code=first.member_code,
            phone=first.phone,
        )
    return Return(
        store=first.store,
        number=first.number,
        at=first.at,
        sale_store=first.sale_store or first.store,
        sale=first.sale or "",
        lines=tuple(
            BroughtBack(row.code, row.quantity or 0, row.sale_line, row.amount) for row in rows
        ),
        reason=first.reason,
    )


class _Cells:
    """Reads the cells of one row."""

    def __init__(self, row: CsvRow, reading: Reading, problems: CsvProblems) -> None:
        self.row = row
        self.reading = reading
        self.problems = problems
        self.before = problems.count

    def as_row(self) -> Row:
        """The row, with everything that is wrong with it noted."""
        kind = self._read("kind", TillDeed, "Must be `sale` or `return`.")
        is_sale = kind is TillDeed.SALE
        row = Row(
            line=self.row.line,
            kind=kind,
            store=self._text("store", needed=True) or "",
            number=self._text("number", needed=True) or "",
            at=self._read("at", self._time, "A time is written like 2026-03-05T16:30:00+08:00."),
            code=self._text("code", needed=True) or "",
            quantity=self._read("quantity", _pieces, "A whole number of pieces, from 1 up."),
            net=self._amount("net", needed=is_sale),
            sellers=self._sellers(),
            member_code=self._text("member_code"),
            phone=self._phone(),
            sale=self._text("sale", needed=kind is TillDeed.RETURN),
            sale_store=self._text("sale_store"),
            sale_line=self._line(),
            amount=self._amount("amount", needed=False),
            reason=self._text("reason", longest=LONGEST_REASON) or "",
        )
        if kind is not None:
            self._refuse_what_is_of_the_other_kind(kind)
        return row if self.problems.count == self.before else replace(row, is_sound=False)

    def _complain(self, column: str, sentence: str) -> None:
        self.problems.add(self.row.line, column, f"wrong_{column}", sentence)

    def _read(self, column: str, convert: Callable[[str], Value], sentence: str) -> Value | None:
        try:
            return convert(self.row[column])
        except ValueError:
            self._complain(column, sentence)
            return None

    def _text(
        self, column: str, *, needed: bool = False, longest: int = LONGEST_NUMBER
    ) -> str | None:
        text = self.row.get(column) or ""
        if needed and not text:
            self._complain(column, "This is missing.")
        elif len(text) > longest or not text.isprintable():
            self._complain(column, f"Up to {longest} characters that can be shown.")
        return text or None

    def _time(self, text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        if not FIRST_YEAR <= moment.year <= LATEST_YEAR:
            raise ValueError(text)
        if moment.tzinfo is None:
            return moment.replace(tzinfo=ZoneInfo(self.reading.time_zone))
        return moment

    def _amount(self, column: str, *, needed: bool) -> int | None:
        text = self.row.get(column) or ""
        if not text and not needed:
            return None
        currency = self.reading.currency
        if _AMOUNT.fullmatch(text):
            try:
                return parse_amount(text, currency)
            except ValueError as error:
                self._complain(column, f"Not an amount of {currency}: {error}.")
                return None
        self._complain(column, f"A plain number in {currency} with a point, like 12.50.")
        return None

    def _sellers(self) -> tuple[Seller, ...]:
        text = self.row.get("sellers") or ""
        try:
            return _as_sellers(text)
        except ValueError:
            self._complain(
                "sellers", "One staff number, or several like E0007:60%;E0008:40%, or nothing."
            )
            return ()

    def _phone(self) -> str | None:
        text = self.row.get("phone")
        return self._read("phone", as_e164, "This is no phone number.") if text else None

    def _line(self) -> int | None:
        text = self.row.get("line")
        if not text:
            return None
        return self._read("line", _pieces, "Which line of the sale, from 1 up.")

    def _refuse_what_is_of_the_other_kind(self, kind: TillDeed) -> None:
        if kind is TillDeed.SALE:
            strangers = ("sale", "sale_store", "line", "amount", "reason")
        else:
            strangers = ("net", "sellers", "member_code", "phone")
        for column in strangers:
            if self.row.get(column):
                self._complain(column, f"A {kind.value} has none: leave it empty.")


def _pieces(text: str) -> int:
    if not _PIECES.fullmatch(text) or not 1 <= int(text) <= MOST_PIECES:
        raise ValueError(text)
    return int(text)


def _as_sellers(text: str) -> tuple[Seller, ...]:
    """`E0007`, or `E0007:60%;E0008:40%`. Whether the shares are whole is asked later."""
    if not text:
        return ()
    named = [part.strip() for part in text.split(";")]
    if len(named) == 1 and ":" not in text:
        return (Seller(named[0], WHOLE_BASIS_POINTS),)
    sellers: list[Seller] = []
    for part in named:
        number, colon, share = part.rpartition(":")
        found = _SHARE.fullmatch(share.strip())
        if not colon or not number.strip() or not found:
            raise ValueError(text)
        sellers.append(
            Seller(number.strip(), int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")))
        )
    return tuple(sellers)
