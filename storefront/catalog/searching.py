"""Finding goods by words: each must stand in a name, the brand, the category or the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import sqlalchemy as sa

from storefront.catalog.models import Brand, Category, Product, Variant

LONGEST = 60
"""Characters that are looked at."""
MOST_WORDS = 6

_brands = cast(sa.Table, Brand.__table__)
_categories = cast(sa.Table, Category.__table__)
_products = cast(sa.Table, Product.__table__)
_variants = cast(sa.Table, Variant.__table__)

_LOOKED_AT = (
    _products.c.name_zh,
    _products.c.name_en,
    _products.c.words_zh,
    _products.c.words_en,
    _brands.c.name_zh,
    _brands.c.name_en,
)


def words_in(asked: str) -> tuple[str, ...]:
    """The words that somebody typed into a search field, in small letters; none if it is empty."""
    plain = asked.replace("\0", "").replace("\u3000", " ")
    return tuple(plain[:LONGEST].lower().split()[:MOST_WORDS])


def holds(words: Sequence[str]) -> sa.ColumnElement[bool]:
    """Whether a product has all these words, in either language. To be asked beside its brand.

    Chinese is written without spaces, so a word is looked for anywhere, and `%` means itself.
    """
    return sa.and_(sa.true(), *(_has(word) for word in words))


def _has(word: str) -> sa.ColumnElement[bool]:
    of_category = sa.exists().where(
        _categories.c.id == _products.c.category_id,
        sa.or_(_in(_categories.c.name_zh, word), _in(_categories.c.name_en, word)),
    )
    of_variant = sa.exists().where(
        _variants.c.product_id == _products.c.id,
        sa.or_(_in(_variants.c.option_zh, word), _in(_variants.c.option_en, word)),
    )
    return sa.or_(*(_in(column, word) for column in _LOOKED_AT), of_category, of_variant)


def _in(column: sa.ColumnElement[str], word: str) -> sa.ColumnElement[bool]:
    return sa.func.lower(column).contains(word, autoescape=True)
