"""Products: created with their variants, edited, hidden and shown, given a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from storefront.catalog import rules, variants
from storefront.catalog.changes import (
    checked,
    flush_new,
    locked,
    locked_version,
    not_found,
    unknown,
)
from storefront.catalog.models import Brand, Category, Product, ProductState, Variant
from storefront.catalog.variants import VariantDraft
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Invalid
from storefront.core.ids import public_id
from storefront.core.pictures import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """A product to be entered; brand and category by public id."""

    code: str
    brand: str
    category: str
    name_zh: str
    name_en: str
    words_zh: str = ""
    words_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductChanges:
    """What is to be different; None leaves it alone, an empty text empties."""

    brand: str | None = None
    category: str | None = None
    name_zh: str | None = None
    name_en: str | None = None
    words_zh: str | None = None
    words_en: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Which products of the catalogue; None does not ask."""

    text: str | None = None
    """Part of a name or of a product's or variant's code."""
    brand: str | None = None
    category: str | None = None
    state: ProductState | None = None


def create(
    draft: ProductDraft, variant_drafts: Sequence[VariantDraft], actor: Actor, now: datetime
) -> Product:
    """Enter a product with at least one variant, on sale at once.

    Raises Conflict `code_taken`, Invalid `unknown_brand`, `unknown_category`, `no_variants`,
    `wrong_…` for a field.
    """
    if not variant_drafts:
        raise Invalid("no_variants", "A product needs at least one variant to be bought.")
    with transaction() as session:
        product = Product(
            public_id=public_id("prd"),
            code=checked("code", rules.code, draft.code),
            brand=_brand(draft.brand),
            category=_category(draft.category),
            name_zh=checked("name_zh", rules.name, draft.name_zh),
            name_en=checked("name_en", rules.name, draft.name_en),
            words_zh=checked("words_zh", rules.words, draft.words_zh),
            words_en=checked("words_en", rules.words, draft.words_en),
            picture=None,
            created_at=now,
        )
        session.add(product)
        for position, variant_draft in enumerate(variant_drafts):
            product.variants.append(variants.new(variant_draft, position))
        flush_new()
        variants.keep_first_prices(product.variants, actor, now)
        return product


def edit(product_id: str, version: int, changes: ProductChanges) -> Product:
    """Change what is said about it. Raises Stale, NotFound, Invalid."""
    with transaction() as session:
        product = locked_version(Product, product_id, version)
        if changes.brand is not None:
            product.brand = _brand(changes.brand)
        if changes.category is not None:
            product.category = _category(changes.category)
        if changes.name_zh is not None:
            product.name_zh = checked("name_zh", rules.name, changes.name_zh)
        if changes.name_en is not None:
            product.name_en = checked("name_en", rules.name, changes.name_en)
        if changes.words_zh is not None:
            product.words_zh = checked("words_zh", rules.words, changes.words_zh)
        if changes.words_en is not None:
            product.words_en = checked("words_en", rules.words, changes.words_en)
        product.version += 1
        session.flush()
        return product


def hide(product_id: str) -> Product:
    """Take it off sale: no page shows it and no cart takes it. Does nothing twice."""
    return _into(product_id, ProductState.HIDDEN)


def show(product_id: str) -> Product:
    """Put it on sale again. Does nothing twice."""
    return _into(product_id, ProductState.ACTIVE)


def set_picture(product_id: str, picture: Picture | None) -> Product:
    """Give it a picture, or take it away."""
    with transaction() as session:
        product = locked(Product, product_id)
        product.picture = picture
        product.version += 1
        session.flush()
        return product


def find(product_id: str) -> Product:
    """The product with this public id, and all that belongs to it. Raises NotFound."""
    product = db.session.scalars(
        sa.select(Product)
        .where(Product.public_id == product_id)
        .options(
            joinedload(Product.brand),
            joinedload(Product.category),
            joinedload(Product.picture),
            selectinload(Product.variants).joinedload(Variant.picture),
        )
    ).one_or_none()
    if product is None:
        raise not_found("product")
    return product


def listed(wanted: ProductFilter, *, before: int | None, limit: int) -> Sequence[Product]:
    """Products, newest first, whose id is below `before`; with brand, category and variants."""
    asked = sa.select(Product).order_by(Product.id.desc()).limit(limit)
    if before is not None:
        asked = asked.where(Product.id < before)
    if wanted.state is not None:
        asked = asked.where(Product.state == wanted.state)
    if wanted.brand is not None:
        asked = asked.join(Product.brand).where(Brand.public_id == wanted.brand)
    if wanted.category is not None:
        asked = asked.join(Product.category).where(Category.public_id == wanted.category)
    if wanted.text:
        asked = asked.where(_contains(wanted.text))
    return db.session.scalars(
        asked.options(
            selectinload(Product.brand),
            selectinload(Product.category),
            selectinload(Product.picture),
            selectinload(Product.variants).selectinload(Variant.picture),
        )
    ).all()


def _contains(text: str) -> sa.ColumnElement[bool]:
    of_product = [
        column.icontains(text, autoescape=True)
        for column in (Product.name_zh, Product.name_en, Product.code)
    ]
    of_variant = Product.variants.any(Variant.code.icontains(text, autoescape=True))
    return sa.or_(*of_product, of_variant)


def _into(product_id: str, state: ProductState) -> Product:
    with transaction() as session:
        product = locked(Product, product_id)
        if product.state is not state:
            product.state = state
            product.version += 1
            session.flush()
        return product


def _brand(brand_id: str) -> Brand:
    brand = db.session.scalars(sa.select(Brand).where(Brand.public_id == brand_id)).one_or_none()
    if brand is None:
        raise unknown("brand")
    return brand


def _category(category_id: str) -> Category:
    category = db.session.scalars(
        sa.select(Category).where(Category.public_id == category_id)
    ).one_or_none()
    if category is None:
        raise unknown("category")
    return category
