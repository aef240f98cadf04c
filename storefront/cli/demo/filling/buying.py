"""Orders, and what becomes of them: every step by the verb that the shop itself uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storefront import sales
from storefront.cli.demo.content import Chain, Customer
from storefront.cli.demo.filling.coupons import Coupons
from storefront.cli.demo.filling.goods import Goods
from storefront.cli.demo.filling.people import People
from storefront.cli.demo.plans import (
    CancellationPlan,
    HandOverPlan,
    PaymentPlan,
    PurchasePlan,
    ReturnPlan,
)
from storefront.core.actor import Actor
from storefront.core.settings import settings
from storefront.integrations.running import sandbox
from storefront.orders import carts, handling
from storefront.orders.dispatches import Tracking
from storefront.orders.models import DispatchKind, OrderState
from storefront.orders.placing import Contact, PlacedOrder
from storefront.payments.models import EventState

_CARRIERS = ("苇航快递", "晨递快运", "千里驿")
"""Who brings parcels; every now and then one comes in two parts, or by the chain's own people."""


@dataclass(frozen=True, slots=True)
class _Bought:
    """An order, as its customer and the people who handle it know it."""

    placed: PlacedOrder
    plan: PurchasePlan
    language: str


class Buying:
    """The orders so far, by the plan's numbers."""

    def __init__(self, chain: Chain, people: People, goods: Goods, coupons: Coupons) -> None:
        self._reasons = {reason.code: reason.name for reason in chain.return_reasons}
        self._people = people
        self._goods = goods
        self._coupons = coupons
        self._bought: dict[int, _Bought] = {}

    def order(
        self, plan: PurchasePlan, customer: Customer, visitor_id: str, language: str
    ) -> PlacedOrder:
        """Put the goods into a cart and order them."""
        wanted = {self._goods.variants[line.sku].public_id: line.quantity for line in plan.lines}
        cart = carts.create(visitor_id, wanted, plan.at)
        contact = Contact(
            visitor_id=visitor_id,
            name=customer.name.zh if language == "zh" else customer.name.en,
            phone=customer.phone,
            address=_address(customer),
            note="",
            language=language,
            pick_up=plan.pickup_store or "",
        )
        total = self._coupons.typed_in(cart, visitor_id, customer.phone, plan.number, plan.at)
        placed = sales.place(cart.public_id, contact, sandbox(), plan.at, expected_total=total)
        self._bought[plan.number] = _Bought(placed, plan, language)
        return placed

    def pay(self, plan: PaymentPlan) -> None:
        """Pay at the sandbox, whose signed notice arrives at once."""
        secret, gateway = self._bought[plan.purchase].placed.secret, sandbox()
        back = f"{settings().public_base_url}/o/{secret}"
        address = sales.pay_address(secret, back, gateway, plan.at)
        charge = gateway.read_charge(address.rpartition("/")[2])
        assert charge is not None
        signed = gateway.pay(charge, plan.at)
        notice = gateway.read_notice(signed.headers, signed.body, plan.at)
        outcome = sales.complete(notice, signed.body, gateway, plan.at)
        if outcome is not EventState.APPLIED:
            raise RuntimeError(f"a payment came to nothing: {outcome}")

    def dispatch(self, purchase: int, now: datetime) -> None:
        """Send a paid order, or make it ready at the store. Nothing if it went another way."""
        bought = self._bought[purchase]
        store = bought.plan.pickup_store
        kind = DispatchKind.READY_FOR_PICK_UP if store else DispatchKind.SENT
        name = bought.placed.public_id
        # Looked at first: a refusal would have to be undone, and on SQLite a savepoint that was
        # rolled back stays open, and makes every later statement of a long transaction slower.
        if handling.lock(name).state is not OrderState.PAID:
            return
        for tracking in [Tracking()] if store else _parcels(purchase):
            sales.dispatch(name, kind, tracking, self._counter(bought), now)

    def cancel(self, plan: CancellationPlan) -> None:
        """The customer changes their mind, on the order's page."""
        sales.cancel_by_secret(self._bought[plan.purchase].placed.secret, plan.at)

    def hand_over(self, plan: HandOverPlan) -> None:
        """The parcel is delivered, or the goods are picked up in a store."""
        bought = self._bought[plan.purchase]
        sales.hand_over(bought.placed.public_id, self._counter(bought), plan.at)

    def take_back(self, plan: ReturnPlan) -> None:
        """Goods come back."""
        bought = self._bought[plan.purchase]
        positions = {line.sku: place for place, line in enumerate(bought.plan.lines, start=1)}
        reason = self._reasons[plan.reason]
        sales.take_back(
            bought.placed.public_id,
            {positions[line.sku]: line.quantity for line in plan.lines},
            reason.zh if bought.language == "zh" else reason.en,
            self._counter(bought),
            plan.at,
        )

    def _counter(self, bought: _Bought) -> Actor:
        """Who handles an order: the store it was picked up in, or the desk that sends parcels."""
        store = bought.plan.pickup_store
        return self._people.managers[store] if store else self._people.desk


def _parcels(purchase: int) -> list[Tracking]:
    """What a purchase is sent in: the same for the same number, without drawing lots."""
    if purchase % 11 == 0:
        return [Tracking()]
    parts = 2 if purchase % 7 == 0 else 1
    return [
        Tracking(_CARRIERS[purchase % len(_CARRIERS)], f"DEMO{purchase:07}{part}")
        for part in range(1, parts + 1)
    ]


def _address(customer: Customer) -> str:
    home = customer.address
    city = "" if home.city == home.province else home.city
    return f"{home.province}{city}{home.district}{home.street}"
