"""Many hands on the same stock, each race with a twin that leaves the protection out and fails."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.catalog import products, stock, stocktaking
from storefront.catalog.models import Product, StockLevel, StockMovement
from storefront.catalog.products import ProductChanges
from storefront.catalog.stock import Reserved, Wanted
from storefront.catalog.stocktaking import Counted, Delivered
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict
from tests.support import cast
from tests.support.threads import all_at_once

CROWD = 24
# Each waiting thread holds a connection; the barrier needs all of them at once.
pytestmark = pytest.mark.own_app(database_pool_size=CROWD + 2, database_pool_timeout=30.0)

Reserve = Callable[[Sequence[Wanted]], list[Reserved]]


def buyer(reserve: Reserve, *wanted: Wanted) -> Callable[[], list[Reserved]]:
    def buy() -> list[Reserved]:
        with transaction():
            return reserve(wanted)

    return buy


def naive(readers: threading.Barrier) -> Reserve:
    """Read, then write: the way that sold things twice elsewhere (saleor#543)."""

    def reserve(wanted: Sequence[Wanted]) -> list[Reserved]:
        promised: list[Reserved] = []
        for variant_id, quantity in wanted:
            level = db.session.execute(
                sa.select(StockLevel.location_id, StockLevel.on_hand, StockLevel.reserved).where(
                    StockLevel.variant_id == variant_id
                )
            ).one()
            meet(readers)
            if level.on_hand - level.reserved < quantity:
                raise Conflict("out_of_stock", "Sold out.")
            db.session.execute(
                sa.update(StockLevel)
                .where(StockLevel.variant_id == variant_id)
                .values(reserved=level.reserved + quantity)
            )
            promised.append(Reserved(variant_id, level.location_id, quantity))
        return promised

    return reserve


def meet(others: threading.Barrier) -> None:
    """Wait for the others where the database lets them come this far."""
    try:
        others.wait(timeout=0.5)
    except threading.BrokenBarrierError:
        return


def won(answers: Sequence[Any]) -> list[Any]:
    """The answers of those who got something. Nobody may have met anything but "sold out"."""
    for answer in answers:
        if isinstance(answer, Exception):
            assert isinstance(answer, Conflict), repr(answer)
            assert answer.code == "out_of_stock"
    return [answer for answer in answers if not isinstance(answer, Exception)]


def the_level(variant_id: int) -> tuple[int, int]:
    asked = sa.select(StockLevel.on_hand, StockLevel.reserved)
    row = db.session.execute(asked.where(StockLevel.variant_id == variant_id)).one()
    return row.on_hand, row.reserved


def test_the_last_piece_is_sold_exactly_once(app: Flask) -> None:
    variant = cast.a_product(stock=1).variants[0]
    answers = all_at_once(app, [buyer(stock.reserve, Wanted(variant.id, 1))] * CROWD)
    assert len(won(answers)) == 1
    assert the_level(variant.id) == (1, 1)


@pytest.mark.postgresql_only
def test_the_last_piece_is_sold_twice_where_one_reads_and_then_writes(app: Flask) -> None:
    variant = cast.a_product(stock=1).variants[0]
    reserve = naive(threading.Barrier(2))
    answers = all_at_once(app, [buyer(reserve, Wanted(variant.id, 1))] * 2)
    assert len(won(answers)) == 2


def test_every_piece_that_is_there_is_sold(app: Flask) -> None:
    variant = cast.a_product(stock=20).variants[0]
    cast.counted(variant, 13, cast.a_location("SHOP"))
    answers = all_at_once(app, [buyer(stock.reserve, Wanted(variant.id, 3))] * CROWD)
    assert len(won(answers)) == 33 // 3
    sold = db.session.scalar(sa.select(sa.func.sum(StockLevel.reserved)))
    assert sold == 33


@pytest.mark.postgresql_only
def test_without_locks_the_guard_alone_sells_every_piece_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And a race that is lost is tried again instead of being taken for an empty shelf."""
    unlocked = stock._LOCKED_LEVELS._clone()
    unlocked._for_update_arg = None
    monkeypatch.setattr(stock, "_LOCKED_LEVELS", unlocked)
    variant = cast.a_product(stock=10).variants[0]
    answers = all_at_once(app, [buyer(stock.reserve, Wanted(variant.id, 1))] * CROWD)
    assert len(won(answers)) == 10
    assert the_level(variant.id) == (10, 10)


def test_carts_with_the_same_goods_the_other_way_round_all_go_through(app: Flask) -> None:
    one, other = (cast.a_product(stock=CROWD).variants[0] for _ in range(2))
    there = (Wanted(one.id, 1), Wanted(other.id, 1))
    back = there[::-1]
    carts = [buyer(stock.reserve, *(back if turn % 2 else there)) for turn in range(CROWD)]
    assert len(won(all_at_once(app, carts))) == CROWD
    assert the_level(one.id) == the_level(other.id) == (CROWD, CROWD)


@pytest.mark.postgresql_only
def test_they_would_wait_for_each_other_for_ever_if_each_took_its_own_order(app: Flask) -> None:
    one, other = (cast.a_product(stock=2).variants[0] for _ in range(2))
    halfway = threading.Barrier(2)

    def reserve(wanted: Sequence[Wanted]) -> list[Reserved]:
        promised: list[Reserved] = []
        for line in wanted:
            promised += stock.reserve([line])
            meet(halfway)
        return promised

    there = (Wanted(one.id, 1), Wanted(other.id, 1))
    answers = all_at_once(app, [buyer(reserve, *there), buyer(reserve, *there[::-1])])
    assert ["deadlock" in str(answer) for answer in answers].count(True) == 1


def test_all_verbs_at_once_leave_the_books_right(app: Flask) -> None:
    goods = [cast.a_product(more_prices=(5,), stock=40) for _ in range(3)]
    # Ids, not rows: a row that a thread touched would read through the test's own session.
    ids = [variant.id for product in goods for variant in product.variants]
    house = cast.a_location().id
    line = [Wanted(variant_id, 1) for variant_id in ids]
    now = clock.now()
    with transaction():
        held = [stock.reserve(line[::-1] if turn % 2 else line) for turn in range(8)]

    def in_one_go(deed: Callable[[], Any]) -> Callable[[], Any]:
        def done() -> Any:
            with transaction():
                return deed()

        return done

    def return_(turn: int) -> None:
        back = [
            stock.Returned(variant_id, 1, f"return:{turn}:{variant_id}", house)
            for variant_id in ids
        ]
        stock.put_back(back[:: -1 if turn % 2 else 1], SYSTEM, now)

    places = [(variant_id, house) for variant_id in ids]
    deeds: list[Callable[[], Any]] = []
    for turn in range(4):
        deeds += [
            in_one_go(lambda turn=turn: stock.let_go(held[turn])),
            in_one_go(lambda turn=turn: stock.take(held[4 + turn], f"o:{turn}", SYSTEM, now)),
            in_one_go(lambda turn=turn: return_(turn)),
            buyer(stock.reserve, *(line[::-1] if turn % 2 else line)),
            lambda: stocktaking.deliver([Delivered(*place, 1) for place in places], SYSTEM, now),
            lambda: stocktaking.count([Counted(*place, 60) for place in places[::-1]], SYSTEM, now),
        ]
    answers = all_at_once(app, deeds)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    moved = dict(
        db.session.execute(
            sa.select(StockMovement.variant_id, sa.func.sum(StockMovement.quantity)).group_by(
                StockMovement.variant_id
            )
        ).all()
    )
    for variant_id in ids:
        on_hand, reserved = the_level(variant_id)
        assert on_hand == moved[variant_id]
        assert reserved == 4


def test_a_level_that_many_make_at_once_is_made_once(app: Flask) -> None:
    variant = cast.a_product(stock=0).variants[0]
    came = [Delivered(variant.id, cast.a_location().id, 5)]
    answers = all_at_once(app, [lambda: stocktaking.deliver(came, SYSTEM, clock.now())] * 8)
    assert answers == [None] * 8
    assert the_level(variant.id) == (40, 0)


def test_an_editor_and_the_last_buyer_both_count_as_changes(app: Flask) -> None:
    product = cast.a_product(stock=1)
    variant_id, product_id, version = product.variants[0].id, product.public_id, product.version
    answers = all_at_once(
        app,
        [
            buyer(stock.reserve, Wanted(variant_id, 1)),
            lambda: products.set_picture(product_id, None),
            lambda: products.hide(product_id),
        ],
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert db.session.scalar(sa.select(Product.version)) == version + 3


def test_of_two_editors_of_one_version_one_is_told(app: Flask) -> None:
    product = cast.a_product()
    product_id, version = product.public_id, product.version

    def edit(name: str) -> Callable[[], Any]:
        return lambda: products.edit(product_id, version, ProductChanges(name_en=name))

    answers = all_at_once(app, [edit(f"Lamp {number}") for number in range(8)])
    told = [answer for answer in answers if isinstance(answer, Exception)]
    assert [getattr(answer, "code", "") for answer in told] == ["version_changed"] * 7
