"""Jobs: never before the commit, never forgotten after it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core import jobs
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.jobs import LEASE, Job
from tests.support.threads import all_at_once


class Done(list[dict[str, Any]]):
    def __call__(self, payload: dict[str, Any], _now: object) -> None:
        self.append(payload)


@pytest.fixture
def done(app: Flask) -> Done:
    done = Done()
    app.extensions["job_handlers"] = {"note": done}
    return done


def leave(clock: SettableClock, key: str = "a") -> None:
    with transaction():
        jobs.leave("note", key, {"key": key}, clock.now())


def test_a_job_is_done_once(app: Flask, clock: SettableClock, done: Done) -> None:
    leave(clock)
    assert jobs.run_due(clock.now()) == 1
    assert jobs.run_due(clock.now() + timedelta(days=1)) == 0
    assert done == [{"key": "a"}]


def test_the_same_key_is_left_once(app: Flask, clock: SettableClock, done: Done) -> None:
    leave(clock)
    leave(clock)
    assert jobs.run_due(clock.now()) == 1


def test_a_job_of_a_transaction_that_failed_does_not_exist(
    app: Flask, clock: SettableClock, done: Done
) -> None:
    def leave_and_fail() -> None:
        with transaction():
            jobs.leave("note", "a", {}, clock.now())
            raise ConnectionError

    with pytest.raises(ConnectionError):
        leave_and_fail()
    assert jobs.run_due(clock.now()) == 0


def test_a_job_that_fails_is_tried_again_later_and_says_why(
    app: Flask, clock: SettableClock
) -> None:
    calls: list[object] = []

    def fail(payload: dict[str, Any], now: object) -> None:
        calls.append(payload)
        if len(calls) < 3:
            raise ConnectionError("nobody answers")

    app.extensions["job_handlers"] = {"note": fail}
    leave(clock)
    assert jobs.run_due(clock.now()) == 0
    assert "nobody answers" in db.session.scalars(sa.select(Job.last_error)).one()
    assert jobs.run_due(clock.now()) == 0
    assert len(calls) == 1, "not before its time"
    for _ in range(2):
        clock.advance(timedelta(minutes=1))
        jobs.run_due(clock.now())
    assert len(calls) == 3
    assert db.session.scalars(sa.select(Job.done_at)).one() is not None


def test_a_worker_that_dies_leaves_a_lease_that_runs_out(
    app: Flask, clock: SettableClock, done: Done
) -> None:
    leave(clock)
    taken = jobs._take(clock.now())
    assert taken is not None
    assert jobs.run_due(clock.now()) == 0, "somebody seems to be at it"
    assert jobs.run_due(clock.now() + LEASE) == 1


@pytest.mark.own_app(database_pool_size=12)
def test_many_workers_do_each_job_once(app: Flask, clock: SettableClock, done: Done) -> None:
    app.extensions["clock"] = clock
    for number in range(20):
        leave(clock, f"job {number}")
    outcomes = all_at_once(app, [lambda: jobs.run_due(clock.now())] * 8)
    assert sum(count for count in outcomes if isinstance(count, int)) == 20, outcomes
    assert sorted(payload["key"] for payload in done) == sorted(f"job {n}" for n in range(20))
