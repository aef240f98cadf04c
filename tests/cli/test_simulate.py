"""`flask simulate`: the answer as a table and as files, on one process and on several."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from storefront.core.clock import SettableClock
from storefront.insights.simulations import processes, words
from storefront.insights.simulations.reading import Span
from storefront.insights.simulations.result import summary
from storefront.insights.simulations.trial import Trial
from tests.insights.simulations import story
from tests.insights.simulations.test_replay import FIRST, replayed
from tests.support import trade


@pytest.fixture
def runner(app: Flask, clock: SettableClock) -> FlaskCliRunner:
    trade.open_for_trade()
    story.tell(3, story.a_chain(), clock, story.sellers())
    return app.test_cli_runner()


def test_a_stored_version_is_simulated_with_a_table_and_files(
    runner: FlaskCliRunner, tmp_path: Path, clock: SettableClock
) -> None:
    version = story.a_draft(FIRST)
    answer, employees = tmp_path / "answer.json", tmp_path / "employees.csv"
    done = runner.invoke(
        args=["simulate", "--policy", str(version), "--json", str(answer), "--csv", str(employees)]
    )
    assert done.exit_code == 0, done.output
    assert words.NOT_MODELLED["en"] in " ".join(done.output.split())
    assert "40 orders" in done.output
    expected = summary(replayed(FIRST, Span(None, clock.now())), "CNY")
    assert json.loads(answer.read_text()) == json.loads(json.dumps(expected))
    lines = employees.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1 + expected["employees"]


def test_a_file_is_simulated_over_a_period(runner: FlaskCliRunner, tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"window_days": 7, "model": "linear"}')
    days = ["--from", "2026-03-02", "--until", "2026-03-09"]
    done = runner.invoke(args=["simulate", "--policy-file", str(file), *days, "--json", "-"])
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert 0 < answer["orders"] < story.ORDERS


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("no json", "is not JSON"),
        ("[]", "A policy is a JSON object"),
        ('{"window_days": "7"}', "window_days: This is a whole number."),
        ('{"window_days": 7, "colour": 1}', "colour: There is no such element."),
        ('{"window_days": 7, "model": "best"}', "model: This is not one of the choices"),
        ('{"window_days": 7, "precedence": "tie"}', "precedence: This is a list."),
        ('{"window_days": 7, "windows": {"link": true}}', "windows: This is an object"),
        ('{"model": "linear"}', "window_days: Say for how many days"),
        ('{"window_days": 7, "precedence": ["tie"]}', "nobody could ever earn"),
    ],
)
def test_a_wrong_file_is_refused_by_element(
    runner: FlaskCliRunner, tmp_path: Path, document: str, complaint: str
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(document)
    done = runner.invoke(args=["simulate", "--policy-file", str(file)])
    assert done.exit_code == 1
    assert complaint in done.output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Give --policy NUMBER"),
        (["--policy", "1", "--policy-file", "/dev/null"], "one of them"),
        (["--plan", "77"], "There is no such version"),
        (["--policy", "77"], "There is no such version"),
        (
            ["--policy", "1", "--from", "2026-03-09", "--until", "2026-03-02"],
            "ends after it begins",
        ),
        (["--policy", "1", "--from", "2031-03-09"], "has not begun"),
    ],
)
def test_what_cannot_be_simulated_is_said(
    runner: FlaskCliRunner, arguments: list[str], complaint: str
) -> None:
    done = runner.invoke(args=["simulate", *arguments])
    assert done.exit_code != 0
    assert complaint in done.output


def test_several_processes_say_what_one_says(runner: FlaskCliRunner, clock: SettableClock) -> None:
    span = Span(None, clock.now())
    told: list[int] = []
    with (
        patch.object(processes, "PART", 7),
        patch.object(processes, "WORTH_IT", 1),
        patch.object(processes.os, "cpu_count", return_value=2),
    ):
        apart = processes.replay(Trial(FIRST), span, told.append)
    assert (len(told), sum(told)) == (6, story.ORDERS)
    assert summary(apart, "CNY") == summary(replayed(FIRST, span), "CNY")
