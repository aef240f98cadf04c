"""Settlements of months, found again and made ready to be said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions.models import CommissionPlan
from storefront.commissions.rules.months import Band, MonthTerms
from storefront.commissions.settlement_models import SettledMonth, Settlement
from storefront.commissions.settlement_words import SaidSettlement
from storefront.core.database import db
from storefront.staff.models import Employee

_plans = cast(sa.Table, CommissionPlan.__table__)
_employees = cast(sa.Table, Employee.__table__)
_settlements = cast(sa.Table, Settlement.__table__)
_about = cast(sa.Table, SettledMonth.__table__).alias("about")
_posted_in = cast(sa.Table, SettledMonth.__table__).alias("posted_in")

_SAID = (
    sa.select(
        _settlements,
        _about.c.key.label("about_key"),
        _posted_in.c.key.label("posted_in_key"),
        _plans.c.version,
        _plans.c.month_terms,
    )
    .join(_about, _about.c.id == _settlements.c.month_id)
    .join(_posted_in, _posted_in.c.id == _settlements.c.posted_in_id)
    .join(_plans, _plans.c.id == _about.c.plan_id)
)


def said_settlements(settlement_ids: Collection[int]) -> dict[int, SaidSettlement]:
    """These settlements by row number. One query, none for none."""
    if not settlement_ids:
        return {}
    rows = db.session.execute(_SAID.where(_settlements.c.id.in_(settlement_ids)))
    return {row.id: _as_said(row) for row in rows}


def of_employee(employee_id: int, before: int | None, limit: int) -> Sequence[SaidSettlement]:
    """An employee's settlements, the latest first, from below the row number `before`."""
    statement = _SAID.where(_settlements.c.employee_id == employee_id)
    if before is not None:
        statement = statement.where(_settlements.c.id < before)
    rows = db.session.execute(statement.order_by(_settlements.c.id.desc()).limit(limit))
    return [_as_said(row) for row in rows]


def listed(
    month: str | None, employee_number: str | None, before: int | None, limit: int
) -> Sequence[tuple[str, SaidSettlement]]:
    """Settlements with staff numbers, the latest first, from below the row number `before`.

    With a month (a period's name) those posted in it.
    """
    statement = _SAID.add_columns(_employees.c.number).join(
        _employees, _employees.c.id == _settlements.c.employee_id
    )
    if month is not None:
        statement = statement.where(_posted_in.c.key == month)
    if employee_number is not None:
        statement = statement.where(_employees.c.number == employee_number)
    if before is not None:
        statement = statement.where(_settlements.c.id < before)
    rows = db.session.execute(statement.order_by(_settlements.c.id.desc()).limit(limit))
    return [(row.number, _as_said(row)) for row in rows]


def _as_said(row: sa.Row[*tuple[Any, ...]]) -> SaidSettlement:
    return SaidSettlement(
        id=row.id,
        month=row.about_key,
        posted_in=row.posted_in_key,
        version=row.version,
        terms=MonthTerms.from_document(row.month_terms),
        net_sales=row.net_sales,
        commission=row.commission,
        extra=row.extra,
        cut=row.cut,
        before=row.before,
        amount=row.amount,
        bands=tuple(Band(*band) for band in row.bands),
    )
