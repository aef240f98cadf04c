"""A product file line by line, before anything is compared with the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

from storefront.catalog import rules
from storefront.catalog.files.cells import MOST_ROWS, Rule, cells, once, price_in, state
from storefront.core.csvfile import CsvColumns, CsvProblems, CsvRow, read_rows

COLUMNS = CsvColumns(
    required=(
        "product_code",
        "brand_code",
        "category_code",
        "name_zh",
        "name_en",
        "variant_code",
        "price",
    ),
    optional=(
        "words_zh",
        "words_en",
        "product_state",
        "option_zh",
        "option_en",
        "stock_tracked",
        "variant_state",
    ),
)

OF_PRODUCT: Mapping[str, tuple[str, Rule]] = {
    "product_code": ("code", rules.code),
    "brand_code": ("brand_id", rules.code),
    "category_code": ("category_id", rules.code),
    "name_zh": ("name_zh", rules.name),
    "name_en": ("name_en", rules.name),
    "words_zh": ("words_zh", rules.words),
    "words_en": ("words_en", rules.words),
    "product_state": ("state", state),
}
"""A product's columns in the file: the name in the table, and the rule for the cell."""


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A line that makes sense in itself: values by the names of the tables' columns."""

    row: CsvRow
    product: dict[str, Any]
    variant: dict[str, Any]


def read_lines(
    source: BinaryIO | bytes, currency: str, problems: CsvProblems
) -> Iterator[ProductLine]:
    """Yield the lines that make sense, and note what is wrong with the others.

    Raises Invalid `wrong_file` where the rest cannot be read, see core.csvfile.
    """
    of_variant: Mapping[str, tuple[str, Rule]] = {
        "variant_code": ("code", rules.code),
        "price": ("price", price_in(currency)),
        "option_zh": ("option_zh", rules.option),
        "option_en": ("option_en", rules.option),
        "stock_tracked": ("stock_tracked", rules.yes_or_no),
        "variant_state": ("state", state),
    }
    first_line: dict[str, int] = {}
    for row in read_rows(source, COLUMNS, max_rows=MOST_ROWS, problems=problems):
        before = problems.count
        line = ProductLine(row, cells(row, OF_PRODUCT, problems), cells(row, of_variant, problems))
        once(row, row["variant_code"], "variant_code", first_line, problems)
        if problems.count == before:
            yield line
