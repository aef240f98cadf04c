"""The rules by themselves: what speaks, what stays silent, at the very thresholds."""

from __future__ import annotations

from itertools import permutations
from random import Random

import pytest

from storefront.commissions.fraud_models import Signal
from storefront.fraud.rules import (
    BOUNDS,
    AroundPayday,
    Claims,
    Dealing,
    Discount,
    Fact,
    Guests,
    Match,
    Pile,
    Thresholds,
    faults_of,
    finding,
    rings,
)

T = Thresholds()


@pytest.mark.parametrize(
    ("loud", "silent"),
    [
        (Match(Signal.OWN_DEVICE, 1, 2), Match(Signal.OWN_DEVICE, 9, 3)),
        (Match(Signal.OWN_ADDRESS, 3), Match(Signal.OWN_ADDRESS, 2)),
        (AroundPayday(6, 3, 1_000, 50), AroundPayday(7, 3, 1_000, 50)),
        (AroundPayday(3, 3, 1_000, 50), AroundPayday(2, 2, 1_000, 50)),
        (AroundPayday(4, 4, 1_000, 300), AroundPayday(4, 4, 1_000, 400)),
        (Guests(5, 5, 5, 2, 0), Guests(5, 5, 5, 3, 0)),
        (Guests(12, 12, 0, 0, 0), Guests(11, 11, 0, 0, 0)),
        (Guests(12, 12, 6, 1, 0), Guests(11, 12, 6, 1, 0)),
        (Guests(20, 20, 20, 1, 2), Guests(20, 20, 20, 1, 3)),
        (Discount(10_000, 9_500), Discount(10_000, 9_501)),
        (Claims(14, 10, 1_000, 300), Claims(15, 10, 1_000, 300)),
        (Claims(10, 10, 1_000, 500), Claims(10, 10, 1_000, 600)),
        (Pile(12, 3, 10, 40, 100, 100), Pile(12, 3, 10, 41, 100, 100)),
        (Pile(12, 3, 4, 900, 100, 400), Pile(12, 2, 4, 4, 100, 100)),
        (Pile(12, 3, 0, 0, 0, 0), Pile(11, 3, 0, 0, 0, 0)),
    ],
)
def test_at_the_threshold_a_rule_speaks_and_under_it_not(loud: Fact, silent: Fact) -> None:
    assert finding(loud, T) is not None
    assert finding(silent, T) is None


def test_the_defaults_are_sound_and_each_bound_is_kept() -> None:
    assert faults_of(T) == []
    assert Thresholds.from_document(T.as_document()) == T
    for element, (least, most) in BOUNDS.items():
        for wrong in (least - 1, most + 1):
            changed = Thresholds.from_document({**T.as_document(), element: wrong})
            assert element in {fault.element for fault in faults_of(changed)}
    twice = Thresholds(watched=("own_card", "own_card", "own_goal"))
    assert [fault.element for fault in faults_of(twice)] == ["watched", "watched"]


def in_a_ring(dealings: list[Dealing], longest: int) -> set[tuple[int, int]]:
    """The slow way: every sequence of people, tried."""
    edges = {(each.buyer_id, each.seller_id) for each in dealings if each.orders >= 3}
    people = sorted({person for edge in edges for person in edge})
    found: set[tuple[int, int]] = set()
    for size in range(2, longest + 1):
        for circle in permutations(people, size):
            steps = list(zip(circle, (*circle[1:], circle[0]), strict=True))
            if edges.issuperset(steps):
                found.update(steps)
    return found


def test_rings_are_those_that_trying_every_circle_finds() -> None:
    random = Random(11)
    for _ in range(150):
        dealings = [
            Dealing(buyer, seller, random.randrange(1, 6))
            for buyer, seller in permutations(range(7), 2)
            if random.random() < 0.25
        ]
        for longest in (2, 3, 4):
            found = rings(dealings, Thresholds(ring_longest=longest))
            assert {(edge.buyer_id, edge.seller_id) for edge in found} == in_a_ring(
                dealings, longest
            )
            assert found == rings(reversed(dealings), Thresholds(ring_longest=longest))


def test_a_ring_is_told_by_who_is_in_it() -> None:
    dealings = [Dealing(1, 2, 3), Dealing(2, 3, 3), Dealing(3, 1, 3), Dealing(1, 3, 2)]
    [first, *_] = rings(dealings, T)
    assert first.ring == (2, 3, 1)
    assert rings(dealings, Thresholds(ring_longest=2)) == []
