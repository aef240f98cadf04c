"""Finance sees any statement, checks it, and answers what employees ask about theirs."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront.commissions.statement_models import Statement
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.staff.models import Employee, Role
from tests.support import cast, trade
from tests.support.statements import march_of

HERE = "/api/v1/hq/statements"
QUESTIONS = "/api/v1/hq/statement-questions"
MINE = "/api/v1/seller/statements"


@pytest.fixture
def statement(app: Flask, clock: SettableClock) -> Statement:
    trade.open_for_trade()
    return march_of(trade.a_seller("E1"), clock)


@pytest.fixture
def mine(statement: Statement) -> dict[str, str]:
    owner = db.session.get(Employee, statement.employee_id)
    assert owner is not None
    return cast.headers_of(owner)


@pytest.fixture
def finance(app: Flask) -> dict[str, str]:
    return cast.headers_of(cast.an_employee("F1", role=Role.HQ_FINANCE))


def ask(client: FlaskClient, statement: Statement, headers: dict[str, str], **given: Any) -> Any:
    body = {"words": "只算了一件。", **given}
    return client.post(f"{MINE}/{statement.code}/questions", json=body, headers=headers)


def first_line(client: FlaskClient, statement: Statement, headers: dict[str, str]) -> str:
    document = client.get(f"{MINE}/{statement.code}", headers=headers).get_json()
    return document["sales"][0]["about"]


def test_finance_sees_a_statement_and_that_it_is_genuine(
    statement: Statement, client: FlaskClient, finance: dict[str, str]
) -> None:
    found = client.get(f"{HERE}/{statement.code}", headers=finance).get_json()
    assert found["genuine"]
    assert found["employee_number"] == "E1"
    printed = client.get(f"{HERE}/{statement.code}.pdf", headers=finance)
    assert printed.data.startswith(b"%PDF-")
    with transaction() as session:
        session.execute(sa.update(Statement).values(employee_name="somebody else"))
    assert not client.get(f"{HERE}/{statement.code}", headers=finance).get_json()["genuine"]


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.STORE_MANAGER, Role.HQ_OPERATIONS])
def test_others_do_not_see_what_people_earn(
    statement: Statement, client: FlaskClient, role: Role
) -> None:
    headers = cast.headers_of(cast.an_employee("X1", role=role))
    for path in (f"{HERE}/{statement.code}", f"{HERE}/{statement.code}.pdf", QUESTIONS):
        assert client.get(path, headers=headers).status_code == 403


def test_an_employee_asks_about_a_line_and_reads_the_answer(
    statement: Statement, client: FlaskClient, mine: dict[str, str], finance: dict[str, str]
) -> None:
    line = first_line(client, statement, mine)
    assert ask(client, statement, mine, about=line).status_code == 201
    (open_one,) = client.get(QUESTIONS, headers=finance).get_json()["items"]
    assert (open_one["about"], open_one["period"], open_one["statement"]) == (
        line,
        "2026-03",
        statement.code,
    )
    path = f"{QUESTIONS}/{open_one['id']}/answer"
    assert client.post(path, json={"words": "退了一件。"}, headers=finance).status_code == 200
    assert client.get(QUESTIONS, headers=finance).get_json()["items"] == []
    answered = client.get(f"{QUESTIONS}?answered=true", headers=finance).get_json()["items"]
    assert [each["answer"] for each in answered] == ["退了一件。"]
    read = client.get(f"{MINE}/{statement.code}", headers=mine).get_json()["questions"]
    assert [each["answer"] for each in read] == ["退了一件。"]
    again = client.post(path, json={"words": "anders"}, headers=finance)
    assert (again.status_code, again.get_json()["code"]) == (409, "question_answered")


def test_a_line_is_asked_about_once_until_it_is_answered(
    statement: Statement, client: FlaskClient, mine: dict[str, str], finance: dict[str, str]
) -> None:
    asked = ask(client, statement, mine).get_json()
    assert ask(client, statement, mine).get_json()["code"] == "asked_already"
    assert (
        ask(client, statement, mine, about=first_line(client, statement, mine)).status_code == 201
    )
    answer = client.post(f"{QUESTIONS}/{asked['id']}/answer", json={"words": "ok"}, headers=finance)
    assert answer.status_code == 200
    assert ask(client, statement, mine).status_code == 201


def test_what_makes_no_sense_is_refused(
    statement: Statement, client: FlaskClient, mine: dict[str, str], finance: dict[str, str]
) -> None:
    assert ask(client, statement, mine, about="no line").get_json()["code"] == "unknown_line"
    assert ask(client, statement, mine, words="").status_code == 422
    assert ask(client, statement, mine, words="   ").get_json()["code"] == "words_missing"
    assert ask(client, statement, finance).status_code == 404
    unknown = client.post(f"{QUESTIONS}/qst_none/answer", json={"words": "x"}, headers=finance)
    assert unknown.status_code == 404


def test_nobody_answers_their_own_question(
    statement: Statement, client: FlaskClient, mine: dict[str, str]
) -> None:
    asked = ask(client, statement, mine).get_json()
    with transaction() as session:
        owner = session.get(Employee, statement.employee_id)
        assert owner is not None
        owner.role = Role.HQ_FINANCE
    answer = client.post(f"{QUESTIONS}/{asked['id']}/answer", json={"words": "x"}, headers=mine)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "four_eyes")
