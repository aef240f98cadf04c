"""How long the close of a month takes for a whole chain, made in bulk.

python -m tests.bench.close --database postgresql --employees 20000 --entries 500000
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from config.settings import Settings
from storefront import create_app, sales
from storefront.commissions import periods
from storefront.commissions.models import CommissionPlan, LedgerEntry
from storefront.commissions.rules.months import NO_MONTH_TERMS, LaterReturns, MonthTerms, Tier
from storefront.core.actor import SYSTEM
from storefront.core.database import db, transaction
from storefront.core.settings import settings
from storefront.insights import audit
from tests.bench import past
from tests.support.databases import Kind, make_tables, throwaway_postgresql

END = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
"""March ends in Shanghai."""
MONTH = "2026-03"
ENTRIES_A_LINE = 4
"""Earned, its expense, and the two that let it fall due."""

# What the shop would have booked for the accruals that `past` makes, in a few statements.
BOOK = """
INSERT INTO ledger_transactions (kind, cause, at)
SELECT 'accrual', 'accrual:order:' || order_id, min(at) FROM accruals GROUP BY order_id;

INSERT INTO ledger_entries
(transaction_id, key, account, employee_id, amount, currency, at, accrual_id)
SELECT t.id, 'accrual:' || a.id || ':held', 'held', a.employee_id, a.amount, 'CNY', a.at, a.id
FROM accruals a JOIN ledger_transactions t ON t.cause = 'accrual:order:' || a.order_id;

INSERT INTO ledger_entries (transaction_id, key, account, employee_id, amount, currency, at)
SELECT t.id, 'accrual:' || a.id || ':expense', 'expense', a.employee_id, -a.amount, 'CNY', a.at
FROM accruals a JOIN ledger_transactions t ON t.cause = 'accrual:order:' || a.order_id;

INSERT INTO ledger_transactions (kind, cause, at)
SELECT 'release', 'release:from:' || id, at FROM accruals;

INSERT INTO ledger_entries
(transaction_id, key, account, employee_id, amount, currency, at, accrual_id)
SELECT t.id, 'release:' || a.id || ':' || s.account, s.account, a.employee_id, s.sign * a.amount,
'CNY', a.at, a.id
FROM accruals a JOIN ledger_transactions t ON t.cause = 'release:from:' || a.id
CROSS JOIN (SELECT 'held' AS account, -1 AS sign UNION ALL SELECT 'payable', 1) s;

UPDATE accruals SET due_at = at, released_at = at, reversed = 0;
"""


TIERS = MonthTerms(
    (Tier(50_000, 100), Tier(200_000, 250)), later_returns=LaterReturns.DIFFERENCE, cap=40_000
)


def fill(employees: int, entries: int, terms: MonthTerms) -> None:
    """Write a month of sales in which everybody earns, with its book."""
    past.EMPLOYEES = employees
    past.SPAN = timedelta(days=30)
    lines = 2
    orders = entries // (ENTRIES_A_LINE * lines)
    past.Past(random.Random(7), END - timedelta(hours=1)).fill(orders, lines)
    with transaction() as session:
        for statement in filter(None, map(str.strip, BOOK.split(";"))):
            session.connection().exec_driver_sql(statement)
        session.execute(sa.update(CommissionPlan).values(month_terms=terms.as_document()))


def measure() -> dict[str, Any]:
    """Close the month, and say how long it took and what came of it."""
    now = END + timedelta(hours=1)
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(LedgerEntry))
    periods.open_due(now)
    started, spent = time.perf_counter(), _cpu()
    steps: list[float] = [started]
    period = sales.close_period(MONTH, SYSTEM, now, lambda _: steps.append(time.perf_counter()))
    seconds = time.perf_counter() - started
    return {
        "database": db.engine.dialect.name,
        "statements": period.statements,
        "entries": entries,
        "settled": period.settled,
        "closing": period.closing,
        "seconds": round(seconds, 1),
        "cpu_seconds_of_python": round(_cpu() - spent, 1),
        "longest_step_seconds": round(
            max(later - earlier for earlier, later in itertools.pairwise(steps)), 2
        ),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _broken(names: str) -> list[str]:
    asked = audit.Asked(END + timedelta(hours=2), settings().chain_time_zone)
    return [
        each.name
        for each in audit.INVARIANTS
        if names in each.name and audit.ask(each, asked).count
    ]


def run(url: str, folder: Path, given: argparse.Namespace) -> None:
    """Fill a database, and close in a process of its own, as memory is counted at its highest."""
    make_tables(url)
    with create_app(Settings.for_tests(database_url=url, instance_folder=folder)).app_context():
        started = time.perf_counter()
        fill(given.employees, given.entries, TIERS if given.tiers else NO_MONTH_TERMS)
        print(f"filled in {time.perf_counter() - started:.0f} s", flush=True)
        if db.engine.dialect.name == "postgresql":
            with db.engine.connect() as connection:
                connection.execution_options(isolation_level="AUTOCOMMIT").execute(
                    sa.text("VACUUM ANALYZE")
                )
    subprocess.run([sys.executable, "-m", "tests.bench.close", "--measure", url], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--employees", type=int, default=20_000)
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--tiers", action="store_true", help="tiers and a cap for the month")
    parser.add_argument("--measure", metavar="URL", help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.measure:
            app = create_app(Settings.for_tests(database_url=given.measure, instance_folder=folder))
            with app.app_context():
                print(json.dumps(measure()), flush=True)
                print("broken:", _broken("statement") or "nothing", flush=True)
            return
        kind: Kind = given.database
        if kind == "sqlite":
            run(f"sqlite:///{folder / 'close.sqlite'}", folder, given)
        else:
            with throwaway_postgresql() as server:
                run(server.create_database("close"), folder, given)


if __name__ == "__main__":
    main()
