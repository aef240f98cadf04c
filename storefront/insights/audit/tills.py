"""Tills: what they told stands once, under their own number, and fits the order it became."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.insights.audit.invariant import Asked, differs, query, unless
from storefront.insights.audit.tables import orders, payments, refunds, returns, till_records
from storefront.orders.models import Door, OrderState, TillDeed
from storefront.payments.models import RefundState
from storefront.payments.service import TILL

Question = sa.Select[*tuple[Any, ...]]


def orders_of_no_till(_: Asked) -> Question:
    """A till's order is of one receipt, with its store and time, paid and handed over at once."""
    at = orders.c.placed_at
    whole = sa.and_(
        till_records.c.store_id == orders.c.store_id,
        till_records.c.happened_at == at,
        orders.c.paid_at == at,
        orders.c.handed_over_at == at,
        orders.c.state == OrderState.HANDED_OVER,
        orders.c.cart_id.is_(None),
    )
    online = sa.and_(
        till_records.c.id.is_(None),
        orders.c.store_id.is_(None),
        orders.c.cart_id.is_not(None),
        orders.c.customer_id.is_not(None),
    )
    fits = sa.or_(
        sa.and_(orders.c.door == Door.TILL, whole), sa.and_(orders.c.door == Door.ONLINE, online)
    )
    return (
        sa.select(orders.c.number, orders.c.door, till_records.c.number.label("receipt"))
        .outerjoin(
            till_records,
            sa.and_(till_records.c.order_id == orders.c.id, till_records.c.deed == TillDeed.SALE),
        )
        .where(unless(fits))
    )


def receipts_of_nothing(_: Asked) -> Question:
    """A receipt's number stands for one sale, or for one return of the sale it names."""
    of_return = sa.and_(
        till_records.c.deed == TillDeed.RETURN,
        returns.c.order_id == till_records.c.order_id,
        returns.c.at == till_records.c.happened_at,
    )
    of_sale = sa.and_(till_records.c.deed == TillDeed.SALE, till_records.c.return_id.is_(None))
    twice = (
        sa.select(till_records.c.order_id)
        .where(till_records.c.deed == TillDeed.SALE)
        .group_by(till_records.c.order_id)
        .having(sa.func.count() > 1)
    )
    return (
        sa.select(till_records.c.store_id, till_records.c.number, till_records.c.deed)
        .outerjoin(orders, orders.c.id == till_records.c.order_id)
        .outerjoin(returns, returns.c.id == till_records.c.return_id)
        .where(
            sa.or_(
                unless(sa.or_(of_sale, of_return)),
                differs(orders.c.door, Door.TILL),
                sa.and_(of_sale, till_records.c.order_id.in_(twice)),
            )
        )
    )


def returns_of_no_till(_: Asked) -> Question:
    """What came back of a till's sale came back at a till."""
    return (
        sa.select(returns.c.public_id.label("return"), orders.c.number)
        .join(orders, orders.c.id == returns.c.order_id)
        .outerjoin(till_records, till_records.c.return_id == returns.c.id)
        .where(orders.c.door == Door.TILL, till_records.c.id.is_(None))
    )


def till_money_elsewhere(_: Asked) -> Question:
    """What was paid at a till was paid by no gateway, and went back there at once."""
    at_till = orders.c.door == Door.TILL
    owed = sa.exists().where(
        refunds.c.payment_id == payments.c.id, refunds.c.state != RefundState.PAID_BACK
    )
    return (
        sa.select(payments.c.public_id.label("payment"), payments.c.gateway, orders.c.number)
        .join(orders, orders.c.id == payments.c.order_id)
        .where(sa.or_((payments.c.gateway == TILL) != at_till, sa.and_(at_till, owed)))
    )


INVARIANTS = (
    query(13, "till's money stays at the till", till_money_elsewhere),
    query(22, "till's orders have their receipt", orders_of_no_till),
    query(22, "receipts stand for one deed", receipts_of_nothing),
    query(22, "till's returns have their receipt", returns_of_no_till),
)
