"""Money: one rounding, and parts that sum to the whole."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.core.money import (
    basis_points_of,
    divide_half_up,
    format_amount,
    in_proportion,
    parse_amount,
    part_so_far,
    split,
)

amounts = st.integers(0, 10**15)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        (0, 1, 0),
        (1, 2, 1),
        (1, 3, 0),
        (2, 3, 1),
        (5, 2, 3),
        (3, 2, 2),
        (149, 100, 1),
        (150, 100, 2),
    ],
)
def test_halves_go_up(numerator: int, denominator: int, rounded: int) -> None:
    assert divide_half_up(numerator, denominator) == rounded


@given(amounts, st.integers(1, 10**9))
def test_rounding_agrees_with_decimal_arithmetic(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    nearest = int(
        (Decimal(numerator * 10**6) // denominator / 10**6).quantize(Decimal(1), ROUND_HALF_UP)
    )
    assert abs(exact - divide_half_up(numerator, denominator)) <= Fraction(1, 2)
    if exact - int(exact) != Fraction(1, 2):
        assert abs(divide_half_up(numerator, denominator) - nearest) <= 1
    else:
        assert divide_half_up(numerator, denominator) == int(exact) + 1


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 2), (1, 0), (1, -1)])
def test_nothing_negative_is_ever_rounded(numerator: int, denominator: int) -> None:
    with pytest.raises(ValueError, match="cannot round"):
        divide_half_up(numerator, denominator)


@pytest.mark.parametrize(
    ("amount", "rate", "commission"),
    [(5_997, 500, 300), (1_999, 500, 100), (10, 500, 1), (9, 500, 0), (0, 500, 0), (7, 10_000, 7)],
)
def test_basis_points(amount: int, rate: int, commission: int) -> None:
    assert basis_points_of(amount, rate) == commission


@given(amounts, st.lists(st.integers(1, 10_000), min_size=1, max_size=8))
def test_a_split_sums_to_the_whole_and_later_parts_never_get_too_much(
    amount: int, weights: list[int]
) -> None:
    total = sum(weights)
    shares = [weight * 10_000 // total for weight in weights]
    shares[0] += 10_000 - sum(shares)
    parts = split(amount, shares)
    assert sum(parts) == amount
    assert all(part >= 0 for part in parts)
    for part, share in list(zip(parts, shares, strict=True))[1:]:
        assert part == amount * share // 10_000


def test_a_split_takes_only_shares_that_sum_to_one() -> None:
    with pytest.raises(ValueError, match="must sum"):
        split(100, [5_000, 4_999])
    with pytest.raises(ValueError, match="must sum"):
        split(100, [10_001, -1])


@given(amounts, st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_parts_posted_one_after_another_sum_to_the_whole(whole: int, pieces: list[int]) -> None:
    total = sum(pieces)
    posted, done = 0, 0
    for piece in pieces:
        before = part_so_far(whole, done, total)
        done += piece
        step = part_so_far(whole, done, total) - before
        assert step >= 0
        posted += step
    assert posted == whole


def test_there_is_no_more_than_all_of_it() -> None:
    with pytest.raises(ValueError, match="4 of 3"):
        part_so_far(100, 4, 3)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("12.34", "CNY", 1234), ("0.01", "GBP", 1), (" 7 ", "CNY", 700), ("12", "JPY", 12)],
)
def test_a_decimal_is_read_as_minor_units(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "complaint"),
    [
        ("0.001", "CNY", "finer than the smallest unit"),
        ("1.5", "JPY", "finer than the smallest unit"),
        ("-1", "CNY", "negative"),
        ("1e400", "CNY", "too large"),
        ("NaN", "CNY", "not an amount"),
        ("Infinity", "CNY", "not an amount"),
        ("1,99", "CNY", "not an amount"),
        ("", "CNY", "not an amount"),
    ],
)
def test_what_is_no_amount_is_refused_with_a_word(text: str, currency: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_amount(text, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(1234, "CNY", "12.34"), (5, "GBP", "0.05"), (-5, "CNY", "-0.05"), (12, "JPY", "12")],
)
def test_amounts_in_files_have_a_point_and_all_digits(
    amount: int, currency: str, text: str
) -> None:
    assert format_amount(amount, currency) == text


@given(st.integers(0, 10**15))
def test_what_was_written_is_read_back(amount: int) -> None:
    assert parse_amount(format_amount(amount, "CNY"), "CNY") == amount


@given(st.data(), st.lists(st.integers(0, 10**12), min_size=1, max_size=40).filter(any))
def test_parts_in_proportion_sum_to_the_whole_and_stay_below_their_weights(
    data: st.DataObject, weights: list[int]
) -> None:
    whole = sum(weights)
    amount = data.draw(st.integers(0, whole))
    parts = in_proportion(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert 0 <= part <= weight
        assert abs(part - Fraction(amount * weight, whole)) < 1


def test_of_equal_remainders_the_first_goes_up() -> None:
    assert in_proportion(2, [1, 1, 1]) == [1, 1, 0]
    assert in_proportion(10, [1, 1, 1]) == [4, 3, 3]


@pytest.mark.parametrize(("amount", "weights"), [(-1, [1]), (1, []), (1, [0]), (1, [2, -1])])
def test_what_cannot_be_cut_is_refused(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot cut"):
        in_proportion(amount, weights)
