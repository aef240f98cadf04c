"""Payout batches at headquarters: two people, one payroll."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core.clock import SettableClock
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken

PAYOUTS = "/api/v1/hq/payouts"
Headers = dict[str, str]


@pytest.fixture
def due(app: Flask, clock: SettableClock) -> None:
    """E1 has 1.00 to come and E2 2.00, due on 1 April."""
    trade.open_for_trade()
    for rank in (1, 2):
        trade.sell(cast.a_product(price=1_000 * rank), through=trade.a_seller(f"E{rank}"))
    clock.advance(timedelta(days=31))


@pytest.fixture
def maker(due: None) -> Headers:
    return cast.headers_of(cast.an_employee("F1", role=Role.HQ_FINANCE, store="HQ"))


@pytest.fixture
def checker(due: None) -> Headers:
    return cast.headers_of(cast.an_employee("F2", role=Role.HQ_ADMIN, store="HQ"))


def draft(client: FlaskClient, headers: Headers, cutoff: str = "2026-04-02") -> Any:
    answer = client.post(PAYOUTS, json={"cutoff": cutoff}, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_from_draft_to_payroll(
    client: FlaskClient, maker: Headers, checker: Headers, clock: SettableClock
) -> None:
    batch = draft(client, maker)
    assert (batch["state"], batch["payees"], batch["total"]["amount"]) == ("draft", 2, 300)
    assert (batch["created_by"], batch["approved_by"]) == ("F1", None)
    assert batch["cutoff_at"] == "2026-04-01T16:00:00Z"  # midnight in Shanghai
    address = f"{PAYOUTS}/{batch['id']}"
    own = client.post(f"{address}/approve", headers=maker)
    assert problem_of(own) == (403, "four_eyes")
    early = client.get(f"{address}/payroll.csv", headers=maker)
    assert problem_of(early) == (409, "batch_not_approved")
    assert problem_of(client.post(f"{address}/paid", headers=maker)) == (409, "batch_not_approved")

    approved = client.post(f"{address}/approve", headers=checker).get_json()
    assert (approved["state"], approved["approved_by"]) == ("approved", "F2")
    payroll = client.get(f"{address}/payroll.csv", headers=maker)
    assert payroll.content_type == "text/csv; charset=utf-8"
    assert payroll.data.count(b"\r\n") == 3
    paid = client.post(f"{address}/paid", headers=maker).get_json()
    assert (paid["state"], paid["paid_at"]) == ("paid", "2026-04-02T02:00:00Z")
    assert client.get(address, headers=maker).get_json() == paid
    assert problem_of(client.post(f"{address}/discard", headers=maker)) == (409, "batch_over")
    assert broken() == set()


def test_who_gets_how_much_page_by_page(client: FlaskClient, maker: Headers) -> None:
    batch = draft(client, maker)
    address = f"{PAYOUTS}/{batch['id']}/payouts"
    first = client.get(f"{address}?limit=1", headers=maker).get_json()
    rest = client.get(f"{address}?limit=1&after={first['next']}", headers=maker).get_json()
    shown = [
        (each["employee"], each["store"], each["amount"]["amount"])
        for each in first["items"] + rest["items"]
    ]
    assert sorted(shown) == [("E1", "S1", 100), ("E2", "S1", 200)]
    assert rest["next"] is None


def test_batches_are_listed_and_a_discarded_one_stays_in_sight(
    client: FlaskClient, maker: Headers
) -> None:
    first = draft(client, maker)
    answer = client.post(f"{PAYOUTS}/{first['id']}/discard", headers=maker)
    assert answer.get_json()["state"] == "discarded"
    second = draft(client, maker)
    listed = client.get(PAYOUTS, headers=maker).get_json()["items"]
    assert [(each["id"], each["state"]) for each in listed] == [
        (second["id"], "draft"),
        (first["id"], "discarded"),
    ]


def test_a_draft_sent_twice_is_made_once(client: FlaskClient, maker: Headers) -> None:
    keyed = {**maker, "Idempotency-Key": "april"}
    first = client.post(PAYOUTS, json={"cutoff": "2026-04-02"}, headers=keyed)
    again = client.post(PAYOUTS, json={"cutoff": "2026-04-02"}, headers=keyed)
    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert len(client.get(PAYOUTS, headers=maker).get_json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"cutoff": "2026-04-03"}, 422, "cutoff_in_the_future"),
        ({"cutoff": "2026-04-01"}, 409, "nothing_to_pay"),
        ({"cutoff": "soon"}, 422, "invalid_fields"),
        ({"cutoff": "9999-12-31"}, 422, "invalid_fields"),
        ({}, 422, "invalid_fields"),
        ({"cutoff": "2026-04-02", "amount": 1}, 422, "invalid_fields"),
    ],
)
def test_a_wrong_draft_claims_nothing(
    client: FlaskClient, maker: Headers, body: Any, status: int, code: str
) -> None:
    answer = client.post(PAYOUTS, json=body, headers=maker)
    assert problem_of(answer) == (status, code)
    assert client.get(PAYOUTS, headers=maker).get_json()["items"] == []


ROUTES = [
    ("GET", ""),
    ("POST", ""),
    ("GET", "/bat_nothing"),
    ("GET", "/bat_nothing/payouts"),
    ("GET", "/bat_nothing/payroll.csv"),
    ("POST", "/bat_nothing/approve"),
    ("POST", "/bat_nothing/discard"),
    ("POST", "/bat_nothing/paid"),
]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_finance_and_admins_pay(
    client: FlaskClient, app: Flask, method: str, path: str
) -> None:
    body = {"cutoff": "2026-03-01"} if (method, path) == ("POST", "") else None
    allowed = {("GET", ""): 200, ("POST", ""): 409}.get((method, path), 404)
    assert client.open(PAYOUTS + path, method=method, json=body).status_code == 401
    for role, status in (
        (Role.EMPLOYEE, 403),
        (Role.STORE_MANAGER, 403),
        (Role.REGION_MANAGER, 403),
        (Role.HQ_OPERATIONS, 403),
        (Role.HQ_FINANCE, allowed),
        (Role.HQ_ADMIN, allowed),
    ):
        headers = cast.headers_of(cast.an_employee(role=role))
        answer = client.open(PAYOUTS + path, method=method, json=body, headers=headers)
        assert answer.status_code == status
