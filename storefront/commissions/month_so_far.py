"""What an employee's month would come to if it ended now, and what is missing to the next tier."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import cast

import sqlalchemy as sa

from storefront.commissions.models import CommissionPlan
from storefront.commissions.month_calendar import MonthCalendar
from storefront.commissions.rules.months import (
    LaterReturns,
    MonthResult,
    MonthTerms,
    Tier,
    next_tier,
    settle_month,
)
from storefront.commissions.rules.volume import CORRECTED_FOR, Month
from storefront.commissions.volumes import Volume, volumes
from storefront.core.clock import local_day, next_month, start_of_day
from storefront.core.database import db

_plans = cast(sa.Table, CommissionPlan.__table__)


@dataclass(frozen=True, slots=True)
class MonthSoFar:
    """A month that is not over: an estimate, until it is settled."""

    key: str
    starts_at: datetime
    ends_at: datetime
    version: int | None
    """Of the plan that settles it."""
    terms: MonthTerms
    result: MonthResult

    @property
    def tier(self) -> Tier | None:
        """The highest that is reached."""
        if not self.result.bands:
            return None
        band = self.result.bands[-1]
        return Tier(band.start, band.extra)

    @property
    def following(self) -> Tier | None:
        """The next one; None after the last."""
        return next_tier(self.terms, self.result.net)

    @property
    def missing(self) -> int | None:
        """Net sales that are still missing to it."""
        return self.following.start - self.result.net if self.following else None


def month_so_far(employee_id: int, now: datetime, time_zone: str) -> MonthSoFar:
    """The employee's current month, up to and with this moment. Up to five queries."""
    calendar = MonthCalendar()
    today = local_day(now, time_zone)
    months = [_bounds(first, time_zone) for first in _firsts(now, time_zone)]
    terms = [calendar.at(*bounds)[1] for bounds in months]
    rules = [
        Month(*bounds, bool(each) and each.later_returns is LaterReturns.DIFFERENCE)
        for bounds, each in zip(months, terms, strict=True)
    ]
    last = len(rules) - 1
    until = now + timedelta(microseconds=1)
    volume = volumes([employee_id], rules, last, until).get((employee_id, last), Volume())
    plan_id, own = calendar.at(*months[-1])
    version = db.session.scalar(sa.select(_plans.c.version).where(_plans.c.id == plan_id))
    result = settle_month(own, volume.net, volume.commission)
    return MonthSoFar(f"{today:%Y-%m}", *months[-1], version, own, result)


def _firsts(now: datetime, time_zone: str) -> list[date]:
    """The first days of the months whose sales may still come back, and of this one."""
    first = local_day(now - CORRECTED_FOR, time_zone).replace(day=1)
    last = local_day(now, time_zone).replace(day=1)
    firsts = [first]
    while firsts[-1] < last:
        firsts.append(next_month(firsts[-1]))
    return firsts


def _bounds(first: date, time_zone: str) -> tuple[datetime, datetime]:
    return start_of_day(first, time_zone), start_of_day(next_month(first), time_zone)
