"""What becomes of a customer's tie, as the rules see it: cases one can follow by hand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.attribution.rules import (
    Evidence,
    Kind,
    Person,
    Policy,
    Renewal,
    TieEvidence,
    TieMode,
    TouchEvidence,
)
from storefront.attribution.rules.tying import TieChange, by_order, by_touch

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def day(number: float) -> datetime:
    """Noon so many days before the order (below zero) or after it."""
    return NOON + timedelta(days=number)


def policy(
    mode: TieMode = TieMode.FIRST_TOUCH,
    *,
    days: int = 30,
    renewed_by: Collection[Renewal] = (),
    windows: dict[Kind, int] | None = None,
) -> Policy:
    return Policy(
        window_days=30,
        tie_mode=mode,
        protection_days=days,
        renewed_by=tuple(renewed_by),
        windows=windows or {},
    )


def touch(who: int, when: float, *, uncounted: str = "no", kind: str = "link") -> TouchEvidence:
    number = int(1_000_000 + when * 1_000)
    return TouchEvidence(number, who, day(when), kind, "wechat", uncounted=uncounted)


def found(
    *touches: TouchEvidence,
    tie: TieEvidence | None = None,
    buyers: Collection[int] = (),
    left: Collection[int] = (),
) -> Evidence:
    people = {
        who: Person(f"E{who}", 1, left_at=day(-1) if who in left else None) for who in range(1, 6)
    }
    return Evidence(NOON, people, touches, frozenset(buyers), tie)


def tie(who: int, since: float = -60, until: float | None = None) -> TieEvidence:
    return TieEvidence(who, day(since), "first_touch", None if until is None else day(until))


TAKES = 30
"""The protection of a new tie, in days from the order on."""


@pytest.mark.parametrize(
    ("touches", "expected"),
    [
        pytest.param([], None, id="nobody was met"),
        pytest.param([touch(1, -3), touch(2, -1)], 1, id="the first of two"),
        pytest.param([touch(2, -1), touch(1, -3)], 1, id="in whatever order they are told"),
        pytest.param([touch(1, -3, uncounted="crawler"), touch(2, -1)], 2, id="a bot's is none"),
        pytest.param([touch(1, -31), touch(2, -1)], 2, id="too old to count"),
        pytest.param([touch(1, 1)], None, id="after the order"),
        pytest.param([touch(3, -3), touch(2, -1)], 2, id="nobody is their own customer"),
        pytest.param([touch(4, -3), touch(2, -1)], 2, id="nor that of somebody who left"),
    ],
)
def test_the_first_touch_that_counts_brings_a_tie_about(
    touches: list[TouchEvidence], expected: int | None
) -> None:
    change = by_touch(policy(), found(*touches, buyers={3}, left={4}))
    assert change == (TieChange(expected, day(TAKES)) if expected else None)


def test_a_kind_that_never_counts_ties_nobody() -> None:
    seen = found(touch(1, -3, kind="qr"), touch(2, -1))
    assert by_touch(policy(windows={Kind.QR: 0}), seen) == TieChange(2, day(TAKES))


def test_protection_may_be_for_good() -> None:
    assert by_touch(policy(days=0), found(touch(1, -3))) == TieChange(1, None)
    assert by_touch(policy(days=0), found(touch(2, -3), tie=tie(1))) is None


@pytest.mark.parametrize("mode", [TieMode.NONE, TieMode.FIRST_ORDER, TieMode.EXPLICIT])
def test_by_other_modes_a_touch_ties_nobody(mode: TieMode) -> None:
    assert by_touch(policy(mode), found(touch(1, -3))) is None
    assert by_touch(policy(mode), found(touch(2, -3), tie=tie(1, until=-10))) is None


@pytest.mark.parametrize(
    ("touches", "until", "renewed_by", "expected"),
    [
        pytest.param([touch(2, -3)], 1, (), None, id="protected"),
        pytest.param([touch(2, -12)], -10, (), None, id="met while it was protected"),
        pytest.param([touch(2, -10)], -10, (), (2, TAKES), id="met at the moment it ran out"),
        pytest.param([touch(2, -3), touch(5, -2)], -10, (), (2, TAKES), id="the first one after"),
        pytest.param([touch(1, -5), touch(2, -3)], -10, (), (2, TAKES), id="touch renews nothing"),
        pytest.param(
            [touch(1, -5), touch(2, -3)],
            -10,
            (Renewal.TOUCH,),
            (1, 25),
            id="renewed before somebody else came",
        ),
        pytest.param(
            [touch(2, -5), touch(1, -3)],
            -10,
            (Renewal.TOUCH,),
            (2, TAKES),
            id="renewed too late",
        ),
        pytest.param(
            [touch(1, -40), touch(2, -15)],
            -30,
            (Renewal.TOUCH,),
            (1, -10),
            id="a renewal counts though it is older than the window",
        ),
        pytest.param([touch(1, -61)], 5, (Renewal.TOUCH,), None, id="from before the tie"),
        pytest.param([touch(3, -3)], -10, (), None, id="nobody takes themselves"),
    ],
)
def test_a_tie_is_renewed_and_taken_in_the_order_of_what_happened(
    touches: list[TouchEvidence],
    until: float,
    renewed_by: tuple[Renewal, ...],
    expected: tuple[int, float] | None,
) -> None:
    seen = found(*touches, tie=tie(1, until=until), buyers={3})
    change = by_touch(policy(renewed_by=renewed_by), seen)
    assert change == (TieChange(expected[0], day(expected[1])) if expected else None)


PAID = day(0.5)
PROTECTED = PAID + timedelta(days=30)


@pytest.mark.parametrize(
    ("held", "credited", "expected"),
    [
        pytest.param(None, {1: 50, 2: 70}, 2, id="nobody's: the greatest credit"),
        pytest.param(None, {1: 50, 2: 50}, 1, id="of equals the first of the verdict"),
        pytest.param(None, {3: 90, 2: 10}, 2, id="nobody is their own customer"),
        pytest.param(None, {4: 90}, None, id="nor that of somebody who left"),
        pytest.param(tie(1), {2: 10}, None, id="for good"),
        pytest.param(tie(1, until=0.1), {2: 10}, None, id="protected when it was placed"),
        pytest.param(tie(1, until=0), {2: 10}, 2, id="run out when it was placed"),
        pytest.param(tie(1, until=-1), {1: 10}, None, id="still theirs, and not renewed"),
    ],
)
def test_the_greatest_credit_on_an_order_takes_a_free_customer(
    held: TieEvidence | None, credited: dict[int, int], expected: int | None
) -> None:
    seen = found(buyers={3}, left={4})
    change = by_order(policy(TieMode.FIRST_ORDER), seen, held, credited, PAID)
    assert change == (TieChange(expected, PROTECTED) if expected else None)


def test_an_order_renews_the_tie_of_whoever_earns_on_it() -> None:
    rules = policy(TieMode.EXPLICIT, renewed_by=(Renewal.ORDER,))
    for until in (5.0, -5.0):
        change = by_order(rules, found(), tie(1, until=until), {2: 90, 1: 10}, PAID)
        assert change == TieChange(1, PROTECTED)
    assert by_order(rules, found(), tie(1, until=90), {1: 10}, PAID) is None
    assert by_order(rules, found(), tie(1), {1: 10}, PAID) is None
    assert by_order(rules, found(), tie(1, until=-5), {2: 10}, PAID) is None
    assert by_order(rules, found(), None, {2: 10}, PAID) is None


touches_of_anybody = st.lists(
    st.builds(
        touch,
        st.integers(1, 4),
        st.integers(-80, 5),
        uncounted=st.sampled_from(["no", "no", "crawler"]),
    ),
    max_size=8,
)


@given(touches_of_anybody, st.integers(-70, 20), st.booleans(), st.data())
def test_bots_and_the_order_of_telling_change_nothing(
    touches: list[TouchEvidence], until: int, renews: bool, data: st.DataObject
) -> None:
    rules = policy(renewed_by=(Renewal.TOUCH,) if renews else ())
    held = data.draw(st.sampled_from([None, tie(1, until=until)]))
    change = by_touch(rules, found(*touches, tie=held))
    people = [each for each in touches if each.counts]
    numbered = {each.touch_id: each for each in people}
    shuffled = data.draw(st.permutations(list(numbered.values())))
    if len(numbered) == len(people):
        assert by_touch(rules, found(*shuffled, tie=held)) == change
    if change and held and change.employee_id == held.employee_id:
        assert change.protected_until
        assert held.protected_until
        assert change.protected_until > held.protected_until
