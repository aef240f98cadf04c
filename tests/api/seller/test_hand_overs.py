"""A clerk hands over what customers collect: for the page's key, or for number and code."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core.database import db
from storefront.orders.models import Order, OrderState
from storefront.orders.placing import PlacedOrder
from tests.support import cast, trade

PATH = "/api/v1/seller/hand-overs"
Headers = dict[str, str]


@pytest.fixture
def clerk(app: Flask) -> Headers:
    trade.open_for_trade()
    cast.a_pick_up_point("SHOP")
    return cast.headers_of(cast.an_employee("C1"))


@pytest.fixture
def order(clerk: Headers) -> PlacedOrder:
    """Paid, and to be collected."""
    return trade.sell(cast.a_product("Tea"), handed_over=False, pick_up="SHOP")


def the_order() -> Order:
    db.session.rollback()
    return db.session.scalars(sa.select(Order)).one()


def wrong_code() -> str:
    return f"{(int(the_order().pick_up_code) + 1) % 10**6:06}"


def hand_over(client: FlaskClient, headers: Headers, given: Any, key: str = "") -> TestResponse:
    extra = {"Idempotency-Key": key} if key else {}
    return client.post(PATH, json=given, headers={**headers, **extra})


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_number_and_code_hand_it_over_once(
    client: FlaskClient, clerk: Headers, order: PlacedOrder
) -> None:
    given = {"number": order.number, "code": the_order().pick_up_code}
    first = hand_over(client, clerk, given, key="k1")
    assert first.status_code == 201, first.text
    # Nothing of the customer is told.
    assert first.get_json().keys() == {"number", "handed_over_at", "bonus"}
    assert hand_over(client, clerk, given, key="k1").text == first.text
    assert problem_of(hand_over(client, clerk, given)) == (409, "order_not_paid")
    assert the_order().state is OrderState.HANDED_OVER


def test_the_key_of_its_page_is_proof_enough(
    client: FlaskClient, clerk: Headers, order: PlacedOrder
) -> None:
    assert hand_over(client, clerk, {"key": order.secret}).status_code == 201


def test_a_wrong_code_is_refused_as_is_a_number_that_nobody_has(
    client: FlaskClient, clerk: Headers, order: PlacedOrder
) -> None:
    for number in (order.number, "260302-00000-00000"):
        refused = hand_over(client, clerk, {"number": number, "code": wrong_code()})
        assert problem_of(refused) == (422, "wrong_pick_up_code")
    assert the_order().state is OrderState.PAID


@pytest.mark.parametrize("with_key", [False, True])
def test_ten_wrong_codes_and_then_not_even_the_right_one(
    client: FlaskClient, clerk: Headers, order: PlacedOrder, with_key: bool
) -> None:
    """A wrong code undoes its deed, with whatever key it came, and is counted all the same."""
    wrong = {"number": order.number, "code": wrong_code()}
    for number in range(10):
        refused = hand_over(client, clerk, wrong, key=f"k{number}" if with_key else "")
        assert problem_of(refused) == (422, "wrong_pick_up_code")
    right = {**wrong, "code": the_order().pick_up_code}
    refused = hand_over(client, clerk, right, key="k" if with_key else "")
    assert problem_of(refused) == (429, "too_many_attempts")
    assert int(refused.headers["Retry-After"]) == 3600
    assert the_order().state is OrderState.PAID


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"number": "1"},
        {"code": "123456"},
        {"key": "k", "code": "123456"},
        {"key": "k", "number": "1", "code": "123456"},
        {"number": "\0", "code": "123456"},
        {"number": "1" * 41, "code": "123456"},
        {"number": ["1"], "code": "123456"},
        {"number": "1", "code": 123456},
        {"number": "1", "code": "1" * 21},
        [],
        "number",
        None,
    ],
)
def test_anything_else_is_refused(client: FlaskClient, clerk: Headers, given: Any) -> None:
    assert hand_over(client, clerk, given).status_code in {400, 422}


def test_nobody_hands_over_without_being_signed_in(client: FlaskClient, order: PlacedOrder) -> None:
    given = {"number": order.number, "code": the_order().pick_up_code}
    for _ in range(12):
        assert hand_over(client, {}, given).status_code == 401
    # And whoever is not does not use up the tries of those who are.
    clerk = cast.headers_of(cast.an_employee("C2"))
    assert hand_over(client, clerk, given).status_code == 201
