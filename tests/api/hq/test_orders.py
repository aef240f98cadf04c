"""Orders at headquarters: found, looked at, handed over, cancelled, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.catalog.models import Variant
from storefront.core.clock import SettableClock
from storefront.sharing.models import ShareLink
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.queries import recorded_queries

ORDERS = "/api/v1/hq/orders"
Headers = dict[str, str]


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.open_for_trade()
    return trade.a_seller("E1")


@pytest.fixture
def goods(seller: ShareLink) -> Variant:
    return trade.stocked(cast.a_product(price=1_000), 100).variants[0]


def signed_in(role: Role) -> Headers:
    return cast.headers_of(cast.an_employee(role=role, store="HQ"))


@pytest.fixture
def operations(app: Flask) -> Headers:
    return signed_in(Role.HQ_OPERATIONS)


@pytest.fixture
def finance(app: Flask) -> Headers:
    return signed_in(Role.HQ_FINANCE)


def read(client: FlaskClient, headers: Headers, path: str = "", **query: Any) -> Any:
    answer = client.get(ORDERS + path, headers=headers, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_orders_are_found_by_number_state_and_phone(
    client: FlaskClient, seller: ShareLink, goods: Variant, operations: Headers
) -> None:
    done = trade.sell(goods, through=seller, phone="+8613900000001")
    paid = trade.sell(goods, phone="+8613900000001", handed_over=False)
    open_order = trade.an_order(goods, phone="+8613900000002")

    def numbers(**query: Any) -> list[str]:
        return [each["number"] for each in read(client, operations, **query)["items"]]

    assert numbers() == [open_order.number, paid.number, done.number]
    assert numbers(number=paid.number) == [paid.number]
    assert numbers(number="260101-00000-00000") == []
    assert numbers(state="awaiting_payment") == [open_order.number]
    assert numbers(phone="139 0000 0001") == [paid.number, done.number]
    assert numbers(phone="139 0000 0001", state="paid") == [paid.number]
    assert numbers(phone="139 0000 0009") == []
    (found,) = read(client, operations, number=done.number)["items"]
    assert found["credited_to"] == ["E1"]
    assert found["customer_phone"] == "139****0001"
    assert found["total"] == {"amount": 1_000, "currency": "CNY"}


def test_orders_are_listed_page_by_page_at_a_constant_cost(
    client: FlaskClient, seller: ShareLink, goods: Variant, operations: Headers
) -> None:
    numbers = [trade.sell(goods, through=seller).number for _ in range(3)]
    first = read(client, operations, limit=2)
    rest = read(client, operations, limit=2, after=first["next"])
    assert [each["number"] for each in first["items"] + rest["items"]] == numbers[::-1]
    assert rest["next"] is None
    with recorded_queries() as queries:
        read(client, operations, limit=3)
    assert len(queries) == 2


def test_an_order_with_all_that_belongs_to_it(
    client: FlaskClient,
    seller: ShareLink,
    goods: Variant,
    operations: Headers,
    clock: SettableClock,
) -> None:
    visitor = trade.a_visit(trade.a_seller("E2"))
    clock.advance(timedelta(minutes=1))
    trade.a_visit(seller, visitor)
    order = trade.sell({goods: 3}, visitor=visitor, phone="+8613900000001")
    body = {"lines": [{"line": 1, "quantity": 1}], "reason": "Chipped"}
    client.post(f"{ORDERS}/{order.public_id}/returns", json=body, headers=operations)
    shown = read(client, operations, f"/{order.public_id}", language="en")
    assert (shown["number"], shown["state"]) == (order.number, "handed_over")
    assert shown["lines"][0]["returned_quantity"] == 1
    (payment,) = shown["payments"]
    assert (payment["state"], payment["captured"]["amount"]) == ("captured", 3_000)
    (refund,) = shown["refunds"]
    assert (refund["reason"], refund["amount"]["amount"]) == ("return", 1_000)
    (returned,) = shown["returns"]
    assert (returned["reason"], returned["refund"]["amount"]) == ("Chipped", 1_000)
    assert returned["lines"][0]["quantity"] == 1
    verdict = shown["verdict"]
    (ruling,) = verdict["rulings"]
    assert ruling["lines"] == [1]
    assert [(claim["employee"], claim["share"]) for claim in ruling["winners"]] == [("E1", 10_000)]
    assert [(claim["employee"], claim["reason"]) for claim in ruling["losers"]] == [
        ("E2", "earlier_touch")
    ]
    assert [touch["employee"] for touch in verdict["evidence"]["touches"]] == ["E1", "E2"]
    assert verdict["words"][0].startswith("E1: 2 Mar 2026, 10:01, WeChat link, 100%")
    (commission,) = shown["commission"]
    assert (commission["employee"], commission["amount"]["amount"]) == ("E1", 300)
    assert commission["reversed"]["amount"] == 100
    assert "applies (everything)" in commission["words"]


def test_an_unpaid_order_has_no_verdict_yet(
    client: FlaskClient, goods: Variant, operations: Headers
) -> None:
    order = trade.an_order(goods)
    shown = read(client, operations, f"/{order.public_id}")
    assert (shown["verdict"], shown["commission"], shown["paid_at"]) == (None, [], None)


@pytest.mark.parametrize(
    ("role", "in_full"),
    [(Role.HQ_OPERATIONS, True), (Role.HQ_FINANCE, False), (Role.HQ_ADMIN, False)],
)
def test_only_operations_see_where_the_goods_go_and_only_while_they_may_have_to(
    client: FlaskClient, goods: Variant, role: Role, in_full: bool
) -> None:
    headers = signed_in(role)
    paid = trade.sell(goods, phone="+8613900000001", handed_over=False)
    contact = read(client, headers, f"/{paid.public_id}")["contact"]
    assert contact["phone"] == ("+8613900000001" if in_full else "139****0001")
    assert ("address" in contact) == in_full
    awaiting = trade.an_order(goods, phone="+8613900000001")
    contact = read(client, headers, f"/{awaiting.public_id}")["contact"]
    assert contact == {"phone": "139****0001"}


def test_an_order_is_handed_over_once(
    client: FlaskClient, goods: Variant, operations: Headers
) -> None:
    order = trade.sell(goods, handed_over=False)
    address = f"{ORDERS}/{order.public_id}/hand-over"
    keyed = {**operations, "Idempotency-Key": "over"}
    first = client.post(address, headers=keyed)
    assert (first.status_code, first.get_json()["state"]) == (200, "handed_over")
    again = client.post(address, headers=keyed)
    assert again.data == first.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert problem_of(client.post(address, headers=operations)) == (409, "order_not_paid")


def test_a_paid_order_is_cancelled_and_refunded(
    client: FlaskClient, seller: ShareLink, goods: Variant, operations: Headers
) -> None:
    order = trade.sell({goods: 2}, through=seller, handed_over=False)
    answer = client.post(f"{ORDERS}/{order.public_id}/cancel", headers=operations)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "cancelled")
    shown = read(client, operations, f"/{order.public_id}")
    assert shown["cancel_reason"] == "by_chain"
    assert [refund["amount"]["amount"] for refund in shown["refunds"]] == [2_000]
    again = client.post(f"{ORDERS}/{order.public_id}/cancel", headers=operations)
    assert problem_of(again) == (409, "order_not_cancellable")
    assert broken() == set()


def test_goods_come_back_once_per_key(
    client: FlaskClient, seller: ShareLink, goods: Variant, operations: Headers
) -> None:
    order = trade.sell({goods: 3}, through=seller)
    address = f"{ORDERS}/{order.public_id}/returns"
    body = {"lines": [{"line": 1, "quantity": 2}]}
    keyed = {**operations, "Idempotency-Key": "back"}
    first = client.post(address, json=body, headers=keyed)
    assert first.status_code == 201
    assert first.get_json()["refund"]["amount"] == 2_000
    assert client.post(address, json=body, headers=keyed).data == first.data
    other = {"lines": [{"line": 1, "quantity": 1}]}
    reused = client.post(address, json=other, headers=keyed)
    assert problem_of(reused) == (422, "idempotency_key_reused")
    too_many = client.post(address, json=body, headers=operations)
    assert problem_of(too_many) == (409, "more_than_sold")
    assert broken() == set()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"lines": []}, 422, "invalid_fields"),
        ({"lines": [{"line": 1, "quantity": 0}]}, 422, "invalid_fields"),
        ({"lines": [{"line": 1, "quantity": -5}]}, 422, "invalid_fields"),
        ({"lines": [{"line": 1, "quantity": 10**9}]}, 422, "invalid_fields"),
        ({"lines": [{"line": 2, "quantity": 1}]}, 422, "unknown_line"),
        ({"lines": [{"line": 1, "quantity": 1}] * 2}, 422, "repeated_line"),
        ({"lines": [{"line": 1, "quantity": 1}], "refund": 1}, 422, "invalid_fields"),
        ({"lines": [{"line": 1, "quantity": 2}]}, 409, "more_than_sold"),
    ],
)
def test_a_wrong_return_changes_nothing(
    client: FlaskClient, goods: Variant, operations: Headers, body: Any, status: int, code: str
) -> None:
    order = trade.sell(goods)
    answer = client.post(f"{ORDERS}/{order.public_id}/returns", json=body, headers=operations)
    assert problem_of(answer) == (status, code)
    assert read(client, operations, f"/{order.public_id}")["returns"] == []


DEEDS = [
    ("hand-over", None),
    ("cancel", None),
    ("returns", {"lines": [{"line": 1, "quantity": 1}]}),
]


@pytest.mark.parametrize(("deed", "body"), DEEDS)
def test_an_unknown_order(client: FlaskClient, operations: Headers, deed: str, body: Any) -> None:
    answer = client.post(f"{ORDERS}/ord_nothing/{deed}", json=body, headers=operations)
    assert problem_of(answer) == (404, "order_not_found")
    assert client.get(f"{ORDERS}/ord_nothing", headers=operations).status_code == 404


@pytest.mark.parametrize(("deed", "body"), DEEDS)
def test_only_operations_and_admins_do_anything_with_orders(
    client: FlaskClient, app: Flask, deed: str, body: Any
) -> None:
    address = f"{ORDERS}/ord_nothing/{deed}"
    assert client.post(address, json=body).status_code == 401
    for role, status in (
        (Role.EMPLOYEE, 403),
        (Role.STORE_MANAGER, 403),
        (Role.REGION_MANAGER, 403),
        (Role.HQ_FINANCE, 403),
        (Role.HQ_OPERATIONS, 404),
        (Role.HQ_ADMIN, 404),
    ):
        assert client.post(address, json=body, headers=signed_in(role)).status_code == status
