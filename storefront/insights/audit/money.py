"""Money in and back: captured for an order or refunded, never kept twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from storefront.insights.audit.invariant import Asked, differs, or_nothing, query, unless
from storefront.insights.audit.tables import events, orders, payments, refunds, returns
from storefront.integrations.payments.base import NoticeKind
from storefront.orders.models import OrderState
from storefront.payments.models import EventState, PaymentState

Question = sa.Select[*tuple[Any, ...]]

GRACE = timedelta(minutes=15)
"""How long money may be without an order or a refund: a gateway's message may come first."""

_captured = payments.c.state == PaymentState.CAPTURED


def _refunded() -> sa.Subquery:
    """What goes back on each payment, sent already or not."""
    return (
        sa.select(refunds.c.payment_id, sa.func.sum(refunds.c.amount).label("amount"))
        .group_by(refunds.c.payment_id)
        .subquery()
    )


def refunded_beyond_captured(_: Asked) -> Question:
    """The refunds of a payment never exceed what was captured."""
    refunded = _refunded()
    return (
        sa.select(
            payments.c.public_id.label("payment"),
            payments.c.captured_amount,
            refunded.c.amount.label("refunded"),
        )
        .join(refunded, refunded.c.payment_id == payments.c.id)
        .where(unless(refunded.c.amount <= payments.c.captured_amount))
    )


def refunds_unlike_their_payment(_: Asked) -> Question:
    """A refund is of its payment's order and in its currency."""
    return (
        sa.select(
            refunds.c.public_id.label("refund"),
            refunds.c.amount,
            refunds.c.currency,
            payments.c.public_id.label("payment"),
        )
        .outerjoin(payments, payments.c.id == refunds.c.payment_id)
        .where(
            sa.or_(
                differs(refunds.c.order_id, payments.c.order_id),
                differs(refunds.c.currency, payments.c.currency),
            )
        )
    )


def paid_without_capture(_: Asked) -> Question:
    """A paid order has a payment that captured its whole total."""
    in_full = sa.exists().where(
        payments.c.order_id == orders.c.id,
        _captured,
        payments.c.captured_amount == orders.c.total,
        payments.c.currency == orders.c.currency,
    )
    return sa.select(orders.c.number, orders.c.state, orders.c.paid_at, orders.c.total).where(
        sa.or_(
            orders.c.paid_at.is_not(None),
            orders.c.state.in_([OrderState.PAID, OrderState.HANDED_OVER]),
        ),
        ~in_full,
    )


def payments_out_of_step(_: Asked) -> Question:
    """A payment has captured all of its amount, or nothing."""
    amount, when = payments.c.captured_amount, payments.c.captured_at
    return sa.select(
        payments.c.public_id.label("payment"), payments.c.state, payments.c.amount, amount, when
    ).where(
        sa.or_(
            sa.and_(_captured, sa.or_(differs(amount, payments.c.amount), when.is_(None))),
            sa.and_(~_captured, sa.or_(differs(amount, 0), when.is_not(None))),
            payments.c.state.not_in(list(PaymentState)),
        )
    )


def captured_without_order(asked: Asked) -> Question:
    """Money that came for an order that is not to be delivered goes back within 15 minutes."""
    refunded = _refunded()
    return (
        sa.select(
            payments.c.public_id.label("payment"),
            payments.c.captured_amount,
            payments.c.captured_at,
            refunded.c.amount.label("refunded"),
            orders.c.number,
            orders.c.state,
        )
        .outerjoin(orders, orders.c.id == payments.c.order_id)
        .outerjoin(refunded, refunded.c.payment_id == payments.c.id)
        .where(
            _captured,
            sa.or_(payments.c.captured_at.is_(None), payments.c.captured_at <= asked.now - GRACE),
            sa.or_(
                orders.c.id.is_(None),
                orders.c.state.in_([OrderState.AWAITING_PAYMENT, OrderState.CANCELLED]),
            ),
            or_nothing(refunded.c.amount) < payments.c.captured_amount,
        )
    )


def captures_not_understood(asked: Asked) -> Question:
    """No gateway's message about money waits for its payment for more than 15 minutes."""
    return sa.select(events.c.gateway, events.c.event_id, events.c.received_at).where(
        events.c.state == EventState.WAITING,
        events.c.kind == NoticeKind.CAPTURED.value,
        events.c.received_at <= asked.now - GRACE,
    )


def captured_twice_and_kept(_: Asked) -> Question:
    """All that was captured for an order after its first payment is refunded."""
    earlier = payments.alias("earlier")
    refunded = _refunded()
    came_later = sa.exists().where(
        earlier.c.order_id == payments.c.order_id,
        earlier.c.state == PaymentState.CAPTURED,
        sa.or_(
            earlier.c.captured_at < payments.c.captured_at,
            sa.and_(earlier.c.captured_at == payments.c.captured_at, earlier.c.id < payments.c.id),
        ),
    )
    return (
        sa.select(
            payments.c.public_id.label("payment"),
            payments.c.order_id,
            payments.c.captured_amount,
            refunded.c.amount.label("refunded"),
        )
        .outerjoin(refunded, refunded.c.payment_id == payments.c.id)
        .where(_captured, came_later, or_nothing(refunded.c.amount) < payments.c.captured_amount)
    )


def open_attempts_twice(_: Asked) -> Question:
    """An order has at most one attempt to pay that may still succeed."""
    live = [PaymentState.OPENING, PaymentState.OPEN]
    return (
        sa.select(payments.c.order_id, sa.func.count().label("attempts"))
        .where(payments.c.state.in_(live))
        .group_by(payments.c.order_id)
        .having(sa.func.count() > 1)
    )


def cancelled_and_kept(_: Asked) -> Question:
    """A paid order that was cancelled is refunded whole."""
    refunded = _refunded()
    kept = sa.func.sum(payments.c.captured_amount - or_nothing(refunded.c.amount))
    return (
        sa.select(orders.c.number, orders.c.cancelled_at, kept.label("kept"))
        .join(payments, payments.c.order_id == orders.c.id)
        .outerjoin(refunded, refunded.c.payment_id == payments.c.id)
        .where(orders.c.state == OrderState.CANCELLED, orders.c.paid_at.is_not(None), _captured)
        .group_by(orders.c.id, orders.c.number, orders.c.cancelled_at)
        .having(differs(kept, 0))
    )


def returns_without_refund(_: Asked) -> Question:
    """What a return promises to pay back is a refund of that amount."""
    return (
        sa.select(
            returns.c.public_id.label("return"),
            returns.c.order_id,
            returns.c.refund_amount,
            refunds.c.amount.label("refunded"),
        )
        .outerjoin(refunds, refunds.c.return_id == returns.c.id)
        .where(differs(or_nothing(refunds.c.amount), returns.c.refund_amount))
    )


INVARIANTS = (
    query(12, "refunds within captured", refunded_beyond_captured),
    query(12, "refunds fit their payment", refunds_unlike_their_payment),
    query(12, "returns are refunded", returns_without_refund),
    query(13, "paid means captured in full", paid_without_capture),
    query(13, "payments capture all or nothing", payments_out_of_step),
    query(14, "no money without an order", captured_without_order),
    query(14, "no captured message left waiting", captures_not_understood),
    query(14, "cancelled orders are refunded", cancelled_and_kept),
    query(15, "nothing captured twice and kept", captured_twice_and_kept),
    query(15, "one open attempt per order", open_attempts_twice),
)
