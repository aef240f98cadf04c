"""A stock count: one line for each variant and location."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO, NamedTuple, cast

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.files.cells import MOST_ROWS, cell, importing, once, rows_by
from storefront.catalog.models import Location, MovementKind, StockLevel, Variant
from storefront.catalog.stocktaking import Counted, open_levels, write_counts
from storefront.core.actor import Actor
from storefront.core.csvfile import (
    CsvColumns,
    CsvProblems,
    CsvRow,
    Imported,
    read_rows,
    write_rows,
)
from storefront.core.database import db

COLUMNS = CsvColumns(required=("variant_code", "location_code", "on_hand"))

_locations = cast(sa.Table, Location.__table__)
_variants = cast(sa.Table, Variant.__table__)


class _Line(NamedTuple):
    row: CsvRow
    on_hand: int


def import_stock(source: BinaryIO | bytes, actor: Actor, now: datetime) -> Imported:
    """Set what lies where; differences become movements. Shelves that are not named stay.

    Raises Invalid `wrong_file` with every complaint: also a count below what orders hold.
    """
    problems = CsvProblems()
    lines = list(_read(source, problems))
    with importing():
        counted = _places(lines, problems)
        problems.raise_if_any()
        levels = open_levels([(one.variant_id, one.location_id) for one in counted])
        for line, one in zip(lines, counted, strict=True):
            level = levels[one.variant_id, one.location_id]
            if one.on_hand < level.reserved:
                message = f"{level.reserved} pieces are promised to orders."
                problems.add(line.row.line, "on_hand", "less_than_promised", message)
        problems.raise_if_any()
        new = sum(
            levels[one.variant_id, one.location_id].on_hand == 0 < one.on_hand for one in counted
        )
        changed = write_counts(counted, levels, MovementKind.COUNTED, actor, now)
        return Imported(new, changed - new, len(counted) - changed)


def export_stock() -> Iterator[bytes]:
    """What lies where, the promised pieces included, as `import_stock` takes it."""
    rows = db.session.execute(
        sa.select(Variant.code, Location.code, StockLevel.on_hand)
        .join(Variant, Variant.id == StockLevel.variant_id)
        .join(Location, Location.id == StockLevel.location_id)
        .where(Variant.stock_tracked)
        .order_by(Variant.code, Location.code)
    ).all()
    return write_rows(COLUMNS.required, (tuple(row) for row in rows))


def _read(source: BinaryIO | bytes, problems: CsvProblems) -> Iterator[_Line]:
    first_line: dict[tuple[str, str], int] = {}
    for row in read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems):
        place = (row["variant_code"], row["location_code"])
        on_hand = cell(row, "on_hand", rules.pieces, problems)
        if once(row, place, "variant_code", first_line, problems) and on_hand is not None:
            yield _Line(row, on_hand)


def _places(lines: list[_Line], problems: CsvProblems) -> list[Counted]:
    """The lines with ids for codes; those that name something unknown are noted and left out."""
    variants = rows_by(_variants.c.code, (line.row["variant_code"] for line in lines))
    locations = rows_by(_locations.c.code, (line.row["location_code"] for line in lines))
    counted: list[Counted] = []
    for row, on_hand in lines:
        variant = variants.get(row["variant_code"])
        location = locations.get(row["location_code"])
        if variant is None:
            message = "There is no such variant."
            problems.add(row.line, "variant_code", "unknown_variant", message)
        elif not variant.stock_tracked:
            message = "There is always enough of this: it is not counted."
            problems.add(row.line, "variant_code", "stock_not_tracked", message)
        if location is None:
            message = "There is no such location."
            problems.add(row.line, "location_code", "unknown_location", message)
        if variant is not None and location is not None:
            counted.append(Counted(variant.id, location.id, on_hand))
    return counted
