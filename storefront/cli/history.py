"""`flask import till` and its like: what happened before this program, or outside of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from storefront.attribution import service
from storefront.attribution.customer_file import import_customers
from storefront.cli.exports import NEW_FILE, exports, write
from storefront.cli.imports import CSV_FILE, imports, take_in
from storefront.cli.simulate import policy_in, told
from storefront.commissions.plan_file import export_plan, import_plans
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.errors import DomainError
from storefront.core.settings import settings
from storefront.sharing.touch_file import import_touches
from storefront.till.file import import_till
from storefront.till.receipt_rows import Reading


@imports.command("plans")
@click.argument("file", type=CSV_FILE)
@click.option(
    "--publish",
    is_flag=True,
    help="Publish them too: all of them if the chain has published none, else those to come.",
)
def import_plan_file(file: Path, publish: bool) -> None:
    """Draft commission plans: one line for each rule, with starts_at,hold_days,rate.

    A rule may name an employee, a product, a category, a brand, a store or a campaign;
    docs/bring-your-own-data.md says how.
    """
    now, zone = clock.now(), settings().chain_time_zone
    take_in(file, lambda source: import_plans(source, zone, SYSTEM, now, publish=publish))


@exports.command("plan")
@click.argument("version", type=int)
@click.argument("file", type=NEW_FILE, default="-")
def export_plan_file(version: int, file: Path) -> None:
    """Write a version of the commission plan, with its boosters, caps and tiers."""
    try:
        write(file, export_plan(version))
    except DomainError as refusal:
        raise click.ClickException(told(refusal)) from refusal


@imports.command("policy")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--starts-at", required=True, help="When it begins to judge, like 2024-01-01T00:00:00+08:00."
)
@click.option("--note", default="", help="What it is for.")
@click.option(
    "--publish",
    is_flag=True,
    help="Publish it too: with any start if the chain has published none, else from now on.",
)
def import_policy_file(file: Path, starts_at: str, note: str, publish: bool) -> None:
    """Draft an attribution policy from a JSON file, like {"window_days": 30}.

    docs/who-earns.md names the elements; what the file does not say is as in a new policy.
    """
    try:
        begin = service.bring_policy if publish else service.draft_policy
        policy = begin(policy_in(file), _moment(starts_at), note, SYSTEM, clock.now())
    except DomainError as refusal:
        raise click.ClickException(told(refusal)) from refusal
    click.echo(f"Version {policy.version} is {policy.state}.")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter("Write it like 2024-01-01T00:00:00+08:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(settings().chain_time_zone))


@imports.command("customers")
@click.argument("file", type=CSV_FILE)
def import_customer_file(file: Path) -> None:
    """Take customers in, and whose they were when: one line for each period.

    docs/bring-your-own-data.md names the columns.
    """
    now, zone = clock.now(), settings().chain_time_zone
    take_in(file, lambda source: import_customers(source, zone, now))


@imports.command("till")
@click.argument("file", type=CSV_FILE)
def import_till_file(file: Path) -> None:
    """Take sales and returns of tills in, one line for each line of a receipt.

    docs/bring-your-own-data.md names the columns. The bar goes twice: the file is checked before
    anything is written.
    """
    now = clock.now()
    reading = Reading(settings().chain_currency, settings().chain_time_zone)
    take_in(file, lambda source: import_till(source, reading, now))


@imports.command("touches")
@click.argument("file", type=CSV_FILE)
def import_touch_file(file: Path) -> None:
    """Take touches in: at,visitor,employee,kind and, if you like, more.

    docs/bring-your-own-data.md names the columns. What is known already stays as it was.
    """
    zone, now = settings().chain_time_zone, clock.now()
    take_in(file, lambda source: import_touches(source, zone, now))
