"""The same request sent twice is done once, and answered the same both times.

A key is kept for ever: an order must not be placed again because a phone tries again next week.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, db, insert_if_absent
from storefront.core.errors import Invalid


class IdempotencyKey(Base):
    """A key that a caller chose, what they asked with it, and what we answered."""

    __tablename__ = "idempotency_keys"
    scope: Mapped[str] = mapped_column(primary_key=True)
    """Whose key it is and for which route: two callers may choose the same key."""
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int] = mapped_column(default=0)
    body: Mapped[bytes] = mapped_column(default=b"")
    created_at: Mapped[datetime]


_keys = cast(sa.Table, IdempotencyKey.__table__)

_OF_KEY = sa.and_(_keys.c.scope == sa.bindparam("of_scope"), _keys.c.key == sa.bindparam("of_key"))
_FIND = sa.select(_keys.c.request_hash, _keys.c.status, _keys.c.body).where(_OF_KEY)
_KEEP = sa.update(_keys).where(_OF_KEY)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered the first time."""

    status: int
    body: bytes


def find_answer(scope: str, key: str, request_hash: str) -> Answer | None:
    """The stored answer, if this request was carried out before.

    Raises Invalid `idempotency_key_reused` if the key came with another request.
    """
    row = db.session.execute(_FIND, {"of_scope": scope, "of_key": key}).one_or_none()
    if row is None:
        return None
    if row.request_hash != request_hash:
        raise Invalid(
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request. Use a new key.",
        )
    return Answer(row.status, row.body)


def claim(scope: str, key: str, request_hash: str, now: datetime) -> bool:
    """Take the key within the caller's transaction; False if somebody has it.

    While another transaction holds the key uncommitted, this waits for its end.
    """
    return insert_if_absent(
        _keys,
        ["scope", "key"],
        {
            "scope": scope,
            "key": key,
            "request_hash": request_hash,
            "status": 0,
            "body": b"",
            "created_at": now,
        },
    )


def keep_answer(scope: str, key: str, answer: Answer) -> None:
    """Store what is answered, in the transaction of the deed itself."""
    db.session.execute(
        _KEEP,
        {"of_scope": scope, "of_key": key, "status": answer.status, "body": answer.body},
    )
