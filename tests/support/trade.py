"""Trade with the cast: goods in stock, rules in force, visits, orders, whole sales."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from storefront import sales
from storefront.attribution import service as attribution
from storefront.attribution.rules import Policy
from storefront.catalog import locations, stocktaking
from storefront.catalog.models import Location, Product, Variant
from storefront.commissions import plans
from storefront.commissions.terms import NewRule
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db, transaction
from storefront.customers.visitors import new_visitor_id
from storefront.integrations.payments.base import ChargeRequest
from storefront.integrations.running import sandbox
from storefront.orders import carts
from storefront.orders.placing import Contact, PlacedOrder
from storefront.payments import refunds
from storefront.payments.models import EventState, Refund, RefundState
from storefront.sharing import touches
from storefront.sharing.models import ShareLink, Uncounted
from storefront.staff import service as staff
from storefront.staff.models import Employee, OwnVisitor
from tests.support import cast

_count = itertools.count(1)


def open_for_trade() -> None:
    """A chain that may sell: a policy and a plan in force."""
    the_policy()
    the_plan()


def a_seller(number: str | None = None, store: str = "S1") -> ShareLink:
    """An active employee with an open shop: the link to it."""
    return cast.a_link(cast.a_shop(cast.an_employee(number, store=store)))


def stocked(product: Product, pieces: int) -> Product:
    """Let the stock of all the product's variants be kept, with so many pieces of each in it."""
    with transaction():
        for variant in product.variants:
            variant.stock_tracked = True
    found = db.session.scalar(sa.select(Location).where(Location.code == "L1"))
    location = found or locations.create("L1", "总仓", "Warehouse")
    stocktaking.deliver(
        [
            stocktaking.Delivered(variant.id, location.id, pieces)
            for variant in product.variants
            if pieces
        ],
        SYSTEM,
        clock.now(),
    )
    return product


def the_policy(policy: Policy | None = None) -> None:
    """Who earns, in force since yesterday: without a word, the last touch within 30 days."""
    now = clock.now()
    chosen = policy or Policy(window_days=30)
    version = attribution.draft_policy(chosen, now - timedelta(days=1), "", SYSTEM, now).version
    attribution.approve_policy(version, SYSTEM)
    attribution.publish_policy(version, now)


def the_plan(*rules: NewRule, hold_days: int = 30) -> None:
    """What they earn, in force since yesterday: without a word, a tenth of everything."""
    now = clock.now()
    version = plans.draft_plan(
        rules or [NewRule(rate=1_000)],
        hold_days=hold_days,
        starts_at=now - timedelta(days=1),
        note="",
        actor=SYSTEM,
        now=now,
    ).version
    plans.approve_plan(version, SYSTEM)
    plans.publish_plan(version, now)


def a_visit(
    link: ShareLink, visitor: str | None = None, uncounted: Uncounted = Uncounted.NO
) -> str:
    """Somebody follows the link; who it was, by their browser's name."""
    visitor = new_visitor_id() if visitor is None else visitor
    kept = touches.keep(
        link.code,
        visitor_id=visitor,
        at=clock.now(),
        uncounted=uncounted,
        user_agent="Mozilla/5.0",
        referrer="",
    )
    assert kept is not None, "the link leads nowhere"
    return visitor


def an_order(
    goods: Product | Variant | Mapping[Variant, int],
    *,
    through: ShareLink | None = None,
    visitor: str | None = None,
    phone: str | None = None,
    pick_up: str = "",
) -> PlacedOrder:
    """An order that awaits its payment: one piece, or so many of each variant.

    `through` is followed just before. Each order is another customer's unless `phone` says whose.
    It is sent, unless `pick_up` is the code of the place where it is collected.
    """
    if isinstance(goods, Product):
        goods = goods.variants[0]
    wanted = {goods: 1} if isinstance(goods, Variant) else goods
    visitor = visitor or new_visitor_id()
    if through:
        a_visit(through, visitor)
    now = clock.now()
    cart = carts.create(
        visitor, {variant.public_id: pieces for variant, pieces in wanted.items()}, now
    )
    contact = Contact(
        visitor_id=visitor,
        name="王芳",
        phone=phone or f"+86138{next(_count):08}",
        address="上海市徐汇区衡山路 1 号",
        note="",
        language="zh",
        pick_up=pick_up,
    )
    return sales.place(cart.public_id, contact, sandbox(), now)


def a_charge(order: PlacedOrder) -> ChargeRequest:
    """The order's pay page at the sandbox, opened."""
    address = sales.pay_address(order.secret, "http://shop.test/", sandbox(), clock.now())
    charge = sandbox().read_charge(address.rpartition("/")[2])
    assert charge is not None
    return charge


def pay_at(charge: ChargeRequest) -> EventState:
    """The customer pays at the sandbox, whose notice arrives at once; what became of it."""
    now = clock.now()
    gateway = sandbox()
    signed = gateway.pay(charge, now)
    notice = gateway.read_notice(signed.headers, signed.body, now)
    return sales.complete(notice, signed.body, gateway, now)


def pay(order: PlacedOrder) -> EventState:
    """The customer pays for an order."""
    return pay_at(a_charge(order))


def sell(
    goods: Product | Variant | Mapping[Variant, int],
    *,
    through: ShareLink | None = None,
    visitor: str | None = None,
    phone: str | None = None,
    handed_over: bool = True,
    pick_up: str = "",
) -> PlacedOrder:
    """A whole sale at this moment: ordered, paid, and handed over unless told otherwise."""
    order = an_order(goods, through=through, visitor=visitor, phone=phone, pick_up=pick_up)
    assert pay(order) is EventState.APPLIED
    if handed_over:
        sales.hand_over(order.public_id, SYSTEM, clock.now())
    return order


def carry_out_refunds() -> None:
    """Send what is owed back to the sandbox, as the job rows would."""
    now = clock.now()
    for refund in db.session.scalars(
        sa.select(Refund.public_id).where(Refund.state == RefundState.WAITING)
    ).all():
        refunds.send(refund, sandbox(), now)


def moves(employee: Employee, store: str) -> None:
    """The employee goes to work at another store."""
    details = replace(staff.details_of(employee), store_id=cast.a_store(store).id)
    staff.edit(employee.id, employee.version, details, SYSTEM, clock.now())


def signs_in(employee: Employee, visitor: str) -> None:
    """The employee is known to have signed in in this browser."""
    with transaction() as session:
        session.add(OwnVisitor(visitor_id=visitor, employee_id=employee.id, at=clock.now()))


def renames(employee: Employee, name: str) -> None:
    """The employee gets another name."""
    details = replace(staff.details_of(employee), name=name)
    staff.edit(employee.id, employee.version, details, SYSTEM, clock.now())
