"""`flask payouts …`: batches drafted, approved by another, sent, asked about, answered."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.table import Table

from storefront import payday, sales
from storefront.cli.finance import actor_named, by_whom, print_whole, progress, told_plainly
from storefront.cli.imports import CSV_FILE, opened
from storefront.commissions import payouts as service
from storefront.commissions import transferring
from storefront.commissions.models import PayoutBatch
from storefront.core import clock
from storefront.core.clock import start_of_day
from storefront.core.money import format_amount
from storefront.core.settings import settings
from storefront.insights import batches
from storefront.integrations.running import transfers

payouts = AppGroup("payouts", help="Payout batches: draft, approve, submit, query, answer, list.")

SHOWN = 50
MOST_LEFT_OUT = 100_000


@payouts.command("list")
def list_batches() -> None:
    """List the batches, the latest first, with where their payouts stand."""
    table = Table("batch", "cutoff", "state", "payees", "total", "payouts", "made by", "approved")
    for shown in batches.listed(None, SHOWN):
        batch = shown.batch
        states = batches.states_of(batch.id)
        approvals = batches.approvers_of(batch.id)
        table.add_row(
            batch.public_id,
            f"{batch.cutoff_at:%Y-%m-%d %H:%M} UTC",
            batch.state.value,
            f"{batch.payees:,}",
            f"{format_amount(batch.total, batch.currency)} {batch.currency}",
            ", ".join(f"{count:,} {state.value}" for state, count in states.items()),
            shown.created_by or "",
            f"{len(approvals)} of {batch.approvals_needed}",
        )
    print_whole(table)


@payouts.command("draft")
@click.option(
    "--cutoff",
    required=True,
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="All that fell due before this day of the chain's.",
)
@by_whom
def draft(cutoff: datetime, number: str) -> None:
    """Claim what is due for whoever is eligible, and say why others are left out."""
    actor = actor_named(number)
    moment = start_of_day(cutoff.date(), settings().chain_time_zone)
    with told_plainly():
        batch = sales.draft_payout(moment, actor, clock.now())
    _tell(batch)
    table = Table("employee", "store", "reason", "due", title="left out")
    for each in batches.left_out_of(batch.id, None, MOST_LEFT_OUT):
        due = format_amount(each.amount, batch.currency)
        table.add_row(each.number, each.store_code, each.reason.value, due)
    if table.row_count:
        print_whole(table)


@payouts.command("approve")
@click.argument("batch")
@by_whom
def approve(batch: str, number: str) -> None:
    """Approve BATCH, which somebody else drafted and last changed."""
    actor = actor_named(number)
    with told_plainly():
        approved = service.approve(batch, actor, clock.now())
    _tell(approved)
    given = len(service.approvals_of(approved))
    click.echo(f"{given} of {approved.approvals_needed} approvals.")


@payouts.command("submit")
@click.argument("batch")
@by_whom
def submit(batch: str, number: str) -> None:
    """Send the payouts of the approved BATCH to the transfer provider.

    If this is stopped, a worker goes on with it, or the same command: nothing is sent twice.
    """
    actor = actor_named(number)
    with told_plainly():
        provider, found = transfers(), service.look_up(batch)
        if found.provider != provider.name:
            found = payday.submit(batch, provider, actor, clock.now())
        with progress() as bar:
            task = bar.add_task(f"Sending {batch}", total=found.payees)
            over = payday.send(batch, provider, clock.now(), lambda more: bar.advance(task, more))
    _tell(over)


@payouts.command("query")
@click.argument("batch")
def query(batch: str) -> None:
    """Ask the provider about every payout of BATCH that was sent and has no final answer."""
    with told_plainly():
        provider, found = transfers(), service.look_up(batch)
        with progress() as bar:
            waiting = len(transferring.to_ask_about(found.id))
            task = bar.add_task(f"Asking about {batch}", total=waiting)
            over = payday.ask(batch, provider, clock.now(), lambda more: bar.advance(task, more))
    _tell(over)


@payouts.command("answer")
@click.argument("batch")
@click.argument("file", type=CSV_FILE)
@by_whom
def answer(batch: str, file: Path, number: str) -> None:
    """Take in what became of BATCH: the payroll's file with a column `status`, all or nothing.

    A status is paid, failed or returned; a column `message` may say more.
    """
    actor = actor_named(number)
    with opened(file) as source:
        answered = payday.answer(batch, source, actor, clock.now())
    click.echo(f"{answered.lines:,} answers.")
    _tell(answered.batch)


def _tell(batch: PayoutBatch) -> None:
    states = batches.states_of(batch.id)
    total = f"{format_amount(batch.total, batch.currency)} {batch.currency}"
    told = ", ".join(f"{count:,} {state.value}" for state, count in states.items())
    click.echo(
        f"{batch.public_id}: {batch.state.value}, {total} to {batch.payees:,} people: {told}"
    )
