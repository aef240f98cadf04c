"""Headquarters' queue: one row per rule and person, one case with all of it, and how rules fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from storefront.commissions.fraud_models import (
    CaseOutcome,
    CaseState,
    FraudCase,
    FraudOccurrence,
    Signal,
)
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.fraud.cases import held_in
from storefront.orders.models import Order, OrderLine
from storefront.staff.models import Employee, Role

_cases = cast(sa.Table, FraudCase.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_occurrences = cast(sa.Table, FraudOccurrence.__table__)
_orders = cast(sa.Table, Order.__table__)
_people = cast(sa.Table, Employee.__table__)
_answerers, _approvers = _people.alias("answerers"), _people.alias("approvers")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases to list."""

    closed: bool = False
    rule: Signal | None = None
    employee: str | None = None
    for_role: Role | None = None


@dataclass(frozen=True, slots=True)
class QueuedCase:
    """A case as the queue shows it."""

    id: int
    public_id: str
    rule: Signal
    employee: str
    name: str
    state: CaseState
    opened_at: datetime
    for_role: Role
    escalates_at: datetime | None
    outcome: CaseOutcome | None
    takes_back: bool
    note: str
    answered_by: str | None
    answered_at: datetime | None
    approved_by: str | None
    closed_at: datetime | None
    occurrences: int
    """Lines that it is about."""
    last_found_at: datetime
    held: int
    """Minor units that it keeps from being paid out now."""


def listed(wanted: Wanted, before: int | None, limit: int) -> list[QueuedCase]:
    """Cases from below the row number `before`, the latest first."""
    closed = _cases.c.closed_at
    conditions: list[sa.ColumnElement[bool]] = [
        closed.is_not(None) if wanted.closed else closed.is_(None)
    ]
    if wanted.rule is not None:
        conditions.append(_cases.c.rule == wanted.rule)
    if wanted.employee is not None:
        conditions.append(_people.c.number == wanted.employee)
    if wanted.for_role is not None:
        conditions.append(_cases.c.for_role == wanted.for_role)
    if before is not None:
        conditions.append(_cases.c.id < before)
    return _read(sa.and_(*conditions), limit)


def find(case_public_id: str) -> QueuedCase:
    """The case with this public id. Raises NotFound `case_not_found`."""
    found = _read(_cases.c.public_id == case_public_id, 1)
    if not found:
        raise NotFound("case_not_found", "There is no such case.")
    return found[0]


def _read(condition: sa.ColumnElement[bool], limit: int) -> list[QueuedCase]:
    of_case = _occurrences.c.case_id == _cases.c.id
    lines = sa.select(sa.func.count()).select_from(_occurrences).where(of_case)
    last = sa.select(sa.func.max(_occurrences.c.found_at)).where(of_case)
    rows = db.session.execute(
        sa.select(
            _cases.c.id,
            _cases.c.public_id,
            _cases.c.rule,
            _people.c.number,
            _people.c.name,
            _cases.c.state,
            _cases.c.opened_at,
            _cases.c.for_role,
            _cases.c.escalates_at,
            _cases.c.outcome,
            _cases.c.takes_back,
            _cases.c.note,
            _answerers.c.number,
            _cases.c.answered_at,
            _approvers.c.number,
            _cases.c.closed_at,
            lines.scalar_subquery(),
            last.scalar_subquery(),
            sa.cast(held_in(_cases.c.id), sa.BigInteger()),
        )
        .join(_people, _people.c.id == _cases.c.employee_id)
        .outerjoin(_answerers, _answerers.c.id == _cases.c.answered_by_id)
        .outerjoin(_approvers, _approvers.c.id == _cases.c.approved_by_id)
        .where(condition)
        .order_by(_cases.c.id.desc())
        .limit(limit)
    )
    return [QueuedCase(*row) for row in rows]


class Occurrence(NamedTuple):
    """A line that a case is about."""

    id: int
    order: str
    order_number: str
    line: int
    name_zh: str
    name_en: str
    net: int
    placed_at: datetime
    found_at: datetime
    evidence: dict[str, Any]
    policy_version: int
    took_back: bool


def occurrences_of(case_id: int, after: int | None, limit: int) -> Sequence[Occurrence]:
    """The lines of a case from behind the row number `after`."""
    rows = db.session.execute(
        sa.select(
            _occurrences.c.id,
            _orders.c.public_id,
            _orders.c.number,
            _lines.c.position,
            _lines.c.name_zh,
            _lines.c.name_en,
            _lines.c.net,
            _orders.c.placed_at,
            _occurrences.c.found_at,
            _occurrences.c.evidence,
            _occurrences.c.policy_version,
            _occurrences.c.verdict_id.is_not(None),
        )
        .join(_lines, _lines.c.id == _occurrences.c.order_line_id)
        .join(_orders, _orders.c.id == _lines.c.order_id)
        .where(_occurrences.c.case_id == case_id, _occurrences.c.id > (after or 0))
        .order_by(_occurrences.c.id)
        .limit(limit)
    )
    return [Occurrence(*row) for row in rows]


# --- how the rules fare -----------------------------------------------------------------------

ENOUGH = 30
"""Closed cases from which on a share is given, with its range."""
_Z = 1.959964
"""Of a normal distribution's middle 95 %."""


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """How often a rule was right."""

    rule: Signal
    open: int
    closed: int
    dismissed: int
    confirmed: int
    measures: int

    @property
    def dismissed_share(self) -> tuple[int, int, int] | None:
        """Dismissed ÷ closed in basis points, with the ends of Wilson's 95 % range.

        None for fewer than thirty closed cases: the counts say all there is to say.
        """
        if self.closed < ENOUGH:
            return None
        low, high = wilson(self.dismissed, self.closed)
        return round(10_000 * self.dismissed / self.closed), low, high


def wilson(some: int, of: int) -> tuple[int, int]:
    """The 95 % range of a share, in basis points (E. B. Wilson, 1927)."""
    share, square = some / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return round(10_000 * max(middle - half, 0)), round(10_000 * min(middle + half, 1))


def figures() -> list[RuleFigures]:
    """How each rule fares, for as long as there are cases."""
    rows = db.session.execute(
        sa.select(
            _cases.c.rule,
            sa.case((_cases.c.closed_at.is_(None), None), else_=_cases.c.outcome).label("ended"),
            sa.func.count(),
        ).group_by(_cases.c.rule, "ended")
    ).all()
    counts = {(row[0], row[1]): row[2] for row in rows}

    def count(rule: Signal, outcome: CaseOutcome | None) -> int:
        return counts.get((rule, outcome), 0)

    return [
        RuleFigures(
            rule,
            open=count(rule, None),
            closed=sum(count(rule, outcome) for outcome in CaseOutcome),
            dismissed=count(rule, CaseOutcome.DISMISSED),
            confirmed=count(rule, CaseOutcome.CONFIRMED),
            measures=count(rule, CaseOutcome.MEASURE_TAKEN),
        )
        for rule in Signal
    ]
