"""From an employee's link to money in the payroll, through the doors that people use."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.attribution.rules import Policy, Treatment
from storefront.catalog.models import Location, Product, StockLevel
from storefront.commissions import book, payouts
from storefront.core import jobs
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import Forbidden
from storefront.sharing import service as sharing
from storefront.sharing.models import ShareLink
from storefront.staff import employment
from storefront.staff.models import Role
from tests.support import cast
from tests.support.rules import a_plan, a_policy
from tests.support.shopping import a_shopper

FINANCE = Actor(role=Role.HQ_FINANCE, employee_id=None)


@pytest.fixture
def teapot(app: Flask) -> Product:
    a_policy()
    a_plan()
    return cast.a_product(price=1_999)


@pytest.fixture
def link(teapot: Product) -> ShareLink:
    return cast.a_link(cast.a_shop())


def stocked(product: Product, on_hand: int) -> None:
    with transaction() as session:
        location = Location(code="W", name_zh="仓", name_en="Warehouse")
        session.add(location)
        session.flush()
        for variant in session.get_one(Product, product.id).variants:
            variant.stock_tracked = True
            session.add(StockLevel(variant_id=variant.id, location_id=location.id, on_hand=on_hand))


def stock_level() -> tuple[int, int]:
    on_hand, reserved = db.session.execute(sa.select(StockLevel.on_hand, StockLevel.reserved)).one()
    return on_hand, reserved


def test_a_shared_link_becomes_a_paid_sale_a_commission_and_a_payout(
    app: Flask, clock: SettableClock, teapot: Product, link: ShareLink
) -> None:
    stocked(teapot, 5)
    shopper = a_shopper(app)
    shopper.follow(link)
    order = shopper.buy({teapot.variants[0]: 3})
    seller = link.employee_id
    # 5 % of 59.97 is 2.9985: halves up to 3.00.
    assert book.balance_of(seller) == book.Balance(held=300, payable=0, paid=0)
    assert jobs.run_due(clock.now()) == 1, "the receipt is sent"
    assert stock_level() == (5, 3)

    sales.hand_over(order["id"], SYSTEM, clock.now())
    assert stock_level() == (2, 0)

    sales.take_back(order["id"], {1: 1}, "too small", SYSTEM, clock.now())
    assert stock_level() == (3, 0)
    assert book.balance_of(seller).held == 200
    assert jobs.run_due(clock.now()) == 1, "the refund is sent"
    assert shopper.look_at(order)["refunded"] == {"amount": 1_999, "currency": "CNY"}

    clock.advance(timedelta(days=7))
    assert sales.release(clock.now()) == 1
    assert book.balance_of(seller) == book.Balance(held=0, payable=200, paid=0)

    clock.advance(timedelta(seconds=1))
    drafter = cast.actor_of(cast.an_employee(role=Role.HQ_FINANCE))
    batch = sales.draft_payout(clock.now(), drafter, clock.now())
    with pytest.raises(Forbidden, match="four_eyes"):
        payouts.approve(batch.public_id, drafter, clock.now())
    payouts.approve(batch.public_id, FINANCE, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    assert book.balance_of(seller) == book.Balance(held=0, payable=0, paid=200)

    sales.take_back(order["id"], {1: 2}, "changed my mind", SYSTEM, clock.now())
    assert book.balance_of(seller) == book.Balance(held=0, payable=-200, paid=200)


def test_what_comes_in_at_the_chains_own_front_earns_nobody_anything(
    app: Flask, teapot: Product, link: ShareLink
) -> None:
    a_shopper(app).buy({teapot.variants[0]: 1})
    assert book.balance_of(link.employee_id) == book.Balance(0, 0, 0)


def test_the_last_link_followed_wins(app: Flask, clock: SettableClock, teapot: Product) -> None:
    first, last = (cast.a_link(cast.a_shop(cast.an_employee())) for _ in range(2))
    shopper = a_shopper(app)
    shopper.follow(first)
    clock.advance(timedelta(minutes=1))
    shopper.follow(last)
    shopper.buy({teapot.variants[0]: 1})
    assert book.balance_of(first.employee_id).held == 0
    assert book.balance_of(last.employee_id).held == 100


def test_a_link_followed_longer_ago_than_the_window_earns_nothing(
    app: Flask, clock: SettableClock, teapot: Product, link: ShareLink
) -> None:
    shopper = a_shopper(app)
    shopper.follow(link)
    clock.advance(timedelta(days=30, microseconds=1))
    shopper.buy({teapot.variants[0]: 1})
    assert book.balance_of(link.employee_id).held == 0


def test_a_link_followed_exactly_as_long_ago_as_the_window_earns(
    app: Flask, clock: SettableClock, teapot: Product, link: ShareLink
) -> None:
    shopper = a_shopper(app)
    shopper.follow(link)
    clock.advance(timedelta(days=30))
    shopper.buy({teapot.variants[0]: 1})
    assert book.balance_of(link.employee_id).held == 100


def test_an_employee_earns_nothing_on_what_they_buy_themselves(app: Flask, teapot: Product) -> None:
    own = cast.an_employee(phone="+8613900139000")
    link = cast.a_link(cast.a_shop(own))
    shopper = a_shopper(app, phone="+86 139-0013-9000")
    shopper.follow(link)
    shopper.buy({teapot.variants[0]: 1})
    assert book.balance_of(own.id).held == 0


def test_a_policy_may_let_employees_earn_on_their_own_purchases(app: Flask) -> None:
    a_policy(Policy(window_days=30, own_purchase=Treatment.ALLOW))
    a_plan()
    own = cast.an_employee(phone="+8613900139000")
    shopper = a_shopper(app)
    shopper.follow(cast.a_link(cast.a_shop(own)))
    shopper.buy({cast.a_product(price=1_999).variants[0]: 1})
    assert book.balance_of(own.id).held == 100


def test_credit_is_frozen_when_the_order_is_placed_though_the_seller_leaves_before_it_is_paid(
    app: Flask, clock: SettableClock, teapot: Product, link: ShareLink
) -> None:
    shopper = a_shopper(app)
    shopper.follow(link)
    placed = shopper.order({teapot.variants[0]: 1})
    employment.leave(link.employee_id, "moved away", SYSTEM, clock.now())
    shopper.pay(placed)
    assert book.balance_of(link.employee_id).held == 100


def test_a_seller_who_had_left_when_the_order_was_placed_earns_nothing(
    app: Flask, clock: SettableClock, teapot: Product, link: ShareLink
) -> None:
    shopper = a_shopper(app)
    shopper.follow(link)
    employment.leave(link.employee_id, "moved away", SYSTEM, clock.now())
    shopper.buy({teapot.variants[0]: 1})
    assert book.balance_of(link.employee_id).held == 0


def test_a_revoked_link_still_earns_for_visits_before_it_was_revoked(
    app: Flask, clock: SettableClock, teapot: Product, link: ShareLink
) -> None:
    shopper = a_shopper(app)
    shopper.follow(link)
    sharing.revoke_link(link.employee_id, link.public_id, clock.now())
    shopper.buy({teapot.variants[0]: 1})
    assert book.balance_of(link.employee_id).held == 100


def test_a_customer_who_comes_back_in_another_browser_is_known_by_phone(
    app: Flask, clock: SettableClock, teapot: Product, link: ShareLink
) -> None:
    phone, computer = a_shopper(app), a_shopper(app)
    phone.follow(link)
    phone.buy({teapot.variants[0]: 1})
    clock.advance(timedelta(days=3))
    computer.buy({teapot.variants[0]: 1})
    assert book.balance_of(link.employee_id).held == 200
