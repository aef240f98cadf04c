"""Some weeks of trade, told the same way as often as one likes: only the sellers are others."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from storefront import sales
from storefront.attribution import service as attribution
from storefront.attribution.rules import Policy
from storefront.catalog.models import Product, Variant
from storefront.commissions.models import Accrual
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.customers.visitors import new_visitor_id
from storefront.orders.models import CancelReason
from storefront.sharing.models import ShareLink, Uncounted
from storefront.staff.models import Employee
from tests.support import cast, trade

SELLERS = 5
VISITORS = 8
ORDERS = 40


@dataclass(frozen=True)
class Chain:
    """Goods that every telling sells."""

    goods: tuple[Product, ...]


def a_chain() -> Chain:
    """Five products at prices that no rate divides evenly."""
    return Chain(tuple(cast.a_product(price=price) for price in (1_999, 333, 12_345, 77, 50_001)))


@dataclass(frozen=True)
class Told:
    """What one telling left behind."""

    sellers: tuple[ShareLink, ...]
    """In the order of their roles."""
    orders: int


def sellers() -> tuple[ShareLink, ...]:
    """A new set of people for the roles."""
    return tuple(trade.a_seller() for _ in range(SELLERS))


def tell(seed: int, chain: Chain, time: SettableClock, people: tuple[ShareLink, ...]) -> Told:
    """Visits, orders, payments, hand-overs, returns and cancellations, as the seed says."""
    chance = random.Random(seed)
    visitors = [new_visitor_id() for _ in range(VISITORS)]
    for _ in range(ORDERS):
        time.advance(timedelta(minutes=chance.randrange(60, 900)))
        visitor = chance.choice(visitors)
        for _ in range(chance.choice((0, 1, 1, 2, 3))):
            uncounted = Uncounted.PREFETCH if chance.random() < 0.1 else Uncounted.NO
            trade.a_visit(chance.choice(people), visitor, uncounted)
            time.advance(timedelta(minutes=chance.randrange(31, 90)))
        _buy(chance, chain, visitor)
    time.advance(timedelta(minutes=1))
    return Told(people, ORDERS)


def _buy(chance: random.Random, chain: Chain, visitor: str) -> None:
    wanted: Mapping[Variant, int] = {
        product.variants[0]: chance.randrange(1, 5)
        for product in chance.sample(chain.goods, chance.randrange(1, 4))
    }
    fate = chance.random()
    if fate < 0.1:
        trade.an_order(wanted, visitor=visitor)
        return
    order = trade.sell(wanted, visitor=visitor, handed_over=fate >= 0.2)
    now = clock.now()
    if 0.1 <= fate < 0.15:
        sales.cancel(order.public_id, CancelReason.BY_CHAIN, SYSTEM, now)
    if fate >= 0.7:
        pieces = {
            position: chance.randrange(1, count + 1)
            for position, count in enumerate(wanted.values(), 1)
        }
        sales.take_back(order.public_id, pieces, "does not fit", SYSTEM, now)


def from_now_on(policy: Policy) -> int:
    """Publish a policy that judges whatever is ordered from now on; its version."""
    version = a_draft(policy)
    attribution.approve_policy(version, SYSTEM)
    attribution.publish_policy(version, clock.now())
    return version


def a_draft(policy: Policy) -> int:
    """A version that nobody has approved."""
    now = clock.now()
    return attribution.draft_policy(policy, now, "", SYSTEM, now).version


def booked(people: tuple[ShareLink, ...]) -> list[int]:
    """What the books say that each of these people earns, by role."""
    sums = dict(
        db.session.execute(
            sa.select(Accrual.employee_id, sa.func.sum(Accrual.amount - Accrual.reversed)).group_by(
                Accrual.employee_id
            )
        ).all()
    )
    return [int(sums.get(link.employee_id, 0)) for link in people]


def number_of(link: ShareLink) -> str:
    """The staff number behind a link."""
    return db.session.get_one(Employee, link.employee_id).number
