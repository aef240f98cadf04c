"""Pictures, drawn by other processes while the trade is played in this one."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from storefront.catalog import products, variants
from storefront.cli.demo import pictures
from storefront.cli.demo.content import EmploymentState, Product
from storefront.cli.demo.filling.goods import Goods
from storefront.cli.demo.filling.people import People
from storefront.cli.demo.filling.script import Script
from storefront.cli.demo.plans import ShopOpeningPlan
from storefront.core.pictures import Encoded, Picture, keep_encoded
from storefront.shops import service as shops

_POLITE = 5
"""How much drawing stands back where others want the processor too (as in `nice`)."""


@dataclass(frozen=True, slots=True)
class Gallery:
    """What is being drawn: goods by the variants' pictures, faces by staff number, and what stands
    above posts by the codes of their products.
    """

    goods: Mapping[str, Future[Encoded]]
    faces: Mapping[str, Future[Encoded]]
    posts: Mapping[tuple[str, ...], Future[Encoded]]

    def __len__(self) -> int:
        return len(self.goods) + len(self.faces) + len(self.posts)


@contextmanager
def open_gallery(script: Script) -> Generator[Gallery]:
    """Begin to draw everything. No thread may run and no connection be open: processes fork."""
    executor = draughtsmen()
    products = {product.code: product for product in script.chain.products}
    try:
        yield Gallery(
            goods={
                variant.picture: executor.submit(pictures.product_files, product, variant)
                for product in script.chain.products
                for variant in product.pictured()
            },
            faces={
                person.number: executor.submit(pictures.face_files, person)
                for person in script.chain.employees
                if person.number in _with_an_open_shop(script)
            },
            posts={
                codes: executor.submit(pictures.post_files, tuple(products[code] for code in codes))
                for codes in _shown_by_posts(script)
            },
        )
    finally:
        executor.shutdown(cancel_futures=True)


def draughtsmen() -> Executor:
    """As many processes as the machine has processors."""
    return ProcessPoolExecutor(
        mp_context=multiprocessing.get_context("fork"), initializer=_stand_back
    )


def hang(
    gallery: Gallery, script: Script, people: People, goods: Goods, step: Callable[[], object]
) -> None:
    """Give every product, every variant and every open shop its picture."""
    for product in script.chain.products:
        hung: dict[str, Picture] = {}
        for variant in product.pictured():
            hung[variant.picture] = keep_encoded(gallery.goods[variant.picture].result())
            step()
        _hang_goods(product, hung, goods)
    for number, face in gallery.faces.items():
        shops.hang_picture(people.id_of(number), keep_encoded(face.result()))
        step()


def _hang_goods(product: Product, hung: dict[str, Picture], goods: Goods) -> None:
    first = hung[product.variants[0].picture]
    products.set_picture(goods.products[product.code].public_id, first)
    for variant in product.variants:
        variants.set_picture(goods.variants[variant.sku].public_id, hung[variant.picture])


def _shown_by_posts(script: Script) -> list[tuple[str, ...]]:
    """Each set of goods once, in a fixed order."""
    return sorted({plan.post.products for fitting in script.fittings for plan in fitting.posts})


def _with_an_open_shop(script: Script) -> set[str]:
    active = {
        person.number for person in script.chain.employees if person.state is EmploymentState.ACTIVE
    }
    return active & {plan.employee for plan in script.events(ShopOpeningPlan)}


def _stand_back() -> None:
    """Leave the processor to the trade, and an interruption to whoever waits for the pictures."""
    os.nice(_POLITE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
