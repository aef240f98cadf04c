"""Which lines of a sale come back: a till names codes, and a code may be on several lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from storefront.core.errors import Conflict, Invalid
from storefront.core.money import part_so_far
from storefront.orders.returns import LineStanding
from storefront.till.told import BroughtBack, Return


class Matched(NamedTuple):
    """What comes back, by position in the sale."""

    pieces: dict[int, int]
    amounts: dict[int, int]
    """What was paid back, in minor units."""


def matched(told: Return, standing: Sequence[LineStanding]) -> Matched:
    """Find the lines that a return speaks of, and what was paid back for each.

    Without a position, pieces are taken from the first lines with the code that have some left.
    Without an amount it is their part of the line's net, as far as that was not paid back before.
    Raises Invalid `unknown_code`, `unknown_line`, `line_needed`, `line_twice`; Conflict
    `more_than_sold`, `amount_too_large`. Each names the place in the return as `line`.
    """
    pieces: dict[int, int] = {}
    amounts: dict[int, int] = {}
    for place, back in enumerate(told.lines, start=1):
        taken = _take(back, place, _candidates(told, back, place, standing), pieces)
        again = taken.keys() & pieces.keys()
        if again & amounts.keys() or (again and back.amount is not None):
            raise Invalid(
                "line_twice",
                f"A line with {back.code} comes back twice here, with an amount. Say it once, "
                "with all its pieces and the whole amount.",
                line=place,
                field="line",
            )
        for position, count in taken.items():
            pieces[position] = pieces.get(position, 0) + count
        if back.amount is not None:
            position = _only_one(back, place, taken)
            amounts[position] = _within_paid(back.amount, place, standing[position - 1])
    for line in standing:
        if line.position in pieces and line.position not in amounts:
            amounts[line.position] = _part(line, pieces[line.position])
    return Matched(pieces, amounts)


def _candidates(
    told: Return, back: BroughtBack, place: int, standing: Sequence[LineStanding]
) -> list[LineStanding]:
    having = [line for line in standing if line.code == back.code]
    if not having:
        raise Invalid(
            "unknown_code",
            f"{back.code} is not on the sale {told.sale}. Look which receipt it was sold on.",
            line=place,
            field="code",
        )
    if back.line is None:
        return having
    chosen = [line for line in having if line.position == back.line]
    if not chosen:
        positions = ", ".join(str(line.position) for line in having)
        raise Invalid(
            "unknown_line",
            f"Line {back.line} of the sale {told.sale} is not {back.code}: that is line "
            f"{positions}.",
            line=place,
            field="line",
        )
    return chosen


def _take(
    back: BroughtBack, place: int, candidates: Sequence[LineStanding], pieces: Mapping[int, int]
) -> dict[int, int]:
    """The pieces out of what is left of these lines, the first line first."""
    taken: dict[int, int] = {}
    missing = back.quantity
    for line in candidates:
        here = min(missing, line.quantity - line.returned - pieces.get(line.position, 0))
        if here > 0:
            taken[line.position] = here
            missing -= here
    if missing:
        sold = sum(line.quantity for line in candidates)
        left = back.quantity - missing
        raise Conflict(
            "more_than_sold",
            f"{back.code}: {sold} were sold, and {left} of them can still come back, not "
            f"{back.quantity}.",
            line=place,
            field="quantity",
            sold=sold,
            left=left,
        )
    return taken


def _only_one(back: BroughtBack, place: int, taken: Mapping[int, int]) -> int:
    if len(taken) > 1:
        raise Invalid(
            "line_needed",
            f"{back.code} is on several lines of the sale: say by `line` (from 1) which of them "
            "the amount is for.",
            line=place,
            field="line",
        )
    (position,) = taken
    return position


def _within_paid(amount: int, place: int, line: LineStanding) -> int:
    left = line.net - line.paid_back
    if amount > left:
        raise Conflict(
            "amount_too_large",
            f"{line.net} were paid for line {line.position} of the sale and {line.paid_back} of "
            f"them paid back before, in minor units. At most {left} can be.",
            line=place,
            field="amount",
            left=left,
        )
    return amount


def _part(line: LineStanding, count: int) -> int:
    before, after = line.returned, line.returned + count
    part = part_so_far(line.net, after, line.quantity) - part_so_far(
        line.net, before, line.quantity
    )
    return min(part, line.net - line.paid_back)
