"""Commission goes to others: what is left of the old is taken back, the new is accrued anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.service import CreditFacts
from storefront.commissions import budgets, service
from storefront.commissions.book import Posting, post
from storefront.commissions.models import Account, Accrual, TransactionKind
from storefront.commissions.rules import Buyer
from storefront.commissions.service import Moved, Returned
from storefront.core.database import db
from storefront.customers.models import Customer
from storefront.orders.handling import OrderFacts
from storefront.orders.models import Order, OrderLine, OrderState

_accruals = cast(sa.Table, Accrual.__table__)
_customers = cast(sa.Table, Customer.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)


@dataclass(frozen=True, slots=True)
class Reattributed:
    """What moved: taken back from the old earners, and accrued and reversed for the new."""

    accrued: list[Moved]
    reversed: list[Moved]


def reattribute(
    order: OrderFacts,
    returned: Sequence[Returned],
    credited: Sequence[CreditFacts],
    cause: str,
    now: datetime,
) -> Reattributed:
    """Replace the accruals that stand on the lines in `returned` by those of new credits.

    What is left of an old accrual is taken back wherever it is: held, due, or paid out, which
    makes a debt on `payable`, carried forward in sight. A new one follows the plan in force at the
    order, is reversed for the pieces that are back already, and falls due when the old one did.
    `cause` names the decision, once: the book refuses it a second time.
    """
    lines = [line.order_line_id for line in returned]
    taken_back = _take_back(lines, cause, order.currency, now)
    buyer = _buyer_of(order)
    accrued = service.accrue(order, credited, buyer, now, cause=f"{cause}:accrual")
    undone = service.reverse(returned, f"{cause}:returned", order.currency, now)
    if order.handed_over_at is not None:
        service.start_hold(order.id, order.handed_over_at)
    return Reattributed(accrued, [*taken_back, *undone])


def pieces_back(order: OrderFacts, order_line_ids: Collection[int]) -> list[Returned]:
    """How much of an order's lines is back already: all of it, once it is cancelled."""
    rows = db.session.execute(
        sa.select(_lines.c.id, _lines.c.quantity, _lines.c.returned_quantity)
        .where(_lines.c.id.in_(order_line_ids))
        .order_by(_lines.c.id)
    )
    cancelled = order.state is OrderState.CANCELLED
    return [
        Returned(row.id, row.quantity if cancelled else row.returned_quantity, row.quantity)
        for row in rows
    ]


def _buyer_of(order: OrderFacts) -> Buyer:
    """What the customer was, as the order's accruals froze it.

    If nobody earned on it until now, the customer's own first payment says so; but a bonus that
    was earned with another order of theirs is not earned again.
    """
    frozen = db.session.scalar(
        sa.select(_accruals.c.buyer)
        .where(_accruals.c.order_id == order.id)
        .order_by(_accruals.c.id)
        .limit(1)
    )
    if frozen is not None or order.customer_id is None:
        return frozen or Buyer.UNKNOWN
    is_first = db.session.scalar(
        sa.select(_customers.c.first_paid_at == _orders.c.paid_at)
        .join(_orders, _orders.c.customer_id == _customers.c.id)
        .where(_orders.c.id == order.id)
    )
    if not is_first:
        return Buyer.RETURNING
    elsewhere = (
        sa.exists()
        .where(_orders.c.id == _accruals.c.order_id, _accruals.c.bonus > 0)
        .where(_orders.c.customer_id == order.customer_id)
    )
    return Buyer.NEW_TOLD_LATE if db.session.scalar(sa.select(elsewhere)) else Buyer.NEW


def _take_back(
    order_line_ids: Sequence[int], cause: str, currency: str, now: datetime
) -> list[Moved]:
    standing = db.session.execute(
        sa.select(_accruals)
        .where(
            _accruals.c.order_line_id.in_(order_line_ids),
            _accruals.c.superseded_at.is_(None),
        )
        .order_by(_accruals.c.id)
        .with_for_update()
    ).all()
    if not standing:
        return []
    boosts: dict[int, int] = defaultdict(int)
    for accrual in standing:
        if accrual.booster_id is not None:
            boosts[accrual.booster_id] += accrual.boost
    budgets.give_back(boosts, {accrual.plan_id for accrual in standing})
    db.session.execute(
        sa.update(_accruals)
        .where(_accruals.c.id.in_([accrual.id for accrual in standing]))
        .values(reversed=_accruals.c.amount, superseded_at=now)
    )
    postings = [_taking(accrual, cause, now) for accrual in standing]
    post(
        TransactionKind.REATTRIBUTION,
        cause,
        [*postings, *service.expenses(cause, postings, now)],
        currency,
        now,
    )
    return [
        Moved(accrual.employee_id, accrual.store_id, accrual.amount - accrual.reversed)
        for accrual in standing
    ]


def _taking(accrual: sa.Row[*tuple[Any, ...]], cause: str, now: datetime) -> Posting:
    return Posting(
        f"{cause}:accrual:{accrual.id}",
        Account.PAYABLE if accrual.released_at else Account.HELD,
        accrual.employee_id,
        accrual.reversed - accrual.amount,
        now,
        accrual.id,
    )
