"""Headings that an employee gives to the goods of the shop."""

from __future__ import annotations

import sqlalchemy as sa

from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.core.ids import public_id
from storefront.shops.models import Listing, Section, Shop
from storefront.shops.service import change, own_shop

MOST_SECTIONS = 12
"""In one shop: as many as a reader takes in."""


def sections_of(employee_id: int) -> list[Section]:
    """The shop's sections in their order. Raises NotFound `no_shop`."""
    return _of(own_shop(employee_id))


def create(employee_id: int, title: str) -> Section:
    """Put a new section after the others; it holds nothing yet.

    Raises Conflict `section_exists`, `too_many_sections`; and what `service.change` raises.
    """
    with transaction() as session:
        shop = change(employee_id)
        present = _of(shop)
        _require_free(present, title)
        if len(present) >= MOST_SECTIONS:
            raise Conflict("too_many_sections", f"A shop has {MOST_SECTIONS} sections at most.")
        last = max((section.position for section in present), default=0)
        section = Section(
            public_id=public_id("sec"), shop_id=shop.id, title=title, position=last + 1
        )
        session.add(section)
        session.flush()
        return section


def rename(employee_id: int, section_id: str, title: str) -> Section:
    """Give a section another title. Raises NotFound `no_section`, Conflict `section_exists`."""
    with transaction():
        shop = change(employee_id)
        section = find(shop, section_id)
        _require_free([each for each in _of(shop) if each is not section], title)
        section.title = title
        return section


def move_up(employee_id: int, section_id: str) -> list[Section]:
    """Change places with the one before it, if one is. Raises NotFound `no_section`."""
    return _move(employee_id, section_id, -1)


def move_down(employee_id: int, section_id: str) -> list[Section]:
    """Change places with the one after it, if one is. Raises NotFound `no_section`."""
    return _move(employee_id, section_id, +1)


def remove(employee_id: int, section_id: str) -> None:
    """Take a heading away; its goods stay in the shop, among the rest. Raises NotFound."""
    with transaction() as session:
        section = find(change(employee_id), section_id)
        session.execute(
            sa.update(Listing)
            .where(Listing.section_id == section.id)
            .values(section_id=None)
            .execution_options(synchronize_session=False)
        )
        session.delete(section)


def find(shop: Shop, section_id: str) -> Section:
    """A section of this shop by its public id. Raises NotFound `no_section`."""
    section = db.session.scalars(
        sa.select(Section).where(Section.public_id == section_id, Section.shop_id == shop.id)
    ).one_or_none()
    if section is None:
        raise NotFound("no_section", "There is no such section in your shop.")
    return section


def _move(employee_id: int, section_id: str, step: int) -> list[Section]:
    with transaction():
        shop = change(employee_id)
        present = _of(shop)
        place = present.index(find(shop, section_id))
        beside = place + step
        if 0 <= beside < len(present):
            present[place], present[beside] = present[beside], present[place]
        for position, section in enumerate(present, 1):
            section.position = position
        return present


def _of(shop: Shop) -> list[Section]:
    return list(
        db.session.scalars(
            sa.select(Section)
            .where(Section.shop_id == shop.id)
            .order_by(Section.position, Section.id)
            .execution_options(populate_existing=True)
        )
    )


def _require_free(present: list[Section], title: str) -> None:
    if any(section.title == title for section in present):
        raise Conflict("section_exists", "Your shop has a section of this title already.")
