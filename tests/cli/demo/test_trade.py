"""Ninety days of trade that look like trade."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TypeVar

import pytest

from storefront.cli.demo.chain import make_chain
from storefront.cli.demo.content import Chain, EmploymentState
from storefront.cli.demo.plans import (
    CancellationPlan,
    EmploymentPlan,
    HandOverPlan,
    LinkPlan,
    PaymentPlan,
    PurchasePlan,
    ReturnPlan,
    ShopOpeningPlan,
    Trade,
    VisitPlan,
)
from storefront.cli.demo.rhythm import CHINA
from storefront.cli.demo.trade import plan_trade

Kind = TypeVar("Kind")

FIRST_DAY = date(2026, 8, 10)


@pytest.fixture(scope="module")
def chain() -> Chain:
    return make_chain(Random(7))


@pytest.fixture(scope="module")
def trade(chain: Chain) -> Trade:
    return plan_trade(Random(7), chain, FIRST_DAY)


def _of(trade: Trade, kind: type[Kind]) -> list[Kind]:
    return [event for event in trade.events if isinstance(event, kind)]


def test_the_same_seed_gives_the_same_trade(chain: Chain) -> None:
    one, other = (plan_trade(Random(3), chain, FIRST_DAY, days=20, scale=0.3) for _ in range(2))
    assert one == other
    assert plan_trade(Random(4), chain, FIRST_DAY, days=20, scale=0.3) != one


def test_there_are_some_25000_visits_and_1800_orders(trade: Trade) -> None:
    assert len(_of(trade, VisitPlan)) == pytest.approx(25_000, rel=0.03)
    assert len(_of(trade, PurchasePlan)) == pytest.approx(1_800, rel=0.1)


def test_scale_makes_more_or_less_of_it(chain: Chain) -> None:
    small = plan_trade(Random(7), chain, FIRST_DAY, scale=0.1)
    assert len(_of(small, VisitPlan)) == pytest.approx(2_500, rel=0.1)
    assert len(_of(small, PurchasePlan)) == pytest.approx(180, rel=0.3)


def test_events_are_in_time_order_and_inside_the_days_asked_for(trade: Trade) -> None:
    times = [event.at for event in trade.events]
    start = datetime(2026, 8, 9, 16, tzinfo=UTC)
    assert times == sorted(times)
    assert times[0] >= start
    assert times[-1] < start + timedelta(days=90)
    assert all(at.tzinfo is UTC for at in times)


def test_everything_refers_to_something_that_was_there_before(trade: Trade) -> None:
    shops: set[str] = set()
    links: dict[int, LinkPlan] = {}
    visits: dict[int, VisitPlan] = {}
    picks: dict[str, set[str]] = {}
    for event in trade.events:
        match event:
            case ShopOpeningPlan():
                shops.add(event.employee)
                picks[event.employee] = {pick.product for pick in event.shop.picks}
            case LinkPlan():
                assert event.employee in shops
                assert event.product is None or event.product in picks[event.employee]
                links[event.number] = event
            case VisitPlan():
                link = links[event.link]
                assert (event.employee, event.channel) == (link.employee, link.channel)
                visits[event.number] = event
            case PurchasePlan() if event.visit is not None:
                assert visits[event.visit].visitor == event.visitor
                assert visits[event.visit].employee == event.employee
            case _:
                pass


def test_an_order_is_paid_handed_over_and_returned_in_that_order(trade: Trade) -> None:
    placed = {order.number: order for order in _of(trade, PurchasePlan)}
    paid = {payment.purchase: payment.at for payment in _of(trade, PaymentPlan)}
    handed = {event.purchase: event.at for event in _of(trade, HandOverPlan)}
    for number, at in paid.items():
        assert timedelta() < at - placed[number].at <= timedelta(minutes=10)
    assert all(at > paid[number] for number, at in handed.items())
    assert all(event.at > handed[event.purchase] for event in _of(trade, ReturnPlan))


def test_what_was_cancelled_is_never_handed_over(trade: Trade) -> None:
    cancelled = {event.purchase for event in _of(trade, CancellationPlan)}
    handed = {event.purchase for event in _of(trade, HandOverPlan)}
    assert cancelled
    assert not cancelled & handed


def test_only_what_was_bought_comes_back_and_once(trade: Trade, chain: Chain) -> None:
    placed = {order.number: order for order in _of(trade, PurchasePlan)}
    returns = _of(trade, ReturnPlan)
    reasons = {reason.code for reason in chain.return_reasons}
    assert len({event.purchase for event in returns}) == len(returns)
    for event in returns:
        bought = {line.sku: line.quantity for line in placed[event.purchase].lines}
        assert all(0 < line.quantity <= bought[line.sku] for line in event.lines)
        assert event.reason in reasons


def test_some_six_percent_of_paid_orders_come_back(trade: Trade) -> None:
    assert 0.04 < len(_of(trade, ReturnPlan)) / len(_of(trade, PaymentPlan)) < 0.09


def test_baskets_have_one_to_four_different_lines_of_goods_that_exist(
    trade: Trade, chain: Chain
) -> None:
    skus = {variant.sku for product in chain.products for variant in product.variants}
    for order in _of(trade, PurchasePlan):
        bought = [line.sku for line in order.lines]
        assert 1 <= len(bought) <= 4
        assert len(set(bought)) == len(bought)
        assert set(bought) <= skus


def test_every_buyer_is_a_customer(trade: Trade) -> None:
    numbers = [customer.number for customer in trade.customers]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {order.customer for order in _of(trade, PurchasePlan)} <= set(numbers)
    assert len({customer.phone for customer in trade.customers}) == len(numbers)


def test_some_customers_come_again_and_some_are_employees(trade: Trade) -> None:
    orders = Counter(order.customer for order in _of(trade, PurchasePlan))
    assert sum(1 for count in orders.values() if count > 1) > 50
    assert any(customer.employee for customer in trade.customers)


def test_weekends_and_evenings_are_busy(trade: Trade) -> None:
    local = [visit.at.astimezone(CHINA) for visit in _of(trade, VisitPlan)]
    weekdays = Counter(at.weekday() for at in local)
    hours = Counter(at.hour for at in local)
    assert min(weekdays[5], weekdays[6]) > 1.2 * max(weekdays[day] for day in range(4))
    assert hours[21] > 1.5 * hours[15] > 10 * hours[4]


def test_a_few_stars_bring_half_and_most_are_beginners(trade: Trade) -> None:
    visits = Counter(visit.employee for visit in _of(trade, VisitPlan)).most_common()
    total = sum(count for _, count in visits)
    assert sum(count for _, count in visits[:12]) > 0.35 * total
    assert sum(1 for _, count in visits if count < total / len(visits) / 2) > len(visits) / 2
    assert len(_of(trade, ShopOpeningPlan)) > 100


def test_a_fifth_of_the_visits_does_not_count(trade: Trade) -> None:
    visits = _of(trade, VisitPlan)
    readers = Counter(visit.reader for visit in visits)
    assert set(readers) == {"person", "crawler", "prefetch", "head", "own_visit"}
    assert 0.74 < readers["person"] / len(visits) < 0.82
    crawlers = {visit.agent for visit in visits if visit.reader == "crawler"}
    people = {visit.agent for visit in visits if visit.reader == "person"}
    assert not crawlers & people


def test_a_visitor_keeps_the_same_browser(trade: Trade) -> None:
    agents: dict[int, str] = {}
    for visit in _of(trade, VisitPlan):
        if visit.visitor is not None:
            assert agents.setdefault(visit.visitor, visit.agent) == visit.agent


def test_friends_buy_more_readily_than_strangers(trade: Trade) -> None:
    visits = {visit.number: visit for visit in _of(trade, VisitPlan) if visit.reader == "person"}
    came = Counter(visit.channel for visit in visits.values())
    bought = Counter(
        visits[order.visit].channel
        for order in _of(trade, PurchasePlan)
        if order.visit is not None and order.visit in visits
    )
    assert bought["wechat"] / came["wechat"] > 1.5 * bought["weibo"] / came["weibo"]


def test_whoever_is_only_invited_has_no_shop_and_whoever_left_shares_nothing_more(
    trade: Trade, chain: Chain
) -> None:
    invited = {
        person.number for person in chain.employees if person.state is EmploymentState.INVITED
    }
    openings = {event.employee for event in _of(trade, ShopOpeningPlan)}
    ended = {event.employee: event.at for event in _of(trade, EmploymentPlan)}
    assert not invited & openings
    assert len(ended) == 9
    for link in _of(trade, LinkPlan):
        assert link.employee not in ended or link.at < ended[link.employee]
