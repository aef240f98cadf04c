"""What a decision makes of a verdict: pure, with every line in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from storefront.attribution.rules import (
    BY_DISPUTE,
    Award,
    Claim,
    Disputant,
    Reason,
    Ruling,
    Verdict,
    revise,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANNA = Disputant(1, "E1", 10, NOON + timedelta(days=1))


def claim(employee_id: int, reason: Reason, share: int = 0, touch_id: int = 7) -> Claim:
    number, store_id = f"E{employee_id}", 10 * employee_id
    return Claim(employee_id, number, store_id, "touch", "link", touch_id, NOON, reason, share)


def award(employee_id: int, share: int = 10_000) -> Award:
    return Award(employee_id, f"E{employee_id}", 10 * employee_id, share)


BO_HAS_ALL = Verdict(
    (
        Ruling(
            (1, 2, 3),
            Reason.LAST_TOUCH,
            (claim(2, Reason.LAST_TOUCH, 10_000),),
            (claim(1, Reason.EARLIER_TOUCH, touch_id=6), claim(3, Reason.OUTSIDE_WINDOW)),
        ),
    )
)


def reasons_of(claims: tuple[Claim, ...]) -> dict[str, Reason]:
    return {each.number: each.reason for each in claims}


def test_only_the_lines_that_were_decided_change() -> None:
    revised = revise(BO_HAS_ALL, {2: [award(1)]}, ANNA)
    assert [ruling.positions for ruling in revised.rulings] == [(1, 3), (2,)]
    assert revised.ruling_on(1).winners == BO_HAS_ALL.rulings[0].winners
    assert revised.ruling_on(3).losers == BO_HAS_ALL.rulings[0].losers
    decided = revised.ruling_on(2)
    assert decided.reason is Reason.DECIDED
    assert reasons_of(decided.winners) == {"E1": Reason.DECIDED}
    assert reasons_of(decided.losers) == {
        "E2": Reason.DECIDED_AGAINST,
        "E3": Reason.OUTSIDE_WINDOW,
    }


def test_who_wins_keeps_the_evidence_that_they_had() -> None:
    [winner] = revise(BO_HAS_ALL, {1: [award(1)]}, ANNA).ruling_on(1).winners
    assert (winner.source, winner.touch_id, winner.share) == ("touch", 6, 10_000)


def test_who_had_none_wins_by_the_dispute() -> None:
    cai = Disputant(9, "E9", 90, NOON)
    [winner] = revise(BO_HAS_ALL, {1: [award(9)]}, cai).ruling_on(1).winners
    assert (winner.source, winner.touch_id, winner.at) == (BY_DISPUTE, None, NOON)


def test_whoever_disputes_and_gets_nothing_is_told_so() -> None:
    cai = Disputant(9, "E9", 90, NOON)
    ruling = revise(BO_HAS_ALL, {1: [award(3)]}, cai).ruling_on(1)
    assert reasons_of(ruling.losers) == {
        "E2": Reason.DECIDED_AGAINST,
        "E1": Reason.EARLIER_TOUCH,
        "E9": Reason.DECIDED_AGAINST,
    }
    known = revise(BO_HAS_ALL, {1: [award(3)]}, ANNA).ruling_on(1)
    assert reasons_of(known.losers)["E1"] is Reason.DECIDED_AGAINST


def test_a_share_is_cut_and_nobody_is_a_loser_who_keeps_some() -> None:
    ruling = revise(BO_HAS_ALL, {1: [award(1, 4_000), award(2, 6_000)]}, ANNA).ruling_on(1)
    assert [(each.number, each.share) for each in ruling.winners] == [("E1", 4_000), ("E2", 6_000)]
    assert reasons_of(ruling.losers) == {"E3": Reason.OUTSIDE_WINDOW}


def test_a_store_or_nobody_may_win() -> None:
    [store] = revise(BO_HAS_ALL, {1: [Award(None, "", 20, 10_000)]}, ANNA).ruling_on(1).winners
    assert (store.employee_id, store.number, store.store_id) == (None, "", 20)
    nobody = revise(BO_HAS_ALL, {1: []}, ANNA).ruling_on(1)
    assert (nobody.reason, nobody.winners) == (Reason.DECIDED, ())


@given(
    st.dictionaries(
        st.integers(1, 3),
        st.lists(st.integers(1, 6), unique=True, max_size=3).map(
            lambda people: [
                award(who, 10_000 - 1_000 * (len(people) - 1) if place == 0 else 1_000)
                for place, who in enumerate(people)
            ]
        ),
    )
)
def test_every_line_is_ruled_once_and_nobody_wins_and_loses(
    awards: dict[int, list[Award]],
) -> None:
    revised = revise(BO_HAS_ALL, awards, ANNA)
    positions = [position for ruling in revised.rulings for position in ruling.positions]
    assert sorted(positions) == [1, 2, 3]
    for ruling in revised.rulings:
        assert sum(each.share for each in ruling.winners) in (0, 10_000)
        won = {each.employee_id for each in ruling.winners}
        lost = [each.employee_id for each in ruling.losers]
        assert not won & set(lost)
        assert len(lost) == len(set(lost))
        assert {1, 2} <= won | set(lost), "the opener and who had it are always told"
    assert Verdict.from_document(revised.as_document()) == revised
