"""What the coupon in a cart takes off: asked anew each time, and once more when it is ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.catalog.models import Brand, Category
from storefront.core.database import db
from storefront.core.errors import Conflict, NotFound
from storefront.customers.models import Customer
from storefront.orders import carts, coupon_guesses, coupon_rules, coupon_uses
from storefront.orders.carts import CartView
from storefront.orders.coupon_models import Coupon, CouponState
from storefront.orders.coupon_rules import Goods, Reduction, Refused, Terms, Why

_coupons = cast(sa.Table, Coupon.__table__)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a cart comes to with the coupon in it."""

    coupon: Coupon | None
    outcome: Reduction | Refused | None
    """None without a coupon."""
    total: int
    """What is to be paid."""

    @property
    def discount(self) -> int:
        """What is taken off."""
        return self.outcome.total if isinstance(self.outcome, Reduction) else 0

    @property
    def refused(self) -> Refused | None:
        """Why the coupon takes nothing off, if it does not."""
        return self.outcome if isinstance(self.outcome, Refused) else None


NO_COUPON = Reduction(())


def any_in_force(now: datetime) -> bool:
    """Whether somebody could use a coupon at `now`. One query."""
    found = sa.exists().where(
        _coupons.c.state == CouponState.ACTIVE,
        _coupons.c.starts_at <= now,
        _coupons.c.ends_at > now,
        sa.or_(_coupons.c.most_uses.is_(None), _coupons.c.uses < _coupons.c.most_uses),
    )
    return bool(db.session.scalar(sa.select(found)))


def quote(cart: CartView, now: datetime, phone: str | None = None) -> Quote:
    """What the cart comes to. No query without a coupon.

    With a phone number (E.164) also whether its customer has used the coupon up.
    """
    coupon = db.session.get(Coupon, cart.coupon_id) if cart.coupon_id else None
    if coupon is None:
        return Quote(None, None, cart.total)
    goods = [Goods(line.net, line.category_id, line.brand_id) for line in cart.lines]
    outcome = coupon_rules.reduction(_terms(coupon), goods, now, _used_by(coupon, phone))
    off = outcome.total if isinstance(outcome, Reduction) else 0
    return Quote(coupon, outcome, cart.total - off)


def reckon(coupon_id: int | None, goods: Sequence[Goods], now: datetime) -> Reduction:
    """What the coupon takes off goods that are being ordered; NO_COUPON for None.

    Raises Conflict with the reason's code. Limits on uses hold only with `coupon_uses.take`.
    """
    if coupon_id is None:
        return NO_COUPON
    coupon = db.session.get_one(Coupon, coupon_id)
    outcome = coupon_rules.reduction(_terms(coupon), goods, now)
    if isinstance(outcome, Refused):
        raise _refusal(coupon, outcome)
    return outcome


def put_on(
    cart_id: str, visitor_id: str, code: str, caller: str, now: datetime, phone: str | None = None
) -> CartView:
    """Let a cart have the coupon with this code; `caller` is the network address that asks.

    The cart stays as it was if the coupon takes nothing off. Raises NotFound `cart_not_found`,
    `coupon_unknown`; Conflict `cart_already_ordered`, or with the reason's code; TooMany
    `too_many_coupons`.
    """
    cart = carts.read(cart_id, visitor_id)
    coupon_guesses.charge(visitor_id, caller, now)
    coupon = _with_code(code)
    found = quote(_with(cart, coupon), now, phone)
    # Whether a stranger's phone number has used it is not to be found by trying either.
    if found.refused is None or found.refused.why is not Why.USED_BEFORE:
        coupon_guesses.give_back(visitor_id, caller)
    if found.refused:
        raise _refusal(coupon, found.refused)
    return carts.set_coupon(cart_id, visitor_id, coupon.id)


def take_off(cart_id: str, visitor_id: str) -> CartView:
    """Let a cart have no coupon. Raises NotFound `cart_not_found`, Conflict."""
    return carts.set_coupon(cart_id, visitor_id, None)


def _with(cart: CartView, coupon: Coupon) -> CartView:
    return CartView(cart.id, cart.public_id, coupon.id, cart.lines)


def _with_code(code: str) -> Coupon:
    try:
        wanted = coupon_rules.code(code)
    except ValueError:
        wanted = ""
    coupon = db.session.scalars(sa.select(Coupon).where(Coupon.code == wanted)).one_or_none()
    if coupon is None:
        raise NotFound(Why.UNKNOWN.value, "There is no such coupon.")
    return coupon


def _refusal(coupon: Coupon, refused: Refused) -> Conflict:
    return coupon_uses.refusal(refused.why, refused.missing, coupon.starts_at)


def _used_by(coupon: Coupon, phone: str | None) -> int:
    if not phone:
        return 0
    customer_id = db.session.scalar(sa.select(Customer.id).where(Customer.phone == phone))
    return coupon_uses.used_by(coupon.id, customer_id) if customer_id else 0


def _terms(coupon: Coupon) -> Terms:
    left = None if coupon.most_uses is None else coupon.most_uses - coupon.uses
    return Terms(
        kind=coupon.kind,
        amount_off=coupon.amount_off,
        basis_points=coupon.basis_points,
        most_off=coupon.most_off,
        least_spend=coupon.least_spend,
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        is_withdrawn=coupon.state is CouponState.WITHDRAWN,
        category_ids=_with_all_below(coupon.categories) if coupon.categories else None,
        brand_ids=_ids_of_brands(coupon.brands) if coupon.brands else None,
        uses_left=left,
        most_uses_each=coupon.most_uses_each,
    )


def _ids_of_brands(public_ids: Sequence[str]) -> frozenset[int]:
    return frozenset(db.session.scalars(sa.select(Brand.id).where(Brand.public_id.in_(public_ids))))


def _with_all_below(public_ids: Sequence[str]) -> frozenset[int]:
    rows = db.session.execute(sa.select(Category.id, Category.public_id, Category.parent_id)).all()
    found = {row.id for row in rows if row.public_id in public_ids}
    grown = True
    while grown:
        below = {row.id for row in rows if row.parent_id in found} - found
        found |= below
        grown = bool(below)
    return frozenset(found)
