"""The door for stores' tills: who may, what is answered, what is said when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.attribution.models import Credit
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db
from storefront.customers.models import CustomerVisitor
from storefront.orders.models import Order
from storefront.sharing.models import Touch, TouchKind
from storefront.staff import api_keys
from storefront.staff.api_keys import Scope
from storefront.staff.models import Role
from tests.support import cast, tills, trade
from tests.support.books import broken
from tests.support.queries import recorded_queries

SALES = "/api/v1/partner/till/sales"
RETURNS = "/api/v1/partner/till/returns"
HQ_ORDERS = "/api/v1/hq/orders"
Headers = dict[str, str]


def key_for(*scopes: Scope, store: str | None = None) -> Headers:
    store_id = cast.a_store(store).id if store else None
    made = api_keys.make_key("Till", scopes or (Scope.TILL,), store_id, SYSTEM, clock.now())
    return {"Authorization": f"Bearer {made.secret}"}


@pytest.fixture
def till(app: Flask) -> Headers:
    """The key of a till in S1, where E1 and E2 sell the goods A and B."""
    trade.open_for_trade()
    cast.an_employee("E1")
    cast.an_employee("E2")
    tills.goods("A", "B")
    return key_for()


def yuan(amount: int, currency: str = "CNY") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


def a_sale(**change: Any) -> dict[str, Any]:
    return {
        "store": "S1",
        "number": "T1",
        "at": "2026-03-02T09:30:00+08:00",
        "lines": [
            {
                "code": "A",
                "quantity": 2,
                "net": yuan(1_999),
                "sellers": [{"employee": "E1", "share": 6_000}, {"employee": "E2", "share": 4_000}],
            },
            {"code": "B", "quantity": 1, "net": yuan(500), "sellers": [{"employee": "E2"}]},
        ],
        "member_code": "M-1",
        "phone": "138 0013 8000",
        **change,
    }


def a_return(**change: Any) -> dict[str, Any]:
    return {
        "store": "S1",
        "number": "T2",
        "at": "2026-03-02T09:40:00+08:00",
        "sale": "T1",
        "lines": [{"code": "A", "quantity": 1}],
        **change,
    }


def line(**change: Any) -> dict[str, Any]:
    return {"code": "A", "quantity": 1, "net": yuan(100), **change}


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_sale_and_its_return_and_both_again(client: FlaskClient, till: Headers) -> None:
    first = client.post(SALES, json=a_sale(), headers=till)
    assert first.status_code == 201, first.text
    told = first.get_json()
    assert (told["number"], told["at"]) == ("T1", "2026-03-02T01:30:00Z")
    assert told["total"] == yuan(2_499)
    again = client.post(SALES, json=a_sale(at="2026-03-02T01:30:00Z"), headers=till)
    assert (again.status_code, again.get_json()) == (200, told)
    back = client.post(RETURNS, json=a_return(), headers=till)
    assert back.status_code == 201, back.text
    assert back.get_json()["paid_back"] == yuan(1_000)
    assert back.get_json()["order"] == told["order"]
    again = client.post(RETURNS, json=a_return(sale_store="S1"), headers=till)
    assert (again.status_code, again.get_json()) == (200, back.get_json())
    assert broken() == set()


@pytest.mark.parametrize(
    ("change", "status", "code", "place"),
    [
        ({"lines": [line(), line(code="Z")]}, 422, "unknown_code", 2),
        ({"lines": [line(sellers=[{"employee": "E9"}])]}, 422, "unknown_employee", 1),
        ({"lines": [line(sellers=[{"employee": "E3"}])]}, 422, "employee_had_left", 1),
        ({"lines": [line(sellers=[{"employee": "E1", "share": 1}])]}, 422, "shares_not_whole", 1),
        (
            {"lines": [line(sellers=[{"employee": "E1"}, {"employee": "E2"}])]},
            422,
            "shares_not_whole",
            1,
        ),
        ({"lines": [line(net=yuan(5, "EUR"))]}, 422, "wrong_currency", 1),
        ({"lines": [line(net=yuan(10**15)), line()]}, 422, "amount_too_large", None),
        ({"at": "2026-03-02T10:05:01+08:00"}, 422, "in_the_future", None),
        ({"at": "2026-02-01T10:05:01+08:00"}, 409, "no_policy", None),
        ({"store": "S9"}, 422, "unknown_store", None),
        ({"phone": "12"}, 422, "wrong_phone", None),
        ({"at": "0001-01-01T00:00:00+05:00"}, 422, "invalid_fields", None),
        ({"at": "2026-03-02T09:30:00"}, 422, "invalid_fields", None),
        ({"lines": []}, 422, "invalid_fields", None),
        ({"lines": [line(quantity=0)]}, 422, "invalid_fields", None),
        ({"lines": [line(net=yuan(-1))]}, 422, "invalid_fields", None),
        ({"discount": 5}, 422, "invalid_fields", None),
    ],
)
def test_each_wrong_sale_has_a_code_and_nothing_is_taken(
    client: FlaskClient,
    till: Headers,
    change: dict[str, Any],
    status: int,
    code: str,
    place: int | None,
) -> None:
    cast.leaves(cast.an_employee("E3"))
    at = {} if "at" in change else {"at": "2026-03-02T10:00:00+08:00"}
    answer = client.post(SALES, json=a_sale(**at, **change), headers=till)
    assert problem_of(answer) == (status, code), answer.text
    assert answer.get_json().get("line") == place
    assert len(answer.get_json()["detail"]) > 15
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(Order))


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"sale": "T9"}, 422, "unknown_sale"),
        ({"sale_store": "S9"}, 422, "unknown_store"),
        ({"lines": [{"code": "A", "quantity": 3}]}, 409, "more_than_sold"),
        ({"lines": [{"code": "B", "quantity": 1, "amount": yuan(501)}]}, 409, "amount_too_large"),
        (
            {"lines": [{"code": "B", "quantity": 1, "amount": yuan(5, "USD")}]},
            422,
            "wrong_currency",
        ),
        ({"at": "2026-03-02T09:29:59+08:00"}, 422, "before_the_sale"),
        ({"number": "T1"}, 409, "number_taken"),
    ],
)
def test_each_wrong_return_has_a_code(
    client: FlaskClient, till: Headers, change: dict[str, Any], status: int, code: str
) -> None:
    assert client.post(SALES, json=a_sale(), headers=till).status_code == 201
    answer = client.post(RETURNS, json=a_return(**change), headers=till)
    assert problem_of(answer) == (status, code), answer.text


def test_another_content_under_the_same_number_is_a_conflict(
    client: FlaskClient, till: Headers
) -> None:
    assert client.post(SALES, json=a_sale(), headers=till).status_code == 201
    other = client.post(SALES, json=a_sale(member_code="M-2"), headers=till)
    assert problem_of(other) == (409, "number_taken")


def test_the_door_opens_for_keys_with_the_scope_and_for_their_store_alone(
    client: FlaskClient, till: Headers
) -> None:
    admin = cast.headers_of(cast.an_employee("H1", role=Role.HQ_ADMIN, store="HQ"))
    for headers, refusal in (
        ({}, (401, "key_missing")),
        (admin, (401, "key_missing")),
        ({"Authorization": "Bearer sfk_guessed"}, (401, "key_unknown")),
        ({"Authorization": f"Bearer sfk_{'x' * 5_000}"}, (401, "key_missing")),
        (key_for(Scope.TOUCHES), (403, "scope_missing")),
        (key_for(Scope.TILL, store="S2"), (403, "store_not_allowed")),
    ):
        for path, body in ((SALES, a_sale()), (RETURNS, a_return())):
            assert problem_of(client.post(path, json=body, headers=headers)) == refusal
    own = key_for(Scope.TILL, store="S1")
    assert client.post(SALES, json=a_sale(), headers=own).status_code == 201
    elsewhere = key_for(Scope.TILL, store="S2")
    taken = client.post(RETURNS, json=a_return(store="S2", sale_store="S1"), headers=elsewhere)
    assert taken.status_code == 201, "another store's till may take back what this one sold"


def test_a_key_opens_nothing_at_headquarters_or_for_sellers(
    client: FlaskClient, till: Headers
) -> None:
    for path in ("/api/v1/hq/orders", "/api/v1/hq/api-keys", "/api/v1/seller/me"):
        assert client.get(path, headers=till).status_code == 401


def test_headquarters_and_the_seller_see_a_sale_to_nobody_known(
    client: FlaskClient, till: Headers
) -> None:
    told = client.post(SALES, json=a_sale(phone=None, member_code=None), headers=till).get_json()
    admin = cast.headers_of(cast.an_employee("H1", role=Role.HQ_OPERATIONS, store="HQ"))
    (found,) = client.get(HQ_ORDERS, headers=admin).get_json()["items"]
    assert (found["number"], found["customer_phone"]) == (told["order_number"], "")
    by_receipt = client.get(f"{HQ_ORDERS}?number=T1", headers=admin).get_json()["items"]
    assert [each["id"] for each in by_receipt] == [told["order"]]
    case = client.get(f"{HQ_ORDERS}/{told['order']}", headers=admin)
    assert case.status_code == 200, case.text
    assert (case.get_json()["door"], case.get_json()["receipt"]) == (
        "till",
        {"store": "S1", "number": "T1"},
    )
    seller = cast.headers_of(
        db.session.scalars(sa.select(cast.Employee).where(cast.Employee.number == "E1")).one()
    )
    for path in (
        "/api/v1/seller/earnings/orders",
        f"/api/v1/seller/earnings/orders/{told['order']}",
    ):
        answer = client.get(path, headers=seller)
        assert answer.status_code == 200, answer.text
    secret = db.session.scalars(sa.select(Order.secret)).one()
    assert client.get(f"/o/{secret}").status_code == 200
    back = client.post(
        f"{HQ_ORDERS}/{told['order']}/returns",
        json={"lines": [{"line": 1, "quantity": 1}]},
        headers=admin,
    )
    assert problem_of(back) == (409, "sold_at_till")


def test_a_sale_costs_the_same_statements_however_long_it_is(
    client: FlaskClient, till: Headers
) -> None:
    counts: list[int] = []
    for number, lines in (("T7", 1), ("T8", 200)):
        sale = a_sale(number=number, lines=[line(sellers=[{"employee": "E1"}])] * lines)
        client.post(SALES, json=a_sale(number=f"{number} warm"), headers=till)
        with recorded_queries() as queries:
            assert client.post(SALES, json=sale, headers=till).status_code == 201
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 32


SCANS = "/api/v1/partner/till/scans"


def test_a_code_read_beside_a_card_earns_what_the_customer_buys_later(
    client: FlaskClient, till: Headers
) -> None:
    seller = trade.a_seller("E7")
    scan = {
        "store": "S1",
        "at": "2026-03-02T09:30:00+08:00",
        "code": seller.code,
        "member_code": "M-1",
        "phone": "139 0000 0001",
    }
    for _ in range(2):
        answer = client.post(SCANS, json=scan, headers=till)
        assert (answer.status_code, answer.get_json()) == (200, {"shop": "小雨的店"}), answer.text
    touch = db.session.scalars(sa.select(Touch)).one()
    assert (touch.kind, touch.employee_id) == (TouchKind.TILL_SCAN, seller.employee_id)
    order = trade.sell(cast.a_product(), phone="+8613900000001")
    earner = db.session.scalars(
        sa.select(Credit.employee_id).where(Credit.order_id == order.id)
    ).one()
    assert earner == seller.employee_id
    assert broken() == set()


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"code": "never2was"}, 404, "link_unknown"),
        ({"member_code": None}, 422, "customer_needed"),
        ({"at": "2026-03-02T10:10:00+08:00"}, 422, "in_the_future"),
        ({"commission": 1}, 422, "invalid_fields"),
    ],
)
def test_a_scan_that_makes_no_sense_leaves_nothing(
    client: FlaskClient, till: Headers, change: dict[str, Any], status: int, code: str
) -> None:
    scan = {
        "store": "S1",
        "at": "2026-03-02T09:30:00+08:00",
        "code": trade.a_seller("E7").code,
        "member_code": "M-1",
    }
    answer = client.post(SCANS, json=scan | change, headers=till)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert db.session.scalars(sa.select(Touch)).all() == []
    assert db.session.scalars(sa.select(CustomerVisitor)).all() == []
