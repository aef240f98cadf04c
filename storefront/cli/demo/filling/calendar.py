"""What comes round by itself: the nights' duties, and payday."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from itertools import count

from storefront import sales
from storefront.cli.demo.filling.goods import Deed
from storefront.cli.demo.filling.people import People
from storefront.cli.demo.filling.script import Script
from storefront.cli.demo.trade import DAYS
from storefront.commissions import payouts
from storefront.core.clock import local_day, next_month, start_of_day
from storefront.core.database import db
from storefront.core.errors import Conflict
from storefront.core.settings import settings
from storefront.insights import visits
from storefront.staff import attempts, sessions

_NIGHT = time(2, 30)
_DRAFTED = timedelta(days=2, hours=10)
"""After the month has closed."""
_APPROVED = timedelta(hours=5)
_PAID = timedelta(days=2)


class Calendar:
    """Deeds in the order of their times."""

    def __init__(self) -> None:
        self._deeds: list[tuple[datetime, int, Deed]] = []
        self._number = count()

    def note(self, at: datetime, deed: Deed) -> None:
        """Let something be done at a time."""
        heapq.heappush(self._deeds, (at, next(self._number), deed))

    def advance_to(self, moment: datetime) -> None:
        """Do everything that is due by then."""
        while self._deeds and self._deeds[0][0] <= moment:
            at, _, deed = heapq.heappop(self._deeds)
            deed(at)


def nights(script: Script, before: Callable[[], object]) -> Iterator[tuple[datetime, Deed]]:
    """Release commission, fold visits, forget: what the shop does every few minutes."""

    def night(now: datetime) -> None:
        before()
        sales.release(now)
        visits.fold(now)
        attempts.forget_old(now)
        sessions.forget_old(now)

    for day in range(1, DAYS):
        yield script.at(day, _NIGHT), night


def paydays(script: Script, people: People, calendar: Calendar) -> Iterator[tuple[datetime, Deed]]:
    """For each month that closes before the end: drafted, approved by another person, paid."""
    zone = settings().chain_time_zone
    month = next_month(local_day(script.at(0, time.min), zone))
    while (closed := start_of_day(month, zone)) < script.end:
        yield closed + _DRAFTED, _payday(closed, people, calendar)
        month = next_month(month)


def _payday(closed: datetime, people: People, calendar: Calendar) -> Deed:
    def draft(now: datetime) -> None:
        try:
            with db.session.begin_nested():
                batch = sales.draft_payout(closed, people.drafter, now)
        except Conflict as refusal:
            if refusal.code != "nothing_to_pay":
                raise
            return
        name = batch.public_id
        calendar.note(now + _APPROVED, lambda at: payouts.approve(name, people.approver, at))
        calendar.note(now + _PAID, lambda at: sales.pay_out(name, at))

    return draft
