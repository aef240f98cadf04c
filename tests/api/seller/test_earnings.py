"""What sellers are told about their earnings, over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront import sales
from storefront.catalog.models import Variant
from storefront.core.clock import SettableClock
from storefront.sharing.models import ShareLink, Uncounted
from tests.support import cast, trade
from tests.support.queries import recorded_queries

EARNINGS = "/api/v1/seller/earnings"
FORBIDDEN = ("E2", "林小雨", "13900000001", "衡山路", "王芳")
"""A colleague's number and name, and all of a customer but the mask."""


def yuan(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


@pytest.fixture
def anna(app: Flask) -> ShareLink:
    trade.open_for_trade()
    return trade.a_seller("E1")


@pytest.fixture
def goods(anna: ShareLink) -> Variant:
    return cast.a_product(price=1_000).variants[0]


@pytest.fixture
def headers(anna: ShareLink) -> dict[str, str]:
    return cast.headers_of(anna.shop.employee)


def read(client: FlaskClient, headers: dict[str, str], path: str = "", **query: Any) -> Any:
    answer = client.get(EARNINGS + path, headers=headers, query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.json


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_my_balance(
    client: FlaskClient,
    anna: ShareLink,
    goods: Variant,
    headers: dict[str, str],
    clock: SettableClock,
) -> None:
    trade.sell({goods: 3}, through=anna)
    assert read(client, headers) == {
        "held": yuan(300),
        "payable": yuan(0),
        "disputed": yuan(0),
        "in_payout": yuan(0),
        "paid": yuan(0),
        "debt": yuan(0),
        "as_of": "2026-03-02T02:00:00Z",
    }


def test_my_entries_in_the_language_i_ask_for(
    client: FlaskClient,
    anna: ShareLink,
    goods: Variant,
    headers: dict[str, str],
    clock: SettableClock,
) -> None:
    order = trade.sell({goods: 3}, through=anna)
    (entry,) = read(client, headers, "/entries")["items"]
    assert entry == {
        "at": "2026-03-02T02:00:00Z",
        "kind": "accrual",
        "account": "held",
        "account_name": "待结算",
        "amount": yuan(300),
        "words": f"订单 {order.number} 第 1 行「{goods.product.name_zh}」的佣金（10%），"
        "等待退货期结束。适用方案第 1 版第 1 条规则（所有商品）：10%。"
        "它是符合条件的规则中最具体的一条；同样具体时以方案中靠前的为准。",
        "order": order.public_id,
        "order_number": order.number,
        "line": 1,
        "rate": 1_000,
        "payout": None,
    }
    (entry,) = read(client, headers, "/entries", language="en")["items"]
    assert entry["words"].startswith("Commission (10%) on order")
    (entry,) = read(client, {**headers, "Accept-Language": "en-GB,en;q=0.9"}, "/entries")["items"]
    assert entry["account_name"] == "held"
    english_phone = {**headers, "Accept-Language": "en"}
    (entry,) = read(client, english_phone, "/entries", language="zh")["items"]
    assert entry["account_name"] == "待结算"


def test_my_entries_page_by_page_and_by_account(
    client: FlaskClient,
    anna: ShareLink,
    goods: Variant,
    headers: dict[str, str],
    clock: SettableClock,
) -> None:
    for _ in range(3):
        trade.sell({goods: 1}, through=anna)
    clock.advance(timedelta(days=31))
    sales.release(clock.now())
    fresh = cast.headers_of(anna.shop.employee)
    first = read(client, fresh, "/entries", limit=5)
    rest = read(client, fresh, "/entries", limit=5, after=first["next"])
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (5, 4, None)
    payable = read(client, fresh, "/entries", account="payable")["items"]
    assert [entry["amount"]["amount"] for entry in payable] == [100, 100, 100]


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("/entries", {"account": "expense"}, "invalid_fields"),
        ("/entries", {"account": "pocket"}, "invalid_fields"),
        ("/entries", {"after": "!"}, "wrong_cursor"),
        ("/entries", {"limit": 201}, "invalid_fields"),
        ("/entries", {"whose": "E2"}, "invalid_fields"),
        ("/orders", {"language": "fr"}, "invalid_fields"),
        ("/links", {"from": "2026-02-30"}, "invalid_fields"),
        ("/totals", {"from": "2026-03-02", "to": "2026-03-02"}, "wrong_period"),
        ("/totals", {"from": "0001-01-01"}, "invalid_fields"),
    ],
)
def test_a_wrong_question_is_told_so(
    client: FlaskClient, headers: dict[str, str], path: str, query: dict[str, str], code: str
) -> None:
    answer = client.get(EARNINGS + path, headers=headers, query_string=query)
    assert problem_of(answer) == (422, code)


def test_my_orders_with_the_verdict_in_words(
    client: FlaskClient,
    anna: ShareLink,
    goods: Variant,
    headers: dict[str, str],
    clock: SettableClock,
) -> None:
    visitor = trade.a_visit(trade.a_seller("E2"))
    clock.advance(timedelta(minutes=1))
    trade.a_visit(anna, visitor)
    order = trade.sell({goods: 3}, visitor=visitor, phone="+8613900000001")
    (shown,) = read(client, headers, "/orders", language="en")["items"]
    assert shown["number"] == order.number
    assert shown["customer_phone"] == "139****0001"
    assert (shown["sales"], shown["commission"]) == (yuan(3_000), yuan(300))
    assert shown["verdict"]["reason"] == "last_touch"
    assert shown["verdict"]["words"][:2] == [
        "This order is credited to you.",
        (
            "The customer opened your WeChat link on 2 Mar 2026, 10:01: the last meeting that"
            " counts before the order."
        ),
    ]
    assert shown["lines"] == [
        {
            "line": 1,
            "name": goods.product.name_en,
            "quantity": 3,
            "returned_quantity": 0,
            "share": 10_000,
            "base": yuan(3_000),
            "rate": 1_000,
            "amount": yuan(300),
            "reversed": yuan(0),
            "state": "held",
            "due_at": "2026-04-01T02:01:00Z",
        }
    ]
    assert read(client, headers, f"/orders/{order.public_id}", language="en") == shown


def test_nothing_tells_me_who_my_colleagues_and_customers_are(
    client: FlaskClient,
    anna: ShareLink,
    goods: Variant,
    headers: dict[str, str],
    clock: SettableClock,
) -> None:
    visitor = trade.a_visit(trade.a_seller("E2"))
    trade.a_visit(anna, visitor)
    order = trade.sell({goods: 1}, visitor=visitor, phone="+8613900000001")
    for path in ("", "/entries", "/orders", f"/orders/{order.public_id}", "/links", "/totals"):
        text = client.get(EARNINGS + path, headers=headers).text
        assert not [word for word in FORBIDDEN if word in text]


def test_a_colleagues_order_is_not_there(
    client: FlaskClient, anna: ShareLink, goods: Variant, headers: dict[str, str]
) -> None:
    theirs = trade.sell({goods: 1}, through=trade.a_seller("E2"))
    for order in (theirs.public_id, "ord_nothing"):
        answer = client.get(f"{EARNINGS}/orders/{order}", headers=headers)
        assert problem_of(answer) == (404, "order_not_found")
    assert read(client, headers, "/orders") == {"items": [], "next": None}


def test_what_each_of_my_links_brought(
    client: FlaskClient, anna: ShareLink, goods: Variant, headers: dict[str, str]
) -> None:
    trade.sell({goods: 2}, through=anna)
    trade.a_visit(anna, uncounted=Uncounted.CRAWLER)
    trade.sell({goods: 1}, through=trade.a_seller("E2"))
    (shown,) = read(client, headers, "/links")["items"]
    assert shown == {
        "link": anna.public_id,
        "code": anna.code,
        "channel": "wechat",
        "label": "",
        "revoked_at": None,
        "visits": 1,
        "uncounted": {"crawler": 1},
        "orders": 1,
        "sales": yuan(2_000),
        "commission": yuan(200),
    }


def test_my_totals_of_a_period(
    client: FlaskClient,
    anna: ShareLink,
    goods: Variant,
    headers: dict[str, str],
    clock: SettableClock,
) -> None:
    trade.sell({goods: 2}, through=anna)
    trade.sell({goods: 9}, through=trade.a_seller("E2"))
    shown = read(client, headers, "/totals", **{"from": "2026-03-01", "to": "2026-04-01"})
    assert shown["period"] == {"from": "2026-03-01", "to": "2026-04-01"}
    assert shown["totals"]["sales"] == yuan(2_000)
    assert shown["totals"]["cost_ratio"] == 1_000
    shown = read(client, headers, "/totals", to="2026-03-02")
    assert shown["period"] == {"from": None, "to": "2026-03-02"}
    assert shown["totals"]["sales"] == yuan(0)


def test_a_page_of_orders_costs_the_same_however_long_it_is(
    client: FlaskClient, anna: ShareLink, goods: Variant, headers: dict[str, str]
) -> None:
    for _ in range(4):
        trade.sell({goods: 1}, through=anna)
    with recorded_queries() as one:
        read(client, headers, "/orders", limit=1)
    with recorded_queries() as four:
        read(client, headers, "/orders", limit=4)
    assert len(one) == len(four) == 3  # who asks, the orders, their lines


@pytest.mark.parametrize("path", ["", "/entries", "/orders", "/orders/ord_1", "/links", "/totals"])
def test_nobody_signed_out_is_told_anything(client: FlaskClient, path: str) -> None:
    assert problem_of(client.get(EARNINGS + path)) == (401, "token_missing")
