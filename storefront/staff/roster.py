"""The roster as a CSV file: taken in wholly or not at all, given out as it would be taken in.

People who are missing from a file stay as they are. An absent `state` column leaves states alone,
and so does an empty cell in it; an empty phone cell takes the phone away. `left_at` says since when
somebody is gone; without it, it is the moment of the import. An absent `grade` column leaves grades
alone, an empty cell in it takes one away; the same goes for the two columns of the document that
payroll knows somebody by, which the export leaves out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, cast

import sqlalchemy as sa

from storefront.core.actor import Actor
from storefront.core.csvfile import CsvProblems, Imported, write_rows
from storefront.core.database import db, transaction
from storefront.core.ids import public_id
from storefront.core.times import as_rfc3339
from storefront.staff import employment, rules, sessions
from storefront.staff.models import Employee, EmploymentChange, EmploymentState, Role, Store
from storefront.staff.roster_lines import COLUMNS, IDENTITY, RosterLine, read_lines

_employees = cast(sa.Table, Employee.__table__)


@dataclass(frozen=True, slots=True)
class _Person:
    """Somebody as the database knows them."""

    id: int
    number: str
    name: str
    phone: str | None
    store_id: int
    role: Role
    state: EmploymentState
    left_at: datetime | None
    grade: str
    identity_type: str
    identity_number: str = field(repr=False)

    @property
    def identity(self) -> tuple[str, str]:
        """Kind and number of the document that payroll knows them by."""
        return self.identity_type, self.identity_number


def import_roster(source: BinaryIO | bytes, actor: Actor, now: datetime) -> Imported:
    """Take a roster in: new people are hired, known ones (by number) changed where they differ.

    HQ operations may add people outside of HQ and correct names, phones and stores; roles, states
    and HQ's own people are for admins. Raises Invalid `wrong_file` with every complaint.
    """
    problems = CsvProblems()
    lines = list(read_lines(source, problems))
    with transaction():
        plan = _Plan(actor, problems, now)
        for line in lines:
            plan.add(line)
        plan.check_phones(lines)
        problems.raise_if_any()
        return plan.carry_out(now)


def export_roster() -> Iterator[bytes]:
    """The whole roster as a CSV file that `import_roster` finds nothing new in."""
    rows = db.session.execute(
        sa.select(
            Employee.number,
            Employee.name,
            Employee.phone,
            Store.code,
            Employee.role,
            Employee.state,
            Employee.left_at,
            Employee.grade,
        )
        .join(Store, Store.id == Employee.store_id)
        .order_by(Employee.number)
    )
    header = tuple(
        column for column in (*COLUMNS.required, *COLUMNS.optional) if column not in IDENTITY
    )
    return write_rows(
        header,
        (
            (*row, as_rfc3339(left_at) if left_at else None, grade)
            for *row, left_at, grade in rows.all()
        ),
    )


class _Plan:
    """What a file will change, worked out against the database before anything is written."""

    def __init__(self, actor: Actor, problems: CsvProblems, now: datetime) -> None:
        self.actor = actor
        self.problems = problems
        self.now = now
        self.stores = _stores_by_code()
        self.people = {person.number: person for person in _everybody()}
        self.new: list[RosterLine] = []
        self.changed: list[tuple[_Person, RosterLine]] = []
        self.same = 0

    def add(self, line: RosterLine) -> None:
        """Sort one line in, or note why it cannot be."""
        if line.store_code not in self.stores:
            self.problems.add(line.line, "store_code", "unknown_store", "There is no such store.")
            return
        if line.left_at and line.left_at > self.now:
            message = "Nobody has left in the future. Let them leave when it is time."
            self.problems.add(line.line, "left_at", "in_the_future", message)
        person = self.people.get(line.number)
        if person is None:
            self._refuse(line, "role", rules.may_add(self.actor.role, line.role))
            if line.grade:
                self._refuse(line, "grade", rules.may_change_staff(self.actor.role))
            self.new.append(line)
        elif self._differs(person, line):
            self._check_change(person, line)
            self.changed.append((person, line))
        else:
            self.same += 1

    def check_phones(self, lines: Iterable[RosterLine]) -> None:
        """Note phones that two people would have, be it within the file or with somebody else."""
        owners = {person.phone: person.number for person in self.people.values() if person.phone}
        for line in lines:
            person = self.people.get(line.number)
            if person and person.phone:
                owners.pop(person.phone, None)
        for line in lines:
            owner = owners.setdefault(line.phone, line.number) if line.phone else line.number
            if owner != line.number:
                message = f"Employee {owner} has this phone number."
                self.problems.add(line.line, "phone", "phone_taken", message)

    def carry_out(self, now: datetime) -> Imported:
        """Write it all, within the caller's transaction."""
        self._change(now)
        self._hire(now)
        return Imported(len(self.new), len(self.changed), self.same)

    def _differs(self, person: _Person, line: RosterLine) -> bool:
        if line.left_at not in {None, person.left_at} or line.grade not in {None, person.grade}:
            return True
        if line.identity not in {None, person.identity}:
            return True
        return line.state not in {None, person.state} or (
            (person.name, person.phone, person.store_id, person.role)
            != (line.name, line.phone, self.stores[line.store_code], line.role)
        )

    def _check_change(self, person: _Person, line: RosterLine) -> None:
        admin = rules.may_change_staff(self.actor.role)
        self._refuse(line, "number", rules.may_add(self.actor.role, person.role))
        own = person.id == self.actor.employee_id
        if line.role is not person.role:
            self._refuse(line, "role", admin)
            self._refuse_own(line, "role", own)
        if line.grade not in {None, person.grade}:
            self._refuse(line, "grade", admin)
            self._refuse_own(line, "grade", own)
        if line.left_at not in {None, person.left_at}:
            self._refuse(line, "left_at", admin)
        if line.state is not None and line.state is not person.state:
            self._refuse(line, "state", admin)
            self._refuse_own(line, "state", own)
            if person.state not in rules.states_before(line.state):
                message = f"Nobody goes from {person.state} to {line.state}."
                self.problems.add(line.line, "state", "wrong_state", message)

    def _refuse(self, line: RosterLine, column: str, allowed: bool) -> None:
        if not allowed:
            self.problems.add(line.line, column, "needs_admin", "Only an HQ admin does this.")

    def _refuse_own(self, line: RosterLine, column: str, own: bool) -> None:
        if own:
            message = "Nobody changes their own role, grade or employment."
            self.problems.add(line.line, column, "own_employment", message)

    def _change(self, now: datetime) -> None:
        if not self.changed:
            return
        by_id = sa.update(_employees).where(_employees.c.id == sa.bindparam("employee_id"))
        # Phones go first, so that two people may change theirs over.
        freed = [{"employee_id": person.id} for person, _ in self.changed if person.phone]
        if freed:
            db.session.execute(by_id.values(phone=None), freed)
        db.session.execute(
            by_id.values(version=_employees.c.version + 1),
            [
                self._values(line)
                | {
                    "employee_id": person.id,
                    "grade": person.grade if line.grade is None else line.grade,
                    **_identity(line.identity or person.identity),
                }
                for person, line in self.changed
            ],
        )
        for person, line in self.changed:
            self._follow_up(person, line, now)
        left = [
            {"employee_id": person.id, "left_at": line.left_at}
            for person, line in self.changed
            if line.left_at
        ]
        if left:
            db.session.execute(by_id, left)

    def _follow_up(self, person: _Person, line: RosterLine, now: datetime) -> None:
        """History, and the end of sessions, as after the same changes one by one."""
        moved = person.store_id != self.stores[line.store_code]
        if line.role is not person.role:
            sessions.end_all(person.id, "role_changed", now)
        if line.state is not None and line.state is not person.state:
            employment.change_state(person.id, line.state, "roster", self.actor, now)
        elif moved or line.role is not person.role:
            employment.note(person.id, "roster", self.actor.employee_id, now)

    def _hire(self, now: datetime) -> None:
        if not self.new:
            return
        rows = [self._values(line) | self._first_values(line, now) for line in self.new]
        inserted = db.session.execute(
            sa.insert(Employee).returning(
                Employee.id, Employee.state, Employee.role, Employee.store_id
            ),
            rows,
        )
        beginnings = [
            {
                "employee_id": employee_id,
                "state": state,
                "role": role,
                "store_id": store_id,
                "at": now,
                "by_employee_id": self.actor.employee_id,
                "reason": "roster",
            }
            for employee_id, state, role, store_id in inserted
        ]
        db.session.execute(sa.insert(EmploymentChange), beginnings)

    def _first_values(self, line: RosterLine, now: datetime) -> dict[str, Any]:
        return {
            "public_id": public_id("emp"),
            "number": line.number,
            "state": line.state or EmploymentState.INVITED,
            "left_at": line.left_at or now if line.state is EmploymentState.LEFT else None,
            "grade": line.grade or "",
            **_identity(line.identity or ("", "")),
            "password_hash": None,
            "version": 1,
            "created_at": now,
        }

    def _values(self, line: RosterLine) -> dict[str, Any]:
        return {
            "name": line.name,
            "phone": line.phone,
            "store_id": self.stores[line.store_code],
            "role": line.role,
        }


def _identity(document: tuple[str, str]) -> dict[str, str]:
    return dict(zip(IDENTITY, document, strict=True))


def _stores_by_code() -> dict[str, int]:
    rows = db.session.execute(sa.select(Store.code, Store.id))
    return {row.code: row.id for row in rows}


def _everybody() -> Iterator[_Person]:
    rows = db.session.execute(
        sa.select(
            Employee.id,
            Employee.number,
            Employee.name,
            Employee.phone,
            Employee.store_id,
            Employee.role,
            Employee.state,
            Employee.left_at,
            Employee.grade,
            Employee.identity_type,
            Employee.identity_number,
        )
    )
    return (_Person(*row) for row in rows)
