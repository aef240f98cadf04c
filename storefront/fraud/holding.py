"""Holds that headquarters places and lifts by hand: to look into something, or for missing data.

The others come and go with what they are about: a dispute's with the dispute, a fraud rule's with
its case. Nobody but time lifts the return window, and time lifts nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.commissions import holds
from storefront.commissions.models import (
    Account,
    Accrual,
    CommissionHold,
    HoldKind,
    LedgerEntry,
)
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, Forbidden, Invalid, NotFound
from storefront.fraud import policies
from storefront.orders import handling
from storefront.staff.models import Employee, Role

_accruals = cast(sa.Table, Accrual.__table__)
_employees = cast(sa.Table, Employee.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_holds = cast(sa.Table, CommissionHold.__table__)

LIFTERS: Mapping[HoldKind, tuple[Role, ...]] = {
    HoldKind.REVIEW: (Role.HQ_FINANCE, Role.HQ_ADMIN),
    HoldKind.MISSING_DATA: (Role.HQ_OPERATIONS, Role.HQ_FINANCE, Role.HQ_ADMIN),
}
"""Who may place and lift which kind by hand."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be held: lines of an order, all of them if none is named, or a whole employee."""

    order: str | None = None
    """Its public id."""
    lines: Sequence[int] = ()
    """By position."""
    employee: str | None = None
    """A staff number: of whom on these lines, or whose commission altogether."""


def place(
    target: Target, kind: HoldKind, reason: str, actor: Actor, now: datetime
) -> Sequence[CommissionHold]:
    """Hold by hand; the holds that are new.

    Raises Invalid `not_by_hand`, `wrong_target`, `unknown_line`; Forbidden `role_not_allowed`;
    NotFound `order_not_found`, `employee_not_found`; Conflict `nothing_to_hold` where nothing is
    accrued, or such a hold is on all of it.
    """
    _refuse_role(kind, actor)
    with transaction():
        last = db.session.scalar(sa.select(sa.func.max(_holds.c.id))) or 0
        employee_id = _employee(target.employee)
        if target.order is not None:
            lines = _lines(target.order, target.lines)
            holds.place(lines, kind, reason, actor, now, employee_id)
        elif employee_id is not None and not target.lines:
            holds.place_on_employee(employee_id, kind, reason, actor, now)
        else:
            raise Invalid("wrong_target", "Name an order, or an employee, or both.")
        placed = db.session.scalars(
            sa.select(CommissionHold)
            .where(
                CommissionHold.id > last,
                CommissionHold.kind == kind,
                CommissionHold.placed_at == now,
                CommissionHold.placed_by_id == actor.employee_id
                if actor.employee_id is not None
                else CommissionHold.placed_by_id.is_(None),
            )
            .order_by(CommissionHold.id)
        ).all()
        if not placed:
            raise Conflict("nothing_to_hold", "There is no commission here that is not held so.")
        return placed


def _employee(number: str | None) -> int | None:
    if number is None:
        return None
    employee_id = db.session.scalar(sa.select(_employees.c.id).where(_employees.c.number == number))
    if employee_id is None:
        raise NotFound("employee_not_found", "Nobody has this staff number.")
    return employee_id


def _lines(order: str, positions: Sequence[int]) -> list[int]:
    lines = handling.lines_of(handling.lock(order).id)
    unknown = sorted(set(positions) - {line.position for line in lines})
    if unknown:
        raise Invalid("unknown_line", "The order has no such lines.", lines=unknown)
    return [line.id for line in lines if not positions or line.position in positions]


def lift(hold_public_id: str, note: str, actor: Actor, now: datetime) -> CommissionHold:
    """Lift a hold by hand; where it keeps much, the first asks for it and a second one lifts it.

    Raises NotFound `hold_not_found`; Conflict `hold_lifted`, `held_by_case`, `held_by_dispute`;
    Forbidden `role_not_allowed`, and `four_eyes` to whom it is about and whoever asked for it.
    """
    with transaction():
        hold = db.session.scalars(
            sa.select(CommissionHold)
            .where(CommissionHold.public_id == hold_public_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
        if hold is None:
            raise NotFound("hold_not_found", "There is no such hold.")
        _refuse(hold, actor)
        _, thresholds = policies.in_force(now)
        hold.note = note
        if hold.lift_asked_at is None and kept_by(hold) >= thresholds.second_person_from:
            hold.lift_asked_by_id, hold.lift_asked_at = actor.employee_id, now
        else:
            hold.lifted_by_id, hold.lifted_at = actor.employee_id, now
        db.session.flush()
        return hold


def _refuse(hold: CommissionHold, actor: Actor) -> None:
    if hold.lifted_at is not None:
        raise Conflict("hold_lifted", "This hold was lifted already.")
    if hold.kind is HoldKind.FRAUD:
        raise Conflict("held_by_case", "This ends with its fraud case. Answer the case.")
    if hold.kind is HoldKind.DISPUTE:
        raise Conflict("held_by_dispute", "This ends with the dispute. Decide the dispute.")
    _refuse_role(hold.kind, actor)
    mine = actor.employee_id is not None and actor.employee_id in (
        _concerned(hold),
        hold.lift_asked_by_id,
    )
    if mine:
        raise Forbidden("four_eyes", "Somebody else has to lift this hold.")


def _refuse_role(kind: HoldKind, actor: Actor) -> None:
    if kind not in LIFTERS:
        raise Invalid("not_by_hand", "Holds of this kind are not placed by hand.")
    if actor.role not in LIFTERS[kind]:
        raise Forbidden("role_not_allowed", "Your role does not allow this.")


def _concerned(hold: CommissionHold) -> int | None:
    """Whose commission it keeps back."""
    if hold.employee_id is not None:
        return hold.employee_id
    return db.session.scalar(
        sa.select(_accruals.c.employee_id).where(_accruals.c.id == hold.accrual_id)
    )


def kept_by(hold: CommissionHold) -> int:
    """What a hold keeps from being paid out now, in minor units."""
    about = (
        _entries.c.employee_id == hold.employee_id
        if hold.employee_id is not None
        else _entries.c.accrual_id == hold.accrual_id
    )
    kept = db.session.scalar(
        sa.select(sa.func.sum(_entries.c.amount)).where(
            about,
            _entries.c.account.in_([Account.HELD, Account.PAYABLE]),
            _entries.c.payout_id.is_(None),
        )
    )
    return int(kept or 0)
