"""Payout batches: claimed once, seen by two people, paid to the cent."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.commissions import book, payouts, payroll
from storefront.commissions.models import BatchState, LedgerEntry, Payout, PayoutBatch
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, DomainError
from storefront.sharing.models import ShareLink
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.threads import all_at_once


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as error:
        deed()
    db.session.rollback()
    return error.value.code


@pytest.fixture
def maker(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee("F1", role=Role.HQ_FINANCE))


@pytest.fixture
def checker(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee("F2", role=Role.HQ_FINANCE))


@pytest.fixture
def sellers(app: Flask) -> list[ShareLink]:
    trade.open_for_trade()
    return [trade.a_seller(f"E{number}") for number in (1, 2, 3)]


@pytest.fixture
def due(sellers: list[ShareLink], clock: SettableClock) -> list[ShareLink]:
    """Each of the three has something to come: 100, 200 and 300."""
    for rank, seller in enumerate(sellers, start=1):
        trade.sell(cast.a_product(price=1_000 * rank), through=seller)
    clock.advance(timedelta(days=31))
    return sellers


def amounts(batch: PayoutBatch) -> dict[int, int]:
    rows = db.session.execute(
        sa.select(Payout.employee_id, Payout.amount).where(Payout.batch_id == batch.id)
    )
    return {row.employee_id: row.amount for row in rows}


def draft(clock: SettableClock, actor: Actor = SYSTEM) -> PayoutBatch:
    return sales.draft_payout(clock.now(), actor, clock.now())


def test_a_batch_pays_everybody_what_fell_due(due: list[ShareLink], clock: SettableClock) -> None:
    batch = draft(clock)
    assert (batch.state, batch.payees, batch.total) == (BatchState.DRAFT, 3, 600)
    assert amounts(batch) == {
        seller.employee_id: 100 * rank for rank, seller in enumerate(due, start=1)
    }


def test_what_falls_due_at_the_cutoff_itself_waits_for_the_next_batch(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    trade.sell(cast.a_product(), through=sellers[0])
    at_due = clock.advance(timedelta(days=30))
    assert refused(lambda: sales.draft_payout(at_due, SYSTEM, clock.now())) == "nothing_to_pay"
    after = clock.advance(timedelta(microseconds=1))
    assert sales.draft_payout(after, SYSTEM, clock.now()).payees == 1


def test_a_cutoff_lies_not_in_the_future(due: list[ShareLink], clock: SettableClock) -> None:
    later = clock.now() + timedelta(seconds=1)
    assert refused(lambda: sales.draft_payout(later, SYSTEM, clock.now())) == "cutoff_in_the_future"


def test_whoever_owes_keeps_the_debt_and_is_not_paid(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    order = trade.sell(cast.a_product(price=1_000), through=sellers[0])
    clock.advance(timedelta(days=31))
    first = draft(clock)
    payouts.approve(first.public_id, SYSTEM, clock.now())
    sales.pay_out(first.public_id, clock.now())
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    trade.sell(cast.a_product(price=400), through=sellers[0])
    trade.sell(cast.a_product(price=700), through=sellers[1])
    clock.advance(timedelta(days=31))
    assert amounts(draft(clock)) == {sellers[1].employee_id: 70}
    assert book.balance_of(sellers[0].employee_id).payable == -60


def test_nobody_approves_what_they_drafted(
    due: list[ShareLink], maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    batch = draft(clock, maker)
    assert refused(lambda: payouts.approve(batch.public_id, maker, clock.now())) == "four_eyes"
    approved = payouts.approve(batch.public_id, checker, clock.now())
    assert approved.state is BatchState.APPROVED
    assert (approved.approved_by_id, approved.approved_at) == (checker.employee_id, clock.now())


def test_a_batch_is_paid_once_and_only_after_approval(
    due: list[ShareLink], checker: Actor, clock: SettableClock
) -> None:
    name = draft(clock).public_id
    assert refused(lambda: sales.pay_out(name, clock.now())) == "batch_not_approved"
    payouts.approve(name, checker, clock.now())
    assert refused(lambda: payouts.approve(name, checker, clock.now())) == "batch_not_draft"
    paid = sales.pay_out(name, clock.now())
    assert (paid.state, paid.paid_at) == (BatchState.PAID, clock.now())
    assert refused(lambda: sales.pay_out(name, clock.now())) == "batch_not_approved"
    assert refused(lambda: payouts.discard(name, clock.now())) == "batch_over"
    assert [book.balance_of(seller.employee_id).paid for seller in due] == [100, 200, 300]
    assert [book.balance_of(seller.employee_id).payable for seller in due] == [0, 0, 0]


@pytest.mark.parametrize("approved", [False, True])
def test_a_discarded_batch_gives_free_what_it_claimed(
    due: list[ShareLink], clock: SettableClock, approved: bool
) -> None:
    first = draft(clock)
    if approved:
        payouts.approve(first.public_id, SYSTEM, clock.now())
    assert refused(lambda: draft(clock)) == "nothing_to_pay"
    assert payouts.discard(first.public_id, clock.now()).state is BatchState.DISCARDED
    assert (
        refused(lambda: payouts.approve(first.public_id, SYSTEM, clock.now())) == "batch_not_draft"
    )
    second = draft(clock)
    assert second.total == 600


def test_a_return_while_a_batch_is_prepared_is_settled_by_the_next_one(
    due: list[ShareLink], clock: SettableClock
) -> None:
    order = trade.sell(cast.a_product(price=5_000), through=due[0])
    clock.advance(timedelta(days=31))
    batch = draft(clock)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    balance = book.balance_of(due[0].employee_id)
    assert (balance.payable, balance.paid) == (-500, 600)


def test_the_payroll_file_is_there_once_approved_and_adds_up(
    due: list[ShareLink], clock: SettableClock
) -> None:
    batch = draft(clock)
    assert refused(lambda: payroll.payroll_csv(batch)) == "batch_not_approved"
    approved = payouts.approve(batch.public_id, SYSTEM, clock.now())
    file = payroll.payroll_csv(approved)
    assert file.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    assert [(row["employee_number"], row["amount"], row["currency"]) for row in rows] == [
        ("E1", "1.00", "CNY"),
        ("E2", "2.00", "CNY"),
        ("E3", "3.00", "CNY"),
    ]
    assert {row["batch"] for row in rows} == {batch.public_id}
    assert payroll.payroll_csv(approved) == file


def test_there_is_no_such_batch(app: Flask, clock: SettableClock) -> None:
    assert refused(lambda: payouts.find("bat_nothing")) == "batch_not_found"
    assert refused(lambda: payouts.approve("bat_nothing", SYSTEM, clock.now())) == "batch_not_found"


def test_two_drafts_at_once_never_claim_the_same(
    app: Flask, due: list[ShareLink], clock: SettableClock
) -> None:
    sales.release(clock.now())
    now = clock.now()
    answers = all_at_once(app, [lambda: sales.draft_payout(now, SYSTEM, now).total] * 4)
    assert all(isinstance(answer, int | Conflict) for answer in answers)
    assert sum(answer for answer in answers if isinstance(answer, int)) == 600
    claimed = db.session.scalar(
        sa.select(sa.func.sum(LedgerEntry.amount)).where(LedgerEntry.payout_id.is_not(None))
    )
    assert int(claimed or 0) == 600
    assert broken() == set()


def test_a_batch_paid_by_two_at_once_is_paid_once(
    app: Flask, due: list[ShareLink], clock: SettableClock
) -> None:
    name = draft(clock).public_id
    payouts.approve(name, SYSTEM, clock.now())
    now = clock.now()
    answers = all_at_once(app, [lambda: sales.pay_out(name, now).state] * 4)
    assert sum(answer is BatchState.PAID for answer in answers) == 1
    assert sum(book.balance_of(seller.employee_id).paid for seller in due) == 600
