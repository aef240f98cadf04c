"""Tiers and caps of whole months in a simulation: both sides are settled by the same rule.

A month's sales are those paid in it, in the chain's zone; what came back of them counts in it.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache

from storefront.commissions.month_calendar import MonthCalendar
from storefront.commissions.rules.months import MonthTerms, settle_month
from storefront.core.clock import local_day, next_month, start_of_day
from storefront.insights.simulations.tally import Tally
from storefront.insights.simulations.trial import Trial


class Months:
    """The months' terms, before and as tried."""

    def __init__(self, trial: Trial, time_zone: str) -> None:
        self._calendar = MonthCalendar()
        self._tried = trial.plan.month if trial.plan else None
        self._time_zone = time_zone
        self.matter = self._calendar.has_terms or bool(self._tried)
        """Whether anything is to be settled at all."""

    def of(self, paid_at: datetime | None) -> int:
        """The month in which an order was paid, like 202603; 0 where months do not matter."""
        if not self.matter or paid_at is None:
            return 0
        day = local_day(paid_at, self._time_zone)
        return day.year * 100 + day.month

    def settle(self, tally: Tally, before: int | None = None) -> None:
        """Add what each employee's months come to on both sides, once a month is complete.

        With a month only those before it: who goes through orders as they were placed will meet
        none any more that was paid in them.
        """
        for month in [month for month in tally.months if before is None or month < before]:
            old, new = self._terms(month)
            for employee_id, sums in tally.months.pop(month).items():
                net_before, cost_before, net_after, cost_after = sums
                tally.settle(
                    employee_id,
                    settle_month(old, net_before, cost_before).amount,
                    settle_month(new, net_after, cost_after).amount,
                )

    def _terms(self, month: int) -> tuple[MonthTerms, MonthTerms]:
        old = self._calendar.at(*_bounds(month, self._time_zone))[1]
        return old, old if self._tried is None else self._tried


@cache
def _bounds(month: int, time_zone: str) -> tuple[datetime, datetime]:
    first = date(month // 100, month % 100, 1)
    return start_of_day(first, time_zone), start_of_day(next_month(first), time_zone)
