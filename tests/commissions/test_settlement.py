"""What is posted when a month closes: tiers, the month's cap, and what later returns change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.commissions import book, plans
from storefront.commissions.models import LedgerEntry, LedgerTransaction, TransactionKind
from storefront.commissions.rules.months import LaterReturns, MonthTerms, Tier, TierMode
from storefront.commissions.settlement import Span, settle
from storefront.commissions.settlement_models import Settlement
from storefront.commissions.terms import NewRule, Terms
from storefront.core import clock as clocks
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.orders.models import CancelReason
from storefront.orders.placing import PlacedOrder
from storefront.sharing.models import ShareLink
from tests.support import cast, trade
from tests.support.books import broken

ZONE = ZoneInfo("Asia/Shanghai")
MARGINAL = MonthTerms((Tier(100_000, 200), Tier(200_000, 500)))
BACK = MonthTerms((Tier(100_000, 200),), TierMode.WHOLE_VOLUME, LaterReturns.DIFFERENCE)


def a_month(number: int) -> Span:
    starts, ends = (datetime(2026, month, 1, tzinfo=ZONE) for month in (number, number + 1))
    return Span(starts, ends, f"2026-{number:02}")


MARCH, APRIL, MAY = (a_month(number) for number in (3, 4, 5))


def a_plan(terms: MonthTerms, rate: int = 500, starts_at: datetime | None = None) -> int:
    now = clocks.now()
    said = Terms((NewRule(rate),), 7, starts_at or now, "", month=terms)
    version = plans.draft_terms(said, SYSTEM, now).version
    plans.approve_plan(version, SYSTEM)
    plans.publish_plan(version, now)
    return version


@pytest.fixture
def seller(app: Flask, clock: SettableClock) -> ShareLink:
    clock.set(MARCH.starts_at.astimezone(UTC))
    trade.the_policy()
    return trade.a_seller()


def sell(seller: ShareLink, price: int) -> PlacedOrder:
    return trade.sell(cast.a_product(price=price), through=seller)


def settled(seller: ShareLink, span: Span) -> list[tuple[int, int, int, int]]:
    """Net sales, extra, cut and amount of what a period's close wrote, by month."""
    with transaction():
        settle([seller.employee_id], span, clocks.now())
    db.session.rollback()
    rows = db.session.scalars(
        sa.select(Settlement).order_by(Settlement.id).execution_options(populate_existing=True)
    )
    spans = {span.ends_at - timedelta(microseconds=1)}
    ids = set(
        db.session.scalars(sa.select(LedgerEntry.settlement_id).where(LedgerEntry.at.in_(spans)))
    )
    return [
        (row.net_sales, row.extra, row.cut, row.amount)
        for row in rows
        if row.id in ids or (not row.amount and row.month_id == row.posted_in_id)
    ]


def payable(seller: ShareLink) -> int:
    db.session.rollback()
    return book.balance_of(seller.employee_id).payable


def test_each_band_of_a_marginal_plan_has_its_own_rate(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(MARGINAL)
    sell(seller, 150_001)
    sell(seller, 100_000)
    clock.set(APRIL.starts_at)
    # 2 % of 100,000 to 200,000, and 5 % of the 50,001 above.
    assert settled(seller, MARCH) == [(250_001, 4_500, 0, 4_500)]
    assert payable(seller) == 4_500
    assert broken() == set()


def test_by_whole_volume_the_tier_that_is_reached_is_for_everything(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(MonthTerms(MARGINAL.tiers, TierMode.WHOLE_VOLUME))
    sell(seller, 199_999)
    clock.set(APRIL.starts_at)
    assert settled(seller, MARCH) == [(199_999, 4_000, 0, 4_000)]


def test_settling_again_changes_nothing(seller: ShareLink, clock: SettableClock) -> None:
    a_plan(MARGINAL)
    sell(seller, 300_000)
    clock.set(APRIL.starts_at)
    once = settled(seller, MARCH)
    assert settled(seller, MARCH) == once == [(300_000, 7_000, 0, 7_000)]
    kinds = db.session.scalars(sa.select(LedgerTransaction.kind))
    assert list(kinds).count(TransactionKind.SETTLEMENT) == 1


def test_the_months_cap_takes_off_what_is_above_it_with_the_tiers(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(MonthTerms(MARGINAL.tiers, cap=10_000))
    sell(seller, 200_000)
    clock.set(APRIL.starts_at)
    # 10,000 by the rules and 2,000 by the tier, of which the cap leaves 10,000.
    assert settled(seller, MARCH) == [(200_000, 2_000, 2_000, 0)]
    sell(seller, 300_000)
    clock.set(MAY.starts_at)
    assert settled(seller, APRIL)[-1] == (300_000, 7_000, 12_000, -5_000)
    assert payable(seller) == -5_000
    assert broken() == set()


def test_what_comes_back_within_the_month_lowers_its_net_sales(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(MARGINAL)
    goods = cast.a_product(price=100_000).variants[0]
    order = trade.sell({goods: 3}, through=seller)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(APRIL.starts_at)
    assert settled(seller, MARCH) == [(200_000, 2_000, 0, 2_000)]


def test_a_cancelled_order_counts_for_nothing(seller: ShareLink, clock: SettableClock) -> None:
    a_plan(MARGINAL)
    order = trade.an_order(cast.a_product(price=300_000), through=seller)
    trade.pay(order)
    sales.cancel(order.public_id, CancelReason.BY_CUSTOMER, SYSTEM, clock.now())
    clock.set(APRIL.starts_at)
    assert settled(seller, MARCH) == [(0, 0, 0, 0)]


def test_a_later_return_takes_the_tier_back_in_the_open_period_and_only_once(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(BACK)
    goods = cast.a_product(price=60_000).variants[0]
    order = trade.sell({goods: 2}, through=seller)
    clock.set(APRIL.starts_at)
    assert settled(seller, MARCH) == [(120_000, 2_400, 0, 2_400)]
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(MAY.starts_at)
    assert settled(seller, APRIL) == [(60_000, 0, 0, -2_400)]
    clock.set(a_month(6).starts_at)
    assert settled(seller, MAY) == []
    assert db.session.scalar(sa.select(sa.func.sum(Settlement.amount))) == 0
    assert broken() == set()


def test_a_return_after_the_end_waits_for_the_next_close_however_late_the_first_one_runs(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(BACK)
    order = sell(seller, 120_000)
    clock.set(APRIL.starts_at + timedelta(days=2))
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    assert settled(seller, MARCH) == [(120_000, 2_400, 0, 2_400)]
    assert settled(seller, APRIL) == [(0, 0, 0, -2_400)]


def test_where_nothing_is_corrected_a_later_return_lowers_the_month_in_which_it_is_posted(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(MonthTerms((Tier(100_000, 200),), TierMode.WHOLE_VOLUME))
    order = sell(seller, 120_000)
    clock.set(APRIL.starts_at)
    assert settled(seller, MARCH) == [(120_000, 2_400, 0, 2_400)]
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    sell(seller, 220_000 - 1)
    clock.set(MAY.starts_at)
    assert settled(seller, APRIL) == [(99_999, 0, 0, 0)]
    assert broken() == set()


@pytest.mark.parametrize("later", LaterReturns)
def test_what_a_cap_had_cut_is_given_back_when_a_return_takes_it_anyway(
    seller: ShareLink, clock: SettableClock, later: LaterReturns
) -> None:
    a_plan(MonthTerms(cap=3_000, later_returns=later))
    goods = cast.a_product(price=20_000).variants[0]
    order = trade.sell({goods: 4}, through=seller)
    clock.set(APRIL.starts_at)
    assert settled(seller, MARCH) == [(80_000, 0, 1_000, -1_000)]
    sales.take_back(order.public_id, {1: 2}, "", SYSTEM, clock.now())
    clock.set(MAY.starts_at)
    # Two pieces are back: what is left, 2,000, is below the cap, so nothing is cut any more.
    assert settled(seller, APRIL)[0][1:] == (0, 0, 1_000)
    assert payable(seller) == 0
    assert broken() == set()


def test_a_version_that_starts_within_a_month_settles_the_next(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(MARGINAL)
    sell(seller, 100_000)
    clock.advance(timedelta(days=10))
    a_plan(MonthTerms((Tier(0, 1_000),)))
    sell(seller, 100_000)
    clock.set(APRIL.starts_at)
    assert settled(seller, MARCH) == [(200_000, 2_000, 0, 2_000)]
    sell(seller, 10_000)
    clock.set(MAY.starts_at)
    assert settled(seller, APRIL) == [(10_000, 1_000, 0, 1_000)]


def test_the_first_version_settles_the_month_within_which_it_starts(
    seller: ShareLink, clock: SettableClock
) -> None:
    clock.advance(timedelta(days=10))
    a_plan(MARGINAL)
    sell(seller, 200_000)
    clock.set(APRIL.starts_at)
    assert settled(seller, MARCH) == [(200_000, 2_000, 0, 2_000)]


def test_a_plan_without_tiers_or_cap_settles_nothing(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(MonthTerms())
    sell(seller, 200_000)
    clock.set(APRIL.starts_at)
    assert settled(seller, MARCH) == []
