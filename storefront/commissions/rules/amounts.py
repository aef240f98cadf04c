"""How much the shares of an order earn by rules, boosters, caps and bonuses; what is reversed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from storefront.commissions.rules.matching import Booster, Rule
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


class Earning(NamedTuple):
    """One employee's share of one line, with what won it."""

    employee_id: int
    portion: Portion
    rule: Rule | None
    """None: none matched, and it earns nothing by a rule."""
    booster: Booster | None = None
    line_bonus: int = 0
    """The line's part of the bonus for a first order, all its shares together."""


class Wanted(NamedTuple):
    """What a share earns if the boosters' budgets are enough, in minor units."""

    kept: int
    """By the rule, within its cap and the order's."""
    cut: int
    """What the rule's cap on the line took away."""
    boost: int
    """By the booster, within the order's cap."""
    order_cut: int
    """What the order's cap took away, of the rule's part and of the boost."""
    bonus: int


class Earned(NamedTuple):
    """What a share earns, in minor units."""

    amount: int
    """By the rule, the booster and the bonus, within the caps."""
    cut: int = 0
    """What the rule's cap on the line took away."""
    bonus: int = 0
    """What is in the amount for the customer's first order."""
    order_cut: int = 0
    """What the order's cap took away."""
    boost: int = 0
    """What is in the amount by the booster."""
    unfunded: int = 0
    """What the booster would have given besides, had its budget not been used up."""


def wanted_on_order(
    earnings: Sequence[Earning], order_cap: int | None, used: Mapping[int, int] | None = None
) -> list[Wanted]:
    """What the shares of an order earn, one for one, as long as budgets last.

    `order_cap` is the most that one employee earns on the order by rules and boosters; what the
    rules give fills it first, in the order of the shares, and then what the boosters give. A bonus
    is a fixed promise, and stands outside. `used` is what employees have of the order already.
    """
    by_rule = [_within_line(earning) for earning in earnings]
    boosts = [_given(each.booster.rule, each.portion) if each.booster else 0 for each in earnings]
    kept, boosted = [amount for amount, _ in by_rule], boosts
    if order_cap is not None:
        room = _Room(order_cap, used or {})
        kept = room.take_all(earnings, kept)
        boosted = room.take_all(earnings, boosts)
    return [
        Wanted(
            kept[place],
            cut,
            boosted[place],
            amount - kept[place] + boosts[place] - boosted[place],
            part_of(earning.line_bonus, earning.portion),
        )
        for place, (earning, (amount, cut)) in enumerate(zip(earnings, by_rule, strict=True))
    ]


class _Room:
    """What each employee may still earn on an order."""

    def __init__(self, cap: int, used: Mapping[int, int]) -> None:
        self._cap = cap
        self._used = defaultdict(int, used)

    def take_all(self, earnings: Sequence[Earning], amounts: Sequence[int]) -> list[int]:
        """What of each amount there is room for, in their order."""
        return [
            self._take(earning.employee_id, amount)
            for earning, amount in zip(earnings, amounts, strict=True)
        ]

    def _take(self, employee_id: int, amount: int) -> int:
        taken = min(amount, max(self._cap - self._used[employee_id], 0))
        self._used[employee_id] += taken
        return taken


def asked_of_boosters(earnings: Sequence[Earning], wanted: Sequence[Wanted]) -> dict[int, int]:
    """What an order asks of each booster (row number) that has anything to give for it."""
    asked: dict[int, int] = defaultdict(int)
    for earning, want in zip(earnings, wanted, strict=True):
        if earning.booster and want.boost:
            asked[earning.booster.rule.id] += want.boost
    return dict(asked)


def earned_on_order(
    earnings: Sequence[Earning], wanted: Sequence[Wanted], granted: Mapping[int, int]
) -> list[Earned]:
    """What the shares of an order earn, one for one, with what their boosters could grant.

    A booster's last money goes to the first shares that ask for it.
    """
    left = dict(granted)
    found: list[Earned] = []
    for earning, want in zip(earnings, wanted, strict=True):
        boost = 0
        if earning.booster and want.boost:
            boost = min(want.boost, left[earning.booster.rule.id])
            left[earning.booster.rule.id] -= boost
        found.append(with_boost(want, boost))
    return found


def with_boost(want: Wanted, boost: int) -> Earned:
    """What a share earns of which this much comes from a booster."""
    return Earned(
        amount=want.kept + boost + want.bonus,
        cut=want.cut,
        bonus=want.bonus,
        order_cut=want.order_cut,
        boost=boost,
        unfunded=want.boost - boost,
    )


def earned(
    rule: Rule | None, portion: Portion, line_bonus: int = 0, booster: Booster | None = None
) -> Earned:
    """What a portion earns that is all its employee has of an order without a cap."""
    (want,) = wanted_on_order([Earning(0, portion, rule, booster, line_bonus)], None)
    return with_boost(want, want.boost)


def _within_line(earning: Earning) -> tuple[int, int]:
    """What the rule gives for a share within its own cap, and what the cap took away.

    A rate is rounded once per line and credit. Amounts per unit, caps and bonuses are the line's
    and split by its shares, so that parts never sum to more than the whole.
    """
    if earning.rule is None:
        return 0, 0
    full, cap = _given(earning.rule, earning.portion), earning.rule.cap
    kept = full if cap is None else min(full, part_of(cap, earning.portion))
    return kept, full - kept


def _given(rule: Rule, portion: Portion) -> int:
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
