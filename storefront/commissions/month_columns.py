"""The columns of a plan's file that are about whole months: tiers, their ways, and the cap."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TypeVar

from storefront.commissions.rules.months import (
    LARGEST_THRESHOLD,
    MOST_TIERS,
    NO_MONTH_TERMS,
    LaterReturns,
    MonthTerms,
    Tier,
    TierMode,
    faults_of_tiers,
)
from storefront.core.csvfile import CsvProblems, CsvRow
from storefront.core.languages import say_share
from storefront.core.money import format_amount, parse_amount
from storefront.core.settings import settings

MONTH_COLUMNS = ("tiers", "tier_mode", "later_returns", "month_cap")

_TIER = re.compile(r"\s*([\d.]+)\s*:\s*(\d{1,3})(?:\.(\d{1,2}))?\s*%\s*", re.ASCII)

_Choice = TypeVar("_Choice", bound=StrEnum)


def read_month(row: CsvRow, highest_rate: int, problems: CsvProblems) -> MonthTerms:
    """What a row says about months: `1000.00:2%; 2000.00:3.5%` for its tiers.

    `highest_rate` is the row's own, in basis points.
    """
    terms = MonthTerms(
        _tiers(row, problems),
        _choice(TierMode, row, "tier_mode", problems) or TierMode.MARGINAL,
        _choice(LaterReturns, row, "later_returns", problems) or LaterReturns.NOTHING,
        _cap(row, problems),
    )
    for place, faults in faults_of_tiers(terms.tiers, highest_rate).items():
        said = " ".join(message for messages in faults.values() for message in messages)
        problems.add(row.line, "tiers", "wrong_tiers", f"Tier {int(place) + 1}: {said}")
    return terms or NO_MONTH_TERMS


def write_month(terms: MonthTerms) -> dict[str, str]:
    """The cells that `read_month` reads as these terms."""
    if not terms:
        return {}
    currency = settings().chain_currency
    tiers = (
        f"{format_amount(each.start, currency)}:{say_share(each.extra)}" for each in terms.tiers
    )
    return {
        "tiers": "; ".join(tiers),
        "tier_mode": terms.mode.value,
        "later_returns": terms.later_returns.value,
        "month_cap": "" if terms.cap is None else format_amount(terms.cap, currency),
    }


def _tiers(row: CsvRow, problems: CsvProblems) -> tuple[Tier, ...]:
    text = row.get("tiers")
    if not text:
        return ()
    tiers: list[Tier] = []
    parts = text.split(";")
    if len(parts) > MOST_TIERS:
        problems.add(row.line, "tiers", "wrong_tiers", f"A plan has up to {MOST_TIERS} tiers.")
        return ()
    for part in parts:
        found = _TIER.fullmatch(part)
        try:
            if not found:
                raise ValueError(part)
            start = parse_amount(found[1], settings().chain_currency)
        except ValueError:
            message = "Tiers are amounts with what they add, like 1000.00:2%; 2000.00:3.5%."
            problems.add(row.line, "tiers", "wrong_tiers", message)
            return ()
        tiers.append(Tier(start, int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))))
    return tuple(tiers)


def _choice(kind: type[_Choice], row: CsvRow, column: str, problems: CsvProblems) -> _Choice | None:
    text = row.get(column)
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        known = ", ".join(each.value for each in kind)
        problems.add(row.line, column, f"wrong_{column}", f"Must be one of: {known}.")
        return None


def _cap(row: CsvRow, problems: CsvProblems) -> int | None:
    text = row.get("month_cap")
    if not text:
        return None
    try:
        amount = parse_amount(text, settings().chain_currency)
        if amount > LARGEST_THRESHOLD:
            raise ValueError(text)
    except ValueError:
        message = "An amount in the chain's currency, like 5000.00, and not below zero."
        problems.add(row.line, "month_cap", "wrong_month_cap", message)
        return None
    return amount
