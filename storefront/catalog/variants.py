"""Variants: what is priced, stocked and bought. Each edit counts as one of its product."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.changes import checked, flush_new, locked, locked_version, not_found
from storefront.catalog.models import Product, ProductState, Variant
from storefront.catalog.price_history import FIRST_PRICE, PriceStep, keep_changes
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Invalid
from storefront.core.ids import public_id
from storefront.core.pictures import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """A variant to be entered."""

    code: str
    price: int
    """Minor units, above zero."""
    option_zh: str = ""
    option_en: str = ""
    stock_tracked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantChanges:
    """What is to be different; None leaves it alone."""

    option_zh: str | None = None
    option_en: str | None = None
    stock_tracked: bool | None = None
    position: int | None = None
    """Among its sisters, smallest first."""


def add(product_id: str, version: int, draft: VariantDraft, actor: Actor, now: datetime) -> Variant:
    """Enter a further variant of a product (public id) that the editor saw in `version`.

    Raises Stale, Conflict `code_taken`, NotFound, Invalid.
    """
    with transaction():
        product = locked_version(Product, product_id, version)
        position = 1 + max((variant.position for variant in product.variants), default=-1)
        variant = new(draft, position)
        product.variants.append(variant)
        product.version += 1
        flush_new()
        keep_first_prices([variant], actor, now)
        return variant


def edit(variant_id: str, version: int, changes: VariantChanges) -> Variant:
    """Change a variant of a product that the editor saw in `version`.

    Raises Stale, NotFound, Invalid.
    """
    with transaction() as session:
        variant = find(variant_id)
        product = locked_version(Product, variant.product.public_id, version)
        session.refresh(variant)
        if changes.option_zh is not None:
            variant.option_zh = checked("option_zh", rules.option, changes.option_zh)
        if changes.option_en is not None:
            variant.option_en = checked("option_en", rules.option, changes.option_en)
        if changes.stock_tracked is not None:
            variant.stock_tracked = changes.stock_tracked
        if changes.position is not None:
            variant.position = changes.position
        product.version += 1
        session.flush()
        return variant


def hide(variant_id: str) -> Variant:
    """Take it off sale. Does nothing twice."""
    return _into(variant_id, ProductState.HIDDEN)


def show(variant_id: str) -> Variant:
    """Put it on sale again. Does nothing twice."""
    return _into(variant_id, ProductState.ACTIVE)


def set_picture(variant_id: str, picture: Picture | None) -> Variant:
    """Give it a picture of its own, or take it away."""
    with transaction() as session:
        variant = locked_with_product(variant_id)
        variant.picture = picture
        variant.product.version += 1
        session.flush()
        return variant


def find(variant_id: str) -> Variant:
    """The variant with this public id. Raises NotFound `variant_not_found`."""
    variant = db.session.scalars(
        sa.select(Variant).where(Variant.public_id == variant_id)
    ).one_or_none()
    if variant is None:
        raise not_found("variant")
    return variant


def locked_with_product(variant_id: str) -> Variant:
    """The variant as it is now; its product's row is locked for both. Raises NotFound."""
    variant = find(variant_id)
    locked(Product, variant.product.public_id)
    db.session.refresh(variant)
    return variant


def new(draft: VariantDraft, position: int) -> Variant:
    """A variant that is not stored yet. Raises Invalid `wrong_…`."""
    return Variant(
        public_id=public_id("var"),
        code=checked("code", rules.code, draft.code),
        option_zh=checked("option_zh", rules.option, draft.option_zh),
        option_en=checked("option_en", rules.option, draft.option_en),
        price=checked_price(draft.price),
        stock_tracked=draft.stock_tracked,
        position=position,
        picture=None,
    )


def checked_price(price: int) -> int:
    """The price, if it may be one. Raises Invalid `wrong_price`."""
    try:
        return rules.price(price)
    except ValueError as error:
        raise Invalid("wrong_price", str(error)) from error


def keep_first_prices(stored: Iterable[Variant], actor: Actor, now: datetime) -> None:
    """Begin the price history of variants that were just stored."""
    steps = [PriceStep(variant.id, None, variant.price, FIRST_PRICE) for variant in stored]
    keep_changes(steps, actor, now)


def _into(variant_id: str, state: ProductState) -> Variant:
    with transaction() as session:
        variant = locked_with_product(variant_id)
        if variant.state is not state:
            variant.state = state
            variant.product.version += 1
            session.flush()
        return variant
