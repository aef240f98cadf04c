"""What things cost: the price list that orders freeze, and every change of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, cast

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.changes import checked
from storefront.catalog.models import Product, ProductState, Variant
from storefront.catalog.price_history import PriceStep, keep_changes
from storefront.catalog.variants import checked_price, locked_with_product
from storefront.core.actor import Actor
from storefront.core.database import db, transaction

_products = cast(sa.Table, Product.__table__)
_variants = cast(sa.Table, Variant.__table__)


class PricedVariant(NamedTuple):
    """All of a variant that an order line freezes, as it stands now."""

    variant_id: int
    variant: str
    """The public id."""
    code: str
    product_id: int
    product: str
    """The product's public id."""
    brand_id: int
    category_id: int
    name_zh: str
    """The product's name; `full_name_zh` has the option too."""
    name_en: str
    option_zh: str
    option_en: str
    price: int
    """Minor units of the chain's currency, for one piece."""
    stock_tracked: bool
    state: ProductState
    product_state: ProductState

    @property
    def full_name_zh(self) -> str:
        """Product and option in Chinese."""
        return full_name(self.name_zh, self.option_zh)

    @property
    def full_name_en(self) -> str:
        """Product and option in English."""
        return full_name(self.name_en, self.option_en)

    @property
    def on_sale(self) -> bool:
        """Whether the chain sells it at the moment."""
        return self.state == self.product_state == ProductState.ACTIVE


_PRICE_LIST = sa.select(
    _variants.c.id,
    _variants.c.public_id,
    _variants.c.code,
    _products.c.id,
    _products.c.public_id,
    _products.c.brand_id,
    _products.c.category_id,
    _products.c.name_zh,
    _products.c.name_en,
    _variants.c.option_zh,
    _variants.c.option_en,
    _variants.c.price,
    _variants.c.stock_tracked,
    _variants.c.state,
    _products.c.state,
).join(_products, _products.c.id == _variants.c.product_id)
_PRICED = _PRICE_LIST.where(_variants.c.id.in_(sa.bindparam("variant_ids", expanding=True)))
_PRICED_BY_CODE = _PRICE_LIST.where(_variants.c.code.in_(sa.bindparam("codes", expanding=True)))


def full_name(product: str, option: str) -> str:
    """A variant's name: its product's, and the option if it has one."""
    return f"{product} · {option}" if option else product


def priced(variant_ids: Iterable[int]) -> dict[int, PricedVariant]:
    """The price list's lines for these variants, by variant id; unknown ids are left out.

    One SELECT. Says nothing about whether they may be sold: see `on_sale`.
    """
    ids = sorted(set(variant_ids))
    if not ids:
        return {}
    rows = db.session.execute(_PRICED, {"variant_ids": ids})
    return {row[0]: PricedVariant(*row) for row in rows}


def priced_by_code(codes: Iterable[str]) -> dict[str, PricedVariant]:
    """The price list's lines for these variants, by their code; unknown codes are left out."""
    wanted = sorted(set(codes))
    if not wanted:
        return {}
    rows = db.session.execute(_PRICED_BY_CODE, {"codes": wanted})
    return {priced.code: priced for priced in (PricedVariant(*row) for row in rows)}


def change(variant_id: str, price: int, reason: str, actor: Actor, now: datetime) -> Variant:
    """Set a variant's price (public id; minor units), and write down who did it and why.

    The same price again changes nothing and leaves no trace. Orders keep the price they froze.
    Raises NotFound `variant_not_found`, Invalid `wrong_price`, `wrong_reason`.
    """
    why = checked("reason", rules.reason, reason)
    checked_price(price)
    with transaction() as session:
        variant = locked_with_product(variant_id)
        if variant.price == price:
            return variant
        keep_changes([PriceStep(variant.id, variant.price, price, why)], actor, now)
        variant.price = price
        variant.product.version += 1
        session.flush()
        return variant
