"""A small cast of people and things, made through the services that the shop itself uses."""

from __future__ import annotations

import itertools

import sqlalchemy as sa

from storefront.api.tokens import tokens_for
from storefront.core import clock
from storefront.core.actor import SYSTEM, Actor
from storefront.core.database import db, transaction
from storefront.staff import employment, invitations, service, sessions, stores
from storefront.staff.models import Employee, Region, Role, Store

PASSWORD = "a quiet lamp 7 looms"

_count = itertools.count(1)


def a_region(code: str = "R1") -> Region:
    """The region with this code, opened if need be."""
    found = db.session.scalar(sa.select(Region).where(Region.code == code))
    return found or stores.open_region(code, f"{code}区", f"Region {code}")


def a_store(code: str = "S1", region: str = "R1") -> Store:
    """The store with this code, opened if need be."""
    found = db.session.scalar(sa.select(Store).where(Store.code == code))
    return found or stores.open_store(code, f"{code}店", f"Store {code}", a_region(region).id)


def an_employee(
    number: str | None = None,
    *,
    role: Role = Role.EMPLOYEE,
    store: str = "S1",
    name: str = "林小雨",
    phone: str | None = None,
    password: str | None = None,
) -> Employee:
    """An active employee; without a `password` (which costs time) they cannot sign in themselves."""
    details = service.Details(name=name, phone=phone, store_id=a_store(store).id, role=role)
    now = clock.now()
    employee = service.hire(number or f"E{next(_count):04}", details, SYSTEM, now)
    if password is None:
        employment.activate(employee.id, "a test begins", now)
    else:
        code = invitations.invite(employee.id, SYSTEM, now).code
        invitations.set_password(code, password, "192.0.2.99", now)
    db.session.refresh(employee)
    return employee


def actor_of(employee: Employee) -> Actor:
    """The employee as services see them."""
    return Actor(role=employee.role, employee_id=employee.id, store_id=employee.store_id)


def headers_of(employee: Employee) -> dict[str, str]:
    """Request headers of a fresh session of an active employee, without the cost of a password."""
    with transaction():
        signed_in = sessions.open_session(employee.id, clock.now())
    return {"Authorization": f"Bearer {tokens_for(signed_in).access}"}
