"""Brands, categories and locations: what goods are entered under, and where they lie."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from storefront.catalog import brands, categories, locations, rules
from storefront.catalog.files.cells import Rule, cells, importing, once
from storefront.catalog.models import Brand, Category, Location, Product
from storefront.catalog.stock import show_anew
from storefront.core.csvfile import (
    CsvColumns,
    CsvProblems,
    CsvRow,
    Imported,
    read_rows,
    write_rows,
)
from storefront.core.database import db
from storefront.core.ids import public_id

MOST_ROWS = 10_000

BRANDS = CsvColumns(required=("code", "name_zh", "name_en"))
CATEGORIES = CsvColumns(
    required=("code", "name_zh", "name_en"), optional=("parent_code", "position")
)
LOCATIONS = CsvColumns(
    required=("code", "name_zh", "name_en"),
    optional=("priority", "pick_up", "address_zh", "address_en", "opening_zh", "opening_en"),
)

ADDRESSES = ("address_zh", "address_en")

Group = TypeVar("Group", Brand, Category, Location)


class _Line(NamedTuple):
    row: CsvRow
    values: dict[str, Any]
    """By the names of the table's columns; a category's parent still by code."""


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise ValueError("A whole number from 0 to 999999.")
    return int(text)


def _code_or_none(text: str) -> str | None:
    return rules.code(text) if text else None


_CELLS: Mapping[str, tuple[str, Rule]] = {
    "code": ("code", rules.code),
    "name_zh": ("name_zh", rules.name),
    "name_en": ("name_en", rules.name),
    "parent_code": ("parent_code", _code_or_none),
    "position": ("position", _number),
    "priority": ("priority", _number),
    "pick_up": ("is_pick_up", rules.yes_or_no),
    "address_zh": ("address_zh", rules.address),
    "address_en": ("address_en", rules.address),
    "opening_zh": ("opening_zh", rules.opening),
    "opening_en": ("opening_en", rules.opening),
}


def import_brands(source: BinaryIO | bytes) -> Imported:
    """Enter and rename brands by their codes. Raises Invalid `wrong_file`."""
    problems = CsvProblems()
    lines = _read(source, BRANDS, problems)
    problems.raise_if_any()
    with importing():
        known = _by_code(Brand)
        new = _enter(lines, known, lambda values: Brand(public_id=public_id("brd"), **values))
        changed = [brand for brand, values in _pairs(lines, known) if _differs(brand, values)]
        _write(changed, lines)
        for brand in changed:
            brand.version += 1
        _show_goods_anew(Product.brand_id, changed)
        return _counted(lines, new, changed)


def import_locations(source: BinaryIO | bytes) -> Imported:
    """Enter and change locations by their codes. Raises Invalid `wrong_file`."""
    problems = CsvProblems()
    lines = _read(source, LOCATIONS, problems)
    with importing():
        known = _by_code(Location)
        _check_addresses(lines, known, problems)
        problems.raise_if_any()
        new = _enter(lines, known, lambda values: Location(**values))
        changed = [place for place, values in _pairs(lines, known) if _differs(place, values)]
        _write(changed, lines)
        db.session.flush()
        return _counted(lines, new, changed)


def import_categories(source: BinaryIO | bytes) -> Imported:
    """Enter, rename and move categories by their codes; a parent may come later in the file.

    Raises Invalid `wrong_file`, also where a category would stand under itself.
    """
    problems = CsvProblems()
    lines = _read(source, CATEGORIES, problems)
    with importing():
        known = _by_code(Category)
        _check_parents(lines, _parent_codes(known.values()), problems)
        problems.raise_if_any()
        parents = {code: line.values.pop("parent_code", None) for code, line in lines.items()}
        new = _enter(lines, known, lambda values: Category(public_id=public_id("cat"), **values))
        db.session.flush()  # from here on the new ones have ids to be parents with
        for code, line in lines.items():
            if "parent_code" in line.row:
                parent = parents[code]
                line.values["parent_id"] = known[parent].id if parent else None
        different = [one for one, values in _pairs(lines, known) if _differs(one, values)]
        _write(different, lines)
        changed = [category for category in different if category.code not in new]
        for category in changed:
            category.version += 1
        _show_goods_anew(Product.category_id, changed)
        return _counted(lines, new, changed)


def export_brands() -> Iterator[bytes]:
    """Every brand, as `import_brands` takes them."""
    rows = [(brand.code, brand.name_zh, brand.name_en) for brand in brands.listed()]
    return write_rows(BRANDS.required, sorted(rows))


def export_locations() -> Iterator[bytes]:
    """Every location, as `import_locations` takes them."""
    rows = [
        (
            place.code,
            place.name_zh,
            place.name_en,
            place.priority,
            "yes" if place.is_pick_up else "no",
            place.address_zh,
            place.address_en,
            place.opening_zh,
            place.opening_en,
        )
        for place in locations.listed()
    ]
    return write_rows((*LOCATIONS.required, *LOCATIONS.optional), sorted(rows))


def export_categories() -> Iterator[bytes]:
    """The tree, as `import_categories` takes it."""
    tree = categories.listed()
    parents = _parent_codes(tree)
    rows = [
        (one.code, one.name_zh, one.name_en, parents[one.code] or "", one.position) for one in tree
    ]
    return write_rows((*CATEGORIES.required, *CATEGORIES.optional), sorted(rows))


def _read(source: BinaryIO | bytes, columns: CsvColumns, problems: CsvProblems) -> dict[str, _Line]:
    lines: dict[str, _Line] = {}
    first_line: dict[str, int] = {}
    for row in read_rows(source, columns, max_rows=MOST_ROWS, problems=problems):
        values = cells(row, _CELLS, problems)
        if once(row, row["code"], "code", first_line, problems):
            lines[row["code"]] = _Line(row, values)
    return lines


def _by_code(kind: type[Group]) -> dict[str, Group]:
    """All there are, kept from changing until the transaction ends."""
    rows = db.session.scalars(
        sa.select(kind)
        .order_by(kind.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.code: row for row in rows}


def _enter(
    lines: Mapping[str, _Line], known: dict[str, Group], make: Callable[[dict[str, Any]], Group]
) -> set[str]:
    """Add to `known` what is not there yet; the codes of it."""
    new = lines.keys() - known.keys()
    for code, line in lines.items():
        if code in new:
            known[code] = make(line.values)
            db.session.add(known[code])
    return new


def _pairs(
    lines: Mapping[str, _Line], known: Mapping[str, Group]
) -> Iterator[tuple[Group, dict[str, Any]]]:
    for code, line in lines.items():
        yield known[code], line.values


def _differs(group: Brand | Category | Location, values: Mapping[str, Any]) -> bool:
    return any(getattr(group, name) != value for name, value in values.items())


def _write(groups: Sequence[Group], lines: Mapping[str, _Line]) -> None:
    for group in groups:
        for name, value in lines[group.code].values.items():
            setattr(group, name, value)


def _show_goods_anew(
    column: InstrumentedAttribute[int], groups: Sequence[Brand | Category]
) -> None:
    db.session.flush()
    ids = [group.id for group in groups]
    show_anew(db.session.scalars(sa.select(Product.id).where(column.in_(ids))))


def _counted(lines: Mapping[str, _Line], new: set[str], changed: Sequence[Group]) -> Imported:
    return Imported(len(new), len(changed), len(lines) - len(new) - len(changed))


def _parent_codes(tree: Iterable[Category]) -> dict[str, str | None]:
    codes = {category.id: category.code for category in tree}
    return {category.code: codes.get(category.parent_id or 0) for category in tree}


def _check_addresses(
    lines: Mapping[str, _Line], known: Mapping[str, Location], problems: CsvProblems
) -> None:
    """Note pick-up points to which customers would not find."""
    for code, line in lines.items():
        before = known.get(code)
        stands = {
            name: line.values.get(name, getattr(before, name, ""))
            for name in ("is_pick_up", *ADDRESSES)
        }
        for column in ADDRESSES:
            if stands["is_pick_up"] and stands[column] == "":
                message = "Customers need the address of a pick-up point."
                problems.add(line.row.line, column, "address_missing", message)


def _check_parents(
    lines: Mapping[str, _Line], parents: dict[str, str | None], problems: CsvProblems
) -> None:
    """Note parents that do not exist, or that would make a circle or too deep a tree."""
    for code, line in lines.items():
        parents[code] = line.values.get("parent_code", parents.get(code))
    for code, line in lines.items():
        try:
            rules.depth(code, parents)
        except ValueError as error:
            problems.add(line.row.line, "parent_code", "wrong_parent", str(error))
