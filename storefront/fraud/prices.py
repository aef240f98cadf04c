"""What colleagues bought under its list price, with commission on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog.models import PriceChange, Variant
from storefront.core.database import db
from storefront.fraud.rules import Discount, finding
from storefront.fraud.window import SOLD, Window, accruals, lines, orders, staff_orders

_changes = cast(sa.Table, PriceChange.__table__)
_variants = cast(sa.Table, Variant.__table__)

NEARBY = timedelta(days=3)
"""What others paid for the same so long before and after: a price for all is none for staff."""


def under_list(window: Window) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Employee, line and evidence."""
    bought = staff_orders(window)
    then = (
        sa.select(_changes.c.new_price)
        .where(_changes.c.variant_id == lines.c.variant_id, _changes.c.at <= orders.c.placed_at)
        .order_by(_changes.c.at.desc(), _changes.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    listed = sa.func.coalesce(then, _variants.c.price) * lines.c.quantity
    rows = db.session.execute(
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
        .where(
            window.is_in,
            window.is_new,
            accruals.c.order_id.in_(sa.select(bought.c.order_id)),
            lines.c.net < listed,
        )
        .order_by(accruals.c.order_line_id, accruals.c.employee_id)
    ).all()
    for row in rows:
        usual = _usual(window, row)
        fact = Discount(min(row.listed, usual) if usual is not None else row.listed, row.net)
        evidence = finding(fact, window.thresholds)
        if evidence is not None:
            yield row.employee_id, row.order_line_id, evidence


def _usual(window: Window, line: Any) -> int | None:
    """What customers paid for as many pieces of it in those days; None if there were none."""
    bought = staff_orders(window)
    paid = db.session.execute(
        sa.select(sa.func.sum(lines.c.net), sa.func.sum(lines.c.quantity))
        .join(orders, orders.c.id == lines.c.order_id)
        .where(
            lines.c.variant_id == line.variant_id,
            orders.c.placed_at >= line.placed_at - NEARBY,
            orders.c.placed_at <= line.placed_at + NEARBY,
            orders.c.paid_at.is_not(None),
            ~sa.exists().where(bought.c.order_id == orders.c.id),
        )
    ).one()
    return int(paid[0]) * line.quantity // int(paid[1]) if paid[1] else None
