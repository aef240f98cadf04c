"""What lies where: enough for everything that is going to be sold, until the last evening."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from math import ceil

from storefront.catalog import locations, stocktaking
from storefront.catalog.stocktaking import Counted, Delivered
from storefront.cli.demo.content import Store
from storefront.cli.demo.filling.goods import ENTERED, Deed, Goods
from storefront.cli.demo.filling.script import Script
from storefront.cli.demo.plans import PurchasePlan
from storefront.core.actor import Actor

WAREHOUSE = "WAREHOUSE"

_SECOND_DELIVERY = 40
"""The day of trade on which the goods for the rest of it come."""

_FROM_STORES = 0.15
"""How much of what is sold the stores' own shelves have to give, once the warehouse is empty."""

_SOLD_OUT = 5


def stock_up(script: Script, goods: Goods, desk: Actor) -> None:
    """Open the warehouse and the stores' shelves, and fill them before the first day."""
    places = {WAREHOUSE: locations.create(WAREHOUSE, "中央仓", "Central warehouse").id}
    for priority, store in enumerate(script.chain.stores, start=10):
        opened = locations.create(
            store.code, store.name.zh, store.name.en, priority=priority, **_about_pick_up(store)
        )
        places[store.code] = opened.id
    wanted = _wanted(script, script.at(-1, time.min), _second_delivery(script))
    delivered: list[Delivered] = []
    for sku, variant in goods.variants.items():
        in_stores = ceil(_FROM_STORES * wanted[sku])
        in_warehouse = wanted[sku] - in_stores + script.dice.randint(2, 12)
        delivered.append(Delivered(variant.id, places[WAREHOUSE], in_warehouse))
        for store in script.chain.stores:
            on_shelf = script.dice.randint(1, 4) + in_stores // len(script.chain.stores)
            delivered.append(Delivered(variant.id, places[store.code], on_shelf))
    stocktaking.deliver(delivered, desk, script.at(ENTERED + 2, time(10)))


def _about_pick_up(store: Store) -> locations.AboutPickUp:
    if store.opening is None:
        return {}
    city = "" if store.city.zh == store.province.zh else store.city.zh
    return {
        "is_pick_up": True,
        "address_zh": f"{store.province.zh}{city}{store.district.zh}{store.street.zh}",
        "address_en": f"{store.street.en}, {store.district.en}, {store.city.en}",
        "opening_zh": store.opening.zh,
        "opening_en": store.opening.en,
    }


def later(script: Script, goods: Goods, desk: Actor) -> Iterator[tuple[datetime, Deed]]:
    """Another delivery, and in the end a count that finds some shelves empty."""
    place = locations.find(WAREHOUSE).id
    second = _second_delivery(script)
    coming = [
        Delivered(goods.variants[sku].id, place, pieces)
        for sku, pieces in sorted(_wanted(script, second, script.end).items())
    ]
    yield second, lambda now: stocktaking.deliver(coming, desk, now)
    empty = script.dice.sample(sorted(goods.variants), _SOLD_OUT)
    empty += [variant.sku for variant in script.dice.choice(script.chain.products).variants]
    yield (
        script.end - timedelta(microseconds=1),
        lambda now: _count_empty([goods.variants[sku].id for sku in empty], desk, now),
    )


def _second_delivery(script: Script) -> datetime:
    return script.at(_SECOND_DELIVERY, time(7, 30))


def _wanted(script: Script, start: datetime, end: datetime) -> Counter[str]:
    """How many pieces are going to be ordered from `start` up to `end`, by SKU."""
    wanted = Counter[str]()
    for purchase in script.events(PurchasePlan):
        if start <= purchase.at < end:
            for line in purchase.lines:
                wanted[line.sku] += line.quantity
    return wanted


def _count_empty(variant_ids: list[int], desk: Actor, now: datetime) -> None:
    """Find nothing but what is promised to orders already."""
    stocktaking.count(
        [
            Counted(variant_id, shelf.location.id, shelf.reserved)
            for variant_id in sorted(set(variant_ids))
            for shelf in stocktaking.shelves(variant_id)
        ],
        desk,
        now,
    )
