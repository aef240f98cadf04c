"""Money that goes back: owed with its cause, sent by a job, settled by the gateway's answer."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.core import jobs
from storefront.core.database import changed_rows, db, insert_if_absent, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.core.ids import public_id, random_text
from storefront.integrations.payments.base import Gateway, Notice, NoticeKind, RefundRequest
from storefront.payments.models import Payment, Refund, RefundReason, RefundState
from storefront.payments.service import PaymentFacts

log = logging.getLogger(__name__)

SEND_REFUND = "payments.send_refund"
"""Kind of the job that sends a refund to its gateway."""

_payments = cast(sa.Table, Payment.__table__)
_refunds = cast(sa.Table, Refund.__table__)


def owe(
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
    _refuse_too_much(payment, amount)
    values = _refund(payment, amount, reason, cause, return_id)
    values |= {"state": RefundState.WAITING, "created_at": now}
    if insert_if_absent(_refunds, ["cause"], values):
        jobs.leave(SEND_REFUND, f"refund:{cause}", {"refund": values["public_id"]}, now)


def pay_back_at_till(payment: PaymentFacts, amount: int, return_id: int, at: datetime) -> None:
    """Write that a till paid `amount` back at `at`, for a return. No gateway has to do with it.

    The payment must be locked by the caller. Raises Conflict `refund_too_large`.
    """
    _refuse_too_much(payment, amount)
    cause = f"return:{return_id}"
    values = _refund(payment, amount, RefundReason.RETURN, cause, return_id)
    values |= {"state": RefundState.PAID_BACK, "created_at": at, "paid_back_at": at}
    db.session.execute(sa.insert(_refunds), values)


def _refund(
    payment: PaymentFacts, amount: int, reason: RefundReason, cause: str, return_id: int | None
) -> dict[str, Any]:
    return {
        "public_id": public_id("rfd"),
        "payment_id": payment.id,
        "order_id": payment.order_id,
        "return_id": return_id,
        "cause": cause,
        "reference": random_text(24),
        "reason": reason,
        "amount": amount,
        "currency": payment.currency,
    }


def _refuse_too_much(payment: PaymentFacts, amount: int) -> None:
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


def send(refund_public_id: str, gateway: Gateway, now: datetime) -> None:
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
        _change(row.reference, (RefundState.WAITING, RefundState.FAILED), RefundState.SENT)
    answer = gateway.send_refund(
        RefundRequest(row.reference, row.charge_reference, row.amount, row.currency), now
    )
    with transaction():
        settle(answer, now)


def settle(notice: Notice, now: datetime) -> bool:
    """Note what a gateway says of a refund; False if it was known or is unknown to us."""
    pending = (RefundState.WAITING, RefundState.SENT, RefundState.FAILED)
    if notice.kind is NoticeKind.REFUNDED:
        return _change(notice.refund_reference, pending, RefundState.PAID_BACK, paid_back_at=now)
    log.error("refund %s failed at the gateway", notice.refund_reference)
    return _change(
        notice.refund_reference, (RefundState.WAITING, RefundState.SENT), RefundState.FAILED
    )


def _change(reference: str, old: tuple[RefundState, ...], new: RefundState, **values: Any) -> bool:
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


def find(reference: str) -> sa.Row[int, str] | None:
    """Amount and currency of the refund with this number at the gateway."""
    return db.session.execute(
        sa.select(_refunds.c.amount, _refunds.c.currency).where(_refunds.c.reference == reference)
    ).one_or_none()
