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


class Tally:
    """Changes on any days, added up, to be written all at once at the end of a transaction."""

    def __init__(self) -> None:
        self._sums: dict[tuple[date, int, int], dict[str, int]] = defaultdict(
            lambda: dict.fromkeys(MEASURES, 0)
        )

    def add(self, day: date, changes: Iterable[Change]) -> None:
        """Put `changes` to the figures of `day`."""
        for change in changes:
            sums = self._sums[day, change.employee_id, change.store_id]
            for measure, amount in change.amounts.items():
                sums[measure] += amount

    def write(self) -> None:
        """Add all of it to the roll-ups, and begin anew.

        Call it last: the rows it touches are locked until the commit, and shared with every sale
        of the same employee's day. They are touched in one order: two sales never wait in a circle.
        """
        rows: list[dict[str, Any]] = [
            {"day": day, "employee_id": employee_id, "store_id": store_id, **amounts}
            for (day, employee_id, store_id), amounts in sorted(self._sums.items())
            if any(amounts.values())
        ]
        self._sums.clear()
        if rows:
            db.session.execute(_add(dialect()), rows)


def bump(day: date, changes: Iterable[Change]) -> None:
    """Add `changes` to the roll-up of `day`. Call it last, see `Tally.write`."""
    tally = Tally()
    tally.add(day, changes)
    tally.write()


@cache
def _add(dialect_name: str) -> sa.Insert:
    insert = insert_for(_days, dialect_name)
    added = {name: _days.c[name] + insert.excluded[name] for name in MEASURES}
    return insert.on_conflict_do_update(
        index_elements=["day", "employee_id", "store_id"], set_=added
    )
