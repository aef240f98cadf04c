"""The virtual clock, and what comes round by it: the night's duties and the month's payout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from flask import Flask

from storefront.core import jobs
from storefront.core.clock import SettableClock, local_day, next_month, start_of_day

ZONE = "UTC"


class Timeline:
    """Moves the application's clock, and stops at every midnight on the way."""

    def __init__(
        self, app: Flask, clock: SettableClock, payday: Callable[[datetime], None]
    ) -> None:
        """Begin where `clock` stands; `payday` is called at 00:00 on the first of every month."""
        self._app = app
        self._clock = clock
        self._payday = payday

    def move_to(self, moment: datetime) -> None:
        """Let time pass until `moment`, which is not in the past."""
        while (midnight := self._next_midnight()) <= moment:
            self._clock.set(midnight)
            self.do_duties()
            if midnight.day == 1:
                self._payday(midnight)
        self._clock.set(moment)

    def move_past(self, moment: datetime) -> None:
        """Let whole months pass until `moment` lies behind, its payout included."""
        while self._clock.now() <= moment:
            self.move_to(start_of_day(next_month(local_day(self._clock.now(), ZONE)), ZONE))

    def do_duties(self) -> None:
        """Do what the job worker does, until nothing is left to do."""
        duties: Mapping[str, tuple[timedelta, jobs.Periodic]]
        duties = self._app.extensions["periodic_duties"]
        with self._app.app_context():
            now = self._clock.now()
            while jobs.run_due(now):
                pass
            for _, duty in duties.values():
                duty(now)

    def _next_midnight(self) -> datetime:
        tomorrow = local_day(self._clock.now(), ZONE) + timedelta(days=1)
        return start_of_day(tomorrow, ZONE)
