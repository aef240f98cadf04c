"""`flask statements …`: a month's statements on paper, and whether they are what was signed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from storefront.cli.exports import NEW_FILE, write
from storefront.commissions import periods, proof, statement_export
from storefront.commissions import statements as service
from storefront.commissions.period_models import Period
from storefront.core.database import db
from storefront.core.errors import DomainError
from storefront.core.languages import LANGUAGES, Language
from storefront.insights.papers import printing

AT_ONCE = 400

statements = AppGroup("statements", help="A month's statements: on paper, and checked.")


@statements.command("pdf")
@click.argument("period")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(LANGUAGES), default="zh", show_default=True)
def print_period(period: str, folder: Path, language: Language) -> None:
    """Write the PDF of every statement of PERIOD (like 2026-03) into FOLDER.

    What is there already is left alone, so it may be stopped and begun again.
    """
    try:
        found = periods.find(period)
        with _progress() as progress:
            task = progress.add_task(f"Statements of {found.name}", total=printing.count(found))
            written = printing.print_all(
                found, folder, language, lambda more: progress.advance(task, more)
            )
    except DomainError as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo(f"{written} written to {folder}")


@statements.command("export")
@click.argument("period")
@click.argument("file", type=NEW_FILE)
def export(period: str, file: Path) -> None:
    """Write the statements of PERIOD into FILE: with lines if it ends in .json, else as CSV."""
    try:
        found = periods.find(period)
    except DomainError as refusal:
        raise click.ClickException(refusal.detail) from refusal
    as_json = file.suffix == ".json"
    write(file, statement_export.as_json(found) if as_json else statement_export.as_csv(found))


@statements.command("verify")
@click.argument("period", required=False)
def verify(period: str | None) -> None:
    """Hold every statement, of PERIOD or of all, against its signature.

    The exit status is 1 if one fails.
    """
    try:
        found = [periods.find(period)] if period else list(reversed(periods.listed(None, 10_000)))
    except DomainError as refusal:
        raise click.ClickException(refusal.detail) from refusal
    checked = failed = 0
    with _progress() as progress:
        task = progress.add_task("Statements", total=None)
        for each in found:
            for codes, number in _checked(each):
                checked += number
                failed += len(codes)
                progress.advance(task, number)
                for code in codes:
                    click.echo(f"{each.name} {code}: not what was signed", err=True)
    click.echo(f"{checked} checked, {failed} not genuine")
    if failed:
        raise SystemExit(1)


def _checked(period: Period) -> Iterator[tuple[list[str], int]]:
    """Codes of those that fail, and how many were looked at, part by part."""
    after: int | None = None
    while True:
        part = service.of_period(period, after, AT_ONCE)
        if not part:
            return
        yield [each.code for each in proof.false_ones(part, period)], len(part)
        after = part[-1].id
        db.session.expunge_all()


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
