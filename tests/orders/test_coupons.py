"""A coupon through a whole sale: order, payment, commission, returns, refunds, cancelling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.catalog.models import Variant
from storefront.commissions.models import LedgerEntry
from storefront.core import clock as now_of
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, DomainError, Invalid
from storefront.insights.models import SalesDay
from storefront.orders import coupons
from storefront.orders.coupon_rules import CouponKind
from storefront.orders.models import CancelReason, Order, ReturnLine
from storefront.payments.models import Payment, Refund
from storefront.sharing.models import ShareLink
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.couponing import a_coupon, ordered, uses_of
from tests.support.planning import accruals_of


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    """Earns a tenth of what is paid."""
    trade.open_for_trade()
    return trade.a_seller()


@pytest.fixture
def lamp(seller: ShareLink) -> Variant:
    return cast.a_product(price=1_999).variants[0]


@pytest.fixture
def rug(seller: ShareLink) -> Variant:
    return cast.a_product(price=5_003).variants[0]


def lines_of(order_id: int) -> list[tuple[int, int]]:
    db.session.rollback()
    order = db.session.get_one(Order, order_id, populate_existing=True)
    return [(line.discount, line.net) for line in order.lines]


def why(deed: Any) -> str:
    with pytest.raises(DomainError) as refused:
        deed()
    return refused.value.code


def test_every_amount_of_a_sale_rests_on_what_was_paid(
    seller: ShareLink, lamp: Variant, rug: Variant, clock: SettableClock
) -> None:
    coupon = a_coupon(amount_off=1_000)
    # 3 × 19.99 + 50.03 = 110.00; of ten the lamps take 5.4518… and the rug 4.5481…
    placed = ordered({lamp: 3, rug: 1}, coupon, through=seller)
    assert placed.total == 10_000
    assert lines_of(placed.id) == [(545, 5_452), (455, 4_548)]
    assert uses_of(coupon) == (1, 1)
    trade.pay(placed)
    sales.hand_over(placed.public_id, SYSTEM, clock.now())
    assert db.session.scalars(sa.select(Payment.captured_amount)).all() == [10_000]
    # A tenth of 54.52 and of 45.48, halves up.
    assert [each.amount for each in accruals_of(placed)] == [545, 455]
    days = db.session.scalars(sa.select(SalesDay.sales)).all()
    assert sum(days) == 10_000
    assert broken() == set()


def test_pieces_that_come_back_one_by_one_refund_what_was_paid_for_them_exactly(
    seller: ShareLink, lamp: Variant, clock: SettableClock
) -> None:
    placed = ordered({lamp: 3}, a_coupon(amount_off=700), through=seller)
    trade.pay(placed)
    sales.hand_over(placed.public_id, SYSTEM, clock.now())
    # 59.97 - 7.00 = 52.97, whose third is 17.6566…
    for _ in range(3):
        sales.take_back(placed.public_id, {1: 1}, "", SYSTEM, clock.now())
        assert broken() == set()
    assert db.session.scalars(sa.select(ReturnLine.amount).order_by(ReturnLine.id)).all() == [
        1_766,
        1_765,
        1_766,
    ]
    assert sum(db.session.scalars(sa.select(Refund.amount))) == 5_297
    held = sa.select(sa.func.sum(LedgerEntry.amount)).where(LedgerEntry.account == "held")
    assert db.session.scalar(held) == 0


def test_a_return_does_not_give_the_use_back(lamp: Variant, clock: SettableClock) -> None:
    coupon = a_coupon()
    placed = ordered({lamp: 1}, coupon)
    trade.pay(placed)
    sales.hand_over(placed.public_id, SYSTEM, clock.now())
    sales.take_back(placed.public_id, {1: 1}, "", SYSTEM, clock.now())
    assert uses_of(coupon) == (1, 1)
    assert why(lambda: ordered({lamp: 1}, coupon)) == "coupon_used_before"
    assert broken() == set()


@pytest.mark.parametrize("ending", ["expired", "cancelled", "paid_and_cancelled"])
def test_an_order_that_comes_to_nothing_gives_the_use_back(
    lamp: Variant, clock: SettableClock, ending: str
) -> None:
    coupon = a_coupon(most_uses=1)
    placed = ordered({lamp: 1}, coupon)
    assert why(lambda: ordered({lamp: 1}, coupon, phone="+8613900000002")) == "coupon_used_up"
    if ending == "expired":
        clock.advance(timedelta(minutes=20))
        assert sales.expire_holds(clock.now()) == 1
    else:
        if ending == "paid_and_cancelled":
            trade.pay(placed)
        sales.cancel(placed.public_id, CancelReason.BY_CHAIN, SYSTEM, clock.now())
    assert uses_of(coupon) == (0, 0)
    assert broken() == set()
    again = ordered({lamp: 1}, coupon)
    assert again.total == 1_799
    assert uses_of(coupon) == (1, 1)
    assert broken() == set()


def test_money_that_comes_too_late_goes_back_and_takes_no_use(
    lamp: Variant, clock: SettableClock
) -> None:
    coupon = a_coupon()
    charge = trade.a_charge(ordered({lamp: 1}, coupon))
    clock.advance(timedelta(minutes=20))
    sales.expire_holds(clock.now())
    trade.pay_at(charge)
    assert db.session.scalars(sa.select(Refund.amount)).all() == [1_799]
    assert uses_of(coupon) == (0, 0)
    assert broken() == set()


def test_a_customer_uses_it_as_often_as_one_may(lamp: Variant) -> None:
    coupon = a_coupon(most_uses_each=2)
    for _ in range(2):
        ordered({lamp: 1}, coupon)
    assert why(lambda: ordered({lamp: 1}, coupon)) == "coupon_used_before"
    ordered({lamp: 1}, coupon, phone="+8613900000002")
    assert uses_of(coupon) == (3, 3)


def test_an_order_whose_coupon_is_refused_is_not_placed(
    lamp: Variant, rug: Variant, clock: SettableClock
) -> None:
    now = clock.now()
    tomorrow = now + timedelta(days=1)
    of_rugs = cast.a_category("RUGS")
    refused = {
        "coupon_least_spend": a_coupon("LEAST", least_spend=2_000),
        "coupon_nothing_fits": a_coupon("RUGS", categories=[of_rugs.public_id]),
        "coupon_not_yet": a_coupon(
            "LATER", starts_at=tomorrow, ends_at=tomorrow + timedelta(days=1)
        ),
        "coupon_over": a_coupon("OVER", starts_at=now - timedelta(days=2), ends_at=now),
    }
    for expected, coupon in refused.items():
        assert why(lambda coupon=coupon: ordered({lamp: 1}, coupon)) == expected
        assert uses_of(coupon) == (0, 0)
    assert db.session.scalars(sa.select(Order)).all() == []


def test_what_the_customer_saw_is_what_they_pay(lamp: Variant) -> None:
    coupon = a_coupon()
    with pytest.raises(Conflict) as refused:
        ordered({lamp: 1}, coupon, expected_total=1_999)
    assert refused.value.code == "price_changed"
    assert refused.value.extra == {"total": 1_799}
    assert uses_of(coupon) == (0, 0)
    assert ordered({lamp: 1}, coupon, expected_total=1_799).total == 1_799


def test_a_category_counts_with_everything_below_it(seller: ShareLink) -> None:
    top = cast.a_category("HOME")
    below = cast.a_category("FLOOR", parent=top)
    lowest = cast.a_category("MATS", parent=below)
    mat, lamp = cast.a_product(price=1_000), cast.a_product(price=3_000)
    with transaction() as session:
        session.merge(mat).category_id = lowest.id
    brand = cast.a_brand()
    coupon = a_coupon(basis_points=5_000, categories=[top.public_id], brands=[brand.public_id])
    placed = ordered({mat.variants[0]: 1, lamp.variants[0]: 1}, coupon)
    assert lines_of(placed.id) == [(500, 500), (0, 3_000)]
    assert broken() == set()


def test_a_withdrawn_coupon_stays_on_its_orders_and_takes_no_others(lamp: Variant) -> None:
    coupon = a_coupon()
    placed = ordered({lamp: 1}, coupon)
    found = coupons.withdraw(coupon.public_id, SYSTEM, now_of.now())
    assert (found.coupon.state, found.given) == ("withdrawn", 200)
    assert why(lambda: ordered({lamp: 1}, coupon, phone="+8613900000002")) == "coupon_over"
    again = why(lambda: coupons.withdraw(coupon.public_id, SYSTEM, now_of.now()))
    assert again == "already_withdrawn"
    trade.pay(placed)
    assert broken() == set()


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"kind": CouponKind.AMOUNT}, "wrong_coupon"),
        ({"kind": CouponKind.AMOUNT, "amount_off": 1, "basis_points": 1}, "wrong_coupon"),
        ({"kind": CouponKind.AMOUNT, "amount_off": 1, "most_off": 1}, "wrong_coupon"),
        ({"kind": CouponKind.PERCENT}, "wrong_coupon"),
        ({"kind": CouponKind.PERCENT, "basis_points": 10_001}, "wrong_coupon"),
        ({"kind": CouponKind.PERCENT, "basis_points": 1, "amount_off": 1}, "wrong_coupon"),
        ({"code": "A B C D"}, "wrong_code"),
        ({"name_zh": " "}, "wrong_name_zh"),
        ({"ends_at": None}, "wrong_dates"),
        ({"categories": ["cat_none"]}, "unknown_category"),
        ({"brands": ["brd_none"]}, "unknown_brand"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(
    app: Flask, clock: SettableClock, terms: dict[str, Any], code: str
) -> None:
    now = clock.now()
    good: dict[str, Any] = {
        "code": "GOOD",
        "name_zh": "好",
        "name_en": "Good",
        "kind": CouponKind.PERCENT,
        "basis_points": 0 if "kind" in terms else 1_000,
        "starts_at": now,
        "ends_at": now + timedelta(days=1),
    }
    wrong = {**good, **terms}
    wrong["ends_at"] = wrong["ends_at"] or now
    with pytest.raises(Invalid) as refused:
        coupons.create(coupons.NewCoupon(**wrong), SYSTEM, now)
    assert refused.value.code == code


def test_a_code_is_taken_once(app: Flask) -> None:
    a_coupon("summer-26")
    assert why(lambda: a_coupon("SUMMER-26")) == "code_taken"
