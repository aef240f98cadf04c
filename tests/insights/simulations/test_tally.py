"""Sums of a replay: written down and read back, added up, bounded, and drawn as bars."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from storefront.insights.simulations import tally as tallies
from storefront.insights.simulations.result import cost_ratio, histogram
from storefront.insights.simulations.tally import LeftOut, Side, Sides, Tally


def filled(chance: random.Random, orders: int = 200) -> Tally:
    tally = Tally()
    for order_id in range(1, orders + 1):
        before = {chance.randrange(9): Side(1, 500, chance.randrange(90))}
        after = {chance.randrange(9): Side(1, 500, chance.randrange(90))}
        sides = Sides(500, before, after)
        if chance.random() < 0.2:
            tally.leave_out(chance.choice(list(LeftOut)), 1, sides)
            continue
        tally.judge(2, sides)
        moved = tally.change(chance.choice("ab"), chance.choice("ab"), sides)
        if tally.would_show(moved, order_id):
            tally.show(moved, order_id, {"order": order_id})
    return tally


def test_what_is_written_down_is_read_back() -> None:
    tally = filled(random.Random(3))
    again = Tally.from_bytes(tally.as_bytes())
    assert again == tally
    assert Tally.from_bytes(Tally().as_bytes()) == Tally()


def test_parts_add_up_to_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, chance = Tally(), random.Random(4)
    parts = [filled(chance, 60) for _ in range(3)]
    for part in parts:
        whole.add(part)
    for name in ("orders", "judged", "changed", "lines", "net"):
        assert getattr(whole, name) == sum(getattr(part, name) for part in parts)
    for side in (0, 1):
        assert sum(both[side].cost for both in whole.employees.values()) == sum(
            both[side].cost for part in parts for both in part.employees.values()
        )
    assert sum(sums[0] for sums in whole.reasons.values()) == whole.changed
    assert sum(sums[0] for sums in whole.left_out.values()) == whole.orders - whole.judged
    shown = sorted((each.moved for each in whole.examples), reverse=True)
    every = sorted((each.moved for part in parts for each in part.examples), reverse=True)
    assert shown == every[: tallies.MOST_EXAMPLES]


def test_only_the_weightiest_orders_are_kept_and_of_equals_the_first() -> None:
    tally = Tally()
    for order_id in range(1, 1_000):
        moved = order_id % 100
        if tally.would_show(moved, order_id):
            tally.show(moved, order_id, {})
    assert len(tally.examples) == tallies.MOST_EXAMPLES
    expected = sorted(((n % 100, -n) for n in range(1, 1_000)), reverse=True)
    assert sorted((each[:2] for each in tally.examples), reverse=True) == expected[:50]


def test_bars_hold_everybody_and_zero_is_a_bar_of_its_own() -> None:
    differences = [-25_000, -100, -99, -1, 0, 0, 1, 99, 100, 199, 200, 499, 500, 12_345]
    bars = histogram(differences, "CNY")
    assert sum(bar["employees"] for bar in bars) == len(differences)
    for bar in bars:
        within = [each for each in differences if bar["low"] <= each < bar["high"]]
        assert len(within) == bar["employees"]
    assert {"low": 0, "high": 1, "employees": 2} in bars
    assert {"low": 1, "high": 100, "employees": 2} in bars
    assert {"low": 100, "high": 200, "employees": 2} in bars
    assert {"low": 200, "high": 500, "employees": 2} in bars
    assert {"low": -99, "high": 0, "employees": 2} in bars
    assert {"low": -199, "high": -99, "employees": 1} in bars
    assert all(one["high"] == other["low"] for one, other in pairwise(bars))
    assert histogram([], "CNY") == []
    assert histogram([0], "JPY") == [{"low": 0, "high": 1, "employees": 1}]


@pytest.mark.parametrize(
    ("cost", "sales", "ratio"),
    [(5, 100, 500), (1, 3, 3_333), (0, 10, 0), (5, 0, None), (0, -1, None)],
)
def test_a_ratio_needs_sales(cost: int, sales: int, ratio: int | None) -> None:
    assert cost_ratio(cost, sales) == ratio
