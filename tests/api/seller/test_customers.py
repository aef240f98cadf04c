"""An employee's customers, over HTTP."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core import clock
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.queries import recorded_queries
from tests.support.ties import EXPLICIT, a_customer, belongs_to

CUSTOMERS = "/api/v1/seller/customers"
Headers = dict[str, str]


@pytest.fixture
def anna(app: Flask) -> Employee:
    trade.the_policy(replace(EXPLICIT, blackout_days=3))
    return cast.an_employee("E1")


@pytest.fixture
def hers(anna: Employee) -> Headers:
    return cast.headers_of(anna)


def problem_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["code"]


def test_my_customers_are_listed_the_latest_first_and_nobody_elses(
    client: FlaskClient, anna: Employee, hers: Headers
) -> None:
    customers = [a_customer(f"+861380013800{number}") for number in range(3)]
    for customer in customers:
        belongs_to(customer, anna, clock.now())
    belongs_to(a_customer(None, "M9"), cast.an_employee())
    wrote = client.post(
        f"{CUSTOMERS}/{customers[0].public_id}/contacts", json={"channel": "wecom"}, headers=hers
    )
    assert (wrote.status_code, wrote.get_json()) == (
        201,
        {"customer": customers[0].public_id, "channel": "wecom", "at": "2026-03-02T02:00:00Z"},
    )
    with recorded_queries() as queries:
        page: dict[str, Any] = client.get(
            CUSTOMERS, query_string={"limit": 2}, headers=hers
        ).get_json()
    assert len(queries) == 2
    rest = client.get(
        CUSTOMERS, query_string={"limit": 2, "after": page["next"]}, headers=hers
    ).get_json()
    shown = page["items"] + rest["items"]
    assert [each["id"] for each in shown] == [each.public_id for each in reversed(customers)]
    assert rest["next"] is None
    assert shown[2] == {
        "id": customers[0].public_id,
        "name": "王芳",
        "phone": "138****8000",
        "since": "2026-03-02T02:00:00Z",
        "how": "headquarters",
        "protected_until": "2026-03-02T02:00:00Z",
        "last_contact_at": "2026-03-02T02:00:00Z",
    }
    assert shown[0]["last_contact_at"] is None


def test_a_claim_is_settled_at_once_and_says_so_in_words(
    client: FlaskClient, hers: Headers
) -> None:
    a_customer("+8613800138000")
    body = {"phone": "138 0013 8000", "words": "I have served her since 2024."}
    answer = client.post(CUSTOMERS + "/claims?language=en", json=body, headers=hers)
    assert answer.status_code == 201
    settled = answer.get_json()
    assert set(settled) == {"id", "at", "accepted", "outcome", "until", "words"}
    assert (settled["accepted"], settled["outcome"]) == (True, "nobodys")
    assert settled["words"] == (
        "The customer was nobody's and is yours now. The protection lasts until 1 Apr 2026, 10:00."
    )
    theirs = cast.headers_of(cast.an_employee("E2"))
    refused = client.post(CUSTOMERS + "/claims", json=body, headers=theirs)
    told = refused.get_json()
    assert (refused.status_code, told["accepted"], told["outcome"]) == (201, False, "protected")
    assert told["until"] == settled["until"]
    assert told["words"] == "这位顾客归另一位同事，目前受保护。保护期到 2026年4月1日 10:00。"
    assert "E1" not in refused.text


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"phone": "138 0013 8000", "member_code": "M1"}, (422, "invalid_fields")),
        ({}, (422, "invalid_fields")),
        ({"phone": "12"}, (422, "wrong_phone")),
        ({"phone": "139 0013 8000"}, (404, "customer_not_found")),
        ({"member_code": "M1"}, (404, "customer_not_found")),
        ({"member_code": "M1", "words": ""}, (422, "invalid_fields")),
        ({"member_code": "M1", "employee": "E9"}, (422, "invalid_fields")),
    ],
)
def test_a_wrong_claim_is_refused(
    client: FlaskClient, hers: Headers, fields: dict[str, Any], problem: tuple[int, str]
) -> None:
    body = {"words": "mine"} | fields
    assert problem_of(client.post(f"{CUSTOMERS}/claims", json=body, headers=hers)) == problem


def test_a_colleague_is_told_until_when_to_wait(client: FlaskClient, hers: Headers) -> None:
    trade.the_plan()
    bo = trade.a_seller("E2")
    trade.sell(cast.a_product(), through=bo, phone="+8613800138000")
    body = {"phone": "138 0013 8000", "words": "mine"}
    assert client.post(f"{CUSTOMERS}/claims", json=body, headers=hers).status_code == 201
    (mine,) = client.get(CUSTOMERS, headers=hers).get_json()["items"]
    customer = mine["id"]
    address = f"{CUSTOMERS}/{customer}/contacts"
    assert client.post(address, json={"channel": "sms"}, headers=hers).status_code == 201
    theirs = cast.headers_of(bo.shop.employee)
    refused = client.post(address, json={"channel": "wechat"}, headers=theirs)
    assert problem_of(refused) == (409, "contact_blackout")
    assert refused.get_json()["until"] == "2026-03-05T02:00:00Z"
    wrong = client.post(address, json={"channel": "pigeon"}, headers=theirs)
    assert problem_of(wrong) == (422, "invalid_fields")
    stranger = cast.headers_of(cast.an_employee())
    unknown = client.post(address, json={"channel": "sms"}, headers=stranger)
    assert problem_of(unknown) == (404, "customer_not_found")
