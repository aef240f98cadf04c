"""`flask periods …`: the chain's months, their close, their reconciliation, payroll's file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.table import Table

from storefront import sales
from storefront.cli.exports import NEW_FILE, write
from storefront.cli.finance import actor_named, by_whom, print_whole, progress, told_plainly
from storefront.commissions import closing, payroll_export, reconciliation
from storefront.commissions import periods as service
from storefront.commissions.payroll_export import PayrollFilter
from storefront.commissions.period_models import Period, PeriodState
from storefront.commissions.reconciliation import FIGURES, Figures, Reconciliation
from storefront.core import clock
from storefront.core.money import format_amount
from storefront.core.settings import settings

periods = AppGroup("periods", help="Months: list, close, reconcile, and payroll's file.")

SHOWN = 120


@periods.command("list")
def list_periods() -> None:
    """List the periods, the latest first."""
    service.open_due(clock.now())
    table = Table("period", "state", "statements", *FIGURES, "difference")
    for period in service.listed(None, SHOWN):
        closed = period.state is PeriodState.CLOSED
        table.add_row(
            period.name,
            period.state.value,
            f"{period.statements:,}" if closed else "",
            *(_cells(_figures(period), period.currency) if closed else ()),
        )
    print_whole(table)


@periods.command("close")
@click.argument("period")
@by_whom
def close(period: str, number: str) -> None:
    """Close PERIOD (like 2026-03), or finish a close that stopped halfway.

    It may be stopped at any moment and begun again; several at once share the work.
    """
    actor = actor_named(number)
    with told_plainly():
        begun = closing.begin(period, actor, clock.now())
        with progress() as bar:
            task = bar.add_task(f"Closing {period}", total=closing.employees_left(begun))
            done = sales.close_period(
                period, actor, clock.now(), lambda more: bar.advance(task, more)
            )
    click.echo(f"{period} is closed: {done.statements:,} statements.")
    _show(reconciliation.reconcile(done), done)


@periods.command("reconcile")
@click.argument("period")
def reconcile(period: str) -> None:
    """Compare the statements of PERIOD with the ledger and payroll's file, store by store.

    The exit status is 1 if they differ.
    """
    with told_plainly():
        found = service.find(period)
        table = reconciliation.reconcile(found)
    _show(table, found)
    if table.difference:
        raise SystemExit(1)


@periods.command("payroll")
@click.argument("period")
@click.argument("file", type=NEW_FILE)
@click.option("--company", help="Only of this company.")
@click.option("--store", help="Only of this store, by its code.")
@by_whom
def payroll(period: str, file: Path, company: str | None, store: str | None, number: str) -> None:
    """Write what PERIOD paid to whom into FILE: a workbook if it ends in .xlsx, else CSV."""
    actor_named(number)
    with told_plainly():
        found, chosen = service.find(period), PayrollFilter(company, store)
        rows = payroll_export.rows_of(found, chosen)
        write(file, _pieces(file, rows, found, chosen))
    payroll_export.log_export(number, found, file.suffix or "csv", chosen, len(rows))


def _pieces(
    file: Path, rows: list[payroll_export.PayrollRow], period: Period, chosen: PayrollFilter
) -> Iterator[bytes]:
    if file.suffix == ".xlsx":
        return iter([payroll_export.as_workbook(rows, period, chosen, clock.now())])
    return payroll_export.as_csv(rows)


def _figures(period: Period) -> Figures:
    return Figures(**{name: getattr(period, name) for name in FIGURES})


def _cells(figures: Figures, currency: str) -> list[str]:
    return [format_amount(getattr(figures, name), currency) for name in (*FIGURES, "difference")]


def _show(answer: Reconciliation, period: Period) -> None:
    table = Table("company", "store", "statements", *FIGURES, "difference", title=period.name)
    for column in table.columns[2:]:
        column.justify = "right"
    for line in answer.stores:
        cells = _cells(line.figures, period.currency)
        table.add_row(line.company, line.store_code, f"{line.statements:,}", *cells)
    table.add_section()
    for name, figures in (("all statements", answer.chain), ("ledger", answer.ledger)):
        table.add_row("", name, f"{answer.statements:,}", *_cells(figures, period.currency))
    print_whole(table)
    exported = format_amount(answer.exported, period.currency)
    difference = format_amount(answer.difference, period.currency)
    click.echo(f"payroll's file: {exported} {period.currency} paid; difference: {difference}")
    click.echo(f"as of {clock.now():%Y-%m-%d %H:%M} UTC, months of {settings().chain_time_zone}")
