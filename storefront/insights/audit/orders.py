"""Orders: sums, states, and what came back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.insights.audit.invariant import Asked, differs, or_nothing, query, unless
from storefront.insights.audit.shares import part_so_far
from storefront.insights.audit.tables import customers, lines, orders, return_lines, returns
from storefront.orders.models import CancelReason, Door, OrderState

Question = sa.Select[*tuple[Any, ...]]


def orders_unlike_their_lines(_: Asked) -> Question:
    """Lines and shipping sum to the order, and every order has lines."""
    sums = (
        sa.select(lines.c.order_id, sa.func.sum(lines.c.net).label("net"))
        .group_by(lines.c.order_id)
        .subquery()
    )
    return (
        sa.select(
            orders.c.number,
            orders.c.total,
            orders.c.lines_total,
            orders.c.shipping_total,
            sums.c.net.label("sum_of_lines"),
        )
        .outerjoin(sums, sums.c.order_id == orders.c.id)
        .where(
            sa.or_(
                differs(sums.c.net, orders.c.lines_total),
                differs(orders.c.lines_total + orders.c.shipping_total, orders.c.total),
                orders.c.shipping_total < 0,
            )
        )
    )


def lines_at_another_price(_: Asked) -> Question:
    """A line costs its price times its pieces less its discount, and never less than nothing.

    A till tells only what a line came to: at most its price times its pieces.
    """
    full = lines.c.unit_price * lines.c.quantity
    return (
        sa.select(
            lines.c.order_id,
            lines.c.position,
            lines.c.unit_price,
            lines.c.quantity,
            lines.c.discount,
            lines.c.net,
        )
        .join(orders, orders.c.id == lines.c.order_id)
        .where(
            unless(
                sa.and_(
                    lines.c.quantity > 0,
                    lines.c.net >= 0,
                    lines.c.discount >= 0,
                    sa.case(
                        (
                            orders.c.door == Door.TILL,
                            sa.and_(lines.c.net <= full, lines.c.discount == 0),
                        ),
                        else_=lines.c.net == full - lines.c.discount,
                    ),
                )
            )
        )
    )


def orders_out_of_step(_: Asked) -> Question:
    """An order's state and its times tell the same story."""
    state = orders.c.state
    paid, handed_over, cancelled = (
        orders.c.paid_at.is_not(None),
        orders.c.handed_over_at.is_not(None),
        orders.c.cancelled_at.is_not(None),
    )
    has_reason = orders.c.cancel_reason != CancelReason.NOT_CANCELLED
    fits = sa.or_(
        sa.and_(state == OrderState.AWAITING_PAYMENT, ~paid, ~handed_over, ~cancelled, ~has_reason),
        sa.and_(state == OrderState.PAID, paid, ~handed_over, ~cancelled, ~has_reason),
        sa.and_(state == OrderState.HANDED_OVER, paid, handed_over, ~cancelled, ~has_reason),
        sa.and_(state == OrderState.CANCELLED, ~handed_over, cancelled, has_reason),
    )
    return sa.select(
        orders.c.number,
        state,
        orders.c.paid_at,
        orders.c.handed_over_at,
        orders.c.cancelled_at,
        orders.c.cancel_reason,
    ).where(unless(fits))


def lines_unlike_their_returns(_: Asked) -> Question:
    """What came back of a line, in pieces and money, is the sum of its returns.

    The money is the pieces' part of what was paid; only a till may have paid back something else.
    """
    sums = (
        sa.select(
            return_lines.c.order_line_id,
            sa.func.sum(return_lines.c.quantity).label("pieces"),
            sa.func.sum(return_lines.c.amount).label("amount"),
        )
        .group_by(return_lines.c.order_line_id)
        .subquery()
    )
    worth = part_so_far(lines.c.net, lines.c.returned_quantity, lines.c.quantity)
    return (
        sa.select(
            lines.c.order_id,
            lines.c.position,
            lines.c.quantity,
            lines.c.returned_quantity,
            sums.c.pieces.label("pieces_in_returns"),
            sums.c.amount.label("refunded"),
            worth.label("expected"),
        )
        .join(orders, orders.c.id == lines.c.order_id)
        .outerjoin(sums, sums.c.order_line_id == lines.c.id)
        .where(
            sa.or_(
                differs(or_nothing(sums.c.pieces), lines.c.returned_quantity),
                sa.and_(orders.c.door != Door.TILL, differs(or_nothing(sums.c.amount), worth)),
                unless(or_nothing(sums.c.amount).between(0, lines.c.net)),
                lines.c.returned_quantity > lines.c.quantity,
            )
        )
    )


def returns_unlike_their_lines(_: Asked) -> Question:
    """A return pays back the sum of its lines, of an order that was handed over."""
    sums = (
        sa.select(return_lines.c.return_id, sa.func.sum(return_lines.c.amount).label("amount"))
        .group_by(return_lines.c.return_id)
        .subquery()
    )
    return (
        sa.select(
            returns.c.public_id.label("return"),
            orders.c.number,
            orders.c.state,
            returns.c.refund_amount,
            sums.c.amount.label("sum_of_lines"),
        )
        .outerjoin(orders, orders.c.id == returns.c.order_id)
        .outerjoin(sums, sums.c.return_id == returns.c.id)
        .where(
            sa.or_(
                differs(sums.c.amount, returns.c.refund_amount),
                differs(orders.c.state, OrderState.HANDED_OVER),
            )
        )
    )


def returns_of_other_orders(_: Asked) -> Question:
    """A return takes back lines of its own order only."""
    return (
        sa.select(
            returns.c.public_id.label("return"),
            returns.c.order_id,
            lines.c.order_id.label("order_of_line"),
        )
        .join(return_lines, return_lines.c.return_id == returns.c.id)
        .join(lines, lines.c.id == return_lines.c.order_line_id)
        .where(lines.c.order_id != returns.c.order_id)
    )


def customers_without_first_payment(_: Asked) -> Question:
    """A customer's first payment is noted once they have paid, and is their earliest order's."""
    paid = sa.exists().where(orders.c.customer_id == customers.c.id, orders.c.paid_at.is_not(None))
    paid_then = sa.exists().where(
        orders.c.customer_id == customers.c.id, orders.c.paid_at == customers.c.first_paid_at
    )
    paid_before = sa.exists().where(
        orders.c.customer_id == customers.c.id, orders.c.paid_at < customers.c.first_paid_at
    )
    return sa.select(customers.c.public_id.label("customer"), customers.c.first_paid_at).where(
        sa.or_(
            sa.and_(customers.c.first_paid_at.is_(None), paid),
            sa.and_(customers.c.first_paid_at.is_not(None), ~paid_then),
            paid_before,
        )
    )


INVARIANTS = (
    query(2, "lines know what came back", lines_unlike_their_returns),
    query(2, "returns are the sum of their lines", returns_unlike_their_lines),
    query(2, "returns are of their order's lines", returns_of_other_orders),
    query(16, "orders are the sum of their lines", orders_unlike_their_lines),
    query(16, "lines cost what they cost", lines_at_another_price),
    query(22, "orders' states fit their times", orders_out_of_step),
    query(22, "first payments are noted", customers_without_first_payment),
)
