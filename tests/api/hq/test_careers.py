"""Steps of somebody's working life, over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.staff.models import Employee, Role
from tests.support import cast, trade
from tests.support.queries import recorded_queries
from tests.support.ties import EXPLICIT, a_customer, belongs_to

EMPLOYEES = "/api/v1/hq/employees"
Headers = dict[str, str]


@pytest.fixture
def admin(app: Flask) -> Headers:
    trade.the_policy(EXPLICIT)
    return cast.headers_of(cast.an_employee("H1", role=Role.HQ_ADMIN, store="HQ"))


@pytest.fixture
def anna(admin: Headers) -> Employee:
    return cast.an_employee("E1", name="安娜")


def problem_of(response: TestResponse) -> tuple[int, str]:
    return response.status_code, response.get_json()["code"]


def career(employee: Employee, path: str = "") -> str:
    return f"{EMPLOYEES}/{employee.public_id}/career{path}"


def test_a_departure_is_seen_done_and_undone(
    client: FlaskClient, admin: Headers, anna: Employee
) -> None:
    bo = cast.an_employee("E2", name="阿波")
    belongs_to(a_customer(), anna)
    cast.a_link(cast.a_shop(anna, handle="anna"))
    body = {"step": "left", "successor": bo.public_id, "reason": "gave notice"}
    seen: dict[str, Any] = client.post(
        career(anna, "/preview?language=en"), json=body, headers=admin
    ).get_json()
    words = seen.pop("words")
    assert seen == {
        "step": "left",
        "sign_in": "ended",
        "shop": "forwards",
        "shop_handle": "anna",
        "links": 1,
        "customers": "successor",
        "customer_count": 1,
        "orders_awaiting_payment": 0,
        "orders_not_handed_over": 0,
        "held": {"amount": 0, "currency": "CNY"},
        "payable": {"amount": 0, "currency": "CNY"},
        "policy": {"version": 1, "leavers": "skip", "grace_days": 0},
    }
    assert words[0] == "They are signed out everywhere, and their password is gone."
    headers = admin | {"Idempotency-Key": "one"}
    first, second = (client.post(career(anna), json=body, headers=headers) for _ in range(2))
    assert (first.status_code, first.data) == (201, second.data)
    event = first.get_json()
    assert event == {
        "id": event["id"],
        "step": "left",
        "at": "2026-03-02T02:00:00Z",
        "by_number": "H1",
        "reason": "gave notice",
        "state_before": "active",
        "state_after": "left",
        "store_before": "S1",
        "store_after": "S1",
        "successor": {"id": bo.public_id, "number": "E2", "name": "阿波"},
        "customers_handed_over": 1,
        "undoable_until": "2026-03-09T02:00:00Z",
        "undone_at": None,
        "undone_by_number": None,
    }
    undo = career(anna, f"/{event['id']}/undo")
    undone = client.post(undo, json={"reason": "it was Bo"}, headers=admin)
    assert undone.status_code == 200
    assert undone.get_json()["undone_by_number"] == "H1"
    assert problem_of(client.post(undo, json={}, headers=admin)) == (409, "already_undone")
    read = client.get(f"{EMPLOYEES}/{anna.public_id}", headers=admin).get_json()
    assert read["state"] == "active"


def test_a_refused_undo_says_what_has_changed(
    client: FlaskClient, admin: Headers, anna: Employee
) -> None:
    event = client.post(career(anna), json={"step": "left"}, headers=admin).get_json()
    client.post(f"{EMPLOYEES}/{anna.public_id}/invite", headers=admin)
    refused = client.post(career(anna, f"/{event['id']}/undo"), json={}, headers=admin)
    assert problem_of(refused) == (409, "changed_since")
    assert refused.get_json()["changes"] == ["employment"]
    assert "The employment is invited by now." in refused.get_json()["detail"]


def test_the_older_ways_are_steps_too(client: FlaskClient, admin: Headers, anna: Employee) -> None:
    address = f"{EMPLOYEES}/{anna.public_id}"
    tag = client.get(address, headers=admin).headers["ETag"]
    store = cast.a_store("S2").public_id
    moved = client.patch(address, json={"store": store}, headers=admin | {"If-Match": tag})
    assert moved.status_code == 200
    left = client.post(f"{address}/leave", json={"reason": "gave notice"}, headers=admin)
    assert left.get_json()["state"] == "left"
    steps = client.get(career(anna), headers=admin).get_json()["items"]
    assert [(each["step"], each["store_after"], each["reason"]) for each in steps] == [
        ("left", "S2", "gave notice"),
        ("moved", "S2", "edited"),
    ]


def test_a_career_is_paged_and_costs_the_same_for_many_steps(
    client: FlaskClient, admin: Headers, anna: Employee
) -> None:
    for number in range(5):
        body = {"step": "moved", "store": cast.a_store(f"S{number + 2}").public_id}
        assert client.post(career(anna), json=body, headers=admin).status_code == 201
    counted: list[int] = []
    shown: list[str] = []
    for limit in (1, 4):
        with recorded_queries() as queries:
            page = client.get(career(anna), query_string={"limit": limit}, headers=admin).get_json()
        counted.append(len(queries))
        shown = [each["store_after"] for each in page["items"]]
    assert shown == ["S6", "S5", "S4", "S3"]
    assert counted[0] == counted[1]
    rest = client.get(career(anna), query_string={"after": page["next"]}, headers=admin)
    assert [each["store_after"] for each in rest.get_json()["items"]] == ["S2"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, (422, "invalid_fields")),
        ({"step": "promoted"}, (422, "invalid_fields")),
        ({"step": "left", "colour": "red"}, (422, "invalid_fields")),
        ({"step": "back"}, (409, "wrong_state")),
        ({"step": "moved"}, (422, "store_missing")),
        ({"step": "moved", "store": "sto_nowhere"}, (404, "store_not_found")),
        ({"step": "left", "successor": "emp_nobody"}, (404, "employee_not_found")),
        ({"step": "on_leave", "forward_shop": True}, (422, "successor_missing")),
    ],
)
def test_a_wrong_step_is_refused_beforehand_and_when_it_is_taken(
    client: FlaskClient,
    admin: Headers,
    anna: Employee,
    body: dict[str, Any],
    problem: tuple[int, str],
) -> None:
    for path in ("/preview", ""):
        assert problem_of(client.post(career(anna, path), json=body, headers=admin)) == problem


@pytest.mark.parametrize(
    ("role", "code"),
    [
        (Role.EMPLOYEE, "hq_only"),
        (Role.STORE_MANAGER, "hq_only"),
        (Role.REGION_MANAGER, "hq_only"),
        (Role.HQ_OPERATIONS, "role_not_allowed"),
        (Role.HQ_FINANCE, "role_not_allowed"),
    ],
)
def test_an_admin_decides_and_nobody_else(
    client: FlaskClient, admin: Headers, anna: Employee, role: Role, code: str
) -> None:
    theirs = cast.headers_of(cast.an_employee(role=role))
    event = client.post(career(anna), json={"step": "on_leave"}, headers=admin).get_json()
    for path in ("/preview", "", f"/{event['id']}/undo"):
        body = {} if path.endswith("undo") else {"step": "left"}
        answer = client.post(career(anna, path), json=body, headers=theirs)
        assert problem_of(answer) == (403, code)
    read = client.get(career(anna), headers=theirs)
    assert (read.status_code == 200) == (code == "role_not_allowed")


def test_whoever_or_whatever_is_unknown_is_not_found(
    client: FlaskClient, admin: Headers, anna: Employee
) -> None:
    bo = cast.an_employee("E2")
    event = client.post(career(bo), json={"step": "on_leave"}, headers=admin).get_json()
    for name in ("car_nothing", event["id"]):
        answer = client.post(career(anna, f"/{name}/undo"), json={}, headers=admin)
        assert problem_of(answer) == (404, "event_not_found")
    answer = client.get(f"{EMPLOYEES}/emp_nobody/career", headers=admin)
    assert problem_of(answer) == (404, "employee_not_found")


def test_on_leave_one_sees_ones_figures_and_holds_no_office(
    client: FlaskClient, admin: Headers
) -> None:
    boss = cast.an_employee("H7", role=Role.HQ_FINANCE, store="HQ")
    theirs = cast.headers_of(boss)
    assert client.get(EMPLOYEES, headers=theirs).status_code == 200
    client.post(career(boss), json={"step": "on_leave"}, headers=admin)
    assert client.get("/api/v1/seller/earnings", headers=theirs).status_code == 200
    assert client.get("/api/v1/seller/me", headers=theirs).get_json()["state"] == "on_leave"
    assert problem_of(client.get(EMPLOYEES, headers=theirs)) == (403, "hq_only")
    body = {"handle": "bosses-shop", "title": "Shop"}
    opened = client.post("/api/v1/seller/shop", json=body, headers=theirs)
    assert problem_of(opened) == (403, "employee_not_active")
    client.post(career(boss), json={"step": "back"}, headers=admin)
    assert client.get(EMPLOYEES, headers=theirs).status_code == 200
