"""Coupons for the chain that has seen everything, and what would be wrong with them."""

from __future__ import annotations

from datetime import timedelta

from storefront import sales
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.insights.audit import tables as t
from storefront.orders.models import CancelReason
from tests.insights.planting import Plant, change, copy, delete, loosely
from tests.support import cast, trade
from tests.support.couponing import a_coupon, ordered

ASIDE = 999_997

_c, _u, _o, _l = t.coupons.c, t.coupon_uses.c, t.orders.c, t.lines.c


def save_money(clock: SettableClock) -> None:
    """One order with a coupon that comes back in part, and one that comes to nothing."""
    coupon, other = a_coupon("SEVEN", amount_off=700, most_uses=3), a_coupon("OTHER")
    goods = [cast.a_product(price=1_999).variants[0] for _ in range(2)]
    kept = ordered({goods[0]: 3, goods[1]: 1}, coupon)
    trade.pay(kept)
    sales.hand_over(kept.public_id, SYSTEM, clock.now())
    sales.take_back(kept.public_id, {1: 1}, "", SYSTEM, clock.now())
    trade.carry_out_refunds()
    trade.pay(ordered({goods[0]: 1}, other, phone="+8613900000003"))
    given_up = ordered({goods[0]: 1}, coupon, phone="+8613900000002")
    sales.cancel(given_up.public_id, CancelReason.BY_CUSTOMER, SYSTEM, clock.now())
    clock.advance(timedelta(minutes=1))


def _more(amount: int) -> int:
    return amount + 1


PLANTS: dict[str, list[Plant]] = {
    "discounts are the sum of their lines": [
        change(t.orders, _o.coupon_id.is_not(None), discount_total=_more),
        change(t.orders, _o.coupon_id.is_not(None), coupon_id=None),
        change(t.lines, discount=_more),
    ],
    "orders use the coupon they hold": [
        delete(t.coupon_uses),
        change(t.coupon_uses, amount=_more),
        change(t.coupon_uses, customer_id=ASIDE),
        change(t.coupon_uses, coupon_id=ASIDE),
        change(t.coupon_uses, _u.state == "live", state="given_back"),
        change(t.coupon_uses, _u.state == "given_back", state="live"),
        change(t.orders, _o.coupon_id.is_not(None), coupon_id=None),
    ],
    "coupons count their uses": [
        change(t.coupons, uses=_more),
        change(t.coupons, _c.code == "SEVEN", most_uses=0),
        delete(t.coupon_uses, _u.state == "live"),
        loosely(change(t.coupons, uses=None), t.coupons),
    ],
    "customers use a coupon as often as they may": [
        change(t.coupons, most_uses_each=0),
        copy(t.coupon_uses, _u.state == "live", id=ASIDE, order_id=ASIDE),
    ],
}

MORE_PLANTS: dict[str, list[Plant]] = {
    "lines cost what they cost": [
        change(t.lines, discount=_more),
        change(t.lines, _l.discount > 0, discount=0),
        change(t.lines, _l.discount > 0, net=_more),
    ],
}
