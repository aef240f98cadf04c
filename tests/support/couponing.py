"""Coupons in force, and orders placed with one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from storefront import sales
from storefront.catalog.models import Variant
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db
from storefront.customers.visitors import new_visitor_id
from storefront.integrations.running import sandbox
from storefront.orders import carts, coupons
from storefront.orders.coupon_models import Coupon, CouponUse, UseState
from storefront.orders.coupon_rules import CouponKind
from storefront.orders.coupons import NewCoupon
from storefront.orders.placing import Contact, PlacedOrder
from storefront.sharing.models import ShareLink
from tests.support import trade


def a_coupon(code: str = "WELCOME", amount_off: int = 0, **terms: Any) -> Coupon:
    """A coupon that works from now on for ten days: without a word a tenth off, once each."""
    now = clock.now()
    kind = CouponKind.AMOUNT if amount_off else CouponKind.PERCENT
    if kind is CouponKind.PERCENT:
        terms.setdefault("basis_points", 1_000)
    times = {"starts_at": now, "ends_at": now + timedelta(days=10)} | {
        name: terms.pop(name) for name in ("starts_at", "ends_at") if name in terms
    }
    return coupons.create(
        NewCoupon(code, "优惠", "Ten days", kind, amount_off=amount_off, **times, **terms),
        SYSTEM,
        now,
    )


def a_cart(wanted: Mapping[Variant, int], coupon: Coupon, visitor: str) -> carts.CartView:
    """A cart that remembers a coupon, whether or not it fits."""
    lines = {variant.public_id: pieces for variant, pieces in wanted.items()}
    cart = carts.create(visitor, lines, clock.now())
    return carts.set_coupon(cart.public_id, visitor, coupon.id)


def ordered(
    wanted: Mapping[Variant, int],
    coupon: Coupon,
    *,
    phone: str = "+8613900000001",
    through: ShareLink | None = None,
    expected_total: int | None = None,
) -> PlacedOrder:
    """An order with a coupon, that awaits its payment."""
    visitor = new_visitor_id()
    if through:
        trade.a_visit(through, visitor)
    return about_to_order(wanted, coupon, phone, visitor, expected_total)()


def about_to_order(
    wanted: Mapping[Variant, int],
    coupon: Coupon,
    phone: str = "+8613900000001",
    visitor: str = "",
    expected_total: int | None = None,
) -> Callable[[], PlacedOrder]:
    """A filled cart with a coupon, and what orders it."""
    visitor = visitor or new_visitor_id()
    cart_id = a_cart(wanted, coupon, visitor).public_id
    contact = Contact(visitor, "王芳", phone, "上海市徐汇区衡山路 1 号", "", "zh")
    return lambda: sales.place(
        cart_id, contact, sandbox(), clock.now(), expected_total=expected_total
    )


def uses_of(coupon: Coupon) -> tuple[int, int]:
    """What the coupon counts, and the orders that hold one."""
    db.session.rollback()
    counted = db.session.scalar(sa.select(Coupon.uses).where(Coupon.id == coupon.id)) or 0
    live = sa.select(sa.func.count()).where(
        CouponUse.coupon_id == coupon.id, CouponUse.state == UseState.LIVE
    )
    return counted, db.session.scalar(live) or 0
