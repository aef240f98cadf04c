"""A second opinion on months: slow, plain, by exact fractions, and event after event.

It knows nothing of how the program settles: it plays a person's life from sale to sale and asks at
every month's end what each month so far ought to have come to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from math import floor


@dataclass
class Plan:
    """What a plan says of months, in the plainest form."""

    thresholds: list[int]
    extras: list[int]
    whole_volume: bool
    corrects: bool
    cap: int | None

    @property
    def says_something(self) -> bool:
        return bool(self.thresholds) or self.cap is not None


@dataclass
class Event:
    """Pieces that came back; without pieces nothing of the sale was left."""

    at: datetime
    pieces: int = 0
    paid_back: int = 0
    """To this person's share."""


@dataclass
class Sold:
    """A person's share of a line."""

    at: datetime
    base: int
    commission: int
    quantity: int
    events: list[Event] = field(default_factory=list)


def rounded(exact: Fraction) -> int:
    """Halves up."""
    return floor(exact + Fraction(1, 2))


def tiers_of(plan: Plan, net: int) -> int:
    """What the tiers add: unit by unit in spirit, band by band in fact."""
    if net <= 0:
        return 0
    if plan.whole_volume:
        extra = 0
        for threshold, basis_points in zip(plan.thresholds, plan.extras, strict=True):
            if net >= threshold:
                extra = basis_points
        return rounded(Fraction(net * extra, 10_000))
    total = 0
    tops = [*plan.thresholds[1:], None] if plan.thresholds else []
    for bottom, top, basis_points in zip(plan.thresholds, tops, plan.extras, strict=True):
        reaches = net if top is None else min(net, top)
        if reaches > bottom:
            total += rounded(Fraction((reaches - bottom) * basis_points, 10_000))
    return total


def owed_for(plan: Plan, net: int, commission: int) -> int:
    """What a month adds to its sales' commission, or takes off."""
    extra = tiers_of(plan, net)
    if plan.cap is not None and commission + extra > plan.cap:
        return plan.cap - commission
    return extra


def month_at(ends: list[datetime], begin: datetime, at: datetime) -> int | None:
    """The month of a moment, counted from 0."""
    if at < begin:
        return None
    return next((number for number, end in enumerate(ends) if at < end), None)


def figures(
    sold: list[Sold], plans: list[Plan], begin: datetime, ends: list[datetime], close: int
) -> tuple[list[int], list[int]]:
    """Net sales and commission of every month, as of the end of month `close`."""
    now = ends[close]
    net, commission = [0] * len(ends), [0] * len(ends)
    for sale in sold:
        if sale.at >= now:
            continue
        own = month_at(ends, begin, sale.at)
        keeps = own if own is not None and corrects(plans[own]) else None
        for when, less in losses(sale, now):
            there = month_at(ends, begin, when) if keeps is None else keeps
            if there is not None and when - sale.at < timedelta(days=400):
                net[there] -= less
        if own is not None:
            net[own] += sale.base
            commission[own] += still_earned(sale, now)
    return net, commission


def life(sale: Sold, now: datetime) -> list[tuple[datetime, Event]]:
    """What happened to a sale before `now`, up to its end."""
    happened: list[tuple[datetime, Event]] = []
    for event in sorted(sale.events, key=lambda each: (max(each.at, sale.at), not each.pieces)):
        when = max(event.at, sale.at)
        if when >= now or (happened and not happened[-1][1].pieces):
            break
        happened.append((when, event))
    return happened


def losses(sale: Sold, now: datetime) -> list[tuple[datetime, int]]:
    """What was lost of a sale, and when."""
    rest, lost = sale.base, list[tuple[datetime, int]]()
    for when, event in life(sale, now):
        less = event.paid_back if event.pieces else rest
        rest -= less
        lost.append((when, less))
    return lost


def still_earned(sale: Sold, now: datetime) -> int:
    """Commission on a sale that was not taken back."""
    happened = [event for _, event in life(sale, now)]
    if any(not event.pieces for event in happened):
        return 0
    back = sum(event.pieces for event in happened)
    return sale.commission - rounded(Fraction(sale.commission * back, sale.quantity))


def corrects(plan: Plan) -> bool:
    """Whether a month keeps its returns to itself."""
    return plan.says_something and plan.corrects


def postings(
    sold: list[Sold], plans: list[Plan], begin: datetime, ends: list[datetime]
) -> list[list[int]]:
    """What each close posts for each month up to its own."""
    posted = [0] * len(ends)
    closes: list[list[int]] = []
    for close in range(len(ends)):
        net, commission = figures(sold, plans, begin, ends, close)
        now: list[int] = []
        for month in range(close + 1):
            plan = plans[month]
            open_still = ends[month] + timedelta(days=400) > (ends[close - 1] if close else begin)
            due = owed_for(plan, net[month], commission[month]) if plan.says_something else 0
            difference = due - posted[month] if open_still else 0
            posted[month] += difference
            now.append(difference)
        closes.append(now)
    return closes
