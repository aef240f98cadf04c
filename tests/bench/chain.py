"""A small chain with enough of everything for crowds to pass: made through the shop's services."""

from __future__ import annotations

import random
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from config.settings import SECRETS, SIGNING_KEY, Settings
from storefront import create_app
from storefront.core import clock, hot
from storefront.core.database import db, transaction
from storefront.customers.visitors import cookie_value, new_visitor_id
from storefront.orders.models import Order
from storefront.sharing import touches
from storefront.sharing.models import Touch, Uncounted
from storefront.sharing.touches import Hit
from tests.support import cast, rules
from tests.support.databases import Kind, make_tables, throwaway_postgresql
from tests.support.shopping import PHONE_BROWSER

SHOPS = 6
PRODUCTS = 24
VARIANTS = 3
VISITORS = 4_000
"""Who came by a link before the measuring began, and now buys."""
PIECES = 100_000_000
"""Of each variant. Stock is kept, it just never runs out."""

WORDS = "A warm light for long evenings, made of oak and linen, with a cord of two metres. " * 6


@dataclass(frozen=True)
class Chain:
    """What the client has to know: addresses, goods, who comes."""

    codes: list[str]
    """Share links, each to a product in a shop."""
    pages: list[str]
    """Paths of product pages in shops."""
    products: list[str]
    variants: list[str]
    cookies: list[str]
    """Visitors with a touch behind them."""
    sandbox_secret: str


@dataclass(frozen=True)
class Place:
    """A database, and the environment of a shop over it."""

    kind: Kind
    url: str
    environment: dict[str, str]


@contextmanager
def a_place(kind: Kind, folder: Path) -> Generator[Place]:
    """A database with every table, for the length of a `with`, on disk and as durable as in use."""
    if kind == "sqlite":
        yield _prepared(kind, f"sqlite:///{folder / 'bench.sqlite'}", folder)
        return
    with throwaway_postgresql(durable=True) as server:
        yield _prepared(kind, server.create_database("bench"), folder)


def _prepared(kind: Kind, url: str, folder: Path) -> Place:
    make_tables(url)
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    environment = {name: secrets.token_hex(32) for name in (*SECRETS, SIGNING_KEY)}
    environment |= {
        "STOREFRONT_ENV": "production",
        "ALLOW_SANDBOX_GATEWAY": "true",
        "INSTANCE_FOLDER": str(folder),
        "DATABASE_URL": plain,
        "PUBLIC_BASE_URL": "https://shop.example",
    }
    return Place(kind, url, environment)


@contextmanager
def inside(place: Place) -> Generator[None]:
    """The shop's own services over the database, in this process."""
    given = {name.lower(): place.environment[name] for name in SECRETS}
    folder = Path(place.environment["INSTANCE_FOLDER"])
    settings = Settings.for_tests(database_url=place.url, instance_folder=folder, **given)
    with create_app(settings).app_context():
        try:
            yield
        finally:
            db.session.remove()
            hot.close_connections()
            db.engine.dispose()


def open_chain(place: Place) -> Chain:
    """Hire, stock, share, and let visitors come."""
    with inside(place):
        rules.a_policy()
        rules.a_plan()
        products = [
            cast.a_product(
                f"Lamp {number}",
                price=1_900 + number,
                more_prices=[2_900 + number] * (VARIANTS - 1),
                stock=PIECES,
                words_en=WORDS,
                words_zh="为漫长的夜晚准备的一盏暖灯，橡木与亚麻制成。" * 10,
            )
            for number in range(PRODUCTS)
        ]
        links, pages = [], []
        for _ in range(SHOPS):
            shop = cast.a_shop(words="灯，以及灯下的一切。")
            for product in products:
                cast.a_listing(shop, product, caption="我自己家里也用这一盏。")
                links.append(cast.a_link(shop, product).code)
                pages.append(f"/s/{shop.handle}/p/{product.public_id}")
        visitors = [new_visitor_id() for _ in range(VISITORS)]
        _let_come(visitors, links)
        secret = place.environment["VISITOR_SECRET"]
        return Chain(
            codes=links,
            pages=pages,
            products=[product.public_id for product in products],
            variants=[one.public_id for product in products for one in product.variants],
            cookies=[f"visitor={cookie_value(visitor, secret)}" for visitor in visitors],
            sandbox_secret=place.environment["SANDBOX_GATEWAY_SECRET"],
        )


def _let_come(visitors: list[str], codes: list[str]) -> None:
    at = clock.now() - timedelta(hours=1)
    chance = random.Random(7)
    hits = [
        Hit(chance.choice(codes), visitor, at, Uncounted.NO, PHONE_BROWSER) for visitor in visitors
    ]
    with transaction():
        touches.keep_together(hits)


@dataclass(frozen=True)
class Stored:
    """What the database holds, to be compared with what the client was told."""

    touches: int
    paid_orders: int


def count(place: Place) -> Stored:
    """Count it."""
    engine = sa.create_engine(place.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        touches_kept = connection.scalar(sa.select(sa.func.count()).select_from(Touch))
        paid = connection.scalar(
            sa.select(sa.func.count()).select_from(Order).where(Order.paid_at.is_not(None))
        )
    engine.dispose()
    return Stored(touches_kept or 0, paid or 0)
