"""A seller's own statements: read, printed, shown to strangers or not."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from storefront.commissions import statements
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.insights.papers import files, fonts
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.statements import march_of

HERE = "/api/v1/seller/statements"


@pytest.fixture
def statement(app: Flask, clock: SettableClock) -> Statement:
    trade.open_for_trade()
    return march_of(trade.a_seller("E1"), clock)


@pytest.fixture
def mine(statement: Statement) -> dict[str, str]:
    """Headers of whose statement it is."""
    owner = db.session.get(Employee, statement.employee_id)
    assert owner is not None
    return cast.headers_of(owner)


def read(client: FlaskClient, path: str, headers: dict[str, str]) -> Any:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_json()


def test_my_statements_are_listed_the_latest_first(
    statement: Statement, client: FlaskClient, mine: dict[str, str], clock: SettableClock
) -> None:
    new = statements.reissue(statement.code, "a wrong name", SYSTEM, clock.now())
    first = read(client, f"{HERE}?limit=1", mine)
    assert [each["code"] for each in first["items"]] == [new.code]
    second = read(client, f"{HERE}?limit=1&after={first['next']}", mine)
    (old,) = second["items"]
    assert (old["code"], old["replaced"], old["revoked_reason"]) == (
        statement.code,
        True,
        "a wrong name",
    )
    assert second["next"] is None


def test_one_has_all_its_lines_and_adds_up(
    statement: Statement, client: FlaskClient, mine: dict[str, str]
) -> None:
    found = read(client, f"{HERE}/{statement.code}?language=en", mine)
    (sale,) = found["sales"]
    assert sale["amount"] == {"amount": 400, "currency": "CNY"}
    assert sale["rule"] == "Plan version 1, rule 1 (everything)"
    assert [change["amount"]["amount"] for change in sale["changes"]] == [-100]
    assert found["total"]["amount"] == 300
    assert found["difference"]["amount"] == 0
    assert found["plan_versions"] == [1]
    assert found["figures"]["closing_held"]["amount"] == 300
    assert found["verify_url"] == f"http://shop.test/verify/{statement.code}"
    assert not found["show_total"]


def test_its_entries_are_those_that_were_signed(
    statement: Statement, client: FlaskClient, mine: dict[str, str]
) -> None:
    found = read(client, f"{HERE}/{statement.code}", mine)
    lines = "".join(
        f"{each['at']} {each['account']} {each['amount']}\n" for each in found["entries"]
    )
    proof = client.get(f"/verify/{statement.code}/proof").get_json()
    assert hashlib.sha256(lines.encode()).hexdigest() in proof["payload"]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Commission statement 2026-03"), ("zh", "佣金对账单 2026-03")]
)
def test_it_is_printed_in_the_language_asked_for(
    statement: Statement, client: FlaskClient, mine: dict[str, str], language: str, said: str
) -> None:
    answer = client.get(f"{HERE}/{statement.code}.pdf?language={language}", headers=mine)
    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith('inline; filename="2026-03-E1-')
    words = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    assert said in words
    assert statement.employee_name in words


def test_without_the_font_the_pdf_says_what_is_missing_and_the_rest_works(
    statement: Statement,
    client: FlaskClient,
    mine: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from storefront.insights.papers import pdf

    monkeypatch.setattr(fonts, "PACKAGE", "no_such_font_package")
    fonts.font_file.cache_clear()
    pdf._typeface.cache_clear()
    try:
        answer = client.get(f"{HERE}/{statement.code}.pdf", headers=mine)
    finally:
        fonts.font_file.cache_clear()
        pdf._typeface.cache_clear()
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "font_missing"
    assert read(client, f"{HERE}/{statement.code}", mine)["code"] == statement.code


@pytest.mark.parametrize("suffix", ["", ".pdf", "/shown", "/page"])
def test_nobody_else_sees_it(statement: Statement, client: FlaskClient, suffix: str) -> None:
    stranger = cast.headers_of(cast.an_employee("E9"))
    method = {"/shown": "PUT", "/page": "POST"}.get(suffix, "GET")
    body: dict[str, Any] = {"json": {"show_total": True}} if suffix == "/shown" else {}
    path = f"{HERE}/{statement.code}{suffix}"
    assert client.open(path, method=method, headers=stranger, **body).status_code == 404
    assert client.open(path, method=method, **body).status_code == 401
    assert read(client, HERE, stranger)["items"] == []


def test_the_employee_chooses_whether_the_total_is_shown(
    statement: Statement, client: FlaskClient, mine: dict[str, str]
) -> None:
    path = f"{HERE}/{statement.code}/shown"
    assert client.put(path, json={"show_total": True}, headers=mine).get_json()["show_total"]
    page = client.get(f"/verify/{statement.code}", headers={"Accept-Language": "en"})
    assert "CN¥3.00" in page.get_data(as_text=True)
    hidden = client.put(path, json={"show_total": False}, headers=mine).get_json()
    assert not hidden["show_total"]
    assert client.put(path, json={}, headers=mine).status_code == 422
    assert client.put(path, json={"show_total": "perhaps"}, headers=mine).status_code == 422


def test_an_address_opens_the_page_for_an_hour(
    statement: Statement, client: FlaskClient, mine: dict[str, str], clock: SettableClock
) -> None:
    answer = client.post(f"{HERE}/{statement.code}/page", headers=mine)
    assert answer.status_code == 201
    given = answer.get_json()
    assert given["expires_at"] == (clock.now() + timedelta(hours=1)).isoformat().replace(
        "+00:00", "Z"
    )
    assert given["url"].startswith("http://shop.test/statements/")


def test_a_file_is_called_by_letters_that_every_system_takes(statement: Statement) -> None:
    statement.employee_number = '甲/1"\r\n'
    name = files.name_of(statement)
    db.session.rollback()
    assert name == f"2026-03-__1___-{statement.code[:4]}.pdf"
