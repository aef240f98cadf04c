"""A chain's quarter: honest trade with all that looks like fraud and is none, and planted fraud.

Frequencies and strengths are our own guess. Planted cases are drawn from weak to strong, and honest
ones from plain to odd, so that neither side is easy: some of the planted stay under the thresholds,
and some families do buy as much as a cheat.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from random import Random

from storefront.cli.fraud.rows import CONSUMABLES, PRODUCTS, Buyer, Sale, phone_of
from storefront.commissions.fraud_models import Signal
from storefront.orders.models import Door

DAYS = 84
"""Within the window that the rules look at."""


class Quarter:
    """Sales of a quarter, drawn from a seed, and who was planted for which rule."""

    def __init__(self, seed: int, people: int, start: datetime, ends_of_months: list[int]) -> None:
        self.random = Random(seed)  # noqa: S311
        self.people = people
        self.start = start
        self.ends_of_months = ends_of_months
        """Days, counted from the start, at which a month ends."""
        self.planted: dict[Signal, set[int]] = defaultdict(set)
        self.signed_in: list[tuple[int, str]] = []
        self._number = count(1)

    # --- who buys -----------------------------------------------------------------------------

    def somebody(self, **known: str) -> Buyer:
        """A new buyer with everything their own but for what is said."""
        number = next(self._number)
        own = Buyer(
            phone=f"+86139{number:08}",
            address=f"{number % 977} 路 {number} 号",
            device=f"d{number}",
            openid=f"o{number}",
            card=f"c{number}" if self.random.random() < 0.3 else "",
        )
        return replace(own, **known)

    def employee_as_buyer(self, employee: int) -> Buyer:
        """An employee in private life."""
        return Buyer(
            phone=phone_of(employee),
            address=f"宿舍 {employee} 室",
            device=f"own{employee}",
            openid=f"eo{employee}",
            card=f"ec{employee}",
        )

    # --- when and what ------------------------------------------------------------------------

    def moment(self, first: float = 0, last: float = DAYS) -> datetime:
        """Some time of the quarter, in days from its start."""
        return self.start + timedelta(days=self.random.uniform(first, last))

    def sale(self, seller: int, buyer: Buyer, **more: object) -> Sale:
        """A sale of something or other."""
        product = self.random.randrange(PRODUCTS)
        plain = Sale(
            seller,
            buyer,
            self.moment(),
            product,
            quantity=self.random.choice((1, 1, 1, 2)),
            payer_told=self.random.random() < 0.8,
        )
        return replace(plain, **more)

    def few(self, mean: float) -> int:
        """A count of a Poisson kind: by how many of small chances came true."""
        return sum(self.random.random() < mean / 20 for _ in range(20))

    def others(self, employee: int, many: int) -> list[int]:
        """Colleagues of an employee, all different."""
        found: set[int] = set()
        while len(found) < many:
            other = self.random.randrange(1, self.people + 1)
            if other != employee:
                found.add(other)
        return sorted(found)


def consumable(random: Random) -> int:
    """A product that many buy again."""
    return random.randrange(CONSUMABLES)


def at_till(sale: Sale, *, met: bool) -> Sale:
    """The same at a till."""
    return replace(sale, door=Door.TILL, met=met)
