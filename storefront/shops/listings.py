"""What an employee picks for their shop, in which order, and with what words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from storefront.catalog.models import Product, ProductState
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.core.ids import public_id
from storefront.shops import sections
from storefront.shops.models import Listing, Shop
from storefront.shops.service import change, own_shop

MOST_LISTINGS = 200
"""In one shop: more than anybody scrolls through, and the list is read whole."""


def listings_of(employee_id: int) -> list[Listing]:
    """The shop's listings in the order its page shows them: pinned first, then by position.

    Hidden products are among them. Raises NotFound `no_shop`.
    """
    shop = own_shop(employee_id)
    return list(
        db.session.scalars(
            sa.select(Listing)
            .where(Listing.shop_id == shop.id)
            .options(
                joinedload(Listing.product).joinedload(Product.picture),
                joinedload(Listing.product).selectinload(Product.variants),
                joinedload(Listing.section),
            )
            .order_by(Listing.pinned.desc(), Listing.position, Listing.id)
            .execution_options(populate_existing=True)
        )
    )


def pick(employee_id: int, product_id: str, *, caption: str = "", now: datetime) -> Listing:
    """Put a product, by its public id, at the end of the shop.

    Raises NotFound `product_unknown` (hidden ones are unknown here); Conflict `already_listed`,
    `shop_full`; and what `service.change` raises.
    """
    with transaction() as session:
        shop = change(employee_id)
        product = session.scalars(
            sa.select(Product).where(
                Product.public_id == product_id, Product.state == ProductState.ACTIVE
            )
        ).one_or_none()
        if product is None:
            raise NotFound("product_unknown", "The chain sells no such product at the moment.")
        count, last, same = session.execute(
            sa.select(
                sa.func.count(),
                sa.func.coalesce(sa.func.max(Listing.position), 0),
                sa.func.count().filter(Listing.product_id == product.id),
            ).where(Listing.shop_id == shop.id)
        ).one()
        if same:
            raise Conflict("already_listed", "This product is in your shop already.")
        if count >= MOST_LISTINGS:
            raise Conflict("shop_full", f"A shop holds {MOST_LISTINGS} products at most.")
        listing = Listing(
            public_id=public_id("lst"),
            shop=shop,
            product=product,
            caption=caption,
            position=last + 1,
            pinned=False,
            created_at=now,
        )
        session.add(listing)
        session.flush()
        return listing


def write_caption(employee_id: int, listing_id: str, caption: str) -> Listing:
    """Say something else about a product. Raises NotFound `no_listing`."""
    return edit(employee_id, listing_id, caption=caption)


def edit(
    employee_id: int, listing_id: str, *, caption: str | None = None, section_id: str | None = None
) -> Listing:
    """Say something else about a product, or put it under another heading; None leaves as is.

    `section_id` is a section's public id; empty for none. Raises NotFound `no_listing`,
    `no_section`.
    """
    with transaction():
        shop = change(employee_id)
        listing = _own_listing(shop, listing_id)
        if caption is not None:
            listing.caption = caption
        if section_id is not None:
            listing.section = sections.find(shop, section_id) if section_id else None
        return listing


def pin(employee_id: int, listing_id: str) -> Listing:
    """Show a product before those that are not pinned. Raises NotFound `no_listing`."""
    with transaction():
        listing = _own_listing(change(employee_id), listing_id)
        listing.pinned = True
        return listing


def unpin(employee_id: int, listing_id: str) -> Listing:
    """Put a pinned product back among the others. Raises NotFound `no_listing`."""
    with transaction():
        listing = _own_listing(change(employee_id), listing_id)
        listing.pinned = False
        return listing


def move_up(employee_id: int, listing_id: str) -> list[Listing]:
    """Change places with the one before it, if one is; pinned ones stay among themselves."""
    return _move(employee_id, listing_id, -1)


def move_down(employee_id: int, listing_id: str) -> list[Listing]:
    """Change places with the one after it, if one is; pinned ones stay among themselves."""
    return _move(employee_id, listing_id, +1)


def reorder(employee_id: int, listing_ids: Sequence[str]) -> list[Listing]:
    """Arrange the shop in the order of this list, which names every listing exactly once.

    Pinned ones are still shown first. Raises Conflict `listings_changed` if the list is not the
    shop's: it was made from one that somebody has changed since.
    """
    with transaction():
        change(employee_id)
        places = {listing_id: place for place, listing_id in enumerate(listing_ids, 1)}
        present = listings_of(employee_id)
        known = {listing.public_id for listing in present}
        if len(places) != len(listing_ids) or places.keys() != known:
            raise Conflict(
                "listings_changed", "The list must name every product of your shop exactly once."
            )
        for listing in present:
            listing.position = places[listing.public_id]
        return sorted(present, key=lambda listing: (not listing.pinned, listing.position))


def take_off(employee_id: int, listing_id: str) -> None:
    """Show a product in the shop no more. Links to it lead to the shop. Raises NotFound."""
    with transaction() as session:
        session.delete(_own_listing(change(employee_id), listing_id))


def _move(employee_id: int, listing_id: str, step: int) -> list[Listing]:
    with transaction():
        change(employee_id)
        present = listings_of(employee_id)
        place = next((i for i, one in enumerate(present) if one.public_id == listing_id), None)
        if place is None:
            raise _no_listing()
        beside = place + step
        if 0 <= beside < len(present) and present[beside].pinned == present[place].pinned:
            present[place], present[beside] = present[beside], present[place]
        for position, listing in enumerate(present, 1):
            listing.position = position
        return present


def _own_listing(shop: Shop, listing_id: str) -> Listing:
    listing = db.session.scalars(
        sa.select(Listing)
        .where(Listing.public_id == listing_id, Listing.shop_id == shop.id)
        .options(
            joinedload(Listing.product).options(selectinload(Product.variants)),
            joinedload(Listing.section),
        )
    ).one_or_none()
    if listing is None:
        raise _no_listing()
    return listing


def _no_listing() -> NotFound:
    return NotFound("no_listing", "There is no such product in your shop.")
