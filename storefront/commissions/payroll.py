"""The payroll file of a batch: what the payroll pays, and may send back with what came of it."""

from __future__ import annotations

from typing import cast

import sqlalchemy as sa

from storefront.commissions.models import BatchState, Payout, PayoutBatch
from storefront.core.csvfile import write_rows
from storefront.core.database import db
from storefront.core.errors import Conflict
from storefront.core.money import format_amount
from storefront.staff.models import Employee, Store

_payouts = cast(sa.Table, Payout.__table__)
_employees = cast(sa.Table, Employee.__table__)
_stores = cast(sa.Table, Store.__table__)

PAYROLL_COLUMNS = (
    "batch",
    "payout",
    "employee_number",
    "employee_name",
    "store_code",
    "amount",
    "currency",
)


def payroll_csv(batch: PayoutBatch) -> bytes:
    """The payroll file of a batch: one row per payout, amounts as decimals with a point.

    Raises Conflict `batch_not_approved` for a draft: nothing unapproved leaves the house.
    """
    if batch.state in (BatchState.DRAFT, BatchState.DISCARDED):
        raise Conflict("batch_not_approved", "The payroll file is there once it is approved.")
    rows = db.session.execute(
        sa.select(
            _payouts.c.public_id,
            _employees.c.number,
            _employees.c.name,
            _stores.c.code,
            _payouts.c.amount,
        )
        .join(_employees, _employees.c.id == _payouts.c.employee_id)
        .join(_stores, _stores.c.id == _employees.c.store_id)
        .where(_payouts.c.batch_id == batch.id)
        .order_by(_employees.c.number)
    )
    lines = (
        (
            batch.public_id,
            row.public_id,
            row.number,
            row.name,
            row.code,
            format_amount(row.amount, batch.currency),
            batch.currency,
        )
        for row in rows
    )
    return b"".join(write_rows(PAYROLL_COLUMNS, lines))
