"""What colleagues bought under its list price, with commission on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog.models import PriceChange, Variant
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

NEARBY = timedelta(days=3)
"""What others paid for the same so long before and after: a price for all is none for staff."""


def under_list(window: Window) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Employee, line and evidence."""
    for variant_id, found in sorted(_under_list(window).items()):
        paid = _least_paid(window, variant_id)
        for row in found:
            least = _nearby(paid, row.placed_at.date())
            usual = row.listed if least is None else least[0] * row.quantity // least[1]
            fact = Discount(min(row.listed, usual), row.net)
            evidence = finding(fact, window.thresholds)
            if evidence is not None:
                yield row.employee_id, row.order_line_id, evidence


def _under_list(window: Window) -> dict[int, list[Any]]:
    """What staff bought at less than the list price of that day, by variant."""
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
    found: dict[int, list[Any]] = defaultdict(list)
    for order_ids in in_parts(staff_orders(window)):
        for row in db.session.execute(question.where(accruals.c.order_id.in_(order_ids))):
            if finding(Discount(row.listed, row.net), window.thresholds) is not None:
                found[row.variant_id].append(row)
    return found


Paid = tuple[int, int]
"""So much for so many pieces."""


def _least_paid(window: Window, variant_id: int) -> dict[date, Paid]:
    """The least that a customer paid for a thing on each day. It may have been a till's own price
    for everybody, of which the list does not know.
    """
    own = staff_orders(window)
    rows = db.session.execute(
        sa.select(orders.c.id, orders.c.placed_at, lines.c.net, lines.c.quantity)
        .join(orders, orders.c.id == lines.c.order_id)
        .where(
            lines.c.variant_id == variant_id,
            orders.c.placed_at >= window.since - NEARBY,
            orders.c.paid_at.is_not(None),
        )
        .execution_options(yield_per=1_000)
    )
    least: dict[date, Paid] = {}
    for row in rows:
        if row.id not in own:
            day, paid = row.placed_at.date(), (row.net, row.quantity)
            least[day] = min(least.get(day, paid), paid, key=_apiece)
    return least


def _apiece(paid: Paid) -> float:
    return paid[0] / paid[1]


def _nearby(paid: dict[date, Paid], day: date) -> Paid | None:
    """The least of the days around one."""
    reach = range(-NEARBY.days, NEARBY.days + 1)
    around = [paid[each] for days in reach if (each := day + timedelta(days=days)) in paid]
    return min(around, key=_apiece) if around else None
