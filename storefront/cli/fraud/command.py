"""`flask fraud scan` and `flask fraud evaluate`."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from storefront.cli.fraud import honest, planting
from storefront.cli.fraud.quarter import DAYS, Quarter
from storefront.cli.fraud.rows import Rows, Sale
from storefront.cli.fraud.scoring import Score, scores
from storefront.cli.replay.databases import do_not_sync, own_database
from storefront.commissions.fraud_models import Signal
from storefront.core import clock, hot
from storefront.core.clock import SettableClock, local_day, next_month, start_of_day
from storefront.core.database import db
from storefront.core.settings import settings
from storefront.fraud import scan as scanning

FIRST_DAY = datetime.fromisoformat("2026-01-05T00:00:00+08:00")
"""A fixed day: the same seed makes the same quarter for ever."""


@click.group("fraud")
def fraud() -> None:
    """Look for fraud, and measure how well the rules look."""


@fraud.command("scan")
@click.option("--all", "whole", is_flag=True, help="The whole window, and not only what is new.")
@with_appcontext
def scan(whole: bool) -> None:
    """Look for fraud now. What is found is held and waits in headquarters' queue."""
    found = _scan(clock.now(), whole=whole)
    click.echo(f"{found:,} lines were found that were not known before.")


def _scan(now: datetime, *, whole: bool) -> int:
    console = Console(stderr=True)
    with _progress(console) as progress:
        task = progress.add_task("rules", total=len(Signal))

        def tell(signal: Signal, found: int) -> None:
            progress.console.print(f"{signal.value}: {found:,}")
            progress.advance(task)

        return scanning.scan(now, whole=whole, tell=tell)


def _progress(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    )


@fraud.command("evaluate")
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--people", type=click.IntRange(50, 100_000), default=1_000, show_default=True)
@click.option("--database-url", help="Make the quarter's database beside this one.")
@with_appcontext
def evaluate(seed: int, people: int, database_url: str | None) -> None:
    """Plant fraud in a made-up quarter, among honest trade that looks like it, and look for it.

    The quarter lies in a database of its own, which is gone afterwards.
    """
    result = evaluated(seed, people, database_url)
    _show(result)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of one."""

    scores: Mapping[Signal, Score]
    lines: int
    seconds: float
    """That the scan took."""


def evaluated(seed: int, people: int, database_url: str | None = None) -> Evaluation:
    """Make a quarter, scan it by the rules that are in force by default, and score them."""
    with (
        own_database(database_url, keep=False) as address,
        _shop_over(address) as shop,
        shop.app_context(),
    ):
        quarter, lines = _make(seed, people)
        started = time.monotonic()
        _scan(FIRST_DAY + timedelta(days=DAYS + 4), whole=True)
        return Evaluation(scores(quarter.planted), lines, time.monotonic() - started)


def _make(seed: int, people: int) -> tuple[Quarter, int]:
    quarter = Quarter(seed, people, FIRST_DAY, _ends_of_months())
    rows = Rows(people, FIRST_DAY)
    lines = 0
    with _progress(Console(stderr=True)) as progress:
        task = progress.add_task("making the quarter", total=people)
        for sales in _drawn(quarter):
            rows.sells(sales)
            lines += len(sales)
            progress.advance(task)
    for employee, device in dict.fromkeys(quarter.signed_in):
        rows.signs_in(employee, device)
    rows.write()
    return quarter, lines


def _drawn(quarter: Quarter) -> Iterator[list[Sale]]:
    """All sales, employee by employee."""
    for employee in range(1, quarter.people + 1):
        sales = honest.trade_of(quarter, employee)
        sales += planting.planted_by(quarter, employee)
        yield sorted(sales, key=lambda sale: sale.at)


def _ends_of_months() -> list[int]:
    zone = settings().chain_time_zone
    month, ends = local_day(FIRST_DAY, zone), list[int]()
    while (end := (start_of_day(next_month(month), zone) - FIRST_DAY).days) < DAYS:
        ends.append(end)
        month = next_month(month)
    return ends


@contextmanager
def _shop_over(address: str) -> Generator[Flask]:
    """A shop beside the one that the command was called for, on an empty database."""
    create_app: Callable[..., Flask] = current_app.extensions["create_app"]
    chosen = replace(settings(), database_url=address, jobs="off")
    shop = create_app(chosen, clock=SettableClock(FIRST_DAY))
    with shop.app_context():
        do_not_sync(db.engine)
        db.create_all()
    try:
        yield shop
    finally:
        with shop.app_context():
            hot.close_connections()
            db.engine.dispose()


def _show(result: Evaluation) -> None:
    console = Console()
    table = Table("rule", "planted", "found", "right", "precision", "recall")
    for signal, score in result.scores.items():
        _row(table, signal.value, score)
    table.add_section()
    _row(table, "in all", Score.sum_of(result.scores.values()))
    console.print(table)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    console.print(
        f"{result.lines:,} lines, scanned in {result.seconds:.1f} s;"
        f" the process took {memory:,} MB at most. Cases are counted, one for rule and person."
    )


def _row(table: Table, name: str, score: Score) -> None:
    table.add_row(
        name,
        f"{score.planted:,}",
        f"{score.found:,}",
        f"{score.right:,}",
        _share(score.precision),
        _share(score.recall),
    )


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"
