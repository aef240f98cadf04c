"""Scans and answers meet each other: a line is found once, and a case ends once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from storefront import sales
from storefront.attribution.rules import Policy
from storefront.attribution.rules.policy import Treatment
from storefront.commissions import book
from storefront.commissions.fraud_models import CaseOutcome, FraudCase, FraudOccurrence
from storefront.core import clock
from storefront.core.actor import Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict
from storefront.fraud import cases, scan
from storefront.fraud.cases import Answer
from storefront.sharing.models import ShareLink
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.threads import all_at_once

CROWD = 6
LINES = 4
PHONE = "+8613900000001"
pytestmark = pytest.mark.own_app(database_pool_size=2 * CROWD + 2, database_pool_timeout=30.0)


@pytest.fixture
def link(app: Flask) -> ShareLink:
    trade.the_policy(Policy(window_days=30, own_purchase=Treatment.ALLOW))
    trade.the_plan(hold_days=0)
    found = cast.a_link(cast.a_shop(cast.an_employee(phone=PHONE)))
    for _ in range(LINES):
        trade.sell(cast.a_product(price=1_000), through=found, phone=PHONE)
    return found


def looks() -> int:
    return scan.scan(clock.now(), whole=True)


def test_many_who_scan_at_once_find_each_line_once(app: Flask, link: ShareLink) -> None:
    answers = all_at_once(app, [looks] * CROWD)
    assert sum(each for each in answers if isinstance(each, int)) == LINES
    assert not [each for each in answers if isinstance(each, Exception)]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FraudOccurrence)) == LINES
    assert db.session.scalar(sa.select(sa.func.count()).select_from(FraudCase)) == 1
    assert broken() == set()


def test_without_looking_again_somebody_would_find_a_line_twice(
    app: Flask, link: ShareLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything(_found: Any, line_ids: Sequence[int]) -> list[int]:
        return list(line_ids)

    monkeypatch.setattr(scan, "_unknown", everything)
    answers = all_at_once(app, [looks] * CROWD)
    assert [type(each) for each in answers].count(IntegrityError) == CROWD - 1


def test_a_case_ends_once_however_many_approve_it(app: Flask, link: ShareLink) -> None:
    looks()
    case = db.session.scalars(sa.select(FraudCase.public_id)).one()
    took = Answer(CaseOutcome.CONFIRMED, "admitted", takes_back=True)
    cases.answer(case, took, Actor(role=Role.HQ_OPERATIONS), clock.now())
    seconds = [cast.actor_of(cast.an_employee(role=Role.HQ_FINANCE)) for _ in range(CROWD)]

    def approves(second: Actor) -> str:
        return cases.approve(case, second, clock.now()).public_id

    deeds = [lambda second=each: approves(second) for each in seconds]
    answers = all_at_once(app, deeds)
    assert answers.count(case) == 1
    refused = [each.code for each in answers if isinstance(each, Conflict)]
    assert refused == ["case_closed"] * (CROWD - 1)
    assert book.balance_of(link.employee_id).held == 0
    assert broken() == set()


def test_scans_beside_releases_leave_the_books_sound(
    app: Flask, link: ShareLink, clock: SettableClock
) -> None:
    def releases() -> int:
        return sales.release(clock.now())

    answers = all_at_once(app, [looks, releases] * (CROWD // 2))
    assert not [each for each in answers if isinstance(each, Exception)]
    balance = book.balance_of(link.employee_id)
    assert balance.held + balance.payable == 100 * LINES
    assert broken() == set()
