"""Which lines of the file are trade, at what price, and what is left out under which reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from storefront.cli.replay.invoices import Invoice, Line

_GOODS = re.compile(r"[0-9]{5}")


class Article(NamedTuple):
    """A product at one of its prices: what the shop keeps as a variant."""

    code: str
    price: int
    """In minor units."""


Basket = dict[Article, int]
"""Pieces of each article, in the order in which the invoice first names them."""


@dataclass(slots=True)
class LeftOut:
    """What the file has and the shop never sees. The names are the report's."""

    lines_not_goods: int = 0
    lines_not_a_sale: int = 0
    lines_bad_price: int = 0
    invoices_without_goods: int = 0
    adjustment_invoices_skipped: int = 0
    cancellation_invoices: int = 0
    cancellation_lines: int = 0
    cancellation_lines_not_goods: int = 0
    cancellation_lines_without_customer: int = 0
    units_unmatched: int = 0


def is_goods(code: str) -> bool:
    """Whether a stock code begins with five digits; postage, fees and the like do not."""
    return _GOODS.match(code) is not None


def price_of(line: Line) -> int | None:
    """The line's price in minor units; None if it is not above zero or finer than a penny."""
    price = line.price * 100
    return int(price) if price > 0 and price == price.to_integral_value() else None


def basket_of(invoice: Invoice, left_out: LeftOut) -> Basket:
    """What an invoice sells, equal articles added up; counts the lines it leaves out."""
    basket = Counter[Article]()
    for article, line in _sold(invoice, left_out):
        basket[article] += line.quantity
    return basket


def articles_of(invoices: Iterable[Invoice]) -> dict[Article, str]:
    """Every article that these invoices sell, with what the file first calls it."""
    articles: dict[Article, str] = {}
    for invoice in invoices:
        if not invoice.is_cancellation and not invoice.is_adjustment:
            for article, line in _sold(invoice, LeftOut()):
                articles.setdefault(article, line.description)
    return articles


def _sold(invoice: Invoice, left_out: LeftOut) -> Iterator[tuple[Article, Line]]:
    """The lines that are a sale; any other is left out under the first reason that applies."""
    for line in invoice.lines:
        if not is_goods(line.code):
            left_out.lines_not_goods += 1
        elif line.quantity < 1:
            left_out.lines_not_a_sale += 1
        elif (price := price_of(line)) is None:
            left_out.lines_bad_price += 1
        else:
            yield Article(line.code, price), line


def total_of(basket: Basket) -> int:
    """What a basket costs, in minor units."""
    return sum(article.price * pieces for article, pieces in basket.items())
