"""What a month adds to its sales' commission and takes from it: tiers by net sales, and a cap.

Neither can be known sale by sale, so both are settled once the month is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from storefront.core.money import WHOLE_BASIS_POINTS, basis_points_of

LARGEST_THRESHOLD = 10**12
"""In minor units: beyond it somebody slipped."""
MOST_TIERS = 50


class TierMode(StrEnum):
    """What a tier's extra is of."""

    MARGINAL = "marginal"
    """Of the part of the net sales that lies within it."""
    WHOLE_VOLUME = "whole_volume"
    """Of all net sales of the month, by the highest tier reached."""


class LaterReturns(StrEnum):
    """What becomes of a month's tier when goods come back after it."""

    NOTHING = "nothing"
    """It stays; a return lowers the net sales of the month in which it is posted."""
    DIFFERENCE = "difference"
    """The month is reckoned anew, and the difference is posted at the next close."""


@dataclass(frozen=True, slots=True)
class Tier:
    """From `start` minor units of net sales on, `extra` basis points on top of what sales earn."""

    start: int
    extra: int


@dataclass(frozen=True, slots=True)
class MonthTerms:
    """What a plan says about whole months."""

    tiers: tuple[Tier, ...] = ()
    mode: TierMode = TierMode.MARGINAL
    later_returns: LaterReturns = LaterReturns.NOTHING
    cap: int | None = None
    """The most that an employee's commission on a month's sales comes to, with its tiers."""

    def __bool__(self) -> bool:
        return bool(self.tiers) or self.cap is not None

    def as_document(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "tiers": [[tier.start, tier.extra] for tier in self.tiers],
            "mode": self.mode.value,
            "later_returns": self.later_returns.value,
            "cap": self.cap,
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Read what was stored; nothing stands for no terms."""
        if not document:
            return cls()
        return cls(
            tuple(Tier(start, extra) for start, extra in document["tiers"]),
            TierMode(document["mode"]),
            LaterReturns(document["later_returns"]),
            document["cap"],
        )


NO_MONTH_TERMS = MonthTerms()


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the month's net sales, and what its tier gives for it."""

    start: int
    part: int
    extra: int
    """In basis points."""
    amount: int


@dataclass(frozen=True, slots=True)
class MonthResult:
    """What a month comes to for one employee, in minor units."""

    net: int
    """Net sales that tiers are asked by."""
    commission: int
    """What the month's sales earn by the plan's rules, less what was taken back of it."""
    bands: tuple[Band, ...]
    extra: int
    """What the tiers add."""
    cut: int
    """What the cap takes away."""

    @property
    def amount(self) -> int:
        """What is to be posted besides the sales' own commission; below zero if the cap cuts."""
        return self.extra - self.cut


def settle_month(terms: MonthTerms, net: int, commission: int) -> MonthResult:
    """What a month adds and cuts. Each band is rounded once; net sales below zero reach no tier."""
    bands = bands_of(terms, net)
    extra = sum(band.amount for band in bands)
    cut = 0 if terms.cap is None else max(commission + extra - terms.cap, 0)
    return MonthResult(net, commission, bands, extra, cut)


def bands_of(terms: MonthTerms, net: int) -> tuple[Band, ...]:
    """The tiers that were reached, each with its part of the net sales."""
    reached = [tier for tier in terms.tiers if net > 0 and net >= tier.start]
    if not reached:
        return ()
    if terms.mode is TierMode.WHOLE_VOLUME:
        return (_band(reached[-1], net),)
    ends = [*(tier.start for tier in reached[1:]), net]
    return tuple(_band(tier, end - tier.start) for tier, end in zip(reached, ends, strict=True))


def _band(tier: Tier, part: int) -> Band:
    return Band(tier.start, part, tier.extra, basis_points_of(part, tier.extra))


def next_tier(terms: MonthTerms, net: int) -> Tier | None:
    """The first tier that is not reached; None if there is none."""
    return next((tier for tier in terms.tiers if tier.start > net), None)


def faults_of_month(terms: MonthTerms, highest_rate: int) -> dict[str, Any]:
    """What is wrong with the terms, by element: tiers by their place, counted from 0.

    `highest_rate` is that of the plan's rules, in basis points: with a tier on top nobody may earn
    more than the goods cost.
    """
    faults: dict[str, Any] = {}
    tiers = faults_of_tiers(terms.tiers, highest_rate)
    if len(terms.tiers) > MOST_TIERS:
        faults["tiers"] = [f"A plan has up to {MOST_TIERS} tiers."]
    elif tiers:
        faults["tiers"] = tiers
    if terms.cap is not None and not 0 <= terms.cap <= LARGEST_THRESHOLD:
        faults["month_cap"] = [f"A month's cap is from 0 to {LARGEST_THRESHOLD:,} minor units."]
    return faults


def faults_of_tiers(tiers: Sequence[Tier], highest_rate: int) -> dict[str, dict[str, list[str]]]:
    """What is wrong with tiers, by their place, counted from 0, and by element."""
    faults: dict[str, dict[str, list[str]]] = {}
    for place, tier in enumerate(tiers):
        found: dict[str, list[str]] = {}
        if not 0 <= tier.start <= LARGEST_THRESHOLD:
            found["from"] = [f"A tier begins from 0 to {LARGEST_THRESHOLD:,} minor units."]
        elif place and tier.start <= tiers[place - 1].start:
            found["from"] = ["Tiers overlap: each begins above the one before it."]
        if not 0 <= tier.extra <= WHOLE_BASIS_POINTS:
            found["extra"] = ["An extra is from 0 to 10,000 basis points."]
        elif tier.extra + highest_rate > WHOLE_BASIS_POINTS:
            message = "basis points: with the plan's highest rate it comes to more than 10,000"
            found["extra"] = [f"{tier.extra:,} {message}."]
        if found:
            faults[str(place)] = found
    return faults
