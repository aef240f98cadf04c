"""Commission plans as a CSV file: one row for each rule, the rules of one plan together.

Each plan becomes a draft. A chain that brings its past along may publish them at once, as long as
it has published none: from then on a plan is approved by a second person and starts in the future.
A version that is written into a file comes back the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import groupby
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storefront.attribution import versions
from storefront.attribution.models import VersionState
from storefront.commissions import plans
from storefront.commissions.models import CommissionPlan
from storefront.commissions.month_columns import write_month
from storefront.commissions.plan_rows import COLUMNS, NOUNS, PlanRow, read_row
from storefront.commissions.terms import NewBooster, NewRule, Terms
from storefront.core.actor import Actor
from storefront.core.csvfile import CsvProblems, Imported, read_rows, write_rows
from storefront.core.database import db, transaction
from storefront.core.languages import say_share
from storefront.core.money import format_amount
from storefront.core.settings import settings
from storefront.staff.models import Employee

MOST_ROWS = 100_000

_plans = cast(sa.Table, CommissionPlan.__table__)

_Ids = Mapping[str, Mapping[str, int]]
"""Row numbers by noun and by the name that the file uses."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """The rows of one plan, understood."""

    line: int
    terms: Terms


def import_plans(
    source: BinaryIO | bytes, time_zone: str, actor: Actor, now: datetime, *, publish: bool = False
) -> Imported:
    """Draft every plan of a file; those that are there already, rule for rule, stay as they are.

    `time_zone` is that of times written without an offset. With `publish` they are published too.
    Raises Invalid `wrong_file` with every complaint.
    """
    problems = CsvProblems()
    read = read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems)
    rows = [read_row(row, time_zone, problems) for row in read]
    with transaction():
        found = _plans_of(rows, _ids_of(rows, problems), problems)
        problems.raise_if_any()
        known = {plans.terms_of(plan) for plan in db.session.scalars(sa.select(CommissionPlan))}
        new = [plan for plan in found if plan.terms not in known]
        if publish:
            _refuse_past(new, problems, now)
        drafted = [plans.draft_terms(plan.terms, actor, now).version for plan in new]
        if publish:
            versions.publish_at_once(_plans, drafted, now)
        return Imported(len(new), 0, len(found) - len(new))


def _ids_of(rows: Sequence[PlanRow], problems: CsvProblems) -> _Ids:
    """What the rows name; unknown names are noted."""
    ids: dict[str, dict[str, int]] = {}
    for noun, name in NOUNS.items():
        wanted = {each.row.get(noun) for each in rows} - {None, ""}
        found = db.session.execute(sa.select(name, name.class_.id).where(name.in_(wanted)))
        ids[noun] = {row[0]: row[1] for row in found}
        for each in rows:
            if each.row.get(noun) and each.row[noun] not in ids[noun]:
                message = f"There is no such {noun}. Correct it, or take it in first."
                problems.add(each.row.line, noun, f"unknown_{noun}", message)
    _refuse_unknown_grades(rows, problems)
    return ids


def _refuse_unknown_grades(rows: Sequence[PlanRow], problems: CsvProblems) -> None:
    wanted = {each.pay.grade for each in rows} - {None}
    known = set(db.session.scalars(sa.select(Employee.grade).where(Employee.grade.in_(wanted))))
    for each in rows:
        if each.pay.grade and each.pay.grade not in known:
            message = "Nobody has this grade. Correct it, or take the roster in first."
            problems.add(each.row.line, "grade", "unknown_grade", message)


def _plans_of(rows: Sequence[PlanRow], ids: _Ids, problems: CsvProblems) -> list[_Plan]:
    found: list[_Plan] = []
    ends: dict[datetime, int] = {}
    for starts_at, grouped in groupby(rows, key=lambda row: row.starts_at):
        of_plan = list(grouped)
        line = of_plan[0].row.line
        if starts_at is None:
            continue
        if starts_at in ends:
            message = f"The plan's other rows end on line {ends[starts_at]}: put them together."
            problems.add(line, "starts_at", "not_together", message)
        ends[starts_at] = of_plan[-1].row.line
        _refuse_differences(of_plan, problems)
        if not any(row.boost is None for row in of_plan):
            message = "A plan needs rules, and these are all boosters."
            problems.add(line, "rate", "no_rules", message)
        found.append(_Plan(line, _terms(starts_at, of_plan, ids)))
    return found


def _refuse_differences(of_plan: Sequence[PlanRow], problems: CsvProblems) -> None:
    first = of_plan[0]
    for each in of_plan[1:]:
        for name, said in each.of_plan.items():
            if said != first.of_plan[name]:
                message = f"Line {first.row.line} says something else of the same plan."
                column = "tiers" if name == "month" else name
                problems.add(each.row.line, column, "differs", message)


def _terms(starts_at: datetime, of_plan: Sequence[PlanRow], ids: _Ids) -> Terms:
    first = of_plan[0].of_plan
    said: dict[str, Any] = {**first, "hold_days": first["hold_days"] or 0}
    return Terms(
        rules=tuple(_as_rule(row, ids) for row in of_plan if row.boost is None),
        starts_at=starts_at,
        boosters=tuple(
            NewBooster(_as_rule(row, ids), row.boost.budget, row.boost.starts_at, row.boost.ends_at)
            for row in of_plan
            if row.boost is not None
        ),
        **said,
    )


def _as_rule(row: PlanRow, ids: _Ids) -> NewRule:
    about: dict[str, Any] = {f"{noun}_id": ids[noun].get(row.row.get(noun) or "") for noun in NOUNS}
    return replace(
        NewRule(**about), **{each.name: getattr(row.pay, each.name) for each in fields(row.pay)}
    )


def _refuse_past(new: Sequence[_Plan], problems: CsvProblems, now: datetime) -> None:
    published = db.session.scalar(
        sa.select(sa.func.count()).where(_plans.c.state == VersionState.PUBLISHED)
    )
    for plan in new if published else ():
        if plan.terms.starts_at < now:
            message = (
                "The chain has published a plan already: a new one starts now or later. "
                "What was earned by it stays earned."
            )
            problems.add(plan.line, "starts_at", "starts_in_the_past", message)
    problems.raise_if_any()


# --- written ----------------------------------------------------------------------------------


def export_plan(version: int) -> Iterator[bytes]:
    """A version as a file that `import_plans` finds nothing new in. Raises NotFound."""
    terms = plans.terms_of(plans.find_plan(version))
    columns = (*COLUMNS.required, *COLUMNS.optional)
    ruled = [(rule, None) for rule in terms.rules]
    boosted = [(booster.rule, booster) for booster in terms.boosters]
    names = _names_of([rule for rule, _ in (*ruled, *boosted)])
    rows = (_cells(terms, rule, booster, names) for rule, booster in (*ruled, *boosted))
    return write_rows(columns, ([cells.get(name, "") for name in columns] for cells in rows))


def _names_of(rules: Sequence[NewRule]) -> dict[str, dict[int, str]]:
    names: dict[str, dict[int, str]] = {}
    for noun, name in NOUNS.items():
        wanted = {getattr(rule, f"{noun}_id") for rule in rules} - {None}
        found = db.session.execute(
            sa.select(name.class_.id, name).where(name.class_.id.in_(wanted))
        )
        names[noun] = {row[0]: row[1] for row in found}
    return names


def _cells(
    terms: Terms,
    rule: NewRule,
    booster: NewBooster | None,
    names: Mapping[str, Mapping[int, str]],
) -> dict[str, str]:
    cells = {
        "starts_at": _written(terms.starts_at),
        "hold_days": str(terms.hold_days),
        "note": terms.note,
        "rate": say_share(rule.rate) if rule.per_unit is None else "",
        "grade": rule.grade or "",
        "buyer": rule.buyer.value if rule.buyer else "",
        **{noun: of_noun.get(getattr(rule, f"{noun}_id"), "") for noun, of_noun in names.items()},
        **write_month(terms.month),
    }
    amounts: dict[str, int | None] = {
        "per_unit": rule.per_unit,
        "cap": rule.cap,
        "bonus": terms.bonus,
        "order_cap": terms.order_cap,
        "service_bonus": terms.service_bonus,
    }
    if booster:
        cells["booster_from"] = _written(booster.starts_at)
        cells["booster_until"] = _written(booster.ends_at)
        amounts["budget"] = booster.budget
    currency = settings().chain_currency
    return cells | {
        name: format_amount(amount, currency)
        for name, amount in amounts.items()
        if amount is not None
    }


def _written(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(settings().chain_time_zone)).isoformat()
