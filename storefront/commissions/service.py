"""Accrue, hold, release, reverse: what becomes of the commission on a credit.

Each verb joins the caller's transaction and returns what moved, so that the story can keep the
roll-ups in step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from storefront.attribution.service import CreditFacts
from storefront.commissions import earning, holds
from storefront.commissions.book import Posting, post
from storefront.commissions.models import Account, Accrual, TransactionKind
from storefront.commissions.rules import Buyer, to_reverse
from storefront.core.database import db
from storefront.orders.handling import OrderFacts

_accruals = cast(sa.Table, Accrual.__table__)

RELEASE_AT_ONCE = 1_000
"""Accruals that one transaction releases: enough to be quick, few enough to let others in."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An amount of commission that moved for one employee at the store it was earned for."""

    employee_id: int
    store_id: int
    amount: int


_ACCRUED = (
    sa.select(_accruals.c.id, _accruals.c.employee_id, _accruals.c.amount)
    .where(
        _accruals.c.order_id == sa.bindparam("order_id"),
        # An order may have accruals of an earlier verdict, on smaller credits.
        _accruals.c.credit_id >= sa.bindparam("first_credit"),
    )
    .order_by(_accruals.c.id)
)
_HOLD_DAYS_OF = (
    sa.select(_accruals.c.hold_days)
    .where(_accruals.c.order_id == sa.bindparam("order_id"))
    .distinct()
)
_START_HOLD = sa.update(_accruals).where(
    _accruals.c.order_id == sa.bindparam("of_order"),
    _accruals.c.hold_days == sa.bindparam("of_hold_days"),
)


def accrue(
    order: OrderFacts,
    credited: Sequence[CreditFacts],
    buyer: Buyer,
    now: datetime,
    cause: str | None = None,
) -> list[Moved]:
    """Write the commission on each credit, frozen with plan, rule, rate and base, and held.

    `credited` holds all the credits of each line that it has any of. Without a `cause` it is the
    order's payment, which happens once. A store that is credited earns nothing: commission is for
    people.
    """
    rows = earning.rows_of(order, credited, buyer, now, decided=cause is not None)
    if not rows:
        return []
    db.session.execute(sa.insert(_accruals), rows)
    held = [
        Posting(
            f"accrual:{accrual.id}:held",
            Account.HELD,
            accrual.employee_id,
            accrual.amount,
            now,
            accrual.id,
        )
        for accrual in db.session.execute(
            _ACCRUED,
            {"order_id": order.id, "first_credit": min(row["credit_id"] for row in rows)},
        )
    ]
    cause = cause or f"accrual:order:{order.id}"
    post(
        TransactionKind.ACCRUAL,
        cause,
        [*held, *expenses(cause, held, now)],
        order.currency,
        now,
    )
    return [Moved(row["employee_id"], row["store_id"], row["amount"]) for row in rows]


def expenses(cause: str, postings: Sequence[Posting], at: datetime) -> list[Posting]:
    """The other side of `postings`: what they cost the chain, one posting per employee."""
    sums: dict[int, int] = defaultdict(int)
    for posting in postings:
        sums[posting.employee_id] -= posting.amount
    return [
        Posting(f"{cause}:expense:{employee_id}", Account.EXPENSE, employee_id, amount, at)
        for employee_id, amount in sums.items()
    ]


def start_hold(order_id: int, handed_over_at: datetime) -> None:
    """Hand-over starts the clock: commission falls due after the plan's days."""
    hold_days = db.session.scalars(_HOLD_DAYS_OF, {"order_id": order_id}).all()
    for days in hold_days:
        due_at = handed_over_at + timedelta(days=days)
        db.session.execute(
            _START_HOLD, {"of_order": order_id, "of_hold_days": days, "due_at": due_at}
        )


_releasable = (
    _accruals.c.released_at.is_(None),
    _accruals.c.superseded_at.is_(None),
    ~holds.is_held(_accruals.c.id, _accruals.c.employee_id),
)


def release(now: datetime, currency: str) -> list[Moved]:
    """Let up to RELEASE_AT_ONCE held accruals that are due become payable; empty when none is left.

    The entry bears the moment at which it fell due, however late this runs. What was reversed
    before is not released, nor what is on hold. Two runs at once share the work: each accrual is
    released by one.
    """
    due = db.session.scalars(
        sa.select(_accruals.c.id)
        .where(*_releasable, _accruals.c.due_at <= now)
        .order_by(_accruals.c.due_at, _accruals.c.id)
        .limit(RELEASE_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return []
    released = db.session.execute(
        sa.update(_accruals)
        # Asked again: a hold may have been placed while we waited for the lock.
        .where(_accruals.c.id.in_(due), *_releasable)
        .values(released_at=now)
        .returning(
            _accruals.c.id,
            _accruals.c.employee_id,
            _accruals.c.store_id,
            (_accruals.c.amount - _accruals.c.reversed).label("left"),
            _accruals.c.due_at,
        )
    ).all()
    if not released:
        return []
    postings: list[Posting] = []
    for row in released:
        key = f"release:{row.id}"
        postings += [
            Posting(f"{key}:held", Account.HELD, row.employee_id, -row.left, row.due_at, row.id),
            Posting(
                f"{key}:payable", Account.PAYABLE, row.employee_id, row.left, row.due_at, row.id
            ),
        ]
    first = min(row.id for row in released)
    post(TransactionKind.RELEASE, f"release:from:{first}", postings, currency, now)
    return [Moved(row.employee_id, row.store_id, row.left) for row in released]


@dataclass(frozen=True, slots=True)
class Returned:
    """How many of an order line's pieces are back in all."""

    order_line_id: int
    pieces: int
    quantity: int


_TO_REVERSE = (
    sa.select(
        _accruals.c.id,
        _accruals.c.order_line_id,
        _accruals.c.employee_id,
        _accruals.c.store_id,
        _accruals.c.amount,
        _accruals.c.reversed,
        _accruals.c.released_at,
    )
    .where(
        _accruals.c.order_line_id.in_(sa.bindparam("order_line_ids", expanding=True)),
        _accruals.c.superseded_at.is_(None),
    )
    .order_by(_accruals.c.id)
    .with_for_update()
)
_NOTE_REVERSED = sa.update(_accruals).where(_accruals.c.id == sa.bindparam("of_accrual"))


def reverse(returned: Sequence[Returned], cause: str, currency: str, now: datetime) -> list[Moved]:
    """Take commission back in proportion, wherever it is: held, payable, or paid out already.

    What was paid out becomes a debt on `payable`, carried forward in sight. `cause` names the
    return or cancellation, once.
    """
    by_line = {line.order_line_id: line for line in returned}
    accruals = db.session.execute(_TO_REVERSE, {"order_line_ids": list(by_line)}).all()
    postings: list[Posting] = []
    moved: list[Moved] = []
    reversed_now: list[dict[str, int]] = []
    for accrual in accruals:
        line = by_line[accrual.order_line_id]
        amount = to_reverse(accrual.amount, accrual.reversed, line.pieces, line.quantity)
        if not amount:
            continue
        reversed_now.append({"of_accrual": accrual.id, "reversed": accrual.reversed + amount})
        account = Account.PAYABLE if accrual.released_at else Account.HELD
        postings.append(
            Posting(
                f"{cause}:accrual:{accrual.id}",
                account,
                accrual.employee_id,
                -amount,
                now,
                accrual.id,
            )
        )
        moved.append(Moved(accrual.employee_id, accrual.store_id, amount))
    if reversed_now:
        db.session.execute(_NOTE_REVERSED, reversed_now)
    post(
        TransactionKind.REVERSAL,
        cause,
        [*postings, *expenses(cause, postings, now)],
        currency,
        now,
    )
    return moved
