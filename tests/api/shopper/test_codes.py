"""An employee's code, given by a customer before ordering."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront.attribution.models import Credit
from storefront.core.database import db
from tests.support import cast
from tests.support.books import broken
from tests.support.rules import a_plan, a_policy
from tests.support.shopping import Shopper, a_shopper, deliver

CARTS = "/api/v1/shopper/carts"


@pytest.fixture
def shopper(app: Flask) -> Shopper:
    a_policy()
    a_plan()
    return a_shopper(app)


def test_whose_code_is_given_earns_although_another_link_came_first(shopper: Shopper) -> None:
    anna, bo = cast.a_link(cast.a_shop()), cast.a_link(cast.a_shop(title="波的店"))
    shopper.follow(anna)
    cart = shopper.fill_cart({cast.a_product().variants[0]: 1})
    answer = shopper.client.post(f"{CARTS}/{cart}/code", json={"code": bo.code})
    assert (answer.status_code, answer.get_json()) == (200, {"shop": "波的店"})
    placed = shopper.check_out(cart)
    assert placed.json is not None
    shopper.client.post(f"/api/v1/shopper/orders/{placed.json['key']}/payment")
    deliver(shopper.client, shopper.paid_notice(placed.json))
    assert db.session.scalars(sa.select(Credit.employee_id)).one() == bo.employee_id
    assert broken() == set()


def test_a_code_that_nobody_has_says_so_and_the_cart_stays(shopper: Shopper) -> None:
    cart = shopper.fill_cart({cast.a_product().variants[0]: 1})
    answer = shopper.client.post(f"{CARTS}/{cart}/code", json={"code": "never2was"})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "link_unknown")
    assert shopper.client.get(f"{CARTS}/{cart}").status_code == 200


def test_nobody_gives_a_code_to_anothers_cart(shopper: Shopper, client: FlaskClient) -> None:
    link = cast.a_link(cast.a_shop())
    cart = shopper.fill_cart({cast.a_product().variants[0]: 1})
    answer = client.post(f"{CARTS}/{cart}/code", json={"code": link.code})
    assert (answer.status_code, answer.get_json()["code"]) == (404, "cart_not_found")
