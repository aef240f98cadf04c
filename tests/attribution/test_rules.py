"""Who earns: cases one can follow by hand, laws that hold for all, and a second opinion."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.attribution.rules import (
    WINNING,
    Evidence,
    Kind,
    Line,
    Model,
    Person,
    Policy,
    Reason,
    Renewal,
    Ruling,
    Scope,
    Source,
    TieEvidence,
    TieMode,
    TillClaim,
    TouchEvidence,
    Treatment,
    Verdict,
    decide,
    faults_of,
)
from storefront.core.money import split
from storefront.sharing.models import TouchKind
from tests.attribution.opinion import Opinion, opinion_on

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
THIRTY_DAYS = Policy(window_days=30)
ONE_LINE = [Line(1, 77)]
ALL_SOURCES = (Source.TILL, Source.COUPON, Source.TOUCH, Source.TIE)


def touch(
    employee: int,
    days_ago: float,
    *,
    counts: bool = True,
    number: int = 0,
    kind: str = "link",
    product: int | None = None,
) -> TouchEvidence:
    return TouchEvidence(
        touch_id=number or int(1_000_000 - days_ago * 1_000),
        employee_id=employee,
        at=NOON - timedelta(days=days_ago),
        kind=kind,
        channel="wechat",
        product_id=product,
        uncounted="no" if counts else "crawler",
    )


def people(
    left: dict[int, float] | None = None, heirs: dict[int, int] | None = None
) -> dict[int, Person]:
    """Employees 1 to 6; those in `left` went so many days before the order."""
    gone, heirs = left or {}, heirs or {}
    return {
        employee: Person(
            number=f"E{employee}",
            store_id=employee % 3 + 1,
            left_at=NOON - timedelta(days=gone[employee]) if employee in gone else None,
            successor_id=heirs.get(employee),
        )
        for employee in range(1, 7)
    }


def judged(
    *touches: TouchEvidence,
    policy: Policy = THIRTY_DAYS,
    buyers: Collection[int] = (),
    left: dict[int, float] | None = None,
    **more: Any,
) -> Ruling:
    """The ruling on an order of one line."""
    heirs = more.pop("heirs", None)
    evidence = Evidence(NOON, people(left, heirs), touches, frozenset(buyers), **more)
    (ruling,) = decide(policy, evidence, ONE_LINE).rulings
    return ruling


def in_short(ruling: Ruling) -> tuple[str, list[int | None], list[tuple[int | None, str]]]:
    return (
        ruling.reason.value,
        [claim.employee_id for claim in ruling.winners],
        [(claim.employee_id, claim.reason.value) for claim in ruling.losers],
    )


def shares(ruling: Ruling) -> dict[int | None, int]:
    return {claim.employee_id: claim.share for claim in ruling.winners}


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
            [touch(6, 1), touch(2, 2)],
            set(),
            ("last_touch", [2], [(6, "left_the_chain")]),
            id="somebody who left is passed over",
        ),
        pytest.param(
            NOBODY,
            [touch(6, 1), touch(2, 2)],
            set(),
            ("left_the_chain", [], [(6, "left_the_chain"), (2, "earlier_touch")]),
            id="somebody who left keeps all others out",
        ),
        pytest.param(
            ANYBODY,
            [touch(6, 1)],
            set(),
            ("last_touch", [6], []),
            id="somebody who left may earn",
        ),
        pytest.param(
            NOBODY,
            [touch(6, 31), touch(6, 1, counts=False), touch(2, 2)],
            set(),
            ("last_touch", [2], [(6, "not_counted")]),
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
    assert in_short(judged(*touches, policy=policy, buyers=buyers, left={6: 2})) == expected


def test_a_winner_has_all_of_it_and_says_which_touch_won() -> None:
    (winner,) = judged(touch(1, 3, number=7), touch(1, 2, number=8)).winners
    assert (winner.share, winner.touch_id, winner.number) == (10_000, 8, "E1")
    assert winner.at == NOON - timedelta(days=2)


# --- models -----------------------------------------------------------------------------------


def with_model(model: Model, **more: Any) -> Policy:
    return replace(THIRTY_DAYS, model=model, **more)


THREE = (touch(1, 9), touch(2, 5), touch(3, 1))


def test_the_first_touch_wins_and_a_later_one_takes_nothing() -> None:
    ruling = judged(*THREE, policy=with_model(Model.FIRST_TOUCH))
    assert in_short(ruling) == ("first_touch", [1], [(3, "later_touch"), (2, "later_touch")])


def test_linear_counts_touches_and_the_rest_goes_to_the_latest_of_equals() -> None:
    linear = with_model(Model.LINEAR)
    assert shares(judged(*THREE, policy=linear)) == {3: 3_334, 2: 3_333, 1: 3_333}
    assert shares(judged(*THREE, touch(1, 3), policy=linear)) == {1: 5_000, 3: 2_500, 2: 2_500}


def test_by_position_the_first_and_the_last_get_theirs_and_the_middle_shares_the_rest() -> None:
    policy = with_model(Model.POSITION_BASED, first_share=4_000, last_share=3_000)
    assert shares(judged(*THREE, policy=policy)) == {1: 4_000, 3: 3_000, 2: 3_000}
    assert shares(judged(*THREE, touch(4, 3), policy=policy)) == {
        1: 4_000,
        3: 3_000,
        4: 1_500,
        2: 1_500,
    }
    assert shares(judged(*THREE[:2], policy=policy)) == {1: 5_715, 2: 4_285}
    assert shares(judged(THREE[0], policy=policy)) == {1: 10_000}


def test_a_touch_weighs_half_for_each_half_life() -> None:
    policy = with_model(Model.TIME_DECAY, half_life_days=4)
    assert shares(judged(*THREE, policy=policy)) == {3: 5_715, 2: 2_857, 1: 1_428}
    old = with_model(Model.TIME_DECAY, half_life_days=1)
    ruling = judged(touch(1, 29), touch(2, 0.5), policy=old)
    assert in_short(ruling) == ("decay_share", [2], [(1, "share_too_small")])


def tie(employee: int, *, protected: float | None = 10) -> TieEvidence:
    until = None if protected is None else NOON + timedelta(days=protected)
    return TieEvidence(employee, NOON - timedelta(days=200), "first_order", until)


def test_a_customer_of_somebodys_is_theirs_first() -> None:
    policy = with_model(Model.TIED_FIRST, tie_mode=TieMode.FIRST_ORDER)
    ruling = judged(touch(1, 1), policy=policy, tie=tie(2))
    assert in_short(ruling) == ("tied", [2], [(1, "tied_to_another")])
    lapsed = judged(touch(1, 1), policy=policy, tie=tie(2, protected=0))
    assert in_short(lapsed) == ("last_touch", [1], [(2, "tie_ended")])
    assert in_short(judged(policy=policy, tie=tie(2, protected=None))) == ("tied", [2], [])


def test_tied_and_last_share_unless_they_are_the_same() -> None:
    policy = with_model(Model.TIED_AND_LAST, tie_mode=TieMode.EXPLICIT, tied_share=3_000)
    assert shares(judged(*THREE, policy=policy, tie=tie(4))) == {3: 7_000, 4: 3_000}
    assert shares(judged(*THREE, policy=policy, tie=tie(3))) == {3: 10_000}
    assert shares(judged(policy=policy, tie=tie(4))) == {4: 10_000}
    assert shares(judged(*THREE, policy=policy)) == {3: 10_000}


def test_a_tie_may_be_the_last_resort_and_is_nothing_where_there_are_no_ties() -> None:
    policy = replace(THIRTY_DAYS, precedence=(Source.TOUCH, Source.TIE), tie_mode=TieMode.EXPLICIT)
    assert in_short(judged(touch(1, 1), policy=policy, tie=tie(2))) == (
        "last_touch",
        [1],
        [(2, "outranked")],
    )
    assert in_short(judged(touch(1, 40), policy=policy, tie=tie(2)))[:2] == ("tied", [2])
    assert in_short(judged(tie=tie(2))) == ("no_touch", [], [])


# --- sources, windows, lines ------------------------------------------------------------------


def test_what_the_till_says_comes_first_and_may_be_shared() -> None:
    claims = (TillClaim(1, 2, 6_000), TillClaim(1, 1, 4_000))
    ruling = judged(touch(3, 1), claims=claims)
    assert in_short(ruling) == ("till_claim", [2, 1], [(3, "outranked")])
    assert shares(ruling) == {2: 6_000, 1: 4_000}


def test_of_two_whom_the_till_named_one_who_may_not_earn_leaves_it_to_the_other() -> None:
    claims = (TillClaim(1, 2, 6_000), TillClaim(1, 1, 4_000))
    assert shares(judged(claims=claims, buyers={2})) == {1: 10_000}


def test_the_last_coupon_outranks_a_later_link() -> None:
    coupons = (touch(1, 3, kind="coupon"), touch(2, 2, kind="coupon"))
    ruling = judged(*coupons, touch(3, 1))
    assert in_short(ruling) == ("coupon", [2], [(3, "outranked"), (1, "earlier_touch")])


def test_the_policy_says_which_evidence_goes_before_which() -> None:
    policy = replace(THIRTY_DAYS, precedence=(Source.TOUCH, Source.TILL))
    ruling = judged(
        touch(3, 1), touch(2, 2, kind="coupon"), policy=policy, claims=(TillClaim(1, 1, 10_000),)
    )
    assert in_short(ruling) == ("last_touch", [3], [(1, "outranked"), (2, "source_not_used")])


def test_each_kind_of_touch_has_its_own_window() -> None:
    policy = replace(THIRTY_DAYS, windows={Kind.QR: 2, Kind.RESHARE: 0})
    ruling = judged(
        touch(1, 10), touch(2, 3, kind="qr"), touch(3, 1, kind="reshare"), policy=policy
    )
    assert in_short(ruling) == ("last_touch", [1], [(3, "outside_window"), (2, "outside_window")])


def test_line_by_line_a_link_to_the_product_outranks_on_its_line() -> None:
    touches = (touch(1, 3, product=77), touch(2, 1))
    evidence = Evidence(NOON, people(), touches)
    lines = [Line(1, 77), Line(2, 88), Line(3, 77)]
    by_line = decide(replace(THIRTY_DAYS, scope=Scope.LINE), evidence, lines)
    assert [(ruling.positions, shares(ruling)) for ruling in by_line.rulings] == [
        ((1, 3), {1: 10_000}),
        ((2,), {2: 10_000}),
    ]
    assert by_line.ruling_on(1).losers[0].reason is Reason.OTHER_PRODUCT
    whole = decide(THIRTY_DAYS, evidence, lines)
    assert [(ruling.positions, shares(ruling)) for ruling in whole.rulings] == [
        ((1, 2, 3), {2: 10_000})
    ]
    with pytest.raises(KeyError):
        whole.ruling_on(4)


# --- people -----------------------------------------------------------------------------------


def test_who_left_leaves_the_credit_to_the_store_or_to_a_successor() -> None:
    touches = (touch(1, 2), touch(2, 5))
    gone = {1: 1.0}
    store = replace(THIRTY_DAYS, leavers=Treatment.STORE)
    ruling = judged(*touches, policy=store, left=gone)
    (winner,) = ruling.winners
    assert (winner.employee_id, winner.store_id, winner.reason) == (None, 2, Reason.FOR_STORE)
    assert [claim.employee_id for claim in ruling.losers] == [1, 2]
    heir = replace(THIRTY_DAYS, leavers=Treatment.SUCCESSOR)
    (winner,) = judged(*touches, policy=heir, left=gone, heirs={1: 3}).winners
    assert (winner.employee_id, winner.store_id, winner.reason) == (3, 1, Reason.FOR_SUCCESSOR)
    both_gone = judged(*touches, policy=heir, left={1: 1, 3: 0.5}, heirs={1: 3})
    assert both_gone.winners[0].employee_id is None


def test_a_successor_with_a_touch_of_their_own_gets_one_share() -> None:
    policy = with_model(Model.LINEAR, leavers=Treatment.SUCCESSOR)
    ruling = judged(touch(1, 2), touch(3, 1), policy=policy, left={1: 1}, heirs={1: 3})
    assert shares(ruling) == {3: 10_000}


def test_links_still_in_circulation_count_for_a_while() -> None:
    policy = replace(THIRTY_DAYS, leavers=Treatment.NOBODY, grace_days=14)
    assert shares(judged(touch(1, 1), policy=policy, left={1: 13.9})) == {1: 10_000}
    late = judged(touch(1, 1), policy=policy, left={1: 14})
    assert in_short(late) == ("left_the_chain", [], [(1, "left_the_chain")])


def test_an_own_purchase_may_count_for_the_store() -> None:
    policy = replace(THIRTY_DAYS, own_purchase=Treatment.STORE)
    ruling = judged(touch(1, 1), policy=policy, buyers={1})
    assert [(claim.employee_id, claim.share) for claim in ruling.winners] == [(None, 10_000)]


def test_where_claims_share_one_for_nobody_takes_no_part() -> None:
    policy = with_model(Model.LINEAR, own_purchase=Treatment.NOBODY)
    assert shares(judged(*THREE, policy=policy, buyers={3})) == {2: 5_000, 1: 5_000}
    alone = judged(touch(1, 1), policy=policy, buyers={1})
    assert in_short(alone) == ("own_purchase", [], [(1, "own_purchase")])


# --- laws -------------------------------------------------------------------------------------

sources = st.permutations(ALL_SOURCES).flatmap(
    lambda order: st.integers(1, 4).map(lambda count: tuple(order[:count]))
)
policies = st.builds(
    Policy,
    window_days=st.integers(1, 60),
    own_purchase=st.sampled_from(
        [Treatment.ALLOW, Treatment.SKIP, Treatment.NOBODY, Treatment.STORE]
    ),
    leavers=st.sampled_from(Treatment),
    model=st.sampled_from(Model),
    scope=st.sampled_from(Scope),
    precedence=sources,
    windows=st.dictionaries(st.sampled_from(Kind), st.integers(0, 60), max_size=3),
    first_share=st.integers(0, 5_000),
    last_share=st.integers(0, 5_000),
    half_life_days=st.integers(1, 30),
    tied_share=st.integers(1, 9_999),
    tie_mode=st.sampled_from(TieMode),
    grace_days=st.sampled_from([0, 7, 30]),
)
moments = st.integers(-5, 24 * 70).map(lambda hours: NOON - timedelta(hours=hours))
somebody = st.integers(1, 5)
PRODUCTS = (77, 88, 99)


@st.composite
def till_claims(draw: st.DrawFn) -> tuple[TillClaim, ...]:
    """On some of three lines one or two employees whose shares sum to the whole."""
    claims: list[TillClaim] = []
    for position in draw(st.sets(st.integers(1, 3))):
        named = draw(st.lists(somebody, min_size=1, max_size=2, unique=True))
        first = 10_000 if len(named) == 1 else draw(st.integers(1, 9_999))
        claims += [
            TillClaim(position, employee, share)
            for employee, share in zip(named, (first, 10_000 - first), strict=False)
        ]
    return tuple(claims)


@st.composite
def histories(draw: st.DrawFn) -> Evidence:
    """Up to a dozen touches of up to five employees, some at the same moment; ties and tills."""
    gone = draw(st.dictionaries(somebody, st.sampled_from([0.0, 3.0, 20.0]), max_size=2))
    touches = tuple(
        TouchEvidence(
            touch_id=index,
            employee_id=draw(somebody),
            at=draw(moments),
            kind=draw(st.sampled_from(Kind)).value,
            channel="wechat",
            product_id=draw(st.sampled_from([None, *PRODUCTS])),
            uncounted=draw(st.sampled_from(["no", "no", "crawler"])),
        )
        for index in range(1, draw(st.integers(0, 12)) + 1)
    )
    return Evidence(
        placed_at=NOON,
        people=people(gone, {who: draw(st.integers(1, 6)) for who in gone}),
        touches=touches,
        buyers=draw(st.frozensets(somebody, max_size=2)),
        tie=draw(
            st.none()
            | st.builds(
                TieEvidence,
                employee_id=somebody,
                since=moments.filter(lambda at: at <= NOON),
                how=st.just("explicit"),
                protected_until=st.none() | st.sampled_from([NOON, NOON + timedelta(days=1)]),
            )
        ),
        claims=draw(till_claims()),
    )


LINES = [Line(position, product) for position, product in enumerate(PRODUCTS, 1)]


def winners(verdict: Verdict) -> list[tuple[int, int | None, int, int]]:
    """Line, employee, store and share, however lines are grouped under rulings."""
    return sorted(
        (
            (position, claim.employee_id, claim.store_id, claim.share)
            for ruling in verdict.rulings
            for position in ruling.positions
            for claim in ruling.winners
        ),
        key=str,
    )


@given(policies, histories())
def test_shares_sum_to_the_whole_or_nobody_earns_and_a_reason_says_why(
    policy: Policy, evidence: Evidence
) -> None:
    verdict = decide(policy, evidence, LINES)
    assert sorted(each for ruling in verdict.rulings for each in ruling.positions) == [1, 2, 3]
    for ruling in verdict.rulings:
        given = [claim.share for claim in ruling.winners]
        assert sum(given) == (10_000 if given else 0)
        assert all(share > 0 for share in given)
        assert all(claim.share == 0 for claim in ruling.losers)
        assert (ruling.reason in WINNING) == bool(given)


@given(policies, histories(), st.integers(0, 10**9))
def test_money_cut_by_the_shares_of_a_verdict_sums_to_what_was_cut(
    policy: Policy, evidence: Evidence, net: int
) -> None:
    for ruling in decide(policy, evidence, LINES).rulings:
        if ruling.winners:
            parts = split(net, [claim.share for claim in ruling.winners])
            assert sum(parts) == net
            assert min(parts) >= 0


@given(policies, histories())
def test_everybody_with_evidence_is_told_something_and_nobody_else(
    policy: Policy, evidence: Evidence
) -> None:
    for position in (1, 2, 3):
        ruling = decide(policy, evidence, LINES).ruling_on(position)
        concerned = {each.employee_id for each in evidence.touches}
        concerned |= {each.employee_id for each in evidence.claims if each.position == position}
        if evidence.tie and policy.tie_mode is not TieMode.NONE:
            concerned.add(evidence.tie.employee_id)
        heirs = {evidence.people[each].successor_id for each in concerned}
        told = {claim.employee_id for claim in (*ruling.winners, *ruling.losers)} - {None}
        earning = {claim.employee_id for claim in ruling.winners} - {None}
        assert concerned <= told
        assert told - concerned <= heirs & earning


@given(policies, histories())
def test_what_is_stored_gives_the_same_verdict_for_ever(policy: Policy, evidence: Evidence) -> None:
    verdict = decide(policy, evidence, LINES)
    again = decide(
        Policy.from_document(policy.as_document()),
        Evidence.from_document(evidence.as_document()),
        LINES,
    )
    assert again == verdict
    assert Verdict.from_document(verdict.as_document()) == verdict


@given(policies, histories(), st.randoms(use_true_random=False))
def test_the_order_in_which_touches_are_told_changes_nothing(
    policy: Policy, evidence: Evidence, chance: random.Random
) -> None:
    shuffled = list(evidence.touches)
    chance.shuffle(shuffled)
    told = replace(evidence, touches=tuple(shuffled))
    assert decide(policy, told, LINES) == decide(policy, evidence, LINES)


@given(policies, histories(), histories())
def test_a_bots_touch_never_changes_who_earns(
    policy: Policy, evidence: Evidence, noise: Evidence
) -> None:
    bots = tuple(
        replace(each, uncounted="crawler", touch_id=each.touch_id + 100) for each in noise.touches
    )
    noisy = decide(policy, replace(evidence, touches=evidence.touches + bots), LINES)
    assert winners(noisy) == winners(decide(policy, evidence, LINES))


@given(policies, histories(), somebody)
def test_under_first_touch_a_later_touch_changes_nothing(
    policy: Policy, evidence: Evidence, who: int
) -> None:
    policy = replace(policy, model=Model.FIRST_TOUCH, scope=Scope.ORDER, windows={})
    before = decide(policy, evidence, LINES)
    if not any(claim.source == "touch" for ruling in before.rulings for claim in ruling.winners):
        return
    latest = TouchEvidence(999, who, NOON, "link", "wechat")
    after = decide(policy, replace(evidence, touches=(latest, *evidence.touches)), LINES)
    assert winners(after) == winners(before)


@given(policies, histories())
def test_under_last_touch_a_longer_window_takes_nothing_from_who_earns_already(
    policy: Policy, evidence: Evidence
) -> None:
    policy = replace(policy, model=Model.LAST_TOUCH, scope=Scope.ORDER, windows={})
    policy = replace(policy, precedence=(Source.TOUCH,))
    longer = replace(policy, window_days=policy.window_days + 30)
    sound = winners(decide(policy, evidence, LINES))
    if sound:
        assert winners(decide(longer, evidence, LINES)) == sound


# --- a second opinion -------------------------------------------------------------------------


def opinion_of(ruling: Ruling) -> Opinion:
    return Opinion(
        ruling.reason.value,
        {(claim.employee_id, claim.store_id): claim.share for claim in ruling.winners},
        {claim.employee_id: claim.reason.value for claim in ruling.losers if claim.employee_id},
    )


def compare(policy: Policy, evidence: Evidence, lines: Sequence[Line]) -> None:
    verdict = decide(policy, evidence, lines)
    for line in lines:
        found = opinion_of(verdict.ruling_on(line.position))
        assert found == opinion_on(policy, evidence, line.position, line.product_id)


@given(policies, histories())
def test_a_slow_second_opinion_agrees(policy: Policy, evidence: Evidence) -> None:
    compare(policy, evidence, LINES)


def a_random_policy(chance: random.Random) -> Policy:
    first = chance.choice([0, 2_500, 4_000, 10_000])
    return Policy(
        window_days=chance.randint(1, 40),
        own_purchase=chance.choice([each for each in Treatment if each != "successor"]),
        leavers=chance.choice(list(Treatment)),
        model=chance.choice(list(Model)),
        scope=chance.choice(list(Scope)),
        precedence=tuple(chance.sample(ALL_SOURCES, chance.randint(1, 4))),
        windows={
            kind: chance.choice([0, 1, 7, 60])
            for kind in chance.sample(list(Kind), chance.randint(0, 3))
        },
        first_share=first,
        last_share=chance.choice([0, 3_333, 10_000 - first]) if first <= 6_667 else 0,
        half_life_days=chance.choice([1, 7, 30]),
        tied_share=chance.randint(1, 9_999),
        tie_mode=chance.choice(list(TieMode)),
        grace_days=chance.choice([0, 0, 10]),
    )


def a_random_history(chance: random.Random) -> Evidence:
    gone = {who: chance.uniform(-1, 30) for who in range(1, 6) if chance.random() < 0.2}
    touches = tuple(
        touch(
            chance.randint(1, 5),
            chance.choice([chance.uniform(-1, 45), float(chance.randint(0, 45))]),
            counts=chance.random() < 0.7,
            number=index + 1,
            kind=chance.choice(["link", "link", *Kind]),
            product=chance.choice([None, None, *PRODUCTS]),
        )
        for index in range(chance.randint(0, 9))
    )
    claims: list[TillClaim] = []
    for position in (1, 2, 3):
        if chance.random() < 0.25:
            first, second = chance.sample(range(1, 6), 2)
            cut = chance.choice([10_000, 5_000, 3_333])
            claims.append(TillClaim(position, first, cut))
            claims += [TillClaim(position, second, 10_000 - cut)] if cut < 10_000 else []
    return Evidence(
        NOON,
        people({who: days for who, days in gone.items() if days >= 0}, {1: 2, 2: 6, 3: 4}),
        touches,
        frozenset(chance.sample(range(1, 6), chance.choice([0, 0, 1, 2]))),
        tie(chance.randint(1, 5), protected=chance.choice([-1, 1, None]))
        if chance.random() < 0.5
        else None,
        tuple(claims),
    )


def test_a_slow_second_opinion_agrees_on_ten_thousand_random_histories() -> None:
    chance = random.Random(7)
    for _ in range(10_000):
        compare(a_random_policy(chance), a_random_history(chance), LINES)


# --- what is wrong with a policy --------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "element"),
    [
        (Policy(0), "window_days"),
        (Policy(366), "window_days"),
        (replace(THIRTY_DAYS, windows={Kind.QR: 400}), "windows"),
        (replace(THIRTY_DAYS, own_purchase=Treatment.SUCCESSOR), "own_purchase"),
        (replace(THIRTY_DAYS, precedence=()), "precedence"),
        (replace(THIRTY_DAYS, precedence=(Source.TILL, Source.TILL)), "precedence"),
        (replace(THIRTY_DAYS, first_share=6_000, last_share=4_001), "first_share"),
        (replace(THIRTY_DAYS, tied_share=10_000), "tied_share"),
        (replace(THIRTY_DAYS, half_life_days=0), "half_life_days"),
        (replace(THIRTY_DAYS, model=Model.TIED_FIRST), "tie_mode"),
        (replace(THIRTY_DAYS, precedence=(Source.TOUCH, Source.TIE)), "tie_mode"),
        (replace(THIRTY_DAYS, protection_days=-1), "protection_days"),
        (replace(THIRTY_DAYS, renewed_by=(Renewal.ORDER,)), "renewed_by"),
        (replace(THIRTY_DAYS, blackout_days=-1), "blackout_days"),
        (replace(THIRTY_DAYS, answer_days=11), "answer_days"),
    ],
)
def test_a_policy_is_told_what_is_wrong_with_it(policy: Policy, element: str) -> None:
    assert [(fault.code, fault.element) for fault in faults_of(policy)] == [
        ("wrong_policy", element)
    ]


NEVER = dict.fromkeys(Kind, 0)


@pytest.mark.parametrize(
    "policy",
    [
        replace(THIRTY_DAYS, precedence=(Source.TOUCH,), windows=NEVER),
        replace(THIRTY_DAYS, precedence=(Source.COUPON,), windows={Kind.COUPON: 0}),
        replace(THIRTY_DAYS, precedence=(Source.TIE,)),
    ],
)
def test_a_policy_that_could_never_credit_anyone_is_refused(policy: Policy) -> None:
    assert [fault.code for fault in faults_of(policy)] == ["policy_credits_nobody"]
    evidence = Evidence(NOON, people(), tuple(touch(1, 1, kind=kind) for kind in Kind), tie=tie(1))
    assert winners(decide(policy, evidence, LINES)) == []


@given(policies, histories())
def test_whoever_earns_does_so_under_a_policy_without_fault_or_hope(
    policy: Policy, evidence: Evidence
) -> None:
    hopeless = [fault for fault in faults_of(policy) if fault.code == "policy_credits_nobody"]
    if hopeless:
        assert winners(decide(policy, evidence, LINES)) == []


def test_the_kinds_of_touch_are_those_that_sharing_keeps() -> None:
    assert [kind.value for kind in Kind] == [kind.value for kind in TouchKind]
