"""What the program asks of a payment gateway, and what a gateway tells it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

FRESHNESS = timedelta(seconds=300)
"""A notice's time stamp may differ from ours by this much, both ways."""


class NoticeKind(StrEnum):
    """What a gateway's message says."""

    CAPTURED = "captured"
    FAILED = "failed"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """What is to be paid. `reference` is our number, good for one attempt only."""

    reference: str
    amount: int
    currency: str
    subject: str
    return_url: str


@dataclass(frozen=True, slots=True)
class OpenedCharge:
    """Where the customer pays."""

    gateway_reference: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """Money to go back on a charge. The same `reference` is never paid back twice."""

    reference: str
    charge_reference: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Payer:
    """Who paid, as far as a gateway tells: fingerprints that are the same for the same account or
    card, and from which neither can be told. Empty where it tells none.
    """

    openid: str = ""
    card: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A verified message of a gateway, in our words. Amounts in minor units."""

    event_id: str
    kind: NoticeKind
    reference: str
    """Our number of the charge."""
    refund_reference: str
    """Our number of the refund; empty for messages about charges."""
    amount: int
    currency: str
    merchant: str
    app: str
    gateway_reference: str
    payer: Payer = Payer()


class NoticeRefused(Exception):
    """The message is not the gateway's, or not of now. Nothing about it may be believed."""


class GatewayDown(Exception):
    """The gateway did not answer, or not with sense. Whether it acted is unknown: ask again."""


class Headers(Protocol):
    """A request's headers, whatever the case of their names."""

    def get(self, name: str, default: str, /) -> str:
        """The header's value, or `default`."""
        ...


class Gateway(Protocol):
    """One payment gateway. Every call may take seconds: never inside a transaction."""

    name: str
    merchant: str
    app: str

    def open_charge(self, request: ChargeRequest) -> OpenedCharge:
        """Announce a charge. Raises GatewayDown."""
        ...

    def read_notice(self, headers: Headers, body: bytes, now: datetime) -> Notice:
        """Verify and read a message from its raw bytes. Raises NoticeRefused."""
        ...

    def reread_notice(self, body: bytes) -> Notice:
        """Read a message that was verified when it came. Raises NoticeRefused."""
        ...

    def find_capture(self, reference: str) -> Notice | None:
        """Ask whether a charge was paid. Raises GatewayDown."""
        ...

    def send_refund(self, request: RefundRequest, now: datetime) -> Notice:
        """Pay money back; the answer says whether it went. Raises GatewayDown."""
        ...
