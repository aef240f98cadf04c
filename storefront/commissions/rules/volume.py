"""In which month a sale and what came back of it count, for tiers and for the month's cap."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storefront.core.money import part_so_far

CORRECTED_FOR = timedelta(days=400)
"""What comes back later than this after its sale counts for no tier. It is longer than the longest
return window that a plan may have, and bounds how far back a close has to look."""


@dataclass(frozen=True, slots=True)
class Month:
    """A period, from `starts_at` up to, and without, `ends_at`."""

    starts_at: datetime
    ends_at: datetime
    is_corrected: bool
    """Whether what comes back of its sales counts in it, however much later, and not in the month
    in which it comes back."""


@dataclass(frozen=True, slots=True)
class Back:
    """Goods that came back, for one share of a line."""

    at: datetime
    pieces: int
    amount: int
    """This share's part of what was paid back."""


@dataclass(frozen=True, slots=True)
class Sale:
    """One employee's share of a line, of which something came back or was given to others."""

    at: datetime
    base: int
    commission: int
    quantity: int
    back: tuple[Back, ...] = ()
    ended_at: datetime | None = None
    """When the order was cancelled, or others were credited: nothing is left from then on."""


@dataclass(frozen=True, slots=True)
class Less:
    """What a month's figures are less, because of a sale that was undone in part or whole."""

    month: int
    """Its place."""
    net: int = 0
    commission: int = 0


def month_of(months: Sequence[Month], at: datetime) -> int | None:
    """The place of the month that holds a moment; None if there is none."""
    place = bisect_right(months, at, key=lambda month: month.starts_at) - 1
    return place if place >= 0 and at < months[place].ends_at else None


def counted_in(months: Sequence[Month], sold_at: datetime, back_at: datetime) -> int | None:
    """The month whose net sales a return lowers: that of its sale, or that of the return itself."""
    if back_at - sold_at >= CORRECTED_FOR:
        return None
    own = month_of(months, sold_at)
    if own is not None and months[own].is_corrected:
        return own
    return month_of(months, back_at)


def undone(sale: Sale, months: Sequence[Month], until: datetime) -> Iterator[Less]:
    """What is to be taken off the months for a sale, by all that happened before `until`.

    Commission is taken off the month of the sale: there its cap was asked, and what a cap had cut
    is not taken back a second time.
    """
    left, pieces, is_over = sale.base, 0, False
    for at, back in _in_order(sale):
        if at >= until or is_over:
            break
        amount = left if back is None else back.amount
        left -= amount
        pieces += 0 if back is None else back.pieces
        is_over = back is None
        place = counted_in(months, sale.at, at)
        if place is not None:
            yield Less(place, net=amount)
    own = month_of(months, sale.at)
    if own is not None:
        taken = sale.commission if is_over else part_so_far(sale.commission, pieces, sale.quantity)
        yield Less(own, commission=taken)


def _in_order(sale: Sale) -> list[tuple[datetime, Back | None]]:
    """What happened to it; None is its end. Nothing happens to a share before there is one."""
    happened: list[tuple[datetime, Back | None]] = [
        (max(back.at, sale.at), back) for back in sale.back
    ]
    if sale.ended_at is not None:
        happened.append((max(sale.ended_at, sale.at), None))
    # At the same moment the goods come back first: the end takes what is left.
    return sorted(happened, key=lambda each: (each[0], each[1] is None))
