"""Customers and their browsers by the thousand, for files of what happened elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Literal, cast

import sqlalchemy as sa

from storefront.core.database import db, insert_for
from storefront.core.ids import public_id
from storefront.customers.models import Customer, CustomerVisitor, Through

_customers = cast(sa.Table, Customer.__table__)
_visitors = cast(sa.Table, CustomerVisitor.__table__)

Identifier = Literal["phone", "member_code"]


def find_or_enter(by: Identifier, values: Collection[str], now: datetime) -> Mapping[str, int]:
    """The row numbers of the customers with these numbers (E.164) or member codes.

    Whoever is not known yet is entered. Joins the caller's transaction.
    """
    if not values:
        return {}
    column = _customers.c[by]
    wanted = sa.select(column, _customers.c.id).where(column.in_(sorted(values)))
    found = dict(db.session.execute(wanted).all())
    missing = sorted(set(values) - found.keys())
    if not missing:
        return found
    db.session.execute(
        insert_for(_customers).on_conflict_do_nothing(),
        [
            {by: value, "public_id": public_id("cus"), "name": "", "created_at": now}
            for value in missing
        ],
    )
    return dict(db.session.execute(wanted).all())


def remember(pairs: Iterable[tuple[str, int]], through: Through, now: datetime) -> None:
    """Note that visitors were found to be customers (row numbers), unless that is known."""
    rows = [
        {"visitor_id": visitor_id, "customer_id": customer_id, "at": now, "through": through}
        for visitor_id, customer_id in sorted(set(pairs))
    ]
    if rows:
        db.session.execute(insert_for(_visitors).on_conflict_do_nothing(), rows)
