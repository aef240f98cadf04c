"""What employees write: the words of their shops, captions, posts, and headings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

from storefront.cli.demo.content import Employee, Product, Words, read_data, words

PICKS = (8, 24)
"""An employee picks from so many to so many products."""

_WORTH_A_HEADING = 3
"""Goods."""

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


@dataclass(frozen=True, slots=True)
class Heading:
    """A section of a shop, and what stands in it."""

    title: Words
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


def post_words(random: Random, picks: Collection[str], most: int) -> tuple[PostWords, ...]:
    """Up to `most` posts about things of daily life, with two to four products of the shop each."""
    fitting = [entry for entry in _tables()["post"] if len(_own(entry, picks)) >= _least(entry)]
    return tuple(
        PostWords(
            Words(entry["title"]["zh"], entry["title"]["en"]),
            Words(entry["words"]["zh"].strip(), entry["words"]["en"].strip()),
            tuple(_own(entry, picks)[: entry["count"]]),
        )
        for entry in random.sample(fitting, min(most, len(fitting)))
    )


def headings(goods: Sequence[Product]) -> tuple[Heading, ...]:
    """The headings that these goods of a shop suggest: those for three goods and more."""
    entries: list[dict[str, Any]] = _tables()["section"]
    found = [
        Heading(
            words(entry["title"]),
            tuple(product.code for product in goods if product.category in entry["categories"]),
        )
        for entry in entries
    ]
    return tuple(heading for heading in found if len(heading.products) >= _WORTH_A_HEADING)


def _own(entry: dict[str, Any], picks: Collection[str]) -> list[str]:
    return [code for code in entry["products"] if code in picks]


def _least(entry: dict[str, Any]) -> int:
    least: int = entry.get("least", entry["count"])
    return least


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
