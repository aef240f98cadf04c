"""What employees write: the words of their shops, captions, and posts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from storefront.cli.demo.content import Employee, Product, Words, read_data, words

PICKS = (8, 24)
"""An employee picks from so many to so many products."""

_OWN_WORDS = 0.75
"""How often a caption is one that fits the product only."""


@dataclass(frozen=True, slots=True)
class Pick:
    """A product in a shop, in the employee's order, with a word about it or none."""

    product: str
    caption: Words | None
    pinned: bool


@dataclass(frozen=True, slots=True)
class ShopWords:
    """A shop as its employee wrote it."""

    handle: str
    title: Words
    words: Words
    picks: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class PostWords:
    """A longer piece of writing with products to share."""

    title: Words
    words: Words
    products: tuple[str, ...]


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    return read_data("words")


def shop_words(random: Random, employee: Employee, products: tuple[Product, ...]) -> ShopWords:
    """An employee's shop: title, words, and 8 to 24 picks with captions for most."""
    style: dict[str, Any] = random.choice(_tables()["shop"])
    given = employee.name.given
    title = Words(
        style["title"]["zh"].format(name=given.zh), style["title"]["en"].format(name=given.en)
    )
    liked: str | None = style.get("category")
    chosen = _chosen(random, products, random.randint(*PICKS), {liked} if liked else set())
    picks = tuple(
        Pick(
            product=product.code,
            caption=caption(random, product) if random.random() < 0.8 else None,
            pinned=position < 2,
        )
        for position, product in enumerate(chosen)
    )
    return ShopWords(employee.handle, title, words(style["words"]), picks)


def caption(random: Random, product: Product) -> Words:
    """A word about a product, as an employee would say it to a friend."""
    every: list[dict[str, Any]] = _tables()["caption"]
    own = [entry for entry in every if product.code in entry.get("products", ())]
    general = [entry for entry in every if "products" not in entry]
    entry = random.choice(own if own and random.random() < _OWN_WORDS else general)
    return Words(
        entry["zh"].format(product=product.name.zh), entry["en"].format(product=product.name.en)
    )


def post_words(random: Random) -> PostWords:
    """A post about something of daily life, with two to four products."""
    entry: dict[str, Any] = random.choice(_tables()["post"])
    chosen = random.sample(entry["products"], entry["count"])
    return PostWords(words(entry["title"]), words(entry["words"]), tuple(chosen))


def _chosen(
    random: Random, products: tuple[Product, ...], count: int, liked: set[str]
) -> list[Product]:
    """Different products, the popular ones and those of a liked category more often."""
    left = list(products)
    chosen: list[Product] = []
    while left and len(chosen) < count:
        weights = [product.popularity * (8 if product.category in liked else 1) for product in left]
        product = random.choices(left, weights=weights)[0]
        left.remove(product)
        chosen.append(product)
    return chosen
