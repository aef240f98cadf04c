"""Coupons: what they took off, and how often they were used."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.insights.audit.invariant import Asked, differs, or_nothing, query, unless
from storefront.insights.audit.tables import coupon_uses, coupons, lines, orders
from storefront.orders.coupon_models import UseState
from storefront.orders.models import OrderState

Question = sa.Select[*tuple[Any, ...]]


def discounts_unlike_their_lines(_: Asked) -> Question:
    """An order's discount is the sum of its lines', and comes from a coupon."""
    sums = (
        sa.select(lines.c.order_id, sa.func.sum(lines.c.discount).label("discount"))
        .group_by(lines.c.order_id)
        .subquery()
    )
    return (
        sa.select(
            orders.c.number,
            orders.c.discount_total,
            sums.c.discount.label("sum_of_lines"),
            orders.c.coupon_id,
        )
        .outerjoin(sums, sums.c.order_id == orders.c.id)
        .where(
            sa.or_(
                differs(or_nothing(sums.c.discount), orders.c.discount_total),
                differs(orders.c.discount_total > 0, orders.c.coupon_id.is_not(None)),
            )
        )
    )


def orders_unlike_their_use(_: Asked) -> Question:
    """An order with a coupon has one use of it, of its customer and discount.

    The use is given back when, and only when, nothing came of the order.
    """
    stands = sa.case((orders.c.state == OrderState.CANCELLED, "given_back"), else_="live")
    return (
        sa.select(
            orders.c.number,
            orders.c.state,
            orders.c.coupon_id,
            coupon_uses.c.coupon_id.label("used"),
            coupon_uses.c.state.label("use"),
            coupon_uses.c.amount,
        )
        .outerjoin(coupon_uses, coupon_uses.c.order_id == orders.c.id)
        .where(
            sa.or_(orders.c.coupon_id.is_not(None), coupon_uses.c.id.is_not(None)),
            unless(
                sa.and_(
                    coupon_uses.c.coupon_id == orders.c.coupon_id,
                    coupon_uses.c.customer_id == orders.c.customer_id,
                    coupon_uses.c.amount == orders.c.discount_total,
                    sa.type_coerce(coupon_uses.c.state, sa.String()) == stands,
                )
            ),
        )
    )


def coupons_unlike_their_uses(_: Asked) -> Question:
    """A coupon counts the orders that hold one, and they are not more than it allows."""
    held = (
        sa.select(coupon_uses.c.coupon_id, sa.func.count().label("uses"))
        .where(coupon_uses.c.state == UseState.LIVE)
        .group_by(coupon_uses.c.coupon_id)
        .subquery()
    )
    return (
        sa.select(
            coupons.c.public_id.label("coupon"),
            coupons.c.uses,
            held.c.uses.label("orders"),
            coupons.c.most_uses,
        )
        .outerjoin(held, held.c.coupon_id == coupons.c.id)
        .where(
            sa.or_(
                differs(or_nothing(held.c.uses), coupons.c.uses),
                coupons.c.uses > coupons.c.most_uses,
            )
        )
    )


def customers_with_too_many_uses(_: Asked) -> Question:
    """No customer uses a coupon more often than one may."""
    return (
        sa.select(
            coupons.c.public_id.label("coupon"),
            coupon_uses.c.customer_id,
            sa.func.count().label("orders"),
            coupons.c.most_uses_each,
        )
        .join(coupons, coupons.c.id == coupon_uses.c.coupon_id)
        .where(coupon_uses.c.state == UseState.LIVE)
        .group_by(coupons.c.public_id, coupon_uses.c.customer_id, coupons.c.most_uses_each)
        .having(sa.func.count() > coupons.c.most_uses_each)
    )


INVARIANTS = (
    query(16, "discounts are the sum of their lines", discounts_unlike_their_lines),
    query(26, "orders use the coupon they hold", orders_unlike_their_use),
    query(26, "coupons count their uses", coupons_unlike_their_uses),
    query(26, "customers use a coupon as often as they may", customers_with_too_many_uses),
)
