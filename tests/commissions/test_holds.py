"""Holds on commission: what is on hold stays where it is until somebody lifts it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from storefront import sales
from storefront.commissions import book, holds, payouts, service
from storefront.commissions.models import Accrual, CommissionHold, HoldKind, LedgerEntry
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict
from storefront.sharing.models import ShareLink
from tests.support import cast, trade

FINANCE = Actor(role="hq_finance")


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.the_policy()
    trade.the_plan(hold_days=7)
    return trade.a_seller()


def lines_of(seller: ShareLink) -> list[int]:
    return list(
        db.session.scalars(
            sa.select(Accrual.order_line_id)
            .where(Accrual.employee_id == seller.employee_id)
            .order_by(Accrual.id)
        )
    )


def place(lines: list[int], clock: SettableClock) -> int:
    with transaction():
        return holds.place(lines, HoldKind.DISPUTE, "for a test", FINANCE, clock.now())


def lift(lines: list[int], clock: SettableClock) -> int:
    with transaction():
        return holds.lift(lines, HoldKind.DISPUTE, FINANCE, clock.now())


def stand_of(seller: ShareLink) -> tuple[int, int]:
    balance = book.balance_of(seller.employee_id)
    return balance.held, balance.payable


def test_a_hold_never_lifts_itself_and_writes_nothing_into_the_book(
    seller: ShareLink, clock: SettableClock
) -> None:
    trade.sell(cast.a_product(price=1_000), through=seller)
    entries = sa.select(sa.func.count()).select_from(LedgerEntry)
    before = db.session.scalar(entries)
    assert place(lines_of(seller), clock) == 1
    clock.advance(timedelta(days=3_650))
    assert sales.release(clock.now()) == 0
    assert db.session.scalar(entries) == before
    assert lift(lines_of(seller), clock) == 1
    assert sales.release(clock.now()) == 1
    assert stand_of(seller) == (0, 100)


def test_others_are_released_past_what_is_on_hold(
    seller: ShareLink, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RELEASE_AT_ONCE", 2)
    for _ in range(5):
        trade.sell(cast.a_product(price=1_000), through=seller)
    place(lines_of(seller)[:3], clock)
    clock.advance(timedelta(days=7))
    assert sales.release(clock.now()) == 2
    assert stand_of(seller) == (300, 200)


def test_a_second_hold_of_a_kind_is_the_first_and_the_database_knows_no_two(
    seller: ShareLink, clock: SettableClock
) -> None:
    trade.sell(cast.a_product(price=1_000), through=seller)
    assert place(lines_of(seller), clock) == 1
    assert place(lines_of(seller), clock) == 0
    [hold] = db.session.scalars(sa.select(CommissionHold)).all()
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(
            sa.insert(CommissionHold).values(
                accrual_id=hold.accrual_id,
                kind=HoldKind.DISPUTE,
                reason="again",
                placed_at=clock.now(),
            )
        )
    lift(lines_of(seller), clock)
    assert place(lines_of(seller), clock) == 1, "once lifted it may be placed anew"


def test_what_is_owed_back_on_hold_waits_with_what_is_owed(
    seller: ShareLink, clock: SettableClock
) -> None:
    kept = trade.sell({cast.a_product(price=1_000).variants[0]: 2}, through=seller)
    trade.sell(cast.a_product(price=3_000), through=seller)
    clock.advance(timedelta(days=8))
    sales.release(clock.now())
    place(lines_of(seller)[:1], clock)
    sales.take_back(kept.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.advance(timedelta(seconds=1))
    batch = payouts.draft(clock.now(), "CNY", SYSTEM, clock.now())
    assert batch.total == 300
    payouts.discard(batch.public_id, clock.now())
    lift(lines_of(seller)[:1], clock)
    assert payouts.draft(clock.now(), "CNY", SYSTEM, clock.now()).total == 300 + 100


def test_a_batch_of_nothing_but_what_is_on_hold_pays_nobody(
    seller: ShareLink, clock: SettableClock
) -> None:
    trade.sell(cast.a_product(price=1_000), through=seller)
    clock.advance(timedelta(days=8))
    sales.release(clock.now())
    place(lines_of(seller), clock)
    with pytest.raises(Conflict, match="nothing_to_pay"):
        payouts.draft(clock.now(), "CNY", SYSTEM, clock.now())
