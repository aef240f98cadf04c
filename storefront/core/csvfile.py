"""CSV files: read strictly, with every complaint by line and column; written so that no cell acts.

What goes in: UTF-8 with commas and one header line, as spreadsheets save "CSV UTF-8". What comes
out: RFC 4180 with a byte order mark, by which Excel knows the encoding.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import BinaryIO, NoReturn, Protocol

from storefront.core.errors import Invalid

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_SHOWN = 100
"""Complaints that are listed one by one; the rest is only counted."""

Cell = str | int | Decimal | None

# A spreadsheet takes such a cell for a formula, or drops the character (Hi.Events#1311). Blanks and
# apostrophes in front count too, so that what was written is read back the same.
_ACTS = re.compile(r"[\s']*[=+\-@\t\r]")
_PROTECTED = re.compile(r"'[\s']*[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"-\d+(\.\d+)?")


@dataclass(frozen=True, slots=True)
class CsvProblem:
    """One thing that is wrong with a file."""

    line: int
    """Counted from 1, as an editor shows it; the header is line 1."""
    column: str
    """The column's name; empty when it is about the whole line."""
    code: str
    message: str


class CsvProblems:
    """Gathers what is wrong with a file, so that all of it is told at once."""

    def __init__(self, most_shown: int = MOST_SHOWN) -> None:
        self.most_shown = most_shown
        self.count = 0
        self.shown: list[CsvProblem] = []

    def __bool__(self) -> bool:
        return self.count > 0

    def add(self, line: int, column: str, code: str, message: str) -> None:
        """Note one complaint."""
        self.count += 1
        if len(self.shown) < self.most_shown:
            self.shown.append(CsvProblem(line, column, code, message))

    def refusal(self) -> Invalid:
        """What to raise: Invalid `wrong_file` with `count` and the first complaints as `lines`."""
        things = "one thing is" if self.count == 1 else f"{self.count} things are"
        return Invalid(
            "wrong_file",
            f"Nothing was imported: {things} wrong with the file.",
            count=self.count,
            lines=[asdict(problem) for problem in sorted(self.shown, key=_place)],
        )

    def raise_if_any(self) -> None:
        """Raise `refusal()` if anything was noted."""
        if self:
            raise self.refusal()


def _place(problem: CsvProblem) -> tuple[int, str]:
    return problem.line, problem.column


@dataclass(frozen=True, slots=True)
class CsvColumns:
    """The columns a file must have, and those it may have, in any order."""

    required: Sequence[str]
    optional: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One record. `row["name"]` is its text, trimmed; an absent optional column raises KeyError."""

    line: int
    """The line on which the record begins, counted from 1."""
    cells: Mapping[str, str] = field(repr=False)

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def __contains__(self, column: str) -> bool:
        return column in self.cells

    def get(self, column: str) -> str | None:
        """The cell's text; None if the file has no such column. An empty cell is an empty text."""
        return self.cells.get(column)


class _Reader(Protocol):
    """What csv.reader gives."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Imported:
    """How many lines of a file brought something new, changed something, or neither."""

    new: int
    changed: int
    same: int


def read_rows(
    source: BinaryIO | bytes, columns: CsvColumns, *, max_rows: int, problems: CsvProblems
) -> Iterator[CsvRow]:
    """Yield the records of a file; blank lines are passed over.

    A record with too few or too many fields is noted in `problems` and left out. What makes the
    rest unreadable (another encoding, a wrong header, an open quote, a NUL byte, a last line
    without its end, more than `max_rows` records) raises Invalid `wrong_file` at once, with all
    that was noted before. After the last row the caller says `problems.raise_if_any()`.
    """
    reader = csv.reader(_lines(source, problems), strict=True)
    header = _header(_next_record(reader, problems), columns, problems)
    count = 0
    while True:
        line = reader.line_num + 1
        record = _next_record(reader, problems)
        if record is None:
            return
        if not record:
            continue
        count += 1
        if count > max_rows:
            problems.add(line, "", "too_many_rows", f"A file takes at most {max_rows:,} rows.")
            raise problems.refusal()
        if len(record) == len(header):
            yield CsvRow(line, dict(zip(header, map(_text_of, record), strict=True)))
        else:
            problems.add(line, "", "wrong_field_count", _field_count(record, header))


def write_rows(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield a file piece by piece: header first, then each row.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, which
    `read_rows` takes away again. Numbers, also when written as text like `-1.50`, stay as they are.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    yield BYTE_ORDER_MARK
    writer.writerow(header)
    for row in rows:
        writer.writerow([_protected(cell) for cell in row])
        yield _drain(buffer)
    yield _drain(buffer)


def _drain(buffer: io.StringIO) -> bytes:
    written = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return written


def _protected(cell: Cell) -> Cell:
    if isinstance(cell, str) and _ACTS.match(cell) and not _PLAIN_NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _text_of(cell: str) -> str:
    text = cell.lstrip()
    if text.startswith("'") and _PROTECTED.match(text):
        text = text[1:]
    return text.strip()


def _lines(source: BinaryIO | bytes, problems: CsvProblems) -> Iterator[str]:
    """Decode line by line, so that a complaint about the encoding can name its line."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    raw = b"\n"
    number = 0
    for number, raw in enumerate(stream, 1):
        content = raw.removeprefix(BYTE_ORDER_MARK) if number == 1 else raw
        if content.startswith((b"\xff\xfe", b"\xfe\xff")) and number == 1:
            _stop(problems, number, "wrong_encoding", "This is UTF-16. Save it as “CSV UTF-8”.")
        if b"\0" in content:
            _stop(problems, number, "nul_byte", "Has a NUL byte: this is no text file.")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.reason == "unexpected end of data":
                break  # the file ends in the middle of a character
            _stop(problems, number, "wrong_encoding", _encoding_hint(content))
        yield text
    if not raw.endswith(b"\n"):
        # A number that lost its last digits is still a number: only the line's end proves it whole.
        _stop(
            problems,
            number,
            "cut_off",
            "The last line has no line end, so the file may be cut off. "
            "If it is complete, put a line break behind it.",
        )


def _stop(problems: CsvProblems, line: int, code: str, message: str) -> NoReturn:
    problems.add(line, "", code, message)
    raise problems.refusal()


def _encoding_hint(content: bytes) -> str:
    try:
        content.decode("gb18030")
    except UnicodeDecodeError:
        seems = ""
    else:
        seems = " (it may be GBK)"
    return f"This is not UTF-8{seems}. In Excel, save it as “CSV UTF-8 (Comma delimited)”."


def _next_record(reader: _Reader, problems: CsvProblems) -> list[str] | None:
    line = reader.line_num + 1
    try:
        return next(reader, None)
    except csv.Error as error:
        reason = str(error)
        if "unexpected end of data" in reason or "field limit" in reason:
            message = "A quote is opened here and not closed: the file may be cut off."
            _stop(problems, line, "open_quote", message)
        _stop(problems, line, "malformed", f"This line is not valid CSV: {reason}.")


def _header(record: list[str] | None, columns: CsvColumns, problems: CsvProblems) -> list[str]:
    if not record:
        _stop(problems, 1, "no_header", f"The first line must name: {_list(columns)}.")
    names = [_text_of(name) for name in record]
    known = {*columns.required, *columns.optional}
    for position, name in enumerate(names):
        if name not in known:
            problems.add(1, name, "unknown_column", f"No such column. Known: {_list(columns)}.")
        elif name in names[:position]:
            problems.add(1, name, "column_twice", "This column is there twice.")
    for name in columns.required:
        if name not in names:
            problems.add(1, name, "missing_column", f"This column is missing.{_separator(record)}")
    problems.raise_if_any()
    return names


def _list(columns: CsvColumns) -> str:
    return ", ".join([*columns.required, *columns.optional])


def _separator(record: list[str]) -> str:
    if len(record) == 1 and any(mark in record[0] for mark in ";\t|"):
        return " Fields must be separated by commas."
    return ""


def _field_count(record: list[str], header: list[str]) -> str:
    return f"Has {len(record)} fields where the header has {len(header)}."
