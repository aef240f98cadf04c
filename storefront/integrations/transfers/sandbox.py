"""A provider that moves no money: what it is sent counts as paid at once."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Amount, Base, db, insert_if_absent, transaction
from storefront.integrations.transfers.base import Transfer, TransferAnswer, TransferStatus


class SandboxTransfer(Base):
    """A transfer in the sandbox's own books."""

    __tablename__ = "sandbox_transfers"
    reference: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[Amount]
    currency: Mapped[str]
    payee_number: Mapped[str]
    status: Mapped[TransferStatus]
    sent_at: Mapped[datetime]


_sent = cast(sa.Table, SandboxTransfer.__table__)


class SandboxTransfers:
    """The sandbox."""

    name = "sandbox"

    def send(self, transfer: Transfer, now: datetime) -> TransferAnswer:
        """Take it for paid; a reference that was sent before is answered, not paid again."""
        with transaction():
            insert_if_absent(
                _sent,
                ["reference"],
                {
                    "reference": transfer.reference,
                    "amount": transfer.amount,
                    "currency": transfer.currency,
                    "payee_number": transfer.payee_number,
                    "status": TransferStatus.PAID,
                    "sent_at": now,
                },
            )
        answer = self.find(transfer.reference)
        assert answer is not None
        return answer

    def find(self, reference: str) -> TransferAnswer | None:
        """Look the transfer up in the sandbox's books."""
        status = db.session.scalar(sa.select(_sent.c.status).where(_sent.c.reference == reference))
        return None if status is None else TransferAnswer(status, "")
