"""Whoever was shown a statement finds out whether it is real, and nothing else about anybody."""

from __future__ import annotations

import json
import re
from base64 import b64decode, urlsafe_b64decode
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask import Flask
from flask.testing import FlaskClient
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from storefront.commissions import proof, statements
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.ids import ALPHABET, random_text
from storefront.integrations.signing import KeyRing
from storefront.web.verify import UNKNOWN_CODES
from tests.support import trade
from tests.support.queries import recorded_queries
from tests.support.statements import march_of

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def statement(app: Flask, clock: SettableClock) -> Statement:
    trade.open_for_trade()
    return march_of(trade.a_seller("E1"), clock)


def page(client: FlaskClient, code: str, **headers: str) -> str:
    answer = client.get(f"/verify/{code}", headers={**ENGLISH, **headers})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def downloaded(client: FlaskClient, statement: Statement) -> dict:
    answer = client.get(f"/verify/{statement.code}/proof")
    assert answer.status_code == 200
    return answer.get_json()


def checked(client: FlaskClient, document: dict) -> dict:
    """What is signed, if another library finds that a published key signed it."""
    keys = client.get("/verify/keys.json").get_json()["keys"]
    (x,) = [key["x"] for key in keys if key["kid"] == document["key_id"]]
    key = VerifyKey(urlsafe_b64decode(x + "="))
    signature = b64decode(document["signature"])
    return json.loads(key.verify(document["payload"].encode(), signature))


def test_a_genuine_statement_is_called_so_in_both_languages(
    statement: Statement, client: FlaskClient
) -> None:
    words = page(client, statement.code)
    assert "This statement is genuine" in words
    assert "2026-03" in words
    assert "from 1 Mar 2026, 00:00 up to 1 Apr 2026, 00:00 (Asia/Shanghai)" in words
    chinese = client.get(f"/verify/{statement.code}", headers={"Accept-Language": "zh"})
    assert "这份对账单是真的" in chinese.get_data(as_text=True)


def test_it_shows_initials_and_neither_name_nor_number_nor_amount(
    statement: Statement, client: FlaskClient
) -> None:
    words = page(client, statement.code)
    assert "林＊＊" in words
    assert statement.employee_name not in words
    assert statement.employee_number not in re.sub(r"<link[^>]*>", "", words)
    assert "3.00" not in words
    assert "the employee decides" in words


def test_the_total_is_there_if_the_employee_shows_it(
    statement: Statement, client: FlaskClient
) -> None:
    proof.show_total(statement.code, statement.employee_id, shown=True)
    assert "CN¥3.00" in page(client, statement.code)
    proof.show_total(statement.code, statement.employee_id, shown=False)
    assert "CN¥3.00" not in page(client, statement.code)


def test_nobody_keeps_or_lists_the_page(statement: Statement, client: FlaskClient) -> None:
    for path in (f"/verify/{statement.code}", f"/verify/{statement.code}/proof"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in client.get(f"/verify/{statement.code}").headers


def test_it_needs_no_script(statement: Statement, client: FlaskClient) -> None:
    assert "<script" not in page(client, statement.code)
    assert "<script" not in client.get("/verify").get_data(as_text=True)


def test_looking_writes_nothing_and_asks_little(statement: Statement, client: FlaskClient) -> None:
    code = statement.code
    for method in ("GET", "HEAD"):
        with recorded_queries() as queries:
            answer = client.open(f"/verify/{code}", method=method)
        assert answer.status_code == 200
        assert len(queries) <= 2
        assert all(query.startswith("SELECT") for query in queries)


@pytest.mark.parametrize("spell", [str.upper, proof.spaced, lambda code: f" {code} "])
def test_a_code_may_be_written_as_people_write_it(
    statement: Statement, client: FlaskClient, spell
) -> None:
    answer = client.get("/verify", query_string={"code": spell(statement.code)})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/verify/{statement.code}"
    assert "genuine" in page(client, spell(statement.code))


def test_who_has_no_code_is_asked_for_it(client: FlaskClient) -> None:
    words = client.get("/verify", headers=ENGLISH).get_data(as_text=True)
    assert 'name="code"' in words
    odd = client.get("/verify", query_string={"code": "//evil.example/"})
    assert odd.headers["Location"] == "/verify/evilexample"
    assert (
        client.get("/verify", query_string={"code": "。"}).headers["Location"] == "/verify/unknown"
    )


@pytest.mark.parametrize("code", ["7kq3mnpqrstvwxyz2345", "keys", "x" * 500, "%F0%9F%98%80", "'--"])
def test_a_code_that_is_none_gets_a_friendly_page(client: FlaskClient, code: str) -> None:
    for path in (f"/verify/{code}", f"/verify/{code}/proof"):
        answer = client.get(path, headers=ENGLISH)
        assert answer.status_code == 404
        assert "There is no statement with this code" in answer.get_data(as_text=True)
        assert answer.headers["Cache-Control"] == "no-store"


def test_who_guesses_is_slowed_down_and_holds_up_nobody_with_a_code(
    statement: Statement, app: Flask, clock: SettableClock
) -> None:
    client = app.test_client()
    for _ in range(UNKNOWN_CODES):
        assert client.get(f"/verify/{random_text(20)}").status_code == 404
    answer = client.get(f"/verify/{random_text(20)}", headers=ENGLISH)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert "genuine" in page(client, statement.code)
    clock.advance(timedelta(minutes=16))
    assert client.get(f"/verify/{random_text(20)}").status_code == 404


def test_codes_are_long_random_and_in_no_order(statement: Statement) -> None:
    codes = db.session.scalars(sa.select(Statement.code).order_by(Statement.id)).all()
    assert all(len(code) == 20 and set(code) <= set(ALPHABET) for code in codes)


def test_a_revoked_statement_says_so_and_when(statement: Statement, client: FlaskClient) -> None:
    with transaction() as session:
        session.execute(
            sa.update(Statement)
            .where(Statement.id == statement.id)
            .values(
                revoked_at=statement.issued_at + timedelta(days=1), revoked_reason="a wrong name"
            )
        )
    words = page(client, statement.code)
    assert "This statement has been revoked" in words
    assert "2 Apr 2026, 00:00" in words
    assert "is genuine<" not in words
    assert "a wrong name" not in words
    assert downloaded(client, statement)["revoked_at"] == "2026-04-01T16:00:00Z"


def test_a_replaced_statement_says_so_and_does_not_lead_to_the_new_one(
    statement: Statement, client: FlaskClient, clock: SettableClock
) -> None:
    new = statements.reissue(statement.code, "a wrong name", SYSTEM, clock.now())
    words = page(client, statement.code)
    assert "This statement has been replaced" in words
    assert new.code not in words
    assert "This statement is genuine" in page(client, new.code)


def test_a_statement_that_was_tampered_with_is_not_vouched_for(
    statement: Statement, client: FlaskClient
) -> None:
    with transaction() as session:
        session.execute(
            sa.update(Statement)
            .where(Statement.id == statement.id)
            .values(earned=90_000, closing_held=statement.closing_held + 89_600, show_total=True)
        )
    words = page(client, statement.code)
    assert "This statement does not pass" in words
    assert "900" not in words
    assert client.get(f"/verify/{statement.code}/proof").status_code == 409


def test_another_library_verifies_what_is_downloaded(
    statement: Statement, client: FlaskClient
) -> None:
    document = downloaded(client, statement)
    signed = checked(client, document)
    assert signed["code"] == statement.code
    assert "figures" not in signed
    proof.show_total(statement.code, statement.employee_id, shown=True)
    assert checked(client, downloaded(client, statement))["figures"]["earned"] == 400


def test_a_download_that_was_changed_does_not_verify(
    statement: Statement, client: FlaskClient
) -> None:
    proof.show_total(statement.code, statement.employee_id, shown=True)
    document = downloaded(client, statement)
    for was, becomes in (("400", "900"), ("2026-03", "2026-02"), (statement.code, random_text(20))):
        assert was in document["payload"]
        forged = {**document, "payload": document["payload"].replace(was, becomes, 1)}
        with pytest.raises(BadSignatureError):
            checked(client, forged)


def test_keys_are_published_in_three_spellings_of_the_same(app: Flask, client: FlaskClient) -> None:
    answer = client.get("/verify/keys.json")
    assert "public" in answer.headers["Cache-Control"]
    (key,) = answer.get_json()["keys"]
    raw = urlsafe_b64decode(key["x"] + "=")
    assert raw.hex() == key["hex"]
    pem = load_pem_public_key(key["pem"].encode())
    assert pem.public_bytes_raw() == raw  # pyright: ignore
    assert key["kid"] == app.extensions["key_ring"].current_id
    assert not key["retired"]
    assert "5e" * 32 not in answer.get_data(as_text=True)


def test_after_a_change_of_keys_old_statements_verify_by_the_retired_one(
    statement: Statement, app: Flask, client: FlaskClient
) -> None:
    proof.show_total(statement.code, statement.employee_id, shown=True)
    before: KeyRing = app.extensions["key_ring"]
    app.extensions["key_ring"] = KeyRing(bytes(range(32)), [before.published[0].raw])
    keys = client.get("/verify/keys.json").get_json()["keys"]
    assert [key["retired"] for key in keys] == [False, True]
    document = downloaded(client, statement)
    assert document["key_id"] == before.current_id
    assert checked(client, document)["code"] == statement.code
    assert "genuine" in page(client, statement.code)
