"""Shops and links, as their employees make them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from storefront.cli.demo.content import Words
from storefront.cli.demo.filling.gallery import Gallery
from storefront.cli.demo.filling.goods import Goods
from storefront.cli.demo.filling.people import People
from storefront.cli.demo.filling.script import Script
from storefront.cli.demo.plans import LinkPlan, PostPlan, ShopFittingPlan, ShopOpeningPlan
from storefront.core.pictures import Picture, keep_encoded
from storefront.sharing import service as sharing
from storefront.sharing.models import Channel
from storefront.shops import listings, posts, sections
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


def fit_out(
    script: Script, people: People, goods: Goods, drawn: Gallery, step: Callable[[], object]
) -> None:
    """Put goods under headings, and publish posts with their pictures."""
    hung: dict[tuple[str, ...], Picture] = {}
    for codes, files in drawn.posts.items():
        hung[codes] = keep_encoded(files.result())
        step()
    for fitting in script.fittings:
        _put_under_headings(fitting, people, goods)
        for plan in fitting.posts:
            _publish(plan, fitting.employee, people, goods, hung[plan.post.products])


def _put_under_headings(plan: ShopFittingPlan, people: People, goods: Goods) -> None:
    employee_id = people.id_of(plan.employee)
    listed = {one.product_id: one.public_id for one in listings.listings_of(employee_id)}
    for heading in plan.headings:
        section = sections.create(employee_id, written(plan.employee, heading.title)).public_id
        for code in heading.products:
            listings.edit(employee_id, listed[goods.products[code].id], section_id=section)


def _publish(plan: PostPlan, employee: str, people: People, goods: Goods, picture: Picture) -> None:
    post = posts.publish(
        people.id_of(employee),
        title=written(employee, plan.post.title),
        words=written(employee, plan.post.words),
        products=[goods.products[code].public_id for code in plan.post.products],
        now=plan.at,
    )
    posts.hang_picture(people.id_of(employee), post.public_id, picture)


def written(number: str, words: Words) -> str:
    """What an employee writes: most in Chinese, some in English."""
    return words.en if int(number[1:]) % _IN_ENGLISH == 0 else words.zh
