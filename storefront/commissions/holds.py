"""Holds on commission: what may be neither released nor paid out until somebody lifts it.

A hold writes nothing into the book. Commission that is held stays where it is; `release` and the
payout batches pass it by, whole, what is owed as well as what is owed back. A batch that had
claimed it before goes on. The return window is no row here: it alone ends by time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.commissions.models import (
    Account,
    Accrual,
    CommissionHold,
    HoldKind,
    LedgerEntry,
)
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db

_accruals = cast(sa.Table, Accrual.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_holds = cast(sa.Table, CommissionHold.__table__)
_is_live = _holds.c.lifted_at.is_(None)


def is_held(
    accrual_id: sa.ColumnElement[int | None], employee_id: sa.ColumnElement[int] | None = None
) -> sa.ColumnElement[bool]:
    """Whether a live hold of any kind is on the accrual that a column names.

    With `employee_id`, also whether one is on all that the employee whom that column names has.
    """
    on_accrual = sa.exists().where(_holds.c.accrual_id == accrual_id, _is_live)
    if employee_id is None:
        return on_accrual
    return sa.or_(on_accrual, sa.exists().where(_holds.c.employee_id == employee_id, _is_live))


def is_disputed(accrual_id: sa.ColumnElement[int | None]) -> sa.ColumnElement[bool]:
    """Whether a live hold for a dispute is on the accrual that a column names."""
    dispute = _holds.c.kind == HoldKind.DISPUTE
    return sa.exists().where(_holds.c.accrual_id == accrual_id, dispute, _is_live)


def place(
    order_line_ids: Collection[int],
    kind: HoldKind,
    reason: str,
    actor: Actor,
    now: datetime,
    employee_id: int | None = None,
) -> int:
    """Hold what stands accrued on these lines, within the caller's transaction; how many accruals.

    Only what the employee has there, if one is named. What has such a hold already keeps it.
    """
    condition = _accruals.c.order_line_id.in_(order_line_ids)
    if employee_id is not None:
        condition &= _accruals.c.employee_id == employee_id
    accruals = _lock(condition)
    held = set(
        db.session.scalars(
            sa.select(_holds.c.accrual_id).where(
                _holds.c.accrual_id.in_(accruals), _holds.c.kind == kind, _is_live
            )
        )
    )
    rows = [
        {
            "accrual_id": accrual_id,
            "kind": kind,
            "reason": reason,
            "placed_at": now,
            "placed_by_id": actor.employee_id,
        }
        for accrual_id in accruals
        if accrual_id not in held
    ]
    if rows:
        db.session.execute(sa.insert(_holds), rows)
    return len(rows)


def place_on_employee(
    employee_id: int, kind: HoldKind, reason: str, actor: Actor, now: datetime
) -> int:
    """Hold all that an employee has and gets, within the caller's transaction; 0 if it is so."""
    _lock(_accruals.c.employee_id == employee_id)
    standing = db.session.scalar(
        sa.select(_holds.c.id).where(
            _holds.c.employee_id == employee_id, _holds.c.kind == kind, _is_live
        )
    )
    if standing is not None:
        return 0
    hold = CommissionHold(
        employee_id=employee_id,
        kind=kind,
        reason=reason,
        placed_at=now,
        placed_by_id=actor.employee_id,
    )
    db.session.add(hold)
    db.session.flush()
    return 1


def lift(
    order_line_ids: Collection[int],
    kind: HoldKind,
    actor: Actor,
    now: datetime,
    employee_id: int | None = None,
) -> int:
    """Lift the live holds of this kind from these lines' accruals; how many there were.

    Only those on what the employee has there, if one is named.
    """
    on_lines = sa.select(_accruals.c.id).where(_accruals.c.order_line_id.in_(order_line_ids))
    if employee_id is not None:
        on_lines = on_lines.where(_accruals.c.employee_id == employee_id)
    return changed_rows(
        db.session.execute(
            sa.update(_holds)
            .where(_holds.c.accrual_id.in_(on_lines), _holds.c.kind == kind, _is_live)
            .values(lifted_at=now, lifted_by_id=actor.employee_id)
        )
    )


_FOLLOWING = (HoldKind.FRAUD, HoldKind.REVIEW, HoldKind.MISSING_DATA)


def follow(order_line_ids: Collection[int]) -> int:
    """Let holds on what was superseded on these lines be on what the same people have there now.

    A decision on a dispute or a case writes new accruals: what was held about somebody's old one
    is held about their new one too. The dispute's own hold is over. How many were placed.
    """
    new = _accruals.alias("new")
    on_both = _holds.alias("on_both")
    live = db.session.execute(
        sa.select(
            new.c.id,
            _holds.c.kind,
            _holds.c.reason,
            _holds.c.placed_at,
            _holds.c.placed_by_id,
        )
        .join(_accruals, _accruals.c.id == _holds.c.accrual_id)
        .join(
            new,
            sa.and_(
                new.c.order_line_id == _accruals.c.order_line_id,
                new.c.employee_id == _accruals.c.employee_id,
                new.c.superseded_at.is_(None),
            ),
        )
        .where(
            _accruals.c.order_line_id.in_(order_line_ids),
            _accruals.c.superseded_at.is_not(None),
            _holds.c.kind.in_(_FOLLOWING),
            _is_live,
            ~sa.exists().where(
                on_both.c.accrual_id == new.c.id,
                on_both.c.kind == _holds.c.kind,
                on_both.c.lifted_at.is_(None),
            ),
        )
        .order_by(_holds.c.id)
    ).all()
    for row in {(row.id, row.kind): row for row in live}.values():
        values = {
            "accrual_id": row.id,
            "kind": row.kind,
            "reason": row.reason,
            "placed_at": row.placed_at,
            "placed_by_id": row.placed_by_id,
        }
        db.session.execute(sa.insert(_holds), values)
    return len(live)


def _lock(condition: sa.ColumnElement[bool]) -> Sequence[int]:
    """The standing accruals that meet a condition, and what is due on them, locked.

    A release or a batch that is under way either is through with them before we go on, or sees
    the hold.
    """
    accruals = db.session.scalars(
        sa.select(_accruals.c.id)
        .where(condition, _accruals.c.superseded_at.is_(None))
        .order_by(_accruals.c.id)
        .with_for_update()
    ).all()
    db.session.execute(
        sa.select(_entries.c.id)
        .where(
            _entries.c.accrual_id.in_(
                sa.select(_accruals.c.id).where(condition, _accruals.c.superseded_at.is_(None))
            ),
            _entries.c.account == Account.PAYABLE,
            _entries.c.payout_id.is_(None),
        )
        .order_by(_entries.c.id)
        .with_for_update()
    ).all()
    return accruals
