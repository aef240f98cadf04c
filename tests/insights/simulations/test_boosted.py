"""Policies replayed over sales with boosters, campaigns and a cap on the order."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from storefront.attribution.rules import Model, Policy
from storefront.commissions.terms import NewRule
from storefront.core.clock import SettableClock
from storefront.insights.simulations.result import changes, summary
from tests.insights.simulations import story
from tests.insights.simulations.test_replay import everything, replayed
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.planning import a_booster, a_campaign, a_link_for, in_force, spent

LINEAR = Policy(window_days=30, model=Model.LINEAR)


def test_what_boosters_and_caps_gave_stays_as_it_is_where_nothing_changes(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(LINEAR)
    chain, people = story.a_chain(), story.sellers()
    campaign = a_campaign(days=90)
    in_force(
        NewRule(777),
        NewRule(1_500, campaign_id=campaign.id),
        order_cap=3_000,
        boosters=(
            a_booster(333, budget=2_500, days=90),
            a_booster(per_unit=50, budget=10**6, product_id=chain.goods[3].id, days=90),
        ),
    )
    links = tuple(
        a_link_for(campaign, link) if place % 2 else link for place, link in enumerate(people)
    )
    story.tell(7, chain, clock, links)
    assert spent()[0] == 2_500, "the budget was used up in the middle"
    assert broken() == set()
    tally = replayed(LINEAR, everything(clock))
    answer = summary(tally, "CNY")
    assert (answer["orders_changed"], answer["difference"]["amount"]) == (0, 0)
    assert answer["old"] == answer["new"]
    assert all(each.before == each.after for each in changes(tally))


def test_who_gains_a_sale_gains_what_its_booster_promises_within_the_cap(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(Policy(window_days=30))
    anna, bo = trade.a_seller("E1"), trade.a_seller("E2")
    campaign = a_campaign(days=90)
    in_force(
        NewRule(1_000),
        NewRule(2_000, campaign_id=campaign.id),
        order_cap=700,
        boosters=(a_booster(500, budget=10**6, days=90),),
    )
    visitor = trade.a_visit(a_link_for(campaign, anna))
    clock.advance(timedelta(minutes=1))
    trade.a_visit(bo, visitor)
    order = trade.an_order(cast.a_product(price=4_000), visitor=visitor)
    trade.pay(order)
    clock.advance(timedelta(minutes=1))
    found = {each.number: each for each in changes(replayed(LINEAR, everything(clock)))}
    assert [(found[name].before.cost, found[name].after.cost) for name in ("E1", "E2")] == [
        (0, 500),  # 20 % of half, and 5 % on top
        (600, 300),
    ]
    first = Policy(window_days=30, model=Model.FIRST_TOUCH)
    found = {each.number: each for each in changes(replayed(first, everything(clock)))}
    assert [found[name].after.cost for name in ("E1", "E2")] == [700, 0]
