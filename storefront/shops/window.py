"""What customers see of a shop from outside. The reads by handle are hot statements: `core.hot`.

A glance answers, in one indexed query, whether there is something to show and which versions it is
made of; the rest is read only where a page has to be made anew.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from storefront.catalog.aisles import departments_of
from storefront.catalog.models import Product, ProductState
from storefront.catalog.shelf import Card, ShownPicture, Words, cards
from storefront.core.database import db
from storefront.core.hot import HotStatement
from storefront.core.pictures import Picture
from storefront.shops.forwarding import is_forwarding, is_open
from storefront.shops.models import Listing, Section, Shop
from storefront.staff.models import Employee, Store

_employees = cast(sa.Table, Employee.__table__)
_listings = cast(sa.Table, Listing.__table__)
_pictures = cast(sa.Table, Picture.__table__)
_products = cast(sa.Table, Product.__table__)
_sections = cast(sa.Table, Section.__table__)
_shops = cast(sa.Table, Shop.__table__)
_stores = cast(sa.Table, Store.__table__)


class ShopGlance(NamedTuple):
    """Whether customers may come in, and what the shop's own page is made of."""

    is_open: bool
    is_forwarding: bool
    """Whether it leads to another shop, as its keeper is away."""
    version: Hashable
    """Changes with everything that the shop's page shows, its goods included."""


class ProductGlance(NamedTuple):
    """The same for one product in the shop."""

    is_open: bool
    is_forwarding: bool
    is_listed: bool
    """Whether the shop shows this product."""
    is_on_sale: bool
    """Whether the chain sells it, in this shop or elsewhere."""
    version: Hashable


class ShownShop(NamedTuple):
    """A shop and who keeps it."""

    id: int
    handle: str
    title: str
    words: str
    picture: ShownPicture | None
    keeper: str
    """The employee's name."""
    store: Words
    colour: str
    """The keeper's own, like `#2c6249`; empty for the chain's."""


class ShownSection(NamedTuple):
    """A heading in a shop."""

    public_id: str
    title: str
    position: int


class ShownListing(NamedTuple):
    """A product as the shop shows it."""

    caption: str
    pinned: bool
    card: Card
    section: ShownSection | None = None
    """The heading that the keeper put it under."""


OPEN = sa.case((is_open(_shops.c, _employees.c), 1), else_=0)
FORWARDS = sa.case((is_forwarding(_shops.c, _employees.c), 1), else_=0)

_ON_SALE = sa.case((_products.c.state == ProductState.ACTIVE, 1), else_=0)

# A store has no version: what a page shows of it stands in the versions itself.
VERSIONS = (_shops.c.version, _employees.c.version, _stores.c.name_zh, _stores.c.name_en)

SHOPS_WITH_KEEPERS = sa.join(_shops, _employees, _employees.c.id == _shops.c.employee_id).join(
    _stores, _stores.c.id == _employees.c.store_id
)

_GOODS_VERSION = (
    sa.select(sa.func.coalesce(sa.func.sum(_products.c.version), 0))
    .select_from(_listings.join(_products, _products.c.id == _listings.c.product_id))
    .where(_listings.c.shop_id == _shops.c.id)
    .correlate(_shops)
    .scalar_subquery()
)
"""Which goods there are is in the shop's own version; while they stay, this sum only grows."""

_SHOP_GLANCE = HotStatement(
    sa.select(OPEN, FORWARDS, *VERSIONS, sa.cast(_GOODS_VERSION, sa.BigInteger()))
    .select_from(SHOPS_WITH_KEEPERS)
    .where(_shops.c.handle == sa.bindparam("handle"))
)

_PRODUCT_GLANCE = HotStatement(
    sa.select(OPEN, FORWARDS, _listings.c.id, _ON_SALE, _products.c.version, *VERSIONS)
    .select_from(
        SHOPS_WITH_KEEPERS.outerjoin(
            _products, _products.c.public_id == sa.bindparam("product")
        ).outerjoin(
            _listings,
            sa.and_(_listings.c.shop_id == _shops.c.id, _listings.c.product_id == _products.c.id),
        )
    )
    .where(_shops.c.handle == sa.bindparam("handle"))
)

_SHOP = HotStatement(
    sa.select(
        _shops.c.id,
        _shops.c.handle,
        _shops.c.title,
        _shops.c.words,
        _pictures.c.public_id,
        _pictures.c.width,
        _pictures.c.height,
        _employees.c.name,
        _stores.c.name_zh,
        _stores.c.name_en,
        _shops.c.colour,
    )
    .select_from(SHOPS_WITH_KEEPERS.outerjoin(_pictures, _pictures.c.id == _shops.c.picture_id))
    .where(_shops.c.handle == sa.bindparam("handle"))
)

_CAPTION = HotStatement(
    sa.select(_listings.c.caption)
    .join(_products, _products.c.id == _listings.c.product_id)
    .where(
        _listings.c.shop_id == sa.bindparam("shop_id"),
        _products.c.public_id == sa.bindparam("product"),
    )
)


def glance(handle: str) -> ShopGlance | None:
    """The shop with this handle, or None if there never was one. One query."""
    row = _SHOP_GLANCE.first(handle=handle)
    return None if row is None else ShopGlance(bool(row[0]), bool(row[1]), row[2:])


def glance_at_product(handle: str, product_id: str) -> ProductGlance | None:
    """A product (public id) in the shop with this handle; None if there is no such shop. One query.

    Whether it can be bought there: `is_open`, `is_listed` and `is_on_sale`.
    """
    row = _PRODUCT_GLANCE.first(handle=handle, product=product_id)
    if row is None:
        return None
    is_open, forwards, listing, on_sale, *version = row
    return ProductGlance(
        is_open=bool(is_open),
        is_forwarding=bool(forwards),
        is_listed=listing is not None,
        is_on_sale=bool(on_sale),
        version=tuple(version),
    )


def shop(handle: str) -> ShownShop | None:
    """The shop with this handle, open or closed. One query."""
    row = _SHOP.first(handle=handle)
    if row is None:
        return None
    key, name, title, words, picture, width, height, keeper, store_zh, store_en, colour = row
    shown = None if picture is None else ShownPicture(picture, width, height)
    return ShownShop(key, name, title, words, shown, keeper, Words(store_zh, store_en), colour)


def caption(shop_id: int, product_id: str) -> str:
    """What the keeper says of a product (public id); empty if it is nothing. One query."""
    row = _CAPTION.first(shop_id=shop_id, product=product_id)
    return "" if row is None else row[0]


def goods(
    shop_id: int, *, category: str | None = None, words: Sequence[str] = ()
) -> list[ShownListing]:
    """What the shop shows, in its order; goods off sale are left out. Two queries.

    Of it, only what is in a category (public id) or under it and has all the words.
    """
    rows = _picked(shop_id)
    on_sale = cards((row.product_id for row in rows), category=category, words=words)
    return [
        ShownListing(row.caption, row.pinned, on_sale[row.product_id], _section(row))
        for row in rows
        if row.product_id in on_sale
    ]


def departments(shop_id: int) -> list[tuple[str, Words]]:
    """The chain's departments (public id, name) that the shop has goods of. Two queries."""
    return departments_of(row.product_id for row in _picked(shop_id))


def _section(row: Any) -> ShownSection | None:
    return ShownSection(row.section, row.title, row.position) if row.section else None


def _picked(shop_id: int) -> Sequence[Any]:
    return db.session.execute(
        sa.select(
            _listings.c.product_id,
            _listings.c.caption,
            _listings.c.pinned,
            _sections.c.public_id.label("section"),
            _sections.c.title,
            _sections.c.position,
        )
        .outerjoin(_sections, _sections.c.id == _listings.c.section_id)
        .where(_listings.c.shop_id == shop_id)
        .order_by(_listings.c.pinned.desc(), _listings.c.position, _listings.c.id)
    ).all()
