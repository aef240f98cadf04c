"""How weights become shares: basis points that sum to 10,000, whatever the weights are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal, localcontext

from storefront.core.money import WHOLE_BASIS_POINTS

_DIGITS = 30
"""Digits to which a decaying weight is worked out: enough that no basis point hangs on them."""
_SCALE = Decimal(10) ** 18
_LN_2 = Decimal("0.693147180559945309417232121458176568")


def apportion(weights: Sequence[int]) -> list[int]:
    """Basis points by weight, each rounded down; the first takes what is left.

    Weights are not negative and sum to more than 0.
    """
    whole = sum(weights)
    later = [WHOLE_BASIS_POINTS * weight // whole for weight in weights[1:]]
    return [WHOLE_BASIS_POINTS - sum(later), *later]


def by_position(count: int, first: int, last: int) -> list[int]:
    """Weights of `count` touches in the order in which they happened.

    `first` and `last` are basis points; those between share the rest. Two touches share in the
    proportion of first and last.
    """
    if count == 1:
        return [1]
    if count == 2:
        return [first, last] if first + last else [1, 1]
    between = count - 2
    middle = WHOLE_BASIS_POINTS - first - last
    return [first * between, *[middle] * between, last * between]


def by_age(ages: Sequence[timedelta], half_life_days: int) -> list[int]:
    """Weights of touches by how long before the order they were: halved every `half_life_days`.

    Worked out in decimals of a fixed length, so that every machine says the same, and against the
    youngest, so that whole half-lives between touches give whole halves.
    """
    half_life = _seconds(timedelta(days=half_life_days))
    youngest = min(ages)
    with localcontext(prec=_DIGITS):
        return [_halved(_seconds(age - youngest), half_life) for age in ages]


def _halved(age: Decimal, half_life: Decimal) -> int:
    # A power of 2 to a fraction takes ten times as long as this.
    halvings, rest = divmod(age, half_life)
    return int(_SCALE * (-rest / half_life * _LN_2).exp() / 2**halvings)


def _seconds(span: timedelta) -> Decimal:
    return Decimal(span // timedelta(microseconds=1)) / 1_000_000
