"""`flask import till` and `touches`: what happened before this program, or outside of it."""

from __future__ import annotations

from pathlib import Path

import click

from storefront.attribution.customer_file import import_customers
from storefront.cli.imports import CSV_FILE, imports, take_in
from storefront.commissions.plan_file import import_plans
from storefront.core import clock
from storefront.core.actor import SYSTEM
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

    A rule may name an employee, a product, a category or a brand; docs/bring-your-own-data.md says
    how.
    """
    now, zone = clock.now(), settings().chain_time_zone
    take_in(file, lambda source: import_plans(source, zone, SYSTEM, now, publish=publish))


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
