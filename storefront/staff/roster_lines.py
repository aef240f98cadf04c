"""A roster file line by line, before anything is compared with the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo

from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow, read_rows
from storefront.core.phones import as_e164
from storefront.core.settings import settings
from storefront.staff import rules
from storefront.staff.models import EmploymentState, Role

MOST_ROWS = 50_000
EARLIEST_YEAR, LATEST_YEAR = 1900, 2999
IDENTITY = ("identity_type", "identity_number")
"""Columns of the document that payroll knows somebody by: both or neither. They are taken in and
never given out with the roster."""
LONGEST_IDENTITY = 40
COLUMNS = CsvColumns(
    required=("number", "name", "phone", "store_code", "role"),
    optional=("state", "left_at", "grade", *IDENTITY),
)

Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One person as the file has them."""

    line: int
    number: str
    name: str
    phone: str | None
    """In E.164 form."""
    store_code: str
    role: Role
    state: EmploymentState | None
    """None leaves it as it is."""
    left_at: datetime | None
    """When they left, if the file says so."""
    grade: str | None = None
    """None leaves it as it is; empty is none."""
    identity: tuple[str, str] | None = field(default=None, repr=False)
    """Kind and number of the document; None leaves it as it is, two empty texts are none."""


def read_lines(source: BinaryIO | bytes, problems: CsvProblems) -> Iterator[RosterLine]:
    """Yield the lines that make sense in themselves, and note what is wrong with the others.

    Raises Invalid `wrong_file` where the rest cannot be read, see core.csvfile.
    """
    first_line: dict[str, int] = {}
    for row in read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems):
        line = _parse(row, problems)
        if line is None:
            continue
        earlier = first_line.setdefault(line.number, row.line)
        if earlier == row.line:
            yield line
        else:
            problems.add(row.line, "number", "number_twice", f"Is on line {earlier} already.")


def _parse(row: CsvRow, problems: CsvProblems) -> RosterLine | None:
    before = problems.count
    if not rules.is_number(row["number"]):
        message = "Letters, digits and . _ - / only, 1 to 32 of them."
        problems.add(row.line, "number", "wrong_number", message)
    if not rules.is_name(row["name"]):
        message = f"1 to {rules.LONGEST_NAME} characters."
        problems.add(row.line, "name", "wrong_name", message)
    phone = _phone(row, problems)
    role = _one_of(Role, row, "role", problems)
    state = _one_of(EmploymentState, row, "state", problems) if row.get("state") else None
    left_at = _left_at(row, state, problems)
    grade = row.get("grade")
    if grade and not rules.is_grade(grade):
        message = f"Up to {rules.LONGEST_GRADE} characters."
        problems.add(row.line, "grade", "wrong_grade", message)
    identity = _identity(row, problems)
    if role is None or problems.count > before:
        return None
    return RosterLine(
        row.line,
        row["number"],
        row["name"],
        phone,
        row["store_code"],
        role,
        state,
        left_at,
        grade,
        identity,
    )


def _identity(row: CsvRow, problems: CsvProblems) -> tuple[str, str] | None:
    kind, number = (row.get(column) for column in IDENTITY)
    if kind is None and number is None:
        return None
    # No message repeats the number: complaints are shown, kept and sent around.
    if not kind or not number:
        if kind or number:
            message = "A document has a kind and a number: give both, or leave both empty."
            problems.add(row.line, "identity_number", "wrong_identity", message)
        return "", ""
    if not all(len(each) <= LONGEST_IDENTITY and each.isprintable() for each in (kind, number)):
        message = f"Up to {LONGEST_IDENTITY} characters each."
        problems.add(row.line, "identity_number", "wrong_identity", message)
    return kind, number


def _one_of(kind: type[Kind], row: CsvRow, column: str, problems: CsvProblems) -> Kind | None:
    try:
        return kind(row[column])
    except ValueError:
        message = f"Must be one of: {', '.join(kind)}."
        problems.add(row.line, column, f"wrong_{column}", message)
        return None


def _left_at(row: CsvRow, state: EmploymentState | None, problems: CsvProblems) -> datetime | None:
    text = row.get("left_at")
    if not text:
        return None
    if state is not EmploymentState.LEFT:
        message = "Only somebody whose state is `left` has left."
        problems.add(row.line, "left_at", "wrong_left_at", message)
        return None
    try:
        moment = datetime.fromisoformat(text)
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise ValueError(text)
    except ValueError:
        message = "A time is written like 2026-03-01T18:00:00+08:00."
        problems.add(row.line, "left_at", "wrong_left_at", message)
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings().chain_time_zone))


def _phone(row: CsvRow, problems: CsvProblems) -> str | None:
    if not row["phone"]:
        return None
    try:
        return as_e164(row["phone"])
    except ValueError:
        problems.add(row.line, "phone", "wrong_phone", "This is no phone number.")
        return None
