"""Sales, returns, holds, closes, payouts that fail: in whatever order, the books hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from storefront import payday, sales
from storefront.commissions import (
    adjustments,
    closing,
    holds,
    payouts,
    periods,
    reconciliation,
    statements,
)
from storefront.commissions.adjustment_models import AdjustmentKind
from storefront.commissions.adjustments import NewAdjustment
from storefront.commissions.models import BatchState, HoldKind, Payout, PayoutBatch, PayoutState
from storefront.commissions.period_models import PeriodState
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import DomainError
from storefront.integrations.transfers.base import (
    Transfer,
    TransferAnswer,
    TransferStatus,
    TransferUnanswered,
)
from storefront.orders.models import OrderLine
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.books import broken

OTHER_PERSON = Actor(role="hq_finance")
MOODS = ("paid", "failed", "accepted", "lost", "lost_unpaid")


class Bank:
    """Answers as its mood is; what it has paid under a number it pays once."""

    name = "bank"

    def __init__(self) -> None:
        self.mood = "paid"
        self.known: dict[str, TransferStatus] = {}
        self.paid: list[str] = []

    def send(self, transfer: Transfer, now: datetime) -> TransferAnswer:
        if self.mood == "lost_unpaid":
            raise TransferUnanswered("no route")
        if transfer.reference not in self.known:
            status = TransferStatus.PAID if self.mood == "lost" else TransferStatus(self.mood)
            self._becomes(transfer.reference, status)
        if self.mood == "lost":
            raise TransferUnanswered("timed out")
        return TransferAnswer(self.known[transfer.reference], "")

    def find(self, reference: str) -> TransferAnswer | None:
        if self.mood.startswith("lost"):
            raise TransferUnanswered("timed out")
        status = self.known.get(reference)
        if status is TransferStatus.ACCEPTED:
            status = self._becomes(reference, TransferStatus.PAID)
        return TransferAnswer(status, "") if status else None

    def _becomes(self, reference: str, status: TransferStatus) -> TransferStatus:
        self.known[reference] = status
        if status is TransferStatus.PAID:
            self.paid.append(reference)
        return status


class Months(RuleBasedStateMachine):
    """Two sellers, finance and a bank; every rule is something that really happens."""

    clock: SettableClock
    sellers: list[ShareLink]
    goods: Any

    @initialize()
    def a_bank_opens(self) -> None:
        self.bank = Bank()
        self.orders: list[str] = []

    @rule(seller=st.integers(0, 1), pieces=st.integers(1, 5))
    def somebody_buys(self, seller: int, pieces: int) -> None:
        order = trade.sell({self.goods: pieces}, through=self.sellers[seller])
        self.orders.append(order.public_id)

    @rule(which=st.integers(0, 99), pieces=st.integers(1, 5))
    def goods_come_back(self, which: int, pieces: int) -> None:
        if self.orders:
            order = self.orders[which % len(self.orders)]
            self.tries(lambda: sales.take_back(order, {1: pieces}, "", SYSTEM, self.clock.now()))

    @rule(which=st.integers(0, 99), lifted=st.booleans())
    def a_line_is_held_or_let_go(self, which: int, *, lifted: bool) -> None:
        lines = db.session.scalars(sa.select(OrderLine.id).order_by(OrderLine.id)).all()
        if lines:
            line, now = lines[which % len(lines)], self.clock.now()
            with transaction():
                if lifted:
                    holds.lift([line], HoldKind.FRAUD, SYSTEM, now)
                else:
                    holds.place([line], HoldKind.FRAUD, "…", SYSTEM, now)

    @rule(days=st.sampled_from([1, 8, 33]))
    def time_passes(self, days: int) -> None:
        sales.release(self.clock.advance(timedelta(days=days)))
        assert broken() == set()

    @rule(seller=st.integers(0, 1), amount=st.integers(-300, 300), agreed=st.booleans())
    def finance_adjusts(self, seller: int, amount: int, *, agreed: bool) -> None:
        owner = db.session.get_one(Employee, self.sellers[seller].employee_id)
        new = NewAdjustment(owner.number, AdjustmentKind.CORRECTION, amount, "…")

        def adjust() -> None:
            made = adjustments.propose(new, SYSTEM, self.clock.now()).public_id
            decide = adjustments.approve if agreed else _reject
            decide(made, OTHER_PERSON, self.clock.now())

        self.tries(adjust)

    @rule()
    def finance_drafts(self) -> None:
        now = self.clock.now()
        self.tries(lambda: sales.draft_payout(now, SYSTEM, now))

    @rule(deed=st.sampled_from(["approve", "remove", "discard", "paid", "submit"]))
    def finance_goes_on(self, deed: str) -> None:
        batch, now = self._batch(BatchState.DRAFT, BatchState.APPROVED), self.clock.now()
        if batch is None:
            return
        if deed == "remove":
            payout = db.session.scalar(sa.select(sa.func.min(Payout.public_id)))
            self.tries(lambda: payouts.remove(batch, payout or "", "…", OTHER_PERSON, now))
            return
        deeds = {
            "approve": lambda: payouts.approve(batch, OTHER_PERSON, now),
            "discard": lambda: payouts.discard(batch, now),
            "paid": lambda: sales.pay_out(batch, now),
            "submit": lambda: payday.submit(batch, self.bank, SYSTEM, now),
        }
        self.tries(deeds[deed])

    @rule(mood=st.sampled_from(MOODS), asked=st.booleans())
    def the_bank_is_heard(self, mood: str, *, asked: bool) -> None:
        self.bank.mood = mood
        batch = self._batch(BatchState.SUBMITTED)
        if batch:
            (payday.ask if asked else payday.send)(batch, self.bank, self.clock.now())

    @rule(which=st.integers(0, 99))
    def money_comes_back(self, which: int) -> None:
        paid = db.session.scalars(
            sa.select(Payout.public_id).where(Payout.state == PayoutState.PAID).order_by(Payout.id)
        ).all()
        if paid:
            answer = TransferAnswer(TransferStatus.RETURNED, "account closed")
            with transaction():
                payday.take_in(paid[which % len(paid)], answer, self.clock.now())

    @rule(steps=st.integers(0, 3))
    def a_close_begins_and_stops(self, steps: int) -> None:
        name = self._period(PeriodState.OPEN)
        if name and self.tries(lambda: closing.begin(name, SYSTEM, self.clock.now())):
            for _ in range(steps):
                closing.take_a_step(name, SYSTEM, self.clock.now())

    @rule()
    def a_close_ends(self) -> None:
        name = self._period(PeriodState.CLOSING, PeriodState.OPEN)
        now = self.clock.now()
        if name and self.tries(lambda: sales.close_period(name, SYSTEM, now)):
            assert reconciliation.reconcile(periods.find(name)).difference == 0

    @rule(which=st.integers(0, 99))
    def a_name_was_wrong(self, which: int) -> None:
        codes = db.session.scalars(sa.select(Statement.code).order_by(Statement.id)).all()
        if codes:
            code = codes[which % len(codes)]
            self.tries(lambda: statements.reissue(code, "…", SYSTEM, self.clock.now()))

    def _batch(self, *states: BatchState) -> str | None:
        return db.session.scalar(
            sa.select(PayoutBatch.public_id).where(PayoutBatch.state.in_(states)).limit(1)
        )

    def _period(self, *states: PeriodState) -> str | None:
        periods.open_due(self.clock.now())
        unclosed = [each for each in periods.listed(None, 99) if each.state in states]
        return unclosed[-1].name if unclosed else None

    def tries(self, deed: Any) -> bool:
        """Do it, or be refused with a stable code: nothing in between. Whether it was done."""
        try:
            deed()
        except DomainError:
            db.session.rollback()
            return False
        return True

    def teardown(self) -> None:
        assert len(self.bank.paid) == len(set(self.bank.paid))
        assert broken() == set()


def _reject(adjustment_id: str, actor: Actor, now: datetime) -> None:
    adjustments.reject(adjustment_id, "…", actor, now)


def test_the_books_hold_whatever_the_months_bring(
    app: Flask, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "AT_ONCE", 1)
    trade.the_policy()
    trade.the_plan(hold_days=7)
    Months.clock = clock
    Months.sellers = [trade.a_seller(), trade.a_seller()]
    Months.goods = cast.a_product(price=1_999).variants[0]
    run_state_machine_as_test(
        Months,
        settings=settings(
            max_examples=4,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            derandomize=True,
        ),
    )
