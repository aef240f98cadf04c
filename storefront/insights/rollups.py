"""Keeping the roll-ups in step, within the transaction of the sale itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, cast

import sqlalchemy as sa

from storefront.core.database import db, dialect, insert_for
from storefront.insights.models import SalesDay

_days = cast(sa.Table, SalesDay.__table__)

MEASURES = tuple(column.name for column in _days.columns if not column.primary_key)


@dataclass(frozen=True, slots=True)
class Change:
    """What is added to one employee's day, by measure."""

    employee_id: int
    store_id: int
    amounts: Mapping[str, int]


def bump(day: date, changes: Iterable[Change]) -> None:
    """Add `changes` to the roll-up of `day`.

    Call it last: the rows it touches are locked until the commit, and shared with every sale of
    the same employee's day. They are touched in one order: two sales never wait in a circle.
    """
    sums: dict[tuple[int, int], dict[str, int]] = defaultdict(lambda: dict.fromkeys(MEASURES, 0))
    for change in changes:
        of_employee = sums[change.employee_id, change.store_id]
        for measure, amount in change.amounts.items():
            of_employee[measure] += amount
    rows: list[dict[str, Any]] = [
        {"day": day, "employee_id": employee_id, "store_id": store_id, **amounts}
        for (employee_id, store_id), amounts in sorted(sums.items())
        if any(amounts.values())
    ]
    if not rows:
        return
    db.session.execute(_add(dialect()), rows)


@cache
def _add(dialect_name: str) -> sa.Insert:
    insert = insert_for(_days, dialect_name)
    added = {name: _days.c[name] + insert.excluded[name] for name in MEASURES}
    return insert.on_conflict_do_update(
        index_elements=["day", "employee_id", "store_id"], set_=added
    )
