"""What a question is about: which days, and whose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from storefront.core.clock import start_of_day


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the chain's calendar from `start` up to, and without, `end`; None: no bound."""

    start: date | None = None
    end: date | None = None

    def has_day(self, day: sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
        """Whether a column of days lies in it."""
        return _between(day, self.start, self.end)

    def has_moment(
        self, moment: sa.ColumnElement[datetime], time_zone: str
    ) -> sa.ColumnElement[bool]:
        """Whether a column of instants lies in it, by the calendar of `time_zone`."""
        return _between(
            moment,
            start_of_day(self.start, time_zone) if self.start else None,
            start_of_day(self.end, time_zone) if self.end else None,
        )


EVER = Period()


def _between(
    column: sa.ColumnElement[date] | sa.ColumnElement[datetime],
    start: date | None,
    end: date | None,
) -> sa.ColumnElement[bool]:
    return sa.and_(
        sa.true(),
        *([column >= start] if start else []),
        *([column < end] if end else []),
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose figures: the whole chain's, or those of one region, store or employee by row number.

    A sale belongs to the store for which the employee sold at the time, and to the region in which
    that store is now.
    """

    region_id: int | None = None
    store_id: int | None = None
    employee_id: int | None = None


CHAIN = Scope()
