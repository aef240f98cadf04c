"""The settlement of a month: what tiers and the month's cap add to its sales, or take off.

Neither can be known sale by sale, so it is done when the period closes. A month is settled by one
version of the plan. What later comes to light about an earlier month (goods that come back under a
plan that corrects for them, a sale that a till tells late, a cap that cut what is now taken back
anyway) is settled with the period that closes next, and says which month it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions.book import Booking, Posting, post_all
from storefront.commissions.models import Account, CommissionPlan, TransactionKind
from storefront.commissions.month_calendar import MonthCalendar
from storefront.commissions.rules.months import (
    LaterReturns,
    MonthResult,
    MonthTerms,
    settle_month,
)
from storefront.commissions.rules.volume import CORRECTED_FOR, Month
from storefront.commissions.settlement_models import SettledMonth, Settlement
from storefront.commissions.volumes import Volume, volumes
from storefront.core.database import db, insert_if_absent, transaction
from storefront.core.settings import settings

_plans = cast(sa.Table, CommissionPlan.__table__)
_months = cast(sa.Table, SettledMonth.__table__)
_settlements = cast(sa.Table, Settlement.__table__)

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Span:
    """A period, from `starts_at` up to, and without, `ends_at`; its key is its name."""

    starts_at: datetime
    ends_at: datetime
    key: str


@dataclass(frozen=True, slots=True)
class KnownMonth:
    """A month with the terms by which it is settled."""

    id: int
    span: Span
    plan_id: int | None
    terms: MonthTerms

    @property
    def rules(self) -> Month:
        """The same, as the rules ask for it."""
        corrected = bool(self.terms) and self.terms.later_returns is LaterReturns.DIFFERENCE
        return Month(self.span.starts_at, self.span.ends_at, corrected)


def settle(employee_ids: Collection[int], span: Span, now: datetime) -> int:
    """Settle a period for some employees, within the caller's transaction; how many were posted to.

    It posts one transaction per employee at most, dated the period's last instant. Whoever was
    settled in this period before is passed by, so doing it again is harmless. What happens from
    the period's end on does not count yet, however late this runs.
    """
    with transaction():
        _note_month(span)
        months = months_up_to(span)
        places = concerned(months)
        if not places or not employee_ids:
            return 0
        rules = [month.rules for month in months]
        found = volumes(employee_ids, rules, places[0], span.ends_at)
        before, done = _posted_before(employee_ids, months)
        rows = [
            row
            for employee_id in sorted(set(employee_ids) - done)
            for place in places
            for row in [_row(employee_id, months, place, found, before)]
            if row
        ]
        return _write(rows, months, now)


def _note_month(span: Span) -> None:
    plan_id, _ = MonthCalendar().at(span.starts_at, span.ends_at)
    values = {
        "key": span.key,
        "starts_at": span.starts_at,
        "ends_at": span.ends_at,
        "plan_id": plan_id,
    }
    insert_if_absent(_months, ["key"], values)


def months_up_to(span: Span) -> list[KnownMonth]:
    """Every month that was settled up to this one, in order."""
    rows = db.session.execute(
        sa.select(_months, _plans.c.month_terms)
        .outerjoin(_plans, _plans.c.id == _months.c.plan_id)
        .where(_months.c.starts_at <= span.starts_at)
        .order_by(_months.c.starts_at)
    )
    return [
        KnownMonth(
            row.id,
            Span(row.starts_at, row.ends_at, row.key),
            row.plan_id,
            MonthTerms.from_document(row.month_terms or {}),
        )
        for row in rows
    ]


def concerned(months: Sequence[KnownMonth]) -> list[int]:
    """Places of the months that may still come to something else, and have terms at all."""
    last = months[-1].span
    return [
        place
        for place, month in enumerate(months)
        if month.terms and month.span.ends_at + CORRECTED_FOR > last.starts_at
    ]


def _posted_before(
    employee_ids: Collection[int], months: Sequence[KnownMonth]
) -> tuple[Mapping[tuple[int, int], int], set[int]]:
    """What was posted by employee and month (row numbers), and who is settled in the last one."""
    rows = db.session.execute(
        sa.select(
            _settlements.c.employee_id,
            _settlements.c.month_id,
            sa.func.sum(_settlements.c.amount),
            sa.func.max(_settlements.c.posted_in_id == months[-1].id)
            if db.engine.dialect.name == "sqlite"
            else sa.func.bool_or(_settlements.c.posted_in_id == months[-1].id),
        )
        .where(_settlements.c.employee_id.in_(employee_ids))
        .group_by(_settlements.c.employee_id, _settlements.c.month_id)
    ).all()
    before = {(employee_id, month_id): int(amount) for employee_id, month_id, amount, _ in rows}
    return before, {employee_id for employee_id, _, _, is_done in rows if is_done}


def _row(
    employee_id: int,
    months: Sequence[KnownMonth],
    place: int,
    found: Mapping[tuple[int, int], Volume],
    before: Mapping[tuple[int, int], int],
) -> _Row | None:
    """What is to be written about a month; None for nothing."""
    month, own = months[place], place == len(months) - 1
    volume = found.get((employee_id, place))
    posted = before.get((employee_id, month.id), 0)
    if volume is None and not posted:
        return None
    volume = volume or Volume()
    result = settle_month(month.terms, volume.net, volume.commission)
    if not own and result.amount == posted:
        return None
    return {
        "month_id": month.id,
        "posted_in_id": months[-1].id,
        "employee_id": employee_id,
        "net_sales": result.net,
        "commission": result.commission,
        "extra": result.extra,
        "cut": result.cut,
        "before": posted,
        "amount": result.amount - posted,
        "bands": bands_as_document(result),
    }


def bands_as_document(result: MonthResult) -> list[list[int]]:
    """The tiers that were reached, as they are stored."""
    return [[band.start, band.part, band.extra, band.amount] for band in result.bands]


def _write(rows: Sequence[_Row], months: Sequence[KnownMonth], now: datetime) -> int:
    if not rows:
        return 0
    ids = db.session.scalars(
        sa.insert(_settlements).returning(_settlements.c.id, sort_by_parameter_order=True),
        [row | {"at": now} for row in rows],
    ).all()
    keys = {month.id: month.span.key for month in months}
    span = months[-1].span
    # The last instant of the period: before its end, so that its close claims it.
    at = span.ends_at - timedelta(microseconds=1)
    postings: dict[int, list[Posting]] = {}
    for settlement_id, row in zip(ids, rows, strict=True):
        if row["amount"]:
            employee_id: int = row["employee_id"]
            key = f"settlement:{span.key}:{employee_id}:{keys[row['month_id']]}"
            postings.setdefault(employee_id, []).extend(
                [
                    Posting(
                        f"{key}:{account}",
                        account,
                        employee_id,
                        amount,
                        at,
                        settlement_id=settlement_id,
                    )
                    for account, amount in (
                        (Account.PAYABLE, row["amount"]),
                        (Account.EXPENSE, -row["amount"]),
                    )
                ]
            )
    bookings = [
        Booking(f"settlement:{span.key}:{employee_id}", of_employee)
        for employee_id, of_employee in postings.items()
    ]
    post_all(TransactionKind.SETTLEMENT, bookings, settings().chain_currency, at)
    return len(bookings)
