"""The close of a period: employees in chunks, each one transaction, so that it may stop anywhere.

A close settles the month's tiers and caps, claims each entry once, by a conditional UPDATE, and
states what it claimed. It takes no lock that a sale waits for: what is written meanwhile, whatever
moment it bears, is claimed by the next close.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.commissions import issuing, periods
from storefront.commissions.issuing import Range
from storefront.commissions.models import LIVE_BATCHES, LedgerEntry, PayoutBatch
from storefront.commissions.period_models import Period, PeriodState
from storefront.commissions.settlement import Span, settle
from storefront.commissions.statement_models import Statement
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict
from storefront.staff.models import Employee

_batches = cast(sa.Table, PayoutBatch.__table__)
_employees = cast(sa.Table, Employee.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_periods = cast(sa.Table, Period.__table__)
_statements = cast(sa.Table, Statement.__table__)

AT_ONCE = 400
"""Employees that one transaction closes: on SQLite nobody else writes meanwhile."""


def begin(name: str, actor: Actor, now: datetime) -> Period:
    """Begin to close a period, or find that somebody has begun.

    Raises NotFound `period_not_found`; Conflict `period_closed`, `period_not_over`,
    `earlier_period_open`, `batch_out`.
    """
    with transaction() as session:
        periods.open_due(now)
        period = periods.lock(name)
        if period.state is PeriodState.CLOSING:
            return period
        _check(period, now)
        period.state = PeriodState.CLOSING
        period.begun_at, period.begun_by_id = now, actor.employee_id
        session.flush()
        return period


def _check(period: Period, now: datetime) -> None:
    if period.state is PeriodState.CLOSED:
        raise Conflict(
            "period_closed", f"{period.name} is closed. What came late is in the open period."
        )
    if now < period.ends_at:
        raise Conflict(
            "period_not_over",
            f"{period.name} is not over. Close it when it is, from its end on.",
            ends_at=period.ends_at.isoformat(),
        )
    earlier = db.session.scalar(
        sa.select(_periods.c.name)
        .where(_periods.c.id < period.id, _periods.c.state != PeriodState.CLOSED)
        .order_by(_periods.c.id)
        .limit(1)
    )
    if earlier:
        raise Conflict(
            "earlier_period_open", f"Close {earlier} first: periods close in order.", period=earlier
        )
    out = db.session.scalars(
        sa.select(_batches.c.public_id)
        .where(_batches.c.state.in_(LIVE_BATCHES))
        .order_by(_batches.c.id)
    ).all()
    if out:
        raise Conflict(
            "batch_out",
            f"A payout batch is out: {', '.join(out)}. Have it paid, or discard it, and close then;"
            " a submitted one is over when every payout of it is answered.",
            batches=list(out),
        )


def take_a_step(name: str, actor: Actor, now: datetime) -> int:
    """Close the next employees, in one transaction; how many, and 0 once the period is closed.

    Several who do this at the same time share the work. Raises Conflict `close_not_begun`.
    """
    with transaction() as session:
        period = periods.lock(name)
        if period.state is PeriodState.CLOSED:
            return 0
        if period.state is PeriodState.OPEN:
            raise Conflict("close_not_begun", f"Nobody has begun to close {name}.")
        chunk = session.scalars(
            sa.select(_employees.c.id)
            .where(_employees.c.id > period.done_to)
            .order_by(_employees.c.id)
            .limit(AT_ONCE)
        ).all()
        if not chunk:
            _finish(period, actor, now)
            return 0
        these = Range(period.done_to, chunk[-1])
        settle(chunk, Span(period.starts_at, period.ends_at, period.name), now)
        _claim(period, these)
        issuing.issue(period, periods.before(period), these, now)
        period.done_to = these.last
        session.flush()
        return len(chunk)


def _claim(period: Period, these: Range) -> None:
    """The entries of these employees from before the period's end that no close has claimed."""
    db.session.execute(
        sa.update(_entries)
        .where(
            _entries.c.period_id.is_(None),
            these.holds(_entries.c.employee_id),
            _entries.c.at < period.ends_at,
        )
        .values(period_id=period.id)
    )


def _finish(period: Period, actor: Actor, now: datetime) -> None:
    columns: dict[str, sa.ColumnElement[int]] = {name: _statements.c[name] for name in issuing.SUMS}
    columns["opening"] = _statements.c.opening_held + _statements.c.opening_payable
    columns["closing"] = _statements.c.closing_held + _statements.c.closing_payable
    totals = db.session.execute(
        sa.select(
            sa.func.count().label("statements"),
            *(
                sa.func.coalesce(sa.func.sum(column), 0).label(name)
                for name, column in columns.items()
            ),
        ).where(_statements.c.period_id == period.id, _statements.c.revoked_at.is_(None))
    ).one()
    for name, amount in totals._mapping.items():  # noqa: SLF001
        setattr(period, name, int(amount))
    period.state = PeriodState.CLOSED
    period.closed_at, period.closed_by_id = now, actor.employee_id
    db.session.flush()


def employees_left(period: Period) -> int:
    """How many employees a close has still to come to."""
    return int(
        db.session.scalar(
            sa.select(sa.func.count())
            .where(_employees.c.id > period.done_to)
            .select_from(_employees)
        )
        or 0
    )
