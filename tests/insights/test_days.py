"""The chain's calendar in SQL agrees with Python's, in every zone and through every change."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.clock import local_day as day_in_python
from storefront.core.database import UTCDateTime, db
from storefront.insights.days import local_day, offsets_from_utc

ZONES = [
    "UTC",
    "Asia/Shanghai",
    "Europe/London",
    "America/St_Johns",  # half hours
    "Australia/Lord_Howe",  # summer time of half an hour
    "Pacific/Apia",  # a whole day left out in 2011
    "Asia/Kathmandu",
    "America/Los_Angeles",
]


@pytest.mark.parametrize("zone", ZONES)
def test_days_are_those_of_the_zone(app: Flask, zone: str) -> None:
    chance = random.Random(zone)
    start = datetime(2008, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(seconds=chance.randint(0, 20 * 365 * 86_400)) for _ in range(300)]
    for change, _ in offsets_from_utc(zone, 2027):
        moments += [change + timedelta(seconds=step) for step in (-1, 0, 1, 3_600, 86_400)]
    moments = sorted({moment for moment in moments if moment >= start})
    given = sa.union_all(
        *(sa.select(sa.literal(moment, UTCDateTime()).label("at")) for moment in moments)
    ).subquery()
    days = db.session.scalars(
        sa.select(local_day(given.c.at, zone, moments[-1])).order_by(given.c.at)
    ).all()
    assert list(days) == [day_in_python(moment, zone) for moment in moments]


def test_a_zone_without_summer_time_has_one_offset() -> None:
    assert [seconds for _, seconds in offsets_from_utc("Asia/Shanghai", 2030)] == [8 * 3_600]


def test_the_latest_change_comes_first() -> None:
    changes = offsets_from_utc("Europe/London", 2026)
    assert changes[0] == (datetime(2026, 10, 25, 1, 0, tzinfo=UTC), 0)
    assert changes[1] == (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), 3_600)
