"""What colleagues bought under its list price, with commission on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog.models import PriceChange, Variant
from storefront.core.clock import local_day, start_of_day
from storefront.core.database import db
from storefront.fraud.rules import Discount, finding
from storefront.fraud.window import (
    SOLD,
    Window,
    accruals,
    in_parts,
    lines,
    orders,
    staff_orders,
)

_changes = cast(sa.Table, PriceChange.__table__)
_variants = cast(sa.Table, Variant.__table__)

LOOKED_AT = 50
"""Of the cheapest sales of a thing: where staff alone paid so little so often, nobody else did."""
NEARBY = timedelta(days=3)
"""What others paid for the same so long before and after: a price for all is none for staff."""


def under_list(window: Window) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Employee, line and evidence."""
    then = (
        sa.select(_changes.c.new_price)
        .where(_changes.c.variant_id == lines.c.variant_id, _changes.c.at <= orders.c.placed_at)
        .order_by(_changes.c.at.desc(), _changes.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    listed = sa.func.coalesce(then, _variants.c.price) * lines.c.quantity
    question = (
        sa.select(
            accruals.c.employee_id,
            accruals.c.order_line_id,
            lines.c.variant_id,
            lines.c.quantity,
            lines.c.net,
            orders.c.placed_at,
            listed.label("listed"),
        )
        .select_from(SOLD.join(_variants, _variants.c.id == lines.c.variant_id))
        .where(window.is_in, window.is_new, lines.c.net < listed)
        .order_by(accruals.c.id)
    )
    usual = _Usual(window)
    for order_ids in in_parts(staff_orders(window)):
        rows = db.session.execute(question.where(accruals.c.order_id.in_(order_ids))).all()
        for row in rows:
            least = usual.of(row)
            fact = Discount(min(row.listed, least) if least is not None else row.listed, row.net)
            evidence = finding(fact, window.thresholds)
            if evidence is not None:
                yield row.employee_id, row.order_line_id, evidence


class _Usual:
    """The least that customers paid for a thing in the days around a sale: it may have been a
    till's own price for everybody, of which the list does not know.
    """

    def __init__(self, window: Window) -> None:
        self._own = staff_orders(window)
        self._zone = window.time_zone
        self._kept: dict[tuple[int, date], tuple[int, int] | None] = {}

    def of(self, line: Any) -> int | None:
        """For as many pieces as a line has; None if no customer bought it in those days."""
        key = line.variant_id, local_day(line.placed_at, self._zone)
        if key not in self._kept:
            self._kept[key] = self._least(*key)
        least = self._kept[key]
        return None if least is None else least[0] * line.quantity // least[1]

    def _least(self, variant_id: int, day: date) -> tuple[int, int] | None:
        start = start_of_day(day, self._zone)
        rows = db.session.execute(
            sa.select(orders.c.id, lines.c.net, lines.c.quantity)
            .join(orders, orders.c.id == lines.c.order_id)
            .where(
                lines.c.variant_id == variant_id,
                orders.c.placed_at >= start - NEARBY,
                orders.c.placed_at < start + NEARBY + timedelta(days=1),
                orders.c.paid_at.is_not(None),
            )
            .order_by(lines.c.net * 1.0 / lines.c.quantity, lines.c.id)
            .limit(LOOKED_AT)
        )
        return next(((row.net, row.quantity) for row in rows if row.id not in self._own), None)
