"""What customers see of a shop's posts from outside: as `window` does for the shop itself."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from storefront.catalog.models import Product
from storefront.catalog.shelf import ShownPicture, cards
from storefront.core.database import db
from storefront.core.hot import HotStatement
from storefront.core.pictures import Picture
from storefront.shops.models import Listing, Post, PostProduct, PostState, Shop
from storefront.shops.window import (
    FORWARDS,
    OPEN,
    SHOPS_WITH_KEEPERS,
    VERSIONS,
    ShownListing,
)

_listings = cast(sa.Table, Listing.__table__)
_named = cast(sa.Table, PostProduct.__table__)
_pictures = cast(sa.Table, Picture.__table__)
_posts = cast(sa.Table, Post.__table__)
_products = cast(sa.Table, Product.__table__)
_shops = cast(sa.Table, Shop.__table__)

LONGEST_BEGINNING = 100
"""Characters of a post that a list of posts shows."""


class PostGlance(NamedTuple):
    """Whether customers may come in and read a post, and what its page is made of."""

    is_open: bool
    is_forwarding: bool
    """Whether the shop leads to another, as its keeper is away."""
    is_known: bool
    """Whether the shop has it, or had it until it was taken down."""
    is_published: bool
    version: Hashable
    """Changes with everything that the post's page shows, its goods included."""


class ShownPost(NamedTuple):
    """A post as a page shows it."""

    id: int
    """Not for strangers: the key of the list."""
    public_id: str
    title: str
    words: str
    """All of them, or how they begin."""
    picture: ShownPicture | None
    created_at: datetime


_GOODS_VERSION = (
    sa.select(sa.func.coalesce(sa.func.sum(_products.c.version), 0))
    .select_from(_named.join(_products, _products.c.id == _named.c.product_id))
    .where(_named.c.post_id == _posts.c.id)
    .correlate(_posts)
    .scalar_subquery()
)
"""Which goods it names, and which the shop lists, is in the shop's own version."""

_GLANCE = HotStatement(
    sa.select(
        OPEN,
        FORWARDS,
        _posts.c.id,
        sa.case((_posts.c.state == PostState.PUBLISHED, 1), else_=0),
        *VERSIONS,
        sa.cast(_GOODS_VERSION, sa.BigInteger()),
    )
    .select_from(
        SHOPS_WITH_KEEPERS.outerjoin(
            _posts,
            sa.and_(_posts.c.public_id == sa.bindparam("post"), _posts.c.shop_id == _shops.c.id),
        )
    )
    .where(_shops.c.handle == sa.bindparam("handle"))
)

_HEAD = (_posts.c.id, _posts.c.public_id, _posts.c.title)
_FOOT = (_pictures.c.public_id, _pictures.c.width, _pictures.c.height, _posts.c.created_at)
_HUNG = _posts.outerjoin(_pictures, _pictures.c.id == _posts.c.picture_id)

_POST = HotStatement(
    sa.select(*_HEAD, _posts.c.words, *_FOOT)
    .select_from(_HUNG)
    .where(
        _posts.c.shop_id == sa.bindparam("shop_id"),
        _posts.c.public_id == sa.bindparam("post"),
        _posts.c.state == PostState.PUBLISHED,
    )
)


def glance(handle: str, post_id: str) -> PostGlance | None:
    """A post (public id) in the shop with this handle; None if there is no such shop. One query."""
    row = _GLANCE.first(handle=handle, post=post_id)
    if row is None:
        return None
    is_open, forwards, found, published, *version = row
    return PostGlance(
        is_open=bool(is_open),
        is_forwarding=bool(forwards),
        is_known=found is not None,
        is_published=bool(published),
        version=tuple(version),
    )


def post(shop_id: int, post_id: str) -> ShownPost | None:
    """A published post (public id) of a shop, or None. One query."""
    row = _POST.first(shop_id=shop_id, post=post_id)
    return None if row is None else _shown(row)


def goods(shop_id: int, post_id: int) -> list[ShownListing]:
    """What a post (row number) shows: of the goods it names, those that the shop lists and the
    chain sells, with what the keeper says of each. Two queries.
    """
    rows = db.session.execute(
        sa.select(_named.c.product_id, _listings.c.caption)
        .join(
            _listings,
            sa.and_(_listings.c.product_id == _named.c.product_id, _listings.c.shop_id == shop_id),
        )
        .where(_named.c.post_id == post_id)
        .order_by(_named.c.position)
    ).all()
    on_sale = cards(row.product_id for row in rows) if rows else {}
    return [
        ShownListing(row.caption, pinned=False, card=on_sale[row.product_id])
        for row in rows
        if row.product_id in on_sale
    ]


def newest(shop_id: int, limit: int, before: int | None = None) -> list[ShownPost]:
    """A shop's posts, the latest first, as they begin; below a row number, if given. One query."""
    beginning = sa.func.substr(_posts.c.words, 1, LONGEST_BEGINNING + 1)
    asked = (
        sa.select(*_HEAD, beginning, *_FOOT)
        .select_from(_HUNG)
        .where(_posts.c.shop_id == shop_id, _posts.c.state == PostState.PUBLISHED)
        .order_by(_posts.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        asked = asked.where(_posts.c.id < before)
    found = [_shown(row) for row in db.session.execute(asked)]
    return [each._replace(words=_beginning(each.words)) for each in found]


def _beginning(words: str) -> str:
    """On one line, with a mark that it goes on."""
    line = " ".join(words.split())
    return f"{line[:LONGEST_BEGINNING].rstrip()}…" if len(words) > LONGEST_BEGINNING else line


def _shown(row: Any) -> ShownPost:
    key, public_id, title, words, picture, width, height, created_at = row
    shown = None if picture is None else ShownPicture(picture, width, height)
    return ShownPost(key, public_id, title, words, shown, created_at)
