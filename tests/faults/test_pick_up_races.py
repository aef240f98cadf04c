"""Guessing the code of an order that is collected, side by side."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core import clock
from storefront.core.database import db, transaction
from storefront.core.errors import TooMany
from storefront.orders import pick_ups
from storefront.orders.models import PickUpTries
from storefront.orders.placing import PlacedOrder
from tests.support import cast, trade
from tests.support.threads import all_at_once

CROWD = 8


@pytest.fixture
def order(app: Flask) -> PlacedOrder:
    """To be collected, with one try left."""
    trade.open_for_trade()
    cast.a_pick_up_point("SHOP")
    placed = trade.sell(cast.a_product("Tea"), handed_over=False, pick_up="SHOP")
    for _ in range(pick_ups.MOST_TRIES - 1):
        pick_ups.charge_try(placed.number, clock.now())
    return placed


def test_the_last_try_is_one_persons(app: Flask, order: PlacedOrder) -> None:
    now = clock.now()
    answers = all_at_once(app, [lambda: pick_ups.charge_try(order.number, now)] * CROWD)
    assert [answer for answer in answers if not isinstance(answer, TooMany)] == [None]
    assert db.session.scalars(sa.select(PickUpTries.tries)).one() == pick_ups.MOST_TRIES


def test_whoever_looks_first_and_counts_then_lets_all_of_them_in(
    app: Flask, order: PlacedOrder
) -> None:
    """The twin without the guard: it must fail, or the test above proves nothing."""
    all_have_looked = threading.Barrier(CROWD)

    def look_and_count() -> None:
        tries = db.session.scalars(sa.select(PickUpTries.tries)).one()
        db.session.rollback()
        all_have_looked.wait()
        if tries >= pick_ups.MOST_TRIES:
            raise TooMany("too_many_attempts", "")
        with transaction() as session:
            session.execute(sa.update(PickUpTries).values(tries=PickUpTries.tries + 1))

    answers = all_at_once(app, [look_and_count] * CROWD)
    assert answers == [None] * CROWD
    tries = db.session.scalars(sa.select(PickUpTries.tries)).one()
    assert tries == pick_ups.MOST_TRIES - 1 + CROWD
