"""Money is an integer count of minor units (fen, pence) beside a currency code, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

WHOLE_BASIS_POINTS = 10_000
"""100 %, in basis points."""

MINOR_DIGITS = {"CNY": 2, "GBP": 2, "EUR": 2, "USD": 2, "HKD": 2, "SGD": 2, "JPY": 0}
"""Digits after the decimal point of each currency a chain may run in (ISO 4217)."""

LARGEST_AMOUNT = 10**15
"""No single amount in the program passes this, so sums stay far inside 64 bits."""


def divide_half_up(numerator: int, denominator: int) -> int:
    """The nearest integer to a quotient, halves up. The one place where money is rounded.

    Both must be non-negative, the denominator positive; ValueError otherwise. Debts are reversals
    of amounts rounded here, so nothing negative is ever rounded.
    """
    if numerator < 0 or denominator <= 0:
        raise ValueError(f"cannot round {numerator}/{denominator}")
    return (2 * numerator + denominator) // (2 * denominator)


def basis_points_of(amount: int, basis_points: int) -> int:
    """`basis_points` ten-thousandths of `amount`, halves up."""
    return divide_half_up(amount * basis_points, WHOLE_BASIS_POINTS)


def part_so_far(whole: int, done: int, total: int) -> int:
    """What `done` of `total` pieces are worth of `whole`, halves up.

    Posting the difference of two calls makes a series of parts that sums to `whole` exactly when
    the last piece is done, however it was cut.
    """
    if not 0 <= done <= total:
        raise ValueError(f"{done} of {total}")
    return divide_half_up(whole * done, total)


def split(amount: int, shares: Sequence[int]) -> list[int]:
    """Cut `amount` by `shares` in basis points that sum to 10,000; the first takes the remainder.

    Every later part is rounded down, so the parts always sum to `amount` and none is negative.
    """
    if sum(shares) != WHOLE_BASIS_POINTS or any(share < 0 for share in shares):
        raise ValueError(f"shares must sum to {WHOLE_BASIS_POINTS}: {list(shares)}")
    later = [amount * share // WHOLE_BASIS_POINTS for share in shares[1:]]
    return [amount - sum(later), *later]


def in_proportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Cut `amount` in proportion to non-negative `weights` by the method of largest remainders.

    The parts always sum to `amount`, none is negative, and none is larger than its weight if
    `amount` is not larger than their sum. Of equal remainders the first goes up.
    """
    whole = sum(weights)
    if amount < 0 or whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError(f"cannot cut {amount} by {list(weights)}")
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda each: amount * weights[each] % whole, reverse=True
    )
    for each in by_remainder[: amount - sum(parts)]:
        parts[each] += 1
    return parts


def parse_amount(text: str, currency: str) -> int:
    """Minor units from a decimal with a point, like `12.34`.

    ValueError when it is no plain decimal, is negative, is too large, or is finer than the
    currency's minor unit.
    """
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount") from error
    if not value.is_finite():
        raise ValueError(f"{text!r} is not an amount")
    minor = value.scaleb(MINOR_DIGITS[currency])
    if minor < 0:
        raise ValueError(f"{text!r} is negative")
    if minor > LARGEST_AMOUNT:
        raise ValueError(f"{text!r} is too large")
    if minor != minor.to_integral_value():
        raise ValueError(f"{text!r} is finer than the smallest unit of {currency}")
    return int(minor)


def format_amount(amount: int, currency: str) -> str:
    """A plain decimal with a point for files: `1234` CNY is `12.34`, `-5` is `-0.05`."""
    digits = MINOR_DIGITS[currency]
    sign = "-" if amount < 0 else ""
    whole, rest = divmod(abs(amount), 10**digits)
    return f"{sign}{whole}.{rest:0{digits}d}" if digits else f"{sign}{whole}"
