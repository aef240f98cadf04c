"""Months that are closed, adjusted and paid, for the audit; and what breaks what it asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storefront import sales
from storefront.commissions import adjustments, payouts, periods, statements
from storefront.commissions.adjustment_models import AdjustmentKind
from storefront.commissions.adjustments import NewAdjustment
from storefront.commissions.models import BatchState, PayoutBatch
from storefront.commissions.period_models import PeriodState
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.insights.audit import tables as t
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee
from tests.insights.planting import Plant, change, copy, delete, loosely
from tests.support import cast, trade


def close_months(clock: SettableClock) -> None:
    """What is approved is paid, months close with adjustments, and another batch is on its way."""
    maker, checker = _finance("F1"), _finance("F2")
    for batch in db.session.scalars(
        sa.select(PayoutBatch.public_id).where(PayoutBatch.state == BatchState.APPROVED)
    ).all():
        sales.pay_out(batch, clock.now())
    for number, amount in enumerate((900, -300, 50, 70)):
        new = NewAdjustment("E2", AdjustmentKind.CORRECTION, amount, "Counted wrong.")
        made = adjustments.propose(new, maker, clock.now()).public_id
        if number < 2:
            adjustments.approve(made, checker, clock.now())
    rejected, withdrawn = [each.adjustment.public_id for each in adjustments.listed(None, 2)]
    adjustments.reject(rejected, "It was right.", checker, clock.now())
    adjustments.withdraw(withdrawn, maker, clock.now())
    _close_what_is_over(clock)
    last = next(each for each in periods.listed(None, 100) if each.state is PeriodState.CLOSED)
    first = statements.of_period(last, None, 1)[0]
    statements.reissue(first.code, "The name was wrong.", maker, clock.now())
    link = db.session.scalars(
        sa.select(ShareLink)
        .join(Employee, Employee.id == ShareLink.employee_id)
        .where(Employee.number == "E1")
    ).first()
    assert link is not None
    trade.sell(cast.a_product(price=50_000), through=link)
    clock.advance(timedelta(days=62))
    sales.release(clock.now())
    _close_what_is_over(clock)
    following = sales.draft_payout(clock.now(), maker, clock.now())
    payouts.approve(following.public_id, checker, clock.now())


def _close_what_is_over(clock: SettableClock) -> None:
    periods.open_due(clock.now())
    for period in reversed(periods.listed(None, 100)):
        if period.state is PeriodState.OPEN and period.ends_at <= clock.now():
            sales.close_period(period.name, SYSTEM, clock.now())


def _finance(number: str) -> Actor:
    return cast.actor_of(
        db.session.scalars(sa.select(Employee).where(Employee.number == number)).one()
    )


_s, _e, _d, _p, _x = (
    t.statements.c,
    t.entries.c,
    t.adjustments.c,
    t.payouts.c,
    t.payout_exclusions.c,
)
_b = t.batches.c
_opening = _s.opening_held + _s.opening_payable
_closed = t.periods.c.state == "closed"
_stands = _s.revoked_at.is_(None)
_claimed = _e.period_id.is_not(None)
LATER = datetime(2030, 1, 1, tzinfo=UTC)
ASIDE = 999_999


def _more(amount: int) -> int:
    return amount + 1


def _employee(number: str) -> Any:
    return sa.select(t.employees.c.id).where(t.employees.c.number == number).scalar_subquery()


_last_batch = sa.select(sa.func.max(t.batches.c.id)).scalar_subquery()
_somebody_paid = (
    sa.select(sa.func.min(_p.employee_id))
    .where(
        _p.batch_id == sa.select(sa.func.min(_x.batch_id)).scalar_subquery(),
    )
    .scalar_subquery()
)

PLANTS: dict[str, list[Plant]] = {
    "statements add up": [
        loosely(change(t.statements, earned=_more), t.statements),
        loosely(change(t.statements, paid=None), t.statements),
    ],
    "statements equal the ledger": [
        change(t.statements, earned=_more, closing_held=_more),
        change(t.statements, adjusted=_more, settled=lambda amount: amount - 1),
        change(t.statements, closing_held=_more, closing_payable=lambda amount: amount - 1),
        delete(t.entries, _claimed, _e.account == "held"),
        change(t.entries, _claimed, _e.account == "paid", amount=_more),
        change(t.entries, _claimed, _e.account == "held", period_id=None),
    ],
    "claimed entries are on one statement": [
        delete(t.statements, _stands),
        loosely(copy(t.statements, _stands, id=ASIDE, code="again"), t.statements),
        change(t.statements, _stands, revoked_at=LATER),
        change(t.entries, _claimed, employee_id=_employee("F1")),
    ],
    "entries are claimed in turn": [
        change(t.entries, _claimed, at=LATER),
        change(t.periods, _closed, state="open"),
    ],
    "statements follow each other": [
        change(t.statements, _opening != 0, opening_held=_more, closing_held=_more),
        change(t.statements, _opening == 0, opening_payable=-5, closing_payable=-5),
    ],
    "balances are carried forward": [delete(t.statements, _stands, _opening != 0)],
    "periods equal their statements": [
        change(t.periods, _closed, closing=_more),
        change(t.periods, _closed, statements=_more),
        change(t.periods, _closed, adjusted=_more),
        delete(t.statements, _stands),
    ],
    "periods close in order": [
        change(t.periods, _closed, state="open"),
        change(t.periods, _closed, closed_at=None),
        change(t.periods, _closed, ends_at=lambda end: end - timedelta(days=1)),
    ],
    "revoked statements name another": [
        change(t.statements, ~_stands, replaced_by_id=None),
        change(t.statements, ~_stands, employee_id=_employee("F1")),
        change(t.statements, _stands, replaced_by_id=1),
    ],
    "adjustments equal the ledger": [
        change(t.adjustments, _d.state == "approved", amount=_more),
        change(t.adjustments, _d.state == "rejected", state="approved"),
        change(t.adjustments, _d.state == "approved", state="withdrawn"),
        delete(t.entries, _e.adjustment_id.is_not(None), _e.account == "payable"),
    ],
    "four eyes on adjustments": [
        change(t.adjustments, _d.state == "approved", decided_by_id=_employee("F1")),
        change(t.adjustments, _d.state == "rejected", employee_id=_employee("F2")),
        change(t.adjustments, _d.state == "approved", decided_at=None),
    ],
    "payouts move with their batch": [
        change(t.batches, _b.state == "paid", state="approved"),
        change(t.payouts, _p.state == "paid", state="unknown"),
        change(t.payouts, _p.state == "paid", paid_at=None),
        change(t.payouts, _p.state == "waiting", paid_at=LATER),
        change(t.payouts, state="spent"),
    ],
    "left out is not paid": [change(t.payout_exclusions, employee_id=_somebody_paid)],
}

MORE_PLANTS: dict[str, list[Plant]] = {
    "payouts are the sum of their entries": [
        change(t.payouts, _p.state == "paid", state="returned"),
        change(t.payouts, _p.state == "paid", state="failed"),
    ],
    "entries claimed once": [
        change(t.payouts, _p.state == "waiting", _p.batch_id == _last_batch, state="failed")
    ],
    "ledger entries have their cause": [
        change(
            t.entries,
            _e.adjustment_id.is_not(None),
            _e.account == "payable",
            adjustment_id=None,
            payout_id=None,
        )
    ],
    "four eyes on payouts": [
        change(t.payout_approvals, employee_id=_employee("F1")),
        change(t.batches, _b.state == "paid", approvals_needed=2),
        change(t.batches, _b.state == "approved", changed_by_id=_employee("F2")),
    ],
}
