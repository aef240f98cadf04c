"""Months that are settled by their close: on the statement, killed in the middle, and told late."""

from __future__ import annotations

from datetime import UTC, timedelta
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.commissions import closing
from storefront.commissions.rules.months import MonthTerms, Tier, TierMode
from storefront.commissions.settlement_models import Settlement
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee
from tests.commissions.test_settlement import (
    APRIL,
    BACK,
    MARCH,
    MAY,
    a_plan,
)
from tests.support import cast, tills, trade
from tests.support.books import broken

WHOLE = MonthTerms((Tier(100_000, 200),), TierMode.WHOLE_VOLUME)


@pytest.fixture
def seller(app: Flask, clock: SettableClock) -> ShareLink:
    clock.set(MARCH.starts_at.astimezone(UTC))
    trade.the_policy()
    return trade.a_seller()


def statements_of(employee_id: int) -> list[tuple[str, int, int]]:
    """Earned less reversed, and settled, by period."""
    db.session.rollback()
    found = db.session.scalars(
        sa.select(Statement).where(Statement.employee_id == employee_id).order_by(Statement.id)
    )
    return [(each.period.name, each.earned - each.reversed, each.settled) for each in found]


def test_a_statement_holds_what_its_month_and_later_returns_came_to(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(BACK)
    goods = cast.a_product(price=60_000).variants[0]
    order = trade.sell({goods: 2}, through=seller)
    clock.set(APRIL.starts_at)
    sales.close_period("2026-03", SYSTEM, clock.now())
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(MAY.starts_at)
    sales.close_period("2026-04", SYSTEM, clock.now())
    assert statements_of(seller.employee_id) == [
        ("2026-03", 6_000, 2_400),
        ("2026-04", -3_000, -2_400),
    ]
    assert broken() == set()


def test_a_close_that_dies_and_is_taken_up_again_settles_once(
    seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(WHOLE)
    others = [trade.a_seller() for _ in range(3)]
    goods = cast.a_product(price=150_000)
    for link in (seller, *others):
        trade.sell(goods, through=link)
    clock.set(APRIL.starts_at)
    steps = iter(range(2))

    def dies(*_: object) -> None:
        if next(steps):
            raise MemoryError

    with patch.object(closing, "AT_ONCE", 1), pytest.raises(MemoryError):
        sales.close_period("2026-03", SYSTEM, clock.now(), dies)
    with patch.object(closing, "_claim", side_effect=MemoryError), pytest.raises(MemoryError):
        sales.close_period("2026-03", SYSTEM, clock.now())
    sales.close_period("2026-03", SYSTEM, clock.now())
    amounts = db.session.scalars(sa.select(Settlement.amount)).all()
    assert amounts == [3_000] * 4
    assert broken() == set()


def test_what_a_till_tells_after_the_close_is_settled_with_the_next_and_named(
    app: Flask, seller: ShareLink, clock: SettableClock
) -> None:
    a_plan(WHOLE)
    goods = cast.a_product(price=60_000)
    trade.sell(goods, through=seller)
    sold_at = clock.now() + timedelta(days=3)
    clock.set(APRIL.starts_at)
    sales.close_period("2026-03", SYSTEM, clock.now())
    assert broken() == set()
    number = db.session.get_one(Employee, seller.employee_id).number
    tills.sold(tills.a_sale(tills.a_line(goods, 60_000, number), at=sold_at))
    assert broken() == set()
    clock.set(MAY.starts_at)
    sales.close_period("2026-04", SYSTEM, clock.now())
    assert statements_of(seller.employee_id) == [("2026-03", 3_000, 0), ("2026-04", 3_000, 2_400)]
    rows = db.session.execute(
        sa.select(Settlement.net_sales, Settlement.amount).order_by(Settlement.id)
    ).all()
    assert [tuple(row) for row in rows] == [(60_000, 0), (120_000, 2_400)]
    assert broken() == set()
