"""`flask audit`: ask the database every question whose answer must be "nothing"."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from storefront.core import clock
from storefront.core.database import db
from storefront.core.settings import settings
from storefront.insights.audit import INVARIANTS, Answer, Asked, ask


@click.command("audit", help="Check every invariant; ends with 1 if one is broken, else with 0.")
@with_appcontext
def audit() -> None:
    """Ask every invariant and print how often it is broken."""
    if not all_hold(Console(highlight=False, soft_wrap=True)):
        sys.exit(1)


def all_hold(console: Console) -> bool:
    """Ask every invariant of the running application's database and print the answers."""
    answers: list[Answer] = []
    with _one_moment(), _progress(console) as progress:
        asked = Asked(clock.now(), settings().chain_time_zone)
        task = progress.add_task("", total=len(INVARIANTS))
        for invariant in INVARIANTS:
            progress.update(task, description=invariant.name)
            started = time.perf_counter()
            answers.append(ask(invariant, asked))
            _show(progress.console, answers[-1], time.perf_counter() - started)
            progress.advance(task)
    return _conclude(console, answers)


def _progress(console: Console) -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )


@contextmanager
def _one_moment() -> Generator[None]:
    """Let all questions see the database as it is at one moment, while others go on selling."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        db.session.rollback()


def _show(console: Console, answer: Answer, seconds: float) -> None:
    invariant = answer.invariant
    mark = "[red]BROKEN[/red]" if answer.count else "[green]holds [/green]"
    console.print(
        f"{mark}  {invariant.number:>2}  {invariant.name}: {answer.count:,}"
        f" [dim]({seconds:.2f} s)[/dim]"
    )
    if not answer.count:
        return
    console.print(f"            {invariant.sentence}")
    for example in answer.examples:
        console.print(f"            {_line(example)}", markup=False)
    if answer.count > len(answer.examples):
        console.print(f"            … and {answer.count - len(answer.examples):,} more")


def _line(example: Any) -> str:
    return ", ".join(f"{name}={value}" for name, value in example.items())


def _conclude(console: Console, answers: list[Answer]) -> bool:
    broken = [answer for answer in answers if answer.count]
    if broken:
        count = sum(answer.count for answer in broken)
        console.print(
            f"[red]{len(broken)} of {len(answers)} invariants are broken, {count:,} times.[/red]"
        )
        return False
    console.print(f"[green]All {len(answers)} invariants hold.[/green]")
    return True
