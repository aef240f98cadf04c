"""The close: every entry claimed once, every employee stated, late ones in the next period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import NoResultFound

from storefront import sales
from storefront.commissions import closing, payouts, periods
from storefront.commissions.models import LedgerEntry
from storefront.commissions.period_models import Period, PeriodState
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import DomainError
from storefront.sharing.models import ShareLink
from tests.support import cast, trade
from tests.support.books import broken

APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
"""April begins in Shanghai."""
MAY = datetime(2026, 4, 30, 16, 0, tzinfo=UTC)


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as error:
        deed()
    db.session.rollback()
    return error.value.code


@pytest.fixture
def sellers(app: Flask) -> list[ShareLink]:
    trade.open_for_trade()
    return [trade.a_seller(f"E{number}") for number in (1, 2, 3)]


def close(name: str, clock: SettableClock) -> Period:
    return sales.close_period(name, SYSTEM, clock.now())


def statement_of(seller: ShareLink, name: str) -> Statement:
    return db.session.scalars(
        sa.select(Statement)
        .join(Period, Period.id == Statement.period_id)
        .where(Statement.employee_id == seller.employee_id, Period.name == name)
        .execution_options(populate_existing=True)
    ).one()


def figures(seller: ShareLink, name: str) -> tuple[int, ...]:
    """opening, earned, reversed, adjusted + settled, paid, held, payable."""
    found = statement_of(seller, name)
    return (
        found.opening,
        found.earned,
        found.reversed,
        found.adjusted + found.settled,
        found.paid,
        found.closing_held,
        found.closing_payable,
    )


def pay(clock: SettableClock) -> None:
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())


def test_a_period_is_a_month_of_the_chains_own_calendar(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    assert periods.open_due(clock.now()) == 0
    assert periods.listed(None, 10) == []
    trade.sell(cast.a_product(), through=sellers[0])
    assert periods.open_due(clock.now()) == 1
    clock.set(APRIL)
    assert periods.open_due(clock.now()) == 1
    assert periods.open_due(clock.now()) == 0
    april, march = periods.listed(None, 10)
    assert (march.name, march.ends_at, march.state) == ("2026-03", APRIL, PeriodState.OPEN)
    assert (april.name, april.starts_at, april.ends_at) == ("2026-04", APRIL, MAY)


def test_each_gets_a_statement_that_adds_up(sellers: list[ShareLink], clock: SettableClock) -> None:
    goods = cast.a_product(price=1_000)
    order = trade.sell({goods.variants[0]: 4}, through=sellers[0])
    trade.sell({goods.variants[0]: 2}, through=sellers[1])
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(APRIL)
    march = close("2026-03", clock)
    assert (march.state, march.statements, march.earned, march.reversed, march.closing) == (
        PeriodState.CLOSED,
        2,
        600,
        100,
        500,
    )
    assert figures(sellers[0], "2026-03") == (0, 400, 100, 0, 0, 300, 0)
    assert figures(sellers[1], "2026-03") == (0, 200, 0, 0, 0, 200, 0)
    with pytest.raises(NoResultFound):
        statement_of(sellers[2], "2026-03")
    clock.advance(timedelta(days=10))
    sales.release(clock.now())
    pay(clock)
    clock.set(MAY)
    close("2026-04", clock)
    assert figures(sellers[0], "2026-04") == (300, 0, 0, 0, 300, 0, 0)
    assert statement_of(sellers[0], "2026-04").released == 300
    assert broken() == set()


def test_whoever_brings_only_a_balance_along_gets_a_statement_too(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    trade.sell(cast.a_product(price=1_000), through=sellers[0])
    clock.set(APRIL)
    close("2026-03", clock)
    clock.set(MAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sales, "release", lambda now: 0)
        close("2026-04", clock)
    assert figures(sellers[0], "2026-04") == (100, 0, 0, 0, 0, 100, 0)
    assert statement_of(sellers[0], "2026-04").plan_versions == []


def test_a_debt_is_carried_in_sight(sellers: list[ShareLink], clock: SettableClock) -> None:
    order = trade.sell(cast.a_product(price=1_000), through=sellers[0])
    clock.advance(timedelta(days=29, hours=20))
    clock.advance(timedelta(days=1))
    pay(clock)
    close("2026-03", clock)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(MAY)
    close("2026-04", clock)
    assert figures(sellers[0], "2026-03") == (0, 100, 0, 0, 0, 100, 0)
    assert figures(sellers[0], "2026-04") == (100, 0, 100, 0, 100, 0, -100)


def test_what_comes_late_falls_into_the_next_close(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    trade.sell(cast.a_product(price=1_000), through=sellers[0])
    clock.set(APRIL)
    close("2026-03", clock)
    clock.set(APRIL - timedelta(minutes=5))
    trade.sell(cast.a_product(price=2_000), through=sellers[0])
    clock.set(MAY)
    close("2026-04", clock)
    assert figures(sellers[0], "2026-03") == (0, 100, 0, 0, 0, 100, 0)
    assert figures(sellers[0], "2026-04")[:2] == (100, 200)


def test_what_happens_at_the_end_itself_belongs_to_the_next_period(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    clock.set(APRIL - timedelta(microseconds=1))
    trade.sell(cast.a_product(price=1_000), through=sellers[0])
    clock.set(APRIL)
    trade.sell(cast.a_product(price=2_000), through=sellers[0])
    close("2026-03", clock)
    assert figures(sellers[0], "2026-03")[1] == 100


def test_a_period_closes_after_its_end_in_order_and_once(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    trade.sell(cast.a_product(), through=sellers[0])
    assert refused(lambda: close("2026-02", clock)) == "period_not_found"
    assert refused(lambda: close("2026-03", clock)) == "period_not_over"
    clock.set(MAY)
    assert refused(lambda: close("2026-04", clock)) == "earlier_period_open"
    close("2026-03", clock)
    assert refused(lambda: close("2026-03", clock)) == "period_closed"
    assert close("2026-04", clock).state is PeriodState.CLOSED


@pytest.mark.parametrize("approved", [False, True])
def test_nothing_closes_while_a_batch_is_out(
    sellers: list[ShareLink], clock: SettableClock, approved: bool
) -> None:
    trade.sell(cast.a_product(price=1_000), through=sellers[0])
    clock.advance(timedelta(days=31))
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    if approved:
        payouts.approve(batch.public_id, SYSTEM, clock.now())
    with pytest.raises(DomainError, match=batch.public_id) as error:
        close("2026-03", clock)
    assert error.value.code == "batch_out"
    assert periods.find("2026-03").state is PeriodState.OPEN
    payouts.discard(batch.public_id, clock.now())
    assert close("2026-03", clock).state is PeriodState.CLOSED


def test_no_batch_is_drafted_while_a_period_is_closing(
    sellers: list[ShareLink], clock: SettableClock
) -> None:
    trade.sell(cast.a_product(price=1_000), through=sellers[0])
    clock.advance(timedelta(days=31))
    closing.begin("2026-03", SYSTEM, clock.now())
    deed = lambda: sales.draft_payout(clock.now(), SYSTEM, clock.now())  # noqa: E731
    assert refused(deed) == "period_closing"
    close("2026-03", clock)
    assert deed().payees == 1


def test_a_close_that_stopped_anywhere_is_finished_without_counting_twice(
    sellers: list[ShareLink], clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closing, "AT_ONCE", 1)
    for rank, seller in enumerate(sellers, 1):
        trade.sell(cast.a_product(price=1_000 * rank), through=seller)
    clock.set(APRIL)
    closing.begin("2026-03", SYSTEM, clock.now())
    claim = closing._claim
    monkeypatch.setattr(closing, "_claim", lambda *_: (claim(*_), 1 / 0))
    with pytest.raises(ZeroDivisionError):
        closing.take_a_step("2026-03", SYSTEM, clock.now())
    monkeypatch.setattr(closing, "_claim", claim)
    assert closing.take_a_step("2026-03", SYSTEM, clock.now()) == 1
    trade.sell(cast.a_product(price=9_000), through=sellers[0])
    done: list[int] = []
    sales.close_period("2026-03", SYSTEM, clock.now(), done.append)
    assert sum(done) == 2
    assert [figures(seller, "2026-03")[1] for seller in sellers] == [100, 200, 300]
    open_entries = db.session.scalar(
        sa.select(sa.func.count()).where(LedgerEntry.period_id.is_(None))
    )
    assert open_entries == 2
    assert broken() == set()
