"""Taking a step of somebody's working life, all of it in one transaction; and undoing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from storefront.attribution import transfers
from storefront.attribution.models import TieHow
from storefront.attribution.transfers import Move, Why
from storefront.careers import plan
from storefront.careers.models import CareerEvent, CareerHandover, Step
from storefront.careers.plan import Planned
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import NotFound
from storefront.core.ids import public_id
from storefront.shops import service as shops
from storefront.staff import employment
from storefront.staff import service as staff
from storefront.staff.models import Employee
from storefront.staff.service import Details

UNDOABLE = timedelta(days=7)
"""How long a step can be undone."""

_handovers = cast(sa.Table, CareerHandover.__table__)


def take(employee_id: int, planned: Planned, actor: Actor, now: datetime) -> CareerEvent:
    """Do everything that belongs to a step. Raises what `plan.refuse` raises.

    The successor is told how many customers they have got.
    """
    with transaction():
        employee = _locked(employee_id, planned.successor)
        plan.refuse(employee, planned, actor)
        event = _begin(employee, planned, actor, now)
        _STEPS[planned.step](employee, planned, actor, now)
        moves = _hand_over(employee.id, planned, actor, now)
        shop = plan.shop_of(employee.id)
        if shop is not None:
            event.forward_before_id = shop.forward_to_id
            event.forward_after_id = planned.forward_to(shop.forward_to_id)
            if event.forward_after_id != event.forward_before_id:
                shops.forward(employee.id, event.forward_after_id, event.forward_before_id)
        _note(event, employee.id, moves)
        _tell(moves, employee.id, planned, now)
        return event


def edit(employee_id: int, version: int, details: Details, actor: Actor, now: datetime) -> Employee:
    """Change an employee's details; another store is a step of their working life, and undoable.

    Raises what `staff.service.edit` raises.
    """
    with transaction():
        before = _locked(employee_id)
        event = None
        if details.store_id != before.store_id:
            event = _begin(before, Planned(step=Step.MOVED, reason="edited"), actor, now)
        edited = staff.edit(employee_id, version, details, actor, now)
        if event is not None:
            shop = plan.shop_of(employee_id)
            event.forward_before_id = event.forward_after_id = shop.forward_to_id if shop else None
            _note(event, employee_id, [])
        return edited


def events_of(employee_id: int, before: int | None, limit: int) -> Sequence[CareerEvent]:
    """Up to `limit` steps of an employee, the latest first, from below the row `before`."""
    earlier = CareerEvent.id < before if before is not None else sa.true()
    return db.session.scalars(
        sa.select(CareerEvent)
        .where(CareerEvent.employee_id == employee_id, earlier)
        .order_by(CareerEvent.id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    ).all()


def find_event(employee_id: int, event_id: str) -> CareerEvent:
    """One step of an employee, by its public id. Raises NotFound `event_not_found`."""
    event = db.session.scalar(
        sa.select(CareerEvent)
        .where(CareerEvent.public_id == event_id, CareerEvent.employee_id == employee_id)
        .execution_options(populate_existing=True)
    )
    if event is None:
        raise NotFound("event_not_found", "There is no such step in this employee's life.")
    return event


def handed_over(event_ids: Sequence[int]) -> dict[int, int]:
    """How many customers changed hands by each of these steps."""
    rows = db.session.execute(
        sa.select(_handovers.c.event_id, sa.func.count().label("customers"))
        .where(_handovers.c.event_id.in_(event_ids))
        .group_by(_handovers.c.event_id)
    )
    return dict.fromkeys(event_ids, 0) | {row.event_id: row.customers for row in rows}


def _locked(employee_id: int, successor: Employee | None = None) -> Employee:
    """The employee and, as they are now, whoever takes their place; both locked, in one order."""
    ids = [employee_id, successor.id] if successor else [employee_id]
    found = db.session.scalars(
        sa.select(Employee)
        .where(Employee.id.in_(ids))
        .order_by(Employee.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {employee.id: employee for employee in found}[employee_id]


def _begin(employee: Employee, planned: Planned, actor: Actor, now: datetime) -> CareerEvent:
    """The step as a row, with what was before it."""
    return CareerEvent(
        public_id=public_id("car"),
        employee_id=employee.id,
        step=planned.step,
        at=now,
        by_employee_id=actor.employee_id,
        reason=planned.reason,
        successor_id=planned.successor.id if planned.successor else None,
        state_before=employee.state,
        store_before_id=employee.store_id,
    )


def _note(event: CareerEvent, employee_id: int, moves: Sequence[Move]) -> None:
    """Write the step down, with what is after it and who changed hands."""
    after = db.session.get_one(Employee, employee_id, populate_existing=True)
    event.state_after, event.store_after_id = after.state, after.store_id
    db.session.add(event)
    db.session.flush()
    if moves:
        db.session.execute(
            sa.insert(_handovers),
            [
                {"event_id": event.id, "old_tie_id": move.old_tie_id, "new_tie_id": move.new_tie_id}
                for move in moves
            ],
        )


def _move(employee: Employee, planned: Planned, actor: Actor, now: datetime) -> None:
    assert planned.store is not None
    details = replace(staff.details_of(employee), store_id=planned.store.id)
    staff.edit(employee.id, employee.version, details, actor, now)


def _go_on_leave(employee: Employee, planned: Planned, actor: Actor, now: datetime) -> None:
    employment.go_on_leave(employee.id, planned.reason, actor, now)


def _come_back(employee: Employee, planned: Planned, actor: Actor, now: datetime) -> None:
    employment.come_back(employee.id, planned.reason, actor, now)


def _leave(employee: Employee, planned: Planned, actor: Actor, now: datetime) -> None:
    employment.leave(employee.id, planned.reason, actor, now)
    if planned.successor is not None:
        employment.name_successor(employee.id, planned.successor.id)


_STEPS = {
    Step.MOVED: _move,
    Step.ON_LEAVE: _go_on_leave,
    Step.BACK: _come_back,
    Step.LEFT: _leave,
}


def _hand_over(employee_id: int, planned: Planned, actor: Actor, now: datetime) -> list[Move]:
    """Let the customers change hands who do by this step."""
    why = Why(TieHow.SUCCESSION, planned.reason, actor)
    if planned.step is Step.BACK:
        return transfers.hand_back(plan.lent_ties(employee_id), employee_id, why, now)
    if not planned.hands_over:
        return []
    heir = planned.heir_of_customers
    return transfers.hand_over(employee_id, heir.id if heir else None, why, now)


def _tell(moves: Sequence[Move], employee_id: int, planned: Planned, now: datetime) -> None:
    """Tell whoever gained customers; and who lost them, if they are still here."""
    changes: dict[int, int] = {}
    if planned.step is Step.BACK:
        changes[employee_id] = len(moves)
    elif planned.heir_of_customers is not None:
        changes[planned.heir_of_customers.id] = len(moves)
        if planned.step is not Step.LEFT:
            changes[employee_id] = -len(moves)
    transfers.tell(changes, planned.reason, now)
