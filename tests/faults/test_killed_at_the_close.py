"""The process dies in the middle of a close, again and again; the month is closed once, whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from config.settings import Settings
from storefront import sales
from storefront.commissions import closing, periods
from storefront.commissions.models import LedgerEntry
from storefront.commissions.period_models import Period, PeriodState
from storefront.commissions.reconciliation import reconcile
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.threads import all_at_once

PROJECT = Path(__file__).parents[2]
APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
PEOPLE = 6

DYING = """
import os, signal, sys
from datetime import datetime
from importlib import import_module
from pathlib import Path

from config.settings import Settings
from storefront import create_app, sales
from storefront.commissions import closing
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock

url, folder, now, step, times = sys.argv[1:]
module, name = step.rsplit(".", 1)
owner = import_module(module)
real, left = getattr(owner, name), int(times)

def die_after(*args, **kwargs):
    global left
    answer = real(*args, **kwargs)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    return answer

setattr(owner, name, die_after)
closing.AT_ONCE = 2
moment = datetime.fromisoformat(now)
app = create_app(
    Settings.for_tests(database_url=url, instance_folder=Path(folder)), clock=SettableClock(moment)
)
with app.app_context():
    sales.close_period("2026-03", SYSTEM, moment)
raise SystemExit("the step was never reached")
"""


@pytest.fixture
def a_month(app: Flask, clock: SettableClock) -> None:
    trade.open_for_trade()
    for rank in range(1, PEOPLE + 1):
        trade.sell(cast.a_product(price=1_000 * rank), through=trade.a_seller(f"E{rank}"))
    clock.set(APRIL)


def die(settings: Settings, step: str, times: int) -> None:
    """Close the month in a process that is killed right after a step, the so-manieth time."""
    db.session.rollback()
    died = subprocess.run(
        [
            sys.executable,
            "-c",
            DYING,
            settings.database_url,
            str(settings.instance_folder),
            APRIL.isoformat(),
            step,
            str(times),
        ],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        timeout=300,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    db.session.rollback()


def count(statement: sa.Select[int]) -> int:
    db.session.rollback()
    return db.session.scalar(statement) or 0


STATEMENTS = sa.select(sa.func.count()).select_from(Statement)
UNCLAIMED = (
    sa.select(sa.func.count()).select_from(LedgerEntry).where(LedgerEntry.period_id.is_(None))
)


@pytest.mark.own_app
def test_a_close_that_is_killed_anywhere_is_finished_by_the_next_one(
    a_month: None, settings: Settings, clock: SettableClock
) -> None:
    die(settings, "storefront.commissions.closing.begin", 1)
    assert periods.find("2026-03").state is PeriodState.CLOSING
    die(settings, "storefront.commissions.closing._claim", 1)
    assert count(STATEMENTS) == 0
    die(settings, "storefront.commissions.closing.take_a_step", 1)
    written = count(STATEMENTS)
    die(settings, "storefront.commissions.issuing.issue", 2)
    assert written < count(STATEMENTS) < PEOPLE
    die(settings, "storefront.commissions.closing._finish", 1)
    assert periods.find("2026-03").state is PeriodState.CLOSING
    assert broken() == set()
    done = sales.close_period("2026-03", SYSTEM, clock.now())
    assert (done.state, done.statements, done.earned) == (PeriodState.CLOSED, PEOPLE, 2_100)
    assert (count(STATEMENTS), count(UNCLAIMED)) == (PEOPLE, 0)
    assert reconcile(periods.find("2026-03")).difference == 0
    assert broken() == set()


def test_many_who_close_at_once_share_the_work(
    app: Flask, a_month: None, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "AT_ONCE", 1)
    now = clock.now()

    answers = all_at_once(app, [lambda: sales.close_period("2026-03", SYSTEM, now).state] * 4)
    # Whoever comes when it is done is told so.
    codes = {answer.code for answer in answers if isinstance(answer, Conflict)}
    assert codes <= {"period_closed"}
    assert {answer for answer in answers if not isinstance(answer, Conflict)} == {
        PeriodState.CLOSED
    }
    assert count(STATEMENTS) == PEOPLE
    assert broken() == set()


def test_who_sells_while_the_month_closes_is_counted_once(
    app: Flask, a_month: None, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "AT_ONCE", 1)
    order = trade.an_order(cast.a_product(price=9_000), through=trade.a_seller("E9"))
    charge = trade.a_charge(order)
    now = clock.now()
    deeds = [
        lambda: sales.close_period("2026-03", SYSTEM, now).state,
        lambda: trade.pay_at(charge),
    ]
    answers = all_at_once(app, deeds)
    assert not any(isinstance(answer, Exception) for answer in answers), answers
    clock.set(datetime(2026, 4, 30, 16, 0, tzinfo=UTC))
    sales.close_period("2026-04", SYSTEM, clock.now())
    earned = sa.select(sa.func.sum(Period.earned))
    assert int(count(earned)) == 2_100 + 900
    assert broken() == set()
