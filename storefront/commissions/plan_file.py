"""Commission plans as a CSV file: one row for each rule, the rules of one plan together.

Each plan becomes a draft. A chain that brings its past along may publish them at once, as long as
it has published none: from then on a plan is approved by a second person and starts in the future.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import groupby
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storefront.attribution import versions
from storefront.attribution.models import VersionState
from storefront.catalog.models import Brand, Category, Product
from storefront.commissions import plans
from storefront.commissions.models import CommissionPlan
from storefront.commissions.month_columns import MONTH_COLUMNS, read_month
from storefront.commissions.plans import LARGEST_TERM, LONGEST_HOLD_DAYS, NewRule, Terms
from storefront.commissions.rules import Buyer
from storefront.commissions.rules.months import MonthTerms
from storefront.core.actor import Actor
from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow, Imported, read_rows
from storefront.core.database import db, transaction
from storefront.core.money import WHOLE_BASIS_POINTS, parse_amount
from storefront.core.settings import settings
from storefront.staff.models import Employee, Store

MOST_ROWS = 100_000
LONGEST_NOTE = 500
EARLIEST_YEAR, LATEST_YEAR = 1970, 2999
NOUNS: Mapping[str, Any] = {
    "employee": Employee.number,
    "product": Product.code,
    "category": Category.code,
    "brand": Brand.code,
    "store": Store.code,
}
"""What a rule may be about, and by what a file names it. An empty cell matches everything."""
COLUMNS = CsvColumns(
    required=("starts_at", "hold_days", "rate"),
    optional=(*NOUNS, "grade", "buyer", "per_unit", "cap", "bonus", *MONTH_COLUMNS, "note"),
)

_plans = cast(sa.Table, CommissionPlan.__table__)
_RATE = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?\s*%", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A row as it was read; what could not be read is None, and noted."""

    row: CsvRow
    starts_at: datetime | None
    hold_days: int | None
    pay: _Pay
    note: str
    bonus: int
    month: MonthTerms


@dataclass(frozen=True, slots=True)
class _Pay:
    """What a row gives, and to whom, besides what it names by codes."""

    rate: int
    per_unit: int | None
    cap: int | None
    grade: str | None
    buyer: Buyer | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """The rows of one plan, understood."""

    line: int
    starts_at: datetime
    hold_days: int
    note: str
    bonus: int
    month: MonthTerms
    rules: tuple[NewRule, ...]


def import_plans(
    source: BinaryIO | bytes, time_zone: str, actor: Actor, now: datetime, *, publish: bool = False
) -> Imported:
    """Draft every plan of a file; those that are there already, rule for rule, stay as they are.

    `time_zone` is that of times written without an offset. With `publish` they are published too.
    Raises Invalid `wrong_file` with every complaint.
    """
    problems = CsvProblems()
    rules = [_read(row, time_zone, problems) for row in _rows(source, problems)]
    with transaction():
        found = _plans_of(rules, _ids_of(rules, problems), problems)
        problems.raise_if_any()
        known = _known()
        new = [plan for plan in found if _key(plan) not in known]
        if publish:
            _refuse_past(new, problems, now)
        drafted = [_draft(plan, actor, now) for plan in new]
        if publish:
            versions.publish_at_once(_plans, drafted, now)
        return Imported(len(new), 0, len(found) - len(new))


def _rows(source: BinaryIO | bytes, problems: CsvProblems) -> list[CsvRow]:
    return list(read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems))


def _read(row: CsvRow, time_zone: str, problems: CsvProblems) -> _Rule:
    note = row.get("note") or ""
    if len(note) > LONGEST_NOTE:
        problems.add(row.line, "note", "wrong_note", f"Up to {LONGEST_NOTE} characters.")
    pay = _pay(row, problems)
    return _Rule(
        row,
        starts_at=_start(row, time_zone, problems),
        hold_days=_hold_days(row, problems),
        pay=pay,
        note=note,
        bonus=_amount(row, "bonus", problems) or 0,
        month=read_month(row, pay.rate, problems),
    )


def _start(row: CsvRow, time_zone: str, problems: CsvProblems) -> datetime | None:
    try:
        moment = datetime.fromisoformat(row["starts_at"])
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise ValueError(row["starts_at"])
    except ValueError:
        message = "A time is written like 2026-03-01T00:00:00+08:00."
        problems.add(row.line, "starts_at", "wrong_starts_at", message)
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(time_zone))


def _hold_days(row: CsvRow, problems: CsvProblems) -> int | None:
    text = row["hold_days"]
    if text.isdecimal() and text.isascii() and int(text[:9]) <= LONGEST_HOLD_DAYS:
        return int(text)
    message = f"Days from the hand-over until it may be paid: 0 to {LONGEST_HOLD_DAYS}."
    problems.add(row.line, "hold_days", "wrong_hold_days", message)
    return None


def _pay(row: CsvRow, problems: CsvProblems) -> _Pay:
    per_unit = _amount(row, "per_unit", problems)
    if row["rate"] and row.get("per_unit"):
        message = "A rule says either a rate or an amount per unit: leave one of them empty."
        problems.add(row.line, "per_unit", "rate_and_amount", message)
    return _Pay(
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


def _amount(row: CsvRow, column: str, problems: CsvProblems) -> int | None:
    text = row.get(column)
    if not text:
        return None
    try:
        amount = parse_amount(text, settings().chain_currency)
        if amount > LARGEST_TERM:
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


def _ids_of(rules: Sequence[_Rule], problems: CsvProblems) -> dict[str, dict[str, int]]:
    """Row numbers by noun and by the name that the file uses; unknown names are noted."""
    ids: dict[str, dict[str, int]] = {}
    for noun, name in NOUNS.items():
        wanted = {rule.row.get(noun) for rule in rules} - {None, ""}
        rows = db.session.execute(sa.select(name, name.class_.id).where(name.in_(wanted)))
        ids[noun] = {row[0]: row[1] for row in rows}
        for rule in rules:
            if rule.row.get(noun) and rule.row[noun] not in ids[noun]:
                message = f"There is no such {noun}. Correct it, or take it in first."
                problems.add(rule.row.line, noun, f"unknown_{noun}", message)
    _refuse_unknown_grades(rules, problems)
    return ids


def _refuse_unknown_grades(rules: Sequence[_Rule], problems: CsvProblems) -> None:
    wanted = {rule.pay.grade for rule in rules} - {None}
    known = set(db.session.scalars(sa.select(Employee.grade).where(Employee.grade.in_(wanted))))
    for rule in rules:
        if rule.pay.grade and rule.pay.grade not in known:
            message = "Nobody has this grade. Correct it, or take the roster in first."
            problems.add(rule.row.line, "grade", "unknown_grade", message)


def _plans_of(
    rules: Sequence[_Rule], ids: Mapping[str, Mapping[str, int]], problems: CsvProblems
) -> list[_Plan]:
    found: list[_Plan] = []
    ends: dict[datetime, int] = {}
    for starts_at, grouped in groupby(rules, key=lambda rule: rule.starts_at):
        of_plan = list(grouped)
        first = of_plan[0]
        if starts_at is None:
            continue
        if starts_at in ends:
            message = f"The plan's other rows end on line {ends[starts_at]}: put them together."
            problems.add(first.row.line, "starts_at", "not_together", message)
        ends[starts_at] = of_plan[-1].row.line
        for rule in of_plan[1:]:
            for column in ("hold_days", "note", "bonus", "month"):
                if getattr(rule, column) != getattr(first, column):
                    message = f"Line {first.row.line} says something else of the same plan."
                    named = "tiers" if column == "month" else column
                    problems.add(rule.row.line, named, "differs", message)
        understood = tuple(_as_rule(rule, ids) for rule in of_plan)
        found.append(
            _Plan(
                first.row.line,
                starts_at,
                first.hold_days or 0,
                first.note,
                first.bonus,
                first.month,
                understood,
            )
        )
    return found


def _as_rule(rule: _Rule, ids: Mapping[str, Mapping[str, int]]) -> NewRule:
    about: dict[str, Any] = {
        f"{noun}_id": ids[noun].get(rule.row.get(noun) or "") for noun in NOUNS
    }
    return replace(
        NewRule(**about),
        rate=rule.pay.rate,
        per_unit=rule.pay.per_unit,
        cap=rule.pay.cap,
        grade=rule.pay.grade,
        buyer=rule.pay.buyer,
    )


def _key(plan: _Plan) -> tuple[object, ...]:
    return plan.starts_at, plan.hold_days, plan.note, plan.bonus, plan.month, plan.rules


def _known() -> set[tuple[object, ...]]:
    """Every plan that there is, in the shape of `_key`."""
    return {
        (
            plan.starts_at,
            plan.hold_days,
            plan.note,
            plan.bonus,
            MonthTerms.from_document(plan.month_terms),
            tuple(
                NewRule(**{each.name: getattr(rule, each.name) for each in fields(NewRule)})
                for rule in plan.rules
            ),
        )
        for plan in db.session.scalars(sa.select(CommissionPlan))
    }


def _refuse_past(new: Sequence[_Plan], problems: CsvProblems, now: datetime) -> None:
    published = db.session.scalar(
        sa.select(sa.func.count()).where(_plans.c.state == VersionState.PUBLISHED)
    )
    for plan in new if published else ():
        if plan.starts_at < now:
            message = (
                "The chain has published a plan already: a new one starts now or later. "
                "What was earned by it stays earned."
            )
            problems.add(plan.line, "starts_at", "starts_in_the_past", message)
    problems.raise_if_any()


def _draft(plan: _Plan, actor: Actor, now: datetime) -> int:
    terms = Terms(
        rules=plan.rules,
        hold_days=plan.hold_days,
        starts_at=plan.starts_at,
        note=plan.note,
        bonus=plan.bonus,
        month=plan.month,
    )
    return plans.draft_terms(terms, actor, now).version
