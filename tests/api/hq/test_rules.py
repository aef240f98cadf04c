"""Attribution policies and commission plans at headquarters: drafted, approved, published."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core.clock import SettableClock
from storefront.staff.models import Role
from tests.support import cast

POLICIES = "/api/v1/hq/attribution-policies"
PLANS = "/api/v1/hq/commission-plans"
START = "2026-03-02T02:00:00Z"
"""When the test begins."""
Headers = dict[str, str]

POLICY = {"window_days": 30, "starts_at": START, "note": "The first one"}
PLAN = {"hold_days": 30, "rules": [{"rate": 500}], "starts_at": START}


UNSAID = {
    "scope": "order",
    "precedence": ["till", "coupon", "touch"],
    "windows": {},
    "first_share": 4_000,
    "last_share": 4_000,
    "half_life_days": 7,
    "tied_share": 5_000,
    "tie_mode": "none",
    "protection_days": 0,
    "renewed_by": [],
    "grace_days": 0,
    "dispute_days": 30,
    "answer_days": 5,
    "decision_days": 10,
    "blackout_days": 0,
}
"""What a policy says of elements that its document leaves out."""


@pytest.fixture
def maker(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H1", role=Role.HQ_ADMIN, store="HQ"))


@pytest.fixture
def checker(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H2", role=Role.HQ_FINANCE, store="HQ"))


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_policy_from_draft_to_force(
    client: FlaskClient, maker: Headers, checker: Headers, clock: SettableClock
) -> None:
    none_yet = client.get(f"{POLICIES}/in-force", headers=maker)
    assert problem_of(none_yet) == (409, "no_policy")
    drafted = client.post(POLICIES, json=POLICY, headers=maker)
    assert drafted.status_code == 201, drafted.text
    assert drafted.get_json() == UNSAID | {
        "version": 1,
        "state": "draft",
        "starts_at": START,
        "note": "The first one",
        "created_at": START,
        "published_at": None,
        "superseded_at": None,
        "model": "last_touch",
        "window_days": 30,
        "own_purchase": "skip",
        "leavers": "skip",
    }
    assert problem_of(client.post(f"{POLICIES}/1/approve", headers=maker)) == (403, "four_eyes")
    assert problem_of(client.post(f"{POLICIES}/1/publish", headers=maker)) == (409, "not_approved")
    approved = client.post(f"{POLICIES}/1/approve", headers=checker)
    assert approved.get_json()["state"] == "approved"
    published = client.post(f"{POLICIES}/1/publish", headers=maker).get_json()
    assert (published["state"], published["published_at"]) == ("published", START)
    assert client.get(f"{POLICIES}/in-force", headers=maker).get_json() == published
    assert client.get(POLICIES, headers=maker).get_json() == {"items": [published], "next": None}


def test_a_plan_from_draft_to_force(
    client: FlaskClient, maker: Headers, checker: Headers, clock: SettableClock
) -> None:
    goods, employee = cast.a_product(), cast.an_employee()
    rules = [
        {"rate": 500},
        {"rate": 800, "product": goods.public_id},
        {"rate": 700, "category": goods.category.public_id, "brand": goods.brand.public_id},
        {"rate": 1_000, "employee": employee.public_id},
    ]
    assert problem_of(client.get(f"{PLANS}/in-force", headers=maker)) == (409, "no_plan")
    drafted = client.post(PLANS, json={**PLAN, "rules": rules}, headers=maker)
    assert drafted.status_code == 201, drafted.text
    conditions = ("employee", "product", "category", "brand", "campaign", "store", "grade", "buyer")
    empty = dict.fromkeys((*conditions, "per_unit", "cap"))
    assert drafted.get_json()["rules"] == [{**empty, **rule} for rule in rules]
    assert problem_of(client.post(f"{PLANS}/1/approve", headers=maker)) == (403, "four_eyes")
    assert client.post(f"{PLANS}/1/approve", headers=checker).get_json()["state"] == "approved"
    published = client.post(f"{PLANS}/1/publish", headers=checker).get_json()
    assert published["state"] == "published"
    assert client.get(f"{PLANS}/in-force", headers=maker).get_json() == published
    assert client.get(PLANS, headers=maker).get_json()["items"] == [published]


def test_a_published_version_is_not_published_again(
    client: FlaskClient, maker: Headers, checker: Headers, clock: SettableClock
) -> None:
    for address, body in ((POLICIES, POLICY), (PLANS, PLAN)):
        client.post(address, json=body, headers=maker)
        client.post(f"{address}/1/approve", headers=checker)
        keyed = {**maker, "Idempotency-Key": "go"}
        first = client.post(f"{address}/1/publish", headers=keyed)
        assert client.post(f"{address}/1/publish", headers=keyed).data == first.data
        again = client.post(f"{address}/1/publish", headers=maker)
        assert problem_of(again) == (409, "not_approved")
        assert problem_of(client.post(f"{address}/1/approve", headers=checker)) == (
            409,
            "not_a_draft",
        )


def test_versions_are_listed_page_by_page(client: FlaskClient, maker: Headers) -> None:
    for address, body in ((POLICIES, POLICY), (PLANS, PLAN)):
        for _ in range(3):
            client.post(address, json=body, headers=maker)
        first = client.get(f"{address}?limit=2", headers=maker).get_json()
        rest = client.get(f"{address}?limit=2&after={first['next']}", headers=maker).get_json()
        assert [each["version"] for each in first["items"] + rest["items"]] == [3, 2, 1]


@pytest.mark.parametrize(
    ("address", "body", "code"),
    [
        (POLICIES, {**POLICY, "window_days": 0}, "invalid_fields"),
        (POLICIES, {**POLICY, "window_days": 366}, "invalid_fields"),
        (POLICIES, {**POLICY, "window_days": "30"}, "invalid_fields"),
        (POLICIES, {**POLICY, "model": "highest_bidder"}, "invalid_fields"),
        (POLICIES, {**POLICY, "leavers": "punish"}, "invalid_fields"),
        (POLICIES, {**POLICY, "starts_at": "2026-03-02"}, "invalid_fields"),
        (POLICIES, {**POLICY, "parent": "E1"}, "invalid_fields"),
        (PLANS, {**PLAN, "rules": []}, "invalid_fields"),
        (PLANS, {**PLAN, "rules": [{"rate": 10_001}]}, "invalid_fields"),
        (PLANS, {**PLAN, "rules": [{"rate": -1}]}, "invalid_fields"),
        (PLANS, {**PLAN, "rules": [{"rate": 5.5}]}, "invalid_fields"),
        (PLANS, {**PLAN, "rules": [{"rate": 500, "upline": "E1"}]}, "invalid_fields"),
        (PLANS, {**PLAN, "rules": [{"rate": 500, "brand": "brd_no"}]}, "unknown_brand"),
        (PLANS, {**PLAN, "hold_days": 366}, "invalid_fields"),
    ],
)
def test_a_wrong_draft_is_refused(
    client: FlaskClient, maker: Headers, address: str, body: Any, code: str
) -> None:
    assert problem_of(client.post(address, json=body, headers=maker)) == (422, code)
    assert client.get(address, headers=maker).get_json()["items"] == []


@pytest.mark.parametrize("address", [POLICIES, PLANS])
def test_what_is_not_there_cannot_be_approved(
    client: FlaskClient, maker: Headers, address: str
) -> None:
    for version in ("7", "999999999"):
        for deed in ("approve", "publish"):
            answer = client.post(f"{address}/{version}/{deed}", headers=maker)
            assert answer.status_code == 404
    assert client.post(f"{address}/99999999999999999999/approve", headers=maker).status_code == 404


@pytest.mark.parametrize(("address", "body"), [(POLICIES, POLICY), (PLANS, PLAN)])
def test_who_may_read_and_who_may_write_the_rules(
    client: FlaskClient, app: Flask, address: str, body: Any
) -> None:
    assert client.get(address).status_code == 401
    assert client.post(address, json=body).status_code == 401
    for role, reads, writes in (
        (Role.EMPLOYEE, 403, 403),
        (Role.STORE_MANAGER, 403, 403),
        (Role.REGION_MANAGER, 403, 403),
        (Role.HQ_OPERATIONS, 200, 403),
        (Role.HQ_FINANCE, 200, 201),
        (Role.HQ_ADMIN, 200, 201),
    ):
        headers = cast.headers_of(cast.an_employee(role=role))
        assert client.get(address, headers=headers).status_code == reads
        assert client.post(address, json=body, headers=headers).status_code == writes
        for deed in ("approve", "publish"):
            answer = client.post(f"{address}/77/{deed}", headers=headers)
            assert answer.status_code == (403 if writes == 403 else 404)


def test_a_policy_with_every_element_comes_back_as_it_was_written(
    client: FlaskClient, maker: Headers
) -> None:
    whole = POLICY | {
        "model": "tied_and_last",
        "scope": "line",
        "precedence": ["coupon", "till", "touch", "tie"],
        "windows": {"qr": 7, "till_scan": 1},
        "first_share": 5_000,
        "last_share": 2_500,
        "half_life_days": 14,
        "tied_share": 3_000,
        "tie_mode": "first_order",
        "protection_days": 90,
        "renewed_by": ["order", "touch"],
        "own_purchase": "store",
        "leavers": "successor",
        "grace_days": 14,
        "dispute_days": 20,
        "answer_days": 3,
        "decision_days": 7,
        "blackout_days": 5,
    }
    drafted = client.post(POLICIES, json=whole, headers=maker)
    assert drafted.status_code == 201, drafted.text
    shown = client.get(f"{POLICIES}/1", headers=maker).get_json()
    assert {name: shown[name] for name in whole} == whole


def test_what_a_version_changes_is_said_in_words(client: FlaskClient, maker: Headers) -> None:
    client.post(POLICIES, json=POLICY, headers=maker)
    client.post(POLICIES, json=POLICY | {"window_days": 14, "leavers": "store"}, headers=maker)
    asked = f"{POLICIES}/2/differences?with=1&language="
    assert client.get(f"{asked}en", headers=maker).get_json()["items"] == [
        {"element": "window_days", "sentence": "Window: 14 days (was: 30 days)"},
        {
            "element": "leavers",
            "sentence": "Leavers: the store is credited (was: does not count, the next one may)",
        },
    ]
    assert client.get(f"{asked}zh", headers=maker).get_json()["items"][0] == {
        "element": "window_days",
        "sentence": "有效期：14 天（原为：30 天）",
    }
    same = client.get(f"{POLICIES}/1/differences?with=1", headers=maker)
    assert same.get_json() == {"items": []}
    unknown = client.get(f"{POLICIES}/1/differences?with=9", headers=maker)
    assert problem_of(unknown) == (404, "policy_not_found")


def test_a_draft_is_written_anew_until_it_is_published(
    client: FlaskClient, maker: Headers, checker: Headers, clock: SettableClock
) -> None:
    client.post(POLICIES, json=POLICY, headers=maker)
    client.post(f"{POLICIES}/1/approve", headers=checker)
    anew = client.put(f"{POLICIES}/1", json=POLICY | {"window_days": 60}, headers=checker)
    assert (anew.get_json()["state"], anew.get_json()["window_days"]) == ("draft", 60)
    client.post(f"{POLICIES}/1/approve", headers=maker)
    client.post(f"{POLICIES}/1/publish", headers=maker)
    late = client.put(f"{POLICIES}/1", json=POLICY, headers=maker)
    assert problem_of(late) == (409, "already_published")


def test_a_policy_that_makes_no_sense_says_where(client: FlaskClient, maker: Headers) -> None:
    wrong = POLICY | {"model": "tied_first", "first_share": 9_000}
    answer = client.post(POLICIES, json=wrong, headers=maker)
    assert problem_of(answer) == (422, "wrong_policy")
    assert set(answer.get_json()["errors"]["json"]) == {"first_share", "tie_mode"}
    hopeless = POLICY | {"precedence": ["tie"]}
    answer = client.post(POLICIES, json=hopeless, headers=maker)
    assert problem_of(answer) == (422, "policy_credits_nobody")
