"""Simulations over HTTP: asked for, watched, cancelled, saved, and by whom."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core import jobs
from storefront.core.clock import SettableClock
from storefront.core.csvfile import CsvColumns, CsvProblems, read_rows
from storefront.insights.simulations import result, service
from storefront.staff.models import Role
from tests.insights.simulations import story
from tests.insights.simulations.test_replay import FIRST
from tests.support import cast, trade

SIMULATIONS = "/api/v1/hq/simulations"
Headers = dict[str, str]
WEEK: dict[str, Any] = {"policy": {"window_days": 7}}


@pytest.fixture
def finance(app: Flask) -> Headers:
    return cast.headers_of(cast.an_employee("H2", role=Role.HQ_FINANCE, store="HQ"))


@pytest.fixture
def past(app: Flask, clock: SettableClock) -> None:
    trade.open_for_trade()
    story.tell(3, story.a_chain(), clock, story.sellers())


def problem_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def test_a_draft_is_simulated_watched_and_saved(
    past: None, client: FlaskClient, finance: Headers, clock: SettableClock
) -> None:
    finance = cast.headers_of(cast.an_employee("H3", role=Role.HQ_FINANCE, store="HQ"))
    version = story.a_draft(FIRST)
    asked = client.post(SIMULATIONS, json={"version": version}, headers=finance)
    assert asked.status_code == 202, asked.text
    waiting = asked.get_json()
    address = f"{SIMULATIONS}/{waiting['id']}"
    assert (waiting["state"], waiting["done"], waiting["total"]) == ("waiting", 0, None)
    assert (waiting["version"], waiting["policy"]["model"]) == (version, "first_touch")
    assert waiting["result"] is None
    not_yet = client.get(f"{address}/employees.csv", headers=finance)
    assert problem_of(not_yet) == (409, "simulation_not_done")
    jobs.run_due(clock.now())
    done = client.get(address, headers=finance).get_json()
    assert (done["state"], done["done"], done["total"]) == ("done", 40, 40)
    answer = done["result"]
    assert answer["orders"] == 40
    assert answer["orders_changed"] > 0
    assert answer["difference"]["currency"] == "CNY"
    assert "not modelled" in answer["notes"]["en"][0]
    assert "行为变化" in answer["notes"]["zh"][0]
    example = answer["examples"][0]
    assert set(example) >= {"number", "old_reason", "new_reason", "moved", "lines"}
    saved = client.get(f"{address}/employees.csv", headers=finance)
    problems = CsvProblems()
    rows = list(read_rows(saved.data, CsvColumns(result.COLUMNS), max_rows=100, problems=problems))
    assert not problems
    assert len(rows) == answer["employees"]
    assert sum(_minor(row["difference"]) for row in rows) == answer["difference"]["amount"]
    listed = client.get(SIMULATIONS, headers=finance).get_json()["items"]
    assert [each["id"] for each in listed] == [waiting["id"]]
    assert "result" not in listed[0]


def _minor(amount: str) -> int:
    return round(float(amount) * 100)


def test_a_document_that_is_not_stored_is_simulated_over_a_period(
    past: None, client: FlaskClient, clock: SettableClock
) -> None:
    finance = cast.headers_of(cast.an_employee("H3", role=Role.HQ_ADMIN, store="HQ"))
    body = {
        "policy": {"window_days": 7, "model": "linear"},
        "from": "2026-03-02",
        "to": "2026-03-09",
    }
    asked = client.post(SIMULATIONS, json=body, headers=finance).get_json()
    assert (asked["version"], asked["policy"]["model"]) == (None, "linear")
    assert asked["period"] == {"from": "2026-03-02", "to": "2026-03-09"}
    jobs.run_due(clock.now())
    done = client.get(f"{SIMULATIONS}/{asked['id']}", headers=finance).get_json()
    assert 0 < done["result"]["orders"] < 40


def test_a_simulation_is_cancelled_once(client: FlaskClient, finance: Headers) -> None:
    asked = client.post(SIMULATIONS, json=WEEK, headers=finance).get_json()
    address = f"{SIMULATIONS}/{asked['id']}/cancel"
    cancelled = client.post(address, headers=finance)
    assert (cancelled.status_code, cancelled.get_json()["state"]) == (200, "cancelled")
    assert problem_of(client.post(address, headers=finance)) == (409, "simulation_finished")
    nobody = client.post(f"{SIMULATIONS}/sim_nobody/cancel", headers=finance)
    assert problem_of(nobody) == (404, "simulation_not_found")


def test_the_same_key_asks_once(client: FlaskClient, finance: Headers) -> None:
    headers = finance | {"Idempotency-Key": "once"}
    first, again = (client.post(SIMULATIONS, json=WEEK, headers=headers) for _ in range(2))
    assert first.get_json()["id"] == again.get_json()["id"]
    assert len(client.get(SIMULATIONS, headers=finance).get_json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, (422, "nothing_to_try")),
        ({"version": 1, "policy": {"window_days": 7}}, (422, "policy_or_version")),
        ({"version": 77}, (404, "policy_not_found")),
        (WEEK | {"from": "2026-03-09", "to": "2026-03-02"}, (422, "wrong_period")),
        (WEEK | {"from": "2027-03-09"}, (422, "wrong_period")),
        ({"policy": {"window_days": 0}}, (422, "invalid_fields")),
        ({"policy": {"window_days": 7, "colour": 1}}, (422, "invalid_fields")),
        ({"policy": {"window_days": 7, "model": "tied_first"}}, (422, "wrong_policy")),
        ({"policy": {"window_days": 7, "precedence": ["tie"]}}, (422, "policy_credits_nobody")),
    ],
)
def test_bad_input_says_what_is_wrong(
    client: FlaskClient, finance: Headers, body: dict[str, Any], problem: tuple[int, str]
) -> None:
    assert problem_of(client.post(SIMULATIONS, json=body, headers=finance)) == problem


def test_more_than_there_may_be_wait_for_one_to_end(client: FlaskClient, finance: Headers) -> None:
    for _ in range(service.MOST_OPEN):
        assert client.post(SIMULATIONS, json=WEEK, headers=finance).status_code == 202
    refused = client.post(SIMULATIONS, json=WEEK, headers=finance)
    assert problem_of(refused) == (429, "too_many_simulations")
    assert int(refused.headers["Retry-After"]) > 0


def test_headquarters_reads_and_makers_of_policies_ask(
    client: FlaskClient, finance: Headers
) -> None:
    key = client.post(SIMULATIONS, json=WEEK, headers=finance).get_json()["id"]
    operations = cast.headers_of(cast.an_employee(role=Role.HQ_OPERATIONS, store="HQ"))
    seller = cast.headers_of(cast.an_employee())
    for headers, reads, asks in (
        (operations, 200, 403),
        (seller, 403, 403),
        ({}, 401, 401),
    ):
        assert client.get(SIMULATIONS, headers=headers).status_code == reads
        assert client.get(f"{SIMULATIONS}/{key}", headers=headers).status_code == reads
        assert client.post(SIMULATIONS, json=WEEK, headers=headers).status_code == asks
        cancel = client.post(f"{SIMULATIONS}/{key}/cancel", headers=headers)
        assert cancel.status_code == asks
