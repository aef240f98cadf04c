"""Stock: promised, let go, taken, put back."""

from collections.abc import Sequence

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.catalog import stock
from storefront.catalog.models import (
    MovementKind,
    Product,
    StockLevel,
    StockMovement,
    Variant,
)
from storefront.catalog.stock import Reserved, Returned, Wanted
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict
from tests.support import cast
from tests.support.queries import recorded_queries


def promise(*wanted: tuple[Variant, int]) -> list[Reserved]:
    with transaction():
        return stock.reserve([Wanted(variant.id, quantity) for variant, quantity in wanted])


def let_go(promised: Sequence[Reserved]) -> None:
    with transaction():
        stock.let_go(promised)


def take(promised: Sequence[Reserved], cause: str = "order:1") -> None:
    with transaction():
        stock.take(promised, cause, SYSTEM, clock.now())


def put_back(*returned: Returned) -> None:
    with transaction():
        stock.put_back(returned, SYSTEM, clock.now())


def levels(variant: Variant) -> list[tuple[int, int]]:
    """On hand and reserved at each place, in the order in which the places were opened."""
    rows = db.session.execute(
        sa.select(StockLevel.on_hand, StockLevel.reserved)
        .where(StockLevel.variant_id == variant.id)
        .order_by(StockLevel.location_id)
    )
    return [(row.on_hand, row.reserved) for row in rows]


def version(variant: Variant) -> int | None:
    asked = sa.select(Product.version).where(Product.id == variant.product_id)
    return db.session.scalar(asked)


@pytest.fixture
def variant(app: Flask) -> Variant:
    """Three pieces in the house, two in the shop, which sells first."""
    variant = cast.a_product(stock=3).variants[0]
    cast.counted(variant, 2, cast.a_location("SHOP", priority=-1))
    return variant


def test_goods_come_from_the_place_that_sells_first(variant: Variant) -> None:
    house, shop = cast.a_location("HOUSE").id, cast.a_location("SHOP").id
    assert promise((variant, 2)) == [(variant.id, shop, 2)]
    assert promise((variant, 1)) == [(variant.id, house, 1)]


def test_a_line_may_come_from_several_places(variant: Variant) -> None:
    house, shop = cast.a_location("HOUSE").id, cast.a_location("SHOP").id
    assert promise((variant, 4)) == [(variant.id, house, 2), (variant.id, shop, 2)]
    assert levels(variant) == [(3, 2), (2, 2)]


def test_the_last_piece_can_be_had_and_not_one_more(variant: Variant) -> None:
    promise((variant, 5))
    with pytest.raises(Conflict) as refusal:
        promise((variant, 1))
    assert refusal.value.code == "out_of_stock"
    assert refusal.value.extra == {"variant": variant.public_id, "left": 0}


def test_a_refusal_says_how_many_are_left_and_holds_nothing(variant: Variant) -> None:
    other = cast.a_product(stock=9).variants[0]
    with pytest.raises(Conflict) as refusal:
        promise((other, 1), (variant, 6))
    assert refusal.value.extra == {"variant": variant.public_id, "left": 5}
    assert levels(variant) == [(3, 0), (2, 0)]
    assert levels(other) == [(9, 0)]


def test_a_variant_that_lies_nowhere_is_sold_out(app: Flask) -> None:
    nowhere = cast.a_product(stock=0).variants[0]
    with pytest.raises(Conflict) as refusal:
        promise((nowhere, 1))
    assert refusal.value.extra == {"variant": nowhere.public_id, "left": 0}


def test_what_is_not_tracked_is_always_there_and_holds_nothing(app: Flask) -> None:
    endless = cast.a_product().variants[0]
    assert promise((endless, 10**6)) == []
    put_back(Returned(endless.id, 5, "return:1"))
    assert db.session.scalar(sa.select(sa.func.count(StockMovement.id))) == 0


def test_a_variant_wanted_twice_is_counted_together(variant: Variant) -> None:
    with pytest.raises(Conflict):
        promise((variant, 3), (variant, 3))
    assert sum(row.quantity for row in promise((variant, 2), (variant, 3))) == 5


def test_promising_costs_one_select_and_one_update_for_each_level(app: Flask) -> None:
    many = [cast.a_product(stock=2).variants[0] for _ in range(7)]
    wanted = [Wanted(variant.id, 1) for variant in many]
    with transaction(), recorded_queries() as queries:
        stock.reserve(wanted)
    assert len(queries) == 1 + 7


def test_a_thousand_endless_lines_cost_two_statements(app: Flask) -> None:
    product = cast.a_product(price=1, more_prices=range(2, 1_001))
    wanted = [Wanted(variant.id, 1) for variant in product.variants]
    with transaction(), recorded_queries() as queries:
        assert stock.reserve(wanted) == []
    assert len(queries) == 2


def test_the_other_verbs_cost_a_bounded_number_of_statements(app: Flask) -> None:
    many = [cast.a_product(stock=5).variants[0] for _ in range(7)]
    wanted = [Wanted(variant.id, 1) for variant in many]
    with transaction():
        first, second = stock.reserve(wanted), stock.reserve(wanted)
    back = [Returned(row.variant_id, 1, f"return:{row.variant_id}") for row in first]
    with transaction(), recorded_queries() as queries:
        stock.take(first, "order:1", SYSTEM, clock.now())
    assert len(queries) == 2
    with transaction(), recorded_queries() as queries:
        stock.let_go(second)
    assert len(queries) == 2
    with transaction(), recorded_queries() as queries:
        stock.put_back(back, SYSTEM, clock.now())
    assert len(queries) == 3


def test_what_is_let_go_can_be_had_again(variant: Variant) -> None:
    let_go(promise((variant, 5)))
    assert levels(variant) == [(3, 0), (2, 0)]
    promise((variant, 5))


def test_what_is_taken_leaves_with_a_movement(variant: Variant) -> None:
    take(promise((variant, 4)))
    assert levels(variant) == [(1, 0), (0, 0)]
    moved = db.session.execute(
        sa.select(StockMovement.quantity, StockMovement.kind, StockMovement.cause)
        .where(StockMovement.kind == MovementKind.SOLD)
        .order_by(StockMovement.location_id)
    ).all()
    places = (cast.a_location("HOUSE").id, cast.a_location("SHOP").id)
    assert [tuple(row) for row in moved] == [
        (-2, MovementKind.SOLD, f"order:1:{variant.id}:{place}") for place in places
    ]


def test_goods_that_were_not_promised_cannot_be_taken_or_let_go(variant: Variant) -> None:
    promised = promise((variant, 2))
    take(promised)
    with pytest.raises(RuntimeError):
        take(promised, "order:2")
    with pytest.raises(RuntimeError):
        let_go(promised)
    assert levels(variant) == [(3, 0), (0, 0)]


def test_what_comes_back_lies_where_it_was_taken_from(variant: Variant) -> None:
    house = cast.a_location("HOUSE").id
    take(promise((variant, 5)))
    put_back(Returned(variant.id, 1, "return:1", house), Returned(variant.id, 1, "return:2", house))
    assert levels(variant) == [(2, 0), (0, 0)]
    put_back(Returned(variant.id, 2, "return:3"))
    assert levels(variant) == [(2, 0), (2, 0)]


def test_what_is_there_is_the_sum_of_the_movements(variant: Variant) -> None:
    take(promise((variant, 4)))
    put_back(Returned(variant.id, 3, "return:1"))
    cast.counted(variant, 7)
    on_hand = db.session.scalar(sa.select(sa.func.sum(StockLevel.on_hand)))
    assert on_hand == db.session.scalar(sa.select(sa.func.sum(StockMovement.quantity))) == 10


def test_a_page_is_made_anew_only_when_a_shelf_runs_empty_or_is_filled(app: Flask) -> None:
    variant = cast.a_product(stock=3).variants[0]
    versions = [version(variant)]
    one = promise((variant, 1))
    versions.append(version(variant))
    rest = promise((variant, 2))
    versions.append(version(variant))
    take(one)
    versions.append(version(variant))
    let_go(rest)
    versions.append(version(variant))
    put_back(Returned(variant.id, 1, "return:1"))
    versions.append(version(variant))
    start = versions[0]
    assert start is not None
    empty, filled = start + 1, start + 2
    assert versions == [start, start, empty, empty, filled, filled]


def test_what_comes_back_fills_an_empty_shelf(app: Flask) -> None:
    variant = cast.a_product(stock=1).variants[0]
    take(promise((variant, 1)))
    before = version(variant)
    put_back(Returned(variant.id, 1, "return:1"))
    assert version(variant) != before


def test_stock_that_is_no_longer_tracked_does_not_hold_up_its_orders(variant: Variant) -> None:
    first, second = promise((variant, 1)), promise((variant, 1))
    with transaction():
        variant.stock_tracked = False
    take(first)
    let_go(second)
    put_back(Returned(variant.id, 1, "return:1"))
    assert levels(variant) == [(3, 0), (1, 0)]


def test_a_lost_race_is_tried_again_and_not_taken_for_sold_out(
    variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing locks or queues, another buyer may come between the read and the write."""
    read = stock.lock_levels
    others = [Reserved(variant.id, cast.a_location("SHOP").id, 2)]

    def read_and_lose(variant_ids: Sequence[int]) -> list[stock.Level]:
        seen = read(variant_ids)
        if others:
            stock._change(stock._RESERVE, others.pop())
        return seen

    monkeypatch.setattr(stock, "lock_levels", read_and_lose)
    assert promise((variant, 3)) == [(variant.id, cast.a_location("HOUSE").id, 3)]
    with pytest.raises(Conflict):
        promise((variant, 1))
    assert levels(variant) == [(3, 3), (2, 2)]
