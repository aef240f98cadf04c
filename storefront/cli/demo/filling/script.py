"""What is going to be entered, all of it made up before the first row is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from storefront.cli.demo.chain import make_chain
from storefront.cli.demo.content import Chain, Employee, Role
from storefront.cli.demo.fittings import plan_fittings
from storefront.cli.demo.plans import ShopFittingPlan, Trade, VisitPlan
from storefront.cli.demo.rhythm import CHINA
from storefront.cli.demo.trade import DAYS, plan_trade

Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Script:
    """A chain, its 90 days, and the dice for what the plan leaves open."""

    seed: int
    until: date
    """The last day of trade, in China."""
    scale: float
    chain: Chain
    trade: Trade
    dice: Random
    fittings: tuple[ShopFittingPlan, ...] = ()
    """Of some of the shops that are open at the end."""

    @property
    def first_day(self) -> date:
        """The first day of trade."""
        return self.until - timedelta(days=DAYS - 1)

    def at(self, day: int, clock: time) -> datetime:
        """A time of the clock in China, so many days after the first day of trade; in UTC."""
        on = self.first_day + timedelta(days=day)
        return datetime.combine(on, clock, CHINA).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The midnight after the last day: nothing happens from here on."""
        return self.at(DAYS, time.min)

    def events(self, kind: type[Kind]) -> Iterator[Kind]:
        """Everything of one kind that happens, in time order."""
        return (event for event in self.trade.events if isinstance(event, kind))

    def first_with(self, role: Role, place: int = 0) -> Employee:
        """Somebody with a role: the first on the roster, or the one so many places after."""
        return [person for person in self.chain.employees if person.role is role][place]

    def star(self) -> str:
        """The number of the employee whose links are followed most."""
        followed = [visit.employee for visit in self.events(VisitPlan)]
        return max(sorted(set(followed)), key=followed.count)


def write_script(seed: int, until: date, scale: float) -> Script:
    """Make it all up: the same arguments give the same script."""
    random = Random(seed)  # noqa: S311, not a secret
    chain = make_chain(random)
    trade = plan_trade(random, chain, until - timedelta(days=DAYS - 1), scale=scale)
    fittings = plan_fittings(Random(f"the fittings of {seed}"), chain, trade)  # noqa: S311, as above
    return Script(seed, until, scale, chain, trade, random, fittings)
