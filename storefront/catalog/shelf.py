"""What customers may see of the catalogue: goods on sale, and only whether there are any left.

The reads by public id are hot statements: see `core.hot`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, cast

import sqlalchemy as sa

from storefront.catalog.models import (
    Brand,
    Category,
    Product,
    ProductState,
    StockLevel,
    Variant,
)
from storefront.catalog.searching import holds
from storefront.core.database import db
from storefront.core.hot import HotStatement
from storefront.core.pictures import Picture

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_brands = cast(sa.Table, Brand.__table__)
_categories = cast(sa.Table, Category.__table__)
_levels = cast(sa.Table, StockLevel.__table__)
_pictures = cast(sa.Table, Picture.__table__)
_products = cast(sa.Table, Product.__table__)
_variants = cast(sa.Table, Variant.__table__)


class Words(NamedTuple):
    """The same said in both languages."""

    zh: str
    en: str

    def say(self, language: Language) -> str:
        """In this language; where one is not written, in the other."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)


class ShownPicture(NamedTuple):
    """A picture's public id and the size of its largest file, in pixels."""

    public_id: str
    width: int
    height: int


class ShownVariant(NamedTuple):
    """A variant that can be bought, or could be if there were any left."""

    public_id: str
    option: Words
    price: int
    in_stock: bool
    picture: ShownPicture | None


class ShownProduct(NamedTuple):
    """A product as its page shows it."""

    public_id: str
    name: Words
    words: Words
    brand_id: str
    brand: Words
    category_id: str
    category: Words
    picture: ShownPicture | None
    variants: Sequence[ShownVariant]


class Card(NamedTuple):
    """A product in a list: its cheapest and dearest variant on sale."""

    id: int
    """Not for strangers: the key of the list."""
    public_id: str
    name: Words
    brand: Words
    picture: ShownPicture | None
    price_from: int
    price_to: int
    in_stock: bool
    version: int


class VariantLook(NamedTuple):
    """What a list of bought or chosen goods shows of a variant besides what it froze or counts."""

    picture: ShownPicture | None
    """The variant's own, or its product's."""
    in_stock: bool


_HAS_SOME = sa.or_(
    sa.not_(_variants.c.stock_tracked),
    sa.exists().where(
        _levels.c.variant_id == _variants.c.id, _levels.c.on_hand > _levels.c.reserved
    ),
)

_VERSION = HotStatement(
    sa.select(_products.c.version).where(
        _products.c.public_id == sa.bindparam("public_id"),
        _products.c.state == ProductState.ACTIVE,
    )
)

_PRODUCT = HotStatement(
    sa.select(
        _products.c.id,
        _products.c.public_id,
        _products.c.name_zh,
        _products.c.name_en,
        _products.c.words_zh,
        _products.c.words_en,
        _brands.c.public_id,
        _brands.c.name_zh,
        _brands.c.name_en,
        _categories.c.public_id,
        _categories.c.name_zh,
        _categories.c.name_en,
        _pictures.c.public_id,
        _pictures.c.width,
        _pictures.c.height,
    )
    .join(_brands, _brands.c.id == _products.c.brand_id)
    .join(_categories, _categories.c.id == _products.c.category_id)
    .outerjoin(_pictures, _pictures.c.id == _products.c.picture_id)
    .where(
        _products.c.public_id == sa.bindparam("public_id"),
        _products.c.state == ProductState.ACTIVE,
    )
)

_VARIANTS = HotStatement(
    sa.select(
        _variants.c.public_id,
        _variants.c.option_zh,
        _variants.c.option_en,
        _variants.c.price,
        sa.case((_HAS_SOME, 1), else_=0),
        _pictures.c.public_id,
        _pictures.c.width,
        _pictures.c.height,
    )
    .outerjoin(_pictures, _pictures.c.id == _variants.c.picture_id)
    .where(
        _variants.c.product_id == sa.bindparam("product_id"),
        _variants.c.state == ProductState.ACTIVE,
    )
    .order_by(_variants.c.position, _variants.c.id)
)

_LOOKS = (
    sa.select(
        _variants.c.id,
        _pictures.c.public_id,
        _pictures.c.width,
        _pictures.c.height,
        sa.case((_HAS_SOME, 1), else_=0),
    )
    .join(_products, _products.c.id == _variants.c.product_id)
    .outerjoin(
        _pictures,
        _pictures.c.id == sa.func.coalesce(_variants.c.picture_id, _products.c.picture_id),
    )
)

_ON_SALE = sa.and_(
    _variants.c.product_id == _products.c.id, _variants.c.state == ProductState.ACTIVE
)


def _of_variants(what: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    return sa.select(what).where(_ON_SALE).correlate(_products).scalar_subquery()


_CARDS = (
    sa.select(
        _products.c.id,
        _products.c.public_id,
        _products.c.name_zh,
        _products.c.name_en,
        _brands.c.name_zh,
        _brands.c.name_en,
        _pictures.c.public_id,
        _pictures.c.width,
        _pictures.c.height,
        _of_variants(sa.func.min(_variants.c.price)),
        _of_variants(sa.func.max(_variants.c.price)),
        sa.exists().where(_ON_SALE, _HAS_SOME).correlate(_products),
        _products.c.version,
    )
    .join(_brands, _brands.c.id == _products.c.brand_id)
    .outerjoin(_pictures, _pictures.c.id == _products.c.picture_id)
    .where(
        _products.c.state == ProductState.ACTIVE,
        sa.exists().where(_ON_SALE).correlate(_products),
    )
)


def version_of(public_id: str) -> int | None:
    """The version of a product on sale, or None: what a kept page is checked against. One query."""
    row = _VERSION.first(public_id=public_id)
    return None if row is None else row[0]


def product(public_id: str) -> ShownProduct | None:
    """A product on sale with its variants on sale, or None. Two queries."""
    row = _PRODUCT.first(public_id=public_id)
    if row is None:
        return None
    return ShownProduct(
        public_id=row[1],
        name=Words(row[2], row[3]),
        words=Words(row[4], row[5]),
        brand_id=row[6],
        brand=Words(row[7], row[8]),
        category_id=row[9],
        category=Words(row[10], row[11]),
        picture=_picture(row[12], row[13], row[14]),
        variants=[
            ShownVariant(code, Words(zh, en), price, bool(some), _picture(*picture))
            for code, zh, en, price, some, *picture in _VARIANTS.all(product_id=row[0])
        ],
    )


def was_sold(public_id: str) -> bool:
    """Whether there is such a product, on sale or not. One query."""
    found = sa.exists().where(_products.c.public_id == public_id)
    return bool(db.session.scalar(sa.select(found)))


def looks(variant_ids: Iterable[int]) -> dict[int, VariantLook]:
    """How these variants look, on sale or not, by id. One query."""
    rows = db.session.execute(_LOOKS.where(_variants.c.id.in_(list(variant_ids))))
    return {row[0]: VariantLook(_picture(*row[1:4]), bool(row[4])) for row in rows}


def cards(
    product_ids: Iterable[int], *, category: str | None = None, words: Sequence[str] = ()
) -> dict[int, Card]:
    """These products as a list shows them, by id; those off sale are left out. One query.

    Of these, only what is in a category (public id) or under it, and has all the words.
    """
    asked = _CARDS.where(_products.c.id.in_(list(product_ids)))
    if category is not None:
        asked = asked.where(_products.c.category_id.in_(_category_and_below(category)))
    rows = db.session.execute(asked.where(holds(words)) if words else asked)
    return {row[0]: _card(row) for row in rows}


def listed(
    *,
    category: str | None = None,
    brand: str | None = None,
    words: Sequence[str] = (),
    before: int | None,
    limit: int,
) -> list[Card]:
    """Products on sale, newest first, whose id is below `before`; in a category or under it.

    `category` and `brand` are public ids; unknown ones have no products. `words` are all found in
    each product (`searching`). One query.
    """
    asked = _CARDS.order_by(_products.c.id.desc()).limit(limit)
    if before is not None:
        asked = asked.where(_products.c.id < before)
    if brand is not None:
        asked = asked.where(_brands.c.public_id == brand)
    if category is not None:
        asked = asked.where(_products.c.category_id.in_(_category_and_below(category)))
    if words:
        asked = asked.where(holds(words))
    return [_card(row) for row in db.session.execute(asked)]


def _category_and_below(public_id: str) -> sa.Select[int]:
    top = sa.select(_categories.c.id).where(_categories.c.public_id == public_id)
    tree = top.cte("tree", recursive=True)
    # UNION, not UNION ALL: were there a circle after all, it would end.
    tree = tree.union(sa.select(_categories.c.id).join(tree, tree.c.id == _categories.c.parent_id))
    return sa.select(tree.c.id)


def _card(row: Sequence[Any]) -> Card:
    (key, public_id, zh, en, brand_zh, brand_en, pic, width, height, *rest) = row
    return Card(
        key,
        public_id,
        Words(zh, en),
        Words(brand_zh, brand_en),
        _picture(pic, width, height),
        *rest,
    )


def _picture(public_id: str | None, width: int, height: int) -> ShownPicture | None:
    return None if public_id is None else ShownPicture(public_id, width, height)
