"""Commission plans at headquarters: what they may say, the check, redrafts and differences."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core.clock import SettableClock
from storefront.core.database import transaction
from storefront.staff.models import Role
from tests.support import cast

PLANS = "/api/v1/hq/commission-plans"
START = "2026-03-02T02:00:00Z"
PLAN = {"hold_days": 30, "rules": [{"rate": 500}], "starts_at": START}
BOOSTER = {"budget": 90_000, "starts_at": START, "ends_at": "2026-03-09T02:00:00Z"}
Headers = dict[str, str]


def a_campaign(client: FlaskClient, headers: Headers) -> str:
    given = {
        "code": "SPRING",
        "name_zh": "春天",
        "name_en": "Spring",
        "starts_at": START,
        "ends_at": "2026-03-09T02:00:00Z",
    }
    made = client.post("/api/v1/hq/campaigns", json=given, headers=headers)
    assert made.status_code == 201, made.text
    listed = client.get("/api/v1/hq/campaigns", headers=headers).get_json()["items"]
    assert [made.get_json()] == listed
    campaign_id: str = listed[0]["id"]
    return campaign_id


@pytest.fixture
def maker(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H1", role=Role.HQ_ADMIN, store="HQ"))


@pytest.fixture
def checker(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H2", role=Role.HQ_FINANCE, store="HQ"))


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_plan_with_every_element_comes_back_as_it_was_written(
    client: FlaskClient, maker: Headers
) -> None:
    seller, goods = cast.an_employee(), cast.a_product()
    with transaction():
        seller.grade = "senior"
    every: dict[str, Any] = {
        "rate": None,
        "per_unit": 300,
        "cap": 5_000,
        "employee": seller.public_id,
        "product": goods.public_id,
        "category": goods.category.public_id,
        "brand": goods.brand.public_id,
        "store": seller.store.public_id,
        "grade": "senior",
        "campaign": a_campaign(client, maker),
        "buyer": "new",
    }
    booster = {name: value for name, value in every.items() if name != "cap"} | BOOSTER
    boosters = [booster | {"per_unit": None, "rate": 200}, booster | {"rate": None}]
    given = PLAN | {
        "rules": [{"rate": 500}, every],
        "boosters": boosters,
        "bonus": 1_000,
        "order_cap": 30_000,
        "service_bonus": 200,
    }
    drafted = client.post(PLANS, json=given, headers=maker)
    assert drafted.status_code == 201, drafted.text
    read = client.get(f"{PLANS}/1", headers=maker).get_json()
    assert (read["rules"][1], read["bonus"]) == (every, 1_000)
    assert (read["order_cap"], read["service_bonus"]) == (30_000, 200)
    assert read["boosters"] == [each | {"spent": 0} for each in boosters]
    assert drafted.get_json() == read | {"findings": []}


@pytest.mark.parametrize(
    ("rule", "code", "element"),
    [
        ({"rate": 10_001}, "invalid_fields", "rate"),
        ({"rate": 500, "cap": -1}, "invalid_fields", "cap"),
        ({"per_unit": -1}, "invalid_fields", "per_unit"),
        ({"per_unit": 10**9 + 1}, "invalid_fields", "per_unit"),
        ({"rate": 500, "per_unit": 300}, "wrong_plan", "rate"),
        ({}, "wrong_plan", "rate"),
        ({"rate": 500, "buyer": "unknown"}, "invalid_fields", "buyer"),
        ({"rate": 500, "store": "sto_no"}, "unknown_store", "store"),
        ({"rate": 500, "grade": "emperor"}, "unknown_grade", "grade"),
        ({"rate": 500, "employee": "emp_no"}, "unknown_employee", "employee"),
        ({"rate": 500, "campaign": "cmp_no"}, "unknown_campaign", "campaign"),
        ({"rate": 500, "season": "spring"}, "invalid_fields", "season"),
    ],
)
def test_a_wrong_rule_is_refused_and_the_element_named(
    client: FlaskClient, maker: Headers, rule: dict[str, Any], code: str, element: str
) -> None:
    answer = client.post(PLANS, json=PLAN | {"rules": [{"rate": 1}, rule]}, headers=maker)
    assert problem_of(answer) == (422, code)
    assert list(answer.get_json()["errors"]["json"]["rules"]["1"]) == [element]
    assert client.get(PLANS, headers=maker).get_json()["items"] == []


@pytest.mark.parametrize(
    ("said", "code", "element"),
    [
        ({"budget": None}, "invalid_fields", "budget"),
        ({"budget": 0}, "invalid_fields", "budget"),
        ({"budget": -1}, "invalid_fields", "budget"),
        ({"rate": 10_001}, "invalid_fields", "rate"),
        ({"rate": 0}, "wrong_plan", "rate"),
        ({"rate": None}, "wrong_plan", "rate"),
        ({"per_unit": 1}, "wrong_plan", "rate"),
        ({"cap": 5}, "invalid_fields", "cap"),
        ({"ends_at": START}, "wrong_plan", "ends_at"),
        ({"brand": "brd_no"}, "unknown_brand", "brand"),
    ],
)
def test_a_wrong_booster_is_refused_and_the_element_named(
    client: FlaskClient, maker: Headers, said: dict[str, Any], code: str, element: str
) -> None:
    wrong = {
        name: value
        for name, value in (BOOSTER | {"rate": 200} | said).items()
        if (name, value) != ("budget", None)
    }
    boosters = [BOOSTER | {"rate": 200}, wrong]
    answer = client.post(PLANS, json=PLAN | {"boosters": boosters}, headers=maker)
    assert problem_of(answer) == (422, code)
    assert list(answer.get_json()["errors"]["json"]["boosters"]["1"]) == [element]
    assert client.get(PLANS, headers=maker).get_json()["items"] == []


@pytest.mark.parametrize("element", ["order_cap", "service_bonus", "bonus"])
def test_an_amount_of_the_plan_below_zero_is_refused(
    client: FlaskClient, maker: Headers, element: str
) -> None:
    answer = client.post(PLANS, json=PLAN | {element: -1}, headers=maker)
    assert problem_of(answer) == (422, "invalid_fields")
    assert list(answer.get_json()["errors"]["json"]) == [element]


def test_a_bonus_below_zero_and_a_start_in_the_past_are_refused(
    client: FlaskClient, maker: Headers, checker: Headers
) -> None:
    negative = client.post(PLANS, json=PLAN | {"bonus": -1}, headers=maker)
    assert list(negative.get_json()["errors"]["json"]) == ["bonus"]
    for starts_at in (START, "2026-03-01T00:00:00Z"):
        client.post(PLANS, json=PLAN | {"starts_at": starts_at}, headers=maker)
    for version in (1, 2):
        client.post(f"{PLANS}/{version}/approve", headers=checker)
    assert client.post(f"{PLANS}/1/publish", headers=maker).status_code == 200
    late = client.post(f"{PLANS}/2/publish", headers=maker)
    assert problem_of(late) == (422, "starts_in_the_past")
    assert list(late.get_json()["errors"]["json"]) == ["starts_at"]


def test_a_draft_is_written_anew_until_it_is_published_and_loses_its_approval(
    client: FlaskClient, maker: Headers, checker: Headers, clock: SettableClock
) -> None:
    client.post(PLANS, json=PLAN, headers=maker)
    client.post(f"{PLANS}/1/approve", headers=checker)
    anew = PLAN | {"rules": [{"rate": 700}, {"per_unit": 5}], "hold_days": 14}
    again = client.put(f"{PLANS}/1", json=anew, headers=checker).get_json()
    assert (again["state"], again["hold_days"]) == ("draft", 14)
    assert [(rule["rate"], rule["per_unit"]) for rule in again["rules"]] == [(700, None), (None, 5)]
    assert [each["problem"] for each in again["findings"]] == ["twin"]
    own = client.post(f"{PLANS}/1/approve", headers=checker)
    assert problem_of(own) == (403, "four_eyes")
    client.post(f"{PLANS}/1/approve", headers=maker)
    client.post(f"{PLANS}/1/publish", headers=maker)
    late = client.put(f"{PLANS}/1", json=PLAN, headers=maker)
    assert problem_of(late) == (409, "already_published")
    assert len(client.get(f"{PLANS}/1", headers=maker).get_json()["rules"]) == 2
    assert problem_of(client.put(f"{PLANS}/9", json=PLAN, headers=maker)) == (404, "plan_not_found")


def test_the_check_says_in_words_what_never_wins_and_what_earns_nothing(
    client: FlaskClient, maker: Headers
) -> None:
    lamp = cast.a_product("Lamp")
    other = cast.a_product("Bowl")
    with transaction():
        other.brand_id = cast.a_brand("KILN").id
    rules = [
        {"rate": 500, "product": lamp.public_id},
        {"rate": 600, "product": lamp.public_id, "brand": lamp.brand.public_id},
        {"rate": 700, "product": lamp.public_id, "brand": lamp.brand.public_id},
        {"rate": 800, "product": other.public_id, "brand": lamp.brand.public_id},
    ]
    client.post(PLANS, json=PLAN | {"rules": rules}, headers=maker)
    found = client.get(f"{PLANS}/1/check?language=en", headers=maker).get_json()["items"]
    assert [(each["problem"], each["position"], each["because_of"]) for each in found] == [
        ("shadowed", 1, 2),
        ("twin", 3, 2),
        ("matches_nothing", 4, None),
        ("gap", None, None),
    ]
    assert found[0]["sentence"] == (
        "Rule 1 (product Lamp) never wins: rule 2 (product Lamp, brand LOOM) is more specific"
        " and matches everything that it does."
    )
    assert found[3]["product"] == other.public_id
    chinese = client.get(f"{PLANS}/1/check?language=zh", headers=maker).get_json()["items"]
    assert chinese[0]["sentence"].startswith("第 1 条规则（商品「Lamp灯」）不会适用")
    unknown = client.get(f"{PLANS}/9/check", headers=maker)
    assert problem_of(unknown) == (404, "plan_not_found")


def test_what_a_version_changes_is_said_in_words(client: FlaskClient, maker: Headers) -> None:
    goods = cast.a_product()
    brand = {"brand": goods.brand.public_id}
    client.post(
        PLANS, json=PLAN | {"rules": [{"rate": 500}, {"rate": 900, "buyer": "new"}]}, headers=maker
    )
    new = [{"rate": 650, "cap": 2_000}, {"per_unit": 300} | brand]
    client.post(PLANS, json=PLAN | {"rules": new, "bonus": 100, "hold_days": 7}, headers=maker)
    asked = f"{PLANS}/2/differences?with=1&language="
    assert client.get(f"{asked}en", headers=maker).get_json()["items"] == [
        {"element": "hold_days", "sentence": "Held: 7 days (was: 30 days)"},
        {
            "element": "bonus",
            "sentence": "Bonus for a customer's first order: 1.00 CNY (was: 0.00 CNY)",
        },
        {
            "element": "rules",
            "sentence": "everything: 6.5%, at most 20.00 CNY per line (was: 5%)",
        },
        {"element": "rules", "sentence": "New rule, brand LOOM: 3.00 CNY per piece"},
        {"element": "rules", "sentence": "No longer a rule, new customers (was: 9%)"},
    ]
    chinese = client.get(f"{asked}zh", headers=maker).get_json()["items"]
    assert chinese[3]["sentence"] == "新增规则，品牌「LOOM牌」：每件 3.00 CNY"
    same = client.get(f"{PLANS}/1/differences?with=1", headers=maker)
    assert same.get_json() == {"items": []}
    unknown = client.get(f"{PLANS}/1/differences?with=9", headers=maker)
    assert problem_of(unknown) == (404, "plan_not_found")


def test_rules_that_overlap_are_named_with_which_wins_and_by_what(
    client: FlaskClient, maker: Headers
) -> None:
    lamp = cast.a_product("Lamp")
    rules = [
        {"rate": 500},
        {"rate": 600, "brand": lamp.brand.public_id},
        {"rate": 700, "store": cast.a_store("S1").public_id},
    ]
    over = BOOSTER | {"rate": 100, "starts_at": "2026-01-01T00:00:00Z", "ends_at": START}
    given = PLAN | {"rules": rules, "boosters": [over]}
    drafted = client.post(PLANS, json=given, headers=maker).get_json()["findings"]
    found = client.get(f"{PLANS}/1/check?language=en", headers=maker).get_json()["items"]
    assert [(each["problem"], each["position"], each["because_of"]) for each in found] == [
        ("overlap", 3, 2),
        ("booster_over", 4, None),
    ]
    assert [each["problem"] for each in drafted] == ["overlap", "booster_over"]
    assert found[0]["sentence"].endswith(
        "ask for as much and may both match: then rule 2 wins, as a brand weighs more."
    )
    chinese = client.get(f"{PLANS}/1/check?language=zh", headers=maker).get_json()["items"]
    assert "此时以第 2 条为准，因为按品牌指定的优先。" in chinese[0]["sentence"]
    assert chinese[1]["sentence"] == "限时加码（所有商品）在方案生效前就已结束，不会适用。"


def test_what_changes_about_boosters_and_caps_is_said_in_words(
    client: FlaskClient, maker: Headers
) -> None:
    boosters = [BOOSTER | {"rate": 200}, BOOSTER | {"rate": 300}]
    client.post(PLANS, json=PLAN | {"boosters": boosters[:1], "order_cap": 500}, headers=maker)
    more = PLAN | {"boosters": [boosters[1] | {"budget": 10_000}], "service_bonus": 30}
    client.post(PLANS, json=more, headers=maker)
    asked = f"{PLANS}/2/differences?with=1&language="
    found = client.get(f"{asked}en", headers=maker).get_json()["items"]
    assert found == [
        {
            "element": "order_cap",
            "sentence": "The most per employee and order: no limit (was: 5.00 CNY)",
        },
        {
            "element": "service_bonus",
            "sentence": "For handing an order over at the store: 0.30 CNY (was: 0.00 CNY)",
        },
        {
            "element": "boosters",
            "sentence": "booster, everything, from 2026-03-02 10:00 until 2026-03-09 10:00:"
            " 3% on top, budget 100.00 CNY (was: 2% on top, budget 900.00 CNY)",
        },
    ]
    chinese = client.get(f"{asked}zh", headers=maker).get_json()["items"]
    assert chinese[2]["sentence"] == (
        "限时加码，所有商品，2026-03-02 10:00 至 2026-03-09 10:00 前：加 3%，预算 100.00 CNY"
        "（原为：加 2%，预算 900.00 CNY）"
    )
