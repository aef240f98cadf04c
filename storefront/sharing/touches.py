"""Touches: stored as they happen, read back as evidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storefront.core.database import db
from storefront.sharing.models import Channel, ShareLink, Touch, TouchKind, Uncounted
from storefront.staff.models import Employee, EmploymentState


@dataclass(frozen=True, slots=True)
class TouchFact:
    """A touch and who it was with, as all of it stood when it was read."""

    touch_id: int
    at: datetime
    kind: TouchKind
    uncounted: Uncounted
    """Why it does not count; `Uncounted.NO` if it does."""
    link_id: str
    """The share link's public id."""
    channel: Channel
    employee_id: int
    employee_number: str
    employee_state: EmploymentState
    store_id: int
    """The employee's store now, which need not be their store at the touch."""


def touches_of(
    visitor_ids: Iterable[str], since: datetime, until: datetime, limit: int
) -> list[TouchFact]:
    """Every touch of these visitors from `since` to `until`, both included, the latest first.

    At most `limit` of them: the oldest are left out. Reads in the caller's transaction, one query.
    """
    visitors = sorted({visitor for visitor in visitor_ids if visitor})
    if not visitors:
        return []
    rows = db.session.execute(
        sa.select(
            Touch.id,
            Touch.at,
            Touch.kind,
            Touch.uncounted,
            ShareLink.public_id,
            ShareLink.channel,
            Touch.employee_id,
            Employee.number,
            Employee.state,
            Employee.store_id,
        )
        .join(ShareLink, ShareLink.id == Touch.link_id)
        .join(Employee, Employee.id == Touch.employee_id)
        .where(Touch.visitor_id.in_(visitors), Touch.at >= since, Touch.at <= until)
        .order_by(Touch.at.desc(), Touch.id.desc())
        .limit(limit)
    )
    return [TouchFact(*row) for row in rows.tuples()]
