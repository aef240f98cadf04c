"""Payments: attempts opened, announced to their gateway, captured or given up.

Verbs that change rows join the caller's transaction. `announce` talks to a gateway; it does so
between transactions and holds no lock while it waits.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.core.database import changed_rows, db, transaction
from storefront.core.ids import public_id, random_text
from storefront.integrations.payments.base import (
    ChargeRequest,
    Gateway,
    Notice,
    Payer,
)
from storefront.payments.models import (
    PAYMENT_TRANSITIONS,
    Payment,
    PaymentState,
    Refund,
)

log = logging.getLogger(__name__)

_payments = cast(sa.Table, Payment.__table__)
_refunds = cast(sa.Table, Refund.__table__)

TILL = "till"
"""Stands for the gateway of what was paid at a till."""

CAPTURABLE = frozenset(
    state for state, later in PAYMENT_TRANSITIONS.items() if PaymentState.CAPTURED in later
)
LIVE = (PaymentState.OPENING, PaymentState.OPEN)


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """What the story needs to know of a payment."""

    id: int
    public_id: str
    order_id: int
    gateway: str
    reference: str
    amount: int
    currency: str
    state: PaymentState
    captured_amount: int
    pay_url: str


_FACTS = (
    _payments.c.id,
    _payments.c.public_id,
    _payments.c.order_id,
    _payments.c.gateway,
    _payments.c.reference,
    _payments.c.amount,
    _payments.c.currency,
    _payments.c.state,
    _payments.c.captured_amount,
    _payments.c.pay_url,
)
_OF_REFERENCE = _payments.c.reference == sa.bindparam("of_reference")

_ANNOUNCE = sa.update(_payments).where(_OF_REFERENCE, _payments.c.state == PaymentState.OPENING)
_LATEST_OF = (
    sa.select(*_FACTS)
    .where(_payments.c.order_id == sa.bindparam("order_id"))
    .order_by(_payments.c.id.desc())
    .limit(1)
)
_LOCKED = sa.select(*_FACTS).where(_OF_REFERENCE).with_for_update()
_ORDER_OF = sa.select(_payments.c.order_id).where(_OF_REFERENCE)
_CAPTURE = (
    sa.update(_payments)
    .where(_payments.c.id == sa.bindparam("of_payment"), _payments.c.state.in_(CAPTURABLE))
    .values(
        state=PaymentState.CAPTURED,
        captured_amount=_payments.c.amount,
        captured_at=sa.bindparam("now"),
        payer_openid=sa.bindparam("openid"),
        payer_card=sa.bindparam("card"),
    )
)
_CLOSE = sa.update(_payments).where(_payments.c.state.in_(LIVE))
_CLOSE_ONE = _CLOSE.where(_payments.c.id == sa.bindparam("key"))
_CLOSE_ALL_OF = _CLOSE.where(_payments.c.order_id == sa.bindparam("key"))
_LOCKED_CAPTURED = (
    sa.select(*_FACTS)
    .where(
        _payments.c.order_id == sa.bindparam("order_id"),
        _payments.c.state == PaymentState.CAPTURED,
    )
    .order_by(_payments.c.captured_at, _payments.c.id)
    .limit(1)
    .with_for_update()
)


def open_attempt(
    order_id: int, amount: int, currency: str, gateway: Gateway, now: datetime
) -> PaymentFacts:
    """Write an attempt to pay; the gateway hears of it by `announce`, after the commit.

    The database allows one live attempt per order.
    """
    facts = PaymentFacts(
        id=0,
        public_id=public_id("pay"),
        order_id=order_id,
        gateway=gateway.name,
        reference=random_text(24),
        amount=amount,
        currency=currency,
        state=PaymentState.OPENING,
        captured_amount=0,
        pay_url="",
    )
    db.session.execute(
        sa.insert(_payments),
        {
            "public_id": facts.public_id,
            "order_id": order_id,
            "gateway": gateway.name,
            "reference": facts.reference,
            "amount": amount,
            "currency": currency,
            "state": PaymentState.OPENING,
            "captured_amount": 0,
            "pay_url": "",
            "gateway_reference": "",
            "opened_at": now,
        },
    )
    return facts


def take_at_till(order_id: int, amount: int, currency: str, at: datetime) -> None:
    """Write that an order was paid in full at a till at `at`. No gateway has to do with it."""
    db.session.execute(
        sa.insert(_payments),
        {
            "public_id": public_id("pay"),
            "order_id": order_id,
            "gateway": TILL,
            "reference": random_text(24),
            "amount": amount,
            "currency": currency,
            "state": PaymentState.CAPTURED,
            "captured_amount": amount,
            "pay_url": "",
            "gateway_reference": "",
            "opened_at": at,
            "captured_at": at,
        },
    )


def announce(payment: PaymentFacts, subject: str, return_url: str, gateway: Gateway) -> str:
    """Tell the gateway of an attempt and return the address where the customer pays.

    Saying it twice is harmless: the reference is the same. Raises GatewayDown.
    """
    if payment.state is PaymentState.OPEN:
        return payment.pay_url
    charge = gateway.open_charge(
        ChargeRequest(payment.reference, payment.amount, payment.currency, subject, return_url)
    )
    with transaction() as session:
        session.execute(
            _ANNOUNCE,
            {
                "of_reference": payment.reference,
                "state": PaymentState.OPEN,
                "pay_url": charge.pay_url,
                "gateway_reference": charge.gateway_reference,
            },
        )
    return charge.pay_url


def latest_of(order_id: int) -> PaymentFacts | None:
    """The order's newest attempt, whatever became of it."""
    row = db.session.execute(_LATEST_OF, {"order_id": order_id}).one_or_none()
    return PaymentFacts(*row) if row else None


def lock_by_reference(reference: str) -> PaymentFacts | None:
    """The attempt that a gateway speaks of, locked; None if we know none such."""
    row = db.session.execute(_LOCKED, {"of_reference": reference}).one_or_none()
    return PaymentFacts(*row) if row else None


def order_of(reference: str) -> int | None:
    """The order that an attempt is for, without a lock."""
    return db.session.scalar(_ORDER_OF, {"of_reference": reference})


def mismatch(payment: PaymentFacts, notice: Notice, gateway: Gateway) -> str | None:
    """What an authentic message about a charge gets wrong; None if it fits the attempt."""
    compared = {
        "gateway": (payment.gateway, gateway.name),
        "merchant": (gateway.merchant, notice.merchant),
        "app": (gateway.app, notice.app),
        "currency": (payment.currency, notice.currency),
        "amount": (payment.amount, notice.amount),
    }
    wrong = [
        f"{name}: expected {ours!r}, got {theirs!r}"
        for name, (ours, theirs) in compared.items()
        if ours != theirs
    ]
    return "; ".join(wrong) or None


def capture(payment: PaymentFacts, payer: Payer, now: datetime) -> bool:
    """Note that the money is here, and from whom; False if that was known."""
    captured = db.session.execute(
        _CAPTURE,
        {"of_payment": payment.id, "now": now, "openid": payer.openid, "card": payer.card},
    )
    return changed_rows(captured) == 1


def fail(payment: PaymentFacts) -> bool:
    """Note that an attempt failed; False if it is over already."""
    return _close(_CLOSE_ONE, payment.id, PaymentState.FAILED)


def close_attempts(order_id: int) -> None:
    """Give up the live attempt of an order that was cancelled."""
    _close(_CLOSE_ALL_OF, order_id, PaymentState.CLOSED)


def _close(statement: sa.Update, key: int, state: PaymentState) -> bool:
    closed = db.session.execute(statement, {"key": key, "state": state})
    return changed_rows(closed) == 1


def lock_captured(order_id: int) -> PaymentFacts | None:
    """The first captured payment of an order, locked: the one that paid it."""
    row = db.session.execute(_LOCKED_CAPTURED, {"order_id": order_id}).one_or_none()
    return PaymentFacts(*row) if row else None


def unsettled(opened_before: datetime, limit: int) -> list[PaymentFacts]:
    """Live attempts older than that, to ask the gateway about: notices do get lost."""
    rows = db.session.execute(
        sa.select(*_FACTS)
        .where(_payments.c.state == PaymentState.OPEN, _payments.c.opened_at < opened_before)
        .order_by(_payments.c.id)
        .limit(limit)
    )
    return [PaymentFacts(*row) for row in rows]
