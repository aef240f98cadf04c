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

from storefront.attribution.rules import Policy
from storefront.commissions.rates import PlanCalendar
from storefront.core.database import db
from storefront.core.settings import Settings, settings
from storefront.insights.simulations.reading import Span, count, parts
from storefront.insights.simulations.replay import AT_ONCE, Replay
from storefront.insights.simulations.tally import Tally

PART = 5 * AT_ONCE
WORTH_IT = 4 * PART
"""With fewer orders, one process is done before two have started."""

_Make = Callable[[Settings], Flask]


def replay(policy: Policy, span: Span, told: Callable[[int], Any]) -> Tally:
    """What comes of a policy over a span; `told` hears how many more orders were gone through."""
    cores = os.cpu_count() or 1
    if cores < 2 or count(span) < WORTH_IT:
        return _replay_here(policy, span, told)
    return _replay_apart(policy, span, told, cores)


def _replay_here(policy: Policy, span: Span, told: Callable[[int], Any]) -> Tally:
    def go_on(_reached: object, orders: int) -> bool:
        told(orders)
        return True

    one = Replay(policy, PlanCalendar())
    one.through(span, go_on)
    return one.tally


def _replay_apart(policy: Policy, span: Span, told: Callable[[int], Any], cores: int) -> Tally:
    make: _Make = current_app.extensions["create_app"]
    whole = Tally()
    with ProcessPoolExecutor(
        cores,
        # A forked process would share this one's connections to the database.
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_Part.prepare,
        initargs=(make, settings(), policy.as_document()),
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
    """What a process of its own knows: the shop over the same database, and the policy."""

    app: Flask
    policy: Policy

    @classmethod
    def prepare(cls, make: _Make, chosen: Settings, rules: dict[str, Any]) -> None:
        """Begin: once in each process."""
        cls.app = make(chosen)
        cls.policy = Policy.from_document(rules)

    @classmethod
    def replay(cls, span: Span) -> bytes:
        """One part's sums."""
        with cls.app.app_context():
            try:
                return _replay_here(cls.policy, span, lambda _: None).as_bytes()
            finally:
                db.session.remove()
