"""How much a purchase asks of the database: counted, so that nobody adds to it unawares."""

from __future__ import annotations

import pytest
from flask import Flask

from storefront.catalog.models import Variant
from tests.support import cast
from tests.support.queries import recorded_queries
from tests.support.rules import a_plan, a_policy
from tests.support.shopping import Shopper, a_shopper, deliver


@pytest.fixture
def shopper(app: Flask) -> Shopper:
    a_policy()
    a_plan()
    shopper = a_shopper(app)
    shopper.follow(cast.a_link(cast.a_shop()))
    return shopper


STATEMENTS = {"filling": 4, "placing": 15, "asking": 3, "completing": 22}
"""What each request of a purchase costs, whether one line is bought or a dozen."""


@pytest.mark.parametrize("lines", [1, 12])
def test_a_purchase_costs_the_same_statements_however_long_it_is(
    shopper: Shopper, lines: int
) -> None:
    products = [cast.a_product() for _ in range(lines)]
    wanted: dict[Variant, int] = {product.variants[0]: 2 for product in products}
    with recorded_queries() as filling:
        cart = shopper.fill_cart(wanted)
    with recorded_queries() as placing:
        placed = shopper.check_out(cart)
    assert placed.json is not None
    with recorded_queries() as asking:
        shopper.client.post(f"/api/v1/shopper/orders/{placed.json['key']}/payment")
    notice = shopper.paid_notice(placed.json)
    with recorded_queries() as completing:
        deliver(shopper.client, notice)
    counted = {
        "filling": len(filling),
        "placing": len(placing),
        "asking": len(asking),
        "completing": len(completing),
    }
    assert counted == STATEMENTS
