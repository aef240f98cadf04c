"""Payments, refunds and the inbox of gateway events."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Amount, Base, Id
from storefront.orders.models import Order, Return


class PaymentState(StrEnum):
    """Where an attempt to pay stands."""

    OPENING = "opening"
    OPEN = "open"
    CAPTURED = "captured"
    FAILED = "failed"
    CLOSED = "closed"


PAYMENT_TRANSITIONS: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.OPENING: frozenset(
        {PaymentState.OPEN, PaymentState.CAPTURED, PaymentState.FAILED, PaymentState.CLOSED}
    ),
    PaymentState.OPEN: frozenset({PaymentState.CAPTURED, PaymentState.FAILED, PaymentState.CLOSED}),
    PaymentState.FAILED: frozenset({PaymentState.CAPTURED}),
    PaymentState.CLOSED: frozenset({PaymentState.CAPTURED}),
    PaymentState.CAPTURED: frozenset(),
}
"""Money can arrive on an attempt that we gave up: it is captured, and then paid back."""


class Payment(Base):
    """One attempt to pay one order."""

    __tablename__ = "payments"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    gateway: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    """Our number for it at the gateway; never used for a second attempt."""
    amount: Mapped[Amount]
    currency: Mapped[str]
    state: Mapped[PaymentState]
    captured_amount: Mapped[Amount] = mapped_column(default=0)
    pay_url: Mapped[str] = mapped_column(default="")
    gateway_reference: Mapped[str] = mapped_column(default="")
    payer_openid: Mapped[str] = mapped_column(default="", server_default="")
    """A fingerprint of the account that paid, as the gateway tells it; empty if it does not."""
    payer_card: Mapped[str] = mapped_column(default="", server_default="")
    """The same of the card."""
    opened_at: Mapped[datetime]
    captured_at: Mapped[datetime | None]
    __table_args__ = (
        sa.Index(
            "uq_payments_open_order_id",
            "order_id",
            unique=True,
            sqlite_where=sa.text("state IN ('opening', 'open')"),
            postgresql_where=sa.text("state IN ('opening', 'open')"),
        ),
        sa.CheckConstraint("captured_amount >= 0", name="captured_not_negative"),
    )


class RefundReason(StrEnum):
    """Why money goes back."""

    RETURN = "return"
    CANCELLED = "cancelled"
    LATE_PAYMENT = "late_payment"
    SURPLUS_PAYMENT = "surplus_payment"


class RefundState(StrEnum):
    """Where a refund stands."""

    WAITING = "waiting"
    SENT = "sent"
    PAID_BACK = "paid_back"
    FAILED = "failed"


class Refund(Base):
    """Money that goes back on a payment."""

    __tablename__ = "refunds"
    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    payment_id: Mapped[int] = mapped_column(sa.ForeignKey(Payment.id), index=True)
    order_id: Mapped[int] = mapped_column(sa.ForeignKey(Order.id), index=True)
    return_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Return.id), unique=True)
    cause: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str] = mapped_column(unique=True)
    """Our number for it at the gateway, the same at every try."""
    reason: Mapped[RefundReason]
    amount: Mapped[Amount]
    currency: Mapped[str]
    state: Mapped[RefundState]
    created_at: Mapped[datetime]
    paid_back_at: Mapped[datetime | None]
    __table_args__ = (sa.CheckConstraint("amount > 0", name="amount_positive"),)


class EventState(StrEnum):
    """What became of a gateway's message."""

    WAITING = "waiting"
    """Nothing of ours is known for it yet: tried again later."""
    APPLIED = "applied"
    WITHOUT_EFFECT = "without_effect"
    """True, but it changes nothing: a repetition, or older than what we know."""
    SET_ASIDE = "set_aside"
    """Authentic but wrong (amount, currency, merchant, app, order): a person must look."""


class GatewayEvent(Base):
    """A verified message of a gateway, kept once, as it came."""

    __tablename__ = "gateway_events"
    id: Mapped[Id]
    gateway: Mapped[str]
    event_id: Mapped[str]
    kind: Mapped[str]
    body: Mapped[bytes]
    received_at: Mapped[datetime]
    state: Mapped[EventState]
    problem: Mapped[str] = mapped_column(default="")
    applied_at: Mapped[datetime | None]
    __table_args__ = (sa.UniqueConstraint("gateway", "event_id"),)
