"""Holds by hand: who may, what stays, and when a second person is needed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from storefront import sales
from storefront.commissions import book, payouts
from storefront.commissions.models import HoldKind
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.errors import Conflict, DomainError, Forbidden, Invalid
from storefront.fraud import holding
from storefront.fraud.holding import Target
from storefront.sharing.models import ShareLink
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.disputing import a_dispute, owner


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.the_policy()
    trade.the_plan(hold_days=7)
    return trade.a_seller("E1")


@pytest.fixture
def finance(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee(role=Role.HQ_FINANCE))


@pytest.fixture
def operations(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee(role=Role.HQ_OPERATIONS))


def stand_of(seller: ShareLink) -> tuple[int, int]:
    balance = book.balance_of(seller.employee_id)
    return balance.held, balance.payable


def test_a_line_is_held_until_somebody_lifts_it_with_a_note(
    seller: ShareLink, finance: Actor, clock: SettableClock
) -> None:
    goods = {cast.a_product(price=price).variants[0]: 1 for price in (1_000, 2_000)}
    order = trade.sell(goods, through=seller)
    target = Target(order=order.public_id, lines=[2])
    [hold] = holding.place(target, HoldKind.REVIEW, "the receipt is odd", finance, clock.now())
    with pytest.raises(Conflict, match="nothing_to_hold"):
        holding.place(target, HoldKind.REVIEW, "again", finance, clock.now())
    clock.advance(timedelta(days=100))
    assert sales.release(clock.now()) == 1
    assert stand_of(seller) == (200, 100)
    holding.lift(hold.public_id, "it was in order", finance, clock.now())
    assert sales.release(clock.now()) == 1
    with pytest.raises(Conflict, match="hold_lifted"):
        holding.lift(hold.public_id, "again", finance, clock.now())
    assert not broken()


def test_a_whole_person_is_held_with_what_they_earn_later(
    seller: ShareLink, operations: Actor, clock: SettableClock
) -> None:
    trade.sell(cast.a_product(price=1_000), through=seller)
    clock.advance(timedelta(days=8))
    sales.release(clock.now())
    [hold] = holding.place(
        Target(employee="E1"), HoldKind.MISSING_DATA, "no bank account", operations, clock.now()
    )
    trade.sell(cast.a_product(price=2_000), through=seller)
    trade.sell(cast.a_product(price=9_000), through=trade.a_seller())
    clock.advance(timedelta(days=8))
    assert sales.release(clock.now()) == 1
    assert stand_of(seller) == (200, 100)
    clock.advance(timedelta(seconds=1))
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    assert (batch.total, batch.payees) == (900, 1)
    payouts.discard(batch.public_id, clock.now())
    holding.lift(hold.public_id, "the account is here", operations, clock.now())
    assert sales.draft_payout(clock.now(), SYSTEM, clock.now()).total == 1_200
    assert not broken()


def test_much_is_let_go_by_two_and_nobody_lifts_their_own(
    seller: ShareLink, finance: Actor, clock: SettableClock
) -> None:
    second = cast.an_employee(role=Role.HQ_ADMIN)
    theirs = cast.a_link(cast.a_shop(second))
    order = trade.sell(cast.a_product(price=2_000_000), through=theirs)
    [hold] = holding.place(
        Target(order=order.public_id), HoldKind.REVIEW, "large", finance, clock.now()
    )
    with pytest.raises(Forbidden, match="four_eyes"):
        holding.lift(hold.public_id, "mine", cast.actor_of(second), clock.now())
    assert holding.lift(hold.public_id, "fine", finance, clock.now()).lifted_at is None
    with pytest.raises(Forbidden, match="four_eyes"):
        holding.lift(hold.public_id, "fine", finance, clock.now())
    clock.advance(timedelta(days=8))
    assert sales.release(clock.now()) == 0
    third = cast.actor_of(cast.an_employee(role=Role.HQ_ADMIN))
    assert holding.lift(hold.public_id, "seen", third, clock.now()).lifted_at == clock.now()
    assert sales.release(clock.now()) == 1
    assert not broken()


def test_each_kind_has_its_roles_and_its_way(
    seller: ShareLink, finance: Actor, operations: Actor, clock: SettableClock
) -> None:
    order = trade.sell(cast.a_product(price=1_000), through=seller)
    target = Target(order=order.public_id)
    with pytest.raises(Forbidden, match="role_not_allowed"):
        holding.place(target, HoldKind.REVIEW, "?", operations, clock.now())
    with pytest.raises(Invalid, match="not_by_hand"):
        holding.place(target, HoldKind.FRAUD, "?", finance, clock.now())
    dispute = a_dispute(cast.an_employee(), order)
    assert dispute.state == "open"
    assert owner(seller).number == "E1"


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (Target(), "wrong_target"),
        (Target(employee="E1", lines=[1]), "wrong_target"),
        (Target(employee="E404"), "employee_not_found"),
        (Target(order="ord_nothing"), "order_not_found"),
    ],
)
def test_what_cannot_be_held_is_refused(
    target: Target, code: str, seller: ShareLink, finance: Actor, clock: SettableClock
) -> None:
    with pytest.raises(DomainError, match=code):
        holding.place(target, HoldKind.REVIEW, "why", finance, clock.now())
