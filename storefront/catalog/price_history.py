"""What things cost when, and who changed it: written with every change, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from storefront.catalog.models import PriceChange
from storefront.core.actor import Actor
from storefront.core.database import db

FIRST_PRICE = "first price"
"""The reason on every variant's first row."""


class PriceStep(NamedTuple):
    """A variant's price before (None: it is new) and after, and why."""

    variant_id: int
    old: int | None
    new: int
    reason: str


def keep_changes(steps: Sequence[PriceStep], actor: Actor, now: datetime) -> None:
    """Write prices' history, in the transaction that changes them."""
    if not steps:
        return
    db.session.execute(
        sa.insert(PriceChange.__table__),  # pyright: ignore
        [
            {
                "variant_id": step.variant_id,
                "old_price": step.old,
                "new_price": step.new,
                "at": now,
                "by_employee_id": actor.employee_id,
                "reason": step.reason,
            }
            for step in steps
        ],
    )


def history(
    variant_pk: int, *, before: int | None = None, limit: int = 200
) -> Sequence[PriceChange]:
    """A variant's price changes, newest first, whose id is below `before`."""
    asked = sa.select(PriceChange).where(PriceChange.variant_id == variant_pk)
    if before is not None:
        asked = asked.where(PriceChange.id < before)
    return db.session.scalars(asked.order_by(PriceChange.id.desc()).limit(limit)).all()
