"""The chain's goods, from the packaged tables."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any, cast

from storefront.cli.demo.content import (
    Brand,
    Category,
    Option,
    Product,
    Variant,
    read_data,
    words,
)

_TABLES = ("clothing", "bags", "beauty", "home")
_COLOUR_KEYS = 3


def categories() -> tuple[Category, ...]:
    """Four departments, then the 12 categories under them."""
    return tuple(
        Category(entry["code"], entry.get("parent"), words(entry["name"]))
        for entry in read_data("chain")["category"]
    )


def brands() -> tuple[Brand, ...]:
    """The 16 invented brands."""
    return tuple(
        Brand(entry["code"], words(entry["name"]), words(entry["words"]))
        for entry in read_data("chain")["brand"]
    )


def products(random: Random) -> tuple[Product, ...]:
    """The 80 products. The seed moves only their popularity, up or down by up to a third."""
    tables = read_data("chain")
    listed = [entry for table in _TABLES for entry in read_data(table)["product"]]
    return tuple(
        replace(product, popularity=max(1, round(product.popularity * random.uniform(7, 13))))
        for product in (_product(entry, tables) for entry in listed)
    )


def _product(entry: dict[str, Any], tables: dict[str, Any]) -> Product:
    return Product(
        code=entry["code"],
        category=entry["category"],
        brand=entry["brand"],
        name=words(entry["name"]),
        description=words(entry["description"]),
        material=words(entry["material"]),
        motif=entry["motif"],
        popularity=entry["popularity"],
        variants=tuple(_variants(entry, tables)),
    )


def _variants(entry: dict[str, Any], tables: dict[str, Any]) -> list[Variant]:
    """Every colour with every size; a product without either has one variant."""
    colours: list[str | None] = [*entry.get("colours", [])] or [None]
    sizes: list[str | None] = [*entry.get("sizes", [])] or [None]
    prices: list[int] = entry.get("prices") or [entry["price"]] * len(sizes)
    found: list[Variant] = []
    for colour in colours:
        swatch = tables["colours"][colour]["swatch"] if colour else entry["tint"]
        picture = f"{entry['code']}-{colour}".lower() if colour else entry["code"].lower()
        for size, price in zip(sizes, prices, strict=True):
            options: list[Option] = []
            sku = cast(str, entry["code"])
            if colour:
                options.append(Option("colour", colour, words(tables["colours"][colour])))
                sku += f"-{colour[:_COLOUR_KEYS].upper()}"
            if size:
                table = tables["sizes"][size]
                options.append(Option(table["kind"], size, words(table)))
                sku += f"-{size}"
            found.append(Variant(sku, tuple(options), price, swatch, picture))
    return found
