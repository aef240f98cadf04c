"""What a month would come to, what it came to, and why: for the seller and at headquarters."""

from __future__ import annotations

from datetime import UTC

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront import sales
from storefront.commissions.rules.months import NO_MONTH_TERMS, MonthTerms, Tier
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee, Role
from tests.commissions.test_settlement import APRIL, BACK, MARCH, MAY, a_plan, settled
from tests.support import cast, trade

MONTH, MONTHS = "/api/v1/seller/earnings/month", "/api/v1/seller/earnings/months"
Headers = dict[str, str]


@pytest.fixture
def seller(app: Flask, clock: SettableClock) -> ShareLink:
    clock.set(MARCH.starts_at.astimezone(UTC))
    trade.the_policy()
    return trade.a_seller()


def headers_of(seller: ShareLink) -> Headers:
    return cast.headers_of(db.session.get_one(Employee, seller.employee_id))


def test_the_month_so_far_says_what_is_missing_to_the_next_tier(
    client: FlaskClient, seller: ShareLink
) -> None:
    a_plan(MonthTerms((Tier(100_000, 200), Tier(200_000, 500)), cap=9_000))
    trade.sell(cast.a_product(price=150_000), through=seller)
    found = client.get(f"{MONTH}?language=en", headers=headers_of(seller)).get_json()
    assert found["is_estimate"] is True
    assert (found["month"], found["plan_version"]) == ("2026-03", 1)
    amounts = [found[name]["amount"] for name in ("net_sales", "commission", "extra", "cut")]
    assert amounts == [150_000, 7_500, 1_000, 0]
    assert found["tier"] == {"from": {"amount": 100_000, "currency": "CNY"}, "extra": 200}
    assert found["next_tier"]["from"]["amount"] - 150_000 == found["missing"]["amount"] == 50_000
    assert found["words"] == [
        (
            "Net sales of 2026-03 so far: 1500.00 CNY. What follows is an estimate: the month is"
            " settled when it closes."
        ),
        "Tier from 1000.00 CNY: 2% of the 500.00 CNY within it is 10.00 CNY.",
        (
            "Commission on the month's sales comes to 85.00 CNY with its tiers, within the month's"
            " cap of 90.00 CNY."
        ),
        "500.00 CNY more reach the tier from 2000.00 CNY (5% more).",
    ]


def test_without_tiers_there_is_nothing_to_reach(client: FlaskClient, seller: ShareLink) -> None:
    a_plan(NO_MONTH_TERMS)
    found = client.get(MONTH, headers=headers_of(seller)).get_json()
    assert (found["tier"], found["next_tier"], found["missing"]) == (None, None, None)
    assert len(found["words"]) == 1


def test_the_estimate_is_what_the_close_posts_if_nothing_more_happens(
    client: FlaskClient, seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(BACK)
    order = trade.sell({cast.a_product(price=60_000).variants[0]: 4}, through=seller)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    found = client.get(MONTH, headers=headers_of(seller)).get_json()
    clock.set(APRIL.starts_at)
    extra, cut = found["extra"]["amount"], found["cut"]["amount"]
    assert (
        settled(seller, MARCH)
        == [(180_000, extra, cut, extra - cut)]
        == [(180_000, 3_600, 0, 3_600)]
    )


def test_months_explain_themselves_in_both_languages_and_only_to_their_own(
    client: FlaskClient, seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(BACK)
    order = trade.sell({cast.a_product(price=60_000).variants[0]: 2}, through=seller)
    clock.set(APRIL.starts_at)
    settled(seller, MARCH)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(MAY.starts_at)
    settled(seller, APRIL)
    mine = headers_of(seller)
    found = client.get(f"{MONTHS}?language=en", headers=mine).get_json()["items"]
    assert [(each["month"], each["posted_in"]) for each in found] == [
        ("2026-03", "2026-04"),
        ("2026-03", "2026-03"),
    ]
    assert found[0]["words"] == [
        (
            "Net sales of 2026-03: 600.00 CNY, paid less what was paid back and counts in it, by"
            " your shares; plan version 1 applies."
        ),
        "No tier is reached; the first begins at 1000.00 CNY.",
        (
            "What came back or came to light after 2026-03 was settled with 2026-04: it comes to"
            " 0.00 CNY, 24.00 CNY was posted before, and the difference of -24.00 CNY is posted in"
            " 2026-04."
        ),
    ]
    assert found[1]["words"][1:] == [
        "The tier from 1000.00 CNY is reached: 2% of all 1200.00 CNY is 24.00 CNY.",
        "Posted: 24.00 CNY.",
    ]
    chinese = client.get(f"{MONTHS}?language=zh", headers=mine).get_json()["items"]
    assert chinese[0]["words"][-1] == (
        "2026-03 的后续变化在 2026-04 结账时重新核算：应为 0.00 CNY，此前已记 24.00 CNY，"
        "差额 -24.00 CNY 记入 2026-04。"
    )
    entries = client.get("/api/v1/seller/earnings/entries?language=en", headers=mine).get_json()
    assert [each["words"] for each in entries["items"] if each["kind"] == "settlement"] == [
        f"Settlement of the month. {' '.join(each['words'])}" for each in found
    ]
    other = cast.headers_of(cast.an_employee("E9"))
    assert client.get(MONTHS, headers=other).get_json()["items"] == []
    finance = cast.headers_of(cast.an_employee("H1", role=Role.HQ_FINANCE, store="HQ"))
    number = db.session.get_one(Employee, seller.employee_id).number
    address = "/api/v1/hq/settlements?language=en"
    listed = client.get(f"{address}&month=2026-04", headers=finance).get_json()["items"]
    assert listed == [found[0] | {"employee": number}]
    every = client.get(f"{address}&employee={number}", headers=finance).get_json()["items"]
    assert len(every) == 2
    assert client.get(f"{address}&employee=E9", headers=finance).get_json()["items"] == []
