"""Ninety days of trade, as a plan that the `demo` command plays through the program."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from storefront.cli.demo.checkout import Checkout
from storefront.cli.demo.content import Chain
from storefront.cli.demo.plans import EmploymentPlan, Event, LinkPlan, ShopOpeningPlan, Trade
from storefront.cli.demo.rhythm import CHINA, at_hour
from storefront.cli.demo.sellers import Seller, find_sellers
from storefront.cli.demo.traffic import look_again, plan_visits, share_links, visit_times

DAYS = 90

_VISITS = 24_000
"""Besides those who look again within minutes, some thousand more."""
_ORDERS = 1_800


def plan_trade(
    random: Random, chain: Chain, first_day: date, days: int = DAYS, scale: float = 1.0
) -> Trade:
    """What happens from 0:00 of `first_day` in China for so many days, in time order.

    In 90 days some 25,000 visits and 1,800 orders at `scale` 1, proportionally more or fewer
    for other lengths and scales. Nothing reaches beyond the last day: orders of the last days
    may not be handed over yet.
    """
    share = scale * days / DAYS
    visits_wanted, orders_wanted = _VISITS * share, _ORDERS * share
    end = datetime.combine(first_day + timedelta(days=days), time(), CHINA).astimezone(UTC)
    sellers = find_sellers(random, chain, days)
    events: list[Event] = []
    for seller in sellers:
        events += _career(random, seller, first_day)
    links = _links(random, sellers, first_day, days, visits_wanted)
    by_seller: dict[str, list[LinkPlan]] = {seller.employee.number: [] for seller in sellers}
    for link in links:
        by_seller[link.employee].append(link)
    times = visit_times(random, sellers, first_day, days, visits_wanted)
    visits = look_again(random, list(plan_visits(random, times, sellers, by_seller)))
    checkout = Checkout(random, chain, sellers, end)
    events += [*links, *visits, *checkout.play(visits, orders_wanted)]
    events.sort(key=lambda event: event.at)
    return Trade(tuple(events), tuple(checkout.customers))


def _career(random: Random, seller: Seller, first_day: date) -> list[Event]:
    """The shop opens at nine; whoever leaves or is suspended does so in the evening."""
    number = seller.employee.number
    opening = at_hour(random, first_day + timedelta(days=seller.opens), 8, 8)
    events: list[Event] = [ShopOpeningPlan(opening, number, seller.shop)]
    if seller.ends is not None:
        last = at_hour(random, first_day + timedelta(days=seller.ends), 18, 18)
        events.append(EmploymentPlan(last, number, seller.employee.state))
    return events


def _links(
    random: Random, sellers: tuple[Seller, ...], first_day: date, days: int, visits: float
) -> list[LinkPlan]:
    """All links in time order, numbered from 1."""
    shared = [
        link for seller in sellers for link in share_links(random, seller, first_day, days, visits)
    ]
    shared.sort(key=lambda link: link.at)
    return [replace(link, number=number) for number, link in enumerate(shared, 1)]
