"""The course of an employment: suspended, reinstated, left, begun again. Each step leaves a row."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa

from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Forbidden, NotFound
from storefront.staff import rules, sessions
from storefront.staff.models import (
    Employee,
    EmploymentChange,
    EmploymentState,
    Invitation,
)


def suspend(employee_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Keep an employee out for the time being; their sessions and codes end with this.

    Like all verbs here it raises Forbidden `needs_admin` or `own_employment`, and Conflict
    `wrong_state` where the state does not allow it.
    """
    change_state(employee_id, EmploymentState.SUSPENDED, reason, actor, now)


def reinstate(employee_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let a suspended employee in again."""
    only_from = {EmploymentState.SUSPENDED}
    change_state(employee_id, EmploymentState.ACTIVE, reason, actor, now, only_from=only_from)


def go_on_leave(employee_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Be away for a time: an employee may still look at what they earn."""
    change_state(employee_id, EmploymentState.ON_LEAVE, reason, actor, now)


def come_back(employee_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Be back from leave."""
    only_from = {EmploymentState.ON_LEAVE}
    change_state(employee_id, EmploymentState.ACTIVE, reason, actor, now, only_from=only_from)


def leave(employee_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """End an employment; sessions, codes and password end with this."""
    change_state(employee_id, EmploymentState.LEFT, reason, actor, now)


def rehire(employee_id: int, actor: Actor, now: datetime) -> None:
    """Begin again with somebody who left: they are to be invited under their old number."""
    change_state(employee_id, EmploymentState.INVITED, "begins again", actor, now)


def activate(employee_id: int, reason: str, now: datetime) -> None:
    """Begin the work of somebody invited; by their own doing, so it asks for no admin."""
    with transaction():
        _move(employee_id, {EmploymentState.INVITED}, EmploymentState.ACTIVE, now)
        note(employee_id, reason, employee_id, now)


def change_state(
    employee_id: int,
    to: EmploymentState,
    reason: str,
    actor: Actor,
    now: datetime,
    *,
    only_from: Collection[EmploymentState] | None = None,
) -> None:
    """Move an employment along EMPLOYMENT_TRANSITIONS, with all that follows from it."""
    refuse_own(employee_id, actor)
    if not rules.may_change_staff(actor.role):
        raise Forbidden("needs_admin", "Only an HQ admin changes roles and employments.")
    with transaction():
        _move(employee_id, only_from or rules.states_before(to), to, now)
        note(employee_id, reason, actor.employee_id, now)


def name_successor(employee_id: int, successor_id: int | None) -> None:
    """Say who took over an employee's customers, within the caller's transaction."""
    db.session.execute(
        sa.update(Employee)
        .where(Employee.id == employee_id)
        .values(successor_id=successor_id, version=Employee.version + 1)
        .execution_options(synchronize_session=False)
    )


def put_back(
    employee_id: int, was: EmploymentState, to: EmploymentState, actor: Actor, now: datetime
) -> bool:
    """Undo a transition: `was` is what it made of the employment, `to` what there was before.

    False if the employment is in another state by now. A password that went with it stays away:
    the way in is a new one-time code.
    """
    with transaction():
        values: dict[str, object] = {"state": to, "version": Employee.version + 1}
        if was is EmploymentState.LEFT:
            values |= {"left_at": None, "successor_id": None}
        put = db.session.execute(
            sa.update(Employee)
            .where(Employee.id == employee_id, Employee.state == was)
            .values(values)
            .execution_options(synchronize_session=False)
        )
        if not changed_rows(put):
            return False
        if rules.ends_access(to):
            sessions.end_all(employee_id, to.value, now)
        note(employee_id, "undone", actor.employee_id, now)
        return True


def move_back(employee_id: int, store_id: int, actor: Actor, now: datetime) -> None:
    """Undo a move to another store."""
    with transaction():
        db.session.execute(
            sa.update(Employee)
            .where(Employee.id == employee_id)
            .values(store_id=store_id, version=Employee.version + 1)
            .execution_options(synchronize_session=False)
        )
        note(employee_id, "undone", actor.employee_id, now)


def refuse_own(employee_id: int, actor: Actor) -> None:
    """Raise Forbidden `own_employment` if somebody is about to change their own role or state."""
    if employee_id == actor.employee_id:
        raise Forbidden("own_employment", "Nobody changes their own role or employment.")


def refuse_away(employee_id: int) -> None:
    """Raise Forbidden `not_at_work` if somebody on leave is about to work."""
    at_work = sa.exists().where(
        Employee.id == employee_id, Employee.state == EmploymentState.ACTIVE
    )
    if not db.session.scalar(sa.select(at_work)):
        raise Forbidden("not_at_work", "You are on leave: this waits until you are back.")


def note(employee_id: int, reason: str, by_employee_id: int | None, now: datetime) -> None:
    """Add the employee's state, role and store, as they are now, to their history."""
    employee = db.session.get_one(Employee, employee_id, populate_existing=True)
    db.session.add(
        EmploymentChange(
            employee_id=employee_id,
            state=employee.state,
            role=employee.role,
            store_id=employee.store_id,
            at=now,
            by_employee_id=by_employee_id,
            reason=reason,
        )
    )
    db.session.flush()


def withdraw_codes(employee_id: int, now: datetime) -> None:
    """Make every open one-time code of an employee worthless."""
    db.session.execute(
        sa.update(Invitation)
        .where(
            Invitation.employee_id == employee_id,
            Invitation.used_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )


def _move(
    employee_id: int, allowed_from: Collection[EmploymentState], to: EmploymentState, now: datetime
) -> None:
    """The transition itself, and the end of access where `to` ends it."""
    values: dict[str, object] = {"state": to, "version": Employee.version + 1}
    if to is EmploymentState.LEFT:
        values |= {"password_hash": None, "left_at": now}
    elif to is EmploymentState.INVITED:
        values |= {"left_at": None, "successor_id": None}
    moved = db.session.execute(
        sa.update(Employee)
        .where(Employee.id == employee_id, Employee.state.in_(allowed_from))
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if not changed_rows(moved):
        if db.session.get(Employee, employee_id) is None:
            raise NotFound("employee_not_found", "There is no such employee.")
        raise Conflict("wrong_state", "The employment is not in a state that allows this.")
    if rules.ends_access(to):
        withdraw_codes(employee_id, now)
        sessions.end_all(employee_id, to.value, now)
