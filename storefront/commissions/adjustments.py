"""Adjustments: proposed by headquarters with a reason, posted when a second person approves.

Nothing edits an entry: what was booked wrong stays, and an adjustment puts it right in the open
period.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from storefront.commissions.adjustment_models import (
    ADJUSTMENT_TRANSITIONS,
    Adjustment,
    AdjustmentKind,
    AdjustmentState,
)
from storefront.commissions.book import Posting, post
from storefront.commissions.models import Account, TransactionKind
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Forbidden, Invalid, NotFound
from storefront.core.ids import public_id
from storefront.core.money import LARGEST_AMOUNT
from storefront.core.settings import settings
from storefront.staff.models import Employee

_adjustments = cast(sa.Table, Adjustment.__table__)

_SIGNS: Mapping[AdjustmentKind, int] = {
    AdjustmentKind.BONUS: 1,
    AdjustmentKind.SERVICE: 1,
    AdjustmentKind.GOODWILL: 1,
    AdjustmentKind.RECOVERY: -1,
}
"""Which way a kind goes; a correction goes either."""


@dataclass(frozen=True, slots=True)
class NewAdjustment:
    """What somebody proposes."""

    employee_number: str
    kind: AdjustmentKind
    amount: int
    """Minor units; below zero takes off."""
    reason: str


def propose(new: NewAdjustment, actor: Actor, now: datetime) -> Adjustment:
    """Write an adjustment that does nothing until a second person approves it.

    Raises Invalid `wrong_amount`, `unknown_employee`; Forbidden `own_adjustment`.
    """
    _check_amount(new)
    with transaction() as session:
        employee_id = session.scalar(
            sa.select(Employee.id).where(Employee.number == new.employee_number)
        )
        if employee_id is None:
            raise Invalid("unknown_employee", "Nobody has this staff number.")
        _refuse_own(employee_id, actor)
        adjustment = Adjustment(
            public_id=public_id("adj"),
            employee_id=employee_id,
            kind=new.kind,
            amount=new.amount,
            currency=settings().chain_currency,
            reason=new.reason,
            state=AdjustmentState.PROPOSED,
            created_at=now,
            created_by_id=actor.employee_id,
        )
        session.add(adjustment)
        session.flush()
        return adjustment


def _check_amount(new: NewAdjustment) -> None:
    if not new.amount or abs(new.amount) > LARGEST_AMOUNT:
        raise Invalid("wrong_amount", "An adjustment adds something or takes something off.")
    if new.amount * _SIGNS.get(new.kind, new.amount) < 0:
        way = "adds" if _SIGNS[new.kind] > 0 else "takes off: its amount is below zero"
        raise Invalid("wrong_amount", f"A {new.kind.value} {way}. A correction may do either.")


def _refuse_own(employee_id: int, actor: Actor) -> None:
    if employee_id == actor.employee_id:
        raise Forbidden("own_adjustment", "Nobody adjusts their own commission.")


def approve(adjustment_id: str, actor: Actor, now: datetime) -> Adjustment:
    """A second person agrees: it is posted to the ledger, due at once.

    Raises NotFound `adjustment_not_found`, Forbidden `four_eyes`, `own_adjustment`, Conflict
    `adjustment_decided`.
    """
    with transaction():
        adjustment = _decide(adjustment_id, AdjustmentState.APPROVED, "", actor, now)
        cause = f"adjustment:{adjustment.id}"
        postings = [
            Posting(
                f"{cause}:{account.value}",
                account,
                adjustment.employee_id,
                amount,
                now,
                adjustment_id=adjustment.id,
            )
            for account, amount in (
                (Account.PAYABLE, adjustment.amount),
                (Account.EXPENSE, -adjustment.amount),
            )
        ]
        post(TransactionKind.ADJUSTMENT, cause, postings, adjustment.currency, now)
        return adjustment


def reject(adjustment_id: str, note: str, actor: Actor, now: datetime) -> Adjustment:
    """A second person refuses, and says why. Raises what `approve` raises."""
    with transaction():
        return _decide(adjustment_id, AdjustmentState.REJECTED, note, actor, now)


def withdraw(adjustment_id: str, actor: Actor, now: datetime) -> Adjustment:
    """Whoever proposed it thinks better of it.

    Raises NotFound `adjustment_not_found`, Forbidden `not_yours`, Conflict `adjustment_decided`.
    """
    with transaction():
        adjustment = _lock(adjustment_id)
        if adjustment.created_by_id != actor.employee_id:
            raise Forbidden("not_yours", "Somebody else proposed this. You may reject it.")
        return _change(adjustment, AdjustmentState.WITHDRAWN, "", actor, now)


def _decide(
    adjustment_id: str, state: AdjustmentState, note: str, actor: Actor, now: datetime
) -> Adjustment:
    adjustment = _lock(adjustment_id)
    _refuse_own(adjustment.employee_id, actor)
    if adjustment.created_by_id is not None and adjustment.created_by_id == actor.employee_id:
        raise Forbidden("four_eyes", "Somebody else has to decide on what you proposed.")
    return _change(adjustment, state, note, actor, now)


def _change(
    adjustment: Adjustment, state: AdjustmentState, note: str, actor: Actor, now: datetime
) -> Adjustment:
    old = adjustment.state
    changed = state in ADJUSTMENT_TRANSITIONS[old] and changed_rows(
        db.session.execute(
            sa.update(_adjustments)
            .where(_adjustments.c.id == adjustment.id, _adjustments.c.state == old)
            .values(
                state=state, decided_at=now, decided_by_id=actor.employee_id, decision_note=note
            )
        )
    )
    if not changed:
        raise Conflict(
            "adjustment_decided", "This was approved, rejected or withdrawn.", state=old.value
        )
    db.session.refresh(adjustment)
    return adjustment


def _lock(adjustment_id: str) -> Adjustment:
    adjustment = db.session.scalar(
        sa.select(Adjustment).where(Adjustment.public_id == adjustment_id).with_for_update()
    )
    if adjustment is None:
        raise NotFound("adjustment_not_found", "There is no such adjustment.")
    return adjustment


@dataclass(frozen=True, slots=True)
class ShownAdjustment:
    """An adjustment with the staff numbers of whom it concerns, who made and who decided it."""

    adjustment: Adjustment
    employee: str
    name: str
    created_by: str | None
    decided_by: str | None


def find(adjustment_id: str) -> ShownAdjustment:
    """One adjustment. Raises NotFound `adjustment_not_found`."""
    found = _read(Adjustment.public_id == adjustment_id, 1)
    if not found:
        raise NotFound("adjustment_not_found", "There is no such adjustment.")
    return found[0]


def listed(
    before: int | None, limit: int, state: AdjustmentState | None = None
) -> Sequence[ShownAdjustment]:
    """Adjustments, the latest first, from below the row number `before`; of one state, or all."""
    below = Adjustment.id < before if before is not None else sa.true()
    return _read(sa.and_(below, Adjustment.state == state if state else sa.true()), limit)


def _read(condition: sa.ColumnElement[bool], limit: int) -> Sequence[ShownAdjustment]:
    person, maker, decider = aliased(Employee), aliased(Employee), aliased(Employee)
    rows = db.session.execute(
        sa.select(Adjustment, person.number, person.name, maker.number, decider.number)
        .join(person, person.id == Adjustment.employee_id)
        .outerjoin(maker, maker.id == Adjustment.created_by_id)
        .outerjoin(decider, decider.id == Adjustment.decided_by_id)
        .where(condition)
        .order_by(Adjustment.id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [ShownAdjustment(*row) for row in rows]
