"""A seller's own statement as a page: what is on it, and who may open it for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront.commissions import questions, statements
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.staff import sessions
from storefront.staff.models import Employee, EmploymentState
from tests.support import cast, trade
from tests.support.browser import Page
from tests.support.statements import march_of

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def statement(app: Flask, clock: SettableClock) -> Statement:
    trade.open_for_trade()
    return march_of(trade.a_seller("E1"), clock)


@pytest.fixture
def owner(statement: Statement) -> Employee:
    found = db.session.get(Employee, statement.employee_id)
    assert found is not None
    return found


@pytest.fixture
def path(statement: Statement, owner: Employee, client: FlaskClient) -> str:
    """Where the page is, as the app was told."""
    answer = client.post(
        f"/api/v1/seller/statements/{statement.code}/page", headers=cast.headers_of(owner)
    )
    return answer.get_json()["url"].removeprefix("http://shop.test")


def read(client: FlaskClient, path: str) -> str:
    answer = client.get(path, headers=ENGLISH)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_page_says_what_the_paper_says(
    statement: Statement, client: FlaskClient, path: str
) -> None:
    words = read(client, path)
    for said in (
        "Commission statement 2026-03",
        statement.employee_name,
        "Plan version 1, rule 1 (everything)",
        "Goods came back or were cancelled",
        "difference 0.00",
        "issued, final",
    ):
        assert said in words
    assert words.count(">Something is wrong<") == 1
    chinese = client.get(path, headers={"Accept-Language": "zh"}).get_data(as_text=True)
    assert "佣金对账单 2026-03" in chinese
    assert "差额 0.00" in chinese


def test_nobody_keeps_it_and_it_needs_no_script(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "<script" not in answer.get_data(as_text=True)
    assert " style=" not in answer.get_data(as_text=True)


def test_it_leads_to_the_pdf(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Cache-Control"] == "no-store"


def test_each_line_leads_to_a_form_that_asks_finance(
    statement: Statement, client: FlaskClient, path: str, clock: SettableClock
) -> None:
    link = next(each for each in Page(read(client, path)).links if "/wrong?about=" in each)
    form = read(client, link)
    assert "What is wrong?" in form
    about = questions.reference_of(statements.lines_of(statement)[0])
    assert f'value="{about}"' in form
    sent = client.post(f"{path}/wrong", data={"about": about, "words": "Only one was counted."})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{path}#asked")
    words = read(client, path)
    assert "Only one was counted." in words
    assert "not answered yet" in words
    (asked,) = questions.of_statement(statement)
    questions.answer(asked.public_id, "One came back.", SYSTEM, clock.now())
    assert "One came back." in read(client, path)


def test_what_is_wrong_with_a_question_is_said_and_nothing_typed_is_lost(
    client: FlaskClient, path: str
) -> None:
    empty = client.post(f"{path}/wrong", data={"about": "", "words": " "}, headers=ENGLISH)
    assert empty.status_code == 422
    assert "Say what is wrong" in empty.get_data(as_text=True)
    odd = client.post(f"{path}/wrong", data={"about": "x", "words": "<b>why"}, headers=ENGLISH)
    assert odd.status_code == 422
    assert "no such line" in odd.get_data(as_text=True)
    assert "&lt;b&gt;why" in odd.get_data(as_text=True)
    assert client.post(f"{path}/wrong", data={"words": "why"}).status_code == 303
    twice = client.post(f"{path}/wrong", data={"words": "why"}, headers=ENGLISH)
    assert twice.status_code == 409
    assert "wait for the answer" in twice.get_data(as_text=True)


def test_another_site_asks_nothing_in_ones_name(client: FlaskClient, path: str) -> None:
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(f"{path}/wrong", data={"words": "x"}, headers=foreign).status_code == 403


@pytest.mark.parametrize("below", ["", "/pdf", "/wrong"])
def test_it_closes_after_an_hour(
    client: FlaskClient, path: str, clock: SettableClock, below: str
) -> None:
    clock.advance(timedelta(minutes=59))
    assert client.get(path + below).status_code == 200
    clock.advance(timedelta(minutes=1))
    answer = client.get(path + below, headers=ENGLISH)
    assert answer.status_code == 410
    assert "no longer open" in answer.get_data(as_text=True)


def test_it_closes_when_its_owner_signs_out_or_is_suspended(
    client: FlaskClient, path: str, owner: Employee, clock: SettableClock
) -> None:
    cast.leaves(owner, EmploymentState.SUSPENDED)
    assert client.get(path).status_code == 410
    sessions.end_all(owner.id, "signed out", clock.now())
    assert client.get(path).status_code == 410


@pytest.mark.parametrize("token", ["x", "WyJhIl0.abc", "." * 40])
def test_an_address_that_we_did_not_write_opens_nothing(
    statement: Statement, client: FlaskClient, token: str
) -> None:
    for path in (f"/statements/{token}", f"/statements/{statement.code}"):
        assert client.get(path, headers=ENGLISH).status_code == 404


def test_a_pass_opens_no_other_statement(
    statement: Statement, client: FlaskClient, path: str
) -> None:
    head, _, signature = path.rpartition(".")
    assert client.get(f"{head[:-2]}xx.{signature}").status_code == 404


def test_a_revoked_statement_says_so(
    statement: Statement, client: FlaskClient, path: str, clock: SettableClock
) -> None:
    statements.reissue(statement.code, "a wrong name", SYSTEM, clock.now())
    assert "revoked on" in read(client, path)
