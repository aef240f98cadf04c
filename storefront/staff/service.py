"""Employees: finding them, hiring them, keeping their details."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload

from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from storefront.core.ids import public_id
from storefront.core.phones import as_e164
from storefront.staff import employment, rules, sessions
from storefront.staff.models import Employee, EmploymentChange, EmploymentState, Role, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What HQ says about an employee."""

    name: str
    phone: str | None
    """As people write it; kept in E.164 form."""
    store_id: int
    role: Role
    grade: str = ""
    """What commission plans call them by; empty for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which employees to list; None leaves a question open."""

    store_id: int | None = None
    role: Role | None = None
    state: EmploymentState | None = None
    text: str | None = None
    """Part of a name or a staff number."""


def hire(number: str, details: Details, actor: Actor, now: datetime) -> Employee:
    """Take somebody on. They are `invited` until they have set a password by a one-time code.

    Raises Forbidden `needs_admin`, Invalid `wrong_number`/`wrong_name`/`wrong_phone`, Conflict
    `number_taken`/`phone_taken`.
    """
    refuse_unless_may_add(actor, details.role)
    if not rules.is_number(number):
        raise _wrong("number", "Letters, digits and . _ - / only, at most 32.")
    try:
        with transaction() as session:
            if session.scalar(sa.select(Employee.id).where(Employee.number == number)):
                raise Conflict("number_taken", "Another employee has this number.")
            employee = Employee(
                public_id=public_id("emp"),
                number=number,
                state=EmploymentState.INVITED,
                created_at=now,
                **_checked(details, employee_id=None),
            )
            session.add(employee)
            session.flush()
            employment.note(employee.id, "hired", actor.employee_id, now)
            return employee
    except IntegrityError as error:
        raise _taken_meanwhile() from error


def edit(employee_id: int, version: int, details: Details, actor: Actor, now: datetime) -> Employee:
    """Change an employee's name, phone, store, role or grade. Another role ends their sessions.

    Raises Stale if `version` is no longer the latest, Forbidden
    `own_employment` or `needs_admin`, and what `hire` raises.
    """
    if not rules.may_change_staff(actor.role):
        raise _needs_admin()
    try:
        with transaction() as session:
            before = session.get_one(Employee, employee_id)
            role_changes = before.role is not details.role
            history = role_changes or before.store_id != details.store_id
            if role_changes or before.grade != details.grade:
                employment.refuse_own(employee_id, actor)
            edited = session.execute(
                sa.update(Employee)
                .where(Employee.id == employee_id, Employee.version == version)
                .values(version=version + 1, **_checked(details, employee_id))
                .execution_options(synchronize_session=False)
            )
            if not changed_rows(edited):
                raise Stale
            if history:
                employment.note(employee_id, "edited", actor.employee_id, now)
            if role_changes:
                sessions.end_all(employee_id, "role_changed", now)
            return session.get_one(Employee, employee_id, populate_existing=True)
    except IntegrityError as error:
        raise _taken_meanwhile() from error


def find(public_id: str) -> Employee:
    """One employee, by their public id, with their store. Raises NotFound `employee_not_found`."""
    return _one(Employee.public_id == public_id)


def find_by_number(number: str) -> Employee:
    """One employee, by their staff number. Raises NotFound `employee_not_found`."""
    return _one(Employee.number == number)


def find_by_id(employee_id: int) -> Employee:
    """One employee, as an Actor knows them. Raises NotFound `employee_not_found`."""
    return _one(Employee.id == employee_id)


def employees(which: Filter, after_id: int, limit: int) -> Sequence[Employee]:
    """Up to `limit` employees behind `after_id`, in the order they came, with their stores."""
    query = sa.select(Employee).options(joinedload(Employee.store)).where(Employee.id > after_id)
    for column, wanted in (
        (Employee.store_id, which.store_id),
        (Employee.role, which.role),
        (Employee.state, which.state),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if which.text:
        query = query.where(
            sa.or_(
                Employee.name.icontains(which.text, autoescape=True),
                Employee.number.icontains(which.text, autoescape=True),
            )
        )
    return db.session.scalars(query.order_by(Employee.id).limit(limit)).all()


def history(employee_id: int) -> Sequence[tuple[EmploymentChange, str, str | None]]:
    """What happened to an employment, oldest first: change, store's code, number of who did it."""
    by = aliased(Employee)
    rows = db.session.execute(
        sa.select(EmploymentChange, Store.code, by.number)
        .join(Store, Store.id == EmploymentChange.store_id)
        .outerjoin(by, by.id == EmploymentChange.by_employee_id)
        .where(EmploymentChange.employee_id == employee_id)
        .order_by(EmploymentChange.id)
    )
    return [(change, code, number) for change, code, number in rows]


def details_of(employee: Employee) -> Details:
    """An employee's details as they are, to be edited with dataclasses.replace."""
    return Details(
        name=employee.name,
        phone=employee.phone,
        store_id=employee.store_id,
        role=employee.role,
        grade=employee.grade,
    )


def refuse_unless_may_add(actor: Actor, role: Role) -> None:
    """Raise Forbidden `needs_admin` unless the actor may bring in somebody with this role."""
    if not rules.may_add(actor.role, role):
        raise _needs_admin()


def _one(condition: sa.ColumnElement[bool]) -> Employee:
    employee = db.session.scalar(
        sa.select(Employee).options(joinedload(Employee.store)).where(condition)
    )
    if employee is None:
        raise NotFound("employee_not_found", "There is no such employee.")
    return employee


def _checked(details: Details, employee_id: int | None) -> dict[str, object]:
    """The columns for these details, which may be those of an employee that is there already."""
    if not rules.is_name(details.name):
        raise _wrong("name", f"1 to {rules.LONGEST_NAME} characters.")
    if not rules.is_grade(details.grade):
        raise _wrong(
            "grade", f"Up to {rules.LONGEST_GRADE} characters, without spaces around them."
        )
    phone = None
    if details.phone:
        try:
            phone = as_e164(details.phone)
        except ValueError as error:
            raise _wrong("phone", "This is no phone number.") from error
        owner = db.session.scalar(sa.select(Employee.id).where(Employee.phone == phone))
        if owner not in {None, employee_id}:
            raise Conflict("phone_taken", "Another employee has this phone number.")
    return {
        "name": details.name.strip(),
        "phone": phone,
        "store_id": details.store_id,
        "role": details.role,
        "grade": details.grade,
    }


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(f"wrong_{field}", message, errors={"json": {field: [message]}})


def _needs_admin() -> Forbidden:
    return Forbidden("needs_admin", "Only an HQ admin does this.")


def _taken_meanwhile() -> Conflict:
    return Conflict("taken", "Another employee has just been given this number or phone.")
