"""Policies replayed over past orders: what a simulation says is what the books would have said."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution.rules import Model, Policy, Source, Treatment
from storefront.commissions import plans
from storefront.commissions.models import Accrual
from storefront.commissions.rates import PlanCalendar
from storefront.commissions.terms import NewRule
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.insights.scope import CHAIN, EVER
from storefront.insights.simulations.months import Months
from storefront.insights.simulations.reading import Span
from storefront.insights.simulations.replay import Replay
from storefront.insights.simulations.result import changes, summary
from storefront.insights.simulations.tally import Tally
from storefront.insights.simulations.trial import Trial, plan_of
from storefront.insights.totals import totals
from storefront.orders.models import Order
from storefront.staff import employment
from storefront.staff.models import Employee
from storefront.till.told import BroughtBack
from tests.insights.simulations import story
from tests.support import cast, disputing, tills, trade
from tests.support.books import broken

LAST = Policy(window_days=30)
FIRST = Policy(window_days=30, model=Model.FIRST_TOUCH)
LINEAR = Policy(window_days=30, model=Model.LINEAR)
DECAY = Policy(window_days=5, model=Model.TIME_DECAY, half_life_days=1)
POSITION = Policy(window_days=30, model=Model.POSITION_BASED, first_share=3_333, last_share=3_333)
EVERY = [LAST, FIRST, LINEAR, DECAY, POSITION]


def replayed(policy: Policy | None, span: Span, plan_version: int | None = None) -> Tally:
    trial = Trial(policy, plan_of(plan_version) if plan_version else None)
    replay = Replay(trial, PlanCalendar())
    assert replay.through(span, lambda *_: True)
    Months(trial, "Asia/Shanghai").settle(replay.tally)
    return replay.tally


def everything(clock: SettableClock) -> Span:
    return Span(None, clock.now() + timedelta(seconds=1))


@pytest.mark.parametrize("policy", EVERY, ids=lambda policy: policy.model)
def test_the_policy_in_force_changes_nothing_to_the_smallest_unit(
    app: Flask, clock: SettableClock, policy: Policy
) -> None:
    trade.the_policy(policy)
    trade.the_plan(NewRule(rate=777))
    story.tell(7, story.a_chain(), clock, story.sellers())
    tally = replayed(policy, everything(clock))
    answer = summary(tally, "CNY")
    assert answer["orders"] == story.ORDERS
    assert answer["orders_judged"] > story.ORDERS / 2
    assert (tally.credited_after.cost, answer["orders_changed"], answer["reasons"]) == (
        tally.credited_before.cost,
        0,
        [],
    )
    assert answer["difference"] == {"amount": 0, "currency": "CNY"}
    assert answer["old"] == answer["new"]
    booked = sum(db.session.scalars(sa.select(Accrual.amount - Accrual.reversed)))
    assert answer["old"]["cost"]["amount"] == booked > 0
    assert all(each.before == each.after for each in changes(tally))


@pytest.mark.parametrize("policy", EVERY[1:], ids=lambda policy: policy.model)
def test_a_simulation_says_what_the_books_would_have_said(
    app: Flask, clock: SettableClock, policy: Policy
) -> None:
    """The same story is told twice, under one policy and then under the other."""
    chain, tried, twins = story.a_chain(), story.sellers(), story.sellers()
    trade.the_policy(LAST)
    trade.the_plan(
        NewRule(rate=777),
        NewRule(rate=1_250, product_id=chain.goods[1].id),
        NewRule(rate=333, category_id=chain.goods[0].category_id),
        NewRule(rate=2_001, employee_id=tried[2].employee_id),
        NewRule(rate=2_001, employee_id=twins[2].employee_id),
    )
    begin = clock.now()
    story.tell(11, chain, clock, tried)
    span = Span(begin, clock.advance(timedelta(minutes=1)))
    clock.advance(timedelta(days=2))
    story.from_now_on(policy)
    story.tell(11, chain, clock, twins)
    found = {each.number: each for each in changes(replayed(policy, span))}
    said = [found[story.number_of(link)].after.cost for link in tried]
    before = [found[story.number_of(link)].before.cost for link in tried]
    assert said == story.booked(twins)
    assert before == story.booked(tried)
    assert said != before


MANIFOLD = Policy(
    window_days=30,
    model=Model.LINEAR,
    own_purchase=Treatment.STORE,
    leavers=Treatment.SUCCESSOR,
)


@pytest.fixture
def manifold(app: Flask, clock: SettableClock) -> None:
    """Sales online and at tills, split, returned, disputed, by buyers who work here, by leavers."""
    trade.the_policy(MANIFOLD)
    trade.the_plan(NewRule(rate=777))
    chain, people = story.a_chain(), story.sellers()
    story.tell(5, chain, clock, people)
    numbers = [story.number_of(link) for link in people]
    for net in (1_001, 20_003, 333):
        sale = tills.a_sale(
            tills.a_line(chain.goods[0], net, (numbers[0], 3_333), (numbers[1], 6_667), quantity=3),
            tills.a_line(chain.goods[1], net, numbers[2]),
        )
        tills.sold(sale)
        clock.advance(timedelta(hours=1))
        tills.taken_back(
            tills.a_return(sale, BroughtBack(tills.code_of(chain.goods[0]), 2, amount=net // 3))
        )
    employee = db.session.get_one(Employee, people[3].employee_id)
    own = trade.a_visit(people[3])
    trade.signs_in(employee, own)
    trade.sell(chain.goods[0], visitor=own)
    disputed = trade.sell(chain.goods[2], through=people[4])
    case = disputing.a_dispute(disputing.owner(people[0]), disputed)
    disputing.decided(case, lines={1: {disputing.owner(people[0]): 10_000}})
    met = trade.a_visit(people[4])
    clock.advance(timedelta(hours=1))
    cast.leaves(disputing.owner(people[4]))
    employment.name_successor(people[4].employee_id, people[1].employee_id)
    trade.sell(chain.goods[3], visitor=met)
    clock.advance(timedelta(minutes=1))


def test_tills_stores_successors_and_decided_disputes_give_no_difference_either(
    manifold: None, clock: SettableClock
) -> None:
    answer = summary(replayed(MANIFOLD, everything(clock)), "CNY")
    assert (answer["orders_changed"], answer["difference"]["amount"]) == (0, 0)
    assert answer["old"] == answer["new"]
    left_out = {each["reason"]: each for each in answer["left_out"]}
    assert left_out["decided"]["orders"] == 1
    assert left_out["decided"]["cost"]["amount"] > 0
    assert answer["new"]["sales_of_stores"]["amount"] > 0
    booked = totals(EVER, CHAIN)
    assert answer["old"]["cost"]["amount"] == booked.commission_net > 0
    assert answer["net_sales"]["amount"] == booked.net_sales
    assert broken() == set()


def test_another_policy_leaves_decided_orders_alone(manifold: None, clock: SettableClock) -> None:
    tried = replace(MANIFOLD, model=Model.FIRST_TOUCH, precedence=(Source.TOUCH,))
    answer = summary(replayed(tried, everything(clock)), "CNY")
    assert answer["orders_changed"] > 0
    decided = [each for each in answer["left_out"] if each["reason"] == "decided"]
    assert [each["orders"] for each in decided] == [1]
    changed = sum(each["orders"] for each in answer["reasons"])
    assert changed == answer["orders_changed"]
    moved = [each["moved"]["amount"] for each in answer["examples"]]
    assert moved == sorted(moved, reverse=True)
    assert answer["gained"]["amount"] - answer["lost"]["amount"] == answer["difference"]["amount"]
    assert sum(bar["employees"] for bar in answer["histogram"]) == answer["employees"]
    by_till = [each for each in answer["examples"] if each["old_reason"] == "till_claim"]
    assert by_till
    assert by_till[0]["new_reason"] == "no_valid_claim"
    assert by_till[0]["new_cost"]["amount"] == 0
    shares = [[share["share"] for share in group["before"]] for group in by_till[0]["lines"]]
    assert shares == [[3_333, 6_667], [10_000]]


def test_an_order_without_readable_evidence_counts_as_booked(
    app: Flask, clock: SettableClock
) -> None:
    trade.open_for_trade()
    order = trade.sell(story.a_chain().goods[2], through=trade.a_seller())
    with transaction() as session:
        session.execute(sa.update(Order).where(Order.id == order.id).values(evidence={}))
    clock.advance(timedelta(minutes=1))
    answer = summary(replayed(FIRST, everything(clock)), "CNY")
    (left_out,) = answer["left_out"]
    assert (left_out["reason"], left_out["orders"]) == ("no_evidence", 1)
    assert left_out["cost"] == answer["old"]["cost"] == answer["new"]["cost"]
    assert answer["orders_judged"] == 0


def test_categories_count_as_they_were_at_the_sale(app: Flask, clock: SettableClock) -> None:
    """A category that moved since pays what its accruals froze."""
    trade.the_policy(LAST)
    chain = story.a_chain()
    above = cast.a_category("HOME")
    below = cast.a_category("SHADES", parent=above)
    with transaction():
        for product in chain.goods:
            product.category_id = below.id
    trade.the_plan(NewRule(rate=500), NewRule(rate=1_500, category_id=above.id))
    story.tell(9, chain, clock, story.sellers())
    with transaction():
        below.parent_id = None
    answer = summary(replayed(LAST, everything(clock)), "CNY")
    assert answer["old"]["cost"]["amount"] > 0
    assert answer["difference"]["amount"] == 0


def test_the_next_plan_does_not_pay_for_orders_before_it(app: Flask, clock: SettableClock) -> None:
    trade.open_for_trade()
    people, chain = story.sellers(), story.a_chain()
    story.tell(3, chain, clock, people)
    draft = plans.draft_plan(
        [NewRule(rate=9_999)],
        hold_days=1,
        starts_at=clock.now(),
        note="",
        actor=SYSTEM,
        now=clock.now(),
    )
    plans.approve_plan(draft.version, SYSTEM)
    plans.publish_plan(draft.version, clock.now())
    story.tell(4, chain, clock, people)
    tally = replayed(LAST, everything(clock))
    assert tally.credited_after == tally.credited_before
