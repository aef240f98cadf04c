"""Uses of coupons: taken with the order, given back when nothing comes of it."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.core.database import changed_rows, db
from storefront.core.errors import Conflict
from storefront.orders.coupon_models import Coupon, CouponState, CouponUse, UseState
from storefront.orders.coupon_rules import Why

_coupons = cast(sa.Table, Coupon.__table__)
_uses = cast(sa.Table, CouponUse.__table__)

# Waits for whoever takes or withdraws the same coupon; what is not there any more is not taken.
_COUNT_ONE_MORE = (
    sa.update(_coupons)
    .where(
        _coupons.c.id == sa.bindparam("of_coupon"),
        _coupons.c.state == CouponState.ACTIVE,
        sa.or_(_coupons.c.most_uses.is_(None), _coupons.c.uses < _coupons.c.most_uses),
    )
    .values(uses=_coupons.c.uses + 1)
)
_LIMITS = sa.select(_coupons.c.state, _coupons.c.most_uses_each).where(
    _coupons.c.id == sa.bindparam("of_coupon")
)
_USED_BY = sa.select(sa.func.count()).where(
    _uses.c.coupon_id == sa.bindparam("of_coupon"),
    _uses.c.customer_id == sa.bindparam("of_customer"),
    _uses.c.state == UseState.LIVE,
)
_END = (
    sa.update(_uses)
    .where(_uses.c.order_id == sa.bindparam("of_order"), _uses.c.state == UseState.LIVE)
    .values(state=UseState.GIVEN_BACK)
    .returning(_uses.c.coupon_id)
)


def take(coupon_id: int, order_id: int, customer_id: int, amount: int, now: datetime) -> None:
    """Use the coupon for an order, within the transaction that places it.

    The coupon's own row is changed first, and so held: the customer's uses are counted behind it,
    and two orders of theirs at one moment count each other. Raises Conflict `coupon_used_up`,
    `coupon_over`, `coupon_used_before`.
    """
    counted = db.session.execute(_COUNT_ONE_MORE, {"of_coupon": coupon_id})
    limits = db.session.execute(_LIMITS, {"of_coupon": coupon_id}).one()
    if not changed_rows(counted):
        over = limits.state is not CouponState.ACTIVE
        raise refusal(Why.OVER if over else Why.USED_UP)
    if used_by(coupon_id, customer_id) >= limits.most_uses_each:
        raise refusal(Why.USED_BEFORE)
    db.session.execute(
        sa.insert(_uses),
        {
            "coupon_id": coupon_id,
            "order_id": order_id,
            "customer_id": customer_id,
            "amount": amount,
            "state": UseState.LIVE,
            "at": now,
        },
    )


def give_back(order_id: int) -> None:
    """Nothing came of the order: its coupon, if it had one, may be used once more."""
    coupon_id = db.session.scalar(_END, {"of_order": order_id})
    if coupon_id is not None:
        db.session.execute(
            sa.update(_coupons).where(_coupons.c.id == coupon_id).values(uses=_coupons.c.uses - 1)
        )


def used_by(coupon_id: int, customer_id: int) -> int:
    """How many orders of the customer hold one."""
    found = db.session.scalar(_USED_BY, {"of_coupon": coupon_id, "of_customer": customer_id})
    return found or 0


def refusal(why: Why, missing: int = 0, starts_at: datetime | None = None) -> Conflict:
    """What to raise when a coupon takes nothing off."""
    extra = {"missing": missing} if why is Why.LEAST_SPEND else {}
    if why is Why.NOT_YET and starts_at is not None:
        extra = {"starts_at": starts_at.isoformat()}
    return Conflict(why.value, _SENTENCES[why], **extra)


_SENTENCES = {
    Why.UNKNOWN: "There is no such coupon.",
    Why.OVER: "This coupon is over.",
    Why.NOT_YET: "This coupon does not work yet.",
    Why.USED_UP: "This coupon has been used up.",
    Why.USED_BEFORE: "This customer has used the coupon already.",
    Why.NOTHING_FITS: "Nothing in the cart is what this coupon is for.",
    Why.LEAST_SPEND: "The goods do not come to what this coupon asks for.",
    Why.TOO_SMALL: "There is nothing to take off an order this small.",
}
