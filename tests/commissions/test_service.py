"""Commission from sale to payday: accrued, held, released, taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog.models import Variant
from storefront.commissions import book, payouts, service
from storefront.commissions.models import Accrual, LedgerEntry
from storefront.commissions.terms import NewRule
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.orders.placing import PlacedOrder
from storefront.sharing.models import ShareLink
from tests.support import cast, trade
from tests.support.threads import all_at_once


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.open_for_trade()
    return trade.a_seller()


@pytest.fixture
def pots(seller: ShareLink) -> Variant:
    return cast.a_product(price=3_335).variants[0]


def stand_of(seller: ShareLink) -> tuple[int, int, int]:
    """What is held, payable and paid."""
    balance = book.balance_of(seller.employee_id)
    return balance.held, balance.payable, balance.paid


def accrual_of(order: PlacedOrder) -> Accrual:
    db.session.rollback()
    return db.session.scalars(
        sa.select(Accrual)
        .where(Accrual.order_id == order.id)
        .execution_options(populate_existing=True)
    ).one()


def pay_everything_out(clock: SettableClock) -> None:
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())


def test_a_paid_sale_is_held_with_plan_rule_rate_and_base_frozen(
    seller: ShareLink, pots: Variant, clock: SettableClock
) -> None:
    order = trade.sell({pots: 3}, through=seller, handed_over=False)
    accrual = accrual_of(order)
    assert (accrual.base, accrual.rate, accrual.amount) == (10_005, 1_000, 1_001)  # 1000.5
    assert (accrual.hold_days, accrual.due_at, accrual.released_at) == (30, None, None)
    assert accrual.rule_id is not None
    assert stand_of(seller) == (1_001, 0, 0)


def test_each_line_is_rounded_by_itself(seller: ShareLink, clock: SettableClock) -> None:
    odd = [cast.a_product(price=5).variants[0] for _ in range(3)]
    trade.sell(dict.fromkeys(odd, 1), through=seller)
    assert stand_of(seller) == (3, 0, 0)  # three times 0.5, not 1.5 once


def test_without_a_matching_rule_nothing_is_earned_and_it_is_written_down(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy()
    goods = cast.a_product()
    trade.the_plan(NewRule(500, product_id=cast.a_product().id))
    seller = trade.a_seller()
    accrual = accrual_of(trade.sell(goods, through=seller))
    assert (accrual.rule_id, accrual.rate, accrual.amount) == (None, 0, 0)
    assert stand_of(seller) == (0, 0, 0)


def test_a_hold_begins_with_the_hand_over_and_never_ends_without_it(
    seller: ShareLink, pots: Variant, clock: SettableClock
) -> None:
    order = trade.sell({pots: 1}, through=seller, handed_over=False)
    clock.advance(timedelta(days=400))
    assert sales.release(clock.now()) == 0
    sales.hand_over(order.public_id, SYSTEM, clock.now())
    assert accrual_of(order).due_at == clock.now() + timedelta(days=30)
    clock.advance(timedelta(days=30) - timedelta(microseconds=1))
    assert sales.release(clock.now()) == 0
    clock.advance(timedelta(microseconds=1))
    assert sales.release(clock.now()) == 1
    assert sales.release(clock.now()) == 0
    assert stand_of(seller) == (0, 334, 0)


def test_what_is_released_late_bears_the_moment_it_fell_due(
    seller: ShareLink, pots: Variant, clock: SettableClock
) -> None:
    order = trade.sell({pots: 1}, through=seller)
    clock.advance(timedelta(days=45))
    sales.release(clock.now())
    moments = db.session.scalars(
        sa.select(LedgerEntry.at).where(LedgerEntry.key.like("release:%"))
    ).all()
    assert set(moments) == {accrual_of(order).due_at}


def test_release_goes_through_more_than_one_transaction_takes(
    seller: ShareLink, pots: Variant, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RELEASE_AT_ONCE", 2)
    for _ in range(5):
        trade.sell({pots: 1}, through=seller)
    clock.advance(timedelta(days=30))
    assert sales.release(clock.now()) == 5
    assert stand_of(seller) == (0, 5 * 334, 0)


def test_two_workers_release_everything_once(
    app: Flask, seller: ShareLink, pots: Variant, clock: SettableClock
) -> None:
    for _ in range(8):
        trade.sell({pots: 1}, through=seller)
    now = clock.advance(timedelta(days=30))
    counts = all_at_once(app, [lambda: sales.release(now)] * 4)
    assert sum(count for count in counts if isinstance(count, int)) == 8
    assert stand_of(seller) == (0, 8 * 334, 0)


@pytest.mark.parametrize(
    ("days", "held", "payable"),
    [pytest.param(1, 667, 0, id="while it is held"), pytest.param(31, 0, 667, id="once it is due")],
)
def test_a_return_takes_its_part_back_wherever_it_is(
    seller: ShareLink, pots: Variant, clock: SettableClock, days: int, held: int, payable: int
) -> None:
    order = trade.sell({pots: 3}, through=seller)
    clock.advance(timedelta(days=days))
    sales.release(clock.now())
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    assert stand_of(seller) == (held, payable, 0)  # 1001 / 3 = 333.67, so 334 go
    sales.take_back(order.public_id, {1: 2}, "", SYSTEM, clock.now())
    assert stand_of(seller) == (0, 0, 0)
    assert accrual_of(order).reversed == 1_001


def test_a_return_after_payday_is_a_debt_that_the_next_sale_pays_off_in_sight(
    seller: ShareLink, pots: Variant, clock: SettableClock
) -> None:
    order = trade.sell({pots: 3}, through=seller)
    clock.advance(timedelta(days=31))
    pay_everything_out(clock)
    assert stand_of(seller) == (0, 0, 1_001)
    sales.take_back(order.public_id, {1: 2}, "", SYSTEM, clock.now())
    assert stand_of(seller) == (0, -667, 1_001)
    trade.sell({pots: 3}, through=seller)
    clock.advance(timedelta(days=31))
    pay_everything_out(clock)
    assert stand_of(seller) == (0, 0, 1_001 + 1_001 - 667)


def test_a_return_between_due_and_release_leaves_only_the_rest_to_be_released(
    seller: ShareLink, pots: Variant, clock: SettableClock
) -> None:
    order = trade.sell({pots: 3}, through=seller)
    clock.advance(timedelta(days=31))
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    sales.release(clock.now())
    assert stand_of(seller) == (0, 667, 0)


def test_what_all_came_back_is_released_as_nothing(
    seller: ShareLink, pots: Variant, clock: SettableClock
) -> None:
    order = trade.sell({pots: 3}, through=seller)
    sales.take_back(order.public_id, {1: 3}, "", SYSTEM, clock.now())
    clock.advance(timedelta(days=30))
    assert sales.release(clock.now()) == 1
    assert stand_of(seller) == (0, 0, 0)


def test_a_cancelled_sale_earns_nothing(
    seller: ShareLink, pots: Variant, clock: SettableClock
) -> None:
    order = trade.sell({pots: 3}, through=seller, handed_over=False)
    sales.cancel_by_secret(order.secret, clock.now())
    assert stand_of(seller) == (0, 0, 0)
    assert accrual_of(order).reversed == 1_001
    clock.advance(timedelta(days=400))
    assert sales.release(clock.now()) == 0
