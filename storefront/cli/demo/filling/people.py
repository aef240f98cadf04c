"""Stores and employees, and how they get in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import cast

import sqlalchemy as sa
from argon2 import PasswordHasher

from storefront.cli.demo.content import Employee, EmploymentState, Role
from storefront.cli.demo.filling.script import Script
from storefront.cli.staff import HEADQUARTERS
from storefront.core.actor import SYSTEM, Actor
from storefront.core.database import transaction
from storefront.staff import employment, invitations, passwords, service, stores
from storefront.staff import models as staff

PASSWORD = "reeds-over-water"  # noqa: S105, it is told to everybody
"""Everybody's, in the demo chain."""

_QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""While the trade is played, some hundred people sign in: what each costs would add up."""

_employees = cast(sa.Table, staff.Employee.__table__)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody by staff number, as the services know them."""

    actors: dict[str, Actor]
    desk: Actor
    """Of headquarters' operations: drafts rules, sends parcels, takes goods back."""
    admin: Actor
    drafter: Actor
    """Of finance: drafts the payouts."""
    approver: Actor
    """Of finance: approves rules and payouts."""
    managers: dict[str, Actor]
    """Of each store, by its code."""
    password: str

    def id_of(self, number: str) -> int:
        """An employee's row number."""
        employee_id = self.actors[number].employee_id
        assert employee_id is not None
        return employee_id


def hire_everybody(script: Script, password: str, step: Callable[[], object]) -> People:
    """Open the stores and hire everybody who has begun by the first day of trade."""
    store_ids = _open_stores(script)
    actors: dict[str, Actor] = {}
    for person in script.chain.employees:
        if person.state is not EmploymentState.INVITED:
            actors[person.number] = _hire(script, person, store_ids)
        step()

    def of(role: Role, place: int = 0) -> Actor:
        return actors[script.first_with(role, place).number]

    with transaction() as session:
        session.execute(sa.update(_employees).values(password_hash=_QUICK.hash(password)))
    return People(
        actors=actors,
        desk=of(Role.HQ_OPERATIONS),
        admin=of(Role.HQ_ADMIN),
        drafter=of(Role.HQ_FINANCE, 0),
        approver=of(Role.HQ_FINANCE, 1),
        managers={
            person.store: actors[person.number]
            for person in script.chain.employees
            if person.role is Role.STORE_MANAGER and person.store
        },
        password=password,
    )


def invite_newcomers(script: Script, people: People) -> None:
    """Hire those who have not used their one-time code by the end of the last day."""
    hired_at, invited_at = script.end - timedelta(hours=15), script.end - timedelta(hours=14)
    for person in script.chain.employees:
        if person.state is EmploymentState.INVITED:
            details = _details(person, people.managers[person.store or ""].store_id)
            newcomer = service.hire(person.number, details, people.desk, hired_at)
            invitations.invite(newcomer.id, people.desk, invited_at)


def part_with(people: People, number: str, state: EmploymentState, at: datetime) -> None:
    """An employee leaves, or is suspended."""
    if state is EmploymentState.LEFT:
        employment.leave(people.id_of(number), "gave notice", people.admin, at)
    else:
        employment.suspend(people.id_of(number), "under review", people.admin, at)


def let_in(people: People) -> None:
    """Give everybody who may sign in the demo's password, properly hashed.

    One hash for all, computed once. Nowhere else may two people share one: here they share the
    password too, and everybody knows it.
    """
    with transaction() as session:
        session.execute(
            sa.update(_employees)
            .where(_employees.c.password_hash.is_not(None))
            .values(password_hash=passwords.hash_password(people.password))
        )


def _open_stores(script: Script) -> dict[str, int]:
    chain = script.chain
    regions = {
        region.code: stores.open_region(region.code, region.name.zh, region.name.en).id
        for region in chain.regions
    }
    opened = {
        store.code: stores.open_store(
            store.code, store.name.zh, store.name.en, regions[store.region]
        ).id
        for store in chain.stores
    }
    at_home = regions[chain.stores[0].region]
    opened[HEADQUARTERS] = stores.open_store(HEADQUARTERS, "总部", "Headquarters", at_home).id
    return opened


def _hire(script: Script, person: Employee, store_ids: dict[str, int]) -> Actor:
    code = person.store or _first_store(script, person.region) or HEADQUARTERS
    details = _details(person, store_ids[code])
    began = script.at(-person.days_employed, time(9))
    employee = service.hire(person.number, details, SYSTEM, began)
    employment.activate(employee.id, "set a password", began + timedelta(minutes=20))
    return Actor(role=details.role, employee_id=employee.id, store_id=details.store_id)


def _first_store(script: Script, region: str | None) -> str | None:
    """Where a region's manager has a desk; headquarters has no region."""
    return next((store.code for store in script.chain.stores if store.region == region), None)


def _details(person: Employee, store_id: int | None) -> service.Details:
    assert store_id is not None
    return service.Details(
        name=person.name.zh,
        phone=person.phone,
        store_id=store_id,
        role=staff.Role(person.role.value),
    )
