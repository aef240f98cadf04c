"""The catalogue, and what becomes dearer or cheaper in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple

from storefront.catalog import brands, categories, prices, products
from storefront.catalog.models import Category
from storefront.catalog.products import ProductDraft
from storefront.catalog.variants import VariantDraft
from storefront.cli.demo.content import Product, Variant
from storefront.cli.demo.filling.script import Script
from storefront.core.actor import Actor

ENTERED = -14
"""The day, counted from the first day of trade, on which the catalogue is entered."""

_PROMOTIONS = ((32, 34), (65, 67))
"""From which day to which goods are cheaper; `rhythm` makes these days busier."""

_PROMOTED = 6
_PROMOTION = 85
"""Percent of the usual price."""

_DEARER = 5
_DEARER_BY = 108
"""Percent of the old price."""

Deed = Callable[[datetime], object]
"""Something done at a time."""


class Known(NamedTuple):
    """A product or variant, as the services know it."""

    id: int
    public_id: str


@dataclass(frozen=True, slots=True)
class Goods:
    """The chain's goods by their codes."""

    brand_ids: dict[str, int]
    category_ids: dict[str, int]
    products: dict[str, Known]
    variants: dict[str, Known]


def enter_catalogue(script: Script, desk: Actor, step: Callable[[], object]) -> Goods:
    """Enter brands, categories, and every product with its variants and first prices."""
    brand_of = {
        brand.code: brands.create(brand.code, brand.name.zh, brand.name.en)
        for brand in script.chain.brands
    }
    category_of = _enter_categories(script)
    goods = Goods(
        brand_ids={code: brand.id for code, brand in brand_of.items()},
        category_ids={code: category.id for code, category in category_of.items()},
        products={},
        variants={},
    )
    for product in script.chain.products:
        draft = ProductDraft(
            code=product.code,
            brand=brand_of[product.brand].public_id,
            category=category_of[product.category].public_id,
            name_zh=product.name.zh,
            name_en=product.name.en,
            words_zh=f"{product.description.zh}\n\n{product.material.zh}",
            words_en=f"{product.description.en}\n\n{product.material.en}",
        )
        variants = [_draft(variant) for variant in product.variants]
        entered = products.create(draft, variants, desk, script.at(ENTERED, time(10)))
        goods.products[product.code] = Known(entered.id, entered.public_id)
        for variant in entered.variants:
            goods.variants[variant.code] = Known(variant.id, variant.public_id)
        step()
    return goods


def price_changes(script: Script, goods: Goods, desk: Actor) -> Iterator[tuple[datetime, Deed]]:
    """Two promotions, and a few things that become dearer for good."""
    chosen = script.dice.sample(script.chain.products, 2 * _PROMOTED + _DEARER)
    for place, (start, end) in enumerate(_PROMOTIONS):
        for product in chosen[place * _PROMOTED : (place + 1) * _PROMOTED]:
            cheaper = _repriced(product, _PROMOTION)
            usual = {variant.sku: variant.price for variant in product.variants}
            yield script.at(start, time(0, 5)), _pricing(goods, cheaper, "Promotion", desk)
            yield script.at(end, time(0, 5)), _pricing(goods, usual, "Promotion over", desk)
    for product in chosen[2 * _PROMOTED :]:
        at = script.at(script.dice.randint(8, 80), time(11))
        yield at, _pricing(goods, _repriced(product, _DEARER_BY), "New from the maker", desk)


def _enter_categories(script: Script) -> dict[str, Category]:
    """Departments come before what stands under them."""
    entered: dict[str, Category] = {}
    for position, category in enumerate(script.chain.categories):
        parent = entered[category.parent].public_id if category.parent else categories.TOP
        entered[category.code] = categories.create(
            category.code, category.name.zh, category.name.en, parent=parent, position=position
        )
    return entered


def _draft(variant: Variant) -> VariantDraft:
    return VariantDraft(
        code=variant.sku,
        price=variant.price,
        option_zh=" · ".join(option.name.zh for option in variant.options),
        option_en=" · ".join(option.name.en for option in variant.options),
    )


def _repriced(product: Product, percent: int) -> dict[str, int]:
    """New prices by SKU, in whole yuan."""
    return {
        variant.sku: max(100, variant.price * percent // 10_000 * 100)
        for variant in product.variants
    }


def _pricing(goods: Goods, new: dict[str, int], reason: str, desk: Actor) -> Deed:
    def change(now: datetime) -> None:
        for sku, price in new.items():
            prices.change(goods.variants[sku].public_id, price, reason, desk, now)

    return change
