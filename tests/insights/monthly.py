"""Months that are settled, for the audit to look at; and what breaks what it asks of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront import sales
from storefront.commissions import plans
from storefront.commissions.rules.months import LaterReturns, MonthTerms, Tier
from storefront.commissions.settlement import Span, settle
from storefront.commissions.terms import NewRule, Terms
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock, local_day, next_month, start_of_day
from storefront.core.database import db, transaction
from storefront.insights.audit import tables as t
from storefront.insights.audit.settlements import months_, settlements
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee
from tests.insights.planting import Plant, change, copy, loosely
from tests.support import cast as people
from tests.support import trade

ZONE = "Asia/Shanghai"
TERMS = MonthTerms(
    (Tier(1_000, 100), Tier(10_000, 300)), later_returns=LaterReturns.DIFFERENCE, cap=2_000
)


def settle_months(clock: SettableClock) -> None:
    """Two months by a plan with tiers and a cap; in the second, goods of the first come back."""
    said = Terms((NewRule(1_000),), 30, clock.now(), "", month=TERMS)
    version = plans.draft_terms(said, SYSTEM, clock.now()).version
    plans.approve_plan(version, SYSTEM)
    plans.publish_plan(version, clock.now())
    _to_the_next_month(clock)
    pots = people.a_product(price=3_333).variants[0]
    small = trade.sell({pots: 2}, through=_link_of("E1"))
    trade.sell({pots: 8}, through=_link_of("E2"))
    sales.take_back(small.public_id, {1: 1}, "", SYSTEM, clock.now())
    _settle(_to_the_next_month(clock), clock)
    sales.take_back(small.public_id, {1: 1}, "", SYSTEM, clock.now())
    _settle(_to_the_next_month(clock), clock)


def _to_the_next_month(clock: SettableClock) -> Span:
    """The month that is over then."""
    day = local_day(clock.now(), ZONE)
    start, end = (start_of_day(each, ZONE) for each in (day.replace(day=1), next_month(day)))
    clock.set(end + timedelta(hours=1))
    return Span(start, end, f"{day:%Y-%m}")


def _settle(span: Span, clock: SettableClock) -> None:
    with transaction() as session:
        everybody = session.scalars(sa.select(Employee.id)).all()
        settle(everybody, span, clock.now())


def _link_of(number: str) -> ShareLink:
    return db.session.scalars(
        sa.select(ShareLink)
        .join(Employee, Employee.id == ShareLink.employee_id)
        .where(Employee.number == number)
        .order_by(ShareLink.id)
    ).first() or trade.a_seller(number)


def _more(amount: int) -> int:
    return amount + 1


def _less(amount: int) -> int:
    return amount - 1


_s = settlements.c
_corrects = _s.month_id != _s.posted_in_id
_under_one = cast(Any, t.entries.c.settlement_id).is_not(None)

_somebody_else = sa.select(t.employees.c.id).where(t.employees.c.number == "F1").scalar_subquery()
_correcting = sa.select(_s.employee_id).where(_corrects)
_last_return = (
    sa.select(sa.func.max(t.return_lines.c.id))
    .join(t.returns, t.returns.c.id == t.return_lines.c.return_id)
    .join(t.accruals, t.accruals.c.order_line_id == t.return_lines.c.order_line_id)
    .where(
        t.accruals.c.employee_id.in_(_correcting),
        t.returns.c.at < sa.select(sa.func.max(_s.at)).scalar_subquery(),
    )
    .scalar_subquery()
)
"""What came back last, and led to a settlement."""

PLANTS: dict[str, list[Plant]] = {
    "settlements equal their entries": [
        loosely(change(settlements, _s.amount != 0, amount=_more), settlements),
        change(t.entries, _under_one, t.entries.c.account == "payable", amount=_more),
        change(t.entries, _under_one, at=lambda at: at + timedelta(days=2)),
        copy(settlements, _s.amount != 0, id=999_999, employee_id=_somebody_else),
    ],
    "months are settled by their plan": [
        change(months_, months_.c.plan_id.is_not(None), plan_id=1),
        change(months_, plan_id=None),
    ],
    "settlements can be repeated": [
        change(settlements, _s.net_sales > 0, net_sales=_more),
        change(settlements, commission=_more),
        loosely(change(settlements, _s.extra > 0, extra=_more), settlements),
        loosely(change(settlements, _s.cut > 0, cut=_more), settlements),
        loosely(change(settlements, _corrects, before=_more), settlements),
        change(settlements, _s.extra > 0, bands=lambda bands: bands[:-1]),
        change(t.return_lines, t.return_lines.c.id == _last_return, amount=_less),
    ],
}
