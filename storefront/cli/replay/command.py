"""The command: from a file of invoices to a report of figures and an audit."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

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
    TimeRemainingColumn,
)
from rich.table import Table

from storefront.cli.audit import all_hold
from storefront.cli.imports import opened
from storefront.cli.replay.chain import build
from storefront.cli.replay.databases import do_not_sync, own_database
from storefront.cli.replay.goods import articles_of
from storefront.cli.replay.invoices import Invoice, read_invoices
from storefront.cli.replay.play import Play
from storefront.cli.replay.report import figures
from storefront.cli.replay.timeline import ZONE
from storefront.core import hot
from storefront.core.clock import SettableClock, local_day, start_of_day
from storefront.core.database import db
from storefront.core.settings import settings

REPORT = Path("replay-report.json")
CURRENCY = "GBP"


class Silence:
    """A messenger for customers of long ago: nobody is told anything."""

    def send(self, phone: str, text: str, *, key: str) -> None:
        """Say nothing."""


@click.command("replay")
@click.argument("data", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--invoices", type=click.IntRange(min=1), help="Only the first so many invoices.")
@click.option(
    "--database-url",
    envvar="DATABASE_URL",
    help="A database beside which the replay makes its own.  [default: a temporary SQLite file]",
)
@click.option("--keep", is_flag=True, help="Leave the replay's database to be looked at.")
@with_appcontext
def replay(data: Path, invoices: int | None, database_url: str | None, keep: bool) -> None:
    """Push real trade through the shop, and write its figures to replay-report.json.

    DATA is a CSV file of invoice lines, plain or gzipped: InvoiceNo, StockCode, Description,
    Quantity, InvoiceDate, UnitPrice, CustomerID, Country. Ends with status 1 if the books that
    come of it break an invariant.
    """
    started = time.monotonic()
    with opened(data) as file:
        trade = read_invoices(file)[:invoices]
    if not trade:
        raise click.ClickException("There is no invoice in this file.")
    clock = SettableClock(start_of_day(local_day(trade[0].at, ZONE), ZONE))
    with own_database(database_url, keep=keep) as address, _shop_over(address, clock) as shop:
        document = _play(shop, clock, trade, started)
        REPORT.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        _show(document)
        if keep:
            click.echo(f"The database is kept: {address}")
        with shop.app_context():
            sound = all_hold(Console(highlight=False, soft_wrap=True))
    if not sound:
        sys.exit(1)


@contextmanager
def _shop_over(address: str, clock: SettableClock) -> Generator[Flask]:
    """A shop of its own beside the one that the command was called for, on an empty database."""
    create_app: Callable[..., Flask] = current_app.extensions["create_app"]
    chosen = replaced(
        settings(),
        database_url=address,
        chain_currency=CURRENCY,
        chain_time_zone=ZONE,
        public_base_url="http://localhost",
        trusted_proxies=0,
        jobs="off",
        gateway="sandbox",
    )
    shop = create_app(chosen, clock=clock)
    shop.extensions["messenger"] = Silence()
    with shop.app_context():
        do_not_sync(db.engine)
        db.create_all()
    try:
        yield shop
    finally:
        with shop.app_context():
            hot.close_connections()
            db.engine.dispose()


def _play(
    shop: Flask, clock: SettableClock, trade: Sequence[Invoice], started: float
) -> dict[str, Any]:
    with _progress() as progress:
        task = progress.add_task("building the chain", total=None)
        with shop.app_context():
            chain = build(articles_of(trade), clock.now())
        progress.update(task, total=1, completed=1)
        task = progress.add_task("invoices", total=len(trade))
        play = Play(shop, clock, chain)
        for _ in play.through(trade):
            progress.advance(task)
    with shop.app_context():
        return figures(
            play.left_out, seconds=time.monotonic() - started, requests=play.doors.requests
        )


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _show(document: dict[str, Any]) -> None:
    table = Table("figure", "value")
    for key, value in document.items():
        if isinstance(value, int | float):
            table.add_row(key, f"{value:,}")
    Console().print(table)
