"""What a step asks for, and whether it may be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa

from storefront.careers.models import CareerEvent, CareerHandover, Step
from storefront.core.actor import Actor
from storefront.core.database import db
from storefront.core.errors import Conflict, Forbidden, Invalid
from storefront.shops.models import Shop
from storefront.staff import employment, rules
from storefront.staff.models import Employee, EmploymentState, Store

_events = cast(sa.Table, CareerEvent.__table__)
_handovers = cast(sa.Table, CareerHandover.__table__)

FROM: Mapping[Step, frozenset[EmploymentState]] = {
    Step.MOVED: frozenset(EmploymentState) - {EmploymentState.LEFT},
    Step.ON_LEAVE: frozenset({EmploymentState.ACTIVE}),
    Step.BACK: frozenset({EmploymentState.ON_LEAVE}),
    Step.LEFT: frozenset(EmploymentState) - {EmploymentState.LEFT},
}
"""The states in which somebody can take a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A step as headquarters wants it."""

    step: Step
    reason: str = ""
    store: Store | None = None
    """Where somebody moves to."""
    successor: Employee | None = None
    """Who looks after the customers: the successor, or a stand-in while somebody is on leave."""
    hand_over_customers: bool = False
    """Whether they get the customers when somebody moves or goes on leave; on leaving they do."""
    forward_shop: bool = False
    """Whether the shop leads to theirs during a leave; after leaving it does."""

    @property
    def heir_of_customers(self) -> Employee | None:
        """Who gets the customers; None on leaving: nobody."""
        takes = self.hand_over_customers or self.step is Step.LEFT
        return self.successor if takes else None

    @property
    def hands_over(self) -> bool:
        """Whether customers leave the employee."""
        return self.step is Step.LEFT or self.heir_of_customers is not None

    def forward_to(self, now_to: int | None) -> int | None:
        """Whom the shop leads to after the step, and led to before."""
        if self.step is Step.MOVED:
            return now_to
        leads = self.successor and (self.step is Step.LEFT or self.forward_shop)
        return self.successor.id if self.successor and leads else None


def refuse(employee: Employee, planned: Planned, actor: Actor) -> None:
    """Raise what is in the way of a step.

    Forbidden `needs_admin`, `own_employment`; Conflict `wrong_state`, `same_store`,
    `successor_not_active`; Invalid `store_missing`, `store_not_asked`, `successor_missing`,
    `successor_not_asked`.
    """
    if not rules.may_change_staff(actor.role):
        raise Forbidden("needs_admin", "Only an HQ admin decides over employments.")
    employment.refuse_own(employee.id, actor)
    if employee.state not in FROM[planned.step]:
        raise Conflict("wrong_state", "The employment is not in a state that allows this.")
    _refuse_store(employee, planned)
    _refuse_successor(employee, planned)


def _refuse_store(employee: Employee, planned: Planned) -> None:
    if planned.step is not Step.MOVED:
        if planned.store is not None:
            raise _wrong("store_not_asked", "store", "Only who moves has another store.")
        return
    if planned.store is None:
        raise _wrong("store_missing", "store", "Say where to.")
    if planned.store.id == employee.store_id:
        raise Conflict("same_store", "This is where they work already.")


def _refuse_successor(employee: Employee, planned: Planned) -> None:
    successor = planned.successor
    asked = planned.hand_over_customers or planned.forward_shop
    if successor is None:
        if asked:
            raise _wrong("successor_missing", "successor", "Say who looks after the customers.")
        return
    if planned.step is Step.BACK:
        raise _wrong("successor_not_asked", "successor", "Who comes back needs nobody instead.")
    if successor.id == employee.id or successor.state is not EmploymentState.ACTIVE:
        raise Conflict("successor_not_active", "Name a colleague who is at work.")


def shop_of(employee_id: int) -> Shop | None:
    """The employee's shop, if they have one."""
    return db.session.scalar(
        sa.select(Shop)
        .where(Shop.employee_id == employee_id)
        .execution_options(populate_existing=True)
    )


def lent_ties(employee_id: int) -> list[int]:
    """The ties that a stand-in was given when the employee went on the leave that now ends."""
    leave = db.session.scalar(
        sa.select(_events.c.id)
        .where(
            _events.c.employee_id == employee_id,
            _events.c.step == Step.ON_LEAVE,
            _events.c.undone_at.is_(None),
        )
        .order_by(_events.c.id.desc())
        .limit(1)
    )
    lent = sa.select(_handovers.c.new_tie_id).where(
        _handovers.c.event_id == leave, _handovers.c.new_tie_id.is_not(None)
    )
    return [tie for tie in db.session.scalars(lent) if tie is not None]


def _wrong(code: str, field: str, message: str) -> Invalid:
    return Invalid(code, message, errors={"json": {field: [message]}})
