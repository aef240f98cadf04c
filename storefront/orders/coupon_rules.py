"""What a coupon takes off, line by line, or why it takes nothing off. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storefront.core.money import basis_points_of, in_proportion

LEAST_TO_PAY = 1
"""Minor units that a coupon leaves of an order: there are no payments of nothing."""

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{3,23}")


class CouponKind(StrEnum):
    """How a coupon counts what it takes off."""

    AMOUNT = "amount"
    PERCENT = "percent"


class Why(StrEnum):
    """Why a coupon takes nothing off; as API and pages say it."""

    UNKNOWN = "coupon_unknown"
    OVER = "coupon_over"
    NOT_YET = "coupon_not_yet"
    USED_UP = "coupon_used_up"
    USED_BEFORE = "coupon_used_before"
    NOTHING_FITS = "coupon_nothing_fits"
    LEAST_SPEND = "coupon_least_spend"
    TOO_SMALL = "coupon_order_too_small"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon promises. Amounts in minor units."""

    kind: CouponKind
    amount_off: int
    basis_points: int
    most_off: int | None
    least_spend: int
    starts_at: datetime
    ends_at: datetime
    is_withdrawn: bool = False
    category_ids: frozenset[int] | None = None
    """With everything below them; None: all."""
    brand_ids: frozenset[int] | None = None
    """None: all."""
    uses_left: int | None = None
    """By all customers together; None: no limit."""
    most_uses_each: int = 1


@dataclass(frozen=True, slots=True)
class Goods:
    """An order line before a coupon."""

    price: int
    """Of all its pieces."""
    category_id: int
    brand_id: int


@dataclass(frozen=True, slots=True)
class Refused:
    """The coupon takes nothing off."""

    why: Why
    missing: int = 0
    """What the goods lack to the least spend, in minor units."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What is taken off each line, in the lines' order: never more than the line's price."""

    amounts: tuple[int, ...]

    @property
    def total(self) -> int:
        """What is taken off the order."""
        return sum(self.amounts)


def code(text: str) -> str:
    """A code as it is kept: in capitals. ValueError if no coupon can have it."""
    found = text.strip().upper()
    if not _CODE.fullmatch(found):
        raise ValueError("A code has 4 to 24 letters, digits and dashes, and no dash in front.")
    return found


def reduction(
    terms: Terms, goods: Sequence[Goods], now: datetime, used_by_customer: int = 0
) -> Reduction | Refused:
    """What the coupon takes off these goods at `now`, for somebody who used it so often before.

    It is spread over the lines that it is for in proportion to their prices, by largest
    remainders, so that the parts sum to it; at least `LEAST_TO_PAY` of the order remains to pay.
    """
    closed = _closed(terms, now, used_by_customer)
    if closed:
        return Refused(closed)
    weights = [line.price if _fits(terms, line) else 0 for line in goods]
    spent = sum(weights)
    if not spent:
        return Refused(Why.NOTHING_FITS)
    if spent < terms.least_spend:
        return Refused(Why.LEAST_SPEND, terms.least_spend - spent)
    most = min(spent, sum(line.price for line in goods) - LEAST_TO_PAY)
    amount = min(_wanted(terms, spent), most)
    if amount <= 0:
        return Refused(Why.TOO_SMALL)
    return Reduction(tuple(in_proportion(amount, weights)))


def _closed(terms: Terms, now: datetime, used_by_customer: int) -> Why | None:
    if terms.is_withdrawn or terms.ends_at <= now:
        return Why.OVER
    if now < terms.starts_at:
        return Why.NOT_YET
    if used_by_customer >= terms.most_uses_each:
        return Why.USED_BEFORE
    if terms.uses_left is not None and terms.uses_left <= 0:
        return Why.USED_UP
    return None


def _fits(terms: Terms, line: Goods) -> bool:
    in_category = terms.category_ids is None or line.category_id in terms.category_ids
    return in_category and (terms.brand_ids is None or line.brand_id in terms.brand_ids)


def _wanted(terms: Terms, spent: int) -> int:
    if terms.kind is CouponKind.AMOUNT:
        return terms.amount_off
    part = basis_points_of(spent, terms.basis_points)
    return part if terms.most_off is None else min(part, terms.most_off)
