"""The demo chain as a whole."""

from __future__ import annotations

from random import Random

from storefront.cli.demo import goods, people
from storefront.cli.demo.content import Chain, Region, ReturnReason, Store, read_data, words


def make_chain(random: Random) -> Chain:
    """The chain that a seed gives: the same seed, the same chain.

    Stores, categories, brands and goods are always the same; people, their posts and the
    goods' popularity are drawn from `random`.
    """
    tables = read_data("chain")
    about = tables["chain"]
    regions = tuple(Region(entry["code"], words(entry["name"])) for entry in tables["region"])
    stores = tuple(
        Store(
            code=entry["code"],
            region=entry["region"],
            name=words(entry["name"]),
            province=words(entry["province"]),
            city=words(entry["city"]),
            district=words(entry["district"]),
            street=words(entry["street"]),
            weight=entry["weight"],
            opening=words(entry["opening"]) if "opening" in entry else None,
        )
        for entry in tables["store"]
    )
    return Chain(
        code=about["code"],
        name=words(about["name"]),
        short_name=words(about["short"]),
        legal_name=words(about["legal"]),
        motto=words(about["motto"]),
        regions=regions,
        stores=stores,
        categories=goods.categories(),
        brands=goods.brands(),
        products=goods.products(random),
        employees=people.employees(random, regions, stores),
        return_reasons=tuple(
            ReturnReason(
                entry["code"],
                words(entry["name"]),
                entry["weight"],
                tuple(entry.get("categories", ())),
            )
            for entry in read_data("words")["reason"]
        ),
    )
