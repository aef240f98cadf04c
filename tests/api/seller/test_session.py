"""Signing in over HTTP, as a phone would."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.customers.visitors import COOKIE_NAME, cookie_value
from storefront.staff import employment, invitations, service
from storefront.staff.models import Employee, EmploymentState, OwnVisitor, Role
from tests.support import cast
from tests.support.queries import recorded_queries

SESSION = "/api/v1/seller/session"
REFRESH = "/api/v1/seller/session/refresh"
PASSWORD = "/api/v1/seller/password"
ME = "/api/v1/seller/me"


@pytest.fixture
def lin(app: Flask) -> Employee:
    return cast.an_employee("E1", phone="+8613800138000", password=cast.PASSWORD)


def sign_in(client: FlaskClient, number: str = "E1", password: str = cast.PASSWORD) -> TestResponse:
    return client.post(SESSION, json={"number": number, "password": password})


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def problem_of(response: TestResponse) -> tuple[int, str]:
    assert response.content_type == "application/problem+json"
    document: dict[str, Any] = response.get_json()
    return response.status_code, document["code"]


def test_who_signs_in_sees_themselves(client: FlaskClient, lin: Employee) -> None:
    answer = sign_in(client)
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    tokens = answer.get_json()
    assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    me = client.get(ME, headers=bearer(tokens["access_token"]))
    assert me.get_json() == {
        "id": lin.public_id,
        "number": "E1",
        "name": "林小雨",
        "phone": "+8613800138000",
        "role": "employee",
        "state": "active",
        "store": {
            "id": lin.store.public_id,
            "code": "S1",
            "name_zh": "S1店",
            "name_en": "Store S1",
        },
    }


def test_the_guard_costs_one_query(client: FlaskClient, lin: Employee) -> None:
    headers = cast.headers_of(lin)
    with recorded_queries() as queries:
        assert client.get(ME, headers=headers).status_code == 200
    assert len(queries) == 2  # the guard's, and the view's own


def test_an_unknown_number_and_a_wrong_password_get_one_answer(
    client: FlaskClient, lin: Employee
) -> None:
    wrong, unknown = sign_in(client, password="wrong"), sign_in(client, number="E2")
    assert problem_of(wrong) == (401, "wrong_credentials")
    assert wrong.data == unknown.data


def test_a_blank_that_a_keyboard_adds_to_the_number_does_no_harm(
    client: FlaskClient, lin: Employee
) -> None:
    assert sign_in(client, number="E1 ").status_code == 201


def test_a_password_that_is_no_text_is_just_wrong(client: FlaskClient, lin: Employee) -> None:
    assert problem_of(sign_in(client, password="\ud800\0")) == (401, "wrong_credentials")


def test_a_number_that_no_database_could_hold_is_refused(
    client: FlaskClient, lin: Employee
) -> None:
    for number in ("E1\0", "\ud800"):
        assert problem_of(sign_in(client, number=number)) == (422, "invalid_fields")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": "E1"},
        {"number": "E1", "password": ""},
        {"number": "E1", "password": "x" * 201},
        {"number": 1, "password": "x"},
        {"number": "E1", "password": "x", "role": "hq_admin"},
        ["E1"],
    ],
)
def test_what_is_not_a_sign_in_is_refused(client: FlaskClient, lin: Employee, body: Any) -> None:
    assert problem_of(client.post(SESSION, json=body)) == (422, "invalid_fields")


def test_who_is_suspended_learns_it_with_the_right_password(
    client: FlaskClient, lin: Employee, clock: SettableClock
) -> None:
    employment.suspend(lin.id, "", SYSTEM, clock.now())
    assert problem_of(sign_in(client)) == (403, "not_active")


def test_another_sites_page_signs_nobody_in(client: FlaskClient, lin: Employee) -> None:
    answer = client.post(
        SESSION,
        json={"number": "E1", "password": cast.PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert problem_of(answer) == (403, "foreign_page")


def test_a_refresh_gives_new_tokens_that_work(client: FlaskClient, lin: Employee) -> None:
    first = sign_in(client).get_json()
    answer = client.post(REFRESH, headers=bearer(first["refresh_token"]))
    assert answer.status_code == 200
    second = answer.get_json()
    assert second["refresh_token"] != first["refresh_token"]
    assert client.get(ME, headers=bearer(second["access_token"])).status_code == 200
    assert client.get(ME, headers=bearer(first["access_token"])).status_code == 200


def test_a_late_replay_ends_everything(
    client: FlaskClient, lin: Employee, clock: SettableClock
) -> None:
    first = sign_in(client).get_json()
    second = client.post(REFRESH, headers=bearer(first["refresh_token"])).get_json()
    clock.advance(timedelta(minutes=2))
    replay = client.post(REFRESH, headers=bearer(first["refresh_token"]))
    assert problem_of(replay) == (401, "session_ended")
    assert problem_of(client.get(ME, headers=bearer(second["access_token"]))) == (
        401,
        "session_ended",
    )


def test_signing_out_is_the_end_of_the_tokens(client: FlaskClient, lin: Employee) -> None:
    tokens = sign_in(client).get_json()
    headers = bearer(tokens["access_token"])
    assert client.delete(SESSION, headers=headers).status_code == 204
    assert problem_of(client.get(ME, headers=headers)) == (401, "session_ended")
    assert problem_of(client.delete(SESSION, headers=headers)) == (401, "session_ended")
    answer = client.post(REFRESH, headers=bearer(tokens["refresh_token"]))
    assert problem_of(answer) == (401, "session_ended")


@pytest.mark.parametrize("years", [-20, 20])
def test_sessions_live_by_the_applications_clock_however_far_from_the_machines(
    client: FlaskClient, lin: Employee, clock: SettableClock, years: int
) -> None:
    clock.advance(timedelta(days=365 * years))
    tokens = sign_in(client).get_json()
    assert client.get(ME, headers=bearer(tokens["access_token"])).status_code == 200
    clock.advance(timedelta(days=20))
    tokens = client.post(REFRESH, headers=bearer(tokens["refresh_token"])).get_json()
    clock.advance(timedelta(days=20))
    assert client.get(ME, headers=bearer(tokens["access_token"])).status_code == 200
    clock.advance(timedelta(days=10))
    assert problem_of(client.get(ME, headers=bearer(tokens["access_token"]))) == (
        401,
        "session_ended",
    )


def own_browsers() -> list[str]:
    return list(db.session.scalars(sa.select(OwnVisitor.visitor_id)))


def test_the_browser_that_signs_in_is_the_employees_own(
    app: Flask, client: FlaskClient, lin: Employee
) -> None:
    secret = app.extensions["settings"].visitor_secret
    client.set_cookie(COOKIE_NAME, cookie_value("who followed a link before", secret))
    answer = sign_in(client)
    assert own_browsers() == ["who followed a link before"]
    assert "Set-Cookie" not in answer.headers


def test_a_browser_without_a_cookie_gets_one_and_a_forged_one_is_not_believed(
    client: FlaskClient, lin: Employee
) -> None:
    client.set_cookie(COOKIE_NAME, "another browser.forged")
    cookie = sign_in(client).headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE_NAME}=")
    assert "HttpOnly" in cookie
    (own,) = own_browsers()
    assert own != "another browser"
    sign_in(client)
    assert own_browsers() == [own]


def test_a_failed_sign_in_makes_no_browser_anybodys_own(client: FlaskClient, lin: Employee) -> None:
    sign_in(client, password="wrong")
    assert own_browsers() == []


def test_a_one_time_code_sets_the_password(
    client: FlaskClient, app: Flask, clock: SettableClock
) -> None:
    employee = cast.an_employee("E1", state=EmploymentState.INVITED)
    code = invitations.invite(employee.id, SYSTEM, clock.now()).code
    weak = client.post(PASSWORD, json={"code": code, "password": "short"})
    assert problem_of(weak) == (422, "password_too_short")
    assert weak.get_json()["errors"] == {"json": {"password": ["Take at least 10 characters."]}}
    answer = client.post(PASSWORD, json={"code": code, "password": cast.PASSWORD})
    assert (answer.status_code, answer.data) == (204, b"")
    assert sign_in(client).status_code == 201
    again = client.post(PASSWORD, json={"code": code, "password": cast.PASSWORD})
    assert problem_of(again) == (422, "wrong_code")


def test_an_expired_code_is_gone(client: FlaskClient, app: Flask, clock: SettableClock) -> None:
    employee = cast.an_employee(state=EmploymentState.INVITED)
    code = invitations.invite(employee.id, SYSTEM, clock.now()).code
    clock.advance(timedelta(days=8))
    answer = client.post(PASSWORD, json={"code": code, "password": cast.PASSWORD})
    assert problem_of(answer) == (410, "code_expired")


@pytest.mark.parametrize("role", Role)
def test_every_role_signs_in_by_the_same_door(
    client: FlaskClient, app: Flask, clock: SettableClock, role: Role
) -> None:
    cast.an_employee("H1", role=role, password=cast.PASSWORD)
    tokens = sign_in(client, "H1").get_json()
    assert client.get(ME, headers=bearer(tokens["access_token"])).get_json()["role"] == role


def test_headquarters_is_closed_to_everybody_else(client: FlaskClient, app: Flask) -> None:
    for role in (Role.EMPLOYEE, Role.STORE_MANAGER, Role.REGION_MANAGER):
        headers = cast.headers_of(cast.an_employee(role=role))
        for path in ("employees", "employees/emp_x", "roster", "stores", "regions"):
            answer = client.get(f"/api/v1/hq/{path}", headers=headers)
            assert problem_of(answer) == (403, "hq_only")
    for path in ("employees", "roster", "stores", "regions"):
        assert problem_of(client.get(f"/api/v1/hq/{path}")) == (401, "token_missing")


def test_a_demotion_closes_headquarters_at_once(
    client: FlaskClient, app: Flask, clock: SettableClock
) -> None:
    boss = cast.an_employee("H1", role=Role.HQ_ADMIN)
    headers = cast.headers_of(boss)
    assert client.get("/api/v1/hq/regions", headers=headers).status_code == 200
    details = service.Details(
        name=boss.name, phone=None, store_id=boss.store_id, role=Role.EMPLOYEE
    )
    service.edit(boss.id, boss.version, details, SYSTEM, clock.now())
    assert problem_of(client.get("/api/v1/hq/regions", headers=headers)) == (401, "session_ended")
