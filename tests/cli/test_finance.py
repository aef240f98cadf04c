"""`flask periods`, `flask payouts` and `flask statements export`: a month on the command line."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner

from storefront.commissions.models import PayoutBatch
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken


@pytest.fixture
def runner(app: Flask, clock: SettableClock) -> FlaskCliRunner:
    """E1 has 1.00 to come and E2 2.00; F1 and F2 are finance; it is the second of April."""
    trade.open_for_trade()
    for rank in (1, 2):
        trade.sell(cast.a_product(price=1_000 * rank), through=trade.a_seller(f"E{rank}"))
    for number in ("F1", "F2"):
        cast.an_employee(number, role=Role.HQ_FINANCE, store="HQ")
    clock.advance(timedelta(days=31))
    return app.test_cli_runner()


def run(runner: FlaskCliRunner, *args: str) -> Result:
    done = runner.invoke(args=list(args))
    assert done.exit_code == 0, done.output
    return done


def refused(runner: FlaskCliRunner, *args: str) -> str:
    done = runner.invoke(args=list(args))
    assert done.exit_code != 0, done.output
    return done.output


def batch() -> str:
    return (
        db.session.scalars(sa.select(PayoutBatch.public_id).order_by(PayoutBatch.id.desc())).first()
        or ""
    )


def test_a_month_is_closed_paid_and_exported(
    runner: FlaskCliRunner, clock: SettableClock, tmp_path: Path
) -> None:
    assert "2026-03" in run(runner, "periods", "list").output
    closed = run(runner, "periods", "close", "2026-03", "--as", "F1")
    assert "2 statements" in closed.output
    assert "difference: 0.00" in closed.output
    assert "closed" in refused(runner, "periods", "close", "2026-03", "--as", "F1")
    run(runner, "payouts", "draft", "--cutoff", "2026-04-02", "--as", "F1")
    own = refused(runner, "payouts", "approve", batch(), "--as", "F1")
    assert "Somebody else" in own
    assert "1 of 1" in run(runner, "payouts", "approve", batch(), "--as", "F2").output
    sent = run(runner, "payouts", "submit", batch(), "--as", "F1")
    assert "paid, 3.00 CNY to 2 people: 2 paid" in sent.output
    assert "2 paid" in run(runner, "payouts", "query", batch()).output
    assert batch() in run(runner, "payouts", "list").output
    clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    run(runner, "periods", "close", "2026-04", "--as", "F1")
    assert (
        "3.00 CNY paid; difference: 0.00" in run(runner, "periods", "reconcile", "2026-04").output
    )
    book, sheet = tmp_path / "payroll.xlsx", tmp_path / "payroll.csv"
    run(runner, "periods", "payroll", "2026-04", str(book), "--as", "F1")
    run(runner, "periods", "payroll", "2026-04", str(sheet), "--store", "S1", "--as", "F1")
    assert zipfile.is_zipfile(book)
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    assert [row["本期收入"] for row in rows] == ["1.00", "2.00"]
    assert broken() == set()


def test_statements_are_exported_with_and_without_their_lines(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    run(runner, "periods", "close", "2026-03", "--as", "F1")
    table, documents = tmp_path / "march.csv", tmp_path / "march.json"
    run(runner, "statements", "export", "2026-03", str(table))
    run(runner, "statements", "export", "2026-03", str(documents))
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"))))
    assert [(row["employee_number"], row["earned"]) for row in rows] == [
        ("E1", "1.00"),
        ("E2", "2.00"),
    ]
    told = json.loads(documents.read_text())
    assert [each["figures"]["earned"] for each in told] == [100, 200]
    for each in told:
        assert sum(line["amount"] for line in each["lines"]) == each["figures"]["closing_held"]
        assert each["lines"][0]["rule"] == {"version": 1, "position": 1}
    assert "no such period" in refused(runner, "statements", "export", "2020-01", str(table))


def test_answers_come_by_file_and_a_wrong_one_is_refused(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    from storefront.commissions import payouts, payroll

    run(runner, "payouts", "draft", "--cutoff", "2026-04-02", "--as", "F1")
    run(runner, "payouts", "approve", batch(), "--as", "F2")
    file = tmp_path / "back.csv"
    header, *lines = payroll.payroll_csv(payouts.look_up(batch())).decode("utf-8-sig").splitlines()
    told = [f"{header},status", f"{lines[0]},paid", f"{lines[1]},failed", ""]
    file.write_text("\n".join(told).replace("bat_", "bat_x"))
    assert "other_batch" in refused(runner, "payouts", "answer", batch(), str(file), "--as", "F1")
    file.write_text("\n".join(told))
    done = run(runner, "payouts", "answer", batch(), str(file), "--as", "F1")
    assert "2 answers." in done.output
    assert "1 paid, 1 failed" in done.output
    assert broken() == set()


def test_only_finance_gives_these_commands(runner: FlaskCliRunner) -> None:
    assert "neither" in refused(runner, "periods", "close", "2026-03", "--as", "E1")
    assert "Nobody" in refused(runner, "periods", "close", "2026-03", "--as", "X9")
