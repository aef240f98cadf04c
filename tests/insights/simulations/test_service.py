"""Simulations carried out by job rows: in steps, by several workers, cancelled, failed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution import service as attribution
from storefront.attribution.rules import Policy, Source
from storefront.core import jobs
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import DomainError
from storefront.core.jobs import Job
from storefront.insights.scope import EVER, Period
from storefront.insights.simulations import replay, service
from storefront.insights.simulations.models import Simulation, SimulationState
from storefront.insights.simulations.reading import Span
from storefront.insights.simulations.replay import Replay
from storefront.insights.simulations.result import summary
from storefront.insights.simulations.service import Asked
from storefront.insights.simulations.trial import Trial
from storefront.orders.models import Order
from tests.insights.simulations import story
from tests.insights.simulations.test_replay import FIRST, LAST, replayed
from tests.support import books, trade
from tests.support.threads import all_at_once


@pytest.fixture
def small_steps() -> Iterator[None]:
    """Steps of eight orders, read three at a time."""
    with patch.object(service, "ORDERS_A_STEP", 8), patch.object(replay, "AT_ONCE", 3):
        yield


@pytest.fixture
def past(app: Flask, clock: SettableClock) -> None:
    """Forty orders under the last touch."""
    trade.open_for_trade()
    story.tell(3, story.a_chain(), clock, story.sellers())
    clock.advance(timedelta(days=1))


def ask(clock: SettableClock, policy: Policy = FIRST) -> str:
    return service.ask(Asked(policy=policy), EVER, SYSTEM, clock.now()).public_id


def found(key: str) -> Simulation:
    return service.find(key, whole=True)


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as error:
        deed()
    db.session.rollback()
    return error.value.code


def next_step(key: str) -> dict[str, Any]:
    return {"simulation": key, "step": found(key).step}


def test_a_simulation_in_steps_says_what_one_in_one_go_says(
    past: None, clock: SettableClock, small_steps: None
) -> None:
    key = ask(clock)
    assert (found(key).state, found(key).total) == (SimulationState.WAITING, None)
    service.take_a_step(next_step(key), clock.now())
    running = found(key)
    assert (running.state, running.done, running.total) == (SimulationState.RUNNING, 9, 40)
    assert running.result is None
    jobs.run_due(clock.now())
    done = found(key)
    assert (done.state, done.done, done.total, done.slot) == (SimulationState.DONE, 40, 40, None)
    assert done.finished_at == clock.now()
    whole = replayed(FIRST, Span(None, clock.now()))
    assert done.result == summary(whole, "CNY")
    assert service.finished_tally(done).employees == whole.employees
    assert whole.changed > 0


def test_nothing_is_touched(past: None, clock: SettableClock) -> None:
    def rows() -> dict[str, list[Any]]:
        return {
            name: [tuple(row) for row in db.session.execute(sa.select(db.metadata.tables[name]))]
            for name in ("orders", "order_lines", "verdicts", "credits", "accruals")
        }

    before = rows()
    key = ask(clock)
    jobs.run_due(clock.now())
    assert found(key).state is SimulationState.DONE
    assert rows() == before
    assert books.broken() == set()


def test_memory_holds_some_orders_at_a_time(
    past: None, clock: SettableClock, small_steps: None
) -> None:
    seen: list[int] = []
    whole = Replay(Trial(FIRST), service.PlanCalendar())
    assert whole.through(Span(None, clock.now()), lambda _, orders: not seen.append(orders))
    assert sum(seen) == 40
    assert max(seen) == 3


def test_a_step_that_is_told_twice_counts_once(
    past: None, clock: SettableClock, small_steps: None
) -> None:
    key = ask(clock)
    first = next_step(key)
    service.take_a_step(first, clock.now())
    service.take_a_step(first, clock.now())
    assert (found(key).done, found(key).step) == (9, 1)


def test_two_workers_at_the_same_step_count_it_once(
    app: Flask, past: None, clock: SettableClock, small_steps: None
) -> None:
    key = ask(clock)
    step = next_step(key)
    assert all_at_once(app, [lambda: service.take_a_step(step, clock.now())] * 3) == [None] * 3
    assert (found(key).done, found(key).step) == (9, 1)
    jobs.run_due(clock.now())
    assert found(key).result == summary(replayed(FIRST, Span(None, clock.now())), "CNY")


def test_a_worker_that_dies_loses_one_step(
    past: None, clock: SettableClock, small_steps: None
) -> None:
    key = ask(clock)
    service.take_a_step(next_step(key), clock.now())
    with (
        patch.object(service, "_end", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        jobs.run_due(clock.now())
    assert (found(key).done, found(key).state) == (9, SimulationState.RUNNING)
    clock.advance(jobs.LEASE)
    jobs.run_due(clock.now())
    assert found(key).state is SimulationState.DONE
    assert found(key).done == 40


def test_a_step_that_fails_again_and_again_is_given_up(
    past: None, clock: SettableClock, small_steps: None
) -> None:
    key = ask(clock)
    with patch.object(service, "Replay", side_effect=MemoryError):
        for _ in range(service.MOST_ATTEMPTS + 1):
            jobs.run_due(clock.now())
            clock.advance(timedelta(hours=1))
    failed = found(key)
    assert (failed.state, failed.error, failed.slot) == (
        SimulationState.FAILED,
        "step_failed",
        None,
    )
    assert db.session.scalar(sa.select(sa.func.count()).where(Job.done_at.is_(None))) == 0


def test_a_running_simulation_sees_that_it_was_cancelled(
    past: None, clock: SettableClock, small_steps: None
) -> None:
    key = ask(clock)
    read = replay.following
    chunks: list[int] = []

    def following(span: Span, limit: int) -> Any:
        orders = read(span, limit)
        chunks.append(len(orders))
        if len(chunks) == 2:
            service.cancel(key, clock.now())
        return orders

    with patch.object(replay, "following", following):
        jobs.run_due(clock.now())
    cancelled = found(key)
    assert cancelled.state is SimulationState.CANCELLED
    assert len(chunks) == 2
    assert (cancelled.tally, cancelled.result, cancelled.slot) == (None, None, None)
    assert refused(lambda: service.cancel(key, clock.now())) == "simulation_finished"
    assert refused(lambda: service.finished_tally(cancelled)) == "simulation_not_done"


def test_only_so_many_wait_or_run_at_once(past: None, clock: SettableClock) -> None:
    first = [ask(clock) for _ in range(service.MOST_OPEN)]
    assert refused(lambda: ask(clock)) == "too_many_simulations"
    service.cancel(first[1], clock.now())
    fourth = ask(clock)
    assert refused(lambda: ask(clock)) == "too_many_simulations"
    jobs.run_due(clock.now())
    assert found(fourth).state is SimulationState.DONE
    assert found(first[1]).state is SimulationState.CANCELLED
    ask(clock)


@pytest.mark.own_app(database_pool_size=12)
def test_askers_at_the_same_moment_get_no_more_than_there_are(
    app: Flask, past: None, clock: SettableClock
) -> None:
    answers = all_at_once(app, [lambda: ask(clock)] * 8)
    assert sum(isinstance(answer, str) for answer in answers) == service.MOST_OPEN
    open_ones = sa.select(sa.func.count()).where(Simulation.slot.is_not(None))
    assert db.session.scalar(open_ones) == service.MOST_OPEN


@pytest.mark.own_app(database_pool_size=12)
def test_without_slots_they_would_get_more(app: Flask, past: None, clock: SettableClock) -> None:
    """The same race, with a count in place of the unique slot."""
    counted = threading.Barrier(8)

    def ask_by_counting() -> str:
        waiting = sa.select(sa.func.count()).where(Simulation.state.in_(service.OPEN))
        if (db.session.scalar(waiting) or 0) >= service.MOST_OPEN:
            raise LookupError
        db.session.rollback()
        counted.wait()
        with transaction() as session:
            row = Simulation(
                public_id=service.public_id("sim"),
                rules=FIRST.as_document(),
                state=SimulationState.WAITING,
                created_at=clock.now(),
            )
            session.add(row)
            return row.public_id

    answers = all_at_once(app, [ask_by_counting] * 8)
    assert sum(isinstance(answer, str) for answer in answers) > service.MOST_OPEN


def test_a_draft_is_tried_as_it_was_when_asked(past: None, clock: SettableClock) -> None:
    version = story.a_draft(FIRST)
    key = service.ask(Asked(version), EVER, SYSTEM, clock.now()).public_id
    now = clock.now()
    attribution.redraft_policy(version, LAST, now, "", SYSTEM, now)
    jobs.run_due(clock.now())
    assert found(key).policy_version == version
    assert found(key).result == summary(replayed(FIRST, Span(None, clock.now())), "CNY")


def test_bad_input_is_refused_with_nothing_left_behind(past: None, clock: SettableClock) -> None:
    now = clock.now()
    today = now.date()
    backwards = Period(today, today - timedelta(days=1))
    tomorrow = Period(today + timedelta(days=2), today + timedelta(days=3))
    wrong = Policy(window_days=0)
    nobody = Policy(window_days=30, precedence=(Source.TIE,))
    for deed, code in (
        (lambda: service.ask(Asked(99), EVER, SYSTEM, now), "policy_not_found"),
        (lambda: service.ask(Asked(policy=FIRST), backwards, SYSTEM, now), "wrong_period"),
        (lambda: service.ask(Asked(policy=FIRST), tomorrow, SYSTEM, now), "wrong_period"),
        (
            lambda: service.ask(Asked(policy=wrong), EVER, SYSTEM, now),
            "wrong_policy",
        ),
        (lambda: service.ask(Asked(plan_version=99), EVER, SYSTEM, now), "plan_not_found"),
        (lambda: service.ask(Asked(), EVER, SYSTEM, now), "nothing_to_try"),
        (lambda: service.ask(Asked(policy=nobody), EVER, SYSTEM, now), "policy_credits_nobody"),
        (lambda: service.find("sim_nobody"), "simulation_not_found"),
    ):
        assert refused(deed) == code
    assert service.listed(None, 10) == []


def test_an_empty_period_has_an_empty_answer(past: None, clock: SettableClock) -> None:
    day = clock.now().date() + timedelta(days=-900)
    asked, period = Asked(policy=LAST), Period(day, day + timedelta(days=1))
    key = service.ask(asked, period, SYSTEM, clock.now()).public_id
    jobs.run_due(clock.now())
    answer = found(key).result
    assert answer is not None
    assert (answer["orders"], answer["employees"], answer["histogram"]) == (0, 0, [])
    assert answer["old"]["cost_ratio"] is None


def test_a_period_takes_orders_by_the_day_they_were_placed(
    past: None, clock: SettableClock
) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    placed = sorted(db.session.scalars(sa.select(Order.placed_at)))
    first = placed[10].astimezone(zone).date()
    last = placed[30].astimezone(zone).date()
    within = [at for at in placed if first <= at.astimezone(zone).date() < last]
    key = service.ask(Asked(policy=FIRST), Period(first, last), SYSTEM, clock.now()).public_id
    jobs.run_due(clock.now())
    assert found(key).total == len(within) > 0
