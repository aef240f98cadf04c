"""The bonus for service: a fixed amount for whoever hands an order over at the store.

The hand-over on the order is its only evidence. It is held until the return window is over, taken
back if the whole order comes back before, and never earned on one's own purchase.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from storefront.commissions import holds, plans
from storefront.commissions.book import Posting, post
from storefront.commissions.models import Account, ServiceBonus, TransactionKind
from storefront.commissions.service import RELEASE_AT_ONCE, Moved, expenses
from storefront.core.actor import Actor
from storefront.core.database import db
from storefront.orders.handling import OrderFacts
from storefront.orders.models import OrderLine
from storefront.staff.models import Role

_bonuses = cast(sa.Table, ServiceBonus.__table__)
_lines = cast(sa.Table, OrderLine.__table__)

AT_STORES = (Role.EMPLOYEE, Role.STORE_MANAGER)
"""Whose hand-overs are service: headquarters sends parcels, and the plan pays nothing for that."""

_standing = sa.and_(_bonuses.c.released_at.is_(None), _bonuses.c.reversed_at.is_(None))


def earn(order: OrderFacts, actor: Actor, now: datetime) -> list[Moved]:
    """Write the bonus of the plan in force at the order for whoever hands it over now.

    Nothing if the plan has none, if it is nobody of a store, or their own purchase.
    """
    if actor.employee_id is None or actor.store_id is None or actor.role not in AT_STORES:
        return []
    if actor.employee_id in order.evidence.get("buyers", ()):
        return []
    terms = plans.service_terms(order.placed_at)
    if terms is None or not terms.amount:
        return []
    bonus_id = db.session.scalars(
        sa.insert(_bonuses).returning(_bonuses.c.id),
        {
            "order_id": order.id,
            "employee_id": actor.employee_id,
            "store_id": actor.store_id,
            "plan_id": terms.plan_id,
            "amount": terms.amount,
            "at": now,
            "due_at": now + timedelta(days=terms.hold_days),
        },
    ).one()
    key = f"service:{bonus_id}"
    held = Posting(
        f"{key}:held",
        Account.HELD,
        actor.employee_id,
        terms.amount,
        now,
        service_bonus_id=bonus_id,
    )
    _post(TransactionKind.SERVICE, key, [held], order.currency, now)
    return [Moved(actor.employee_id, actor.store_id, terms.amount)]


def take_back(order: OrderFacts, now: datetime) -> list[Moved]:
    """Take the bonus on an order back, if nothing is left of the order and it is not due yet."""
    something_left = sa.exists().where(
        _lines.c.order_id == order.id, _lines.c.returned_quantity < _lines.c.quantity
    )
    row = db.session.execute(
        sa.update(_bonuses)
        .where(_bonuses.c.order_id == order.id, _standing, _bonuses.c.due_at > now, ~something_left)
        .values(reversed_at=now)
        .returning(_bonuses.c.id, _bonuses.c.employee_id, _bonuses.c.store_id, _bonuses.c.amount)
    ).one_or_none()
    if row is None:
        return []
    key = f"service:{row.id}:taken-back"
    back = Posting(
        f"{key}:held",
        Account.HELD,
        row.employee_id,
        -row.amount,
        now,
        service_bonus_id=row.id,
    )
    _post(TransactionKind.REVERSAL, key, [back], order.currency, now)
    return [Moved(row.employee_id, row.store_id, row.amount)]


def _post(
    kind: TransactionKind, cause: str, postings: Sequence[Posting], currency: str, now: datetime
) -> None:
    post(kind, cause, [*postings, *expenses(cause, postings, now)], currency, now)


def release(now: datetime, currency: str) -> list[Moved]:
    """Let up to RELEASE_AT_ONCE bonuses that are due become payable; empty when none is left.

    The entry bears the moment at which it fell due. Two runs at once share the work.
    """
    due = db.session.scalars(
        sa.select(_bonuses.c.id)
        .where(_standing, _bonuses.c.due_at <= now, ~_held())
        .order_by(_bonuses.c.due_at, _bonuses.c.id)
        .limit(RELEASE_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return []
    released = db.session.execute(
        sa.update(_bonuses)
        .where(_bonuses.c.id.in_(due), _standing, ~_held())
        .values(released_at=now)
        .returning(_bonuses)
    ).all()
    postings: list[Posting] = []
    for row in released:
        for account, amount in ((Account.HELD, -row.amount), (Account.PAYABLE, row.amount)):
            key = f"service:{row.id}:release:{account.value}"
            posting = Posting(
                key, account, row.employee_id, amount, row.due_at, service_bonus_id=row.id
            )
            postings.append(posting)
    if released:
        cause = f"service:release:from:{min(row.id for row in released)}"
        post(TransactionKind.RELEASE, cause, postings, currency, now)
    return [Moved(row.employee_id, row.store_id, row.amount) for row in released]


def _held() -> sa.ColumnElement[bool]:
    """Whether all that the employee has is on hold."""
    nothing: sa.ColumnElement[int | None] = sa.literal(None, sa.BigInteger())
    return holds.is_held(nothing, _bonuses.c.employee_id)


def amount_on(order_id: int) -> int:
    """What the plan pays for an order's hand-over (row number); 0 for nothing."""
    amount = db.session.scalar(sa.select(_bonuses.c.amount).where(_bonuses.c.order_id == order_id))
    return amount or 0
