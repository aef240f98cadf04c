"""Rules with all their elements, against a second opinion; and what the check says of plans."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.commissions.rules import (
    Booster,
    Buyer,
    Earning,
    Goods,
    Portion,
    Problem,
    Rule,
    Subject,
    asked_of_boosters,
    bonus_by_line,
    check,
    check_boosters,
    choose_booster,
    choose_rule,
    commission,
    earned,
    earned_on_order,
    to_reverse,
    wanted_on_order,
)
from storefront.commissions.rules.overlaps import MOST_OVERLAPS
from storefront.core.money import split
from tests.commissions import plain

EMPLOYEES, STORES, GRADES = (1, 2), (41, 42), ("", "senior", "lead")
TEA, KITCHEN, HOME, GARDEN = 21, 22, 23, 24
PATHS = {TEA: (TEA, KITCHEN, HOME), KITCHEN: (KITCHEN, HOME), HOME: (HOME,), GARDEN: (GARDEN,)}
CATALOGUE = [Goods(11, TEA, 31), Goods(12, TEA, 32), Goods(13, HOME, 31), Goods(14, GARDEN, 32)]
CAMPAIGNS = (None, 51, 52)
SUBJECTS = [
    Subject(employee, goods.product_id, PATHS[goods.category_id], goods.brand_id, *rest)
    for employee, goods in product(EMPLOYEES, CATALOGUE)
    for rest in product(STORES, GRADES, Buyer, CAMPAIGNS)
]


ASKED = (
    "employee_id",
    "product_id",
    "campaign_id",
    "category_id",
    "brand_id",
    "store_id",
    "grade",
    "buyer",
)
NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)


def a_rule(chance: random.Random, position: int, odds: float = 0.3) -> Rule:
    def maybe(*values: Any) -> Any:
        return chance.choice(values) if chance.random() < odds else None

    per_unit = maybe(0, 1, 333, 5_000)
    return Rule(
        id=100 + position,
        position=position,
        rate=0 if per_unit is not None else chance.randrange(10_001),
        employee_id=maybe(*EMPLOYEES),
        product_id=maybe(11, 12, 13, 14),
        category_id=maybe(*PATHS),
        brand_id=maybe(31, 32),
        store_id=maybe(*STORES),
        grade=maybe("senior", "lead"),
        buyer=maybe(Buyer.NEW, Buyer.RETURNING),
        per_unit=per_unit,
        cap=maybe(0, 7, 1_000),
        campaign_id=maybe(51, 52),
    )


def a_plan(chance: random.Random) -> list[Rule]:
    odds = chance.choice((0.1, 0.3, 0.5))
    return [a_rule(chance, position, odds) for position in range(1, chance.randint(0, 12))]


def test_a_second_opinion_agrees_on_thousands_of_plans_and_lines() -> None:
    chance = random.Random(4)
    for _ in range(5_000):
        plan = a_plan(chance)
        subject = chance.choice(SUBJECTS)
        chosen = choose_rule(plan, subject)
        assert chosen == plain.winner(plan, subject)
        shares = chance.choice(((10_000,), (5_000, 5_000), (3_334, 3_333, 3_333), (1, 9_999)))
        quantity, net = chance.randint(1, 9), chance.randrange(100_000)
        bonus = chance.choice((0, 0, 1, 999))
        for place, base in enumerate(split(net, shares)):
            found = earned(chosen, Portion(base, quantity, shares, place), bonus)
            assert found.amount == plain.pay(chosen, base, quantity, shares, place, bonus)


def a_booster(chance: random.Random, position: int) -> Booster:
    begin = NOON + timedelta(hours=chance.choice((-2, -1, 0, 1)))
    end = begin + timedelta(hours=chance.choice((1, 2)))
    rule = replace(a_rule(chance, position), cap=None)
    return Booster(rule, chance.choice((1, 500, 10**9)), begin, end)


def an_order(chance: random.Random) -> list[plain.Share]:
    """Some lines, each of one employee or shared, of some buyer and perhaps with a bonus."""
    buyer, bonus = chance.choice(list(Buyer)), chance.choice((0, 0, 777))
    quantities = [chance.randint(1, 5) for _ in range(chance.randint(1, 4))]
    found: list[plain.Share] = []
    for quantity, line_bonus in zip(quantities, bonus_by_line(bonus, quantities), strict=True):
        shares = chance.choice(((10_000,), (5_000, 5_000), (1, 9_999)))
        subject = replace(chance.choice(SUBJECTS), buyer=buyer)
        for place, base in enumerate(split(chance.randrange(50_000), shares)):
            own = replace(
                subject, employee_id=EMPLOYEES[place], campaign_id=chance.choice(CAMPAIGNS)
            )
            found.append(plain.Share(own, base, quantity, shares, place, line_bonus))
    return found


def test_a_second_opinion_agrees_on_thousands_of_orders_with_caps_and_boosters() -> None:
    chance = random.Random(44)
    for _ in range(4_000):
        rules = a_plan(chance)
        boosters = [a_booster(chance, 100 + each) for each in range(chance.randint(0, 4))]
        cap = chance.choice((None, 0, 1, 999, 10**6))
        order = an_order(chance)
        earnings = [
            Earning(
                share.subject.employee_id,
                Portion(share.base, share.quantity, tuple(share.shares), share.place),
                choose_rule(rules, share.subject),
                choose_booster(boosters, share.subject, NOON),
                share.bonus,
            )
            for share in order
        ]
        wanted = wanted_on_order(earnings, cap)
        left = {each.rule.id: each.budget for each in boosters}
        asked = asked_of_boosters(earnings, wanted)
        granted = {each: min(amount, left[each]) for each, amount in asked.items()}
        gained = earned_on_order(earnings, wanted, granted)
        plain.pay_order(order, rules, boosters, left, NOON, cap)
        assert [each.amount for each in gained] == [share.amount for share in order]
        assert [(each.boost, each.unfunded, each.order_cut) for each in gained] == [
            (share.parts["boost"], share.parts["unfunded"], share.parts["over_cap"])
            for share in order
        ]
        for employee in EMPLOYEES:
            own = [
                each.amount - each.bonus
                for each, share in zip(gained, order, strict=True)
                if share.subject.employee_id == employee
            ]
            assert cap is None or sum(own) <= cap
        assert all(
            sum(
                each.boost
                for each, earning in zip(gained, earnings, strict=True)
                if earning.booster is boosting
            )
            <= boosting.budget
            for boosting in boosters
        )


def test_one_more_condition_always_wins() -> None:
    """Whatever a rule is about, one that asks for the same and for more goes before it."""
    chance = random.Random(5)
    for _ in range(3_000):
        subject = chance.choice(SUBJECTS)
        matching = [rule for rule in a_plan(chance) if plain.matches(rule, subject)]
        chosen = choose_rule(matching, subject)
        for rule in matching:
            assert chosen is not None
            said, more = (
                {(kind, getattr(each, kind)) for kind in ASKED if getattr(each, kind) is not None}
                for each in (chosen, rule)
            )
            assert not said < more


_SHARES = (
    st.lists(st.integers(1, 5_000), min_size=1, max_size=4)
    .map(lambda parts: (10_000 - sum(parts[1:]) if len(parts) > 1 else 10_000, *parts[1:]))
    .filter(lambda shares: shares[0] > 0)
)


@given(_SHARES, st.integers(1, 20), st.integers(0, 10**6), st.integers(0, 10**6))
def test_amounts_per_unit_are_split_without_a_loss(
    shares: tuple[int, ...], quantity: int, per_unit: int, net: int
) -> None:
    rule = Rule(1, 1, 0, per_unit=per_unit)
    parts = [
        earned(rule, Portion(base, quantity, shares, place)).amount
        for place, base in enumerate(split(net, shares))
    ]
    assert sum(parts) == per_unit * quantity


@given(_SHARES, st.integers(1, 20), st.integers(0, 10_000), st.integers(0, 10**6), st.data())
def test_a_line_never_earns_more_than_its_cap(
    shares: tuple[int, ...], quantity: int, rate: int, net: int, data: st.DataObject
) -> None:
    cap = data.draw(st.integers(0, 10**6))
    amount = data.draw(st.none() | st.integers(0, 10**5))
    rule = Rule(1, 1, rate if amount is None else 0, per_unit=amount, cap=cap)
    found = [
        earned(rule, Portion(base, quantity, shares, place))
        for place, base in enumerate(split(net, shares))
    ]
    assert sum(each.amount for each in found) <= cap
    uncapped = Rule(1, 1, rule.rate, per_unit=amount)
    for place, base in enumerate(split(net, shares)):
        full = earned(uncapped, Portion(base, quantity, shares, place)).amount
        assert found[place].amount + found[place].cut == full


@given(st.integers(0, 10**6), st.lists(st.integers(1, 20), min_size=1, max_size=10), _SHARES)
def test_a_bonus_is_split_over_lines_and_shares_and_reversed_whole(
    bonus: int, quantities: list[int], shares: tuple[int, ...]
) -> None:
    by_line = bonus_by_line(bonus, quantities)
    assert sum(by_line) == bonus
    assert min(by_line) >= 0
    left = 0
    for quantity, part in zip(quantities, by_line, strict=True):
        for place in range(len(shares)):
            amount = earned(None, Portion(0, quantity, shares, place), part).amount
            gone = 0
            for back in range(1, quantity + 1):
                gone += to_reverse(amount, gone, back, quantity)
            left += amount - gone
    assert left == 0


def test_a_rate_alone_is_what_it_always_was() -> None:
    for base, rate in product((0, 1, 1_999, 10**12), (0, 1, 500, 10_000)):
        assert earned(Rule(1, 1, rate), Portion(base, 3)).amount == commission(base, rate)


# --- the check --------------------------------------------------------------------------------


def found(*rules: Rule) -> list[tuple[Problem, int | None, int | None]]:
    return [
        (each.problem, each.position, each.because_of)
        for each in check(rules, CATALOGUE, PATHS)
        if each.problem not in (Problem.GAP, Problem.OVERLAP)
    ]


def test_a_sound_plan_has_no_findings() -> None:
    plan = [Rule(1, 1, 500), Rule(2, 2, 700, category_id=TEA), Rule(3, 3, 900, product_id=11)]
    assert check(plan, CATALOGUE, PATHS) == []


@pytest.mark.parametrize(
    ("rules", "finding"),
    [
        ((Rule(1, 1, 1), Rule(2, 2, 2)), (Problem.TWIN, 2, 1)),
        (
            (
                Rule(1, 1, 1),
                Rule(2, 2, 2, product_id=11),
                Rule(3, 3, 3, product_id=11, brand_id=31),
            ),
            (Problem.SHADOWED, 2, 3),
        ),
        (
            (
                Rule(1, 1, 1, product_id=11, category_id=HOME),
                Rule(2, 2, 2, product_id=11, category_id=TEA),
            ),
            (Problem.SHADOWED, 1, 2),
        ),
        ((Rule(1, 1, 1, product_id=11, brand_id=32),), (Problem.MATCHES_NOTHING, 1, None)),
        ((Rule(1, 1, 1, product_id=14, category_id=TEA),), (Problem.MATCHES_NOTHING, 1, None)),
    ],
)
def test_a_rule_that_never_wins_is_found(
    rules: tuple[Rule, ...], finding: tuple[Problem, int, int | None]
) -> None:
    assert found(*rules) == [finding]


def test_what_is_said_never_to_win_never_does_and_what_one_rule_covers_is_found() -> None:
    chance = random.Random(6)
    for _ in range(1_500):
        plan = a_plan(chance)
        hopeless = {position for _, position, _ in found(*plan)}
        wins = {chosen.position for each in SUBJECTS if (chosen := choose_rule(plan, each))}
        assert not hopeless & wins
        for rule in plan:
            if rule.position in hopeless | wins:
                continue
            matched = [each for each in SUBJECTS if plain.matches(rule, each)]
            if not matched:
                continue  # Nothing of that brand is in that category, today.
            for other in plan:
                # What store and grade an employee has, and what all goods of a brand have in
                # common, is so today only: of these no rule follows from another.
                if _covers(other, rule) and other is not rule:
                    assert any(choose_rule([rule, other], each) is rule for each in matched)


def _covers(other: Rule, rule: Rule) -> bool:
    return all(getattr(other, kind) in (None, getattr(rule, kind)) for kind in ASKED)


def test_overlaps_are_pairs_with_as_many_conditions_that_both_match_somewhere() -> None:
    chance = random.Random(8)
    seen = 0
    for _ in range(1_500):
        plan = a_plan(chance)
        for each in check(plan, CATALOGUE, PATHS):
            if each.problem is not Problem.OVERLAP:
                continue
            loser, winner = (
                next(rule for rule in plan if rule.position == position)
                for position in (each.position, each.because_of)
            )
            both = [
                subject
                for subject in SUBJECTS
                if plain.matches(loser, subject) and plain.matches(winner, subject)
            ]
            assert both
            assert all(choose_rule([loser, winner], subject) is winner for subject in both)
            counts = {
                sum(getattr(rule, kind) is not None for kind in ASKED) for rule in (loser, winner)
            }
            assert len(counts) == 1
            seen += 1
    assert seen > 500


@pytest.mark.parametrize(
    ("one", "other", "by"),
    [
        ({"brand_id": 31}, {"category_id": TEA}, "category"),
        ({"brand_id": 31}, {"store_id": 41}, "brand"),
        ({"grade": "lead"}, {"store_id": 41}, "store"),
        ({"campaign_id": 51}, {"category_id": HOME}, "campaign"),
        ({"employee_id": 1}, {"product_id": 11}, "employee"),
        ({"brand_id": 31, "buyer": Buyer.NEW}, {"category_id": HOME, "grade": "lead"}, "category"),
    ],
)
def test_an_overlap_says_which_rule_wins_and_by_what(
    one: dict[str, Any], other: dict[str, Any], by: str
) -> None:
    for first, second in ((one, other), (other, one)):
        plan = [Rule(1, 1, 1), Rule(2, 2, 2, **first), Rule(3, 3, 3, **second)]
        (finding,) = check(plan, CATALOGUE, PATHS)
        assert (finding.problem, finding.by) == (Problem.OVERLAP, by)
        winner = plan[(finding.because_of or 0) - 1]
        assert getattr(winner, by if by == "grade" else f"{by}_id") is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"brand_id": 31}, {"category_id": GARDEN}),  # nothing of the brand is in the garden
        ({"brand_id": 31}, {"brand_id": 32}),
        ({"product_id": 11}, {"category_id": TEA}),  # one is about goods of the other
        ({"product_id": 11}, {"brand_id": 32}),
        ({"category_id": TEA}, {"category_id": KITCHEN}),
        ({"employee_id": 1, "brand_id": 31}, {"employee_id": 2, "category_id": TEA}),
        ({"brand_id": 31}, {"category_id": TEA, "store_id": 41}),  # one asks for more
    ],
)
def test_rules_that_never_meet_or_differ_in_detail_do_not_overlap(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    plan = [Rule(1, 1, 1), Rule(2, 2, 2, **one), Rule(3, 3, 3, **other)]
    assert check(plan, CATALOGUE, PATHS) == []


def test_boosters_that_can_never_pay_are_found() -> None:
    week = timedelta(days=7)
    rules = (
        (Rule(1, 5, 100), NOON),
        (Rule(2, 6, 100), NOON - week),
        (Rule(3, 7, 100, product_id=11, brand_id=32), NOON),
    )
    boosters = [Booster(rule, 1, begin, begin + week) for rule, begin in rules]
    found = check_boosters(boosters, NOON, CATALOGUE, PATHS)
    assert [(each.problem, each.position) for each in found] == [
        (Problem.BOOSTER_OVER, 6),
        (Problem.MATCHES_NOTHING, 7),
    ]


def test_a_plan_of_many_overlapping_rules_is_checked_in_a_moment_too() -> None:
    rules = [Rule(number, number, 500, employee_id=number) for number in range(5_000)]
    rules += [Rule(9_000 + each, 9_000 + each, 500, brand_id=each) for each in range(200)]
    found = [each for each in check(rules, CATALOGUE, PATHS) if each.problem is Problem.OVERLAP]
    assert len(found) == MOST_OVERLAPS


def test_goods_without_a_rule_are_gaps_each_with_the_customers_it_concerns() -> None:
    plan = [
        Rule(1, 1, 500, category_id=KITCHEN),
        Rule(2, 2, 500, brand_id=31, buyer=Buyer.NEW),
        Rule(3, 3, 500, store_id=41),
        Rule(4, 4, 500, product_id=14, buyer=Buyer.NEW),
        Rule(5, 5, 500, product_id=14, buyer=Buyer.RETURNING),
    ]
    gaps = {
        each.product_id: each.buyers
        for each in check(plan, CATALOGUE, PATHS)
        if each.problem is Problem.GAP
    }
    assert gaps == {13: (Buyer.RETURNING, Buyer.UNKNOWN), 14: (Buyer.UNKNOWN,)}


def test_a_plan_of_ten_thousand_rules_is_checked_in_a_moment() -> None:
    catalogue = [Goods(number, TEA, 31) for number in range(10_000)]
    rules = [Rule(number, number, 500, product_id=number) for number in range(10_000)]
    assert check(rules, catalogue, PATHS) == []
