"""Payments and refunds: attempts opened, money captured, money sent back.

Verbs that change rows join the caller's transaction. The two that talk to a gateway, `announce` and
`send_refund`, do so between transactions and hold no lock while they wait.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.core import jobs
from storefront.core.database import changed_rows, db, insert_if_absent, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.core.ids import public_id, random_text
from storefront.integrations.payments.base import (
    ChargeRequest,
    Gateway,
    Notice,
    NoticeKind,
    RefundRequest,
)
from storefront.payments.models import (
    PAYMENT_TRANSITIONS,
    Payment,
    PaymentState,
    Refund,
    RefundReason,
    RefundState,
)

log = logging.getLogger(__name__)

SEND_REFUND = "payments.send_refund"
"""Kind of the job that sends a refund to its gateway."""

_payments = cast(sa.Table, Payment.__table__)
_refunds = cast(sa.Table, Refund.__table__)

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
            sa.update(_payments)
            .where(
                _payments.c.reference == payment.reference,
                _payments.c.state == PaymentState.OPENING,
            )
            .values(
                state=PaymentState.OPEN,
                pay_url=charge.pay_url,
                gateway_reference=charge.gateway_reference,
            )
        )
    return charge.pay_url


def latest_of(order_id: int) -> PaymentFacts | None:
    """The order's newest attempt, whatever became of it."""
    row = db.session.execute(
        sa.select(*_FACTS)
        .where(_payments.c.order_id == order_id)
        .order_by(_payments.c.id.desc())
        .limit(1)
    ).one_or_none()
    return PaymentFacts(*row) if row else None


def lock_by_reference(reference: str) -> PaymentFacts | None:
    """The attempt that a gateway speaks of, locked; None if we know none such."""
    row = db.session.execute(
        sa.select(*_FACTS).where(_payments.c.reference == reference).with_for_update()
    ).one_or_none()
    return PaymentFacts(*row) if row else None


def order_of(reference: str) -> int | None:
    """The order that an attempt is for, without a lock."""
    return db.session.scalar(
        sa.select(_payments.c.order_id).where(_payments.c.reference == reference)
    )


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


def capture(payment: PaymentFacts, now: datetime) -> bool:
    """Note that the money is here; False if that was known."""
    captured = db.session.execute(
        sa.update(_payments)
        .where(_payments.c.id == payment.id, _payments.c.state.in_(CAPTURABLE))
        .values(state=PaymentState.CAPTURED, captured_amount=_payments.c.amount, captured_at=now)
    )
    return changed_rows(captured) == 1


def fail(payment: PaymentFacts) -> bool:
    """Note that an attempt failed; False if it is over already."""
    return _close(_payments.c.id == payment.id, PaymentState.FAILED)


def close_attempts(order_id: int) -> None:
    """Give up the live attempt of an order that was cancelled."""
    _close(_payments.c.order_id == order_id, PaymentState.CLOSED)


def _close(condition: sa.ColumnElement[bool], state: PaymentState) -> bool:
    closed = db.session.execute(
        sa.update(_payments).where(condition, _payments.c.state.in_(LIVE)).values(state=state)
    )
    return changed_rows(closed) == 1


def lock_captured(order_id: int) -> PaymentFacts | None:
    """The first captured payment of an order, locked: the one that paid it."""
    row = db.session.execute(
        sa.select(*_FACTS)
        .where(_payments.c.order_id == order_id, _payments.c.state == PaymentState.CAPTURED)
        .order_by(_payments.c.captured_at, _payments.c.id)
        .limit(1)
        .with_for_update()
    ).one_or_none()
    return PaymentFacts(*row) if row else None


def owe_refund(
    payment: PaymentFacts,
    amount: int,
    reason: RefundReason,
    *,
    cause: str,
    return_id: int | None,
    now: datetime,
) -> None:
    """Write a refund and the job that sends it; the same `cause` is written once.

    The payment must be locked by the caller. Raises Conflict `refund_too_large` if all refunds
    together would pass what was captured.
    """
    already: int = (
        db.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(_refunds.c.amount), 0)).where(
                _refunds.c.payment_id == payment.id
            )
        )
        or 0
    )
    captured: int = db.session.scalars(
        sa.select(_payments.c.captured_amount).where(_payments.c.id == payment.id)
    ).one()
    if already + amount > captured:
        raise Conflict("refund_too_large", "More than was paid cannot be paid back.")
    refund_public_id = public_id("rfd")
    written = insert_if_absent(
        _refunds,
        ["cause"],
        {
            "public_id": refund_public_id,
            "payment_id": payment.id,
            "order_id": payment.order_id,
            "return_id": return_id,
            "cause": cause,
            "reference": random_text(24),
            "reason": reason,
            "amount": amount,
            "currency": payment.currency,
            "state": RefundState.WAITING,
            "created_at": now,
        },
    )
    if written:
        jobs.leave(SEND_REFUND, f"refund:{cause}", {"refund": refund_public_id}, now)


def send_refund(refund_public_id: str, gateway: Gateway, now: datetime) -> None:
    """Send a refund to the gateway and note its answer; a lost answer is asked for again.

    Raises GatewayDown (the job tries again under the same reference), NotFound.
    """
    with transaction() as session:
        row = session.execute(
            sa.select(
                _refunds.c.reference,
                _payments.c.reference.label("charge_reference"),
                _refunds.c.amount,
                _refunds.c.currency,
                _refunds.c.state,
            )
            .join(_payments, _payments.c.id == _refunds.c.payment_id)
            .where(_refunds.c.public_id == refund_public_id)
        ).one_or_none()
        if row is None:
            raise NotFound("refund_not_found", "There is no such refund.")
        if row.state is RefundState.PAID_BACK:
            return
        _change_refund(row.reference, (RefundState.WAITING, RefundState.FAILED), RefundState.SENT)
    answer = gateway.send_refund(
        RefundRequest(row.reference, row.charge_reference, row.amount, row.currency), now
    )
    with transaction():
        settle_refund(answer, now)


def settle_refund(notice: Notice, now: datetime) -> bool:
    """Note what a gateway says of a refund; False if it was known or is unknown to us."""
    pending = (RefundState.WAITING, RefundState.SENT, RefundState.FAILED)
    if notice.kind is NoticeKind.REFUNDED:
        return _change_refund(
            notice.refund_reference, pending, RefundState.PAID_BACK, paid_back_at=now
        )
    log.error("refund %s failed at the gateway", notice.refund_reference)
    return _change_refund(
        notice.refund_reference, (RefundState.WAITING, RefundState.SENT), RefundState.FAILED
    )


def _change_refund(
    reference: str, old: tuple[RefundState, ...], new: RefundState, **values: Any
) -> bool:
    changed = db.session.execute(
        sa.update(_refunds)
        .where(_refunds.c.reference == reference, _refunds.c.state.in_(old))
        .values(state=new, **values)
    )
    return changed_rows(changed) == 1


def refunded_of(order_id: int) -> int:
    """What goes back, or went back, on an order, in minor units."""
    total = db.session.scalar(
        sa.select(sa.func.sum(_refunds.c.amount)).where(_refunds.c.order_id == order_id)
    )
    return int(total or 0)


def refunds_of(order_id: int) -> list[Refund]:
    """What goes back, or went back, on an order, oldest first."""
    return list(
        db.session.scalars(sa.select(Refund).where(Refund.order_id == order_id).order_by(Refund.id))
    )


def find_refund(reference: str) -> sa.Row[int, str] | None:
    """Amount and currency of the refund with this number at the gateway."""
    return db.session.execute(
        sa.select(_refunds.c.amount, _refunds.c.currency).where(_refunds.c.reference == reference)
    ).one_or_none()


def unsettled(opened_before: datetime, limit: int) -> list[PaymentFacts]:
    """Live attempts older than that, to ask the gateway about: notices do get lost."""
    rows = db.session.execute(
        sa.select(*_FACTS)
        .where(_payments.c.state == PaymentState.OPEN, _payments.c.opened_at < opened_before)
        .order_by(_payments.c.id)
        .limit(limit)
    )
    return [PaymentFacts(*row) for row in rows]
