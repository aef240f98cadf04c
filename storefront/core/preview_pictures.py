"""What chats show of a product: a drawn card, kept under a digest of everything that stands on it.

Nothing is known here of how one looks. A digest never changes its meaning, so a card that was made
stays right; whether it is still the one to show is the asker's business.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, insert_if_absent, transaction
from storefront.core.hot import HotStatement

KEPT = timedelta(days=90)
"""Whoever asks after that has it drawn once more, if it still shows what holds."""


class PreviewPicture(Base):
    """One card, as a JPEG."""

    __tablename__ = "preview_pictures"
    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    made_at: Mapped[datetime] = mapped_column(index=True)


_cards = cast(sa.Table, PreviewPicture.__table__)

_CARD = HotStatement(sa.select(_cards.c.content).where(_cards.c.digest == sa.bindparam("digest")))


def find(digest: str) -> bytes | None:
    """The card with this digest, if it was made. One query; never inside a transaction()."""
    row = _CARD.first(digest=digest)
    return None if row is None else bytes(row[0])


def keep(digest: str, content: bytes, now: datetime) -> None:
    """Keep a card. Two processes that drew the same at once keep one of them."""
    with transaction():
        insert_if_absent(_cards, ["digest"], {"digest": digest, "content": content, "made_at": now})


def forget_old(now: datetime) -> None:
    """Drop what was made long ago: prices change, and their cards are asked for no more."""
    with transaction() as session:
        session.execute(sa.delete(_cards).where(_cards.c.made_at < now - KEPT))
