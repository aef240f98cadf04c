"""Time. Rules take `now` as an argument; only the edges of the program ask what time it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from flask import current_app


class Clock(Protocol):
    """Something that tells the time in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until it is moved: for tests and for replaying the past."""

    def __init__(self, start: datetime) -> None:
        self._now = _in_utc(start)

    def now(self) -> datetime:
        return self._now

    def set(self, moment: datetime) -> None:
        """Stand at `moment`, which must carry a time zone."""
        self._now = _in_utc(moment)

    def advance(self, step: timedelta) -> datetime:
        """Move by `step` and return the new time."""
        self._now += step
        return self._now


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time without a time zone")
    return moment.astimezone(UTC)


def now() -> datetime:
    """The application's time, in UTC."""
    clock: Clock = current_app.extensions["clock"]
    return clock.now()


def local_day(moment: datetime, time_zone: str) -> date:
    """The calendar day of `moment` in the chain's `time_zone` (an IANA name)."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def start_of_day(day: date, time_zone: str) -> datetime:
    """The instant in UTC at which `day` begins in `time_zone`. A day is [start, next start)."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def start_of_month(day: date, time_zone: str) -> datetime:
    """The instant, in UTC, at which the month of `day` begins in `time_zone`."""
    return start_of_day(day.replace(day=1), time_zone)


def next_month(day: date) -> date:
    """The first day of the month after the one of `day`."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
