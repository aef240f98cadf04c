"""`flask statements`: a month on paper, and checked against its signatures."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner
from pypdf import PdfReader

from storefront import sales
from storefront.commissions import statements
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.insights.papers import fonts, printing
from tests.support import cast, trade
from tests.support.statements import APRIL

SELLERS = 5


@pytest.fixture
def runner(app: Flask, clock: SettableClock) -> FlaskCliRunner:
    """March of five sellers, closed; one of the statements was replaced."""
    trade.open_for_trade()
    goods = cast.a_product().variants[0]
    for number in range(SELLERS):
        trade.sell({goods: 1}, through=trade.a_seller(f"E{number}"))
    clock.set(APRIL)
    sales.close_period("2026-03", SYSTEM, clock.now())
    first = db.session.scalars(sa.select(Statement.code).order_by(Statement.id)).first()
    assert first is not None
    statements.reissue(first, "a wrong name", SYSTEM, clock.now())
    return app.test_cli_runner()


def test_every_standing_statement_becomes_a_file(runner: FlaskCliRunner, tmp_path: Path) -> None:
    done = runner.invoke(
        args=["statements", "pdf", "2026-03", str(tmp_path / "out"), "--language", "en"]
    )
    assert done.exit_code == 0, done.output
    assert f"{SELLERS} written" in done.output
    files = sorted((tmp_path / "out").iterdir())
    assert [file.name[:10] for file in files] == [f"2026-03-E{number}" for number in range(SELLERS)]
    words = PdfReader(files[0]).pages[0].extract_text()
    assert "Commission statement 2026-03" in words


def test_what_is_there_is_left_alone_and_half_a_file_is_none(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    runner.invoke(args=["statements", "pdf", "2026-03", str(tmp_path)])
    kept, lost = sorted(tmp_path.iterdir())[:2]
    whole = lost.read_bytes()
    lost.with_suffix(".part").write_bytes(whole[:100])
    lost.unlink()
    before = kept.stat().st_mtime_ns
    done = runner.invoke(args=["statements", "pdf", "2026-03", str(tmp_path)])
    assert "1 written" in done.output
    assert kept.stat().st_mtime_ns == before
    assert lost.read_bytes() == whole
    assert len(list(tmp_path.iterdir())) == SELLERS


def test_several_processes_write_the_same(runner: FlaskCliRunner, tmp_path: Path) -> None:
    one, many = tmp_path / "one", tmp_path / "many"
    assert runner.invoke(args=["statements", "pdf", "2026-03", str(one)]).exit_code == 0
    with (
        patch.object(printing, "WORTH_IT", 0),
        patch.object(printing, "AT_ONCE", 2),
        patch.object(printing.os, "cpu_count", return_value=2),
    ):
        done = runner.invoke(args=["statements", "pdf", "2026-03", str(many)])
    assert done.exit_code == 0, done.output
    assert {file.name: file.read_bytes() for file in one.iterdir()} == {
        file.name: file.read_bytes() for file in many.iterdir()
    }


def test_an_unknown_month_and_a_missing_font_end_with_a_sentence(
    runner: FlaskCliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = runner.invoke(args=["statements", "pdf", "2031-01", str(tmp_path / "x")])
    assert (done.exit_code, "Traceback" in done.output) == (1, False)
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_font_package")
    fonts.font_file.cache_clear()
    try:
        done = runner.invoke(args=["statements", "pdf", "2026-03", str(tmp_path / "x")])
    finally:
        fonts.font_file.cache_clear()
    assert done.exit_code == 1
    assert "requirements-fonts.txt" in done.output
    assert not (tmp_path / "x").exists()


def test_all_are_genuine_until_one_is_changed(runner: FlaskCliRunner) -> None:
    done = runner.invoke(args=["statements", "verify"])
    assert done.exit_code == 0, done.output
    assert f"{SELLERS + 1} checked, 0 not genuine" in done.output
    with transaction() as session:
        session.execute(
            sa.update(Statement).where(Statement.employee_number == "E3").values(company="another")
        )
    done = runner.invoke(args=["statements", "verify", "2026-03"])
    assert done.exit_code == 1
    assert "1 not genuine" in done.output
    changed = db.session.scalars(
        sa.select(Statement.code).where(Statement.employee_number == "E3")
    ).one()
    assert f"2026-03 {changed}: not what was signed" in done.output
