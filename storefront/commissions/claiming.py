"""What a payout batch claims: one conditional UPDATE, and what it met then says what is paid."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.commissions import holds
from storefront.commissions.eligibility import Due, Terms, left_out
from storefront.commissions.models import Account, LedgerEntry, Payout, PayoutState
from storefront.commissions.payout_models import LeftOut, PayoutExclusion
from storefront.core.database import db
from storefront.core.ids import public_id
from storefront.staff.models import Employee

_employees = cast(sa.Table, Employee.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_exclusions = cast(sa.Table, PayoutExclusion.__table__)
_payouts = cast(sa.Table, Payout.__table__)

_is_held = holds.is_held(_entries.c.accrual_id, _entries.c.employee_id)


def _unclaimed(cutoff_at: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        _entries.c.account == Account.PAYABLE,
        _entries.c.payout_id.is_(None),
        _entries.c.at < cutoff_at,
    )


def claim(batch_id: int, cutoff_at: datetime, terms: Terms) -> None:
    """Make a payout for everybody who is eligible and claim their entries, within the caller's
    transaction; whoever else has something open is noted with the reason.
    """
    paid: list[dict[str, object]] = []
    excluded: list[dict[str, object]] = []
    for due in _due(cutoff_at):
        reason = left_out(due, terms)
        row = {"batch_id": batch_id, "employee_id": due.employee_id}
        if reason is None:
            new = {"public_id": public_id("pyt"), "state": PayoutState.WAITING, "answer": ""}
            paid.append({**row, **new, "amount": due.free})
        else:
            excluded.append({**row, "reason": reason, "amount": due.amount, "note": ""})
    if excluded:
        db.session.execute(sa.insert(_exclusions), excluded)
    if not paid:
        return
    db.session.execute(sa.insert(_payouts), paid)
    mine = sa.select(_payouts.c.id).where(
        _payouts.c.batch_id == batch_id, _payouts.c.employee_id == _entries.c.employee_id
    )
    db.session.execute(
        sa.update(_entries)
        .where(_unclaimed(cutoff_at), ~_is_held, mine.exists())
        .values(payout_id=mine.scalar_subquery())
    )
    _give_up_held(batch_id)
    _settle_amounts(batch_id)


def _due(cutoff_at: datetime) -> list[Due]:
    free = sa.func.sum(sa.case((_is_held, 0), else_=_entries.c.amount))
    on_hold = sa.func.sum(sa.case((_is_held, _entries.c.amount), else_=0))
    rows = db.session.execute(
        sa.select(
            _entries.c.employee_id,
            free,
            on_hold,
            _employees.c.state,
            sa.and_(_employees.c.identity_type != "", _employees.c.identity_number != ""),
        )
        .join(_employees, _employees.c.id == _entries.c.employee_id)
        .where(_unclaimed(cutoff_at))
        .group_by(
            _entries.c.employee_id,
            _employees.c.state,
            _employees.c.identity_type,
            _employees.c.identity_number,
        )
        .having(sa.or_(free != 0, on_hold != 0))
        .order_by(_entries.c.employee_id)
    )
    return [Due(row[0], int(row[1]), int(row[2]), row[3], bool(row[4])) for row in rows]


def _give_up_held(batch_id: int) -> None:
    """Give free what was put on hold after the claim had begun and before it came to the entry."""
    ours = sa.select(_payouts.c.id).where(_payouts.c.batch_id == batch_id)
    db.session.execute(
        sa.update(_entries).where(_is_held, _entries.c.payout_id.in_(ours)).values(payout_id=None)
    )


def _settle_amounts(batch_id: int) -> None:
    """Set each payout to what it really claimed: a return or a draft may have come between."""
    session = db.session
    claimed = (
        sa.select(sa.func.coalesce(sa.func.sum(_entries.c.amount), 0))
        .where(_entries.c.payout_id == _payouts.c.id)
        .scalar_subquery()
    )
    differing = session.execute(
        sa.select(_payouts.c.id, _payouts.c.employee_id, claimed.label("claimed")).where(
            _payouts.c.batch_id == batch_id, _payouts.c.amount != claimed
        )
    ).all()
    for row in differing:
        if row.claimed > 0:
            session.execute(
                sa.update(_payouts).where(_payouts.c.id == row.id).values(amount=int(row.claimed))
            )
        else:
            give_up(row.id)


def give_up(payout_id: int) -> None:
    """Take a payout out of its batch; what it claimed is free again."""
    free(sa.select(sa.literal(payout_id)))
    db.session.execute(sa.delete(_payouts).where(_payouts.c.id == payout_id))


def free(payout_ids: sa.Select[int]) -> None:
    """Let a later batch claim what these payouts had claimed."""
    db.session.execute(
        sa.update(_entries).where(_entries.c.payout_id.in_(payout_ids)).values(payout_id=None)
    )


def exclude(
    batch_id: int, employee_id: int, amount: int, note: str, by_employee_id: int | None
) -> None:
    """Note that a person took somebody out of a batch, and why."""
    db.session.execute(
        sa.insert(_exclusions),
        {
            "batch_id": batch_id,
            "employee_id": employee_id,
            "reason": LeftOut.REMOVED,
            "amount": amount,
            "note": note,
            "by_employee_id": by_employee_id,
        },
    )
