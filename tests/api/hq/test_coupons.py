"""Coupons at headquarters: made once, looked at, withdrawn, seen on the order."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core.clock import SettableClock
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.couponing import a_coupon, ordered

COUPONS = "/api/v1/hq/coupons"
Headers = dict[str, str]

WELCOME: dict[str, Any] = {
    "code": "welcome10",
    "name_zh": "新朋友九折",
    "name_en": "Welcome: 10 % off",
    "kind": "percent",
    "basis_points": 1_000,
    "most_off": 5_000,
    "least_spend": 10_000,
    "starts_at": "2026-03-02T02:00:00Z",
    "ends_at": "2026-04-01T02:00:00Z",
    "most_uses": 500,
}


def signed_in(role: Role) -> Headers:
    return cast.headers_of(cast.an_employee(role=role, store="HQ"))


@pytest.fixture
def finance(app: Flask) -> Headers:
    return signed_in(Role.HQ_FINANCE)


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_coupon_is_made_once_read_and_withdrawn(client: FlaskClient, finance: Headers) -> None:
    headers = {**finance, "Idempotency-Key": "one"}
    made, again = (client.post(COUPONS, json=WELCOME, headers=headers) for _ in range(2))
    assert made.status_code == 201, made.text
    assert again.json == made.json
    coupon: dict[str, Any] = made.json  # pyright: ignore
    assert coupon["id"].startswith("cpn_")
    expected = {
        **WELCOME,
        "code": "WELCOME10",
        "amount_off": 0,
        "categories": [],
        "brands": [],
        "most_uses_each": 1,
        "state": "active",
        "uses": 0,
        "given": {"amount": 0, "currency": "CNY"},
        "withdrawn_at": None,
        "created_at": "2026-03-02T02:00:00Z",
        "id": coupon["id"],
    }
    assert coupon == expected
    assert client.get(f"{COUPONS}/{coupon['id']}", headers=finance).json == expected
    withdrawn = client.post(f"{COUPONS}/{coupon['id']}/withdraw", headers=finance)
    assert withdrawn.status_code == 200
    assert withdrawn.get_json()["state"] == "withdrawn"
    assert withdrawn.get_json()["withdrawn_at"] == "2026-03-02T02:00:00Z"
    twice = client.post(f"{COUPONS}/{coupon['id']}/withdraw", headers=finance)
    assert problem_of(twice) == (409, "already_withdrawn")


def test_uses_and_what_was_given_are_told_newest_coupon_first(
    client: FlaskClient, finance: Headers, clock: SettableClock
) -> None:
    trade.open_for_trade()
    lamp = cast.a_product(price=1_000).variants[0]
    first, second = a_coupon("FIRST"), a_coupon("SECOND", amount_off=300)
    ordered({lamp: 1}, first)
    ordered({lamp: 2}, first, phone="+8613900000002")
    ordered({lamp: 1}, second)
    page = client.get(f"{COUPONS}?limit=1", headers=finance).get_json()
    assert [(each["code"], each["uses"], each["given"]["amount"]) for each in page["items"]] == [
        ("SECOND", 1, 300)
    ]
    rest = client.get(f"{COUPONS}?after={page['next']}", headers=finance).get_json()
    assert [(each["code"], each["uses"], each["given"]["amount"]) for each in rest["items"]] == [
        ("FIRST", 2, 300)
    ]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"code": "ab"}, "invalid_fields"),
        ({"code": "AB CDE"}, "wrong_code"),
        ({"ends_at": "2026-03-01T02:00:00Z"}, "wrong_dates"),
        ({"basis_points": 0}, "wrong_coupon"),
        ({"kind": "amount"}, "wrong_coupon"),
        ({"kind": "gift"}, "invalid_fields"),
        ({"least_spend": -1}, "invalid_fields"),
        ({"most_uses": 0}, "invalid_fields"),
        ({"categories": ["cat_none"]}, "unknown_category"),
        ({"shared_by": "E1"}, "invalid_fields"),
    ],
)
def test_what_makes_no_sense_is_refused(
    client: FlaskClient, finance: Headers, change: dict[str, Any], code: str
) -> None:
    answer = client.post(COUPONS, json={**WELCOME, **change}, headers=finance)
    assert problem_of(answer) == (422, code)


def test_a_code_is_taken_once_whatever_its_capitals(client: FlaskClient, finance: Headers) -> None:
    assert client.post(COUPONS, json=WELCOME, headers=finance).status_code == 201
    answer = client.post(COUPONS, json={**WELCOME, "code": "Welcome10"}, headers=finance)
    assert problem_of(answer) == (409, "code_taken")


def test_only_finance_and_admins_make_and_withdraw(client: FlaskClient, app: Flask) -> None:
    coupon = a_coupon()
    operations, seller = signed_in(Role.HQ_OPERATIONS), cast.headers_of(cast.an_employee())
    for path, body in ((COUPONS, WELCOME), (f"{COUPONS}/{coupon.public_id}/withdraw", None)):
        answer = client.post(path, json=body, headers=operations)
        assert problem_of(answer) == (403, "role_not_allowed")
        assert problem_of(client.post(path, json=body, headers=seller)) == (403, "hq_only")
        assert client.post(path, json=body).status_code == 401
    assert client.get(COUPONS, headers=operations).status_code == 200
    assert client.get(COUPONS, headers=seller).status_code == 403
    nobody = client.get(f"{COUPONS}/cpn_none", headers=operations)
    assert problem_of(nobody) == (404, "coupon_not_found")


def test_an_order_shows_its_coupon_and_what_it_took_off_each_line(
    client: FlaskClient, finance: Headers, clock: SettableClock
) -> None:
    trade.open_for_trade()
    lamp = cast.a_product(price=1_000).variants[0]
    coupon = a_coupon(amount_off=299)
    with_it, without = ordered({lamp: 3}, coupon), trade.an_order(lamp)
    order = client.get(f"/api/v1/hq/orders/{with_it.public_id}", headers=finance).get_json()
    assert order["coupon"] == {
        "id": coupon.public_id,
        "code": "WELCOME",
        "name_zh": "优惠",
        "name_en": "Ten days",
    }
    assert [order[name]["amount"] for name in ("discount", "lines_total", "total")] == [
        299,
        2_701,
        2_701,
    ]
    assert [(line["discount"]["amount"], line["net"]["amount"]) for line in order["lines"]] == [
        (299, 2_701)
    ]
    plain = client.get(f"/api/v1/hq/orders/{without.public_id}", headers=finance).get_json()
    assert (plain["coupon"], plain["discount"]["amount"]) == (None, 0)
