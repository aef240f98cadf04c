"""Statements are signed: what was changed afterwards does not pass, and anybody can check."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import sqlalchemy as sa
from flask import Flask
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from storefront import sales
from storefront.commissions import periods, proof, statements
from storefront.commissions.models import LedgerEntry
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.integrations.signing import KeyRing
from tests.support import cast as people
from tests.support import trade

APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
OTHER_SECRET = bytes(range(32))


@pytest.fixture
def statement(app: Flask, clock: SettableClock) -> Statement:
    """March of somebody who sold and had a piece come back."""
    trade.open_for_trade()
    seller = trade.a_seller("E1")
    order = trade.sell({people.a_product(price=1_000).variants[0]: 4}, through=seller)
    trade.sell({people.a_product().variants[0]: 1}, through=trade.a_seller("E2"))
    clock.advance(timedelta(days=2, microseconds=123))
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(APRIL)
    sales.close_period("2026-03", SYSTEM, clock.now())
    return of(seller.employee_id)


def of(employee_id: int) -> Statement:
    found = statements.of_employee(employee_id, None, 1)
    return found[0]


def again(statement: Statement) -> Statement:
    """As it stands in the table now."""
    return statements.find(statement.code)


def change(statement: Statement, **columns: Any) -> Statement:
    """Somebody writes into the table."""
    with transaction() as session:
        session.execute(sa.update(Statement).where(Statement.id == statement.id).values(**columns))
    return again(statement)


def verified(given: proof.Proof, app: Flask) -> dict[str, Any]:
    """The payload, if another library finds it signed by a published key. BadSignatureError."""
    ring: KeyRing = app.extensions["key_ring"]
    (key,) = [each.raw for each in ring.published if each.id == given.key_id]
    VerifyKey(key).verify(given.payload.encode(), b64decode(given.signature))
    return json.loads(given.payload)


def test_what_a_close_issues_is_signed_by_the_current_key(statement: Statement, app: Flask) -> None:
    assert statement.signing_key_id == app.extensions["key_ring"].current_id
    assert proof.is_genuine(statement)
    period = periods.find("2026-03")
    assert proof.false_ones(statements.of_period(period, None, 10), period) == []


def test_another_library_finds_the_figures_signed(statement: Statement, app: Flask) -> None:
    proof.show_total(statement.code, statement.employee_id, shown=True)
    signed = verified(proof.proof_of(again(statement)), app)
    assert signed["type"] == "commission statement"
    assert signed["code"] == statement.code
    assert signed["period"] == "2026-03"
    assert (signed["starts_at"], signed["ends_at"]) == (
        "2026-02-28T16:00:00Z",
        "2026-03-31T16:00:00Z",
    )
    assert signed["currency"] == "CNY"
    assert signed["initials"] == "林＊＊"
    figures = signed["figures"]
    assert (figures["earned"], figures["reversed"], figures["paid"]) == (400, 100, 0)
    assert figures["closing_held"] + figures["closing_payable"] == 300


def test_whoever_has_the_paper_can_check_whose_it_is(statement: Statement, app: Flask) -> None:
    signed = verified(proof.proof_of(statement), app)
    holder = f"{statement.code}\n{statement.employee_number}\n{statement.employee_name}\n"
    assert signed["holder"] == hashlib.sha256(holder.encode()).hexdigest()
    assert statement.employee_name not in json.dumps(signed, ensure_ascii=False)


def test_whoever_has_the_entries_can_check_that_they_are_the_ones(
    statement: Statement, app: Flask
) -> None:
    signed = verified(proof.proof_of(statement), app)
    lines = "".join(
        f"{at.isoformat().replace('+00:00', 'Z')} {account.value} {amount}\n"
        for at, account, amount in proof.entries_of(statement)
    )
    assert lines.count("\n") == 2
    assert signed["entries"] == hashlib.sha256(lines.encode()).hexdigest()


def test_a_stranger_gets_no_figure_unless_the_employee_shows_it(
    statement: Statement, app: Flask
) -> None:
    withheld = verified(proof.proof_of(statement), app)
    assert withheld["type"] == "commission statement, figures withheld"
    assert "figures" not in withheld
    proof.show_total(statement.code, statement.employee_id, shown=True)
    assert "figures" in verified(proof.proof_of(again(statement)), app)
    proof.show_total(statement.code, statement.employee_id, shown=False)
    assert "figures" not in verified(proof.proof_of(again(statement)), app)


def test_nobody_shows_another_ones_total(statement: Statement) -> None:
    with pytest.raises(NotFound):
        proof.show_total(statement.code, statement.employee_id + 1, shown=True)
    assert not again(statement).show_total


@pytest.mark.parametrize(
    "columns",
    [
        {"earned": 500, "closing_held": 400},
        {"released": 1},
        {"employee_name": "林大雨"},
        {"employee_number": "E9"},
        {"company": "another"},
        {"issued_at": APRIL + timedelta(microseconds=1)},
        {"plan_versions": [9]},
        {"signature": None},
        {"signature": "no base64!"},
        {"signature": b64encode(b"short").decode()},
        {"signing_key_id": "0" * 16},
        {"code": "7kq3mnpqrstvwxyz2345"},
    ],
)
def test_a_statement_that_was_changed_is_not_genuine(
    statement: Statement, columns: dict[str, Any]
) -> None:
    row = statement.id
    with transaction() as session:
        session.execute(sa.update(Statement).where(Statement.id == row).values(**columns))
    changed = again(statement) if "code" not in columns else statements.find(columns["code"])
    assert not proof.is_genuine(changed)
    with pytest.raises(Conflict) as caught:
        proof.proof_of(changed)
    assert caught.value.code == "statement_not_genuine"
    period = periods.find("2026-03")
    of_all = statements.of_period(period, None, 10)
    assert [each.id for each in proof.false_ones(of_all, period)] == [row]


def test_an_entry_that_was_changed_or_slipped_in_makes_it_false(statement: Statement) -> None:
    entries = cast(sa.Table, LedgerEntry.__table__)
    newest = sa.select(sa.func.max(entries.c.id)).where(
        entries.c.employee_id == statement.employee_id,
        entries.c.account.in_(proof.OWN_ACCOUNTS),
    )
    with transaction() as session:
        number = session.scalar(newest)
        session.execute(
            sa.update(entries).where(entries.c.id == number).values(amount=entries.c.amount + 1)
        )
    assert not proof.is_genuine(again(statement))
    with transaction() as session:
        session.execute(
            sa.update(entries).where(entries.c.id == number).values(amount=entries.c.amount - 1)
        )
    assert proof.is_genuine(again(statement))


def test_a_signature_of_another_statement_does_not_fit(statement: Statement) -> None:
    other = db.session.scalars(sa.select(Statement).where(Statement.id != statement.id)).first()
    assert other is not None
    assert not proof.is_genuine(change(statement, signature=other.signature))


def test_a_signature_by_a_key_of_somebody_else_does_not_fit(
    statement: Statement, app: Flask
) -> None:
    proof.show_total(statement.code, statement.employee_id, shown=True)
    given = proof.proof_of(again(statement))
    stranger = KeyRing(OTHER_SECRET)
    forged = b64encode(stranger.sign(given.payload.encode())).decode()
    assert not proof.is_genuine(change(statement, signature=forged))
    assert not proof.is_genuine(change(statement, signing_key_id=stranger.current_id))
    with pytest.raises(BadSignatureError):
        verified(proof.Proof(given.payload, forged, given.key_id), app)


def test_a_tampered_payload_does_not_pass(statement: Statement, app: Flask) -> None:
    given = proof.proof_of(statement)
    tampered = given.payload.replace("2026-03", "2026-04")
    with pytest.raises(BadSignatureError):
        verified(proof.Proof(tampered, given.signature, given.key_id), app)


def test_what_a_retired_key_signed_stays_genuine(statement: Statement, app: Flask) -> None:
    before: KeyRing = app.extensions["key_ring"]
    app.extensions["key_ring"] = KeyRing(OTHER_SECRET, [before.published[0].raw])
    assert proof.is_genuine(statement)
    assert verified(proof.proof_of(statement), app)["code"] == statement.code
    app.extensions["key_ring"] = KeyRing(OTHER_SECRET)
    assert not proof.is_genuine(statement)


def test_a_revoked_one_was_genuine_and_its_replacement_is_signed_anew(
    statement: Statement, clock: SettableClock
) -> None:
    new = statements.reissue(statement.code, "a wrong name", SYSTEM, clock.now())
    old = again(statement)
    assert old.revoked_at is not None
    assert proof.is_genuine(old)
    assert proof.is_genuine(new)
    assert old.signature != new.signature


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("林小雨", "林＊＊"),
        ("欧阳娜娜", "欧＊＊＊"),
        ("王", "王"),
        ("Anna Maria Smith", "A. M. S."),
        ("Cher", "C."),
        ("Zoë Öztürk", "Z. Ö."),
        ("", ""),
    ],
)
def test_initials_say_who_without_saying_the_name(name: str, short: str) -> None:
    assert proof.initials(name) == short
