"""Figures for headquarters, over HTTP and as files."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront import sales
from storefront.commissions import payouts
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.insights.report import report
from storefront.staff.models import Role
from tests.support import cast, trade

REPORTS = "/api/v1/hq/reports"
Headers = dict[str, str]


@pytest.fixture
def traded(app: Flask, clock: SettableClock) -> None:
    """Two sellers in two stores, a sale without one, a payday."""
    trade.open_for_trade()
    anna, bo = trade.a_seller("E1", store="S1"), trade.a_seller("E2", store="S2")
    goods = cast.a_product(price=1_000).variants[0]
    trade.sell({goods: 3}, through=anna)
    trade.sell({goods: 1})
    clock.advance(timedelta(days=31))
    trade.sell({goods: 2}, through=bo)
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())


@pytest.fixture
def headers(traded: None) -> Headers:
    return cast.headers_of(cast.an_employee("H1", role=Role.HQ_FINANCE, store="HQ"))


def read(client: FlaskClient, headers: Headers, path: str, **query: Any) -> Any:
    answer = client.get(REPORTS + path, headers=headers, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def rows_of(client: FlaskClient, headers: Headers, path: str, **query: Any) -> list[dict[str, str]]:
    answer = client.get(REPORTS + path, headers=headers, query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_chains_report_is_the_one_that_everybody_reads(
    client: FlaskClient, headers: Headers
) -> None:
    shown = read(client, headers, "/chain")
    found = report()
    for name in ("orders", "orders_credited", "order_lines", "units", "customers_credited"):
        assert shown[name] == getattr(found, name)
    for name in ("sales", "commission_accrued", "commission_paid", "still_due"):
        assert shown[name] == {"amount": getattr(found, name), "currency": "CNY"}
    assert shown["payouts"] == [
        {"close": "2026-04-02", "payees": 1, "total": {"amount": 300, "currency": "CNY"}}
    ]
    assert [each["number"] for each in shown["employees"]] == ["E1", "E2"]
    assert shown["period"] == {"from": None, "to": None}


def test_the_chains_report_of_a_period(client: FlaskClient, headers: Headers) -> None:
    march = read(client, headers, "/chain", **{"from": "2026-03-01", "to": "2026-04-01"})
    assert (march["orders"], march["payouts"]) == (2, [])
    assert march["sales"]["amount"] == 4_000


def test_the_chains_report_as_a_file(client: FlaskClient, headers: Headers) -> None:
    rows = rows_of(client, headers, "/chain.csv")
    figures = {row["figure"]: (row["value"], row["currency"]) for row in rows}
    assert figures["orders"] == ("3", "")
    assert figures["sales"] == ("60.00", "CNY")
    assert figures["commission_paid"] == ("3.00", "CNY")


@pytest.mark.parametrize(
    ("group", "sums"),
    [
        ("employee", {"": 1_000, "E1": 3_000, "E2": 2_000}),
        ("store", {"": 1_000, "S1": 3_000, "S2": 2_000}),
        ("region", {"": 1_000, "R1": 5_000}),
        ("month", {"2026-03": 4_000, "2026-04": 2_000}),
    ],
)
def test_a_row_for_each(
    client: FlaskClient, headers: Headers, group: str, sums: dict[str, int]
) -> None:
    shown = read(client, headers, "/groups", group=group)
    assert {row["code"]: row["totals"]["sales"]["amount"] for row in shown["items"]} == sums
    assert (shown["group"], shown["next"]) == (group, None)
    rows = rows_of(client, headers, "/groups.csv", group=group)
    assert {row["code"]: row["sales"] for row in rows} == {
        code: f"{amount // 100}.00" for code, amount in sums.items()
    }


def test_a_table_goes_on_behind_its_last_row(client: FlaskClient, headers: Headers) -> None:
    codes, after = [], None
    while True:
        query = {"after": after} if after else {}
        shown = read(client, headers, "/groups", group="employee", limit=1, **query)
        codes += [row["code"] for row in shown["items"]]
        after = shown["next"]
        if after is None:
            break
    assert codes == ["", "E1", "E2"]


def test_a_file_is_safe_and_named(client: FlaskClient, traded: None, clock: SettableClock) -> None:
    sneaky = trade.a_seller("E3")
    trade.renames(sneaky.shop.employee, "=HYPERLINK(1)")
    trade.sell(cast.a_product(price=2_000), through=sneaky)
    headers = cast.headers_of(cast.an_employee(role=Role.HQ_ADMIN, store="HQ"))
    answer = client.get(
        f"{REPORTS}/groups.csv",
        headers=headers,
        query_string={"group": "employee", "from": "2026-03-01"},
    )
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="employee-2026-03-01-now.csv"'
    )
    assert ",'=HYPERLINK(1)," in answer.data.decode("utf-8-sig")
    (row,) = [
        row
        for row in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
        if row["code"] == "E3"
    ]
    assert (row["cost_ratio"], row["currency"]) == ("0.1000", "CNY")


def test_totals_of_a_scope(client: FlaskClient, headers: Headers) -> None:
    chain = read(client, headers, "/totals")["totals"]
    assert (chain["orders"], chain["orders_credited"]) == (3, 2)
    store = cast.a_store("S1").public_id
    assert read(client, headers, "/totals", store=store)["totals"]["sales"]["amount"] == 3_000
    assert read(client, headers, "/totals", region="R1")["totals"]["sales"]["amount"] == 5_000
    only = read(client, headers, "/groups", group="month", store=store)["items"]
    assert [row["code"] for row in only] == ["2026-03", "2026-04"]


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/totals", {"store": "sto_nothing"}, 404, "store_not_found"),
        ("/totals", {"region": "NOWHERE"}, 404, "region_not_found"),
        ("/totals", {"employee": "emp_nobody"}, 404, "employee_not_found"),
        ("/totals", {"region": "R1", "store": "sto_1"}, 422, "wrong_scope"),
        ("/groups", {}, 422, "invalid_fields"),
        ("/groups", {"group": "planet"}, 422, "invalid_fields"),
        ("/groups", {"group": "store", "after": "x"}, 422, "wrong_cursor"),
        ("/chain", {"from": "2026-04-01", "to": "2026-03-01"}, 422, "wrong_period"),
        ("/chain", {"from": "yesterday"}, 422, "invalid_fields"),
        ("/chain.csv", {"group": "store"}, 422, "invalid_fields"),
    ],
)
def test_a_wrong_question_is_told_so(
    client: FlaskClient, headers: Headers, path: str, query: Any, status: int, code: str
) -> None:
    answer = client.get(REPORTS + path, headers=headers, query_string=query)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


PATHS = ["/chain", "/chain.csv", "/totals", "/groups?group=store", "/groups.csv?group=store"]


@pytest.mark.parametrize("path", PATHS)
def test_only_headquarters_reads_figures(client: FlaskClient, app: Flask, path: str) -> None:
    assert client.get(REPORTS + path).status_code == 401
    for role, status in (
        (Role.EMPLOYEE, 403),
        (Role.STORE_MANAGER, 403),
        (Role.REGION_MANAGER, 403),
        (Role.HQ_OPERATIONS, 200),
        (Role.HQ_FINANCE, 200),
        (Role.HQ_ADMIN, 200),
    ):
        headers = cast.headers_of(cast.an_employee(role=role))
        assert client.get(REPORTS + path, headers=headers).status_code == status
