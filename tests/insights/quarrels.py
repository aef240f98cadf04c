"""Disputes in every state, for the audit to look at; and what breaks what it asks of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from storefront import disputing
from storefront.attribution.disputes import service
from storefront.attribution.disputes.models import Outcome
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.insights.audit import tables as t
from storefront.sharing.models import ShareLink
from tests.insights.planting import Plant, change, copy, delete, loosely
from tests.support import cast, trade
from tests.support.disputing import a_dispute, decided, owner

ASIDE = 999_999


def quarrel(clock: SettableClock) -> None:
    """E1 disputes what E2 sold: upheld, upheld in part, denied, withdrawn, and not decided yet."""
    anna, bo = owner(_link_of("E1")), owner(_link_of("E2"))
    pots = cast.a_product(price=3_333).variants[0]
    tea = cast.a_product(price=1_099).variants[0]
    sold = [trade.sell({pots: 2, tea: 3}, through=_link_of("E2")) for _ in range(5)]
    cases = [a_dispute(anna, order, *lines) for order, lines in zip(sold, _LINES, strict=True)]
    service.answer(cases[0].public_id, "是我接待的。", bo.id, clock.now())
    clock.advance(timedelta(hours=1))
    decided(cases[0], Outcome.UPHELD, {1: {anna: 10_000}})
    decided(cases[1], Outcome.PARTLY, {1: {anna: 5_000, bo: 5_000}, 2: {"S2": 10_000}})
    decided(cases[2], Outcome.DENIED)
    disputing.withdraw(cases[3].public_id, cast.actor_of(anna), clock.now())


_LINES: tuple[tuple[int, ...], ...] = ((1,), (), (1, 2), (2,), (1,))


def _link_of(number: str) -> ShareLink:
    employee = sa.select(t.employees.c.id).where(t.employees.c.number == number)
    return db.session.scalars(
        sa.select(ShareLink).where(ShareLink.employee_id == employee.scalar_subquery()).limit(1)
    ).one()


def _employee(number: str) -> Any:
    return sa.select(t.employees.c.id).where(t.employees.c.number == number).scalar_subquery()


_d, _h, _l = t.disputes.c, t.commission_holds.c, t.dispute_lines.c
_open, _settled = _d.state == "open", _d.state == "decided"
_upheld = _d.outcome == "upheld"

PLANTS: dict[str, list[Plant]] = {
    "superseded credits gave way to a later verdict": [
        change(
            t.credits_,
            t.credits_.c.superseded_by_id.is_not(None),
            superseded_by_id=sa.literal_column("verdict_id"),
        ),
        change(t.accruals, t.accruals.c.superseded_at.is_not(None), superseded_at=None),
        change(
            t.accruals,
            t.accruals.c.superseded_at.is_(None),
            superseded_at=sa.literal_column("at"),
        ),
    ],
    "four eyes on disputes": [
        change(t.disputes, _settled, decided_by_id=_employee("E1")),
        change(t.disputes, _settled, decided_by_id=_employee("E2")),
    ],
    "disputed lines are held, and no others": [
        change(
            t.commission_holds, _h.lifted_at.is_(None), lifted_at=sa.literal_column("placed_at")
        ),
        change(t.commission_holds, _h.lifted_at.is_not(None), lifted_at=None),
        delete(t.commission_holds, _h.lifted_at.is_(None)),
        change(t.disputes, _open, state="decided"),
    ],
    "one live dispute per line": [
        loosely(copy(t.dispute_lines, _l.closed_at.is_(None), id=ASIDE), t.dispute_lines),
    ],
    "disputes' states fit": [
        change(t.disputes, _open, state="withdrawn"),
        change(t.disputes, _open, state="forgotten"),
        change(t.disputes, _settled, outcome=None),
        change(t.disputes, _settled, closed_at=None),
        change(t.disputes, _settled, explanation=""),
        change(t.disputes, _d.state == "withdrawn", closed_at=None),
        change(t.dispute_lines, _l.closed_at.is_not(None), closed_at=None),
        change(t.disputes, order_id=sa.select(sa.func.max(t.orders.c.id)).scalar_subquery()),
    ],
    "decided disputes have their verdict": [
        change(t.disputes, _upheld, verdict_id=None),
        change(t.disputes, _upheld, verdict_id=1),
        change(t.disputes, _upheld, outcome="denied"),
    ],
    "later verdicts are decisions": [
        change(t.disputes, _upheld, verdict_id=None),
        change(t.verdicts, t.verdicts.c.sequence == 1, sequence=2),
    ],
    "only the concerned spoke": [
        change(t.dispute_statements, employee_id=_employee("F1")),
        delete(t.dispute_parties),
        delete(t.dispute_statements),
    ],
}
