"""Who sells how much: a few stars, a broad middle, many beginners."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from storefront.cli.demo.content import Chain, Employee, EmploymentState, Role
from storefront.cli.demo.plans import Channel
from storefront.cli.demo.writing import ShopWords, shop_words

CHANNELS: dict[Channel, tuple[float, float]] = {
    "wechat": (36, 1.3),
    "moments": (20, 0.7),
    "wecom": (12, 1.5),
    "poster": (12, 1.3),
    "weibo": (8, 0.4),
    "qq": (5, 0.6),
    "whatsapp": (7, 0.9),
}
"""How much each channel is used, and how readily its visitors buy."""

_WITH_SHOP = {Role.EMPLOYEE: 0.93, Role.STORE_MANAGER: 0.6}
_BEGINNERS = 0.45
_STRONGEST = 22.0


@dataclass(frozen=True, slots=True)
class Seller:
    """An employee with a shop. Days count from the first day of the trade.

    `reach` is the share of all visits that their shop has when it runs well; `skill` how
    readily visitors buy from them; `ends` the day they are suspended or leave, if they do.
    """

    employee: Employee
    shop: ShopWords
    reach: float
    skill: float
    opens: int
    ends: int | None
    channels: tuple[float, ...]

    def pull(self, day: int) -> float:
        """What the shop draws on a day: it grows for three weeks, and fades after the end."""
        if day < self.opens:
            return 0.0
        ramp = min(1.0, 0.35 + 0.65 * (day - self.opens) / 21) if self.opens > 0 else 1.0
        if self.ends is not None and day >= self.ends:
            ramp *= 0.35 * 0.9 ** (day - self.ends)
        return self.reach * ramp


def find_sellers(random: Random, chain: Chain, days: int) -> tuple[Seller, ...]:
    """Most of the sales staff and of the store managers; nobody who is only invited."""
    sellers = [
        _seller(random, chain, employee, days)
        for employee in chain.employees
        if employee.state is not EmploymentState.INVITED
        and (employee.state is not EmploymentState.ACTIVE or _opens_a_shop(random, employee))
    ]
    total = sum(seller.reach for seller in sellers)
    return tuple(replace(seller, reach=seller.reach / total) for seller in sellers)


def _opens_a_shop(random: Random, employee: Employee) -> bool:
    return random.random() < _WITH_SHOP.get(employee.role, 0.0)


def _seller(random: Random, chain: Chain, employee: Employee, days: int) -> Seller:
    """Reach is Pareto's: most have little, some have twenty times as much."""
    reach = min(_STRONGEST, random.paretovariate(1.1))
    opens = 0
    stays = employee.state is EmploymentState.ACTIVE
    if stays and random.random() < _BEGINNERS:
        reach = min(reach * 0.25, 1.0)
        opens = random.randint(1, max(1, int(days * 0.85)))
    return Seller(
        employee=employee,
        shop=shop_words(random, employee, chain.products),
        reach=reach,
        skill=random.triangular(0.5, 1.7, 0.9),
        opens=opens,
        ends=None if stays else random.randint(int(days * 0.45), int(days * 0.85)),
        channels=tuple(use * random.uniform(0.3, 1.7) for use, _ in CHANNELS.values()),
    )
