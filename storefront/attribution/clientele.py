"""Whose customers are whose, as lists: for the employee, and for headquarters."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.models import Tie, TieHow
from storefront.attribution.relations import ClaimOutcome, CustomerClaim, CustomerContact
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.core.phones import as_e164
from storefront.customers.models import Customer
from storefront.staff.models import Employee

_claims = cast(sa.Table, CustomerClaim.__table__)
_contacts = cast(sa.Table, CustomerContact.__table__)
_customers = cast(sa.Table, Customer.__table__)
_employees = cast(sa.Table, Employee.__table__)
_ties = cast(sa.Table, Tie.__table__)
_by = _employees.alias("by_employees")
_ended_by = _employees.alias("ended_by_employees")


@dataclass(frozen=True, slots=True)
class OwnCustomer:
    """A customer as their employee sees them."""

    tie_id: int
    public_id: str
    name: str
    phone: str | None
    since: datetime
    how: TieHow
    protected_until: datetime | None
    last_contact_at: datetime | None
    """When this employee last wrote to them."""


def customers_of(employee_id: int, before: int | None, limit: int) -> list[OwnCustomer]:
    """Up to `limit` customers of an employee, the latest first, whose tie's row is below `before`.

    One query.
    """
    last_contact = (
        sa.select(sa.func.max(_contacts.c.at))
        .where(
            _contacts.c.customer_id == _ties.c.customer_id,
            _contacts.c.employee_id == _ties.c.employee_id,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        sa.select(
            _ties.c.id,
            _customers.c.public_id,
            _customers.c.name,
            _customers.c.phone,
            _ties.c.since,
            _ties.c.how,
            _ties.c.protected_until,
            last_contact,
        )
        .join(_customers, _customers.c.id == _ties.c.customer_id)
        .where(
            _ties.c.employee_id == employee_id,
            _ties.c.ended_at.is_(None),
            _ties.c.id < before if before is not None else sa.true(),
        )
        .order_by(_ties.c.id.desc())
        .limit(limit)
    )
    return [OwnCustomer(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which customers to look for; None leaves a question open."""

    text: str | None = None
    """A whole phone number or member code, or a part of a name."""
    employee_id: int | None = None
    nobodys: bool = False


@dataclass(frozen=True, slots=True)
class FoundCustomer:
    """A customer as headquarters sees them, and whose they are."""

    id: int
    public_id: str
    name: str
    phone: str | None
    member_code: str | None
    created_at: datetime
    employee_id: str | None
    """The public id; None: nobody's."""
    employee_number: str | None
    employee_name: str | None
    since: datetime | None
    how: TieHow | None
    protected_until: datetime | None


_FOUND = (
    sa.select(
        _customers.c.id,
        _customers.c.public_id,
        _customers.c.name,
        _customers.c.phone,
        _customers.c.member_code,
        _customers.c.created_at,
        _employees.c.public_id,
        _employees.c.number,
        _employees.c.name,
        _ties.c.since,
        _ties.c.how,
        _ties.c.protected_until,
    )
    .select_from(_customers)
    .outerjoin(_ties, sa.and_(_ties.c.customer_id == _customers.c.id, _ties.c.ended_at.is_(None)))
    .outerjoin(_employees, _employees.c.id == _ties.c.employee_id)
)


def find_customers(wanted: Wanted, after: int, limit: int) -> list[FoundCustomer]:
    """Up to `limit` customers behind the row `after`, in the order they came. One query."""
    query = _FOUND.where(_customers.c.id > after)
    if wanted.employee_id is not None:
        query = query.where(_ties.c.employee_id == wanted.employee_id)
    if wanted.nobodys:
        query = query.where(_ties.c.id.is_(None))
    if wanted.text:
        query = query.where(_speaks_of(wanted.text))
    rows = db.session.execute(query.order_by(_customers.c.id).limit(limit))
    return [FoundCustomer(*row) for row in rows]


def find_customer(public_id: str) -> FoundCustomer:
    """One customer. Raises NotFound `customer_not_found`."""
    row = db.session.execute(_FOUND.where(_customers.c.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound("customer_not_found", "There is no such customer.")
    return FoundCustomer(*row)


@dataclass(frozen=True, slots=True)
class PastTie:
    """One piece of the history of whose a customer was."""

    employee_number: str
    employee_name: str
    since: datetime
    how: TieHow
    protected_until: datetime | None
    reason: str
    by_number: str | None
    """Who brought it about; None: the rules."""
    ended_at: datetime | None
    ended_by_number: str | None


def history_of(customer_id: int) -> list[PastTie]:
    """Whose a customer was, oldest first, and is."""
    rows = db.session.execute(
        sa.select(
            _employees.c.number,
            _employees.c.name,
            _ties.c.since,
            _ties.c.how,
            _ties.c.protected_until,
            _ties.c.reason,
            _by.c.number.label("by_number"),
            _ties.c.ended_at,
            _ended_by.c.number.label("ended_by_number"),
        )
        .join(_employees, _employees.c.id == _ties.c.employee_id)
        .outerjoin(_by, _by.c.id == _ties.c.by_employee_id)
        .outerjoin(_ended_by, _ended_by.c.id == _ties.c.ended_by_id)
        .where(_ties.c.customer_id == customer_id)
        .order_by(_ties.c.since, _ties.c.id)
    )
    return [PastTie(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class PastClaim:
    """What an employee stated, and how it was settled."""

    employee_number: str
    words: str
    at: datetime
    outcome: ClaimOutcome
    until: datetime | None


def claims_on(customer_id: int) -> list[PastClaim]:
    """What employees stated about a customer, oldest first."""
    rows = db.session.execute(
        sa.select(
            _employees.c.number,
            _claims.c.words,
            _claims.c.at,
            _claims.c.outcome,
            _claims.c.until,
        )
        .join(_employees, _employees.c.id == _claims.c.employee_id)
        .where(_claims.c.customer_id == customer_id)
        .order_by(_claims.c.id)
    )
    return [PastClaim(*row) for row in rows]


def _speaks_of(text: str) -> sa.ColumnElement[bool]:
    said: list[sa.ColumnElement[Any]] = [
        _customers.c.member_code == text,
        _customers.c.name.icontains(text, autoescape=True),
    ]
    with suppress(ValueError):
        said.append(_customers.c.phone == as_e164(text))
    return sa.or_(*said)
