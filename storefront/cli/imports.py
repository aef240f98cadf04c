"""`flask import …`: files into the database, each one wholly or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import click
from flask.cli import AppGroup
from rich import progress
from rich.console import Console
from rich.table import Table

from storefront.core.csvfile import Imported
from storefront.core.errors import DomainError

imports = AppGroup("import", help="Take in a CSV file: all of it, or nothing if a line is wrong.")

CSV_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def take_in(path: Path, import_file: Callable[[BinaryIO], Imported]) -> None:
    """Import a file and say what it brought."""
    with opened(path) as file:
        done = import_file(file)
    Console().print(f"{done.new:,} new, {done.changed:,} changed, {done.same:,} as they were.")


@contextmanager
def opened(path: Path) -> Generator[BinaryIO]:
    """Open a file for an import, with a progress bar as it is read.

    If the import refuses the file, its complaints are shown as a table and the program ends with
    status 1.
    """
    try:
        with progress.open(path, "rb", description=path.name) as file:
            yield file
    except DomainError as refusal:
        show_complaints(refusal)
        sys.exit(1)


def show_complaints(refusal: DomainError) -> None:
    """Print what is wrong with a file, line by line."""
    console = Console(stderr=True)
    console.print(f"[red]{refusal.detail}[/red]", highlight=False)
    complaints = cast(list[dict[str, Any]], refusal.extra.get("lines", []))
    if not complaints:
        return
    table = Table("line", "column", "code", "what is wrong")
    for complaint in complaints:
        table.add_row(
            str(complaint["line"]), complaint["column"], complaint["code"], complaint["message"]
        )
    console.print(table, markup=False)
    unseen = refusal.extra["count"] - len(complaints)
    if unseen > 0:
        console.print(f"… and {unseen:,} more.")
