"""Simulations that are asked for over HTTP: carried out by job rows, a step at a time.

A step goes through a few thousand orders and writes down what came of it together with the job row
of the next one. So whoever dies loses one step, two workers cannot count an order twice, other work
gets its turn in between, and a cancelled simulation ends within some hundred orders.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from storefront.attribution.documents import checked
from storefront.attribution.rules import Policy
from storefront.attribution.service import find_policy
from storefront.commissions.rates import PlanCalendar
from storefront.core import clock, jobs
from storefront.core.actor import Actor
from storefront.core.clock import local_day
from storefront.core.database import changed_rows, db, insert_if_absent, transaction
from storefront.core.errors import Conflict, Invalid, NotFound, TooMany
from storefront.core.ids import public_id
from storefront.core.settings import settings
from storefront.insights.scope import Period
from storefront.insights.simulations.models import OPEN, Simulation, SimulationState
from storefront.insights.simulations.months import Months
from storefront.insights.simulations.reading import Place, Span, count
from storefront.insights.simulations.replay import AT_ONCE, Replay
from storefront.insights.simulations.result import summary
from storefront.insights.simulations.tally import Tally
from storefront.insights.simulations.trial import Trial, plan_of

log = logging.getLogger(__name__)

TAKE_A_STEP = "simulations.take_a_step"
"""Kind of the job that goes through the next orders."""

MOST_OPEN = 3
"""Simulations that wait or run at the same time."""
ORDERS_A_STEP = 5 * AT_ONCE
MOST_ATTEMPTS = 5
"""Steps that were begun so often without an end are not begun again."""
LATER = timedelta(minutes=1)

_simulations = cast(sa.Table, Simulation.__table__)


def check_period(period: Period, now: datetime) -> None:
    """Raises Invalid `wrong_period` for one that is empty, or that has not begun."""
    if period.start and period.end and period.start >= period.end:
        raise Invalid("wrong_period", "A period ends after it begins: its last day is left out.")
    if period.start and period.start > local_day(now, settings().chain_time_zone):
        raise Invalid("wrong_period", "The period has not begun: there is nothing to replay yet.")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be tried: a policy, by its stored version or as it is written, a plan, or both."""

    version: int | None = None
    policy: Policy | None = None
    plan_version: int | None = None


def ask(asked: Asked, period: Period, actor: Actor, now: datetime) -> Simulation:
    """Have something tried on the orders of a period; stored versions may be drafts.

    Raises Invalid `nothing_to_try`, `wrong_policy`, `policy_credits_nobody`, `wrong_period`;
    NotFound `policy_not_found`, `plan_not_found`; TooMany `too_many_simulations`.
    """
    if (asked.version, asked.policy, asked.plan_version) == (None, None, None):
        raise Invalid("nothing_to_try", "Name a policy or a plan that is to be tried, or both.")
    policy = checked(asked.policy) if asked.policy else None
    if asked.version is not None:
        policy = policy_of(asked.version)
    plan = None if asked.plan_version is None else plan_of(asked.plan_version)
    return _ask(asked, Trial(policy, plan), period, actor, now)


def policy_of(version: int) -> Policy:
    """The rules of a stored version. Raises NotFound `policy_not_found`."""
    return Policy.from_document(find_policy(version).rules)


def _ask(asked: Asked, trial: Trial, period: Period, actor: Actor, now: datetime) -> Simulation:
    check_period(period, now)
    rules, plan = trial.as_documents()
    key = public_id("sim")
    values = {
        "public_id": key,
        "policy_version": asked.version,
        "rules": rules,
        "plan_version": asked.plan_version,
        "plan": plan,
        "first_day": period.start,
        "last_day": period.end,
        "state": SimulationState.WAITING,
        "done": 0,
        "step": 0,
        "attempts": 0,
        "error": "",
        "created_by_id": actor.employee_id,
        "created_at": now,
    }
    with transaction():
        slots = range(1, MOST_OPEN + 1)
        if not any(insert_if_absent(_simulations, ["slot"], values | {"slot": n}) for n in slots):
            raise TooMany(
                "too_many_simulations",
                f"{MOST_OPEN} simulations wait or run already. Wait for one, or cancel one.",
                retry_after=int(LATER.total_seconds()),
            )
        _leave_step(key, 0, now)
        return find(key)


def _leave_step(simulation: str, step: int, due_at: datetime) -> None:
    payload = {"simulation": simulation, "step": step}
    jobs.leave(TAKE_A_STEP, f"simulation:{simulation}:{step}", payload, due_at)


def find(simulation_public_id: str, *, whole: bool = False) -> Simulation:
    """The simulation; `whole` with its result and tally. Raises NotFound `simulation_not_found`."""
    statement = sa.select(Simulation).where(Simulation.public_id == simulation_public_id)
    if whole:
        statement = statement.options(undefer(Simulation.result), undefer(Simulation.tally))
    found = db.session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("simulation_not_found", "There is no such simulation.")
    return found


def listed(before: int | None, limit: int) -> Sequence[Simulation]:
    """Simulations, the latest first, from below the row number `before`."""
    statement = sa.select(Simulation).order_by(Simulation.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(Simulation.id < before)
    return db.session.scalars(statement).all()


def finished_tally(simulation: Simulation) -> Tally:
    """What came of a finished simulation. Raises Conflict `simulation_not_done`."""
    if simulation.state is not SimulationState.DONE or simulation.tally is None:
        raise Conflict(
            "simulation_not_done",
            "Only a simulation that is done has a file.",
            state=simulation.state.value,
        )
    return Tally.from_bytes(simulation.tally)


def cancel(simulation_public_id: str, now: datetime) -> Simulation:
    """End a simulation that waits or runs. Raises Conflict `simulation_finished`, NotFound."""
    with transaction():
        simulation = find(simulation_public_id)
        if not _finish(simulation.id, SimulationState.CANCELLED, now):
            raise Conflict(
                "simulation_finished",
                "This simulation has ended already.",
                state=simulation.state.value,
            )
        return find(simulation_public_id)


def _finish(simulation_id: int, state: SimulationState, now: datetime, **values: Any) -> bool:
    """Give the slot back; False if it had ended. What is half counted is of use to nobody."""
    if state is not SimulationState.DONE:
        values["tally"] = None
    finished = db.session.execute(
        sa.update(_simulations)
        .where(_simulations.c.id == simulation_id, _simulations.c.state.in_(OPEN))
        .values(state=state, slot=None, finished_at=now, **values)
    )
    return changed_rows(finished) == 1


# --- carried out by a worker ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Task:
    """A step as it was begun. Not the row itself: that one changes under whoever is slow."""

    id: int
    simulation: str
    step: int
    trial: Trial
    span: Span
    """The orders that are still to be gone through."""
    total: int
    tally: Tally


class _Steps:
    """How far a step has come."""

    def __init__(self, task: _Task) -> None:
        self.reached = task.span.after
        self.cancelled = False
        self._id = task.id
        self._orders = 0

    def go_on(self, reached: Place, orders: int) -> bool:
        """Note how far it came; whether there is to be more in this step."""
        self.reached = reached
        self._orders += orders
        state = db.session.scalar(
            sa.select(_simulations.c.state).where(_simulations.c.id == self._id)
        )
        self.cancelled = state is not SimulationState.RUNNING
        return not self.cancelled and self._orders < ORDERS_A_STEP


def take_a_step(payload: Mapping[str, Any], _now: datetime) -> None:
    """Go through the next orders of a simulation, unless somebody else did."""
    task = _begin(payload["simulation"], payload["step"])
    if task is None:
        return
    steps = _Steps(task)
    replay = Replay(task.trial, PlanCalendar(), task.tally)
    done = replay.through(task.span, steps.go_on)
    if not steps.cancelled:
        _end(task, steps.reached, done=done)


def _begin(simulation_public_id: str, step: int) -> _Task | None:
    """The step, if it is still to be done."""
    with transaction() as session:
        begun = session.execute(
            sa.update(_simulations)
            .where(
                _simulations.c.public_id == simulation_public_id,
                _simulations.c.step == step,
                _simulations.c.state.in_(OPEN),
            )
            .values(state=SimulationState.RUNNING, attempts=_simulations.c.attempts + 1)
        )
        if not changed_rows(begun):
            return None
        simulation = find(simulation_public_id, whole=True)
        if simulation.attempts > MOST_ATTEMPTS:
            log.error("simulation %s was begun too often at step %s", simulation_public_id, step)
            _finish(simulation.id, SimulationState.FAILED, clock.now(), error="step_failed")
            return None
        span = _rest_of(simulation)
        return _Task(
            id=simulation.id,
            simulation=simulation_public_id,
            step=step,
            trial=Trial.from_documents(simulation.rules, simulation.plan),
            span=span,
            total=count(span) if simulation.total is None else simulation.total,
            tally=Tally.from_bytes(simulation.tally) if simulation.tally else Tally(),
        )


def _rest_of(simulation: Simulation) -> Span:
    span = Span.of(
        Period(simulation.first_day, simulation.last_day),
        settings().chain_time_zone,
        simulation.created_at,
    )
    if simulation.reached_at is None or simulation.reached_id is None:
        return span
    return replace(span, after=Place(simulation.reached_at, simulation.reached_id))


def _end(task: _Task, reached: Place | None, *, done: bool) -> None:
    """Write down what came of a step, and leave the next one, unless somebody else did."""
    if done:
        Months(task.trial, settings().chain_time_zone).settle(task.tally)
    values: dict[str, Any] = {
        "step": task.step + 1,
        "attempts": 0,
        "total": max(task.total, task.tally.orders),
        "done": task.tally.orders,
        "tally": task.tally.as_bytes(),
    }
    if reached:
        values |= {"reached_at": reached.at, "reached_id": reached.id}
    with transaction() as session:
        now = clock.now()
        written = session.execute(
            sa.update(_simulations)
            .where(
                _simulations.c.id == task.id,
                _simulations.c.step == task.step,
                _simulations.c.state == SimulationState.RUNNING,
            )
            .values(**values)
        )
        if not changed_rows(written):
            return
        if done:
            result = summary(task.tally, settings().chain_currency)
            total = task.tally.orders
            _finish(task.id, SimulationState.DONE, now, result=result, total=total)
        else:
            _leave_step(task.simulation, task.step + 1, now)
