"""Reading the file of invoices: every line as it stands there, by the time it happened."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import BinaryIO, NamedTuple

from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow, read_rows

COLUMNS = CsvColumns(
    required=("InvoiceNo", "StockCode", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"),
    optional=("Description", "Country"),
)
MOST_ROWS = 5_000_000
LONGEST_NUMBER = 9
"""Digits of a quantity or a customer: more is no invoice but a mistake."""

_GZIP = b"\x1f\x8b"


class Line(NamedTuple):
    """One line of an invoice."""

    code: str
    description: str
    quantity: int
    """Below zero on a cancellation."""
    price: Decimal
    """In whole units of the currency, as it stands in the file."""


@dataclass(slots=True)
class Invoice:
    """The lines that share an invoice number; time and customer are those of the first one."""

    number: str
    at: datetime
    customer: int | None
    lines: list[Line] = field(default_factory=list[Line])

    @property
    def is_cancellation(self) -> bool:
        """Whether goods come back by it."""
        return self.number.startswith("C")

    @property
    def is_adjustment(self) -> bool:
        """Whether it is about the books alone."""
        return self.number.startswith("A")


def read_invoices(source: BinaryIO) -> list[Invoice]:
    """All invoices of a file, plain or gzipped, by the time of their first line, then number.

    Raises Invalid `wrong_file` with every complaint.
    """
    problems = CsvProblems()
    invoices: dict[str, Invoice] = {}
    with _unpacked(source, problems) as text:
        for row in read_rows(text, COLUMNS, max_rows=MOST_ROWS, problems=problems):
            _enter(row, invoices, problems)
    problems.raise_if_any()
    return sorted(invoices.values(), key=lambda invoice: (invoice.at, invoice.number))


@contextmanager
def _unpacked(source: BinaryIO, problems: CsvProblems) -> Generator[BinaryIO]:
    start = source.read(len(_GZIP))
    source.seek(0)
    if start != _GZIP:
        yield source
        return
    try:
        with gzip.GzipFile(fileobj=source) as unpacked:
            yield unpacked  # pyright: ignore
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        message = "The packed file ends too early or is damaged. Fetch it again."
        problems.add(1, "", "damaged_archive", message)
        raise problems.refusal() from error


def _enter(row: CsvRow, invoices: dict[str, Invoice], problems: CsvProblems) -> None:
    line = _line(row, problems)
    number = row["InvoiceNo"]
    if number not in invoices:
        invoice = _invoice(row, problems)
        if invoice is None:
            return
        invoices[number] = invoice
    if line is not None:
        invoices[number].lines.append(line)


def _invoice(row: CsvRow, problems: CsvProblems) -> Invoice | None:
    number, customer = row["InvoiceNo"], row["CustomerID"]
    if not number:
        problems.add(row.line, "InvoiceNo", "missing", "Every line belongs to an invoice.")
        return None
    if customer and not _is_number(customer):
        problems.add(row.line, "CustomerID", "wrong_customer", "A whole number, or nothing.")
        return None
    try:
        # The data set gives no zone; the replay's chain keeps its days in UTC.
        at = datetime.strptime(row["InvoiceDate"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        problems.add(row.line, "InvoiceDate", "wrong_time", "A time like 2010-12-01 08:26:00.")
        return None
    return Invoice(number, at, int(customer) if customer else None)


def _line(row: CsvRow, problems: CsvProblems) -> Line | None:
    quantity = row["Quantity"]
    if not _is_number(quantity.removeprefix("-")):
        problems.add(row.line, "Quantity", "wrong_quantity", "A whole number of pieces.")
        return None
    try:
        price = Decimal(row["UnitPrice"])
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite():
        problems.add(row.line, "UnitPrice", "wrong_price", "A decimal number like 2.55.")
        return None
    return Line(row["StockCode"], row.get("Description") or "", int(quantity), price)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= LONGEST_NUMBER
