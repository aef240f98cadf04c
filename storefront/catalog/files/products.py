"""Products and variants, one line for each variant; what is the product's own is repeated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, cast

import sqlalchemy as sa

from storefront.catalog.files.cells import importing, lock_products, rows_by, write
from storefront.catalog.files.product_lines import (
    COLUMNS,
    OF_PRODUCT,
    ProductLine,
    read_lines,
)
from storefront.catalog.models import (
    Brand,
    Category,
    Product,
    ProductState,
    Variant,
)
from storefront.catalog.price_history import FIRST_PRICE, PriceStep, keep_changes
from storefront.catalog.stock import show_anew
from storefront.catalog.stocktaking import chunks
from storefront.core.actor import Actor
from storefront.core.csvfile import CsvProblems, Imported, write_rows
from storefront.core.database import db
from storefront.core.ids import public_id
from storefront.core.money import format_amount

IMPORTED = "product file"
"""The reason of a price change that came with a product file."""

_products = cast(sa.Table, Product.__table__)
_variants = cast(sa.Table, Variant.__table__)

_NEW_PRODUCT: Mapping[str, Any] = {
    "words_zh": "",
    "words_en": "",
    "state": ProductState.ACTIVE,
    "version": 1,
}
_NEW_VARIANT: Mapping[str, Any] = {
    "option_zh": "",
    "option_en": "",
    "state": ProductState.ACTIVE,
    "stock_tracked": True,
}
_KEPTOF_PRODUCT = (
    "brand_id",
    "category_id",
    "name_zh",
    "name_en",
    "words_zh",
    "words_en",
    "state",
)
_KEPT_OF_VARIANT = ("option_zh", "option_en", "price", "stock_tracked", "state")


def import_products(
    source: BinaryIO | bytes, currency: str, actor: Actor, now: datetime
) -> Imported:
    """Enter and change products and variants by their codes. Counts variants.

    Brands and categories must be there. A changed price goes into the history. Raises Invalid
    `wrong_file` with every complaint, Conflict `changed_meanwhile`.
    """
    problems = CsvProblems()
    lines = list(read_lines(source, currency, problems))
    with importing():
        plan = _Plan(lines, problems)
        problems.raise_if_any()
        return plan.carry_out(actor, now)


def export_products(currency: str) -> Iterator[bytes]:
    """Every product and variant, as `import_products` takes them."""
    rows = db.session.execute(
        sa.select(
            Product.code,
            Brand.code,
            Category.code,
            Product.name_zh,
            Product.name_en,
            Variant.code,
            Variant.price,
            Product.words_zh,
            Product.words_en,
            Product.state,
            Variant.option_zh,
            Variant.option_en,
            Variant.stock_tracked,
            Variant.state,
        )
        .join(Product, Product.id == Variant.product_id)
        .join(Brand, Brand.id == Product.brand_id)
        .join(Category, Category.id == Product.category_id)
        .order_by(Product.code, Variant.position, Variant.id)
    ).all()
    return write_rows(
        (*COLUMNS.required, *COLUMNS.optional),
        (
            (
                *row[:6],
                format_amount(row[6], currency),
                *row[7:12],
                "yes" if row[12] else "no",
                row[13],
            )
            for row in rows
        ),
    )


class _Plan:
    """What a file will change, worked out against the database before anything is written."""

    def __init__(self, lines: list[ProductLine], problems: CsvProblems) -> None:
        self.lines = lines
        self.problems = problems
        self.first: dict[str, ProductLine] = {}
        """By product code, the line that speaks of it first."""
        for line in lines:
            self._agree(line)
        self._look_up("brand", Brand)
        self._look_up("category", Category)
        codes = [line.variant["code"] for line in lines]
        self._lock(codes)
        self.products = rows_by(_products.c.code, self.first)
        self.variants = rows_by(_variants.c.code, codes)
        self._refuse_moves()

    def carry_out(self, actor: Actor, now: datetime) -> Imported:
        """Write it all, within the caller's transaction."""
        other_products = self._write_products(now)
        new, other = self._sort_variants(other_products)
        ids = {code: row.id for code, row in rows_by(_products.c.code, self.first).items()}
        self._insert_variants(new, ids, actor, now)
        self._update_variants(other, actor, now)
        touched = {line.product["code"] for line in [*new, *other]} & self.products.keys()
        show_anew(ids[code] for code in touched)
        return Imported(len(new), len(other), len(self.lines) - len(new) - len(other))

    def _agree(self, line: ProductLine) -> None:
        """Note where a line says something else about its product than the first one did."""
        first = self.first.setdefault(line.product["code"], line)
        for column, (name, _) in OF_PRODUCT.items():
            if line.product.get(name) != first.product.get(name):
                message = f"Line {first.row.line} says something else about this product."
                self.problems.add(line.row.line, column, "differs", message)

    def _look_up(self, noun: str, kind: type[Brand | Category]) -> None:
        """Put ids in the place of codes, in the lines that speak for their products."""
        ids = {row.code: row.id for row in db.session.execute(sa.select(kind.code, kind.id))}
        for line in self.first.values():
            code = line.product[f"{noun}_id"]
            line.product[f"{noun}_id"] = ids.get(code)
            if code not in ids:
                message = f"There is no such {noun}."
                self.problems.add(line.row.line, f"{noun}_code", f"unknown_{noun}", message)

    def _lock(self, variant_codes: list[str]) -> None:
        ids = {row.id for row in rows_by(_products.c.code, self.first).values()}
        ids |= {row.product_id for row in rows_by(_variants.c.code, variant_codes).values()}
        lock_products(ids)

    def _refuse_moves(self) -> None:
        for line in self.lines:
            variant = self.variants.get(line.variant["code"])
            product = self.products.get(line.product["code"])
            if variant and (product is None or variant.product_id != product.id):
                message = "This variant belongs to another product."
                self.problems.add(line.row.line, "variant_code", "of_another_product", message)

    def _write_products(self, now: datetime) -> set[str]:
        """Insert new products and update others; the codes of those that were there and differ."""
        new: list[dict[str, Any]] = []
        other: list[dict[str, Any]] = []
        for code, line in self.first.items():
            known = self.products.get(code)
            if known is None:
                made = {"public_id": public_id("prd"), "created_at": now}
                new.append({**_NEW_PRODUCT, **line.product, **made})
            elif change := _difference(known, line.product, _KEPTOF_PRODUCT):
                other.append({"code": code, "of_id": known.id, **change})
        write(sa.insert(_products), new)
        write(sa.update(_products).where(_products.c.id == sa.bindparam("of_id")), other)
        return {change["code"] for change in other}

    def _sort_variants(
        self, other_products: set[str]
    ) -> tuple[list[ProductLine], list[ProductLine]]:
        """The lines that bring a new variant, and those that change it or its product."""
        new: list[ProductLine] = []
        other: list[ProductLine] = []
        for line in self.lines:
            known = self.variants.get(line.variant["code"])
            if known is None:
                new.append(line)
            elif line.product["code"] in other_products or _difference(
                known, line.variant, _KEPT_OF_VARIANT
            ):
                other.append(line)
        return new, other

    def _insert_variants(
        self, lines: list[ProductLine], product_ids: dict[str, int], actor: Actor, now: datetime
    ) -> None:
        codes = {line.product["code"] for line in lines}
        last = _last_positions(product_ids[code] for code in codes)
        rows: list[dict[str, Any]] = []
        for line in lines:
            product_id = product_ids[line.product["code"]]
            last[product_id] = last.get(product_id, -1) + 1
            made = {
                "public_id": public_id("var"),
                "product_id": product_id,
                "position": last[product_id],
            }
            rows.append({**_NEW_VARIANT, **line.variant, **made})
        write(sa.insert(_variants), rows)
        stored = rows_by(_variants.c.code, [row["code"] for row in rows])
        keep_changes(
            [PriceStep(stored[row["code"]].id, None, row["price"], FIRST_PRICE) for row in rows],
            actor,
            now,
        )

    def _update_variants(self, lines: list[ProductLine], actor: Actor, now: datetime) -> None:
        rows: list[dict[str, Any]] = []
        steps: list[PriceStep] = []
        for line in lines:
            known = self.variants[line.variant["code"]]
            if change := _difference(known, line.variant, _KEPT_OF_VARIANT):
                rows.append({"of_id": known.id, **change})
            if line.variant["price"] != known.price:
                steps.append(PriceStep(known.id, known.price, line.variant["price"], IMPORTED))
        write(sa.update(_variants).where(_variants.c.id == sa.bindparam("of_id")), rows)
        keep_changes(steps, actor, now)


def _difference(
    known: sa.Row[Any], said: Mapping[str, Any], columns: Sequence[str]
) -> dict[str, Any] | None:
    """All these columns as they shall be, or None if they are so already."""
    values = {column: said.get(column, getattr(known, column)) for column in columns}
    same = all(getattr(known, column) == value for column, value in values.items())
    return None if same else values


def _last_positions(product_ids: Iterable[int]) -> dict[int, int]:
    last: dict[int, int] = {}
    for chunk in chunks(sorted(product_ids)):
        rows = db.session.execute(
            sa.select(_variants.c.product_id, sa.func.max(_variants.c.position))
            .where(_variants.c.product_id.in_(chunk))
            .group_by(_variants.c.product_id)
        )
        last.update((row[0], row[1]) for row in rows)
    return last
