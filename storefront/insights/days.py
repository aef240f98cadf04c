"""The chain's calendar in SQL: on which day an instant falls.

Python's zone files decide on both databases: SQLite knows no zones, and PostgreSQL brings its own.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from storefront.core.database import UTCDateTime, db

FIRST_YEAR = 1992
"""No shop on the phone is older, but a chain may bring its receipts along."""


def local_day(
    moment: sa.ColumnElement[datetime], time_zone: str, latest: datetime
) -> sa.ColumnElement[date]:
    """The day in `time_zone` of a column of instants, none of them after `latest`."""
    *earlier, (_, seconds_first) = offsets_from_utc(time_zone, latest.year)
    seconds: sa.ColumnElement[int] = sa.literal(seconds_first)
    if earlier:
        known = [(moment >= sa.literal(start, UTCDateTime()), ahead) for start, ahead in earlier]
        seconds = sa.case(*known, else_=seconds)
    if db.engine.dialect.name == "postgresql":
        shifted = sa.func.timezone("UTC", moment) + sa.func.make_interval(0, 0, 0, 0, 0, 0, seconds)
        return sa.cast(shifted, sa.Date())
    return sa.func.date(moment, sa.cast(seconds, sa.String()) + " seconds", type_=sa.Date())


@lru_cache
def offsets_from_utc(time_zone: str, last_year: int) -> tuple[tuple[datetime, int], ...]:
    """From which instant on the zone is how many seconds ahead of UTC, the latest change first."""
    zone = ZoneInfo(time_zone)
    here = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
    end = datetime(last_year + 1, 1, 2, tzinfo=UTC)
    changes = [(here, _seconds(here, zone))]
    while here < end:
        following = here + timedelta(days=1)
        if _seconds(following, zone) != changes[-1][1]:
            change = _first_moment(zone, here, following)
            changes.append((change, _seconds(change, zone)))
        here = following
    return tuple(reversed(changes))


def _first_moment(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the offset of `before` gives way to that of `after`."""
    old = _seconds(before, zone)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _seconds(middle, zone) == old:
            before = middle
        else:
            after = middle
    return after


def _seconds(moment: datetime, zone: ZoneInfo) -> int:
    offset = moment.astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
