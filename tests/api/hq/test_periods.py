"""Months at headquarters: closed behind the request, reconciled, exported; adjusted by two."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core import clock as clocks
from storefront.core import jobs
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.staff.models import Employee, Role
from tests.support import cast, trade
from tests.support.books import broken

PERIODS = "/api/v1/hq/periods"
ADJUSTMENTS = "/api/v1/hq/adjustments"
PAYOUTS = "/api/v1/hq/payouts"
Headers = dict[str, str]


@pytest.fixture
def due(app: Flask, clock: SettableClock) -> None:
    """E1 earned 1.00 and E2 2.00 in March; April has begun."""
    trade.open_for_trade()
    for rank in (1, 2):
        trade.sell(cast.a_product(price=1_000 * rank), through=trade.a_seller(f"E{rank}"))
    clock.advance(timedelta(days=31))


@pytest.fixture
def maker(due: None) -> Headers:
    return cast.headers_of(cast.an_employee("F1", role=Role.HQ_FINANCE, store="HQ"))


@pytest.fixture
def checker(due: None) -> Headers:
    return cast.headers_of(cast.an_employee("F2", role=Role.HQ_ADMIN, store="HQ"))


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def done(answer: TestResponse, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    return answer.json


def close(client: FlaskClient, headers: Headers, name: str = "2026-03") -> Any:
    answer = done(client.post(f"{PERIODS}/{name}/close", headers=headers), 202)
    jobs.run_due(clocks.now())
    return answer


def test_a_month_is_closed_by_a_worker_and_reconciled(
    client: FlaskClient, maker: Headers, clock: SettableClock
) -> None:
    begun = close(client, maker)
    assert (begun["state"], begun["employees_left"]) == ("closing", 3)
    march = done(client.get(f"{PERIODS}/2026-03", headers=maker))
    assert (march["state"], march["statements"]) == ("closed", 2)
    assert march["figures"]["closing"] == {"amount": 300, "currency": "CNY"}
    listed = done(client.get(PERIODS, headers=maker))
    assert [each["name"] for each in listed["items"]] == ["2026-04", "2026-03"]
    assert listed["items"][0]["figures"] is None
    table = done(client.get(f"{PERIODS}/2026-03/reconciliation", headers=maker))
    assert table["chain"] == table["ledger"]
    assert (table["difference"]["amount"], table["stores"][0]["statements"]) == (0, 2)
    again = client.post(f"{PERIODS}/2026-03/close", headers=maker)
    assert problem_of(again) == (409, "period_closed")
    early = client.post(f"{PERIODS}/2026-04/close", headers=maker)
    assert problem_of(early) == (409, "period_not_over")


def test_a_month_does_not_close_while_a_batch_is_out(client: FlaskClient, maker: Headers) -> None:
    batch = done(client.post(PAYOUTS, json={"cutoff": "2026-04-02"}, headers=maker), 201)
    answer = client.post(f"{PERIODS}/2026-03/close", headers=maker)
    assert problem_of(answer) == (409, "batch_out")
    assert answer.get_json()["batches"] == [batch["id"]]
    done(client.post(f"{PAYOUTS}/{batch['id']}/discard", headers=maker))
    close(client, maker)


def test_statements_of_a_month_are_listed_and_issued_anew(
    client: FlaskClient, maker: Headers
) -> None:
    close(client, maker)
    first = done(client.get(f"{PERIODS}/2026-03/statements?limit=1", headers=maker))
    assert [each["employee_number"] for each in first["items"]] == ["E1"]
    rest = done(
        client.get(f"{PERIODS}/2026-03/statements?after={first['next']}&store=S1", headers=maker)
    )
    assert [each["employee_number"] for each in rest["items"]] == ["E2"]
    code = first["items"][0]["code"]
    address = f"{PERIODS}/2026-03/statements/{code}/reissue"
    new = done(client.post(address, json={"reason": "Misspelt."}, headers=maker), 201)
    assert new["code"] != code
    assert new["figures"] == first["items"][0]["figures"]
    again = client.post(address, json={"reason": "Misspelt."}, headers=maker)
    assert problem_of(again) == (409, "statement_revoked")
    assert broken() == set()


def test_payrolls_file_is_saved_and_the_saving_logged(
    client: FlaskClient,
    maker: Headers,
    checker: Headers,
    clock: SettableClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    person = db.session.query(Employee).filter_by(number="E1").one()
    person.identity_type, person.identity_number = "居民身份证", "110101199003070011"
    db.session.commit()
    close(client, maker)
    batch = done(client.post(PAYOUTS, json={"cutoff": "2026-04-02"}, headers=maker), 201)
    done(client.post(f"{PAYOUTS}/{batch['id']}/approve", headers=checker))
    done(client.post(f"{PAYOUTS}/{batch['id']}/paid", headers=maker))
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    maker = cast.headers_of(cast.an_employee("F3", role=Role.HQ_FINANCE, store="HQ"))
    early = client.get(f"{PERIODS}/2026-04/payroll.csv", headers=maker)
    assert problem_of(early) == (409, "period_not_closed")
    close(client, maker, "2026-04")
    with caplog.at_level(logging.INFO):
        file = client.get(f"{PERIODS}/2026-04/payroll.csv?store=S1", headers=maker)
        book = client.get(f"{PERIODS}/2026-04/payroll.xlsx", headers=maker)
    assert "110101199003070011" in file.text
    assert file.headers["Cache-Control"] == "no-store"
    assert book.data.startswith(b"PK")
    assert len([line for line in caplog.messages if "exported payroll 2026-04" in line]) == 2
    assert "110101" not in caplog.text


def test_an_adjustment_wants_two_people(
    client: FlaskClient, maker: Headers, checker: Headers
) -> None:
    wanted = {"employee": "E1", "kind": "bonus", "amount": 500, "reason": "Opening night."}
    key = {"Idempotency-Key": "one"}
    made = done(client.post(ADJUSTMENTS, json=wanted, headers=maker | key), 201)
    assert done(client.post(ADJUSTMENTS, json=wanted, headers=maker | key), 201) == made
    assert (made["state"], made["created_by"], made["decided_by"]) == ("proposed", "F1", None)
    address = f"{ADJUSTMENTS}/{made['id']}"
    own = client.post(f"{address}/approve", headers=maker)
    assert problem_of(own) == (403, "four_eyes")
    approved = done(client.post(f"{address}/approve", headers=checker))
    assert (approved["state"], approved["decided_by"]) == ("approved", "F2")
    late = client.post(f"{address}/reject", json={"note": "No."}, headers=checker)
    assert problem_of(late) == (409, "adjustment_decided")
    other = done(client.post(ADJUSTMENTS, json=wanted, headers=maker), 201)
    done(client.post(f"{ADJUSTMENTS}/{other['id']}/withdraw", headers=maker))
    listed = done(client.get(f"{ADJUSTMENTS}?state=withdrawn", headers=maker))
    assert [each["id"] for each in listed["items"]] == [other["id"]]
    assert done(client.get(address, headers=maker)) == approved
    nobody = client.post(ADJUSTMENTS, json=wanted | {"employee": "E99"}, headers=maker)
    assert problem_of(nobody) == (422, "unknown_employee")


def test_a_batch_goes_out_and_answers_come_back_by_file(
    client: FlaskClient, maker: Headers, checker: Headers
) -> None:
    batch = done(client.post(PAYOUTS, json={"cutoff": "2026-04-02"}, headers=maker), 201)
    address = f"{PAYOUTS}/{batch['id']}"
    early = client.post(f"{address}/submit", headers=maker)
    assert problem_of(early) == (409, "batch_not_approved")
    listed = done(client.get(f"{address}/payouts", headers=maker))["items"]
    one = next(each for each in listed if each["employee"] == "E1")
    removal = f"{address}/payouts/{one['id']}/remove"
    asked = client.post(f"{address}/query", headers=maker)
    assert problem_of(asked) == (409, "batch_not_submitted")
    changed = done(client.post(removal, json={"note": "Bank details."}, headers=maker))
    assert (changed["payees"], changed["changed_by"]) == (1, "F1")
    left = done(client.get(f"{address}/left-out", headers=maker))["items"]
    assert [(each["employee"], each["reason"]) for each in left] == [("E1", "removed")]
    approved = done(client.post(f"{address}/approve", headers=checker))
    assert (approved["approvals"], approved["approvals_needed"]) == (["F2"], 1)
    done(client.post(f"{address}/submit", headers=maker), 202)
    jobs.run_due(clocks.now())
    done(client.post(f"{address}/query", headers=maker), 202)
    jobs.run_due(clocks.now())
    over = done(client.get(address, headers=maker))
    assert (over["state"], over["provider"]) == ("paid", "sandbox")
    assert over["states"] == [{"state": "paid", "payouts": 1}]
    lines = client.get(f"{address}/payroll.csv", headers=maker).data.decode("utf-8-sig")
    header, line, *_ = lines.splitlines()
    back = f"{header},status,message\r\n{line},returned,account closed\r\n".encode()
    csv = {"Content-Type": "text/csv"}
    answered = done(client.post(f"{address}/answers", data=back, headers=maker | csv))
    assert answered["states"] == [{"state": "returned", "payouts": 1}]
    wrong = back.replace(b"bat_", b"bat_x")
    refused = client.post(f"{address}/answers", data=wrong, headers=maker | csv)
    assert problem_of(refused) == (422, "wrong_file")
    assert refused.get_json()["lines"][0]["code"] == "other_batch"
    assert broken() == set()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PERIODS),
        ("GET", f"{PERIODS}/2026-03"),
        ("POST", f"{PERIODS}/2026-03/close"),
        ("GET", f"{PERIODS}/2026-03/reconciliation"),
        ("GET", f"{PERIODS}/2026-03/statements"),
        ("GET", f"{PERIODS}/2026-03/payroll.csv"),
        ("GET", f"{PERIODS}/2026-03/payroll.xlsx"),
        ("GET", ADJUSTMENTS),
        ("GET", f"{ADJUSTMENTS}/adj_nothing"),
        ("POST", f"{ADJUSTMENTS}/adj_nothing/approve"),
        ("POST", f"{ADJUSTMENTS}/adj_nothing/withdraw"),
        ("GET", f"{PAYOUTS}/bat_nothing/left-out"),
        ("POST", f"{PAYOUTS}/bat_nothing/submit"),
        ("POST", f"{PAYOUTS}/bat_nothing/query"),
        ("POST", f"{PAYOUTS}/bat_nothing/answers"),
    ],
)
def test_only_finance_and_admins_see_any_of_it(
    client: FlaskClient, due: None, method: str, path: str
) -> None:
    operations = cast.headers_of(cast.an_employee("H1", role=Role.HQ_OPERATIONS, store="HQ"))
    assert problem_of(client.open(path, method=method, headers=operations)) == (
        403,
        "role_not_allowed",
    )
