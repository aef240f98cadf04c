"""Policies replayed over past orders: what a simulation says is what the books would have said."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution.rules import Model, Policy
from storefront.commissions.models import Accrual
from storefront.commissions.plans import NewRule
from storefront.commissions.rates import PlanCalendar
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.insights.simulations.reading import Span
from storefront.insights.simulations.replay import Replay
from storefront.insights.simulations.result import changes, summary
from storefront.insights.simulations.tally import Tally
from tests.insights.simulations import story
from tests.support import trade

LAST = Policy(window_days=30)
FIRST = Policy(window_days=30, model=Model.FIRST_TOUCH)
LINEAR = Policy(window_days=30, model=Model.LINEAR)
DECAY = Policy(window_days=5, model=Model.TIME_DECAY, half_life_days=1)
POSITION = Policy(window_days=30, model=Model.POSITION_BASED, first_share=3_333, last_share=3_333)
EVERY = [LAST, FIRST, LINEAR, DECAY, POSITION]


def replayed(policy: Policy, span: Span) -> Tally:
    replay = Replay(policy, PlanCalendar())
    assert replay.through(span, lambda *_: True)
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
