"""The rows of a plan's file, read cell by cell: one for each rule or booster, with its plan's own
terms repeated on each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from storefront.catalog.models import Brand, Category, Product
from storefront.commissions.month_columns import MONTH_COLUMNS, read_month
from storefront.commissions.rules import Buyer
from storefront.commissions.terms import LARGEST_BUDGET, LARGEST_TERM, LONGEST_HOLD_DAYS
from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow
from storefront.core.money import WHOLE_BASIS_POINTS, parse_amount
from storefront.core.settings import settings
from storefront.sharing.models import Campaign
from storefront.staff.models import Employee, Store

LONGEST_NOTE = 500
EARLIEST_YEAR, LATEST_YEAR = 1970, 2999
NOUNS: Mapping[str, Any] = {
    "employee": Employee.number,
    "product": Product.code,
    "category": Category.code,
    "brand": Brand.code,
    "store": Store.code,
    "campaign": Campaign.code,
}
"""What a rule may be about, and by what a file names it. An empty cell matches everything."""
OF_BOOSTER = ("budget", "booster_from", "booster_until")
"""A row that says any of these is a booster, and says all of them."""
COLUMNS = CsvColumns(
    required=("starts_at", "hold_days", "rate"),
    optional=(
        *NOUNS,
        "grade",
        "buyer",
        "per_unit",
        "cap",
        *OF_BOOSTER,
        "bonus",
        "order_cap",
        "service_bonus",
        *MONTH_COLUMNS,
        "note",
    ),
)

_RATE = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pay:
    """What a row gives, and to whom, besides what it names by codes."""

    rate: int
    per_unit: int | None
    cap: int | None
    grade: str | None
    buyer: Buyer | None


@dataclass(frozen=True, slots=True)
class Boost:
    """What makes a row a booster."""

    budget: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row as it was read; what could not be read is None, and noted."""

    row: CsvRow
    starts_at: datetime | None
    of_plan: Mapping[str, Any]
    """What it says of its plan as a whole, by the names of a plan's terms."""
    pay: Pay
    boost: Boost | None
    """None for a rule."""


def read_row(row: CsvRow, time_zone: str, problems: CsvProblems) -> PlanRow:
    """Read a row; `time_zone` is that of times written without an offset."""
    note = row.get("note") or ""
    if len(note) > LONGEST_NOTE:
        problems.add(row.line, "note", "wrong_note", f"Up to {LONGEST_NOTE} characters.")
    pay = _pay(row, problems)
    return PlanRow(
        row,
        starts_at=_moment(row, "starts_at", time_zone, problems),
        of_plan={
            "hold_days": _hold_days(row, problems),
            "note": note,
            "bonus": _amount(row, "bonus", problems) or 0,
            "order_cap": _amount(row, "order_cap", problems),
            "service_bonus": _amount(row, "service_bonus", problems) or 0,
            "month": read_month(row, pay.rate, problems),
        },
        pay=pay,
        boost=_boost(row, pay, time_zone, problems),
    )


def _moment(row: CsvRow, column: str, time_zone: str, problems: CsvProblems) -> datetime | None:
    try:
        moment = datetime.fromisoformat(row[column])
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise ValueError(row[column])
    except ValueError:
        message = "A time is written like 2026-03-01T00:00:00+08:00."
        problems.add(row.line, column, f"wrong_{column}", message)
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(time_zone))


def _hold_days(row: CsvRow, problems: CsvProblems) -> int | None:
    text = row["hold_days"]
    if text.isdecimal() and text.isascii() and int(text[:9]) <= LONGEST_HOLD_DAYS:
        return int(text)
    message = f"Days from the hand-over until it may be paid: 0 to {LONGEST_HOLD_DAYS}."
    problems.add(row.line, "hold_days", "wrong_hold_days", message)
    return None


def _pay(row: CsvRow, problems: CsvProblems) -> Pay:
    per_unit = _amount(row, "per_unit", problems)
    if row["rate"] and row.get("per_unit"):
        message = "A rule says either a rate or an amount per unit: leave one of them empty."
        problems.add(row.line, "per_unit", "rate_and_amount", message)
    return Pay(
        # An empty rate is wrong unless the row gives an amount.
        rate=0 if row.get("per_unit") and not row["rate"] else _rate(row, problems),
        per_unit=per_unit,
        cap=_amount(row, "cap", problems),
        grade=row.get("grade") or None,
        buyer=_buyer(row, problems),
    )


def _rate(row: CsvRow, problems: CsvProblems) -> int:
    found = _RATE.fullmatch(row["rate"])
    rate = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None
    if rate is None or rate > WHOLE_BASIS_POINTS:
        problems.add(row.line, "rate", "wrong_rate", "A part of the net, like 5% or 2.75%.")
        return 0
    return rate


def _amount(
    row: CsvRow, column: str, problems: CsvProblems, largest: int = LARGEST_TERM
) -> int | None:
    text = row.get(column)
    if not text:
        return None
    try:
        amount = parse_amount(text, settings().chain_currency)
        if amount > largest:
            raise ValueError(text)
    except ValueError:
        message = "An amount in the chain's currency, like 3.50, and not below zero."
        problems.add(row.line, column, f"wrong_{column}", message)
        return None
    return amount


def _buyer(row: CsvRow, problems: CsvProblems) -> Buyer | None:
    text = row.get("buyer")
    if not text:
        return None
    if text not in (Buyer.NEW, Buyer.RETURNING):
        message = "Must be one of: new, returning. Empty is for all."
        problems.add(row.line, "buyer", "wrong_buyer", message)
        return None
    return Buyer(text)


def _boost(row: CsvRow, pay: Pay, time_zone: str, problems: CsvProblems) -> Boost | None:
    if not any(row.get(column) for column in OF_BOOSTER):
        return None
    missing = [column for column in OF_BOOSTER if not row.get(column)]
    for column in missing:
        message = "A booster has a budget, a time from which it runs and one until which."
        problems.add(row.line, column, "booster_incomplete", message)
    if pay.cap is not None:
        message = "A booster is limited by its budget, and has no cap."
        problems.add(row.line, "cap", "wrong_cap", message)
    if not (pay.rate or pay.per_unit) and row["rate"] + (row.get("per_unit") or ""):
        problems.add(row.line, "rate", "wrong_rate", "A booster gives something.")
    if missing:
        return None
    budget = _amount(row, "budget", problems, LARGEST_BUDGET)
    start = _moment(row, "booster_from", time_zone, problems)
    end = _moment(row, "booster_until", time_zone, problems)
    if budget == 0:
        problems.add(row.line, "budget", "wrong_budget", "A budget is more than nothing.")
    if start and end and end <= start:
        message = "A booster ends after it has started."
        problems.add(row.line, "booster_until", "wrong_booster_until", message)
    return Boost(budget, start, end) if budget and start and end else None
