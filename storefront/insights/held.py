"""What is held: headquarters' list of holds, and what an employee is told about their own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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
from storefront.core.database import db
from storefront.orders.models import Order, OrderLine
from storefront.staff.models import Employee

_accruals = cast(sa.Table, Accrual.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_holds = cast(sa.Table, CommissionHold.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_people = cast(sa.Table, Employee.__table__)
_placers, _askers, _lifters = (_people.alias(name) for name in ("placers", "askers", "lifters"))

_not_out = (
    _entries.c.account.in_([Account.HELD, Account.PAYABLE]),
    _entries.c.payout_id.is_(None),
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as headquarters sees it."""

    id: int
    public_id: str
    kind: HoldKind
    reason: str
    employee: str
    """Staff number of whom it keeps back from."""
    order: str | None
    """None: it is on all that the employee has."""
    order_number: str | None
    line: int | None
    amount: int
    """What it keeps from being paid out now."""
    placed_at: datetime
    placed_by: str | None
    """None: a rule placed it."""
    note: str
    lift_asked_by: str | None
    lift_asked_at: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which holds to list."""

    live: bool = True
    kind: HoldKind | None = None
    employee: str | None = None
    order: str | None = None
    hold: str | None = None


def listed(wanted: Wanted, before: int | None, limit: int) -> list[Hold]:
    """Holds from below the row number `before`, the latest first."""
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.hold is not None:
        conditions.append(_holds.c.public_id == wanted.hold)
    else:
        lifted = _holds.c.lifted_at
        conditions.append(lifted.is_(None) if wanted.live else lifted.is_not(None))
    if wanted.kind is not None:
        conditions.append(_holds.c.kind == wanted.kind)
    if wanted.employee is not None:
        conditions.append(_people.c.number == wanted.employee)
    if wanted.order is not None:
        conditions.append(_orders.c.public_id == wanted.order)
    if before is not None:
        conditions.append(_holds.c.id < before)
    rows = db.session.execute(
        sa.select(
            _holds.c.id,
            _holds.c.public_id,
            _holds.c.kind,
            _holds.c.reason,
            _people.c.number.label("employee"),
            _orders.c.public_id.label("order"),
            _orders.c.number.label("order_number"),
            _lines.c.position.label("line"),
            _amount().label("amount"),
            _holds.c.placed_at,
            _placers.c.number.label("placed_by"),
            _holds.c.note,
            _askers.c.number.label("lift_asked_by"),
            _holds.c.lift_asked_at,
            _holds.c.lifted_at,
            _lifters.c.number.label("lifted_by"),
        )
        .outerjoin(_accruals, _accruals.c.id == _holds.c.accrual_id)
        .join(
            _people,
            _people.c.id == sa.func.coalesce(_holds.c.employee_id, _accruals.c.employee_id),
        )
        .outerjoin(_orders, _orders.c.id == _accruals.c.order_id)
        .outerjoin(_lines, _lines.c.id == _accruals.c.order_line_id)
        .outerjoin(_placers, _placers.c.id == _holds.c.placed_by_id)
        .outerjoin(_askers, _askers.c.id == _holds.c.lift_asked_by_id)
        .outerjoin(_lifters, _lifters.c.id == _holds.c.lifted_by_id)
        .where(*conditions)
        .order_by(_holds.c.id.desc())
        .limit(limit)
    )
    return [Hold(*row) for row in rows]


def _amount() -> sa.ColumnElement[int]:
    total = sa.cast(sa.func.coalesce(sa.func.sum(_entries.c.amount), 0), sa.BigInteger())
    of_accrual = sa.select(total).where(_entries.c.accrual_id == _holds.c.accrual_id, *_not_out)
    of_person = sa.select(total).where(_entries.c.employee_id == _holds.c.employee_id, *_not_out)
    return sa.case(
        (_holds.c.accrual_id.is_not(None), of_accrual.scalar_subquery()),
        else_=of_person.scalar_subquery(),
    )


# --- one's own --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnHeld:
    """Commission of an employee's that is kept back, and by what."""

    accrual_id: int
    order: str
    order_number: str
    line: int
    name_zh: str
    name_en: str
    amount: int
    released: bool
    due_at: datetime | None
    """When the return window ends; None: it has not begun."""
    kinds: tuple[HoldKind, ...]
    """Holds besides the return window, on this line or on the employee."""

    def in_window(self, now: datetime) -> bool:
        """Whether the return window keeps it: until it is over, and released."""
        if self.released:
            return False
        return not self.kinds or self.due_at is None or self.due_at > now


def own(employee_id: int, before: int | None, limit: int) -> list[OwnHeld]:
    """What is kept back from an employee, the latest first, from below `before`."""
    left = _accruals.c.amount - _accruals.c.reversed
    out = sa.exists().where(
        _entries.c.accrual_id == _accruals.c.id, _entries.c.payout_id.is_not(None)
    )
    question = (
        sa.select(
            _accruals.c.id,
            _orders.c.public_id,
            _orders.c.number,
            _lines.c.position,
            _lines.c.name_zh,
            _lines.c.name_en,
            left.label("left"),
            _accruals.c.released_at.is_not(None).label("released"),
            _accruals.c.due_at,
        )
        .join(_orders, _orders.c.id == _accruals.c.order_id)
        .join(_lines, _lines.c.id == _accruals.c.order_line_id)
        .where(
            _accruals.c.employee_id == employee_id,
            _accruals.c.superseded_at.is_(None),
            left > 0,
            sa.or_(
                _accruals.c.released_at.is_(None),
                sa.and_(holds.is_held(_accruals.c.id, _accruals.c.employee_id), ~out),
            ),
        )
        .order_by(_accruals.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        question = question.where(_accruals.c.id < before)
    rows = db.session.execute(question).all()
    kinds = _kinds([row.id for row in rows])
    whole = on_person(employee_id)
    return [OwnHeld(*row, kinds=(*kinds[row.id], *whole)) for row in rows]


def on_person(employee_id: int) -> Sequence[HoldKind]:
    """The kinds of hold that are on all that an employee has."""
    return db.session.scalars(
        sa.select(_holds.c.kind)
        .where(_holds.c.employee_id == employee_id, _holds.c.lifted_at.is_(None))
        .order_by(_holds.c.id)
    ).all()


def _kinds(accrual_ids: Sequence[int]) -> dict[int, list[HoldKind]]:
    rows = db.session.execute(
        sa.select(_holds.c.accrual_id, _holds.c.kind)
        .where(_holds.c.accrual_id.in_(accrual_ids), _holds.c.lifted_at.is_(None))
        .order_by(_holds.c.id)
    )
    kinds: dict[int, list[HoldKind]] = defaultdict(list)
    for accrual_id, kind in rows:
        kinds[accrual_id].append(kind)
    return kinds
