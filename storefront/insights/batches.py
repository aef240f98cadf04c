"""Payout batches as headquarters looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from storefront.commissions.models import Payout, PayoutBatch, PayoutState
from storefront.commissions.payout_models import LeftOut, PayoutApproval, PayoutExclusion
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.staff.models import Employee, Store

_employees = cast(sa.Table, Employee.__table__)
_approvals = cast(sa.Table, PayoutApproval.__table__)
_exclusions = cast(sa.Table, PayoutExclusion.__table__)
_payouts = cast(sa.Table, Payout.__table__)
_stores = cast(sa.Table, Store.__table__)


@dataclass(frozen=True, slots=True)
class ShownBatch:
    """A batch with the staff numbers of who made and who approved it; None: the program itself."""

    batch: PayoutBatch
    created_by: str | None
    approved_by: str | None
    changed_by: str | None
    submitted_by: str | None


def listed(before: int | None, limit: int) -> list[ShownBatch]:
    """Batches, the latest first, from below the row number `before`."""
    below = PayoutBatch.id < before if before is not None else sa.true()
    return _read(below, limit)


def find(batch_public_id: str) -> ShownBatch:
    """The batch with this public id. Raises NotFound `batch_not_found`."""
    found = _read(PayoutBatch.public_id == batch_public_id, 1)
    if not found:
        raise NotFound("batch_not_found", "There is no such payout batch.")
    return found[0]


def _read(condition: sa.ColumnElement[bool], limit: int) -> list[ShownBatch]:
    maker, approver = aliased(Employee), aliased(Employee)
    changer, submitter = aliased(Employee), aliased(Employee)
    rows = db.session.execute(
        sa.select(PayoutBatch, maker.number, approver.number, changer.number, submitter.number)
        .outerjoin(maker, maker.id == PayoutBatch.created_by_id)
        .outerjoin(approver, approver.id == PayoutBatch.approved_by_id)
        .outerjoin(changer, changer.id == PayoutBatch.changed_by_id)
        .outerjoin(submitter, submitter.id == PayoutBatch.submitted_by_id)
        .where(condition)
        .order_by(PayoutBatch.id.desc())
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [ShownBatch(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ShownPayout:
    """One employee's part of a batch."""

    id: int
    public_id: str
    number: str
    name: str
    store_code: str
    amount: int
    state: PayoutState
    sent_at: datetime | None
    answered_at: datetime | None
    answer: str


def payouts_of(batch_id: int, after: int | None, limit: int) -> list[ShownPayout]:
    """The payouts of a batch (row number), in the order they were made, from behind `after`."""
    rows = db.session.execute(
        sa.select(
            _payouts.c.id,
            _payouts.c.public_id,
            _employees.c.number,
            _employees.c.name,
            _stores.c.code,
            _payouts.c.amount,
            _payouts.c.state,
            _payouts.c.sent_at,
            _payouts.c.answered_at,
            _payouts.c.answer,
        )
        .join(_employees, _employees.c.id == _payouts.c.employee_id)
        .join(_stores, _stores.c.id == _employees.c.store_id)
        .where(_payouts.c.batch_id == batch_id, _payouts.c.id > (after or 0))
        .order_by(_payouts.c.id)
        .limit(limit)
    )
    return [ShownPayout(*row) for row in rows]


def states_of(batch_id: int) -> dict[PayoutState, int]:
    """How many payouts of a batch stand where."""
    rows = db.session.execute(
        sa.select(_payouts.c.state, sa.func.count())
        .where(_payouts.c.batch_id == batch_id)
        .group_by(_payouts.c.state)
    )
    counted = {state: int(count) for state, count in rows}
    return {state: counted[state] for state in PayoutState if state in counted}


def approvers_of(batch_id: int) -> Sequence[str | None]:
    """The staff numbers of those whose approvals stand; None is the program itself."""
    return db.session.scalars(
        sa.select(_employees.c.number)
        .select_from(_approvals)
        .outerjoin(_employees, _employees.c.id == _approvals.c.employee_id)
        .where(_approvals.c.batch_id == batch_id, _approvals.c.withdrawn_at.is_(None))
        .order_by(_approvals.c.id)
    ).all()


@dataclass(frozen=True, slots=True)
class ShownExclusion:
    """Somebody whom a batch left out."""

    id: int
    number: str
    name: str
    store_code: str
    reason: LeftOut
    amount: int
    note: str


def left_out_of(batch_id: int, after: int | None, limit: int) -> list[ShownExclusion]:
    """Whom a batch (row number) left out and why, from behind `after`."""
    rows = db.session.execute(
        sa.select(
            _exclusions.c.id,
            _employees.c.number,
            _employees.c.name,
            _stores.c.code,
            _exclusions.c.reason,
            _exclusions.c.amount,
            _exclusions.c.note,
        )
        .join(_employees, _employees.c.id == _exclusions.c.employee_id)
        .join(_stores, _stores.c.id == _employees.c.store_id)
        .where(_exclusions.c.batch_id == batch_id, _exclusions.c.id > (after or 0))
        .order_by(_exclusions.c.id)
        .limit(limit)
    )
    return [ShownExclusion(*row) for row in rows]
