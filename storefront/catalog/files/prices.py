"""The price list: one line for each variant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, cast

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.files.cells import (
    MOST_ROWS,
    cell,
    importing,
    lock_products,
    once,
    price_in,
    rows_by,
    write,
)
from storefront.catalog.models import PriceChange, Variant
from storefront.catalog.price_history import PriceStep, keep_changes
from storefront.catalog.stock import show_anew
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
from storefront.core.money import format_amount

COLUMNS = CsvColumns(required=("variant_code", "price"), optional=("reason",))

IMPORTED = "price file"
"""The reason of a change that the file gives none for."""

_variants = cast(sa.Table, Variant.__table__)


def import_prices(source: BinaryIO | bytes, currency: str, actor: Actor, now: datetime) -> Imported:
    """Change prices by variant code, with history.

    Raises Invalid `wrong_file` with every complaint, Conflict `changed_meanwhile`.
    """
    problems = CsvProblems()
    rows = {row["variant_code"]: row for row in _read(source, problems)}
    in_currency = price_in(currency)
    asked = {code: cell(row, "price", in_currency, problems) for code, row in rows.items()}
    with importing():
        lock_products(row.product_id for row in rows_by(_variants.c.code, rows).values())
        known = rows_by(_variants.c.code, rows)
        for code, row in rows.items():
            if code not in known:
                message = "There is no such variant."
                problems.add(row.line, "variant_code", "unknown_variant", message)
        problems.raise_if_any()
        changed = [code for code, price in asked.items() if price != known[code].price]
        changes: list[dict[str, Any]] = [
            {"of_id": known[code].id, "price": asked[code]} for code in changed
        ]
        write(sa.update(_variants).where(_variants.c.id == sa.bindparam("of_id")), changes)
        steps = [
            PriceStep(
                change["of_id"],
                known[code].price,
                change["price"],
                rows[code].get("reason") or IMPORTED,
            )
            for code, change in zip(changed, changes, strict=True)
        ]
        keep_changes(steps, actor, now)
        show_anew(known[code].product_id for code in changed)
        return Imported(0, len(changed), len(rows) - len(changed))


def export_prices(currency: str) -> Iterator[bytes]:
    """Every variant's price and why it is so, as `import_prices` takes them."""
    latest = (
        sa.select(sa.func.max(PriceChange.id).label("id"))
        .group_by(PriceChange.variant_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Variant.code, Variant.price, PriceChange.reason)
        .join(PriceChange, PriceChange.variant_id == Variant.id)
        .join(latest, latest.c.id == PriceChange.id)
        .order_by(Variant.code)
    ).all()
    return write_rows(
        (*COLUMNS.required, *COLUMNS.optional),
        ((code, format_amount(price, currency), reason) for code, price, reason in rows),
    )


def _read(source: BinaryIO | bytes, problems: CsvProblems) -> Iterator[CsvRow]:
    first_line: dict[str, int] = {}
    for row in read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems):
        if row.get("reason"):
            cell(row, "reason", rules.reason, problems)
        if once(row, row["variant_code"], "variant_code", first_line, problems):
            yield row
