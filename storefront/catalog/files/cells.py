"""Reading cells by the catalogue's rules, with every complaint noted; and rows in bulk."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from storefront.catalog import rules
from storefront.catalog.models import Product, ProductState
from storefront.catalog.stocktaking import chunks
from storefront.core.csvfile import CsvProblems, CsvRow
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict
from storefront.core.money import parse_amount

MOST_ROWS = 100_000
MOST_KEYS = 1_000
"""Beyond so many, reading a whole table is quicker than naming its rows one by one."""

Value = TypeVar("Value")
Rule = Callable[[str], Any]

_DECIMAL = re.compile(r"\d{1,18}(\.\d{1,9})?", re.ASCII)


def cell(
    row: CsvRow, column: str, rule: Callable[[str], Value], problems: CsvProblems
) -> Value | None:
    """What the cell says, or None after noting a complaint `wrong_<column>`."""
    try:
        return rule(row[column])
    except ValueError as error:
        problems.add(row.line, column, f"wrong_{column}", str(error))
        return None


def cells(
    row: CsvRow, wanted: Mapping[str, tuple[str, Rule]], problems: CsvProblems
) -> dict[str, Any]:
    """The values of those `wanted` columns that the file has, by their names in the table."""
    return {
        name: cell(row, column, rule, problems)
        for column, (name, rule) in wanted.items()
        if column in row
    }


def price_in(currency: str) -> Rule:
    """A rule for a price as a plain decimal with a point; gives minor units."""

    def price(text: str) -> int:
        if not _DECIMAL.fullmatch(text):
            raise ValueError("A price is a plain number with a point, like 12.50.")
        return rules.price(parse_amount(text, currency))

    return price


def state(text: str) -> ProductState:
    """A rule for `active` or `hidden`."""
    try:
        return ProductState(text)
    except ValueError as error:
        raise ValueError(f"Must be one of: {', '.join(ProductState)}.") from error


def once(
    row: CsvRow, key: object, column: str, first: dict[Any, int], problems: CsvProblems
) -> bool:
    """Whether `key` comes for the first time in the file; notes `twice` if not."""
    earlier = first.setdefault(key, row.line)
    if earlier != row.line:
        problems.add(row.line, column, "twice", f"Is on line {earlier} already.")
    return earlier == row.line


@contextmanager
def importing() -> Generator[None]:
    """One transaction for a file. Raises Conflict `changed_meanwhile` if another was quicker."""
    try:
        with transaction():
            yield
    except IntegrityError as error:
        raise Conflict(
            "changed_meanwhile",
            "Somebody entered some of these codes at the same moment. Import the file again.",
        ) from error


def rows_by(key: sa.Column[Any], keys: Iterable[Any]) -> dict[Any, sa.Row[Any]]:
    """The rows of the column's table that have one of these values, by it; it must be unique."""
    wanted = set(keys)
    asked = sa.select(key.table)
    if len(wanted) <= MOST_KEYS:
        asked = asked.where(key.in_(wanted))
    rows = ((getattr(row, key.name), row) for row in db.session.execute(asked))
    return {value: row for value, row in rows if value in wanted}


def lock_products(product_ids: Iterable[int]) -> None:
    """Keep these products and their variants from changing until the transaction ends."""
    for chunk in chunks(sorted(set(product_ids))):
        asked = sa.select(Product.id).where(Product.id.in_(chunk)).order_by(Product.id)
        db.session.execute(asked.with_for_update()).all()


def write(statement: sa.Insert | sa.Update, rows: list[dict[str, Any]]) -> None:
    """Carry a statement out for every row."""
    for chunk in chunks(rows):
        db.session.execute(statement, chunk)
