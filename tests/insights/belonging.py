"""Customers who were somebody's and are, for the audit to look at; and what breaks it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from storefront.attribution import ties
from storefront.attribution.models import TieHow
from storefront.attribution.relations import ClaimOutcome, CustomerClaim
from storefront.attribution.rules.tying import TieChange
from storefront.core.clock import SettableClock
from storefront.core.database import transaction
from storefront.insights.audit import tables as t
from storefront.staff.models import Employee
from tests.insights.planting import Plant, change, copy, delete, loosely
from tests.support import cast
from tests.support.ties import a_customer, belongs_to

ASIDE = 999_999


def belong(clock: SettableClock) -> None:
    """One who went from hand to hand, one who is nobody's again, and one whom two claimed."""
    anna, bo = cast.an_employee(), cast.an_employee()
    travels, left, claimed = (a_customer(None, code) for code in ("M1", "M2", "M3"))
    belongs_to(travels, anna, clock.now() + timedelta(hours=1))
    belongs_to(left, anna)
    tie_id = _claims(anna, claimed.id, ClaimOutcome.NOBODYS, clock)
    assert tie_id is not None
    clock.advance(timedelta(hours=1))
    assert _claims(bo, travels.id, ClaimOutcome.LAPSED, clock) is not None
    assert _claims(bo, claimed.id, ClaimOutcome.PROTECTED, clock) is None
    with transaction():
        assert ties.end_tie(left.id, clock.now(), None) is not None
    clock.advance(timedelta(minutes=1))


def _claims(
    employee: Employee, customer_id: int, outcome: ClaimOutcome, clock: SettableClock
) -> int | None:
    with transaction() as session:
        held = ties.open_tie_of(customer_id)
        tie_id = None
        if outcome is not ClaimOutcome.PROTECTED:
            cause = ties.Cause(TieHow.CLAIM, employee.id)
            tie_id = ties.take(customer_id, held, TieChange(employee.id, None), cause, clock.now())
        claim = CustomerClaim(
            public_id=f"clm_{employee.id}_{customer_id}",
            customer_id=customer_id,
            employee_id=employee.id,
            words="",
            at=clock.now(),
            outcome=outcome,
            tie_id=tie_id,
        )
        session.add(claim)
    return tie_id


_t, _c = t.ties.c, t.customer_claims.c
_open, _ended = _t.ended_at.is_(None), _t.ended_at.is_not(None)


def _customer(code: str) -> Any:
    named = t.customers.c.member_code == code
    return sa.select(t.customers.c.id).where(named).scalar_subquery()


PLANTS: dict[str, list[Plant]] = {
    "one open tie per customer": [
        loosely(change(t.ties, _ended, ended_at=None), t.ties),
        loosely(copy(t.ties, _open, id=ASIDE), t.ties),
    ],
    "ties follow each other": [
        change(t.ties, _ended, ended_at=lambda at: at + timedelta(microseconds=1)),
        change(
            t.ties,
            _ended,
            _t.customer_id == _customer("M2"),
            ended_at=lambda at: at.replace(year=2020),
        ),
        change(
            t.ties,
            _open,
            _t.customer_id == _customer("M1"),
            since=lambda at: at - timedelta(microseconds=1),
        ),
        loosely(change(t.ties, since=None), t.ties),
    ],
    "accepted claims have their tie": [
        delete(t.ties, _open),
        change(t.customer_claims, _c.tie_id.is_not(None), tie_id=None),
        change(t.customer_claims, _c.tie_id.is_not(None), outcome="protected"),
        change(t.customer_claims, _c.tie_id.is_(None), outcome="nobodys"),
        change(t.customer_claims, _c.tie_id.is_not(None), employee_id=ASIDE),
        change(t.ties, _open, customer_id=_customer("M2")),
    ],
}
