"""Who earns: cases one can follow by hand, laws that hold for all, and a second opinion."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.attribution.rules import (
    Evidence,
    Policy,
    Reason,
    TouchEvidence,
    Treatment,
    Verdict,
    decide,
)
from tests.attribution.opinion import slow_opinion

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
THIRTY_DAYS = Policy(window_days=30)


def touch(
    employee: int, days_ago: float, *, counts: bool = True, left: bool = False, number: int = 0
) -> TouchEvidence:
    return TouchEvidence(
        touch_id=number or int(1_000_000 - days_ago * 1_000),
        employee_id=employee,
        number=f"E{employee}",
        store_id=employee % 3,
        left=left,
        at=NOON - timedelta(days=days_ago),
        kind="link",
        channel="wechat",
        counts=counts,
    )


def judged(
    *touches: TouchEvidence, policy: Policy = THIRTY_DAYS, buyers: Collection[int] = ()
) -> Verdict:
    return decide(policy, Evidence(NOON, touches, frozenset(buyers)))


def in_short(verdict: Verdict) -> tuple[str, list[int], list[tuple[int, str]]]:
    return (
        verdict.reason.value,
        [claim.employee_id for claim in verdict.winners],
        [(claim.employee_id, claim.reason.value) for claim in verdict.losers],
    )


NOBODY = Policy(window_days=30, own_purchase=Treatment.NOBODY, leavers=Treatment.NOBODY)
ANYBODY = Policy(window_days=30, own_purchase=Treatment.ALLOW, leavers=Treatment.ALLOW)


@pytest.mark.parametrize(
    ("policy", "touches", "buyers", "expected"),
    [
        pytest.param(THIRTY_DAYS, [], set(), ("no_touch", [], []), id="nobody was met"),
        pytest.param(THIRTY_DAYS, [touch(1, 3)], set(), ("last_touch", [1], []), id="one employee"),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, 3), touch(2, 1)],
            set(),
            ("last_touch", [2], [(1, "earlier_touch")]),
            id="the last of two",
        ),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, 3), touch(2, 2), touch(1, 1)],
            set(),
            ("last_touch", [1], [(2, "earlier_touch")]),
            id="one who comes back",
        ),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, 30)],
            set(),
            ("last_touch", [1], []),
            id="the window's last moment",
        ),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, 30.001)],
            set(),
            ("no_valid_claim", [], [(1, "outside_window")]),
            id="just outside the window",
        ),
        pytest.param(
            THIRTY_DAYS, [touch(1, 0)], set(), ("last_touch", [1], []), id="at the same moment"
        ),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, -0.001)],
            set(),
            ("no_valid_claim", [], [(1, "after_order")]),
            id="after the order",
        ),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, 2), touch(2, 1, counts=False)],
            set(),
            ("last_touch", [1], [(2, "not_counted")]),
            id="a preview counts for nobody",
        ),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, 2), touch(1, 1, counts=False), touch(2, 3)],
            set(),
            ("last_touch", [1], [(2, "earlier_touch")]),
            id="a preview takes nothing from a real visit before it",
        ),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, 1), touch(2, 2)],
            {1},
            ("last_touch", [2], [(1, "own_purchase")]),
            id="an own purchase is passed over",
        ),
        pytest.param(
            NOBODY,
            [touch(1, 1), touch(2, 2)],
            {1},
            ("own_purchase", [], [(1, "own_purchase"), (2, "earlier_touch")]),
            id="an own purchase keeps all others out",
        ),
        pytest.param(
            NOBODY,
            [touch(1, 2), touch(2, 1)],
            {1},
            ("last_touch", [2], [(1, "own_purchase")]),
            id="an own purchase that was not the last keeps nobody out",
        ),
        pytest.param(
            ANYBODY,
            [touch(1, 1)],
            {1},
            ("last_touch", [1], []),
            id="an own purchase may be allowed",
        ),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, 1, left=True), touch(2, 2)],
            set(),
            ("last_touch", [2], [(1, "left_the_chain")]),
            id="somebody who left is passed over",
        ),
        pytest.param(
            NOBODY,
            [touch(1, 1, left=True), touch(2, 2)],
            set(),
            ("left_the_chain", [], [(1, "left_the_chain"), (2, "earlier_touch")]),
            id="somebody who left keeps all others out",
        ),
        pytest.param(
            ANYBODY,
            [touch(1, 1, left=True)],
            set(),
            ("last_touch", [1], []),
            id="somebody who left may earn",
        ),
        pytest.param(
            NOBODY,
            [touch(1, 31, left=True), touch(1, 1, left=True, counts=False), touch(2, 2)],
            set(),
            ("last_touch", [2], [(1, "not_counted")]),
            id="who has no valid visit keeps nobody out",
        ),
        pytest.param(
            THIRTY_DAYS,
            [touch(1, 1, number=8), touch(2, 1, number=9)],
            set(),
            ("last_touch", [2], [(1, "earlier_touch")]),
            id="at the same time the one stored later",
        ),
    ],
)
def test_who_earns(
    policy: Policy,
    touches: list[TouchEvidence],
    buyers: set[int],
    expected: tuple[str, list[int], list[tuple[int, str]]],
) -> None:
    assert in_short(judged(*touches, policy=policy, buyers=buyers)) == expected


def test_a_winner_has_all_of_it_and_says_which_touch_won() -> None:
    verdict = judged(touch(1, 3, number=7), touch(1, 2, number=8))
    (winner,) = verdict.winners
    assert (winner.share, winner.touch_id, winner.number) == (10_000, 8, "E1")
    assert winner.at == NOON - timedelta(days=2)


# --- laws -------------------------------------------------------------------------------------

policies = st.builds(
    Policy,
    window_days=st.integers(1, 60),
    own_purchase=st.sampled_from(Treatment),
    leavers=st.sampled_from(Treatment),
)


@st.composite
def histories(draw: st.DrawFn) -> Evidence:
    """Up to a dozen touches of up to four employees, some at the same moment."""
    left = draw(st.frozensets(st.integers(1, 4)))
    count = draw(st.integers(0, 12))
    touches = tuple(
        TouchEvidence(
            touch_id=index,
            employee_id=(employee := draw(st.integers(1, 4))),
            number=f"E{employee}",
            store_id=1,
            left=employee in left,
            at=NOON - timedelta(hours=draw(st.integers(-5, 24 * 70))),
            kind="link",
            channel="wechat",
            counts=draw(st.booleans()),
        )
        for index in range(1, count + 1)
    )
    return Evidence(NOON, touches, draw(st.frozensets(st.integers(1, 4), max_size=2)))


@given(policies, histories())
def test_shares_sum_to_the_whole_or_nobody_earns_and_a_reason_says_why(
    policy: Policy, evidence: Evidence
) -> None:
    verdict = decide(policy, evidence)
    shares = [claim.share for claim in verdict.winners]
    assert sum(shares) == (10_000 if shares else 0)
    assert all(claim.share == 0 for claim in verdict.losers)
    assert (verdict.reason is Reason.LAST_TOUCH) == bool(shares)
    named = [claim.employee_id for claim in (*verdict.winners, *verdict.losers)]
    assert sorted(named) == sorted({each.employee_id for each in evidence.touches})


@given(policies, histories())
def test_what_is_stored_gives_the_same_verdict_for_ever(policy: Policy, evidence: Evidence) -> None:
    verdict = decide(policy, evidence)
    again = decide(
        Policy.from_document(policy.as_document()),
        Evidence.from_document(evidence.as_document()),
    )
    assert again == verdict
    assert Verdict.from_document(verdict.as_document()) == verdict


@given(policies, histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_touches_are_told_changes_nothing(
    policy: Policy, evidence: Evidence, chance: random.Random
) -> None:
    shuffled = list(evidence.touches)
    chance.shuffle(shuffled)
    assert decide(policy, replace(evidence, touches=tuple(shuffled))) == decide(policy, evidence)


@given(policies, histories(), histories())
def test_what_does_not_count_never_changes_who_earns(
    policy: Policy, evidence: Evidence, noise: Evidence
) -> None:
    bots = tuple(
        replace(each, counts=False, touch_id=each.touch_id + 100) for each in noise.touches
    )
    noisy = decide(policy, replace(evidence, touches=evidence.touches + bots))
    assert noisy.winners == decide(policy, evidence).winners


@given(policies, histories())
def test_a_longer_window_takes_nothing_from_who_earns_already(
    policy: Policy, evidence: Evidence
) -> None:
    longer = replace(policy, window_days=policy.window_days + 30)
    sound = {claim.employee_id for claim in decide(policy, evidence).winners}
    if sound:
        assert {claim.employee_id for claim in decide(longer, evidence).winners} == sound


# --- a second opinion -------------------------------------------------------------------------


@given(policies, histories())
def test_a_slow_second_opinion_agrees(policy: Policy, evidence: Evidence) -> None:
    reason, winners, losers = in_short(decide(policy, evidence))
    assert (reason, winners, dict(losers)) == slow_opinion(policy, evidence)


def test_a_slow_second_opinion_agrees_on_ten_thousand_random_histories() -> None:
    chance = random.Random(7)
    for _ in range(10_000):
        policy = Policy(
            chance.randint(1, 40), chance.choice(list(Treatment)), chance.choice(list(Treatment))
        )
        left = {employee for employee in range(1, 6) if chance.random() < 0.2}
        touches = tuple(
            touch(
                employee := chance.randint(1, 5),
                chance.choice([chance.uniform(-1, 45), float(chance.randint(0, 45))]),
                counts=chance.random() < 0.7,
                left=employee in left,
                number=index + 1,
            )
            for index in range(chance.randint(0, 9))
        )
        buyers = frozenset(chance.sample(range(1, 6), chance.randint(0, 2)))
        evidence = Evidence(NOON, touches, buyers)
        reason, winners, losers = in_short(decide(policy, evidence))
        assert (reason, winners, dict(losers)) == slow_opinion(policy, evidence)
