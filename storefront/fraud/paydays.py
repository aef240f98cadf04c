"""What was bought just before a payday, or the end of a month, and was back just after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions.models import BatchState, PayoutBatch
from storefront.core.clock import local_day, next_month, start_of_month
from storefront.core.database import db
from storefront.fraud.rules import AroundPayday, finding
from storefront.fraud.window import SOLD, Column, Look, Window, accruals, orders
from storefront.orders.models import Return, ReturnLine

_batches = cast(sa.Table, PayoutBatch.__table__)
_returns = cast(sa.Table, Return.__table__)
_return_lines = cast(sa.Table, ReturnLine.__table__)

LONGEST_UNPAID = timedelta(days=7)
"""An order that is paid at all is paid this soon: it lets the index on the order's time help."""


def bought_and_back(window: Window) -> Iterator[tuple[int, Sequence[int], dict[str, Any]]]:
    """Employee, lines and evidence, for each payday of the window."""
    for payday in _paydays(window):
        yield from _around(payday, window)


def _paydays(window: Window) -> list[datetime]:
    """Cutoffs of payouts and the ends of months, of which both sides are in the window."""
    first = window.since + timedelta(days=window.thresholds.return_days_before)
    cutoffs = set(
        db.session.scalars(
            sa.select(_batches.c.cutoff_at).where(
                _batches.c.state != BatchState.DISCARDED,
                _batches.c.cutoff_at >= first,
                _batches.c.cutoff_at <= window.now,
            )
        )
    )
    month = local_day(first, window.time_zone)
    while (end := start_of_month(next_month(month), window.time_zone)) <= window.now:
        cutoffs.add(end)
        month = next_month(month)
    return sorted(cutoffs)


def _around(
    payday: datetime, window: Window
) -> Iterator[tuple[int, Sequence[int], dict[str, Any]]]:
    thresholds = window.thresholds
    before = payday - timedelta(days=thresholds.return_days_before)
    just_before: list[Column] = [
        orders.c.paid_at >= before,
        orders.c.paid_at < payday,
        orders.c.placed_at >= before - LONGEST_UNPAID,
        orders.c.placed_at < payday,
    ]
    is_back = sa.exists().where(
        _return_lines.c.order_line_id == accruals.c.order_line_id,
        _returns.c.id == _return_lines.c.return_id,
        _returns.c.at >= payday,
        _returns.c.at < payday + timedelta(days=thresholds.return_days_after),
    )
    look = Look(SOLD, [accruals.c.employee_id], just_before)
    back = sa.func.sum(sa.case((is_back, 1), else_=0))
    rows = look.groups(window, sa.func.count().label("lines"), back.label("back"), only_new=False)
    chain = sum(row.lines for row in rows), sum(int(row.back) for row in rows)
    for row in rows:
        evidence = finding(AroundPayday(row.lines, int(row.back), *chain), thresholds)
        if evidence is not None:
            line_ids = look.lines_of(window, row[:1], is_back)
            yield row.employee_id, line_ids, {**evidence, "payday": payday.isoformat()}
