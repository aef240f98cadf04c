"""Where stock lies, and where of it customers may collect what they ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, TypedDict, Unpack, cast

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.changes import checked, flush_new
from storefront.catalog.models import Location
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, Invalid, NotFound

_locations = cast(sa.Table, Location.__table__)

_TEXTS: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "name_zh": rules.name,
        "name_en": rules.name,
        "address_zh": rules.address,
        "address_en": rules.address,
        "opening_zh": rules.opening,
        "opening_en": rules.opening,
    }
)


class AboutPickUp(TypedDict, total=False):
    """What customers read of a place; what is absent stays as it was."""

    is_pick_up: bool
    address_zh: str
    address_en: str
    opening_zh: str
    opening_en: str


class LocationChanges(AboutPickUp, total=False):
    """What shall be different of a place; what is absent stays as it was."""

    name_zh: str
    name_en: str
    priority: int


class PickUpPoint(NamedTuple):
    """A place where customers may collect their orders, as they are told of it."""

    id: int
    code: str
    name_zh: str
    name_en: str
    address_zh: str
    address_en: str
    opening_zh: str
    opening_en: str


_POINTS = sa.select(*(_locations.c[name] for name in PickUpPoint._fields)).where(
    _locations.c.is_pick_up
)


def create(
    code: str, name_zh: str, name_en: str, *, priority: int = 0, **about: Unpack[AboutPickUp]
) -> Location:
    """Enter a place; goods go out from the smallest `priority` first.

    Raises Conflict `code_taken`; Invalid `wrong_…`, and `address_missing` for a pick-up point
    without one in both languages.
    """
    with transaction() as session:
        location = Location(
            code=checked("code", rules.code, code), priority=priority, is_pick_up=False
        )
        names: LocationChanges = {"name_zh": name_zh, "name_en": name_en}
        _apply(location, {**names, **about})
        session.add(location)
        flush_new()
        return location


def edit(code: str, **changes: Unpack[LocationChanges]) -> Location:
    """Change what is named. Raises NotFound `location_not_found`, and what `create` raises."""
    with transaction() as session:
        location = find(code)
        _apply(location, changes)
        session.flush()
        return location


def _apply(location: Location, changes: LocationChanges) -> None:
    for name, value in changes.items():
        rule = _TEXTS.get(name)
        setattr(location, name, checked(name, rule, cast(str, value)) if rule else value)
    if location.is_pick_up and not (location.address_zh and location.address_en):
        raise Invalid(
            "address_missing", "Customers need the address of a pick-up point in both languages."
        )


def find(code: str) -> Location:
    """The place with this code. Raises NotFound `location_not_found`."""
    location = db.session.scalars(sa.select(Location).where(Location.code == code)).one_or_none()
    if location is None:
        raise NotFound("location_not_found", "There is no such location.")
    return location


def listed() -> Sequence[Location]:
    """Every place, in the order in which goods leave."""
    return db.session.scalars(sa.select(Location).order_by(Location.priority, Location.id)).all()


def pick_up_points() -> list[PickUpPoint]:
    """Where customers may collect their orders, in the order in which goods leave. One query."""
    rows = db.session.execute(_POINTS.order_by(_locations.c.priority, _locations.c.id))
    return [PickUpPoint(*row) for row in rows]


def pick_up_point(code: str) -> PickUpPoint:
    """The pick-up point with this code. Raises Conflict `no_pick_up_point`."""
    row = db.session.execute(_POINTS.where(_locations.c.code == code)).one_or_none()
    if row is None:
        raise Conflict("no_pick_up_point", "Orders cannot be collected there (any more).")
    return PickUpPoint(*row)


def opening_of(location_id: int) -> tuple[str, str]:
    """When customers find somebody at a place today, in Chinese and English words."""
    row = db.session.execute(
        sa.select(_locations.c.opening_zh, _locations.c.opening_en).where(
            _locations.c.id == location_id
        )
    ).one()
    return row.opening_zh, row.opening_en
