"""Headquarters says what is on its way, marks stores, and may hand over without a code."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.catalog.models import Variant
from storefront.core.database import db
from storefront.orders.models import Dispatch, Order
from storefront.orders.placing import PlacedOrder
from storefront.staff.models import Role
from tests.support import cast, trade

ORDERS = "/api/v1/hq/orders"
PARCEL = {
    "kind": "sent",
    "carrier": "SF Express",
    "number": "SF1",
    "tracking_url": "https://carrier.example/SF1",
}
Headers = dict[str, str]


@pytest.fixture
def tea(app: Flask) -> Variant:
    trade.open_for_trade()
    cast.a_pick_up_point("SHOP", opening="Daily")
    return cast.a_product("Tea").variants[0]


@pytest.fixture
def desk(tea: Variant) -> Headers:
    return cast.headers_of(cast.an_employee(role=Role.HQ_OPERATIONS, store="HQ"))


def send(
    client: FlaskClient, headers: Headers, order: PlacedOrder, given: Any = PARCEL, key: str = ""
) -> TestResponse:
    extra = {"Idempotency-Key": key} if key else {}
    path = f"{ORDERS}/{order.public_id}/dispatches"
    return client.post(path, json=given, headers={**headers, **extra})


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_parcel_is_told_once_however_often_it_is_sent(
    client: FlaskClient, desk: Headers, tea: Variant
) -> None:
    order = trade.sell(tea, handed_over=False)
    answers = [send(client, desk, order, key="k1") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.text for answer in answers}) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Dispatch)) == 1
    shown: Any = client.get(f"{ORDERS}/{order.public_id}", headers=desk).json
    assert shown["dispatches"] == [answers[0].json]
    assert shown["fulfilment"] == "delivery"
    assert shown["pick_up"] is None
    assert PARCEL.items() <= shown["dispatches"][0].items()
    assert send(client, desk, order, {**PARCEL, "number": "2"}, key="k1").status_code == 422


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": "ready_for_pick_up"}, (409, "wrong_dispatch_kind")),
        ({"number": ""}, (422, "tracking_incomplete")),
        ({"tracking_url": "http://carrier.example"}, (422, "wrong_tracking_url")),
        ({"kind": "thrown"}, (422, "invalid_fields")),
        ({"number": "x" * 61}, (422, "invalid_fields")),
        ({"carrier": "a\0b"}, (422, "invalid_fields")),
        ({"at": "2026-03-05T08:30:00Z"}, (422, "invalid_fields")),
    ],
)
def test_what_is_wrong_is_refused(
    client: FlaskClient, desk: Headers, tea: Variant, change: Any, code: tuple[int, str]
) -> None:
    order = trade.sell(tea, handed_over=False)
    assert problem_of(send(client, desk, order, {**PARCEL, **change})) == code


def test_an_order_that_is_not_paid_is_not_sent(
    client: FlaskClient, desk: Headers, tea: Variant
) -> None:
    assert problem_of(send(client, desk, trade.an_order(tea))) == (409, "order_not_paid")
    nothing = client.post(f"{ORDERS}/ord_nothing/dispatches", json=PARCEL, headers=desk)
    assert problem_of(nothing) == (404, "order_not_found")


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.EMPLOYEE, 403),
        (Role.STORE_MANAGER, 403),
        (Role.HQ_FINANCE, 403),
        (Role.HQ_OPERATIONS, 201),
        (Role.HQ_ADMIN, 201),
    ],
)
def test_operations_and_admins_say_so_and_nobody_else(
    client: FlaskClient, tea: Variant, role: Role, status: int
) -> None:
    order = trade.sell(tea, handed_over=False)
    headers = cast.headers_of(cast.an_employee(role=role))
    assert send(client, headers, order).status_code == status


def test_headquarters_sees_where_it_is_collected_but_not_its_code(
    client: FlaskClient, desk: Headers, tea: Variant
) -> None:
    order = trade.sell(tea, handed_over=False, pick_up="SHOP")
    answer = client.get(f"{ORDERS}/{order.public_id}", headers=desk)
    shown: Any = answer.json
    assert shown["fulfilment"] == "pick_up"
    assert shown["pick_up"] == {
        "name": {"zh": "SHOP店", "en": "Store SHOP"},
        "address": {"zh": "SHOP路 1 号", "en": "1 SHOP Road"},
    }
    assert db.session.scalars(sa.select(Order.pick_up_code)).one() not in answer.text
    assert shown["contact"]["address"] == ""


def test_headquarters_hands_over_without_the_code(
    client: FlaskClient, desk: Headers, tea: Variant
) -> None:
    order = trade.sell(tea, handed_over=False, pick_up="SHOP")
    done = client.post(f"{ORDERS}/{order.public_id}/hand-over", headers=desk)
    assert done.get_json()["state"] == "handed_over"


def test_a_store_is_marked_with_its_address_in_both_languages(
    client: FlaskClient, desk: Headers, app: Flask
) -> None:
    path = "/api/v1/hq/locations"
    given = {"code": "NEW", "name_zh": "新店", "name_en": "New", "is_pick_up": True}
    assert problem_of(client.post(path, json=given, headers=desk)) == (422, "address_missing")
    given["address_zh"] = "新路 1 号"
    assert problem_of(client.post(path, json=given, headers=desk)) == (422, "address_missing")
    given["address_en"] = "1 New Road"
    assert client.post(path, json=given, headers=desk).status_code == 201
    emptied = client.patch(f"{path}/NEW", json={"address_zh": ""}, headers=desk)
    assert problem_of(emptied) == (422, "address_missing")
    shown: Any = client.get("/api/v1/shopper/pick-up-points").json
    assert [point["code"] for point in shown["items"]] == ["NEW", "SHOP"]
    no_more = client.patch(
        f"{path}/NEW", json={"is_pick_up": False, "address_zh": ""}, headers=desk
    )
    assert no_more.status_code == 200
    shown = client.get("/api/v1/shopper/pick-up-points").json
    assert shown["items"] == [
        {
            "code": "SHOP",
            "name": {"zh": "SHOP店", "en": "Store SHOP"},
            "address": {"zh": "SHOP路 1 号", "en": "1 SHOP Road"},
            "opening": {"zh": "Daily", "en": "Daily"},
        }
    ]
