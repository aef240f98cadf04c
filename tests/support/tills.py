"""Tills that tell of what they sold and took back."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storefront.catalog.models import Product, Variant
from storefront.core import clock
from storefront.core.database import db, transaction
from storefront.insights.models import SalesDay
from storefront.till.service import TakenReturn, TakenSale, sell_at_till, take_back_at_till
from storefront.till.told import BroughtBack, Return, Sale, Seller, SoldLine
from tests.support import cast

_count = itertools.count(1)


def code_of(product: Product, which: int = 0) -> str:
    """The code of one of the product's variants."""
    return product.variants[which].code


def goods(*codes: str) -> None:
    """Products with one variant each, known by these codes."""
    for code in codes:
        product = cast.a_product()
        with transaction() as session:
            session.get_one(Variant, product.variants[0].id).code = code


def by(*sellers: str | tuple[str, int]) -> tuple[Seller, ...]:
    """The sellers of a line: one staff number, or several with their shares."""
    return tuple(
        Seller(each, 10_000) if isinstance(each, str) else Seller(*each) for each in sellers
    )


def a_line(product: Product | str, net: int, *sellers: Any, quantity: int = 1) -> SoldLine:
    """A line of a receipt."""
    code = product if isinstance(product, str) else code_of(product)
    return SoldLine(code, quantity, net, by(*sellers))


def a_sale(
    *lines: SoldLine, number: str | None = None, at: datetime | None = None, **more: Any
) -> Sale:
    """A receipt of the store S1, of this moment unless told otherwise."""
    told: dict[str, Any] = {
        "store": "S1",
        "number": number or f"T{next(_count)}",
        "at": at or clock.now(),
        **more,
    }
    return Sale(lines=lines, **told)


def a_return(
    of: Sale,
    *lines: BroughtBack,
    number: str | None = None,
    at: datetime | None = None,
    **more: Any,
) -> Return:
    """Goods of a receipt that come back, to the same store unless told otherwise."""
    told: dict[str, Any] = {
        "store": of.store,
        "number": number or f"T{next(_count)}",
        "at": at or clock.now(),
        "sale_store": of.store,
        "sale": of.number,
        **more,
    }
    return Return(lines=lines, **told)


def sold(sale: Sale) -> TakenSale:
    """The till tells of a sale."""
    return sell_at_till(sale, clock.now())


def taken_back(told: Return) -> TakenReturn:
    """The till tells of a return."""
    return take_back_at_till(told, clock.now())


def figures(measure: str) -> dict[tuple[str, int], int]:
    """A measure's figures in the roll-ups, by day and employee (row number); zeros left out."""
    column = SalesDay.__table__.c[measure]
    rows = db.session.execute(
        sa.select(SalesDay.day, SalesDay.employee_id, column).where(column != 0)
    )
    return {(str(day), employee_id): amount for day, employee_id, amount in rows}
