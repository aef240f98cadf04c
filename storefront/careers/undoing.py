"""Undoing a step of somebody's working life, as long as nothing has been built upon it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, cast

import sqlalchemy as sa

from storefront.attribution import transfers
from storefront.attribution.models import Tie, TieHow
from storefront.attribution.transfers import Why
from storefront.careers import plan
from storefront.careers.models import CareerEvent, CareerHandover
from storefront.careers.service import UNDOABLE, find_event
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Forbidden
from storefront.shops import service as shops
from storefront.staff import employment, rules
from storefront.staff.models import Employee, Store

_events = cast(sa.Table, CareerEvent.__table__)
_handovers = cast(sa.Table, CareerHandover.__table__)
_ties = cast(sa.Table, Tie.__table__)
_old = _ties.alias("old_ties")
_new = _ties.alias("new_ties")


class Changed(NamedTuple):
    """Something that is no longer as the step left it."""

    what: str
    """A stable code."""
    sentence: str


class _Handover(NamedTuple):
    old_tie_id: int
    new_tie_id: int | None
    owner_id: int
    holder_id: int | None
    """Who got the customer by the step; None: nobody."""
    stands: bool
    """Whether the customer is still where the step brought them."""


def undo(employee_id: int, event_id: str, reason: str, actor: Actor, now: datetime) -> CareerEvent:
    """Put everything back that a step changed: employment, store, shop, customers.

    Only a password that went stays away. Customers who came by have ties of today, not those that
    ended. Raises NotFound `event_not_found`; Forbidden `needs_admin`, `own_employment`; Conflict
    `already_undone`, `undo_too_late`, and `changed_since` with what has changed, code by code.
    """
    if not rules.may_change_staff(actor.role):
        raise Forbidden("needs_admin", "Only an HQ admin decides over employments.")
    employment.refuse_own(employee_id, actor)
    with transaction():
        event = find_event(employee_id, event_id)
        _claim(event, actor, now)
        handovers = _handovers_of(event.id)
        changed = list(_changes(event, handovers))
        if changed:
            raise Conflict(
                "changed_since",
                "This can no longer be undone: " + " ".join(each.sentence for each in changed),
                changes=[each.what for each in changed],
            )
        _put_back(event, actor, now)
        _give_back(handovers, Why(TieHow.SUCCESSION, reason, actor), now)
        return find_event(employee_id, event_id)


def _claim(event: CareerEvent, actor: Actor, now: datetime) -> None:
    """Mark the step as undone; of two who undo it at once, one does."""
    if event.undone_at is None and now > event.at + UNDOABLE:
        raise Conflict("undo_too_late", f"A step can be undone for {UNDOABLE.days} days.")
    marked = db.session.execute(
        sa.update(_events)
        .where(_events.c.id == event.id, _events.c.undone_at.is_(None))
        .values(undone_at=now, undone_by_id=actor.employee_id)
    )
    if not changed_rows(marked):
        raise Conflict("already_undone", "This was undone before.")


def _changes(event: CareerEvent, handovers: list[_Handover]) -> Iterator[Changed]:
    later = db.session.scalar(
        sa.select(sa.func.count()).where(
            _events.c.employee_id == event.employee_id,
            _events.c.id > event.id,
            _events.c.undone_at.is_(None),
        )
    )
    if later:
        yield Changed("later_step", "Undo what came after it first.")
    employee = db.session.get_one(
        Employee, event.employee_id, populate_existing=True, with_for_update=True
    )
    if employee.state is not event.state_after:
        yield Changed("employment", f"The employment is {employee.state.value} by now.")
    if employee.store_id != event.store_after_id:
        code = db.session.get_one(Store, employee.store_id).code
        yield Changed("store", f"They work at {code} by now.")
    shop = plan.shop_of(event.employee_id)
    if shop is not None and shop.forward_to_id != event.forward_after_id:
        yield Changed("shop", "The shop leads elsewhere by now.")
    if _have_left(event, handovers):
        yield Changed("successor", "Whoever had customers or shop before has left by now.")
    gone = sum(1 for each in handovers if not each.stands)
    if gone:
        yield Changed("customers", f"Customers who have gone elsewhere since: {gone}.")


def _have_left(event: CareerEvent, handovers: list[_Handover]) -> bool:
    """Whether somebody would get customers or visitors back who is no longer here to have them."""
    others = {each.owner_id for each in handovers} | {event.forward_before_id or 0}
    left = sa.select(sa.func.count()).where(
        Employee.id.in_(others - {event.employee_id}), Employee.left_at.is_not(None)
    )
    return bool(db.session.scalar(left))


def _handovers_of(event_id: int) -> list[_Handover]:
    newer = (
        sa.exists()
        .where(_ties.c.customer_id == _old.c.customer_id, _ties.c.id > _old.c.id)
        .correlate(_old)
    )
    stands = sa.case(
        (_handovers.c.new_tie_id.is_(None), sa.case((newer, 0), else_=1)),
        (_new.c.ended_at.is_(None), 1),
        else_=0,
    )
    rows = db.session.execute(
        sa.select(
            _handovers.c.old_tie_id,
            _handovers.c.new_tie_id,
            _old.c.employee_id,
            _new.c.employee_id,
            stands,
        )
        .join(_old, _old.c.id == _handovers.c.old_tie_id)
        .outerjoin(_new, _new.c.id == _handovers.c.new_tie_id)
        .where(_handovers.c.event_id == event_id)
        .order_by(_handovers.c.old_tie_id)
    )
    return [_Handover(*row[:4], bool(row[4])) for row in rows]


def _put_back(event: CareerEvent, actor: Actor, now: datetime) -> None:
    if event.state_before is not event.state_after:
        put = employment.put_back(
            event.employee_id, event.state_after, event.state_before, actor, now
        )
        assert put, "the employee's row is locked"
    if event.store_before_id != event.store_after_id:
        employment.move_back(event.employee_id, event.store_before_id, actor, now)
    if event.forward_before_id != event.forward_after_id:
        shops.forward(event.employee_id, event.forward_before_id, event.forward_after_id)


def _give_back(handovers: list[_Handover], why: Why, now: datetime) -> None:
    """Every customer to whoever had them before the step, and a word to all concerned."""
    changes: Counter[int] = Counter()
    lent: dict[int, list[int]] = {}
    for each in handovers:
        changes[each.owner_id] += 1
        if each.new_tie_id is not None and each.holder_id is not None:
            changes[each.holder_id] -= 1
            lent.setdefault(each.owner_id, []).append(each.new_tie_id)
    for owner_id, tie_ids in lent.items():
        transfers.hand_back(tie_ids, owner_id, why, now)
    ended = [each.old_tie_id for each in handovers if each.new_tie_id is None]
    transfers.take_up_again(ended, why, now)
    transfers.tell(changes, why.reason, now)
