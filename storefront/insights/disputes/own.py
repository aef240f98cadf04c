"""An employee's disputes: those that they opened, and those by which they would lose.

They read about themselves and about how many others there are, never who. Whoever had no claim in
the order's evidence learns nothing of what was bought.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.disputes.models import (
    Dispute,
    DisputeLine,
    DisputeParty,
    DisputeStatement,
)
from storefront.attribution.disputes.service import is_party
from storefront.attribution.disputes.words import ShareOfLine, Standing
from storefront.attribution.models import Credit
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.insights.disputes.statements import Statement, statements_of
from storefront.orders.models import Order, OrderLine

_credits = cast(sa.Table, Credit.__table__)
_disputed = cast(sa.Table, DisputeLine.__table__)
_disputes = cast(sa.Table, Dispute.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_parties = cast(sa.Table, DisputeParty.__table__)
_statements = cast(sa.Table, DisputeStatement.__table__)


class Side(StrEnum):
    """On which side of a dispute an employee stands."""

    OPENED = "opened"
    """They say that the sale was theirs."""
    CONCERNED = "concerned"
    """They are credited with it, and would lose."""


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A disputed line; without goods for whoever has no claim in the order's evidence."""

    position: int
    name_zh: str | None
    name_en: str | None
    quantity: int | None


@dataclass(frozen=True, slots=True)
class OwnDispute:
    """A dispute as one of those whom it concerns sees it."""

    id: int
    public_id: str
    standing: Standing
    side: Side
    lines: tuple[OwnLine, ...]
    said: tuple[Statement, ...]
    """What the opener said, which whoever would lose may read, and what they said themselves."""


def listed(employee_id: int, side: Side | None, before: int | None, limit: int) -> list[OwnDispute]:
    """Disputes that concern an employee, the latest first, from below the row number `before`."""
    conditions = [is_party(employee_id)]
    if side is not None:
        opened = _disputes.c.opened_by_id == employee_id
        conditions.append(opened if side is Side.OPENED else ~opened)
    if before is not None:
        conditions.append(_disputes.c.id < before)
    return _read(employee_id, sa.and_(*conditions), limit)


def find(employee_id: int, dispute_public_id: str) -> OwnDispute:
    """One of them. Raises NotFound `dispute_not_found`, also for a dispute among others."""
    own = sa.and_(is_party(employee_id), _disputes.c.public_id == dispute_public_id)
    found = _read(employee_id, own, 1)
    if not found:
        raise NotFound("dispute_not_found", "There is no such dispute.")
    return found[0]


def _read(employee_id: int, condition: sa.ColumnElement[bool], limit: int) -> list[OwnDispute]:
    rows = db.session.execute(
        sa.select(_disputes, _orders.c.number)
        .join(_orders, _orders.c.id == _disputes.c.order_id)
        .where(condition)
        .order_by(_disputes.c.id.desc())
        .limit(limit)
    ).all()
    ids = [row.id for row in rows]
    lines, others, said = _lines_of(ids), _others(ids), statements_of(ids)
    shares = _shares(employee_id, [row.verdict_id for row in rows if row.verdict_id])
    return [
        _own(employee_id, row, lines[row.id], others[row.id], said[row.id], shares) for row in rows
    ]


def _own(
    employee_id: int,
    row: sa.Row[*tuple[Any, ...]],
    lines: Sequence[sa.Row[*tuple[Any, ...]]],
    others: Sequence[int],
    said: Sequence[Statement],
    shares: dict[int, dict[int, tuple[int, int]]],
) -> OwnDispute:
    mine = row.opened_by_id == employee_id
    knows = row.knows_order or not mine
    spoken = {statement.employee_id for statement in said}
    positions = {line.order_line_id: line.position for line in lines}
    changed = shares.get(row.verdict_id, {})
    standing = Standing(
        order_number=row.number,
        lines=tuple(line.position for line in lines),
        reason=row.reason,
        state=row.state,
        mine=mine,
        spoke=employee_id in spoken,
        others=len(others) if knows else 0,
        answers=len(spoken & set(others)) if knows else 0,
        opened_at=row.opened_at,
        answer_due_at=row.answer_due_at,
        decision_due_at=row.decision_due_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
        explanation=row.explanation,
        shares=tuple(
            ShareOfLine(positions[line_id], before, after)
            for line_id, (before, after) in sorted(changed.items(), key=lambda each: each[0])
        ),
    )
    return OwnDispute(
        id=row.id,
        public_id=row.public_id,
        standing=standing,
        side=Side.OPENED if mine else Side.CONCERNED,
        lines=tuple(
            OwnLine(line.position, line.name_zh, line.name_en, line.quantity)
            if knows
            else OwnLine(line.position, None, None, None)
            for line in lines
        ),
        said=tuple(each for each in said if each.employee_id in (employee_id, row.opened_by_id)),
    )


def _lines_of(ids: Sequence[int]) -> dict[int, list[sa.Row[*tuple[Any, ...]]]]:
    rows = db.session.execute(
        sa.select(
            _disputed.c.dispute_id,
            _disputed.c.order_line_id,
            _disputed.c.position,
            _lines.c.name_zh,
            _lines.c.name_en,
            _lines.c.quantity,
        )
        .join(_lines, _lines.c.id == _disputed.c.order_line_id)
        .where(_disputed.c.dispute_id.in_(ids))
        .order_by(_disputed.c.dispute_id, _disputed.c.position)
    )
    lines: dict[int, list[sa.Row[*tuple[Any, ...]]]] = defaultdict(list)
    for row in rows:
        lines[row.dispute_id].append(row)
    return lines


def _others(ids: Sequence[int]) -> dict[int, list[int]]:
    """Who would lose by each dispute."""
    rows = db.session.execute(
        sa.select(_parties.c.dispute_id, _parties.c.employee_id).where(
            _parties.c.dispute_id.in_(ids)
        )
    )
    others: dict[int, list[int]] = defaultdict(list)
    for dispute_id, employee_id in rows:
        others[dispute_id].append(employee_id)
    return others


def _shares(employee_id: int, verdict_ids: Sequence[int]) -> dict[int, dict[int, tuple[int, int]]]:
    """By verdict and line, an employee's share before and after; of every line it changed."""
    rows = db.session.execute(
        sa.select(
            _credits.c.order_line_id,
            _credits.c.employee_id,
            _credits.c.share,
            _credits.c.verdict_id,
            _credits.c.superseded_by_id,
        ).where(
            sa.or_(
                _credits.c.verdict_id.in_(verdict_ids),
                _credits.c.superseded_by_id.in_(verdict_ids),
            )
        )
    )
    shares: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    for row in rows:
        own = row.share if row.employee_id == employee_id else 0
        for verdict_id, part in (
            (row.superseded_by_id, (own, 0)),
            (row.verdict_id, (0, own)),
        ):
            if verdict_id in verdict_ids:
                before, after = shares[verdict_id].get(row.order_line_id, (0, 0))
                shares[verdict_id][row.order_line_id] = (before + part[0], after + part[1])
    return shares
