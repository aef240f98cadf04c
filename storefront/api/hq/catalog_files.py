"""The catalogue as CSV files, one for each noun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Response

from storefront.api import described
from storefront.api.csv_files import CSV, ImportedSchema, csv_answer, csv_body, takes_csv
from storefront.api.hq import guard
from storefront.api.hq.products import WRITERS
from storefront.catalog.files import groups, prices, products, stock
from storefront.core import clock
from storefront.core.csvfile import Imported
from storefront.core.errors import NotFound
from storefront.core.settings import settings

blueprint = guard.blueprint("hq_files", "files", "The catalogue as CSV files")


@dataclass(frozen=True, slots=True)
class File:
    """A kind of file: how it is taken in, and how it is given out."""

    take_in: Callable[[bytes], Imported]
    give_out: Callable[[], Iterator[bytes]]


def _currency() -> str:
    return settings().chain_currency


FILES = {
    "brands": File(groups.import_brands, groups.export_brands),
    "categories": File(groups.import_categories, groups.export_categories),
    "locations": File(groups.import_locations, groups.export_locations),
    "products": File(
        lambda body: products.import_products(body, _currency(), guard.actor(), clock.now()),
        lambda: products.export_products(_currency()),
    ),
    "prices": File(
        lambda body: prices.import_prices(body, _currency(), guard.actor(), clock.now()),
        lambda: prices.export_prices(_currency()),
    ),
    "stock": File(
        lambda body: stock.import_stock(body, guard.actor(), clock.now()), stock.export_stock
    ),
}

KIND = {"name": "kind", "in": "path", "schema": {"type": "string", "enum": list(FILES)}}
EXAMPLE = "variant_code,price,reason\r\nLAMP-RED,19.99,Autumn prices\r\n"


@blueprint.route("/<kind>", parameters=[KIND])
@described.errors(blueprint, {404: "file_not_found"})
@blueprint.response(200, {"type": "string"}, content_type=CSV)
def export_file(kind: str) -> Response:
    """Save a part of the catalogue as a CSV file; taking it in again changes nothing."""
    return csv_answer(_file(kind).give_out(), f"{kind}.csv")


@blueprint.route("/<kind>/imports", methods=["POST"], parameters=[KIND])
@described.errors(
    blueprint,
    {
        404: "file_not_found",
        409: "changed_meanwhile",
        413: "too_large",
        415: "unsupported_media_type",
    },
)
@takes_csv(blueprint, EXAMPLE)
@blueprint.response(200, ImportedSchema)
def import_file(kind: str) -> Imported:
    """Take a file in: all of it, or nothing if a line is wrong.

    Its columns are those of the file that the same address gives out. What it does not mention
    stays; an absent optional column leaves values alone, an empty cell empties.
    """
    guard.require_role(*WRITERS)
    return _file(kind).take_in(csv_body())


def _file(kind: str) -> File:
    if kind not in FILES:
        raise NotFound("file_not_found", f"There are files for: {', '.join(FILES)}.")
    return FILES[kind]
