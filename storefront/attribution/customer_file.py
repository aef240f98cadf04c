"""Customers as a CSV file, with the dated history of whose they were: one row for each period.

Periods are written down as they were, under no policy: whoever brings a past along says what it
was. One that is known stays as it is; one that overlaps with what is known is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storefront.attribution.models import Tie, TieHow
from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow, Imported, read_rows
from storefront.core.database import db, transaction
from storefront.core.ids import public_id
from storefront.core.phones import as_e164
from storefront.customers.models import Customer
from storefront.staff.models import Employee

MOST_ROWS = 1_000_000
LONGEST_CODE = 64
LONGEST_NAME = 80
FIRST_YEAR, LAST_YEAR = 1992, 2999
AT_ONCE = 5_000
COLUMNS = CsvColumns(
    required=("member_code", "phone"),
    optional=("name", "employee", "from", "until", "protected_until"),
)

_customers = cast(sa.Table, Customer.__table__)
_employees = cast(sa.Table, Employee.__table__)
_ties = cast(sa.Table, Tie.__table__)


@dataclass(frozen=True, slots=True)
class _Told:
    """A row that makes sense in itself."""

    line: int
    member_code: str | None
    phone: str | None
    name: str
    employee: str
    since: datetime | None
    until: datetime | None
    protected_until: datetime | None


@dataclass(slots=True)
class _Known:
    """A customer as the database has them, or is going to."""

    id: int | None
    member_code: str | None
    phone: str | None
    name: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class _Period:
    """Whose somebody was, and when; `until` None: to this day."""

    employee_id: int
    since: datetime
    until: datetime | None

    def meets(self, other: _Period) -> bool:
        """Whether there is a moment that lies in both."""
        return (other.until is None or self.since < other.until) and (
            self.until is None or other.since < self.until
        )


def import_customers(source: BinaryIO | bytes, time_zone: str, now: datetime) -> Imported:
    """Enter customers, and the periods in which they were somebody's. Counts rows.

    Customers are known by member code or phone; what is missing on them is filled in. `time_zone`
    is that of times written without an offset. Raises Invalid `wrong_file` with every complaint.
    """
    problems = CsvProblems()
    reader = _Reader(time_zone, now, problems)
    rows = [
        told
        for row in read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems)
        if (told := reader.read(row))
    ]
    with transaction():
        people = _Everybody(rows, problems)
        of_row = [people.customer_of(row) for row in rows]
        employees = _employees_named(rows, problems)
        problems.raise_if_any()
        people.write(now)
        new = people.entering | _write_periods(rows, of_row, employees, problems)
        changed = people.filling_in - new
        return Imported(len(new), len(changed), len(rows) - len(new) - len(changed))


class _Reader:
    """Reads rows, and notes what is wrong with them."""

    def __init__(self, time_zone: str, now: datetime, problems: CsvProblems) -> None:
        self.zone = ZoneInfo(time_zone)
        self.now = now
        self.problems = problems

    def read(self, row: CsvRow) -> _Told | None:
        """The row, or None if something is wrong with it."""
        before = self.problems.count
        told = _Told(
            line=row.line,
            member_code=self._text(row, "member_code", LONGEST_CODE) or None,
            phone=self._phone(row),
            name=self._text(row, "name", LONGEST_NAME),
            employee=self._text(row, "employee", LONGEST_CODE),
            since=self._time(row, "from"),
            until=self._time(row, "until"),
            protected_until=self._time(row, "protected_until"),
        )
        self._check(row, told)
        return told if self.problems.count == before else None

    def _check(self, row: CsvRow, told: _Told) -> None:
        if not row["member_code"] and not row["phone"]:
            self._note(row, "member_code", "wrong_member_code", "Give a member code or a phone.")
        if bool(row.get("employee")) != bool(row.get("from")):
            self._note(row, "from", "wrong_from", "`employee` and `from` belong together.")
        if row.get("until") and not row.get("from"):
            self._note(row, "until", "wrong_until", "A period without a beginning has no end.")
        if told.since and told.until and told.until <= told.since:
            self._note(row, "until", "wrong_until", "The period ends before it begins.")
        for column, moment in (("from", told.since), ("until", told.until)):
            if moment and moment > self.now:
                self._note(row, column, "in_the_future", "This is still to come.")

    def _text(self, row: CsvRow, column: str, longest: int) -> str:
        text = row.get(column) or ""
        if len(text) > longest or not text.isprintable():
            message = f"Up to {longest} characters that can be shown."
            self._note(row, column, f"wrong_{column}", message)
        return text

    def _phone(self, row: CsvRow) -> str | None:
        try:
            return as_e164(row["phone"]) if row["phone"] else None
        except ValueError:
            self._note(row, "phone", "wrong_phone", "This is no phone number.")
            return None

    def _time(self, row: CsvRow, column: str) -> datetime | None:
        text = row.get(column)
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            if not FIRST_YEAR <= moment.year <= LAST_YEAR:
                raise ValueError(text)
        except ValueError:
            message = "A time is written like 2026-03-05T16:30:00+08:00."
            self._note(row, column, f"wrong_{column}", message)
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def _note(self, row: CsvRow, column: str, code: str, message: str) -> None:
        self.problems.add(row.line, column, code, message)


class _Everybody:
    """The customers of a file, found or to be entered, each one once."""

    def __init__(self, rows: Sequence[_Told], problems: CsvProblems) -> None:
        self.problems = problems
        self.by_code: dict[str, _Known] = {}
        self.by_phone: dict[str, _Known] = {}
        self.entering: set[int] = set()
        """Lines that speak first of somebody new."""
        self.filling_in: set[int] = set()
        """Lines that add to what is known of somebody."""
        for column, values in (
            (_customers.c.member_code, {row.member_code for row in rows}),
            (_customers.c.phone, {row.phone for row in rows}),
        ):
            for found in _found(column, values - {None}):
                self._keep(found)

    def _keep(self, known: _Known) -> None:
        there = self.by_code.get(known.member_code or "") or self.by_phone.get(known.phone or "")
        known = there or known
        if known.member_code:
            self.by_code[known.member_code] = known
        if known.phone:
            self.by_phone[known.phone] = known

    def customer_of(self, row: _Told) -> _Known:
        """Whom a row is about, with what it adds to them."""
        by_code = self.by_code.get(row.member_code or "")
        by_phone = self.by_phone.get(row.phone or "")
        if by_code and by_phone and by_code is not by_phone:
            message = "Member code and phone belong to two customers. Leave one of them out."
            self.problems.add(row.line, "phone", "two_customers", message)
            return by_phone
        known = by_code or by_phone
        if known is None:
            known = _Known(None, row.member_code, row.phone, row.name, is_changed=True)
            self.entering.add(row.line)
        for name in ("member_code", "phone", "name"):
            told = getattr(row, name)
            there = getattr(known, name)
            if told and there and there != told and name != "name":
                message = f"This customer has another one: {there}."
                self.problems.add(row.line, name, f"other_{name}", message)
            elif told and there != told:
                setattr(known, name, told)
                known.is_changed = True
                self.filling_in.add(row.line)
        self._keep(known)
        return known

    def write(self, now: datetime) -> None:
        """Enter who is new, and fill in what was missing on the others."""
        changed = [known for known in self._all() if known.is_changed]
        old = [known for known in changed if known.id is not None]
        if old:
            db.session.execute(
                sa.update(_customers).where(_customers.c.id == sa.bindparam("of_id")),
                [{"of_id": known.id, **_values(known)} for known in old],
            )
        for known in changed:
            if known.id is None:
                known.id = db.session.scalars(
                    sa.insert(_customers).returning(_customers.c.id),
                    {**_values(known), "public_id": public_id("cus"), "created_at": now},
                ).one()

    def _all(self) -> Iterable[_Known]:
        return {
            id(known): known for known in (*self.by_code.values(), *self.by_phone.values())
        }.values()


def _values(known: _Known) -> dict[str, Any]:
    return {"member_code": known.member_code, "phone": known.phone, "name": known.name}


def _found(column: sa.Column[Any], values: Iterable[str | None]) -> list[_Known]:
    found: list[_Known] = []
    wanted = sorted(value for value in values if value)
    for start in range(0, len(wanted), AT_ONCE):
        rows = db.session.execute(
            sa.select(
                _customers.c.id, _customers.c.member_code, _customers.c.phone, _customers.c.name
            ).where(column.in_(wanted[start : start + AT_ONCE]))
        )
        found += [_Known(*row) for row in rows]
    return found


def _employees_named(rows: Sequence[_Told], problems: CsvProblems) -> dict[str, int]:
    wanted = {row.employee for row in rows} - {""}
    found = {
        row.number: row.id
        for row in db.session.execute(
            sa.select(_employees.c.number, _employees.c.id).where(_employees.c.number.in_(wanted))
        )
    }
    for row in rows:
        if row.employee and row.employee not in found:
            message = "Nobody has this staff number. Correct it, or take the roster in first."
            problems.add(row.line, "employee", "unknown_employee", message)
    return found


def _write_periods(
    rows: Sequence[_Told],
    of_row: Sequence[_Known],
    employees: Mapping[str, int],
    problems: CsvProblems,
) -> set[int]:
    """Write the periods that are new; on which lines they stand."""
    known = _known_periods({each.id for each in of_row if each.id is not None})
    written: dict[int, dict[str, Any]] = {}
    for row, customer in zip(rows, of_row, strict=True):
        if row.since is None:
            continue
        assert customer.id is not None
        period = _Period(employees[row.employee], row.since, row.until)
        periods = known[customer.id]
        if period in periods:
            continue
        if any(period.meets(other) for other in periods):
            message = "The customer is somebody's at that time already. End the earlier period."
            problems.add(row.line, "from", "overlaps", message)
        periods.append(period)
        written[row.line] = _tie(row, customer.id, period)
    problems.raise_if_any()
    if written:
        db.session.execute(sa.insert(_ties), list(written.values()))
    return set(written)


def _tie(row: _Told, customer_id: int, period: _Period) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "employee_id": period.employee_id,
        "since": period.since,
        "how": TieHow.FILE,
        "protected_until": row.protected_until,
        "reason": "",
        "ended_at": period.until,
    }


def _known_periods(customer_ids: set[int]) -> dict[int, list[_Period]]:
    periods: dict[int, list[_Period]] = defaultdict(list)
    wanted = sorted(customer_ids)
    for start in range(0, len(wanted), AT_ONCE):
        rows = db.session.execute(
            sa.select(
                _ties.c.customer_id, _ties.c.employee_id, _ties.c.since, _ties.c.ended_at
            ).where(_ties.c.customer_id.in_(wanted[start : start + AT_ONCE]))
        )
        for customer_id, *period in rows:
            periods[customer_id].append(_Period(*period))
    return periods
