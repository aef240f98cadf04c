"""Adjustments: two people, a reason, and an entry of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from storefront import sales
from storefront.commissions import adjustments, book, payouts, periods, statements
from storefront.commissions.adjustment_models import (
    Adjustment,
    AdjustmentKind,
    AdjustmentState,
)
from storefront.commissions.adjustments import NewAdjustment
from storefront.commissions.statement_lines import LineKind
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import DomainError
from storefront.staff.models import Employee, Role
from tests.support import cast
from tests.support.books import broken
from tests.support.threads import all_at_once

APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as error:
        deed()
    db.session.rollback()
    return error.value.code


@pytest.fixture
def seller(app: Flask) -> Employee:
    return cast.an_employee("E1")


@pytest.fixture
def maker(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee("F1", role=Role.HQ_FINANCE))


@pytest.fixture
def checker(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee("F2", role=Role.HQ_FINANCE))


def proposed(
    maker: Actor,
    clock: SettableClock,
    amount: int = 500,
    kind: AdjustmentKind = AdjustmentKind.BONUS,
) -> Adjustment:
    new = NewAdjustment("E1", kind, amount, "For the opening night.")
    return adjustments.propose(new, maker, clock.now())


def test_it_is_in_the_book_once_a_second_person_approves(
    seller: Employee, maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    name = proposed(maker, clock).public_id
    assert book.balance_of(seller.id).payable == 0
    assert refused(lambda: adjustments.approve(name, maker, clock.now())) == "four_eyes"
    approved = adjustments.approve(name, checker, clock.now())
    assert approved.state is AdjustmentState.APPROVED
    assert book.balance_of(seller.id).payable == 500
    again = refused(lambda: adjustments.approve(name, checker, clock.now()))
    assert again == "adjustment_decided"
    assert broken() == set()


def test_it_is_paid_and_stated_with_its_reason(
    seller: Employee, maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    adjustments.approve(proposed(maker, clock).public_id, checker, clock.now())
    recovery = proposed(maker, clock, -200, AdjustmentKind.RECOVERY)
    adjustments.approve(recovery.public_id, checker, clock.now())
    clock.set(APRIL)
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    assert batch.total == 300
    payouts.approve(batch.public_id, checker, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    sales.close_period("2026-03", SYSTEM, clock.now())
    (statement,) = statements.of_period(periods.find("2026-03"), None, 10)
    assert (statement.adjusted, statement.closing) == (300, 300)
    lines = statements.lines_of(statement)
    assert [(line.kind, line.amount, line.reason) for line in lines] == [
        (LineKind.ADJUSTMENT, 500, "For the opening night."),
        (LineKind.ADJUSTMENT, -200, "For the opening night."),
    ]
    assert lines[1].adjustment_kind is AdjustmentKind.RECOVERY
    assert broken() == set()


def test_whoever_proposed_it_withdraws_it_and_another_rejects_it(
    seller: Employee, maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    first, second = proposed(maker, clock).public_id, proposed(maker, clock).public_id
    assert refused(lambda: adjustments.withdraw(first, checker, clock.now())) == "not_yours"
    assert adjustments.withdraw(first, maker, clock.now()).state is AdjustmentState.WITHDRAWN
    assert refused(lambda: adjustments.reject(second, "", maker, clock.now())) == "four_eyes"
    rejected = adjustments.reject(second, "Not agreed.", checker, clock.now())
    assert (rejected.state, rejected.decision_note) == (AdjustmentState.REJECTED, "Not agreed.")
    for name in (first, second):
        late = refused(lambda name=name: adjustments.approve(name, checker, clock.now()))
        assert late == "adjustment_decided"
    assert book.balance_of(seller.id).payable == 0
    assert broken() == set()


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        (AdjustmentKind.BONUS, -1),
        (AdjustmentKind.RECOVERY, 1),
        (AdjustmentKind.CORRECTION, 0),
        (AdjustmentKind.CORRECTION, 10**16),
    ],
)
def test_an_amount_that_makes_no_sense_is_refused(
    seller: Employee, maker: Actor, clock: SettableClock, kind: AdjustmentKind, amount: int
) -> None:
    assert refused(lambda: proposed(maker, clock, amount, kind)) == "wrong_amount"


def test_nobody_adjusts_their_own(maker: Actor, checker: Actor, clock: SettableClock) -> None:
    new = NewAdjustment("F1", AdjustmentKind.BONUS, 1, "For me.")
    assert refused(lambda: adjustments.propose(new, maker, clock.now())) == "own_adjustment"
    name = adjustments.propose(new, checker, clock.now()).public_id
    assert refused(lambda: adjustments.approve(name, maker, clock.now())) == "own_adjustment"


def test_approved_by_many_at_once_it_is_posted_once(
    app: Flask, seller: Employee, maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    name, now = proposed(maker, clock).public_id, clock.now()
    answers = all_at_once(app, [lambda: adjustments.approve(name, checker, now).state] * 4)
    assert sum(answer is AdjustmentState.APPROVED for answer in answers) == 1
    assert book.balance_of(seller.id).payable == 500
