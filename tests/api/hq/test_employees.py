"""What headquarters does with the chain's people, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core.database import db
from storefront.core.idempotency import IdempotencyKey
from storefront.staff.models import Employee, EmploymentState, Role
from tests.support import cast
from tests.support.queries import recorded_queries

EMPLOYEES = "/api/v1/hq/employees"
Headers = dict[str, str]


@pytest.fixture
def admin(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H1", role=Role.HQ_ADMIN, store="HQ"))


@pytest.fixture
def operations(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H2", role=Role.HQ_OPERATIONS, store="HQ"))


@pytest.fixture
def finance(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H3", role=Role.HQ_FINANCE, store="HQ"))


def problem_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["code"]


def new_employee(**fields: Any) -> dict[str, Any]:
    plain = {"number": "E1", "name": "林小雨", "store": cast.a_store("S1").public_id}
    return plain | fields


def test_an_admin_hires_somebody(client: FlaskClient, admin: Headers) -> None:
    body = new_employee(phone="138 0013 8000")
    answer = client.post(EMPLOYEES, json=body, headers=admin)
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    hired = answer.get_json()
    assert hired["id"].startswith("emp_")
    assert (hired["phone"], hired["role"], hired["state"]) == (
        "+8613800138000",
        "employee",
        "invited",
    )
    assert set(hired) == {
        "id",
        "number",
        "name",
        "phone",
        "role",
        "grade",
        "state",
        "store",
        "created_at",
        "history",
        "code_open_until",
    }
    assert hired["history"] == [
        {
            "at": "2026-03-02T02:00:00Z",
            "state": "invited",
            "role": "employee",
            "store_code": "S1",
            "by_number": "H1",
            "reason": "hired",
        }
    ]
    read = client.get(f"{EMPLOYEES}/{hired['id']}", headers=admin)
    assert (read.get_json(), read.headers["ETag"]) == (hired, '"1"')


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"number": "E 1"}, (422, "wrong_number")),
        ({"number": "H1"}, (409, "number_taken")),
        ({"name": ""}, (422, "invalid_fields")),
        ({"phone": "12"}, (422, "wrong_phone")),
        ({"store": "sto_nowhere"}, (404, "store_not_found")),
        ({"role": "boss"}, (422, "invalid_fields")),
        ({"password_hash": "x"}, (422, "invalid_fields")),
        ({"state": "active"}, (422, "invalid_fields")),
    ],
)
def test_what_cannot_be_hired_is_refused(
    client: FlaskClient, admin: Headers, fields: dict[str, Any], problem: tuple[int, str]
) -> None:
    answer = client.post(EMPLOYEES, json=new_employee(**fields), headers=admin)
    assert problem_of(answer) == problem
    assert len(client.get(EMPLOYEES, headers=admin).get_json()["items"]) == 1


def test_hiring_twice_with_one_key_hires_once(client: FlaskClient, admin: Headers) -> None:
    headers = admin | {"Idempotency-Key": "one"}
    first = client.post(EMPLOYEES, json=new_employee(), headers=headers)
    second = client.post(EMPLOYEES, json=new_employee(), headers=headers)
    assert first.status_code == second.status_code == 201
    assert first.data == second.data
    other = client.post(EMPLOYEES, json=new_employee(number="E2"), headers=headers)
    assert problem_of(other) == (422, "idempotency_key_reused")


def test_an_edit_names_the_version_it_means(client: FlaskClient, admin: Headers) -> None:
    employee = cast.an_employee("E1", phone="+8613800138000")
    address = f"{EMPLOYEES}/{employee.public_id}"
    tag = client.get(address, headers=admin).headers["ETag"]
    unnamed = client.patch(address, json={"name": "New"}, headers=admin)
    assert problem_of(unnamed) == (428, "if_match_missing")
    edited = client.patch(address, json={"name": "New"}, headers=admin | {"If-Match": tag})
    assert edited.status_code == 200
    assert (edited.get_json()["name"], edited.get_json()["phone"]) == ("New", "+8613800138000")
    late = client.patch(address, json={"name": "Newer"}, headers=admin | {"If-Match": tag})
    assert problem_of(late) == (412, "version_changed")
    store = cast.a_store("S2").public_id
    again = client.patch(
        address,
        json={"store": store, "phone": None, "role": "store_manager"},
        headers=admin | {"If-Match": edited.headers["ETag"]},
    ).get_json()
    assert (again["store"]["id"], again["phone"], again["role"]) == (store, None, "store_manager")


def test_suspended_reinstated_left(client: FlaskClient, admin: Headers) -> None:
    employee = cast.an_employee("E1")
    theirs = cast.headers_of(employee)
    address = f"{EMPLOYEES}/{employee.public_id}"

    def put(verb: str, **body: str) -> TestResponse:
        return client.post(f"{address}/{verb}", json=body, headers=admin)

    suspended = put("suspend", reason="lost the till's key")
    assert (suspended.status_code, suspended.get_json()["state"]) == (200, "suspended")
    assert suspended.get_json()["history"][-1]["reason"] == "lost the till's key"
    answer = client.get("/api/v1/seller/me", headers=theirs)
    assert problem_of(answer) == (401, "session_ended")
    assert problem_of(put("suspend")) == (409, "wrong_state")
    assert put("reinstate").get_json()["state"] == "active"
    assert put("leave").get_json()["state"] == "left"
    assert problem_of(put("reinstate")) == (409, "wrong_state")
    assert problem_of(put("suspend", reason="x" * 201)) == (422, "invalid_fields")


def test_the_way_in_from_an_invitation_to_oneself(client: FlaskClient, operations: Headers) -> None:
    employee = cast.an_employee("E1", state=EmploymentState.INVITED)
    answer = client.post(f"{EMPLOYEES}/{employee.public_id}/invite", headers=operations)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    code = answer.get_json()["code"]
    client.post("/api/v1/seller/password", json={"code": code, "password": cast.PASSWORD})
    tokens = client.post(
        "/api/v1/seller/session", json={"number": "E1", "password": cast.PASSWORD}
    ).get_json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert client.get("/api/v1/seller/me", headers=headers).get_json()["number"] == "E1"
    assert code not in client.get(f"{EMPLOYEES}/{employee.public_id}", headers=operations).text


def test_a_code_is_not_kept_for_whoever_repeats_the_request(
    client: FlaskClient, admin: Headers
) -> None:
    employee = cast.an_employee("E1")
    address = f"{EMPLOYEES}/{employee.public_id}/invite"
    headers = admin | {"Idempotency-Key": "one"}
    first, second = (client.post(address, headers=headers).get_json() for _ in range(2))
    assert first["code"] != second["code"]
    assert db.session.scalar(sa.select(sa.func.count(IdempotencyKey.key))) == 0


def test_nobody_changes_themselves(client: FlaskClient, admin: Headers) -> None:
    me = client.get("/api/v1/seller/me", headers=admin).get_json()["id"]
    address = f"{EMPLOYEES}/{me}"
    tag = client.get(address, headers=admin).headers["ETag"]
    answer = client.patch(address, json={"role": "hq_finance"}, headers=admin | {"If-Match": tag})
    assert problem_of(answer) == (403, "own_employment")
    for verb in ("suspend", "leave"):
        answer = client.post(f"{address}/{verb}", json={}, headers=admin)
        assert problem_of(answer) == (403, "own_employment")


@pytest.mark.parametrize("role", [Role.HQ_OPERATIONS, Role.HQ_FINANCE])
def test_operations_and_finance_read_and_do_not_change(
    client: FlaskClient, app: Flask, role: Role
) -> None:
    headers = cast.headers_of(cast.an_employee("H5", role=role))
    employee = cast.an_employee("E1")
    address = f"{EMPLOYEES}/{employee.public_id}"
    read = client.get(address, headers=headers)
    assert read.status_code == 200
    assert client.get(EMPLOYEES, headers=headers).status_code == 200
    denied = [
        client.post(EMPLOYEES, json=new_employee(number="E2"), headers=headers),
        client.patch(
            address,
            json={"role": "hq_admin"},
            headers=headers | {"If-Match": read.headers["ETag"]},
        ),
        *(
            client.post(f"{address}/{verb}", json={}, headers=headers)
            for verb in ("suspend", "reinstate", "leave")
        ),
    ]
    assert {problem_of(answer) for answer in denied} == {(403, "role_not_allowed")}


def test_an_admins_password_is_in_admins_hands_alone(
    client: FlaskClient, operations: Headers, finance: Headers
) -> None:
    boss = cast.an_employee("H9", role=Role.HQ_ADMIN)
    address = f"{EMPLOYEES}/{boss.public_id}/invite"
    assert problem_of(client.post(address, headers=operations)) == (403, "needs_admin")
    assert problem_of(client.post(address, headers=finance)) == (403, "role_not_allowed")


def test_the_list_is_paged_filtered_and_costs_the_same_for_many(
    client: FlaskClient, finance: Headers
) -> None:
    people: list[Employee] = [
        cast.an_employee(f"E{number}", store=f"S{number % 3}") for number in range(7)
    ]
    numbers: list[str] = []
    after: dict[str, str] = {}
    while True:
        with recorded_queries() as queries:
            page = client.get(
                EMPLOYEES, query_string={"limit": 3, "q": "e", **after}, headers=finance
            ).get_json()
        assert len(queries) == 2
        numbers += [employee["number"] for employee in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert numbers == [employee.number for employee in people]
    store = cast.a_store("S1").public_id
    filtered = client.get(
        EMPLOYEES, query_string={"store": store, "role": "employee"}, headers=finance
    ).get_json()
    assert [employee["number"] for employee in filtered["items"]] == ["E1", "E4"]


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"limit": "0"}, (422, "invalid_fields")),
        ({"limit": str(2**62)}, (422, "invalid_fields")),
        ({"after": "!!"}, (422, "wrong_cursor")),
        ({"role": "boss"}, (422, "invalid_fields")),
        ({"colour": "red"}, (422, "invalid_fields")),
        ({"store": "sto_nowhere"}, (404, "store_not_found")),
    ],
)
def test_a_wrong_question_is_refused(
    client: FlaskClient, finance: Headers, query: dict[str, str], problem: tuple[int, str]
) -> None:
    assert problem_of(client.get(EMPLOYEES, query_string=query, headers=finance)) == problem


def test_an_unknown_employee_is_not_found(client: FlaskClient, admin: Headers) -> None:
    for method, path in [
        ("GET", ""),
        ("PATCH", ""),
        ("POST", "/invite"),
        ("POST", "/suspend"),
        ("POST", "/leave"),
    ]:
        answer = client.open(
            f"{EMPLOYEES}/emp_nobody{path}",
            method=method,
            json=None if method == "GET" else {},
            headers=admin | {"If-Match": '"1"'},
        )
        assert problem_of(answer) == (404, "employee_not_found")


@pytest.mark.parametrize("strange", ["%00", "%ff", "..%2f", "%F0%9F%8F%AE", "x" * 2000])
def test_a_strange_id_is_not_found(client: FlaskClient, finance: Headers, strange: str) -> None:
    answer = client.get(f"{EMPLOYEES}/{strange}", headers=finance)
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
