"""Periods: the months of the chain's calendar, from the first entry in its book on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

import sqlalchemy as sa

from storefront.commissions.models import LedgerEntry
from storefront.commissions.period_models import Period, PeriodState
from storefront.core.clock import local_day, next_month, start_of_day, start_of_month
from storefront.core.database import db, insert_if_absent, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.core.settings import settings

_entries = cast(sa.Table, LedgerEntry.__table__)
_periods = cast(sa.Table, Period.__table__)


def open_due(now: datetime) -> int:
    """Make every month up to the one that holds `now`, from that of the first entry on; how many.

    Without an entry in the book there is nothing to close, and no period.
    """
    with transaction() as session:
        zone = settings().chain_time_zone
        next_start = session.scalar(sa.select(sa.func.max(_periods.c.ends_at)))
        if next_start is None:
            first = session.scalar(sa.select(_entries.c.at).order_by(_entries.c.id).limit(1))
            if first is None:
                return 0
            next_start = start_of_month(local_day(first, zone), zone)
        made = 0
        while next_start <= now:
            month = local_day(next_start, zone)
            next_start = start_of_day(next_month(month), zone)
            made += _open(month, next_start, zone)
        return made


def _open(month: date, ends_at: datetime, zone: str) -> bool:
    return insert_if_absent(
        _periods,
        ["name"],
        {
            "name": f"{month:%Y-%m}",
            "starts_at": start_of_day(month, zone),
            "ends_at": ends_at,
            "state": PeriodState.OPEN,
            "currency": settings().chain_currency,
        },
    )


def listed(before: int | None, limit: int) -> Sequence[Period]:
    """Periods, the latest first, from below the row number `before`."""
    statement = sa.select(Period).order_by(Period.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Period.id < before)
    return db.session.scalars(statement.execution_options(populate_existing=True)).all()


def find(name: str) -> Period:
    """The period of this name, like `2026-03`. Raises NotFound `period_not_found`."""
    return _found(sa.select(Period).where(Period.name == name))


def lock(name: str) -> Period:
    """The same, for a transaction that is going to change it."""
    return _found(sa.select(Period).where(Period.name == name).with_for_update())


def _found(statement: sa.Select[Period]) -> Period:
    period = db.session.scalar(statement.execution_options(populate_existing=True))
    if period is None:
        raise NotFound("period_not_found", "There is no such period. They are named like 2026-03.")
    return period


def before(period: Period) -> Period | None:
    """The period that ended when this one began; None for the chain's first."""
    return db.session.scalar(sa.select(Period).where(Period.ends_at == period.starts_at))


def keep_from_closing(now: datetime) -> None:
    """Let no close begin before the caller's transaction ends.

    Raises Conflict `period_closing` while one is under way.
    """
    open_due(now)
    unclosed = db.session.execute(
        sa.select(_periods.c.name, _periods.c.state)
        .where(_periods.c.state != PeriodState.CLOSED)
        .order_by(_periods.c.id)
        .with_for_update()
    ).all()
    for name, state in unclosed:
        if state is PeriodState.CLOSING:
            raise Conflict(
                "period_closing",
                f"The period {name} is being closed. Try again once it is closed.",
                period=name,
            )
