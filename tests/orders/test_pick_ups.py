"""Orders that are collected: held at the store first, and handed over for their code."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog import locations
from storefront.catalog.models import Location, Variant
from storefront.core import clock as clocks
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, Invalid, TooMany
from storefront.orders import history, pick_ups
from storefront.orders.models import Fulfilment, Order, OrderState, StockHold
from storefront.orders.placing import PlacedOrder
from tests.support import cast, trade
from tests.support.books import broken


@pytest.fixture
def shop(app: Flask) -> Location:
    """A store where orders may be collected; goods leave from the house first."""
    trade.open_for_trade()
    return cast.a_pick_up_point("SHOP", priority=5)


@pytest.fixture
def tea(shop: Location) -> Variant:
    """Three in the store, ten in the house."""
    variant = cast.a_product("Tea", stock=10).variants[0]
    cast.counted(variant, 3, shop)
    return variant


def order_of(placed: PlacedOrder) -> Order:
    db.session.rollback()
    return db.session.scalars(sa.select(Order).where(Order.id == placed.id)).one()


def held(placed: PlacedOrder) -> dict[str, int]:
    """Pieces held for an order, by the place where they lie."""
    rows = db.session.execute(
        sa.select(Location.code, StockHold.quantity)
        .join(StockHold, StockHold.location_id == Location.id)
        .where(StockHold.order_id == placed.id)
    ).all()
    return {row.code: row.quantity for row in rows}


def test_an_order_keeps_the_place_as_it_was_called_then_and_no_address(tea: Variant) -> None:
    placed = trade.an_order(tea, pick_up="SHOP")
    locations.edit("SHOP", name_en="Moved", address_en="Elsewhere 2", is_pick_up=False)
    order = order_of(placed)
    assert order.fulfilment is Fulfilment.PICK_UP
    assert (order.pick_up_name_zh, order.pick_up_name_en) == ("SHOP店", "Store SHOP")
    assert (order.pick_up_address_zh, order.pick_up_address_en) == ("SHOP路 1 号", "1 SHOP Road")
    assert (order.address, order.address_digest) == ("", "")
    assert len(order.pick_up_code) == 6
    assert order.pick_up_code.isdigit()
    assert broken() == set()


def test_an_order_that_is_sent_has_none_of_it(tea: Variant) -> None:
    order = order_of(trade.an_order(tea))
    assert order.fulfilment is Fulfilment.DELIVERY
    assert order.pick_up_location_id is None
    assert order.pick_up_code == ""
    assert order.address


@pytest.mark.parametrize("code", ["HOUSE", "NONE", "shop"])
def test_it_is_collected_only_where_the_chain_allows_it(tea: Variant, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        trade.an_order(tea, pick_up=code)
    assert refused.value.code == "no_pick_up_point"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_pieces_are_held_at_the_store_first_and_the_rest_as_always(tea: Variant) -> None:
    here = trade.an_order({tea: 2}, pick_up="SHOP")
    assert held(here) == {"SHOP": 2}
    assert pick_ups.is_all_there(here.id)
    partly = trade.an_order({tea: 3}, pick_up="SHOP")
    assert held(partly) == {"SHOP": 1, "HOUSE": 2}
    assert not pick_ups.is_all_there(partly.id)
    assert held(trade.an_order(tea)) == {"HOUSE": 1}
    assert broken() == set()


def test_what_is_made_to_order_is_not_there(shop: Location) -> None:
    made = trade.an_order(cast.a_product("Vase"), pick_up="SHOP")
    assert not pick_ups.is_all_there(made.id)


def test_the_last_pieces_are_sold_wherever_they_lie(tea: Variant) -> None:
    assert held(trade.an_order({tea: 13}, pick_up="SHOP")) == {"SHOP": 3, "HOUSE": 10}
    with pytest.raises(Conflict) as refused:
        trade.an_order(tea, pick_up="SHOP")
    assert refused.value.code == "out_of_stock"


def paid(tea: Variant) -> tuple[PlacedOrder, str]:
    """A paid order to be collected, and its code."""
    placed = trade.sell(tea, handed_over=False, pick_up="SHOP")
    return placed, order_of(placed).pick_up_code


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_the_code_hands_it_over(tea: Variant) -> None:
    placed, code = paid(tea)
    clerk = cast.actor_of(cast.an_employee())
    facts = sales.hand_over_for_code(
        f" {placed.number} ", f"{code[:3]} {code[3:]}", clerk, clocks.now()
    )
    assert facts.state is OrderState.HANDED_OVER
    assert order_of(placed).handed_over_by_id == clerk.employee_id
    assert broken() == set()


def test_no_other_code_does_nor_another_number(tea: Variant) -> None:
    placed, code = paid(tea)
    sent = trade.sell(tea, handed_over=False)
    for number, typed in (
        (placed.number, other_than(code)),
        (placed.number, ""),
        (placed.number, "é"),
        (sent.number, ""),
        (sent.number, code),
        ("260302-00000-00000", code),
    ):
        with pytest.raises(Invalid) as refused:
            sales.hand_over_for_code(number, typed, SYSTEM, clocks.now())
        assert refused.value.code == "wrong_pick_up_code"
    assert order_of(placed).state is OrderState.PAID


def test_it_is_handed_over_only_when_it_is_paid_and_once(tea: Variant) -> None:
    awaiting = trade.an_order(tea, pick_up="SHOP")
    done, code = paid(tea)
    sales.hand_over_for_code(done.number, code, SYSTEM, clocks.now())
    for order in (awaiting, done):
        code = order_of(order).pick_up_code
        with pytest.raises(Conflict) as refused:
            sales.hand_over_for_code(order.number, code, SYSTEM, clocks.now())
        assert refused.value.code == "order_not_paid"


def tries_left(number: str, clock: SettableClock) -> int:
    """How many more may be tried at this moment; they are tried with it."""
    for count in range(50):
        try:
            pick_ups.charge_try(number, clock.now())
        except TooMany:
            return count
    return 50


def test_ten_tries_within_an_hour_and_then_a_pause(tea: Variant, clock: SettableClock) -> None:
    placed, _ = paid(tea)
    assert tries_left(placed.number, clock) == 10
    clock.advance(timedelta(minutes=59))
    with pytest.raises(TooMany) as refused:
        pick_ups.charge_try(placed.number, clock.now())
    assert refused.value.extra["retry_after"] == 60
    clock.advance(timedelta(minutes=1))
    assert tries_left(placed.number, clock) == 10


def test_ten_tries_in_any_hour(tea: Variant, clock: SettableClock) -> None:
    placed, _ = paid(tea)
    moments: list[float] = []
    for minute in range(300):
        try:
            pick_ups.charge_try(placed.number, clock.now())
            moments.append(minute)
        except TooMany:
            pass
        clock.advance(timedelta(minutes=1))
    assert len(moments) > 10
    for start in moments:
        assert len([at for at in moments if start <= at < start + 60]) <= 10


def test_the_tries_of_one_order_are_not_anothers(tea: Variant, clock: SettableClock) -> None:
    first, second = paid(tea)[0], paid(tea)[0]
    assert tries_left(first.number, clock) == 10
    assert tries_left(second.number, clock) == 10
    # Nor are they counted for an order without a code, or for none.
    assert tries_left("260302-00000-00000", clock) == 50


def test_old_tries_are_forgotten(tea: Variant, clock: SettableClock) -> None:
    placed, _ = paid(tea)
    pick_ups.charge_try(placed.number, clock.now())
    table = pick_ups.PickUpTries
    for hours, left in ((1, 1), (2, 0)):
        clock.advance(timedelta(hours=hours))
        pick_ups.forget_old(clock.now())
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == left


def test_what_was_collected_is_no_address_to_send_to(tea: Variant) -> None:
    phone = "+8613800138000"
    trade.an_order(tea, phone=phone, pick_up="SHOP")
    sent = order_of(trade.an_order(tea, phone=phone))
    assert sent.customer_id is not None
    assert [place.address for place in history.places_of(sent.customer_id)] == [sent.address]


def test_it_comes_back_like_any_other(tea: Variant) -> None:
    placed, code = paid(tea)
    sales.hand_over_for_code(placed.number, code, SYSTEM, clocks.now())
    sales.take_back(placed.public_id, {1: 1}, "", SYSTEM, clocks.now())
    assert order_of(placed).lines[0].returned_quantity == 1
    assert broken() == set()
