"""A gateway for trying things out: it has a pay page, signs its notices, and moves no money.

It behaves as an outside party would: it keeps its own books in its own tables, knows orders only by
the reference it was given, and tells what happened only by signed notices and answers.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Amount, Base, Id, db, insert_if_absent, transaction
from storefront.core.ids import random_text
from storefront.integrations.payments.base import (
    FRESHNESS,
    ChargeRequest,
    Headers,
    Notice,
    NoticeKind,
    NoticeRefused,
    OpenedCharge,
    Payer,
    RefundRequest,
)

SIGNATURE_HEADER = "Sandbox-Signature"
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


class SandboxCapture(Base):
    """A charge that was paid at the sandbox."""

    __tablename__ = "sandbox_captures"
    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[Amount]
    currency: Mapped[str]
    paid_at: Mapped[datetime]


class SandboxRefund(Base):
    """Money that the sandbox paid back."""

    __tablename__ = "sandbox_refunds"
    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    charge_reference: Mapped[str]
    event_id: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[Amount]
    paid_back_at: Mapped[datetime]


_PAID = sa.select(SandboxCapture).where(SandboxCapture.reference == sa.bindparam("reference"))
_PAID_BACK = sa.select(SandboxRefund).where(SandboxRefund.reference == sa.bindparam("reference"))


@dataclass(frozen=True, slots=True)
class SignedNotice:
    """A message on its way to the shop."""

    body: bytes
    headers: dict[str, str]


class SandboxGateway:
    """The sandbox, seen from the shop and from its own pay page."""

    name = "sandbox"
    merchant = "sandbox-merchant"
    app = "sandbox-app"

    def __init__(self, secret: str, base_url: str) -> None:
        self._secret = secret.encode()
        self._base_url = base_url

    # What the shop calls.

    def open_charge(self, request: ChargeRequest) -> OpenedCharge:
        """Put the charge into its pay page's address, signed: nothing is kept until it is paid."""
        token = self._seal(
            {
                "reference": request.reference,
                "amount": request.amount,
                "currency": request.currency,
                "subject": request.subject,
                "return_url": request.return_url,
            }
        )
        return OpenedCharge(
            gateway_reference=f"sbx_{request.reference}",
            pay_url=f"{self._base_url}/sandbox/pay/{token}",
        )

    def read_notice(self, headers: Headers, body: bytes, now: datetime) -> Notice:
        """Verify signature and freshness, then read. Raises NoticeRefused."""
        match = _SIGNATURE.fullmatch(headers.get(SIGNATURE_HEADER, ""))
        if match is None:
            raise NoticeRefused("signature missing or malformed")
        stamp, signature = match.groups()
        if not hmac.compare_digest(signature, self._sign(stamp, body)):
            raise NoticeRefused("signature wrong")
        if abs(now.timestamp() - int(stamp)) > FRESHNESS.total_seconds():
            raise NoticeRefused("time stamp too far from now")
        return self.reread_notice(body)

    def reread_notice(self, body: bytes) -> Notice:
        """Read a message that was verified when it came. Raises NoticeRefused."""
        try:
            return self._notice(orjson.loads(body))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise NoticeRefused("not a notice") from error

    def find_capture(self, reference: str) -> Notice | None:
        """Ask the sandbox's books whether a charge was paid."""
        capture = db.session.scalar(_PAID, {"reference": reference})
        return self._notice(self._captured(capture)) if capture else None

    def send_refund(self, request: RefundRequest, now: datetime) -> Notice:
        """Pay back at once; a reference that was paid back before is answered, not paid again."""
        with transaction() as session:
            insert_if_absent(
                cast(sa.Table, SandboxRefund.__table__),
                ["reference"],
                {
                    "reference": request.reference,
                    "charge_reference": request.charge_reference,
                    "event_id": f"evt_{random_text(16)}",
                    "amount": request.amount,
                    "paid_back_at": now,
                },
            )
            refund = session.scalars(_PAID_BACK, {"reference": request.reference}).one()
        return Notice(
            event_id=refund.event_id,
            kind=NoticeKind.REFUNDED,
            reference=request.charge_reference,
            refund_reference=request.reference,
            amount=refund.amount,
            currency=request.currency,
            merchant=self.merchant,
            app=self.app,
            gateway_reference=f"sbx_{request.charge_reference}",
        )

    # What happens at the sandbox itself.

    def read_charge(self, token: str) -> ChargeRequest | None:
        """The charge behind a pay page's address; None if it was not made by us."""
        try:
            raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except (Base64Error, ValueError):
            return None
        signature, body = raw[:32], raw[32:]
        if not hmac.compare_digest(signature, self._digest(b"charge." + body)):
            return None
        return ChargeRequest(**orjson.loads(body))

    def pay(self, charge: ChargeRequest, now: datetime) -> SignedNotice:
        """Take the customer's play money and write the notice; paying twice is paying once."""
        with transaction() as session:
            insert_if_absent(
                cast(sa.Table, SandboxCapture.__table__),
                ["reference"],
                {
                    "reference": charge.reference,
                    "event_id": f"evt_{random_text(16)}",
                    "amount": charge.amount,
                    "currency": charge.currency,
                    "paid_at": now,
                },
            )
            capture = session.scalars(_PAID, {"reference": charge.reference}).one()
        return self.signed(self._captured(capture), now)

    def decline(self, charge: ChargeRequest, now: datetime) -> SignedNotice:
        """Write the notice of a payment that failed."""
        document = self._document(NoticeKind.FAILED, charge.reference, charge.amount)
        return self.signed(
            {**document, "currency": charge.currency, "event_id": f"evt_{random_text(16)}"}, now
        )

    def signed(self, document: dict[str, Any], now: datetime) -> SignedNotice:
        """Sign a notice as the sandbox sends it."""
        body = orjson.dumps(document)
        stamp = str(int(now.timestamp()))
        return SignedNotice(
            body,
            {
                SIGNATURE_HEADER: f"t={stamp},v1={self._sign(stamp, body)}",
                "Content-Type": "application/json",
            },
        )

    def _captured(self, capture: SandboxCapture) -> dict[str, Any]:
        document = self._document(NoticeKind.CAPTURED, capture.reference, capture.amount)
        return {**document, "currency": capture.currency, "event_id": capture.event_id}

    def _document(self, kind: NoticeKind, reference: str, amount: int) -> dict[str, Any]:
        return {
            "kind": kind.value,
            "reference": reference,
            "refund_reference": "",
            "amount": amount,
            "merchant": self.merchant,
            "app": self.app,
            "gateway_reference": f"sbx_{reference}",
        }

    def _seal(self, document: dict[str, Any]) -> str:
        body = orjson.dumps(document)
        return urlsafe_b64encode(self._digest(b"charge." + body) + body).decode().rstrip("=")

    def _sign(self, stamp: str, body: bytes) -> str:
        return self._digest(stamp.encode() + b"." + body).hex()

    def _digest(self, message: bytes) -> bytes:
        return hmac.digest(self._secret, message, hashlib.sha256)

    def _notice(self, document: dict[str, Any]) -> Notice:
        amount = document["amount"]
        if not isinstance(amount, int):
            raise TypeError("amount")
        return Notice(
            event_id=str(document["event_id"]),
            kind=NoticeKind(document["kind"]),
            reference=str(document["reference"]),
            refund_reference=str(document["refund_reference"]),
            amount=amount,
            currency=str(document["currency"]),
            merchant=str(document["merchant"]),
            app=str(document["app"]),
            gateway_reference=str(document["gateway_reference"]),
            payer=Payer(
                self._fingerprint(document.get("payer_openid", "")),
                self._fingerprint(document.get("payer_card", "")),
            ),
        )

    def _fingerprint(self, told: object) -> str:
        """What a notice tells of its payer, digested once more under our secret."""
        return self._digest(b"payer." + str(told).encode()).hex()[:32] if told else ""
