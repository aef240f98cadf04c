"""Headquarters' queue of disputes, and how many there are of each kind.

What is open comes by the day by which it has to be decided: what is past due stands first, and
stays until somebody decides it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.disputes.models import (
    Dispute,
    DisputeLine,
    DisputeParty,
    DisputeReason,
    DisputeState,
    DisputeStatement,
    Outcome,
)
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.orders.models import Order
from storefront.staff.models import Employee

_disputed = cast(sa.Table, DisputeLine.__table__)
_disputes = cast(sa.Table, Dispute.__table__)
_employees = cast(sa.Table, Employee.__table__)
_orders = cast(sa.Table, Order.__table__)
_parties = cast(sa.Table, DisputeParty.__table__)
_statements = cast(sa.Table, DisputeStatement.__table__)
_judges = _employees.alias("judges")


class Stage(StrEnum):
    """What headquarters looks for."""

    OPEN = "open"
    WAITING_FOR_ANSWER = "waiting_for_answer"
    """Somebody who would lose may still answer."""
    TO_DECIDE = "to_decide"
    """Everybody was heard, or had the time."""
    PAST_DUE = "past_due"
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


_CLOSED = {Stage.DECIDED: DisputeState.DECIDED, Stage.WITHDRAWN: DisputeState.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class QueuedDispute:
    """A dispute as headquarters sees it in the queue."""

    id: int
    public_id: str
    order: str
    """Public id and number of the order."""
    order_number: str
    opened_by: str
    """Staff number."""
    reason: DisputeReason
    state: DisputeState
    outcome: Outcome | None
    explanation: str
    decided_by: str | None
    opened_at: datetime
    answer_due_at: datetime
    decision_due_at: datetime
    closed_at: datetime | None
    lines: tuple[int, ...]
    concerned: tuple[str, ...]
    """Staff numbers of those who would lose."""
    answered: tuple[str, ...]
    """Those of them who have had their say."""

    def stage_at(self, now: datetime) -> Stage:
        """Where it stands."""
        if self.state is not DisputeState.OPEN:
            return Stage(self.state.value)
        if now >= self.decision_due_at:
            return Stage.PAST_DUE
        unheard = len(self.answered) < len(self.concerned)
        waiting = unheard and now < self.answer_due_at
        return Stage.WAITING_FOR_ANSWER if waiting else Stage.TO_DECIDE


def listed(
    stage: Stage, reason: DisputeReason | None, after: int | None, limit: int, now: datetime
) -> list[QueuedDispute]:
    """Disputes of a stage from behind the row number `after`: open ones by when they are due,
    closed ones the latest first.
    """
    conditions = [_is_at(stage, now)]
    if reason is not None:
        conditions.append(_disputes.c.reason == reason)
    order: tuple[sa.ColumnElement[Any], ...]
    if stage in _CLOSED:
        order = (_disputes.c.id.desc(),)
        if after is not None:
            conditions.append(_disputes.c.id < after)
    else:
        order = (_disputes.c.decision_due_at, _disputes.c.id)
        if after is not None:
            conditions.append(_is_behind(after))
    return _read(sa.and_(*conditions), order, limit)


def find(dispute_public_id: str) -> QueuedDispute:
    """The dispute with this public id. Raises NotFound `dispute_not_found`."""
    found = _read(_disputes.c.public_id == dispute_public_id, (_disputes.c.id,), 1)
    if not found:
        raise NotFound("dispute_not_found", "There is no such dispute.")
    return found[0]


def _is_at(stage: Stage, now: datetime) -> sa.ColumnElement[bool]:
    if stage in _CLOSED:
        return _disputes.c.state == _CLOSED[stage]
    is_open = _disputes.c.state == DisputeState.OPEN
    past_due = _disputes.c.decision_due_at <= now
    waiting = sa.and_(_disputes.c.answer_due_at > now, _unheard)
    return {
        Stage.OPEN: is_open,
        Stage.PAST_DUE: sa.and_(is_open, past_due),
        Stage.WAITING_FOR_ANSWER: sa.and_(is_open, ~past_due, waiting),
        Stage.TO_DECIDE: sa.and_(is_open, ~past_due, ~waiting),
    }[stage]


_unheard = sa.exists().where(
    _parties.c.dispute_id == _disputes.c.id,
    ~sa.exists().where(
        _statements.c.dispute_id == _parties.c.dispute_id,
        _statements.c.employee_id == _parties.c.employee_id,
    ),
)


def _is_behind(dispute_id: int) -> sa.ColumnElement[bool]:
    last = _disputes.alias("last")
    due = sa.select(last.c.decision_due_at).where(last.c.id == dispute_id).scalar_subquery()
    return sa.or_(
        _disputes.c.decision_due_at > due,
        sa.and_(_disputes.c.decision_due_at == due, _disputes.c.id > dispute_id),
    )


def _read(
    condition: sa.ColumnElement[bool], order: Sequence[sa.ColumnElement[Any]], limit: int
) -> list[QueuedDispute]:
    rows = db.session.execute(
        sa.select(
            _disputes.c.id,
            _disputes.c.public_id,
            _orders.c.public_id,
            _orders.c.number,
            _employees.c.number,
            _disputes.c.reason,
            _disputes.c.state,
            _disputes.c.outcome,
            _disputes.c.explanation,
            _judges.c.number,
            _disputes.c.opened_at,
            _disputes.c.answer_due_at,
            _disputes.c.decision_due_at,
            _disputes.c.closed_at,
        )
        .join(_orders, _orders.c.id == _disputes.c.order_id)
        .join(_employees, _employees.c.id == _disputes.c.opened_by_id)
        .outerjoin(_judges, _judges.c.id == _disputes.c.decided_by_id)
        .where(condition)
        .order_by(*order)
        .limit(limit)
    ).all()
    ids = [row[0] for row in rows]
    lines, parties = _lines_of(ids), _parties_of(ids)
    return [
        QueuedDispute(
            *row,
            lines=tuple(lines[row[0]]),
            concerned=tuple(number for number, _ in parties[row[0]]),
            answered=tuple(number for number, spoke in parties[row[0]] if spoke),
        )
        for row in rows
    ]


def _lines_of(ids: Sequence[int]) -> dict[int, list[int]]:
    rows = db.session.execute(
        sa.select(_disputed.c.dispute_id, _disputed.c.position)
        .where(_disputed.c.dispute_id.in_(ids))
        .order_by(_disputed.c.dispute_id, _disputed.c.position)
    )
    lines: dict[int, list[int]] = defaultdict(list)
    for dispute_id, position in rows:
        lines[dispute_id].append(position)
    return lines


def _parties_of(ids: Sequence[int]) -> dict[int, list[tuple[str, bool]]]:
    rows = db.session.execute(
        sa.select(_parties.c.dispute_id, _employees.c.number, _statements.c.id)
        .join(_employees, _employees.c.id == _parties.c.employee_id)
        .outerjoin(
            _statements,
            sa.and_(
                _statements.c.dispute_id == _parties.c.dispute_id,
                _statements.c.employee_id == _parties.c.employee_id,
            ),
        )
        .where(_parties.c.dispute_id.in_(ids))
        .order_by(_parties.c.dispute_id, _employees.c.number)
    )
    parties: dict[int, list[tuple[str, bool]]] = defaultdict(list)
    for dispute_id, number, statement in rows:
        parties[dispute_id].append((number, statement is not None))
    return parties


# --- how many ---------------------------------------------------------------------------------


@dataclass(slots=True)
class Count:
    """How many disputes stand where."""

    open: int = 0
    past_due: int = 0
    """Of those that are open."""
    withdrawn: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(Outcome, 0))

    @property
    def all(self) -> int:
        """All of them."""
        return self.open + self.withdrawn + sum(self.outcomes.values())


def counted(now: datetime) -> dict[DisputeReason, Count]:
    """How many disputes there are for each reason, by what has become of them."""
    past_due = sa.case((_disputes.c.decision_due_at <= now, 1), else_=0)
    rows = db.session.execute(
        sa.select(
            _disputes.c.reason,
            _disputes.c.state,
            _disputes.c.outcome,
            sa.func.count().label("disputes"),
            sa.func.sum(past_due).label("past_due"),
        ).group_by(_disputes.c.reason, _disputes.c.state, _disputes.c.outcome)
    )
    counts = {reason: Count() for reason in DisputeReason}
    for row in rows:
        count = counts[row.reason]
        match row.state:
            case DisputeState.OPEN:
                count.open += row.disputes
                count.past_due += int(row.past_due)
            case DisputeState.WITHDRAWN:
                count.withdrawn += row.disputes
            case _:
                count.outcomes[row.outcome] += row.disputes
    return counts
