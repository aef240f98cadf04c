"""Settlements: every month is what its plan's terms give for what the books say of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions.models import Account, TransactionKind
from storefront.commissions.month_calendar import MonthCalendar
from storefront.commissions.rules.months import settle_month
from storefront.commissions.settlement import (
    KnownMonth,
    Span,
    bands_as_document,
    months_up_to,
)
from storefront.commissions.settlement_models import SettledMonth, Settlement
from storefront.commissions.volumes import Volume, volumes
from storefront.core.database import db
from storefront.insights.audit.invariant import (
    Asked,
    Invariant,
    Row,
    differs,
    or_nothing,
    query,
    sentence_of,
    total,
)
from storefront.insights.audit.tables import accruals, employees, entries, transactions
from storefront.insights.audit.tables import till_records as receipts

AT_ONCE = 1_000

months_ = cast(sa.Table, SettledMonth.__table__)
settlements = cast(sa.Table, Settlement.__table__)

_Row = sa.Row[*tuple[Any, ...]]


def settlements_unlike_entries(_: Asked) -> sa.Select[*tuple[Any, ...]]:
    """A settlement's amount is what the book has under it as payable, in the month in which it is
    posted, for the same employee.
    """
    posted = (
        sa.select(
            entries.c.settlement_id,
            total(
                sa.case(
                    (
                        sa.and_(
                            entries.c.account == Account.PAYABLE,
                            transactions.c.kind == TransactionKind.SETTLEMENT,
                        ),
                        entries.c.amount,
                    ),
                    else_=0,
                )
            ).label("payable"),
            sa.func.min(entries.c.employee_id).label("first_employee_id"),
            sa.func.max(entries.c.employee_id).label("last_employee_id"),
            sa.func.min(entries.c.at).label("first_at"),
            sa.func.max(entries.c.at).label("last_at"),
        )
        .join(transactions, transactions.c.id == entries.c.transaction_id)
        .where(entries.c.settlement_id.is_not(None))
        .group_by(entries.c.settlement_id)
        .subquery()
    )
    return (
        sa.select(
            settlements.c.id.label("settlement_id"),
            employees.c.number,
            months_.c.key,
            settlements.c.amount,
            posted.c.payable,
        )
        .join(employees, employees.c.id == settlements.c.employee_id)
        .join(months_, months_.c.id == settlements.c.posted_in_id)
        .outerjoin(posted, posted.c.settlement_id == settlements.c.id)
        .where(
            sa.or_(
                differs(or_nothing(posted.c.payable), settlements.c.amount),
                posted.c.first_employee_id != settlements.c.employee_id,
                posted.c.last_employee_id != settlements.c.employee_id,
                posted.c.first_at < months_.c.starts_at,
                posted.c.last_at >= months_.c.ends_at,
            )
        )
    )


def settled_by_another_plan(_: Asked) -> Iterator[Row]:
    """A month is settled by the plan in force when it began, or the first that started in it."""
    calendar = MonthCalendar()
    for row in db.session.execute(sa.select(months_).order_by(months_.c.starts_at)).all():
        expected, _terms = calendar.at(row.starts_at, row.ends_at)
        if expected != row.plan_id:
            yield {"month": row.key, "found": row.plan_id, "expected": expected}


def settled_otherwise(_: Asked) -> Iterator[Row]:
    """Every settlement says what sales, returns and the plan's terms give up to its month's end,
    and posts what that differs from all that was posted before.
    """
    last = db.session.execute(
        sa.select(months_).order_by(months_.c.starts_at.desc()).limit(1)
    ).one_or_none()
    if last is None:
        return
    known = months_up_to(Span(last.starts_at, last.ends_at, last.key))
    for place in range(len(known)):
        yield from _settled_otherwise_in(known[: place + 1])


def _settled_otherwise_in(known: Sequence[KnownMonth]) -> Iterator[Row]:
    """In the last of these months."""
    places = {month.id: place for place, month in enumerate(known)}
    after = 0
    while True:
        rows = db.session.execute(_CHUNK, {"posted_in": known[-1].id, "after": after}).all()
        if not rows:
            return
        after = rows[-1].id
        found = _volumes(rows, known, places)
        told_later = _told_later(rows, known)
        for row in rows:
            month = known[places[row.month_id]]
            volume = found.get((row.employee_id, places[row.month_id]), Volume())
            if row.employee_id in told_later:
                # What it said was so when it was settled; the next close puts it right.
                volume = Volume(row.net_sales, row.commission)
            result = settle_month(month.terms, volume.net, volume.commission)
            before = int(row.earlier)
            expected = (
                *(result.net, result.commission, result.extra, result.cut, before),
                result.amount - before,
                bands_as_document(result),
            )
            said = tuple(row._mapping[name] for name in _SAID)  # noqa: SLF001
            if said != expected:
                yield {
                    "settlement_id": row.id,
                    "employee": row.number,
                    "month": month.span.key,
                    "found": said,
                    "expected": expected,
                }


_SAID = ("net_sales", "commission", "extra", "cut", "before", "amount", "bands")
_earlier = settlements.alias("earlier")
_CHUNK = (
    sa.select(
        settlements,
        employees.c.number,
        sa.select(total(_earlier.c.amount))
        .where(
            _earlier.c.employee_id == settlements.c.employee_id,
            _earlier.c.month_id == settlements.c.month_id,
            _earlier.c.id < settlements.c.id,
        )
        .correlate(settlements)
        .scalar_subquery()
        .label("earlier"),
    )
    .join(employees, employees.c.id == settlements.c.employee_id)
    .where(
        settlements.c.posted_in_id == sa.bindparam("posted_in"),
        settlements.c.id > sa.bindparam("after"),
    )
    .order_by(settlements.c.id)
    .limit(AT_ONCE)
)


def _volumes(
    rows: Sequence[_Row], known: Sequence[KnownMonth], places: Mapping[int, int]
) -> dict[tuple[int, int], Volume]:
    first = min(places[row.month_id] for row in rows)
    people = {row.employee_id for row in rows}
    return volumes(people, [month.rules for month in known], first, known[-1].span.ends_at)


def _told_later(rows: Sequence[_Row], known: Sequence[KnownMonth]) -> Collection[int]:
    """Employees of whose sales or returns up to the month's end a till told only afterwards."""
    return set(
        db.session.scalars(
            sa.select(accruals.c.employee_id)
            .join(receipts, receipts.c.order_id == accruals.c.order_id)
            .where(
                accruals.c.employee_id.in_({row.employee_id for row in rows}),
                receipts.c.happened_at < known[-1].span.ends_at,
                receipts.c.received_at >= min(row.at for row in rows),
            )
        )
    )


INVARIANTS = (
    query(2, "settlements equal their entries", settlements_unlike_entries),
    Invariant(
        20,
        "months are settled by their plan",
        sentence_of(settled_by_another_plan),
        settled_by_another_plan,
    ),
    Invariant(20, "settlements can be repeated", sentence_of(settled_otherwise), settled_otherwise),
)
