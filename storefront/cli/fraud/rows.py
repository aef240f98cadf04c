"""Made-up sales as the rows that the rules read: orders, payments, credit, commission, returns.

They go straight into tables of a database of their own, by thousands: through the shop's doors half
a million lines would take hours. There is no ledger behind them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.models import AttributionPolicy, Credit, Verdict, VersionState
from storefront.catalog.models import Brand, Category, PriceChange, Product, Variant
from storefront.commissions.models import Accrual, CommissionPlan
from storefront.core.addresses import address_digest
from storefront.core.database import transaction
from storefront.customers.models import Customer, CustomerVisitor
from storefront.orders.models import Door, Order, OrderLine, OrderState, Return, ReturnLine
from storefront.payments.models import Payment, PaymentState
from storefront.sharing.models import Channel, Touch, TouchKind, Uncounted
from storefront.staff.models import (
    Employee,
    EmploymentState,
    OwnVisitor,
    Region,
    Role,
    Store,
)

AT_ONCE = 5_000
RATE = 500
CONSUMABLES = 20
"""Of the products, the first: bought again and again by many."""
PRODUCTS = 80
STAFF_OF_A_STORE = 25


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who buys, by what can be known of them."""

    phone: str
    address: str
    device: str
    openid: str
    card: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """One line that somebody bought."""

    seller: int
    buyer: Buyer
    at: datetime
    product: int
    quantity: int = 1
    door: Door = Door.ONLINE
    off: int = 0
    """Basis points under the list price."""
    back_after: timedelta | None = None
    met: bool = True
    """Whether the buyer had met the seller before."""
    credited: bool = True
    payer_told: bool = True
    """Whether the gateway tells who paid."""


def price_of(product: int) -> int:
    """The list price of a product, in minor units."""
    return 1_900 + 700 * (product % 40)


class Rows:
    """Where sales become rows. Numbers run from 1 in every table."""

    def __init__(self, people: int, start: datetime) -> None:
        self._people = people
        self._start = start
        self._waiting: dict[sa.Table, list[dict[str, Any]]] = defaultdict(list)
        self._customers: dict[str, int] = {}
        self._met: set[tuple[str, int]] = set()
        self._number = count(1)
        self._found()

    def signs_in(self, employee: int, device: str) -> None:
        """An employee is known to use a browser."""
        self._put(OwnVisitor, visitor_id=device, employee_id=employee, at=self._start)

    def sells(self, sales: Sequence[Sale]) -> None:
        """Write sales down, in their order."""
        for sale in sales:
            self._sell(sale)
        if len(self._waiting[cast(sa.Table, Order.__table__)]) >= AT_ONCE:
            self.write()

    def write(self) -> None:
        """Write what waits."""
        with transaction() as session:
            for model in _IN_ORDER:
                table = cast(sa.Table, model.__table__)
                if rows := self._waiting.pop(table, []):
                    session.execute(sa.insert(table), rows)

    def _put(self, model: Any, **row: Any) -> None:
        self._waiting[cast(sa.Table, model.__table__)].append(row)

    def _sell(self, sale: Sale) -> None:
        number = next(self._number)
        buyer, at = sale.buyer, sale.at
        customer = self._customer(buyer)
        net = price_of(sale.product) * sale.quantity * (10_000 - sale.off) // 10_000
        till = sale.door is Door.TILL
        self._put(
            Order,
            id=number,
            public_id=f"ord_{number}",
            number=f"N{number}",
            secret=f"s{number}",
            door=sale.door,
            visitor_id="" if till else buyer.device,
            customer_id=customer,
            contact_name="",
            contact_phone=buyer.phone,
            address="" if till else buyer.address,
            address_digest="" if till else address_digest(buyer.address),
            note="",
            language="zh",
            currency="CNY",
            lines_total=net,
            shipping_total=0,
            total=net,
            state=OrderState.HANDED_OVER,
            evidence={},
            placed_at=at,
            hold_expires_at=at,
            paid_at=at,
            handed_over_at=at,
        )
        self._put(
            OrderLine,
            id=number,
            order_id=number,
            position=1,
            variant_id=sale.product + 1,
            product_id=sale.product + 1,
            brand_id=1,
            category_id=1,
            code=f"P{sale.product}",
            name_zh="商品",
            name_en="goods",
            unit_price=-(-net // sale.quantity),
            quantity=sale.quantity,
            net=net,
            returned_quantity=sale.quantity if sale.back_after is not None else 0,
        )
        self._pay(number, sale, net)
        if sale.credited:
            self._credit(number, sale, net)
        if sale.back_after is not None:
            self._bring_back(number, at + sale.back_after, net, sale.quantity)
        if sale.met:
            self._meet(buyer, sale.seller)

    def _customer(self, buyer: Buyer) -> int | None:
        if not buyer.phone:
            return None
        if buyer.phone not in self._customers:
            number = self._customers[buyer.phone] = len(self._customers) + 1
            self._put(
                Customer,
                id=number,
                public_id=f"cus_{number}",
                phone=buyer.phone,
                name="",
                created_at=self._start,
            )
            self._put(CustomerVisitor, visitor_id=f"m{number}", customer_id=number, at=self._start)
        return self._customers[buyer.phone]

    def _meet(self, buyer: Buyer, seller: int) -> None:
        customer = self._customers.get(buyer.phone)
        if customer is None or (buyer.phone, seller) in self._met:
            return
        self._met.add((buyer.phone, seller))
        self._put(
            Touch,
            kind=TouchKind.LINK,
            channel=Channel.WECHAT,
            employee_id=seller,
            visitor_id=f"m{customer}",
            at=self._start - timedelta(days=1),
            uncounted=Uncounted.NO,
            landing="",
            user_agent="",
            referrer="",
        )

    def _pay(self, number: int, sale: Sale, net: int) -> None:
        told = sale.payer_told and sale.door is Door.ONLINE
        self._put(
            Payment,
            public_id=f"pay_{number}",
            order_id=number,
            gateway="sandbox",
            reference=f"r{number}",
            amount=net,
            currency="CNY",
            state=PaymentState.CAPTURED,
            captured_amount=net,
            payer_openid=sale.buyer.openid if told else "",
            payer_card=sale.buyer.card if told else "",
            opened_at=sale.at,
            captured_at=sale.at,
        )

    def _credit(self, number: int, sale: Sale, net: int) -> None:
        at, amount = sale.at, net * RATE // 10_000
        store = self._store_of(sale.seller)
        self._put(
            Verdict,
            id=number,
            order_id=number,
            sequence=1,
            policy_id=1,
            reason="last_touch",
            document={},
            at=at,
        )
        self._put(
            Credit,
            id=number,
            verdict_id=number,
            order_id=number,
            order_line_id=number,
            employee_id=sale.seller,
            store_id=store,
            share=10_000,
            at=at,
        )
        self._put(
            Accrual,
            credit_id=number,
            order_id=number,
            order_line_id=number,
            employee_id=sale.seller,
            store_id=store,
            plan_id=1,
            rate=RATE,
            base=net,
            amount=amount,
            reversed=amount if sale.back_after is not None else 0,
            hold_days=30,
            at=at,
        )

    def _bring_back(self, number: int, at: datetime, net: int, quantity: int) -> None:
        self._put(
            Return,
            id=number,
            public_id=f"ret_{number}",
            order_id=number,
            reason="",
            refund_amount=net,
            at=at,
        )
        self._put(ReturnLine, return_id=number, order_line_id=number, quantity=quantity, amount=net)

    def _store_of(self, employee: int) -> int:
        return (employee - 1) // STAFF_OF_A_STORE + 1

    def _found(self) -> None:
        """Stores, staff, goods, and the versions that accruals name."""
        start = self._start
        self._put(Region, id=1, code="R", name_zh="区", name_en="Region")
        for store in range(1, self._store_of(self._people) + 1):
            names = {"code": f"S{store}", "name_zh": "店", "name_en": "Store"}
            self._put(Store, id=store, public_id=f"sto_{store}", region_id=1, **names)
        for employee in range(1, self._people + 1):
            self._put(
                Employee,
                id=employee,
                public_id=f"emp_{employee}",
                number=f"E{employee}",
                name="",
                phone=phone_of(employee),
                store_id=self._store_of(employee),
                role=Role.EMPLOYEE,
                state=EmploymentState.ACTIVE,
                created_at=start,
            )
        names = {"name_zh": "商品", "name_en": "goods"}
        self._put(Brand, id=1, public_id="brd_1", code="B", **names)
        self._put(Category, id=1, public_id="cat_1", code="C", **names)
        for product in range(PRODUCTS):
            known = {"id": product + 1, "code": f"P{product}"}
            self._put(
                Product,
                public_id=f"prd_{product}",
                brand_id=1,
                category_id=1,
                created_at=start,
                **known,
                **names,
            )
            price = price_of(product)
            self._put(
                Variant, public_id=f"var_{product}", product_id=product + 1, price=price, **known
            )
            self._put(
                PriceChange, variant_id=product + 1, new_price=price, at=start, reason="first"
            )
        version: Mapping[str, Any] = {
            "id": 1,
            "version": 1,
            "state": VersionState.PUBLISHED,
            "starts_at": start,
            "note": "",
            "created_at": start,
        }
        self._put(AttributionPolicy, rules={}, **version)
        self._put(CommissionPlan, hold_days=30, **version)
        self.write()


def phone_of(employee: int) -> str:
    """An employee's own phone number."""
    return f"+86138{employee:08}"


_IN_ORDER: Sequence[Any] = (
    Region,
    Store,
    Employee,
    OwnVisitor,
    Brand,
    Category,
    Product,
    Variant,
    PriceChange,
    AttributionPolicy,
    CommissionPlan,
    Customer,
    CustomerVisitor,
    Touch,
    Order,
    OrderLine,
    Payment,
    Verdict,
    Credit,
    Accrual,
    Return,
    ReturnLine,
)
"""Tables, those that others refer to first."""


def by_time(sales: Sequence[Sale]) -> Iterator[Sale]:
    """Sales in the order in which they happened."""
    return iter(sorted(sales, key=lambda sale: sale.at))
