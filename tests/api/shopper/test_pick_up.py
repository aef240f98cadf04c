"""Programs that shop choose a store, and read where to go with which code."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog.models import Variant
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db
from storefront.orders.dispatches import Tracking
from storefront.orders.models import DispatchKind, Order
from tests.support import cast, trade
from tests.support.shopping import Shopper, a_shopper


@pytest.fixture
def tea(app: Flask) -> Variant:
    trade.open_for_trade()
    cast.a_pick_up_point("SHOP")
    return cast.a_product("Tea").variants[0]


@pytest.fixture
def shopper(app: Flask, tea: Variant) -> Shopper:
    return a_shopper(app)


def order(shopper: Shopper, tea: Variant, **where: Any) -> tuple[int, Any]:
    given = {"cart": shopper.fill_cart({tea: 1}), "name": "李雷", "phone": "139 0013 9000"}
    answer = shopper.client.post("/api/v1/shopper/orders", json={**given, **where})
    return answer.status_code, answer.json


def test_an_order_is_collected(shopper: Shopper, tea: Variant) -> None:
    status, placed = order(shopper, tea, pick_up="SHOP")
    assert status == 201
    shown = shopper.look_at(placed)
    assert shown["fulfilment"] == "pick_up"
    assert shown["pick_up"] == {
        "name": {"zh": "SHOP店", "en": "Store SHOP"},
        "address": {"zh": "SHOP路 1 号", "en": "1 SHOP Road"},
        "code": None,
    }
    shopper.pay(placed)
    code = db.session.scalars(sa.select(Order.pick_up_code)).one()
    assert shopper.look_at(placed)["pick_up"]["code"] == code
    sales.hand_over(placed["id"], SYSTEM, clock.now())
    assert shopper.look_at(placed)["pick_up"]["code"] is None


def test_parcels_are_followed(shopper: Shopper, tea: Variant) -> None:
    placed = shopper.buy({tea: 1})
    assert (placed["fulfilment"], placed["pick_up"], placed["dispatches"]) == (
        "delivery",
        None,
        [],
    )
    tracking = Tracking("SF Express", "SF1", "")
    sales.dispatch(placed["id"], DispatchKind.SENT, tracking, SYSTEM, clock.now())
    (parcel,) = shopper.look_at(placed)["dispatches"]
    assert parcel.keys() == {"id", "kind", "carrier", "number", "tracking_url", "at"}
    assert (parcel["kind"], parcel["number"], parcel["tracking_url"]) == ("sent", "SF1", None)


@pytest.mark.parametrize(
    ("where", "refusal"),
    [
        ({}, (422, "invalid_fields")),
        ({"address": "Shanghai", "pick_up": "SHOP"}, (422, "invalid_fields")),
        ({"pick_up": "HOUSE"}, (409, "no_pick_up_point")),
        ({"pick_up": "\0"}, (422, "invalid_fields")),
        ({"pick_up": ""}, (422, "invalid_fields")),
        ({"address": ""}, (422, "invalid_fields")),
    ],
)
def test_it_goes_to_one_place_that_there_is(
    shopper: Shopper, tea: Variant, where: Any, refusal: tuple[int, str]
) -> None:
    status, problem = order(shopper, tea, **where)
    assert (status, problem["code"]) == refusal
