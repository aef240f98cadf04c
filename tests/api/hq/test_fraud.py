"""Fraud at headquarters: the queue, a case's lines, its end, the rules' record, the thresholds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from storefront.attribution.rules import Policy
from storefront.attribution.rules.policy import Treatment
from storefront.core.clock import SettableClock
from storefront.fraud import scan
from storefront.fraud.queue import RuleFigures, Signal, wilson
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.queries import recorded_queries

CASES, THRESHOLDS, HOLDS = (
    f"/api/v1/hq/{noun}" for noun in ("fraud-cases", "fraud-thresholds", "holds")
)
PHONE = "+8613900000001"
Headers = dict[str, str]


@pytest.fixture
def finance(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("F1", role=Role.HQ_FINANCE))


@pytest.fixture
def second(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("F2", role=Role.HQ_FINANCE))


@pytest.fixture
def case(app: Flask, client: Any, finance: Headers, clock: SettableClock) -> str:
    trade.the_policy(Policy(window_days=30, own_purchase=Treatment.ALLOW))
    trade.the_plan()
    link = cast.a_link(cast.a_shop(cast.an_employee("E1", phone=PHONE)))
    for _ in range(2):
        trade.sell(cast.a_product(price=5_000), through=link, phone=PHONE)
    scan.scan(clock.now(), whole=True)
    [found] = client.get(CASES, headers=finance).json["items"]
    return found["id"]


def test_the_queue_has_one_row_for_rule_and_person(
    case: str, client: Any, finance: Headers
) -> None:
    shown = client.get(f"{CASES}/{case}?language=en", headers=finance).json
    assert shown["rule"] == "own_phone"
    assert shown["employee"] == "E1"
    assert (shown["occurrences"], shown["held"]["amount"]) == (2, 1_000)
    assert shown["for_role"] == "hq_operations"
    assert client.get(f"{CASES}?rule=own_card", headers=finance).json["items"] == []
    assert client.get(f"{CASES}?employee=E1", headers=finance).json["next"] is None
    with recorded_queries() as asked:
        client.get(CASES, headers=finance)
    assert len(asked) <= 2


def test_a_cases_lines_come_in_pages_with_what_the_rule_saw(
    case: str, client: Any, finance: Headers
) -> None:
    first = client.get(f"{CASES}/{case}/occurrences?limit=1&language=en", headers=finance).json
    [line] = first["items"]
    assert line["words"] == "Own purchase: the phone number is the employee's own"
    assert (line["thresholds"], line["took_back"]) == (0, False)
    rest = client.get(f"{CASES}/{case}/occurrences?after={first['next']}", headers=finance).json
    assert len(rest["items"]) == 1
    assert PHONE not in str(first)


def test_an_answer_that_takes_back_waits_for_a_second_person(
    case: str, client: Any, finance: Headers, second: Headers
) -> None:
    answer = {"outcome": "confirmed", "note": "admitted", "takes_back": True}
    waiting = client.post(f"{CASES}/{case}/answer", json=answer, headers=finance).json
    assert (waiting["state"], waiting["answered_by"]) == ("proposed", "F1")
    refused = client.post(f"{CASES}/{case}/approve", headers=finance)
    assert (refused.status_code, refused.json["code"]) == (403, "four_eyes")
    closed = client.post(f"{CASES}/{case}/approve", headers=second).json
    assert (closed["state"], closed["approved_by"]) == ("closed", "F2")
    assert closed["held"]["amount"] == 0
    lines = client.get(f"{CASES}/{case}/occurrences", headers=finance).json["items"]
    assert [line["took_back"] for line in lines] == [True, True]
    assert client.get(CASES, headers=finance).json["items"] == []
    assert len(client.get(f"{CASES}?closed=true", headers=finance).json["items"]) == 1
    again = client.post(f"{CASES}/{case}/answer", json=answer, headers=finance)
    assert (again.status_code, again.json["code"]) == (409, "case_closed")
    assert not broken()


@pytest.mark.parametrize(
    "wrong",
    [{}, {"outcome": "maybe", "note": "x"}, {"outcome": "dismissed", "note": ""}, {"o": 1}],
)
def test_an_answer_says_what_and_why(
    wrong: dict[str, Any], case: str, client: Any, finance: Headers
) -> None:
    refused = client.post(f"{CASES}/{case}/answer", json=wrong, headers=finance)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid_fields")


def test_each_rule_shows_its_record_and_no_share_of_few(
    case: str, client: Any, finance: Headers
) -> None:
    answer = {"outcome": "dismissed", "note": "her sister"}
    client.post(f"{CASES}/{case}/answer", json=answer, headers=finance)
    rules = client.get(f"{CASES}/rules", headers=finance).json["rules"]
    [own] = [rule for rule in rules if rule["rule"] == "own_phone"]
    assert (own["open"], own["closed"], own["dismissed"]) == (0, 1, 1)
    assert own["dismissed_share"] is None
    assert RuleFigures(Signal.OWN_CARD, 0, 100, 5, 90, 5).dismissed_share == (500, 215, 1118)
    assert wilson(0, 30)[0] == 0


def test_nobody_below_headquarters_sees_a_case(case: str, client: Any) -> None:
    for role in (Role.EMPLOYEE, Role.STORE_MANAGER, Role.REGION_MANAGER):
        headers = cast.headers_of(cast.an_employee(role=role))
        for path in (CASES, f"{CASES}/{case}", THRESHOLDS, HOLDS):
            assert client.get(path, headers=headers).status_code == 403
        assert client.post(f"{CASES}/{case}/approve", headers=headers).status_code == 403


def test_thresholds_go_from_draft_to_force(
    app: Flask, client: Any, finance: Headers, second: Headers, clock: SettableClock
) -> None:
    assert client.get(f"{THRESHOLDS}/in-force", headers=finance).json["version"] == 0
    given = {
        "starts_at": (clock.now() + timedelta(hours=1)).isoformat(),
        "ring_orders_from": 5,
        "watched": ["colleague_ring"],
    }
    drafted = client.post(THRESHOLDS, json=given, headers=finance)
    assert drafted.status_code == 201
    assert drafted.json["thresholds"]["ring_orders_from"] == 5
    assert drafted.json["thresholds"]["window_days"] == 90
    assert client.post(f"{THRESHOLDS}/1/approve", headers=finance).status_code == 403
    assert client.post(f"{THRESHOLDS}/1/approve", headers=second).status_code == 200
    assert client.post(f"{THRESHOLDS}/1/publish", headers=finance).status_code == 200
    clock.advance(timedelta(hours=2))
    now = client.get(f"{THRESHOLDS}/in-force", headers=finance).json
    assert (now["version"], now["thresholds"]["watched"]) == (1, ["colleague_ring"])
    assert len(client.get(THRESHOLDS, headers=finance).json["items"]) == 1
    wrong = {**given, "guests_from": 20, "guests_unknown_from": 10}
    refused = client.post(THRESHOLDS, json=wrong, headers=finance)
    assert (refused.status_code, refused.json["code"]) == (422, "wrong_thresholds")


def test_holds_are_listed_placed_and_lifted(
    case: str, client: Any, finance: Headers, second: Headers
) -> None:
    listed = client.get(f"{HOLDS}?kind=fraud", headers=finance).json["items"]
    assert [hold["amount"]["amount"] for hold in listed] == [500, 500]
    assert listed[0]["may_lift"] == []
    refused = client.post(
        f"{HOLDS}/{listed[0]['id']}/lift", json={"note": "please"}, headers=finance
    )
    assert (refused.status_code, refused.json["code"]) == (409, "held_by_case")
    new = {"kind": "missing_data", "reason": "no account", "employee": "E1"}
    placed = client.post(HOLDS, json=new, headers=finance)
    assert placed.status_code == 201
    [hold] = placed.json["items"]
    assert (hold["order"], hold["amount"]["amount"]) == (None, 1_000)
    lifted = client.post(f"{HOLDS}/{hold['id']}/lift", json={"note": "it came"}, headers=second)
    assert (lifted.json["lifted_by"], lifted.json["note"]) == ("F2", "it came")
    gone = client.get(f"{HOLDS}?live=false", headers=finance).json["items"]
    assert [each["id"] for each in gone] == [hold["id"]]
    first = client.get(f"{HOLDS}?limit=1", headers=finance).json
    second_page = client.get(f"{HOLDS}?limit=1&after={first['next']}", headers=finance).json
    assert {first["items"][0]["id"], second_page["items"][0]["id"]} == {
        each["id"] for each in listed
    }
