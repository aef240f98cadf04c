"""The rules against a made-up quarter: no rule falls below its floor, and a seed says the same."""

from __future__ import annotations

import pytest
from flask import Flask

from storefront.cli.fraud.command import evaluated
from storefront.cli.fraud.scoring import Score
from storefront.commissions.fraud_models import Signal

FLOORS = {
    Signal.OWN_PHONE: (0.6, 0.95),
    Signal.OWN_DEVICE: (0.5, 0.9),
    Signal.OWN_OPENID: (0.8, 0.6),
    Signal.OWN_CARD: (0.5, 0.5),
    Signal.OWN_ADDRESS: (0.4, 0.7),
    Signal.COLLEAGUE_RING: (0.7, 0.6),
    Signal.BUY_AND_RETURN: (0.6, 0.7),
    Signal.GUESTS_ON_DEVICE: (0.8, 0.7),
    Signal.STAFF_DISCOUNT: (0.7, 0.6),
    Signal.CLAIM_WITHOUT_MEETING: (0.6, 0.7),
    Signal.BUYING_FOR_STOCK: (0.6, 0.6),
}
"""The least precision and recall of each rule, with room for a small quarter's luck."""


@pytest.mark.sqlite_only
def test_every_rule_finds_what_was_planted_and_little_else(
    app: Flask, subtests: pytest.Subtests
) -> None:
    result = evaluated(seed=7, people=400)
    assert result.lines > 10_000
    for signal, (precision, recall) in FLOORS.items():
        score = result.scores[signal]
        with subtests.test(signal.value):
            assert score.planted >= 2
            assert score.precision is not None
            assert score.precision >= precision
            assert score.recall is not None
            assert score.recall >= recall
    in_all = Score.sum_of(result.scores.values())
    assert (in_all.precision or 0) >= 0.75
    assert (in_all.recall or 0) >= 0.75


@pytest.mark.sqlite_only
def test_the_same_seed_says_the_same_and_the_command_shows_it(app: Flask) -> None:
    first, second = evaluated(seed=3, people=60), evaluated(seed=3, people=60)
    assert first.scores == second.scores
    assert first.lines == second.lines
    shown = app.test_cli_runner().invoke(args=["fraud", "evaluate", "--seed=3", "--people=60"])
    assert shown.exit_code == 0, shown.output
    assert "in all" in shown.output
    assert "precision" in shown.output


def test_a_scan_by_hand_says_what_it_found(app: Flask) -> None:
    shown = app.test_cli_runner().invoke(args=["fraud", "scan", "--all"])
    assert shown.exit_code == 0, shown.output
    assert "0 lines were found that were not known before." in shown.output
