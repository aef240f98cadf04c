"""`flask import till`: a chain's receipts."""

from __future__ import annotations

from pathlib import Path

import click

from storefront.cli.imports import CSV_FILE, imports, take_in
from storefront.core import clock
from storefront.core.settings import settings
from storefront.till.file import import_till
from storefront.till.receipt_rows import Reading


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
