"""Shops and links, as their employees make them."""

from __future__ import annotations

from datetime import timedelta

from storefront.cli.demo.content import Words
from storefront.cli.demo.filling.goods import Goods
from storefront.cli.demo.filling.people import People
from storefront.cli.demo.plans import LinkPlan, ShopOpeningPlan
from storefront.sharing import service as sharing
from storefront.sharing.models import Channel
from storefront.shops import listings
from storefront.shops import service as shops
from storefront.staff import sessions

ADDRESS = "192.0.2.1"
"""Where everybody signs in from; set aside for documentation (RFC 5737)."""

_IN_ENGLISH = 6
"""Every so manieth employee writes English."""


def open_shop(plan: ShopOpeningPlan, people: People, goods: Goods, browser: str) -> None:
    """Sign in in the employee's own browser, open the shop, pick its goods."""
    caller = sessions.Caller(ADDRESS, browser)
    sessions.sign_in(plan.employee, people.password, caller, plan.at - timedelta(minutes=20))
    employee_id = people.id_of(plan.employee)
    shops.open_shop(
        employee_id,
        handle=plan.shop.handle,
        title=written(plan.employee, plan.shop.title),
        words=written(plan.employee, plan.shop.words),
        now=plan.at,
    )
    for pick in plan.shop.picks:
        listing = listings.pick(
            employee_id,
            goods.products[pick.product].public_id,
            caption=written(plan.employee, pick.caption) if pick.caption else "",
            now=plan.at,
        )
        if pick.pinned:
            listings.pin(employee_id, listing.public_id)


def share_link(plan: LinkPlan, people: People, goods: Goods) -> str:
    """Make the link; its code."""
    return sharing.create_link(
        people.id_of(plan.employee),
        product_id=goods.products[plan.product].public_id if plan.product else None,
        channel=Channel(plan.channel),
        now=plan.at,
    ).code


def written(number: str, words: Words) -> str:
    """What an employee writes: most in Chinese, some in English."""
    return words.en if int(number[1:]) % _IN_ENGLISH == 0 else words.zh
