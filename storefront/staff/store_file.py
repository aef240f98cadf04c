"""Regions and stores from a CSV file, wholly or not at all; those missing from it stay.

An absent `company` column (the legal person that pays there) leaves companies alone, an empty cell
takes one away.
"""

from __future__ import annotations

from typing import BinaryIO

import sqlalchemy as sa

from storefront.core.actor import Actor
from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow, Imported, read_rows
from storefront.core.database import db, transaction
from storefront.core.errors import Forbidden
from storefront.staff import rules, stores
from storefront.staff.models import Region, Store

MOST_ROWS = 10_000
COLUMNS = CsvColumns(
    required=("code", "name_zh", "name_en", "region_code"),
    optional=("region_name_zh", "region_name_en", "company"),
)


def import_stores(source: BinaryIO | bytes, actor: Actor) -> Imported:
    """Open new stores and change known ones (by code) where they differ; the same for regions.

    A region that is not known yet needs its names on the line that first speaks of it. Raises
    Forbidden `needs_admin`, Invalid `wrong_file` with every complaint.
    """
    if not rules.may_change_staff(actor.role):
        raise Forbidden("needs_admin", "Only an HQ admin opens stores.")
    problems = CsvProblems()
    lines: dict[str, CsvRow] = {}
    for row in read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems):
        earlier = lines.setdefault(row["code"], row)
        if earlier is not row:
            problems.add(row.line, "code", "code_twice", f"Is on line {earlier.line} already.")
        _check(row, problems)
    rows = list(lines.values())
    with transaction():
        regions = _regions(rows, problems)
        problems.raise_if_any()
        return _stores(rows, regions)


def _check(row: CsvRow, problems: CsvProblems) -> None:
    for column in ("code", "region_code"):
        if not rules.is_number(row[column]):
            message = "Letters, digits and . _ - / only, 1 to 32 of them."
            problems.add(row.line, column, "wrong_code", message)
    for column in ("name_zh", "name_en", "region_name_zh", "region_name_en"):
        text = row.get(column)
        needed = column in COLUMNS.required
        if (text or needed) and not rules.is_name(text or ""):
            message = f"1 to {rules.LONGEST_NAME} characters."
            problems.add(row.line, column, "wrong_name", message)
    if row.get("company") and not rules.is_name(row["company"]):
        message = f"Up to {rules.LONGEST_NAME} characters; empty for none."
        problems.add(row.line, "company", "wrong_name", message)


def _regions(rows: list[CsvRow], problems: CsvProblems) -> dict[str, int]:
    """The id of every region, opening and renaming those whose names the file gives."""
    known = {region.code: region for region in stores.regions()}
    named: dict[str, tuple[int, tuple[str, str]]] = {}
    for row in rows:
        code, names = row["region_code"], _region_names(row)
        if names and named.setdefault(code, (row.line, names))[1] != names:
            message = f"Line {named[code][0]} gives this region other names."
            problems.add(row.line, "region_name_zh", "region_differs", message)
        elif code not in known and code not in named:
            message = "This region is new: give region_name_zh and region_name_en."
            problems.add(row.line, "region_code", "unknown_region", message)
    for code, (_, names) in named.items():
        if code in known:
            _rename(known[code], names)
        else:
            known[code] = stores.open_region(code, *names)
    return {code: region.id for code, region in known.items()}


def _region_names(row: CsvRow) -> tuple[str, str] | None:
    name_zh, name_en = row.get("region_name_zh"), row.get("region_name_en")
    return (name_zh, name_en) if name_zh and name_en else None


def _rename(region: Region | Store, names: tuple[str, str]) -> None:
    region.name_zh, region.name_en = names


def _differs(store: Store, names: tuple[str, str], region_id: int, company: str | None) -> bool:
    if company not in {None, store.company}:
        return True
    return (store.name_zh, store.name_en, store.region_id) != (*names, region_id)


def _stores(rows: list[CsvRow], regions: dict[str, int]) -> Imported:
    known = {store.code: store for store in db.session.scalars(sa.select(Store))}
    new = changed = same = 0
    for row in rows:
        store, region_id = known.get(row["code"]), regions[row["region_code"]]
        names = (row["name_zh"], row["name_en"])
        company = row.get("company")
        if store is None:
            known[row["code"]] = stores.open_store(row["code"], *names, region_id)
            known[row["code"]].company = company or ""
            new += 1
        elif _differs(store, names, region_id, company):
            _rename(store, names)
            store.region_id = region_id
            store.company = store.company if company is None else company
            changed += 1
        else:
            same += 1
    db.session.flush()
    return Imported(new, changed, same)
