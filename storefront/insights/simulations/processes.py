"""A replay on every core: a long past is cut into parts, and processes of their own replay them.

For commands, where somebody waits. Each process opens the database for itself, and a part's sums
are all that comes back.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from flask import Flask, current_app

from storefront.commissions.rates import PlanCalendar
from storefront.core.database import db
from storefront.core.settings import Settings, settings
from storefront.insights.simulations.months import Months
from storefront.insights.simulations.reading import Span, count, parts
from storefront.insights.simulations.replay import AT_ONCE, Replay
from storefront.insights.simulations.tally import Tally
from storefront.insights.simulations.trial import Trial

PART = 5 * AT_ONCE
WORTH_IT = 4 * PART
"""With fewer orders, one process is done before two have started."""

_Make = Callable[[Settings], Flask]


def replay(trial: Trial, span: Span, told: Callable[[int], Any]) -> Tally:
    """What comes of a trial over a span; `told` hears how many more orders were gone through."""
    cores = os.cpu_count() or 1
    # What is left of a booster's budget for an order is known once all before it are through.
    in_turn = trial.plan is not None and trial.plan.has_boosters
    if in_turn or cores < 2 or count(span) < WORTH_IT:
        tally = _replay_here(trial, span, told)
    else:
        tally = _replay_apart(trial, span, told, cores)
    Months(trial, settings().chain_time_zone).settle(tally)
    return tally


def _replay_here(
    trial: Trial, span: Span, told: Callable[[int], Any], *, is_part: bool = False
) -> Tally:
    def go_on(_reached: object, orders: int) -> bool:
        told(orders)
        return True

    one = Replay(trial, PlanCalendar(), is_part=is_part)
    one.through(span, go_on)
    return one.tally


def _replay_apart(trial: Trial, span: Span, told: Callable[[int], Any], cores: int) -> Tally:
    make: _Make = current_app.extensions["create_app"]
    whole = Tally()
    with ProcessPoolExecutor(
        cores,
        # A forked process would share this one's connections to the database.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_Part.prepare,
        initargs=(make, settings(), *trial.as_documents()),
    ) as pool:
        futures = [pool.submit(_Part.replay, part) for part in parts(span, PART)]
        try:
            for future in as_completed(futures):
                part = Tally.from_bytes(future.result())
                whole.add(part)
                told(part.orders)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return whole


class _Part:
    """What a process of its own knows: the shop over the same database, and what is tried."""

    app: Flask
    trial: Trial

    @classmethod
    def prepare(
        cls,
        make: _Make,
        chosen: Settings,
        policy: dict[str, Any],
        plan: dict[str, Any] | None,
    ) -> None:
        """Begin: once in each process."""
        cls.app = make(chosen)
        cls.trial = Trial.from_documents(policy, plan)

    @classmethod
    def replay(cls, span: Span) -> bytes:
        """One part's sums."""
        with cls.app.app_context():
            try:
                return _replay_here(cls.trial, span, lambda _: None, is_part=True).as_bytes()
            finally:
                db.session.remove()
