"""How times, shares and phone numbers are said to people."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from storefront.core.languages import say_moment, say_share
from storefront.core.phones import masked

EVENING = datetime(2026, 3, 4, 16, 5, tzinfo=UTC)


def test_a_moment_is_said_by_the_chains_clocks() -> None:
    assert say_moment(EVENING, "Asia/Shanghai", "zh") == "2026年3月5日 00:05"
    assert say_moment(EVENING, "Asia/Shanghai", "en") == "5 Mar 2026, 00:05"
    assert say_moment(EVENING, "Europe/London", "en") == "4 Mar 2026, 16:05"


@pytest.mark.parametrize(
    ("basis_points", "said"),
    [(0, "0%"), (1, "0.01%"), (500, "5%"), (1_250, "12.5%"), (3_333, "33.33%"), (10_000, "100%")],
)
def test_a_share_is_said_in_percent(basis_points: int, said: str) -> None:
    assert say_share(basis_points) == said


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+8613800138000", "138****8000"),
        ("+442079460958", "+44****0958"),
        ("+85261234567", "+852****4567"),
        ("+12025550123", "+1****0123"),
    ],
)
def test_a_masked_number_is_known_again_only_by_its_owner(number: str, shown: str) -> None:
    assert masked(number) == shown
