"""When people look and buy: weekdays, hours, promotions, and chance."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one time all year, so a fixed offset is exact."""

_WEEKDAYS = (0.84, 0.84, 0.88, 0.94, 1.08, 1.42, 1.32)
_GROWTH = 0.3
_PROMOTIONS = {0.36: 1.8, 0.73: 2.2}
"""Where in the whole time a promotion falls, and how much busier that day is."""

_WORKDAY_HOURS = (
    *(4, 2, 1, 1, 1, 2, 6, 14, 22, 26, 30, 38),
    *(58, 48, 32, 30, 30, 34, 44, 62, 84, 92, 66, 24),
)
_WEEKEND_HOURS = (
    *(8, 3, 2, 1, 1, 1, 4, 9, 20, 36, 48, 54),
    *(52, 50, 56, 60, 58, 54, 52, 60, 80, 88, 64, 28),
)


def busyness(day: int, days: int, on: date) -> float:
    """How busy a day is beside an average one: weekday, slow growth, two promotions."""
    factor = _WEEKDAYS[on.weekday()] * (1 - _GROWTH / 2 + _GROWTH * day / max(1, days - 1))
    for position, busier in _PROMOTIONS.items():
        if day == int(position * days):
            factor *= busier
    return factor


def moment(random: Random, on: date) -> datetime:
    """A time of that day in China, in UTC: lunch and evening on workdays, afternoons too else."""
    hours = _WEEKEND_HOURS if on.weekday() >= 5 else _WORKDAY_HOURS
    hour = random.choices(range(24), weights=hours)[0]
    return at_hour(random, on, hour, hour)


def at_hour(random: Random, on: date, first: int, last: int) -> datetime:
    """A time between two hours of the clock in China, the last one included, in UTC."""
    clock = time(random.randint(first, last), random.randrange(60), random.randrange(60))
    return datetime.combine(on, clock, CHINA).astimezone(UTC)


def poisson(random: Random, mean: float) -> int:
    """How often something happens that happens `mean` times on average."""
    if mean > 30:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
