"""Which lines of a sale come back: a till names codes, and a code may be on several lines."""

from __future__ import annotations

from collections.abc import Sequence

from storefront.core.errors import Conflict, Invalid
from storefront.orders.returns import LineStanding
from storefront.till.told import BroughtBack, Return


def by_position(
    told: Return, standing: Sequence[LineStanding]
) -> tuple[dict[int, int], dict[int, int]]:
    """Pieces that come back by position in the sale, and amounts where the till says some.

    Without a position, pieces are taken from the first lines with the code that have some left.
    Raises Invalid `unknown_code`, `unknown_line`, `line_needed`, `line_twice`; Conflict
    `more_than_sold`. Each names the place in the return as `line`.
    """
    pieces: dict[int, int] = {}
    amounts: dict[int, int] = {}
    for place, back in enumerate(told.lines, start=1):
        taken = _take(back, place, _candidates(told, back, place, standing), pieces)
        if back.amount is None and not amounts.keys() & taken.keys():
            continue
        if len(taken) > 1:
            raise Invalid(
                "line_needed",
                f"{back.code} is on several lines of the sale: say with `line` (from 1) which of "
                "them the amount is for.",
                line=place,
                field="line",
            )
        (position,) = taken
        if back.amount is None or (position in amounts or pieces[position] > taken[position]):
            raise Invalid(
                "line_twice",
                f"Line {position} of the sale comes back twice here, with an amount. "
                "Say it once, with all its pieces and the whole amount.",
                line=place,
                field="line",
            )
        amounts[position] = back.amount
    return pieces, amounts


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
            f"Line {back.line} of the sale {told.sale} is not {back.code}; that is on {positions}.",
            line=place,
            field="line",
        )
    return chosen


def _take(
    back: BroughtBack, place: int, candidates: Sequence[LineStanding], pieces: dict[int, int]
) -> dict[int, int]:
    """Take the pieces from what is left of these lines, the first line first."""
    taken: dict[int, int] = {}
    missing = back.quantity
    for line in candidates:
        left = line.quantity - line.returned - pieces.get(line.position, 0)
        here = min(missing, left)
        if here > 0:
            taken[line.position] = here
            pieces[line.position] = pieces.get(line.position, 0) + here
            missing -= here
    if missing:
        sold = sum(line.quantity for line in candidates)
        left = back.quantity - missing
        raise Conflict(
            "more_than_sold",
            f"{back.code}: {sold} were sold and {left} of them can still come back, "
            f"not {back.quantity}.",
            line=place,
            field="quantity",
            sold=sold,
            left=left,
        )
    return taken
