"""What a plan says about whole months: written, read, refused by its path, compared."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront.staff.models import Role
from tests.support import cast

PLANS = "/api/v1/hq/commission-plans"
PLAN = {"hold_days": 30, "rules": [{"rate": 500}], "starts_at": "2026-03-02T02:00:00Z"}
MONTH = {
    "tiers": [{"from": 100_000, "extra": 200}, {"from": 200_000, "extra": 350}],
    "tier_mode": "whole_volume",
    "later_returns": "difference",
    "month_cap": 50_000,
}
Headers = dict[str, str]


@pytest.fixture
def maker(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H1", role=Role.HQ_ADMIN, store="HQ"))


def test_tiers_and_cap_come_back_as_they_were_written(client: FlaskClient, maker: Headers) -> None:
    drafted = client.post(PLANS, json=PLAN | MONTH, headers=maker)
    assert drafted.status_code == 201, drafted.text
    read = client.get(f"{PLANS}/1", headers=maker).get_json()
    assert {name: read[name] for name in MONTH} == MONTH
    again = client.put(f"{PLANS}/1", json=PLAN, headers=maker).get_json()
    assert (again["tiers"], again["tier_mode"], again["month_cap"]) == ([], "marginal", None)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"tiers": [{"from": 2, "extra": 1}, {"from": 2, "extra": 2}]}, "tiers.1.from"),
        ({"tiers": [{"from": 2, "extra": 1}, {"from": 1, "extra": 2}]}, "tiers.1.from"),
        ({"tiers": [{"from": 2, "extra": 10_001}]}, "tiers.0.extra"),
        ({"tiers": [{"from": 2, "extra": 9_501}]}, "tiers.0.extra"),
        ({"tiers": [{"from": -1, "extra": 1}]}, "tiers.0.from"),
        ({"tiers": [{"from": 1.5, "extra": 1}]}, "tiers.0.from"),
        ({"tiers": [{"extra": 1}]}, "tiers.0.from"),
        ({"month_cap": -1}, "month_cap"),
        ({"tier_mode": "half"}, "tier_mode"),
        ({"later_returns": "sometimes"}, "later_returns"),
    ],
)
def test_what_cannot_be_is_refused_by_its_path(
    client: FlaskClient, maker: Headers, wrong: dict[str, Any], path: str
) -> None:
    refused = client.post(PLANS, json=PLAN | wrong, headers=maker)
    assert refused.status_code == 422
    found = refused.get_json()["errors"]["json"]
    for step in path.split("."):
        found = found[step]
    assert isinstance(found, list)
    assert client.get(PLANS, headers=maker).get_json()["items"] == []


def test_a_tier_may_not_lift_the_highest_rate_above_the_whole(
    client: FlaskClient, maker: Headers
) -> None:
    given = PLAN | {"rules": [{"rate": 9_000}], "tiers": [{"from": 0, "extra": 1_000}]}
    assert client.post(PLANS, json=given, headers=maker).status_code == 201


def test_what_changes_about_months_is_said_in_words(client: FlaskClient, maker: Headers) -> None:
    for given in (PLAN, PLAN | MONTH):
        client.post(PLANS, json=given, headers=maker)
    address = f"{PLANS}/2/differences?with=1&language="
    english = client.get(f"{address}en", headers=maker).get_json()["items"]
    assert english == [
        {
            "element": "tiers",
            "sentence": "Tiers by the month's net sales: from 1000.00 CNY 2% more, from 2000.00 CNY"
            " 3.5% more (the one reached for everything; for goods that come back after the month"
            " the difference is posted) (was: none)",
        },
        {
            "element": "month_cap",
            "sentence": "Cap on a person's commission for a month: 500.00 CNY (was: none)",
        },
    ]
    chinese = client.get(f"{address}zh", headers=maker).get_json()["items"]
    assert "".join(each["sentence"] for each in chinese) == (
        "按月净销售额的档位：满 1000.00 CNY 加 2%，满 2000.00 CNY 加 3.5%"
        "（达档全额；月后退货重新核算该月，差额记入下次结账）（原为：无）"
        "每人每月佣金上限：500.00 CNY（原为：无）"
    )
