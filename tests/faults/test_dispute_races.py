"""Disputes meet each other, releases, payouts and returns; the races have twins that are lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from storefront import disputing, sales
from storefront.attribution.disputes import opening
from storefront.attribution.disputes.deciding import Decision, Share
from storefront.attribution.disputes.models import (
    Dispute,
    DisputeLine,
    DisputeParty,
    DisputePicture,
    DisputeReason,
    DisputeStatement,
    Outcome,
)
from storefront.attribution.disputes.opening import Objection
from storefront.catalog.models import Product
from storefront.commissions import claiming, payouts
from storefront.commissions.models import CommissionHold
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict
from storefront.orders.placing import PlacedOrder
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.disputing import a_dispute, the_judge
from tests.support.threads import all_at_once

CROWD = 8
pytestmark = pytest.mark.own_app(database_pool_size=2 * CROWD + 2, database_pool_timeout=30.0)


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.the_policy()
    trade.the_plan(hold_days=7)
    return trade.a_seller()


@pytest.fixture
def pots(seller: ShareLink) -> Product:
    return cast.a_product(price=3_000)


def opens(who: Employee, order: PlacedOrder) -> Callable[[], str]:
    actor, objection = cast.actor_of(who), Objection(DisputeReason.MY_CUSTOMER, "…")

    def deed() -> str:
        now = clock.now()
        return disputing.open_dispute(None, order.number, objection, actor, now).public_id

    return deed


def decides(case: str, who: Employee) -> Callable[[], str]:
    given = {1: [Share(10_000, employee=who.number)]}
    decision = Decision(Outcome.UPHELD, "The messages show it.", given)
    return lambda: disputing.decide(case, decision, the_judge(), clock.now()).public_id


def codes_of(answers: list[Any]) -> list[str]:
    return sorted(each.code for each in answers if isinstance(each, Conflict))


def live_lines() -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(DisputeLine.closed_at.is_(None))) or 0


def test_of_many_who_dispute_one_line_at_once_exactly_one_does(
    app: Flask, seller: ShareLink, pots: Product
) -> None:
    order = trade.sell(pots, through=seller)
    crowd = [cast.an_employee() for _ in range(CROWD)]
    answers = all_at_once(app, [opens(each, order) for each in crowd])
    assert len([each for each in answers if isinstance(each, str)]) == 1
    assert codes_of(answers) == ["line_in_dispute"] * (CROWD - 1)
    assert live_lines() == 1
    assert broken() == set()


@contextmanager
def without(index: str, table: Any) -> Generator[None]:
    """Let the database forget a unique index, and have it back afterwards."""
    found = next(each for each in table.__table__.indexes if each.name == index)
    with transaction() as session:
        session.execute(sa.text(f"DROP INDEX {index}"))
    try:
        yield
    finally:
        with transaction() as session:
            tables = (DisputePicture, DisputeStatement, DisputeParty, DisputeLine, Dispute)
            for each in (CommissionHold, *tables):
                session.execute(sa.delete(each))
            found.create(session.connection())


def nobody_waits(monkeypatch: pytest.MonkeyPatch, crowd: int) -> None:
    """The order is not locked, and all have looked before the first writes."""
    together = threading.Barrier(crowd)
    make_id = opening.public_id

    def meet(prefix: str) -> str:
        together.wait(timeout=10)
        return make_id(prefix)

    monkeypatch.setattr(disputing.handling, "lock_by_id", lambda order_id: None)
    monkeypatch.setattr(opening, "public_id", meet)


@pytest.mark.postgresql_only
def test_without_the_orders_lock_the_database_itself_lets_one_through(
    app: Flask, seller: ShareLink, pots: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = trade.sell(pots, through=seller)
    crowd = [cast.an_employee() for _ in range(2)]
    nobody_waits(monkeypatch, 2)
    answers = all_at_once(app, [opens(each, order) for each in crowd])
    assert [type(each) for each in answers if not isinstance(each, str)] == [IntegrityError]
    assert live_lines() == 1


@pytest.mark.postgresql_only
def test_without_lock_and_index_a_line_is_disputed_twice(
    app: Flask, seller: ShareLink, pots: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = trade.sell(pots, through=seller)
    crowd = [cast.an_employee() for _ in range(2)]
    nobody_waits(monkeypatch, 2)
    monkeypatch.setattr(disputing.holds, "place", lambda *_: 0)
    with without("uq_dispute_lines_live_order_line_id", DisputeLine):
        all_at_once(app, [opens(each, order) for each in crowd])
        assert live_lines() == 2


def test_whoever_releases_while_disputes_are_opened_pays_none_of_it(
    app: Flask, seller: ShareLink, pots: Product, clock: SettableClock
) -> None:
    orders = [trade.sell(pots, through=seller) for _ in range(CROWD)]
    opener = cast.an_employee()
    now = clock.advance(timedelta(days=7))
    deeds: list[Callable[[], Any]] = [opens(opener, order) for order in orders]
    answers = all_at_once(app, deeds + [lambda: sales.release(now)] * CROWD)
    assert not [each for each in answers if isinstance(each, Exception)]
    clock.advance(timedelta(days=1))
    with pytest.raises(Conflict, match="nothing_to_pay"):
        sales.draft_payout(clock.now(), SYSTEM, clock.now())
    assert broken() == set()


def test_without_holds_all_of_it_is_paid_while_it_is_disputed(
    app: Flask,
    seller: ShareLink,
    pots: Product,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    orders = [trade.sell(pots, through=seller) for _ in range(CROWD)]
    opener = cast.an_employee()
    monkeypatch.setattr(disputing.holds, "place", lambda *_: 0)
    now = clock.advance(timedelta(days=7))
    deeds: list[Callable[[], Any]] = [opens(opener, order) for order in orders]
    all_at_once(app, deeds + [lambda: sales.release(now)] * CROWD)
    clock.advance(timedelta(days=1))
    assert sales.draft_payout(clock.now(), SYSTEM, clock.now()).total == CROWD * 300
    assert broken() == {"disputed lines are held, and no others"}


@pytest.fixture
def meeting(
    app: Flask,
    seller: ShareLink,
    pots: Product,
    clock: SettableClock,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], list[Any]]:
    """A batch is drafted while a dispute has placed its holds and is not committed yet."""
    order = trade.sell(pots, through=seller)
    opener = cast.an_employee()
    clock.advance(timedelta(days=7))
    sales.release(clock.now())
    now = clock.advance(timedelta(seconds=1))
    placed = threading.Event()

    def linger(*_: Any) -> None:
        placed.set()
        time.sleep(0.5)

    monkeypatch.setattr(disputing, "_tell", linger)

    def drafts() -> Any:
        assert placed.wait(10)
        return payouts.draft(now, "CNY", SYSTEM, now).total

    return lambda: all_at_once(app, [opens(opener, order), drafts])


@pytest.mark.postgresql_only
def test_a_batch_that_waits_for_a_hold_gives_up_what_it_holds(
    meeting: Callable[[], list[Any]],
) -> None:
    _, drafted = meeting()
    assert isinstance(drafted, Conflict)
    assert drafted.code == "nothing_to_pay"
    assert broken() == set()


@pytest.mark.postgresql_only
def test_a_batch_that_looks_only_once_claims_what_is_held(
    meeting: Callable[[], list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "_give_up_held", lambda _: None)
    assert meeting()[1] == 300


def test_a_case_is_decided_once_however_many_decide_it(
    app: Flask, seller: ShareLink, pots: Product
) -> None:
    order = trade.sell(pots, through=seller)
    opener = cast.an_employee()
    case = a_dispute(opener, order).public_id
    answers = all_at_once(app, [decides(case, opener)] * CROWD)
    assert codes_of(answers) == ["dispute_over"] * (CROWD - 1)
    assert broken() == set()


def test_goods_come_back_while_it_is_decided_and_withdrawn(
    app: Flask, seller: ShareLink, pots: Product
) -> None:
    orders = [trade.sell({pots.variants[0]: 3}, through=seller) for _ in range(4)]
    opener = cast.an_employee()
    cases = [a_dispute(opener, order).public_id for order in orders]
    actor = cast.actor_of(opener)
    now = clock.now()

    def comes_back(order: PlacedOrder) -> Callable[[], Any]:
        return lambda: sales.take_back(order.public_id, {1: 1}, "", SYSTEM, now)

    def is_withdrawn(case: str) -> Callable[[], Any]:
        return lambda: disputing.withdraw(case, actor, now)

    deeds = [comes_back(order) for order in orders * 2]
    deeds += [decides(case, opener) for case in cases] + [is_withdrawn(case) for case in cases]
    answers = all_at_once(app, deeds)
    assert codes_of(answers) == ["dispute_over"] * 4
    assert len([each for each in answers if isinstance(each, Exception)]) == 4
    assert broken() == set()
