"""What the program asks of whoever transfers payouts, and what it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class TransferStatus(StrEnum):
    """Where a transfer stands at the provider."""

    ACCEPTED = "accepted"
    """They have it, and will pay or refuse."""
    PAID = "paid"
    FAILED = "failed"
    """They did not pay, and never will under this number."""
    RETURNED = "returned"
    """Paid, and came back."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money for one employee. The same `reference` is never paid twice, however often it comes."""

    reference: str
    """At most 35 characters, as pain.001 has it for EndToEndId."""
    amount: int
    """Minor units."""
    currency: str
    payee_number: str
    """The staff number, by which the provider knows the account."""
    payee_name: str


@dataclass(frozen=True, slots=True)
class TransferAnswer:
    """What the provider says of a transfer."""

    status: TransferStatus
    message: str
    """In the provider's words; empty if it says nothing."""


class TransferUnanswered(Exception):
    """No answer, or none that makes sense. Whether the money went is unknown: ask, don't resend."""


class Transfers(Protocol):
    """A transfer provider. Every call may take seconds: never inside a transaction."""

    name: str

    def send(self, transfer: Transfer, now: datetime) -> TransferAnswer:
        """Have it paid. Raises TransferUnanswered."""
        ...

    def find(self, reference: str) -> TransferAnswer | None:
        """What became of a transfer; None if they never got it. Raises TransferUnanswered."""
        ...
