"""Policies as versions, evidence as it is gathered, verdicts as they are stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.attribution import service
from storefront.attribution.models import AttributionPolicy, Credit, Verdict, VersionState
from storefront.attribution.rules import Model, Policy, Scope, Source, Treatment
from storefront.commissions.models import Accrual
from storefront.core.actor import SYSTEM, Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import DomainError
from storefront.orders.models import Order
from storefront.orders.placing import PlacedOrder
from storefront.sharing.models import Uncounted
from storefront.staff.models import Role
from tests.support import cast, trade
from tests.support.books import broken

WEEK = Policy(window_days=7)


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(DomainError) as error:
        deed()
    db.session.rollback()
    return error.value.code


def verdict_on(order: PlacedOrder) -> Verdict:
    return db.session.scalars(sa.select(Verdict).where(Verdict.order_id == order.id)).one()


def earners_of(order: PlacedOrder) -> set[int | None]:
    return set(db.session.scalars(sa.select(Credit.employee_id).where(Credit.order_id == order.id)))


@pytest.fixture
def maker(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee(role=Role.HQ_ADMIN))


@pytest.fixture
def checker(app: Flask) -> Actor:
    return cast.actor_of(cast.an_employee(role=Role.HQ_ADMIN))


def test_a_version_goes_from_draft_by_approval_to_publication(
    maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    now = clock.now()
    draft = service.draft_policy(WEEK, now, "first", maker, now)
    assert (draft.version, draft.state) == (1, VersionState.DRAFT)
    assert refused(lambda: service.publish_policy(1, now)) == "not_approved"
    service.approve_policy(1, checker)
    assert refused(lambda: service.approve_policy(1, checker)) == "not_a_draft"
    assert refused(lambda: service.policy_in_force(now)) == "no_policy"
    service.publish_policy(1, now)
    assert refused(lambda: service.publish_policy(1, now)) == "not_approved"
    policy_id, policy = service.policy_in_force(now)
    assert (policy_id, policy) == (draft.id, WEEK)
    assert service.version_in_force(now).published_at == now


def test_nobody_approves_what_they_drafted(
    maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    service.draft_policy(WEEK, clock.now(), "", maker, clock.now())
    assert refused(lambda: service.approve_policy(1, maker)) == "four_eyes"
    service.approve_policy(1, checker)


@pytest.mark.parametrize("days", [0, 366])
def test_a_window_is_a_day_to_a_year(app: Flask, clock: SettableClock, days: int) -> None:
    now = clock.now()
    assert (
        refused(lambda: service.draft_policy(Policy(days), now, "", SYSTEM, now)) == "wrong_policy"
    )


def test_a_second_policy_cannot_judge_the_past(app: Flask, clock: SettableClock) -> None:
    trade.the_policy()
    now = clock.now()
    service.draft_policy(WEEK, now - timedelta(seconds=1), "", SYSTEM, now)
    service.approve_policy(2, SYSTEM)
    assert refused(lambda: service.publish_policy(2, now)) == "starts_in_the_past"


def test_an_order_is_judged_by_the_version_in_force_when_it_was_placed(
    app: Flask, clock: SettableClock
) -> None:
    trade.open_for_trade()
    seller = trade.a_seller()
    goods = cast.a_product()
    visitor = trade.a_visit(seller)
    clock.advance(timedelta(days=10))
    before = trade.an_order(goods, visitor=visitor)
    now = clock.now()
    service.draft_policy(WEEK, now + timedelta(minutes=1), "", SYSTEM, now)
    service.approve_policy(2, SYSTEM)
    service.publish_policy(2, now)
    clock.advance(timedelta(minutes=2))
    trade.pay(before)
    after = trade.sell(goods, visitor=visitor)
    assert earners_of(before) == {seller.employee_id}
    assert earners_of(after) == set()
    assert verdict_on(after).reason == "no_valid_claim"
    versions = db.session.scalars(
        sa.select(AttributionPolicy.version)
        .join(Verdict, Verdict.policy_id == AttributionPolicy.id)
        .order_by(Verdict.id)
    ).all()
    assert versions == [1, 2]


def test_versions_are_listed_from_the_latest(app: Flask, clock: SettableClock) -> None:
    for days in (1, 2, 3):
        service.draft_policy(Policy(days), clock.now(), "", SYSTEM, clock.now())
    assert [policy.version for policy in service.list_policies(None, 2)] == [3, 2]
    assert [policy.version for policy in service.list_policies(2, 2)] == [1]


def test_the_first_link_a_customer_followed_gives_way_to_the_last(
    app: Flask, clock: SettableClock
) -> None:
    trade.open_for_trade()
    anna, bo = trade.a_seller(), trade.a_seller()
    visitor = trade.a_visit(anna)
    clock.advance(timedelta(hours=1))
    trade.a_visit(bo, visitor)
    clock.advance(timedelta(hours=1))
    trade.a_visit(anna, visitor, uncounted=Uncounted.PREFETCH)
    order = trade.sell(cast.a_product(), visitor=visitor)
    assert earners_of(order) == {bo.employee_id}
    (ruling,) = verdict_on(order).document["rulings"]
    assert [claim["reason"] for claim in ruling["losers"]] == ["earlier_touch"]


def test_a_customer_is_known_again_in_another_browser(app: Flask, clock: SettableClock) -> None:
    trade.open_for_trade()
    seller = trade.a_seller()
    goods = cast.a_product()
    trade.sell(goods, through=seller, phone="+8613900000001")
    clock.advance(timedelta(days=3))
    again = trade.sell(goods, phone="+8613900000001")
    assert earners_of(again) == {seller.employee_id}


@pytest.mark.parametrize("known_by", ["phone", "browser"])
def test_an_employee_earns_nothing_on_what_they_buy_themselves(
    app: Flask, clock: SettableClock, known_by: str
) -> None:
    trade.open_for_trade()
    seller = cast.an_employee(phone="13700000001")
    link = cast.a_link(cast.a_shop(seller))
    visitor = trade.a_visit(link)
    if known_by == "phone":
        order = trade.sell(cast.a_product(), visitor=visitor, phone="+8613700000001")
    else:
        trade.signs_in(seller, visitor)
        order = trade.sell(cast.a_product(), visitor=visitor)
    assert earners_of(order) == set()
    (ruling,) = verdict_on(order).document["rulings"]
    assert ruling["losers"][0]["reason"] == "own_purchase"


def test_somebody_who_left_before_the_order_earns_nothing(app: Flask) -> None:
    trade.the_policy(Policy(window_days=30, leavers=Treatment.NOBODY))
    trade.the_plan()
    seller, colleague = trade.a_seller("E1"), trade.a_seller("E2")
    visitor = trade.a_visit(colleague)
    trade.a_visit(seller, visitor)
    cast.leaves(seller.shop.employee)
    order = trade.sell(cast.a_product(), visitor=visitor)
    assert earners_of(order) == set()
    assert verdict_on(order).reason == "left_the_chain"


def test_somebody_who_leaves_or_moves_after_the_order_keeps_its_credit_where_it_was(
    app: Flask,
) -> None:
    trade.open_for_trade()
    seller = trade.a_seller("E1", store="S1")
    order = trade.an_order(cast.a_product(), through=seller)
    trade.moves(seller.shop.employee, "S2")
    cast.leaves(seller.shop.employee)
    trade.pay(order)
    credit = db.session.scalars(sa.select(Credit).where(Credit.order_id == order.id)).one()
    assert credit.employee_id == seller.employee_id
    assert credit.store_id == cast.a_store("S1").id


def test_every_line_is_credited_and_names_the_touch_that_won(app: Flask) -> None:
    trade.open_for_trade()
    seller = trade.a_seller()
    first, second = cast.a_product().variants[0], cast.a_product().variants[0]
    order = trade.sell({first: 2, second: 1}, through=seller)
    credits_ = db.session.scalars(sa.select(Credit).where(Credit.order_id == order.id)).all()
    (ruling,) = verdict_on(order).document["rulings"]
    (winner,) = ruling["winners"]
    assert {(each.share, each.touch_id) for each in credits_} == {(10_000, winner["touch_id"])}
    assert len(credits_) == 2


def test_evidence_is_frozen_when_the_order_is_placed(app: Flask, clock: SettableClock) -> None:
    trade.open_for_trade()
    anna, bo = trade.a_seller(), trade.a_seller()
    visitor = trade.a_visit(anna)
    order = trade.an_order(cast.a_product(), visitor=visitor)
    clock.advance(timedelta(minutes=1))
    trade.a_visit(bo, visitor)
    trade.pay(order)
    assert earners_of(order) == {anna.employee_id}
    evidence = db.session.scalars(sa.select(Order.evidence).where(Order.id == order.id)).one()
    assert len(evidence["touches"]) == 1


def test_a_cancelled_order_keeps_its_verdict(app: Flask, clock: SettableClock) -> None:
    trade.open_for_trade()
    order = trade.sell(cast.a_product(), through=trade.a_seller(), handed_over=False)
    sales.cancel_by_secret(order.secret, clock.now())
    assert verdict_on(order).reason == "last_touch"


def test_a_linear_policy_credits_every_seller_on_every_line(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(Policy(window_days=30, model=Model.LINEAR))
    trade.the_plan()
    sellers = [trade.a_seller() for _ in range(3)]
    visitor = trade.a_visit(sellers[0])
    for seller in sellers[1:]:
        clock.advance(timedelta(hours=1))
        trade.a_visit(seller, visitor)
    first, second = cast.a_product(price=100).variants[0], cast.a_product(price=50).variants[0]
    order = trade.sell({first: 1, second: 1}, visitor=visitor)
    found = db.session.execute(
        sa.select(Credit.order_line_id, Credit.position, Credit.employee_id, Credit.share)
        .where(Credit.order_id == order.id)
        .order_by(Credit.order_line_id, Credit.position)
    ).all()
    expected = [(sellers[2], 3_334), (sellers[1], 3_333), (sellers[0], 3_333)]
    assert [(row.employee_id, row.share) for row in found] == 2 * [
        (seller.employee_id, share) for seller, share in expected
    ]
    assert broken() == set()


def test_a_line_whose_product_a_link_led_to_goes_to_that_link(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(Policy(window_days=30, scope=Scope.LINE))
    trade.the_plan()
    anna, bo = cast.a_shop(), cast.a_shop()
    lamp, vase = cast.a_listing(anna).product, cast.a_product()
    visitor = trade.a_visit(cast.a_link(anna, lamp))
    clock.advance(timedelta(hours=1))
    trade.a_visit(cast.a_link(bo), visitor)
    order = trade.sell({lamp.variants[0]: 1, vase.variants[0]: 1}, visitor=visitor)
    earners = db.session.scalars(
        sa.select(Credit.employee_id)
        .where(Credit.order_id == order.id)
        .order_by(Credit.order_line_id)
    ).all()
    assert list(earners) == [anna.employee_id, bo.employee_id]
    assert broken() == set()


def test_what_counts_for_the_store_earns_nobody_commission(app: Flask) -> None:
    trade.the_policy(Policy(window_days=30, leavers=Treatment.STORE))
    trade.the_plan()
    seller = trade.a_seller("E1", store="S7")
    visitor = trade.a_visit(seller)
    cast.leaves(seller.shop.employee)
    order = trade.sell(cast.a_product(), visitor=visitor)
    credit = db.session.scalars(sa.select(Credit).where(Credit.order_id == order.id)).one()
    assert (credit.employee_id, credit.store_id) == (None, cast.a_store("S7").id)
    assert db.session.scalars(sa.select(Accrual)).all() == []
    assert broken() == set()


def test_a_draft_written_anew_has_to_be_approved_again(
    maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    now = clock.now()
    service.draft_policy(WEEK, now, "", maker, now)
    service.approve_policy(1, checker)
    service.redraft_policy(1, Policy(14), now, "longer", checker, now)
    assert refused(lambda: service.publish_policy(1, now)) == "not_approved"
    assert refused(lambda: service.approve_policy(1, checker)) == "four_eyes"
    service.approve_policy(1, maker)
    service.publish_policy(1, now)
    assert service.find_policy(1).rules["window_days"] == 14
    assert refused(lambda: service.redraft_policy(1, WEEK, now, "", maker, now)) == (
        "already_published"
    )


def test_a_version_tells_when_a_later_one_takes_its_place(
    maker: Actor, checker: Actor, clock: SettableClock
) -> None:
    now = clock.now()
    for days in (0, 5, 9):
        version = service.draft_policy(WEEK, now + timedelta(days=days), "", maker, now).version
        service.approve_policy(version, checker)
        if days != 9:
            service.publish_policy(version, now)
    found = [service.find_policy(version).superseded_at for version in (1, 2, 3)]
    assert found == [now + timedelta(days=5), None, None]


def test_a_policy_under_which_nobody_could_earn_is_refused(
    maker: Actor, clock: SettableClock
) -> None:
    now = clock.now()
    hopeless = Policy(7, precedence=(Source.TIE,))
    assert refused(lambda: service.draft_policy(hopeless, now, "", maker, now)) == (
        "policy_credits_nobody"
    )
