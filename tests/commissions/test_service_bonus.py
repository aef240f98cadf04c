"""A fixed amount for whoever hands an order over at the store: when, to whom, and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from storefront import sales
from storefront.commissions import book, service_bonus
from storefront.commissions.models import ServiceBonus
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict
from storefront.orders.placing import PlacedOrder
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee, Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.disputing import a_dispute, decided, owner
from tests.support.planning import in_force

BONUS, DAYS = 250, 7
UNTIL = "held until the return window is over."
ENDED = "is no longer held."


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.the_policy()
    in_force(service_bonus=BONUS, hold_days=DAYS)
    return trade.a_seller("E1", "S1")


def a_clerk(role: Role = Role.EMPLOYEE) -> Employee:
    return cast.an_employee("C1", store="S2", role=role)


def a_paid_order(seller: ShareLink | None, pieces: int = 2) -> PlacedOrder:
    goods = cast.a_product(price=10_000).variants[0]
    return trade.sell({goods: pieces}, through=seller, handed_over=False)


def stand_of(employee: Employee) -> tuple[int, int]:
    db.session.rollback()
    balance = book.balance_of(employee.id)
    return balance.held, balance.payable


def test_who_hands_over_at_the_store_earns_it_once_the_return_window_is_over(
    seller: ShareLink, clock: SettableClock
) -> None:
    clerk, order = a_clerk(), a_paid_order(seller)
    actor = cast.actor_of(clerk)
    sales.hand_over_at_store(order.secret, actor, clock.now())
    with pytest.raises(Conflict, match="only once"):
        sales.hand_over_at_store(order.secret, actor, clock.now())
    assert stand_of(clerk) == (BONUS, 0)
    assert broken() == set()
    clock.advance(timedelta(days=DAYS) - timedelta(seconds=1))
    assert sales.release(clock.now()) == 0
    clock.advance(timedelta(seconds=1))
    assert sales.release(clock.now()) == 2  # the seller's commission and this
    assert stand_of(clerk) == (0, BONUS)
    assert broken() == set()
    sales.take_back(order.public_id, {1: 2}, "", SYSTEM, clock.now())
    assert stand_of(clerk) == (0, BONUS)
    assert broken() == set()


def test_it_is_taken_back_when_the_whole_order_came_back_in_time_and_not_before(
    seller: ShareLink, clock: SettableClock
) -> None:
    clerk, order = a_clerk(), a_paid_order(seller)
    sales.hand_over_at_store(order.secret, cast.actor_of(clerk), clock.now())
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    assert stand_of(clerk) == (BONUS, 0)
    clock.advance(timedelta(days=DAYS, seconds=-1))
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    assert stand_of(clerk) == (0, 0)
    assert broken() == set()
    clock.advance(timedelta(days=1))
    sales.release(clock.now())
    assert stand_of(clerk) == (0, 0)
    assert broken() == set()


def test_what_is_due_is_not_taken_back_however_late_it_is_released(
    seller: ShareLink, clock: SettableClock
) -> None:
    clerk, order = a_clerk(), a_paid_order(seller)
    sales.hand_over_at_store(order.secret, cast.actor_of(clerk), clock.now())
    clock.advance(timedelta(days=DAYS))
    sales.take_back(order.public_id, {1: 2}, "", SYSTEM, clock.now())
    sales.release(clock.now())
    assert stand_of(clerk) == (0, BONUS)
    assert broken() == set()


@pytest.mark.parametrize("role", [Role.HQ_OPERATIONS, Role.HQ_ADMIN, Role.REGION_MANAGER])
def test_nobody_but_the_stores_staff_earns_it(
    seller: ShareLink, clock: SettableClock, role: Role
) -> None:
    order = a_paid_order(seller)
    sales.hand_over(order.public_id, cast.actor_of(a_clerk(role)), clock.now())
    assert service_bonus.amount_on(order.id) == 0
    system = a_paid_order(seller)
    sales.hand_over(system.public_id, SYSTEM, clock.now())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ServiceBonus)) == 0
    assert broken() == set()


def test_it_is_never_earned_on_ones_own_purchase(seller: ShareLink, clock: SettableClock) -> None:
    clerk = a_clerk()
    visitor = trade.a_visit(seller)
    trade.signs_in(clerk, visitor)
    order = trade.an_order(cast.a_product(), visitor=visitor)
    trade.pay(order)
    sales.hand_over_at_store(order.secret, cast.actor_of(clerk), clock.now())
    assert stand_of(clerk) == (0, 0)
    assert broken() == set()


def test_it_does_not_hang_on_who_sold_it(seller: ShareLink, clock: SettableClock) -> None:
    clerk = a_clerk()
    nobodys = a_paid_order(None)
    sales.hand_over_at_store(nobodys.secret, cast.actor_of(clerk), clock.now())
    own_sale = a_paid_order(seller)
    sales.hand_over_at_store(own_sale.secret, cast.actor_of(owner(seller)), clock.now())
    assert stand_of(clerk) == (BONUS, 0)
    assert stand_of(owner(seller)) == (2_000 + BONUS, 0)
    decided(a_dispute(clerk, own_sale, 1), lines={1: {clerk: 10_000}})
    assert stand_of(owner(seller)) == (BONUS, 0)
    assert broken() == set()


def test_a_plan_without_it_pays_nothing_and_the_plan_of_the_order_decides(
    seller: ShareLink, clock: SettableClock
) -> None:
    clerk, before = a_clerk(), a_paid_order(seller)
    clock.advance(timedelta(days=1))
    in_force()
    after = a_paid_order(seller)
    for order in (before, after):
        sales.hand_over_at_store(order.secret, cast.actor_of(clerk), clock.now())
    assert [service_bonus.amount_on(order.id) for order in (before, after)] == [BONUS, 0]
    assert broken() == set()


def test_the_clerk_scans_the_customers_code_and_reads_why_it_is_earned(
    seller: ShareLink, client: FlaskClient, clock: SettableClock
) -> None:
    clerk, order = a_clerk(Role.STORE_MANAGER), a_paid_order(seller)
    headers = cast.headers_of(clerk)
    path = "/api/v1/seller/hand-overs"
    unknown = client.post(path, json={"key": "no-such-key"}, headers=headers)
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "order_not_found")
    done = client.post(path, json={"key": order.secret}, headers=headers)
    assert done.status_code == 201, done.text
    assert done.get_json()["bonus"] == {"amount": BONUS, "currency": "CNY"}
    again = client.post(path, json={"key": order.secret}, headers=headers)
    assert (again.status_code, again.get_json()["code"]) == (409, "order_not_paid")
    clock.advance(timedelta(days=DAYS))
    sales.release(clock.now())
    entries = client.get(
        "/api/v1/seller/earnings/entries?language=en", headers=cast.headers_of(clerk)
    ).get_json()["items"]
    words = [each["words"] for each in reversed(entries)]
    assert words == [
        f"You handed order {order.number} over at the store: the plan's bonus for service, {UNTIL}",
        f"The return window of order {order.number} is over: the bonus for handing it over {ENDED}",
        f"The bonus for handing order {order.number} over is due now.",
    ]
    assert {each["order"] for each in entries} == {order.public_id}


def test_somebody_without_a_store_earns_nothing(seller: ShareLink, clock: SettableClock) -> None:
    order = a_paid_order(seller)
    sales.hand_over(order.public_id, Actor(role="employee"), clock.now())
    assert service_bonus.amount_on(order.id) == 0
