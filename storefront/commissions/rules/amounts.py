"""How much a share of a line earns by the rule that won, and what is reversed of it later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storefront.commissions.rules.matching import Rule
from storefront.core.money import WHOLE_BASIS_POINTS, basis_points_of, part_so_far, split


@dataclass(frozen=True, slots=True)
class Portion:
    """One credit's part of a line."""

    base: int
    """Its share of the line's net."""
    quantity: int
    """All pieces of the line."""
    shares: tuple[int, ...] = (WHOLE_BASIS_POINTS,)
    """Of everybody credited with the line, in basis points, in their order."""
    place: int = 0
    """Which of them this is."""


@dataclass(frozen=True, slots=True)
class Earned:
    """What a credit earns, in minor units."""

    amount: int
    """By the rule and its cap, with the bonus."""
    cut: int = 0
    """What the rule's cap on the line took away."""
    bonus: int = 0
    """What is in the amount for the customer's first order."""


def earned(rule: Rule | None, portion: Portion, line_bonus: int = 0) -> Earned:
    """What a portion earns by the rule that won it (None: nothing), with its part of a bonus.

    A rate is rounded once per line and credit. Amounts per unit, caps and bonuses are the line's
    and split by its shares, so that parts never sum to more than the whole.
    """
    full = _uncapped(rule, portion)
    cap = rule.cap if rule else None
    kept = full if cap is None else min(full, part_of(cap, portion))
    bonus = part_of(line_bonus, portion)
    return Earned(kept + bonus, full - kept, bonus)


def _uncapped(rule: Rule | None, portion: Portion) -> int:
    if rule is None:
        return 0
    if rule.per_unit is None:
        return commission(portion.base, rule.rate)
    return part_of(rule.per_unit * portion.quantity, portion)


def part_of(whole: int, portion: Portion) -> int:
    """A portion's part of an amount for its whole line; the first share takes the remainder."""
    return split(whole, portion.shares)[portion.place] if whole else 0


def bonus_by_line(bonus: int, quantities: Sequence[int]) -> list[int]:
    """A bonus for an order cut by its lines' pieces; the first line takes the remainder.

    So it is reversed with each line in proportion to the pieces that come back.
    """
    pieces = sum(quantities)
    later = [bonus * quantity // pieces for quantity in quantities[1:]]
    return [bonus - sum(later), *later]


def commission(base: int, rate: int) -> int:
    """What `rate` basis points of `base` are, halves up: once per line and credit."""
    return basis_points_of(base, rate)


def to_reverse(accrued: int, reversed_before: int, returned: int, quantity: int) -> int:
    """What is still to be reversed once `returned` of `quantity` pieces are back in all."""
    return part_so_far(accrued, returned, quantity) - reversed_before
