"""A crowd with one coupon: never used more often than it may be. Twins without the guard do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog.models import Variant
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import DomainError, TooMany
from storefront.orders import coupon_guesses, coupon_uses
from storefront.orders.coupon_models import Coupon, CouponUse, UseState
from storefront.orders.coupon_rules import Why
from storefront.orders.models import CancelReason
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.couponing import a_coupon, about_to_order, ordered, uses_of
from tests.support.threads import all_at_once

CROWD = 16

pytestmark = pytest.mark.own_app(database_pool_size=CROWD + 4)


@pytest.fixture
def lamp(app: Flask, clock: SettableClock) -> Variant:
    trade.open_for_trade()
    return cast.a_product(price=1_999).variants[0]


def at_once(app: Flask, deeds: Sequence[Callable[[], Any]]) -> Counter[str]:
    """How often each answer was given: `placed`, or the code of a refusal."""
    answers = all_at_once(app, deeds)
    strange = [
        each
        for each in answers
        if isinstance(each, Exception) and not isinstance(each, DomainError)
    ]
    assert not strange, strange
    return Counter(each.code if isinstance(each, DomainError) else "placed" for each in answers)


def many_people(app: Flask, lamp: Variant, coupon: Coupon) -> Counter[str]:
    return at_once(
        app,
        [about_to_order({lamp: 1}, coupon, f"+861390000{number:04}") for number in range(CROWD)],
    )


def one_person(app: Flask, lamp: Variant, coupon: Coupon) -> Counter[str]:
    # Known before, so that it is not their own row that they wait for.
    trade.an_order(lamp, phone="+8613900000001")
    return at_once(app, [about_to_order({lamp: 1}, coupon) for _ in range(CROWD)])


def test_a_crowd_uses_a_coupon_as_often_as_it_may_and_not_once_more(
    app: Flask, lamp: Variant
) -> None:
    coupon = a_coupon(most_uses=5)
    assert many_people(app, lamp, coupon) == {"placed": 5, "coupon_used_up": CROWD - 5}
    assert uses_of(coupon) == (5, 5)
    assert broken() == set()


def test_one_customer_in_many_windows_uses_it_once(app: Flask, lamp: Variant) -> None:
    coupon = a_coupon()
    assert one_person(app, lamp, coupon) == {"placed": 1, "coupon_used_before": CROWD - 1}
    assert uses_of(coupon) == (1, 1)
    assert broken() == set()


def look_and_take(
    coupon_id: int, order_id: int, customer_id: int, amount: int, now: datetime
) -> None:
    """Count first and write afterwards."""
    row = db.session.execute(
        sa.select(Coupon.uses, Coupon.most_uses, Coupon.most_uses_each).where(
            Coupon.id == coupon_id
        )
    ).one()
    if row.most_uses is not None and row.uses >= row.most_uses:
        raise coupon_uses.refusal(Why.USED_UP)
    if coupon_uses.used_by(coupon_id, customer_id) >= row.most_uses_each:
        raise coupon_uses.refusal(Why.USED_BEFORE)
    db.session.execute(sa.update(Coupon).where(Coupon.id == coupon_id).values(uses=row.uses + 1))
    db.session.add(
        CouponUse(
            coupon_id=coupon_id,
            order_id=order_id,
            customer_id=customer_id,
            amount=amount,
            state=UseState.LIVE,
            at=now,
        )
    )
    db.session.flush()


@pytest.mark.postgresql_only
def test_twin_that_looks_before_it_takes_gives_more_than_it_has(
    app: Flask, lamp: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coupon_uses, "take", look_and_take)
    coupon = a_coupon(most_uses=5)
    assert many_people(app, lamp, coupon)["placed"] > 5
    assert "coupons count their uses" in broken()


@pytest.mark.postgresql_only
def test_twin_that_looks_before_it_takes_gives_one_customer_too_many(
    app: Flask, lamp: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coupon_uses, "take", look_and_take)
    coupon = a_coupon()
    assert one_person(app, lamp, coupon)["placed"] > 1
    assert "customers use a coupon as often as they may" in broken()


def test_orders_that_come_and_go_leave_the_count_right(
    app: Flask, lamp: Variant, clock: SettableClock
) -> None:
    coupon = a_coupon(most_uses=CROWD)
    goods = trade.stocked(cast.a_product(price=3_000), 100).variants[0]
    first = [
        ordered({goods: 1}, coupon, phone=f"+861380000{number:04}") for number in range(CROWD // 2)
    ]
    deeds: list[Callable[[], Any]] = []
    for number, order in enumerate(first):
        deeds += [
            lambda order_id=order.public_id: sales.cancel(
                order_id, CancelReason.BY_CHAIN, SYSTEM, clock.now()
            ),
            about_to_order({goods: 1}, coupon, f"+861370000{number:04}"),
        ]
    assert at_once(app, deeds) == {"placed": CROWD}
    assert uses_of(coupon) == (CROWD // 2, CROWD // 2)
    assert broken() == set()


def test_tries_side_by_side_do_not_overrun_their_budget(app: Flask, clock: SettableClock) -> None:
    now = clock.now()
    for _ in range(coupon_guesses.PER_VISITOR - 3):
        coupon_guesses.charge("somebody", "192.0.2.1", now)
    answers = all_at_once(
        app, [lambda: coupon_guesses.charge("somebody", "192.0.2.1", now)] * CROWD
    )
    assert sum(answer is None for answer in answers) == 3
    assert sum(isinstance(answer, TooMany) for answer in answers) == CROWD - 3
    # Another hour, another twenty.
    coupon_guesses.charge("somebody", "192.0.2.1", now + timedelta(hours=1))
    coupon_guesses.forget_old(now + timedelta(hours=3))
