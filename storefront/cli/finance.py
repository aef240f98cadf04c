"""What the commands of finance share: who gives them, amounts, progress, refusals."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import click
import sqlalchemy as sa
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

from storefront.core.actor import Actor
from storefront.core.database import db
from storefront.core.errors import DomainError
from storefront.staff.models import Employee, EmploymentState, Role

WIDEST = 1_000
FINANCE = (Role.HQ_FINANCE, Role.HQ_ADMIN)

by_whom = click.option(
    "--as",
    "number",
    required=True,
    metavar="NUMBER",
    help="The staff number of whoever does it: of HQ finance, or an HQ admin.",
)


def actor_named(number: str) -> Actor:
    """Whoever of finance has this staff number. Raises ClickException for everybody else."""
    person = db.session.scalar(sa.select(Employee).where(Employee.number == number))
    if person is None or person.state is not EmploymentState.ACTIVE:
        raise click.ClickException(f"Nobody who works here has the staff number {number}.")
    if person.role not in FINANCE:
        raise click.ClickException(f"{number} is neither of HQ finance nor an HQ admin.")
    return Actor(person.role, person.id, person.store_id)


@contextmanager
def told_plainly() -> Generator[None]:
    """Show a refusal as a sentence, and end with status 1."""
    try:
        yield
    except DomainError as refusal:
        raise click.ClickException(refusal.detail) from refusal


def progress() -> Progress:
    """A progress bar on the standard error."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def print_whole(table: Table) -> None:
    """Print a table as wide as it is: a number that is cut off is a wrong number."""
    console = Console(highlight=False)
    unbounded = console.options.update(max_width=WIDEST)
    needed = console.measure(table, options=unbounded).maximum
    Console(highlight=False, width=max(console.width, needed)).print(table)
