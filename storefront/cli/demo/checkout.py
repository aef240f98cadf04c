"""Purchases, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from storefront.cli.demo.content import Chain, Customer, Product, Store
from storefront.cli.demo.people import as_customer, customer
from storefront.cli.demo.plans import (
    CancellationPlan,
    Event,
    HandOverPlan,
    LinePlan,
    PaymentPlan,
    PurchasePlan,
    ReturnPlan,
    VisitPlan,
)
from storefront.cli.demo.rhythm import CHINA, at_hour, moment
from storefront.cli.demo.sellers import CHANNELS, Seller

_AT_ONCE = 0.78
_BUYS_AGAIN = 1.8
_BUYS_AGAIN_ON_AVERAGE = 1.04
_WITHOUT_VISIT = 0.03
_OWN_PURCHASES = 0.15
_SECOND_DEVICE = 0.06
_LIVES_NEARBY = 0.85
_PICKS_UP = 0.25
_UNPAID = 0.08
_CANCELLED_FIRST = 0.03
_CANCELLED_PAID = 0.015
_RETURNED = 0.075
_BASKETS = (60, 25, 11, 4)
"""How often a basket has one, two, three and four lines."""

_QUANTITIES = (88, 10, 2)


class Checkout:
    """Turns visits into purchases, in time order, and remembers who has bought before."""

    def __init__(
        self, random: Random, chain: Chain, sellers: tuple[Seller, ...], end: datetime
    ) -> None:
        self._random = random
        self._chain = chain
        self._sellers = {seller.employee.number: seller for seller in sellers}
        self._stores = {store.code: store for store in chain.stores}
        self._products = {product.code: product for product in chain.products}
        self._end = end
        self._purchases = 0
        self._returns = 0
        self._customer_of: dict[int, Customer] = {}
        self._customers_of_seller: dict[str, list[Customer]] = {}
        self.customers: list[Customer] = []

    def play(self, visits: list[VisitPlan], orders: float) -> Iterator[Event]:
        """About so many orders, with payments, cancellations, hand-overs and returns."""
        total = sum(self._appetite(visit) for visit in visits)
        unit = orders * (1 - _WITHOUT_VISIT) / total / _BUYS_AGAIN_ON_AVERAGE
        for visit in visits:
            appetite = self._appetite(visit) * unit
            if visit.visitor in self._customer_of:
                appetite *= _BUYS_AGAIN
            if visit.visitor is not None and self._random.random() < appetite:
                yield from self._bought(visit, visit.visitor)

    def _appetite(self, visit: VisitPlan) -> float:
        if visit.reader == "own_visit":
            return _OWN_PURCHASES
        if visit.reader != "person":
            return 0.0
        return CHANNELS[visit.channel][1] * self._sellers[visit.employee].skill

    def _bought(self, visit: VisitPlan, visitor: int) -> Iterator[Event]:
        random = self._random
        at = visit.at + timedelta(seconds=random.randint(90, 1800))
        if random.random() > _AT_ONCE:
            at = moment(random, _days_after(visit.at, random.randint(1, 9)))
        buyer = self._buyer(visit, visitor)
        yield from self._order(at, visitor, visit, buyer)
        if random.random() < _WITHOUT_VISIT:
            later = moment(random, _days_after(at, random.randint(10, 50)))
            yield from self._order(later, visitor, None, buyer)

    def _buyer(self, visit: VisitPlan, visitor: int) -> Customer:
        """The visitor's customer: known, known from another device, or new."""
        if visitor in self._customer_of:
            return self._customer_of[visitor]
        random, seller = self._random, self._sellers[visit.employee]
        regulars = self._customers_of_seller.setdefault(visit.employee, [])
        own = visit.reader == "own_visit"
        if regulars and not own and random.random() < _SECOND_DEVICE:
            buyer = random.choice(regulars)
        else:
            number = len(self.customers) + 1
            home = self._home(seller)
            if own:
                buyer = as_customer(random, number, seller.employee, home)
            else:
                buyer = customer(random, number, home)
                regulars.append(buyer)
            self.customers.append(buyer)
        self._customer_of[visitor] = buyer
        return buyer

    def _home(self, seller: Seller) -> Store:
        store = seller.employee.store
        if store is not None and self._random.random() < _LIVES_NEARBY:
            return self._stores[store]
        return self._random.choice(self._chain.stores)

    def _order(
        self, at: datetime, visitor: int, visit: VisitPlan | None, buyer: Customer
    ) -> Iterator[Event]:
        if at >= self._end:
            return
        self._purchases += 1
        purchase = PurchasePlan(
            at=at,
            number=self._purchases,
            visitor=visitor,
            visit=visit.number if visit else None,
            employee=visit.employee if visit else None,
            customer=buyer.number,
            lines=self._basket(visit),
            pickup_store=self._pickup(visit, buyer),
        )
        yield purchase
        for event in self._aftermath(purchase):
            if event.at < self._end:
                yield event

    def _pickup(self, visit: VisitPlan | None, buyer: Customer) -> str | None:
        code = self._sellers[visit.employee].employee.store if visit else None
        if code is None or self._stores[code].district.zh != buyer.address.district:
            return None
        picks_up = self._random.random() < _PICKS_UP
        return code if picks_up and self._stores[code].opening else None

    def _basket(self, visit: VisitPlan | None) -> tuple[LinePlan, ...]:
        """One to four different products, first what was looked at, then mostly akin to it."""
        random, products = self._random, self._chain.products
        if visit and visit.product and random.random() < 0.75:
            chosen = [self._products[visit.product]]
        elif visit:
            picks = self._sellers[visit.employee].shop.picks
            chosen = [self._products[random.choice(picks).product]]
        else:
            chosen = [self._popular(products)]
        for _ in range(random.choices(range(len(_BASKETS)), weights=_BASKETS)[0]):
            akin = tuple(product for product in products if product.brand == chosen[0].brand)
            product = self._popular(akin if random.random() < 0.4 else products)
            if product not in chosen:
                chosen.append(product)
        quantities = range(1, len(_QUANTITIES) + 1)
        return tuple(
            LinePlan(
                random.choice(product.variants).sku,
                random.choices(quantities, weights=_QUANTITIES)[0],
            )
            for product in chosen
        )

    def _popular(self, products: tuple[Product, ...]) -> Product:
        weights = [product.popularity for product in products]
        return self._random.choices(products, weights=weights)[0]

    def _aftermath(self, purchase: PurchasePlan) -> Iterator[Event]:
        """What follows an order, in time order; nothing when it runs out unpaid."""
        random, number = self._random, purchase.number
        chance = random.random()
        if chance < _UNPAID:
            return
        soon = purchase.at + timedelta(seconds=random.randint(20, 480))
        if chance < _UNPAID + _CANCELLED_FIRST:
            yield CancellationPlan(soon, number)
            return
        yield PaymentPlan(soon, number)
        if random.random() < _CANCELLED_PAID:
            yield CancellationPlan(soon + timedelta(minutes=random.randint(4, 120)), number)
            return
        delivered = self._handed_over(purchase, soon)
        yield HandOverPlan(delivered, number)
        if random.random() < _RETURNED:
            yield self._return(purchase, delivered)

    def _handed_over(self, purchase: PurchasePlan, paid: datetime) -> datetime:
        """Picked up within three days, or delivered after one to four."""
        if purchase.pickup_store:
            return at_hour(self._random, _days_after(paid, self._random.randint(1, 3)), 10, 21)
        return at_hour(self._random, _days_after(paid, self._random.randint(1, 4)), 9, 19)

    def _return(self, purchase: PurchasePlan, delivered: datetime) -> ReturnPlan:
        """One line as a rule, at times all of them, within six days."""
        random = self._random
        everything = random.random() < 0.3
        lines = purchase.lines if everything else (random.choice(purchase.lines),)
        if not everything and lines[0].quantity > 1 and random.random() < 0.5:
            lines = (LinePlan(lines[0].sku, 1),)
        category = self._products[lines[0].sku.split("-", 1)[0]].category
        reasons = [
            reason
            for reason in self._chain.return_reasons
            if not reason.categories or category in reason.categories
        ]
        reason = random.choices(reasons, weights=[reason.weight for reason in reasons])[0]
        self._returns += 1
        at = at_hour(random, _days_after(delivered, random.randint(1, 6)), 10, 21)
        return ReturnPlan(at, self._returns, purchase.number, lines, reason.code)


def _days_after(at: datetime, days: int) -> date:
    """The day in China so many days later."""
    return (at + timedelta(days=days)).astimezone(CHINA).date()
