"""Coupons, and who of the demo's customers types one in."""

from __future__ import annotations

from datetime import datetime, time

from storefront.cli.demo.filling.people import People
from storefront.cli.demo.filling.script import Script
from storefront.cli.demo.trade import DAYS
from storefront.orders import carts, coupon_quotes, coupons
from storefront.orders.carts import CartView
from storefront.orders.coupon_rules import CouponKind
from storefront.orders.coupons import NewCoupon

STILL_GOOD = 60
"""Days after the last day of trade, so that whoever looks at the shop can use one."""

_WELCOME_EVERY, _SEASON_EVERY = 6, 11
"""Of so many purchases one tries a coupon, if the goods come to enough."""


class Coupons:
    """Two coupons in force: one for everybody once, one for large baskets."""

    def __init__(self, script: Script, people: People) -> None:
        starts_at, ends_at = script.at(0, time.min), script.at(DAYS + STILL_GOOD, time.min)
        made_at = script.at(-4, time(11))
        self._welcome = coupons.create(
            NewCoupon(
                "WELCOME10",
                "新朋友九折",
                "Welcome: 10 % off",
                CouponKind.PERCENT,
                starts_at,
                ends_at,
                basis_points=1_000,
                most_off=5_000,
                least_spend=10_000,
            ),
            people.drafter,
            made_at,
        ).id
        self._season = coupons.create(
            NewCoupon(
                "SEASON30",
                "换季立减",
                "New season",
                CouponKind.AMOUNT,
                starts_at,
                ends_at,
                amount_off=3_000,
                least_spend=50_000,
                most_uses=300,
                most_uses_each=2,
            ),
            people.drafter,
            made_at,
        ).id

    def typed_in(
        self, cart: CartView, visitor_id: str, phone: str, number: int, at: datetime
    ) -> int:
        """Put a coupon on the cart of some purchases, by their number; what is to be paid."""
        chosen = self._chosen(number)
        if chosen is None:
            return cart.total
        tried = carts.set_coupon(cart.public_id, visitor_id, chosen)
        found = coupon_quotes.quote(tried, at, phone)
        if found.refused:
            carts.set_coupon(cart.public_id, visitor_id, None)
        return found.total

    def _chosen(self, number: int) -> int | None:
        if number % _SEASON_EVERY == 3:
            return self._season
        return self._welcome if number % _WELCOME_EVERY == 1 else None
