"""Links shared and visits made to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random

from storefront.cli.demo.content import read_data
from storefront.cli.demo.plans import Channel, LinkPlan, Reader, VisitPlan
from storefront.cli.demo.rhythm import at_hour, busyness, moment, poisson
from storefront.cli.demo.sellers import CHANNELS, Seller

_READERS: dict[Reader, float] = {
    "person": 78,
    "crawler": 14,
    "prefetch": 3,
    "head": 2,
    "own_visit": 3,
}
_SHOP_LINKS = 0.3
_RECENT_LINKS = 8
_FADING = 0.72
"""Each older link is followed this much less than the one after it."""

_LOOKS_AGAIN = 0.06
"""How many people open the same link once more within minutes: the chat is still open."""
_COMES_BACK = 0.3
_KNOWS_ANOTHER = 0.04
_RECENT_VISITORS = 60


def share_links(
    random: Random, seller: Seller, first_day: date, days: int, visits: float
) -> Iterator[LinkPlan]:
    """The links of one seller, unnumbered: one on the first day, then the oftener the busier."""
    last = days if seller.ends is None else seller.ends
    for day in range(seller.opens, last):
        on = first_day + timedelta(days=day)
        if day == seller.opens:
            at = at_hour(random, on, 9, 9) + timedelta(minutes=30)
        elif random.random() < min(0.9, 0.12 + visits * seller.pull(day) / days / 5):
            at = moment(random, on)
        else:
            continue
        channel: Channel = random.choices(list(CHANNELS), weights=seller.channels)[0]
        pick = None if random.random() < _SHOP_LINKS else random.choice(seller.shop.picks).product
        yield LinkPlan(at, 0, seller.employee.number, channel, pick)


def visit_times(
    random: Random, sellers: tuple[Seller, ...], first_day: date, days: int, visits: float
) -> list[tuple[datetime, int]]:
    """When a shop is visited and whose (the seller's place in `sellers`), in time order."""
    pulls = [
        (day, place, seller.pull(day) * busyness(day, days, first_day + timedelta(days=day)))
        for place, seller in enumerate(sellers)
        for day in range(seller.opens, days)
    ]
    unit = visits / sum(pull for _, _, pull in pulls)
    times = [
        (moment(random, first_day + timedelta(days=day)), place)
        for day, place, pull in pulls
        for _ in range(poisson(random, pull * unit))
    ]
    return sorted(times)


class Crowd:
    """The browsers that have been to the shops: who comes back, and to whom."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._number = 0
        self._known: dict[str, list[int]] = {}
        self._own: dict[str, int] = {}
        self._agents: dict[int, str] = {}

    def visitor(self, reader: Reader, link: LinkPlan) -> tuple[int | None, str]:
        """The visitor, none for machines, and what their browser calls itself."""
        if reader == "own_visit":
            if link.employee not in self._own:
                self._own[link.employee] = self._new(link.channel)
            number = self._own[link.employee]
            return number, self._agents[number]
        if reader != "person":
            agents = agents_of("crawlers" if reader == "crawler" else link.channel)
            return None, self._random.choice(agents)
        number = self._person(link)
        return number, self._agents[number]

    def _person(self, link: LinkPlan) -> int:
        known = self._known.setdefault(link.employee, [])
        chance = self._random.random()
        if known and chance < _COMES_BACK:
            return self._random.choice(known[-_RECENT_VISITORS:])
        if chance < _COMES_BACK + _KNOWS_ANOTHER:
            others = self._known[self._random.choice(list(self._known))]
            number = self._random.choice(others) if others else self._new(link.channel)
        else:
            number = self._new(link.channel)
        known.append(number)
        return number

    def _new(self, channel: Channel) -> int:
        self._number += 1
        self._agents[self._number] = self._random.choice(agents_of(channel))
        return self._number


def plan_visits(
    random: Random,
    times: list[tuple[datetime, int]],
    sellers: tuple[Seller, ...],
    links: dict[str, list[LinkPlan]],
) -> Iterator[VisitPlan]:
    """Follow links in time order; the newest of a seller's links are followed most."""
    crowd = Crowd(random)
    readers, weights = list(_READERS), list(_READERS.values())
    number = 0
    for at, place in times:
        out = [link for link in links[sellers[place].employee.number] if link.at < at]
        if not out:
            continue
        recent = out[: -_RECENT_LINKS - 1 : -1]
        link = random.choices(recent, weights=[_FADING**age for age in range(len(recent))])[0]
        reader = random.choices(readers, weights=weights)[0]
        visitor, agent = crowd.visitor(reader, link)
        number += 1
        yield VisitPlan(
            at=at,
            number=number,
            link=link.number,
            employee=link.employee,
            channel=link.channel,
            product=link.product,
            reader=reader,
            visitor=visitor,
            agent=agent,
        )


def look_again(random: Random, visits: list[VisitPlan]) -> list[VisitPlan]:
    """The visits and, some minutes after, those of people who open the same link again; in time
    order.
    """
    people = [visit for visit in visits if visit.reader == "person"]
    again = [
        replace(visit, at=visit.at + timedelta(minutes=random.randint(1, 20)))
        for visit in people
        if random.random() < _LOOKS_AGAIN
    ]
    numbered = [replace(visit, number=len(visits) + 1 + n) for n, visit in enumerate(again)]
    return sorted([*visits, *numbered], key=lambda visit: visit.at)


def agents_of(channel: str) -> list[str]:
    """What browsers call themselves where a link of this channel opens."""
    agents = _agents()
    return agents["wechat" if channel in {"moments", "poster"} else channel]


@lru_cache(maxsize=1)
def _agents() -> dict[str, list[str]]:
    return read_data("agents")
