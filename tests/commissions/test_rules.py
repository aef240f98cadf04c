"""What a credit earns: which rule wins, and how much."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.commissions.rules import Rule, Subject, choose_rule, commission, to_reverse

ANNA, BO = 1, 2
TEAPOT, LAMP = 11, 12
TEA, KITCHEN, HOME, GARDEN = 21, 22, 23, 24
LOOM, OTHER_BRAND = 31, 32

SUBJECT = Subject(
    employee_id=ANNA, product_id=TEAPOT, category_ids=(TEA, KITCHEN, HOME), brand_id=LOOM
)

FOR_ALL = Rule(1, 1, 500)
BRAND = Rule(2, 2, 510, brand_id=LOOM)
FAR_CATEGORY = Rule(3, 3, 520, category_id=HOME)
NEAR_CATEGORY = Rule(4, 4, 530, category_id=TEA)
PRODUCT = Rule(5, 5, 540, product_id=TEAPOT)
EMPLOYEE = Rule(6, 6, 550, employee_id=ANNA)
BY_RISING_WEIGHT = (FOR_ALL, BRAND, FAR_CATEGORY, NEAR_CATEGORY, PRODUCT, EMPLOYEE)


@pytest.mark.parametrize(
    ("heavier", "lighter"),
    [
        (BY_RISING_WEIGHT[heavy], BY_RISING_WEIGHT[light])
        for heavy in range(len(BY_RISING_WEIGHT))
        for light in range(heavy)
    ],
)
def test_the_more_specific_rule_wins(heavier: Rule, lighter: Rule) -> None:
    assert choose_rule([heavier, lighter], SUBJECT) is heavier
    assert choose_rule([lighter, heavier], SUBJECT) is heavier


def test_among_all_of_them_the_most_specific_wins_in_any_order() -> None:
    for rules in permutations(BY_RISING_WEIGHT):
        assert choose_rule(rules, SUBJECT) is EMPLOYEE


@pytest.mark.parametrize(
    "rule",
    [
        Rule(1, 1, 1, employee_id=BO),
        Rule(1, 1, 1, product_id=LAMP),
        Rule(1, 1, 1, category_id=GARDEN),
        Rule(1, 1, 1, brand_id=OTHER_BRAND),
        Rule(1, 1, 1, employee_id=ANNA, product_id=LAMP),
        Rule(1, 1, 1, category_id=HOME, brand_id=OTHER_BRAND),
    ],
)
def test_a_rule_for_something_else_never_applies(rule: Rule) -> None:
    assert choose_rule([rule], SUBJECT) is None
    assert choose_rule([rule, FOR_ALL], SUBJECT) is FOR_ALL


def test_two_conditions_weigh_more_than_the_heavier_of_them() -> None:
    both = Rule(7, 7, 1, employee_id=ANNA, brand_id=LOOM)
    assert choose_rule([EMPLOYEE, both], SUBJECT) is both
    near = Rule(8, 8, 1, category_id=TEA, brand_id=LOOM)
    assert choose_rule([NEAR_CATEGORY, near], SUBJECT) is near


def test_what_ties_is_settled_by_the_plans_own_order() -> None:
    later, earlier = Rule(9, 8, 100), Rule(10, 7, 200)
    assert choose_rule([later, earlier], SUBJECT) is earlier


def test_without_rules_nothing_is_earned() -> None:
    assert choose_rule([], SUBJECT) is None


def slow_choice(rules: list[Rule], subject: Subject) -> int | None:
    """The same order of weight, found by asking for each kind of rule in turn."""
    matching = [
        rule
        for rule in rules
        if (rule.employee_id is None or rule.employee_id == subject.employee_id)
        and (rule.product_id is None or rule.product_id == subject.product_id)
        and (rule.category_id is None or rule.category_id in subject.category_ids)
        and (rule.brand_id is None or rule.brand_id == subject.brand_id)
    ]
    for condition in (
        lambda rule: rule.employee_id is not None,
        lambda rule: rule.product_id is not None,
        *(
            lambda rule, category=category: rule.category_id == category
            for category in subject.category_ids
        ),
        lambda rule: rule.brand_id is not None,
    ):
        matching = [rule for rule in matching if condition(rule)] or matching
    return min(matching, key=lambda rule: rule.position).id if matching else None


def test_a_slow_second_opinion_agrees_on_random_plans() -> None:
    chance = random.Random(11)

    def maybe(values: tuple[int, ...]) -> int | None:
        return chance.choice(values) if chance.random() < 0.4 else None

    for _ in range(5_000):
        count = chance.randint(0, 8)
        rules = [
            Rule(
                id=100 + index,
                position=index,
                rate=0,
                employee_id=maybe((ANNA, BO)),
                product_id=maybe((TEAPOT, LAMP)),
                category_id=maybe((TEA, KITCHEN, HOME, GARDEN)),
                brand_id=maybe((LOOM, OTHER_BRAND)),
            )
            for index in chance.sample(range(20), count)
        ]
        chosen = choose_rule(rules, SUBJECT)
        assert (chosen.id if chosen else None) == slow_choice(rules, SUBJECT)


# --- amounts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "rate", "earned"),
    [
        (0, 500, 0),
        (1_999, 500, 100),  # 99.95
        (1_989, 500, 99),  # 99.45
        (1_990, 500, 100),  # 99.5 goes up
        (1, 5_000, 1),  # half a penny goes up
        (1, 4_999, 0),
        (12_345, 0, 0),
        (12_345, 10_000, 12_345),
        (10**15, 10_000, 10**15),
    ],
)
def test_commission_is_rounded_once_halves_up(base: int, rate: int, earned: int) -> None:
    assert commission(base, rate) == earned


@given(st.integers(0, 10**15), st.integers(0, 10_000))
def test_commission_is_what_decimals_say(base: int, rate: int) -> None:
    exact = Decimal(base) * Decimal(rate) / Decimal(10_000)
    assert commission(base, rate) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(0, 10**12), st.lists(st.integers(1, 1_000), min_size=1, max_size=20))
def test_returns_in_any_steps_reverse_all_of_it_and_never_more(
    accrued: int, steps: list[int]
) -> None:
    quantity, back, reversed_so_far = sum(steps), 0, 0
    for step in steps:
        back += step
        now = to_reverse(accrued, reversed_so_far, back, quantity)
        assert now >= 0
        reversed_so_far += now
        exact = Decimal(accrued) * back / quantity
        assert abs(reversed_so_far - exact) <= Decimal("0.5")
    assert reversed_so_far == accrued


def test_nothing_more_is_reversed_for_what_was_reversed() -> None:
    assert to_reverse(100, 67, 2, 3) == 0
