"""Cases of fraud and holds in every state, for the audit to look at; and what breaks them."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storefront.commissions.fraud_models import CaseOutcome, FraudCase
from storefront.commissions.models import HoldKind
from storefront.core.actor import Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.fraud import cases, holding, policies, scan
from storefront.fraud.cases import Answer
from storefront.fraud.holding import Target
from storefront.fraud.rules import Thresholds
from storefront.insights.audit import tables as t
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee, Role
from tests.insights.planting import Plant, change, delete
from tests.insights.quarrels import _link_of as link_of
from tests.support import cast, trade
from tests.support.disputing import owner

ASIDE = 999_999


def suspect(clock: SettableClock) -> None:
    """E1 has a case that is open, E2 one that took back; one waits, one is dismissed; F1 and F2
    hold and lift by hand, and publish thresholds.
    """
    one, two = _headquarters("F1"), _headquarters("F2")
    drafted = policies.draft(Thresholds(), clock.now(), "", one, clock.now())
    policies.approve(drafted.version, two)
    policies.publish(drafted.version, clock.now())
    anna, bo = link_of("E1"), link_of("E2")
    cleo, dan = trade.a_seller("E3", store="S1"), trade.a_seller("E4", store="S2")
    for number, link in enumerate((anna, bo, cleo, dan)):
        _buys_alone(link, f"{number}" * 26)
    scan.scan(clock.now(), whole=True)
    clock.advance(timedelta(hours=1))
    took = Answer(CaseOutcome.CONFIRMED, "admitted", takes_back=True)
    cases.answer(_case_of(bo), took, one, clock.now())
    cases.approve(_case_of(bo), two, clock.now())
    cases.answer(_case_of(cleo), took, one, clock.now())
    cases.answer(_case_of(dan), Answer(CaseOutcome.DISMISSED, "a mistake"), one, clock.now())
    for number in ("E3", "E4"):
        [hold] = holding.place(
            Target(employee=number), HoldKind.MISSING_DATA, "no account", one, clock.now()
        )
    holding.lift(hold.public_id, "it came", two, clock.now())


def _headquarters(number: str) -> Actor:
    employee = db.session.scalars(sa.select(Employee).where(Employee.number == number)).one()
    assert employee.role is Role.HQ_FINANCE
    return cast.actor_of(employee)


def _buys_alone(link: ShareLink, visitor: str) -> None:
    trade.sell(cast.a_product(price=4_000), through=link, visitor=visitor)
    trade.signs_in(owner(link), visitor)


def _case_of(link: ShareLink) -> str:
    return db.session.scalars(
        sa.select(FraudCase.public_id)
        .where(FraudCase.employee_id == link.employee_id)
        .order_by(FraudCase.id.desc())
        .limit(1)
    ).one()


_c, _h, _o, _p = (
    t.fraud_cases.c,
    t.commission_holds.c,
    t.fraud_occurrences.c,
    t.fraud_policies.c,
)
_theirs = sa.literal_column("employee_id")

PLANTS: dict[str, list[Plant]] = {
    "four eyes on fraud cases": [
        change(t.fraud_cases, _c.state == "closed", answered_by_id=_theirs),
        change(t.fraud_cases, _c.takes_back, _c.state == "closed", approved_by_id=_theirs),
        change(
            t.fraud_cases,
            _c.approved_by_id.is_not(None),
            answered_by_id=sa.literal_column("approved_by_id"),
        ),
    ],
    "four eyes on fraud thresholds": [
        change(t.fraud_policies, approved_by_id=sa.literal_column("created_by_id")),
        change(t.fraud_policies, published_at=None),
    ],
    "four eyes on holds": [
        change(t.commission_holds, _h.kind == "missing_data", _h.lifted_at.is_not(None), note=""),
        change(
            t.commission_holds,
            _h.employee_id.is_not(None),
            _h.lifted_at.is_not(None),
            lifted_by_id=_theirs,
        ),
        change(
            t.commission_holds,
            _h.lifted_by_id.is_not(None),
            lift_asked_by_id=sa.literal_column("lifted_by_id"),
        ),
        change(t.commission_holds, kind="forgotten"),
    ],
    "open fraud cases hold, and nothing else does": [
        change(
            t.commission_holds,
            _h.kind == "fraud",
            _h.lifted_at.is_(None),
            lifted_at=sa.literal_column("placed_at"),
        ),
        change(t.commission_holds, _h.kind == "fraud", _h.lifted_at.is_not(None), lifted_at=None),
        delete(t.commission_holds, _h.kind == "fraud", _h.lifted_at.is_(None)),
        change(t.fraud_cases, _c.closed_at.is_(None), closed_at=sa.literal_column("opened_at")),
    ],
    "fraud cases' states fit": [
        change(t.fraud_cases, _c.state == "open", state="closed"),
        change(t.fraud_cases, _c.state == "open", takes_back=True),
        change(t.fraud_cases, _c.state == "closed", note=""),
        change(t.fraud_cases, _c.state == "closed", outcome=None),
        change(t.fraud_cases, _c.state == "proposed", state="lapsed"),
        change(t.fraud_cases, _c.takes_back, _c.state == "closed", approved_at=None),
    ],
    "occurrences are of their case": [
        change(t.fraud_occurrences, rule="own_phone"),
        change(t.fraud_occurrences, case_id=ASIDE),
        change(t.fraud_occurrences, _o.verdict_id.is_not(None), verdict_id=1),
        change(t.fraud_cases, _c.takes_back, _c.state == "closed", takes_back=False),
    ],
}
