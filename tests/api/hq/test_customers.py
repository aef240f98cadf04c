"""What headquarters sees of customers, and gives to whom, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core import clock
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.queries import recorded_queries
from tests.support.ties import EXPLICIT, a_customer, belongs_to

CUSTOMERS = "/api/v1/hq/customers"
Headers = dict[str, str]


@pytest.fixture
def operations(app: Flask) -> Headers:
    trade.the_policy(EXPLICIT)
    return cast.headers_of(cast.an_employee("H2", role=Role.HQ_OPERATIONS, store="HQ"))


def problem_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["code"]


def test_a_customer_is_shown_with_whose_they_are_and_a_hidden_number(
    client: FlaskClient, operations: Headers
) -> None:
    anna = cast.an_employee("E1", name="安娜")
    customer = a_customer("+8613800138000", "M1")
    belongs_to(customer, anna, clock.now())
    found = client.get(CUSTOMERS, headers=operations).get_json()
    assert found == {
        "items": [
            {
                "id": customer.public_id,
                "name": "王芳",
                "phone": "138****8000",
                "member_code": "M1",
                "created_at": "2026-03-02T02:00:00Z",
                "employee": {"id": anna.public_id, "number": "E1", "name": "安娜"},
                "since": "2026-03-02T02:00:00Z",
                "how": "headquarters",
                "protected_until": "2026-03-02T02:00:00Z",
            }
        ],
        "next": None,
    }


def test_customers_are_found_by_number_code_name_and_employee(
    client: FlaskClient, operations: Headers
) -> None:
    anna = cast.an_employee("E1")
    one, two = a_customer("+8613800138000"), a_customer(None, "M2")
    belongs_to(one, anna)

    def found(**query: str) -> list[str]:
        answer = client.get(CUSTOMERS, query_string=query, headers=operations)
        return [each["id"] for each in answer.get_json()["items"]]

    assert found() == [one.public_id, two.public_id]
    assert found(q="138 0013 8000") == [one.public_id]
    assert found(q="0013 8000") == []
    assert found(q="M2") == [two.public_id]
    assert found(q="芳") == [one.public_id, two.public_id]
    assert found(employee=anna.public_id) == [one.public_id]
    assert found(nobodys="true") == [two.public_id]


def test_the_list_is_paged_and_costs_the_same_for_many(
    client: FlaskClient, operations: Headers
) -> None:
    made = [a_customer(None, f"M{number}").public_id for number in range(5)]
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        with recorded_queries() as queries:
            page = client.get(
                CUSTOMERS, query_string={"limit": 2, **after}, headers=operations
            ).get_json()
        assert len(queries) == 2
        seen += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == made


def test_a_transfer_shows_in_the_history(client: FlaskClient, operations: Headers) -> None:
    anna, bo = cast.an_employee("E1"), cast.an_employee("E2")
    customer = a_customer()
    belongs_to(customer, anna)
    body = {"employee": bo.public_id, "reason": "Anna moves"}
    address = f"{CUSTOMERS}/{customer.public_id}"
    headers = operations | {"Idempotency-Key": "one"}
    answers = [client.post(f"{address}/transfer", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    read: dict[str, Any] = client.get(address, headers=operations).get_json()
    assert read == answers[0].get_json() == answers[1].get_json()
    assert read["employee"]["number"] == "E2"
    assert [
        (each["employee_number"], each["reason"], each["by_number"]) for each in read["history"]
    ] == [
        ("E1", "", None),
        ("E2", "Anna moves", "H2"),
    ]
    assert [each["ended_by_number"] for each in read["history"]] == ["H2", None]


def test_many_are_transferred_by_employee_or_by_list(
    client: FlaskClient, operations: Headers
) -> None:
    anna, bo = cast.an_employee("E1"), cast.an_employee("E2")
    customers = [a_customer(None, f"M{number}") for number in range(3)]
    for customer in customers:
        belongs_to(customer, anna)

    def give(**body: Any) -> TestResponse:
        body = {"employee": bo.public_id, "reason": "a new store"} | body
        return client.post(f"{CUSTOMERS}/transfers", json=body, headers=operations)

    assert give(customers=[customers[0].public_id]).get_json() == {"moved": 1, "already_theirs": 0}
    assert give(from_employee=anna.public_id).get_json() == {"moved": 2, "already_theirs": 0}
    assert problem_of(give()) == (422, "invalid_fields")
    both = give(from_employee=anna.public_id, customers=["x"])
    assert problem_of(both) == (422, "invalid_fields")
    assert problem_of(give(customers=[])) == (422, "invalid_fields")
    assert problem_of(give(customers=["cus_nobody"])) == (422, "customers_unknown")
    assert problem_of(give(from_employee="emp_nobody")) == (404, "employee_not_found")
    assert problem_of(give(from_employee=bo.public_id)) == (409, "same_employee")


def test_finance_looks_and_gives_nobody_to_anybody(
    client: FlaskClient, operations: Headers
) -> None:
    finance = cast.headers_of(cast.an_employee(role=Role.HQ_FINANCE))
    customer = a_customer()
    address = f"{CUSTOMERS}/{customer.public_id}"
    assert client.get(CUSTOMERS, headers=finance).status_code == 200
    assert client.get(address, headers=finance).status_code == 200
    body = {"employee": cast.an_employee().public_id, "reason": "because"}
    for path in (f"{address}/transfer", f"{CUSTOMERS}/transfers"):
        wanted = body if path.endswith("transfer") else body | {"customers": [customer.public_id]}
        answer = client.post(path, json=wanted, headers=finance)
        assert problem_of(answer) == (403, "role_not_allowed")


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.STORE_MANAGER, Role.REGION_MANAGER])
def test_customers_are_for_headquarters(client: FlaskClient, app: Flask, role: Role) -> None:
    answer = client.get(CUSTOMERS, headers=cast.headers_of(cast.an_employee(role=role)))
    assert problem_of(answer) == (403, "hq_only")


def test_whoever_is_unknown_is_not_found(client: FlaskClient, operations: Headers) -> None:
    body = {"employee": cast.an_employee().public_id, "reason": "because"}
    answers = [
        client.get(f"{CUSTOMERS}/cus_nobody", headers=operations),
        client.post(f"{CUSTOMERS}/cus_nobody/transfer", json=body, headers=operations),
    ]
    assert {problem_of(answer) for answer in answers} == {(404, "customer_not_found")}
