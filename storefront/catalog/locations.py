"""Where stock lies."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.changes import checked, flush_new
from storefront.catalog.models import Location
from storefront.core.database import db, transaction
from storefront.core.errors import NotFound


def create(code: str, name_zh: str, name_en: str, *, priority: int = 0) -> Location:
    """Enter a place; goods go out from the smallest `priority` first. Raises Conflict, Invalid."""
    with transaction() as session:
        location = Location(
            code=checked("code", rules.code, code),
            name_zh=checked("name_zh", rules.name, name_zh),
            name_en=checked("name_en", rules.name, name_en),
            priority=priority,
        )
        session.add(location)
        flush_new()
        return location


def edit(
    code: str,
    *,
    name_zh: str | None = None,
    name_en: str | None = None,
    priority: int | None = None,
) -> Location:
    """Change names or priority (None: as it was). Raises NotFound `location_not_found`, Invalid."""
    with transaction() as session:
        location = find(code)
        if name_zh is not None:
            location.name_zh = checked("name_zh", rules.name, name_zh)
        if name_en is not None:
            location.name_en = checked("name_en", rules.name, name_en)
        if priority is not None:
            location.priority = priority
        session.flush()
        return location


def find(code: str) -> Location:
    """The place with this code. Raises NotFound `location_not_found`."""
    location = db.session.scalars(sa.select(Location).where(Location.code == code)).one_or_none()
    if location is None:
        raise NotFound("location_not_found", "There is no such location.")
    return location


def listed() -> Sequence[Location]:
    """Every place, in the order in which goods leave."""
    return db.session.scalars(sa.select(Location).order_by(Location.priority, Location.id)).all()
