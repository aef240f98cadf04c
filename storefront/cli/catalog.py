"""`flask import …` and `flask export …` for the catalogue."""

from __future__ import annotations

from pathlib import Path

import click

from storefront.catalog.files import groups, prices, products, stock
from storefront.cli.exports import NEW_FILE, exports, write
from storefront.cli.imports import CSV_FILE, imports, take_in
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.settings import settings


@imports.command("brands")
@click.argument("file", type=CSV_FILE)
def import_brands(file: Path) -> None:
    """Enter and rename brands."""
    take_in(file, groups.import_brands)


@imports.command("categories")
@click.argument("file", type=CSV_FILE)
def import_categories(file: Path) -> None:
    """Enter, rename and move categories."""
    take_in(file, groups.import_categories)


@imports.command("locations")
@click.argument("file", type=CSV_FILE)
def import_locations(file: Path) -> None:
    """Enter and change the places where stock lies."""
    take_in(file, groups.import_locations)


@imports.command("products")
@click.argument("file", type=CSV_FILE)
def import_products(file: Path) -> None:
    """Enter and change products, one line for each variant."""
    currency, now = settings().chain_currency, clock.now()
    take_in(file, lambda source: products.import_products(source, currency, SYSTEM, now))


@imports.command("prices")
@click.argument("file", type=CSV_FILE)
def import_prices(file: Path) -> None:
    """Change prices, one line for each variant."""
    currency, now = settings().chain_currency, clock.now()
    take_in(file, lambda source: prices.import_prices(source, currency, SYSTEM, now))


@imports.command("stock")
@click.argument("file", type=CSV_FILE)
def import_stock(file: Path) -> None:
    """Take a stock count in, one line for each variant and location."""
    now = clock.now()
    take_in(file, lambda source: stock.import_stock(source, SYSTEM, now))


@exports.command("brands")
@click.argument("file", type=NEW_FILE)
def export_brands(file: Path) -> None:
    """Write every brand."""
    write(file, groups.export_brands())


@exports.command("categories")
@click.argument("file", type=NEW_FILE)
def export_categories(file: Path) -> None:
    """Write the category tree."""
    write(file, groups.export_categories())


@exports.command("locations")
@click.argument("file", type=NEW_FILE)
def export_locations(file: Path) -> None:
    """Write the places where stock lies."""
    write(file, groups.export_locations())


@exports.command("products")
@click.argument("file", type=NEW_FILE)
def export_products(file: Path) -> None:
    """Write every product and variant."""
    write(file, products.export_products(settings().chain_currency))


@exports.command("prices")
@click.argument("file", type=NEW_FILE)
def export_prices(file: Path) -> None:
    """Write the price list."""
    write(file, prices.export_prices(settings().chain_currency))


@exports.command("stock")
@click.argument("file", type=NEW_FILE)
def export_stock(file: Path) -> None:
    """Write what lies where."""
    write(file, stock.export_stock())
