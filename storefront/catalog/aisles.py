"""The ways into the catalogue from the chain's front: its categories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

import sqlalchemy as sa

from storefront.catalog.models import Category, Product, ProductState
from storefront.catalog.shelf import ShownPicture, Words
from storefront.core.database import db
from storefront.core.pictures import Picture

_categories = cast(sa.Table, Category.__table__)
_pictures = cast(sa.Table, Picture.__table__)
_products = cast(sa.Table, Product.__table__)


class Aisle(NamedTuple):
    """A category that has goods on sale, in it or below it."""

    public_id: str
    name: Words
    parent: str | None
    """The parent's public id; None at the top."""
    picture: ShownPicture | None
    """Of a new product in it or below it."""


_IN_IT = sa.and_(
    _products.c.category_id == _categories.c.id, _products.c.state == ProductState.ACTIVE
)
_NEWEST_PICTURE = (
    sa.select(_products.c.picture_id)
    .where(_IN_IT, _products.c.picture_id.is_not(None))
    .order_by(_products.c.id.desc())
    .limit(1)
    .correlate(_categories)
    .scalar_subquery()
)
_AISLES = (
    sa.select(
        _categories.c.id,
        _categories.c.parent_id,
        _categories.c.public_id,
        _categories.c.name_zh,
        _categories.c.name_en,
        sa.exists().where(_IN_IT).correlate(_categories).label("has_goods"),
        _pictures.c.public_id,
        _pictures.c.width,
        _pictures.c.height,
    )
    .select_from(_categories)
    .outerjoin(_pictures, _pictures.c.id == _NEWEST_PICTURE)
    .order_by(_categories.c.position, _categories.c.id)
)


def aisles() -> list[Aisle]:
    """Every category with goods on sale in it or below it, sisters in their order. One query."""
    rows = {row[0]: row for row in db.session.execute(_AISLES)}
    pictures: dict[int, ShownPicture | None] = {}
    for key, row in rows.items():
        if row.has_goods:
            picture = None if row[6] is None else ShownPicture(row[6], row[7], row[8])
            at: int | None = key
            while at is not None and pictures.get(at) is None:
                pictures[at] = picture
                at = rows[at].parent_id
    return [
        Aisle(
            public_id=row[2],
            name=Words(row[3], row[4]),
            parent=None if row.parent_id is None else rows[row.parent_id][2],
            picture=pictures[key],
        )
        for key, row in rows.items()
        if key in pictures
    ]


_TOP_OF = sa.select(_categories.c.id, _categories.c.id.label("top_id")).where(
    _categories.c.parent_id.is_(None)
)


def departments_of(product_ids: Iterable[int]) -> list[tuple[str, Words]]:
    """The top categories that these products are in or under: public id and name, in their order.

    Goods off sale do not count. One query.
    """
    tree = _TOP_OF.cte("tree", recursive=True)
    tree = tree.union(
        sa.select(_categories.c.id, tree.c.top_id).join(tree, tree.c.id == _categories.c.parent_id)
    )
    mine = (
        sa.select(tree.c.top_id)
        .join(_products, _products.c.category_id == tree.c.id)
        .where(
            _products.c.id.in_(list(product_ids)),
            _products.c.state == ProductState.ACTIVE,
        )
    )
    rows = db.session.execute(
        sa.select(_categories.c.public_id, _categories.c.name_zh, _categories.c.name_en)
        .where(_categories.c.id.in_(mine))
        .order_by(_categories.c.position, _categories.c.id)
    )
    return [(public_id, Words(zh, en)) for public_id, zh, en in rows]
