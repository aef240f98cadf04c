"""Holds on commission: what may be neither released nor paid out until somebody lifts it.

A hold writes nothing into the book. Commission that is held stays where it is; `release` and the
payout batches pass it by, whole, what is owed as well as what is owed back. A batch that had
claimed it before goes on.
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


def is_held(accrual_id: sa.ColumnElement[int | None]) -> sa.ColumnElement[bool]:
    """Whether a live hold of any kind is on the accrual that a column names."""
    return sa.exists().where(_holds.c.accrual_id == accrual_id, _holds.c.lifted_at.is_(None))


def place(
    order_line_ids: Collection[int], kind: HoldKind, reason: str, actor: Actor, now: datetime
) -> int:
    """Hold what stands accrued on these lines, within the caller's transaction; how many accruals.

    What has such a hold already keeps it.
    """
    accruals = _lock(order_line_ids)
    held = set(
        db.session.scalars(
            sa.select(_holds.c.accrual_id).where(
                _holds.c.accrual_id.in_(accruals),
                _holds.c.kind == kind,
                _holds.c.lifted_at.is_(None),
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


def lift(order_line_ids: Collection[int], kind: HoldKind, actor: Actor, now: datetime) -> int:
    """Lift the live holds of this kind from these lines' accruals; how many there were."""
    on_lines = sa.select(_accruals.c.id).where(_accruals.c.order_line_id.in_(order_line_ids))
    return changed_rows(
        db.session.execute(
            sa.update(_holds)
            .where(
                _holds.c.accrual_id.in_(on_lines),
                _holds.c.kind == kind,
                _holds.c.lifted_at.is_(None),
            )
            .values(lifted_at=now, lifted_by_id=actor.employee_id)
        )
    )


def _lock(order_line_ids: Collection[int]) -> Sequence[int]:
    """The standing accruals of these lines, and what is due on them, locked.

    A release or a batch that is under way either is through with them before we go on, or sees
    the hold.
    """
    accruals = db.session.scalars(
        sa.select(_accruals.c.id)
        .where(
            _accruals.c.order_line_id.in_(order_line_ids),
            _accruals.c.superseded_at.is_(None),
        )
        .order_by(_accruals.c.id)
        .with_for_update()
    ).all()
    db.session.execute(
        sa.select(_entries.c.id)
        .where(
            _entries.c.accrual_id.in_(accruals),
            _entries.c.account == Account.PAYABLE,
            _entries.c.payout_id.is_(None),
        )
        .order_by(_entries.c.id)
        .with_for_update()
    ).all()
    return accruals
