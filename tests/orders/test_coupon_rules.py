"""What a coupon takes off: every line its part, to the cent, or a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.orders.coupon_rules import (
    CouponKind,
    Goods,
    Reduction,
    Refused,
    Terms,
    Why,
    code,
    reduction,
)

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TENTH = Terms(
    CouponKind.PERCENT, 0, 1_000, None, 0, NOW - timedelta(days=1), NOW + timedelta(days=1)
)
FIVER = replace(TENTH, kind=CouponKind.AMOUNT, amount_off=500, basis_points=0)

prices = st.integers(0, 10**10)
baskets = st.lists(
    st.builds(Goods, prices, st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=30
)
scopes = st.none() | st.frozensets(st.integers(1, 3), min_size=1)
offers = st.builds(
    replace,
    st.just(FIVER),
    amount_off=st.integers(1, 10**11),
    category_ids=scopes,
    brand_ids=scopes,
) | st.builds(
    replace,
    st.just(TENTH),
    basis_points=st.integers(1, 10_000),
    most_off=st.none() | st.integers(1, 10**9),
    category_ids=scopes,
    brand_ids=scopes,
)


def goods(*each: int) -> list[Goods]:
    return [Goods(price, 1, 1) for price in each]


def off(terms: Terms, *each: int, used: int = 0) -> tuple[int, ...] | Why:
    outcome = reduction(terms, goods(*each), NOW, used)
    return outcome.amounts if isinstance(outcome, Reduction) else outcome.why


@pytest.mark.parametrize(
    ("terms", "given_prices", "taken"),
    [
        (TENTH, (1_999,), (200,)),
        (TENTH, (1_994,), (199,)),
        (TENTH, (1_995,), (200,)),
        (FIVER, (1_000, 1_000), (250, 250)),
        (FIVER, (1_000, 1_000, 1_000), (167, 167, 166)),
        (FIVER, (1, 2, 997), (1, 1, 498)),
        (FIVER, (0, 1_000), (0, 500)),
        # At least one minor unit is left to pay.
        (FIVER, (500,), (499,)),
        (FIVER, (300, 100), (299, 100)),
        (replace(TENTH, basis_points=10_000), (300, 1), (299, 1)),
        (replace(TENTH, most_off=50), (1_999,), (50,)),
        (FIVER, (1,), Why.TOO_SMALL),
        (TENTH, (4,), Why.TOO_SMALL),
        (FIVER, (0,), Why.NOTHING_FITS),
        (replace(FIVER, least_spend=1_000), (999,), Why.LEAST_SPEND),
        (replace(FIVER, least_spend=1_000), (600, 400), (300, 200)),
    ],
)
def test_known_cases(
    terms: Terms, given_prices: tuple[int, ...], taken: tuple[int, ...] | Why
) -> None:
    assert off(terms, *given_prices) == taken


def test_it_is_for_what_is_of_its_categories_and_of_its_brands() -> None:
    basket = [Goods(1_000, 1, 1), Goods(1_000, 1, 2), Goods(1_000, 2, 1)]

    def taken(**scope: frozenset[int]) -> tuple[int, ...]:
        outcome = reduction(replace(FIVER, **scope), basket, NOW)
        assert isinstance(outcome, Reduction)
        return outcome.amounts

    one = frozenset({1})
    assert taken(category_ids=one) == (250, 250, 0)
    assert taken(brand_ids=one) == (250, 0, 250)
    assert taken(category_ids=one, brand_ids=one) == (500, 0, 0)
    nothing = reduction(replace(FIVER, brand_ids=frozenset({3})), basket, NOW)
    assert nothing == Refused(Why.NOTHING_FITS)


def test_the_least_spend_is_of_what_it_is_for_and_it_is_said_what_is_missing() -> None:
    terms = replace(FIVER, least_spend=1_500, brand_ids=frozenset({1}))
    basket = [Goods(1_000, 1, 1), Goods(9_000, 1, 2)]
    assert reduction(terms, basket, NOW) == Refused(Why.LEAST_SPEND, 500)


@pytest.mark.parametrize(
    ("terms", "used", "why"),
    [
        (replace(FIVER, is_withdrawn=True), 0, Why.OVER),
        (replace(FIVER, ends_at=NOW), 0, Why.OVER),
        (replace(FIVER, starts_at=NOW + timedelta(seconds=1)), 0, Why.NOT_YET),
        (replace(FIVER, uses_left=0), 0, Why.USED_UP),
        (FIVER, 1, Why.USED_BEFORE),
        (replace(FIVER, most_uses_each=2), 2, Why.USED_BEFORE),
    ],
)
def test_a_coupon_that_is_closed_says_why(terms: Terms, used: int, why: Why) -> None:
    assert off(terms, 10_000, used=used) == why


def test_it_works_from_its_start_to_just_before_its_end() -> None:
    assert off(replace(FIVER, starts_at=NOW), 10_000) == (500,)
    assert off(replace(FIVER, ends_at=NOW + timedelta(microseconds=1)), 10_000) == (500,)
    assert off(replace(FIVER, uses_left=1, most_uses_each=2), 10_000, used=1) == (500,)


@given(offers, baskets)
def test_the_parts_sum_to_the_whole_and_no_line_goes_below_nothing(
    terms: Terms, basket: list[Goods]
) -> None:
    outcome = reduction(terms, basket, NOW)
    fits = [
        (terms.category_ids is None or line.category_id in terms.category_ids)
        and (terms.brand_ids is None or line.brand_id in terms.brand_ids)
        for line in basket
    ]
    full = sum(line.price for line in basket)
    spent = sum(line.price for line, fit in zip(basket, fits, strict=True) if fit)
    if terms.kind is CouponKind.AMOUNT:
        wanted = terms.amount_off
    else:
        wanted = floor(Fraction(spent * terms.basis_points, 10_000) + Fraction(1, 2))
        wanted = min(wanted, terms.most_off or wanted)
    expected = min(wanted, spent, full - 1)
    if isinstance(outcome, Refused):
        assert outcome.why is (Why.NOTHING_FITS if spent == 0 else Why.TOO_SMALL)
        assert expected <= 0
        return
    assert outcome.total == sum(outcome.amounts) == expected > 0
    assert full - outcome.total >= 1
    for line, fit, part in zip(basket, fits, outcome.amounts, strict=True):
        assert 0 <= part <= line.price
        exact = Fraction(expected * line.price, spent) if fit else Fraction(0)
        assert abs(part - exact) < 1


@pytest.mark.parametrize("text", ["welcome10", " Welcome10 ", "WELCOME10"])
def test_a_code_is_the_same_in_capitals_or_not(text: str) -> None:
    assert code(text) == "WELCOME10"


@pytest.mark.parametrize(
    "text", ["", "ABC", "A" * 25, "AB CD", "-ABC", "优惠优惠", "AB_CD", "A\0BCD"]
)
def test_some_codes_cannot_be(text: str) -> None:
    with pytest.raises(ValueError, match="4 to 24"):
        code(text)
