"""Meetings by other ways than a link that was followed: in a shop, by a code that is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.clock import SettableClock
from storefront.core.database import db, transaction
from storefront.core.errors import Gone, NotFound
from storefront.sharing import meetings
from storefront.sharing import service as sharing
from storefront.sharing.models import ShareLink, Touch, TouchKind, Uncounted
from storefront.staff.models import OwnVisitor
from tests.support import cast, trade


def kept() -> list[tuple[TouchKind, int, Uncounted]]:
    db.session.rollback()
    rows = db.session.execute(
        sa.select(Touch.kind, Touch.employee_id, Touch.uncounted).order_by(Touch.id)
    )
    return [(kind, employee_id, uncounted) for kind, employee_id, uncounted in rows]


@pytest.fixture
def link(app: Flask) -> ShareLink:
    """To the shop at /s/fang, where there is a lamp."""
    shop = cast.a_shop(handle="fang")
    cast.a_listing(shop)
    return cast.a_link(shop)


def test_goods_chosen_in_a_shop_are_evidence_for_its_keeper(
    link: ShareLink, clock: SettableClock
) -> None:
    product = cast.a_product()
    meetings.chose_in_shop("fang", product.public_id, "li-lei", clock.now())
    touch = db.session.scalars(sa.select(Touch)).one()
    assert (touch.kind, touch.employee_id, touch.uncounted, touch.link_id, touch.product_id) == (
        TouchKind.SHOP_VISIT,
        link.employee_id,
        Uncounted.NO,
        None,
        product.id,
    )
    assert touch.landing == f"/s/fang/p/{product.public_id}"


def test_who_followed_the_keepers_link_just_before_is_on_the_same_visit(
    link: ShareLink, clock: SettableClock
) -> None:
    product = cast.a_product().public_id
    trade.a_visit(link, "li-lei")
    clock.advance(timedelta(minutes=20))
    meetings.chose_in_shop("fang", product, "li-lei", clock.now())
    clock.advance(timedelta(minutes=20))
    meetings.chose_in_shop("fang", product, "li-lei", clock.now())
    clock.advance(timedelta(minutes=31))
    meetings.chose_in_shop("fang", product, "li-lei", clock.now())
    assert [uncounted for _, _, uncounted in kept()] == [
        Uncounted.NO,
        Uncounted.DUPLICATE,
        Uncounted.DUPLICATE,
        Uncounted.NO,
    ]


def test_who_met_somebody_else_in_between_is_on_another_visit(
    link: ShareLink, clock: SettableClock
) -> None:
    other = cast.a_link(cast.a_shop())
    trade.a_visit(link, "li-lei")
    clock.advance(timedelta(minutes=1))
    trade.a_visit(other, "li-lei")
    clock.advance(timedelta(minutes=1))
    meetings.chose_in_shop("fang", cast.a_product().public_id, "li-lei", clock.now())
    assert [uncounted for _, _, uncounted in kept()] == [Uncounted.NO] * 3


def test_a_keeper_who_fills_a_cart_in_their_own_shop_is_on_an_own_visit(
    link: ShareLink, clock: SettableClock
) -> None:
    with transaction() as session:
        session.add(OwnVisitor(visitor_id="fang", employee_id=link.employee_id, at=clock.now()))
    meetings.chose_in_shop("fang", cast.a_product().public_id, "fang", clock.now())
    meetings.told_code(link.code, TouchKind.COUPON, "fang", clock.now())
    assert [uncounted for _, _, uncounted in kept()] == [Uncounted.OWN_VISIT] * 2


def test_a_closed_shop_and_one_that_never_was_leave_no_trace(
    link: ShareLink, clock: SettableClock
) -> None:
    cast.leaves(link.shop.employee)
    for handle in ("fang", "nobody"):
        meetings.chose_in_shop(handle, cast.a_product().public_id, "li-lei", clock.now())
    assert kept() == []


def test_a_code_that_is_told_counts_beside_the_link_it_belongs_to(
    link: ShareLink, clock: SettableClock
) -> None:
    trade.a_visit(link, "li-lei")
    assert meetings.told_code(link.code, TouchKind.COUPON, "li-lei", clock.now()) == "小雨的店"
    assert kept() == [
        (TouchKind.LINK, link.employee_id, Uncounted.NO),
        (TouchKind.COUPON, link.employee_id, Uncounted.NO),
    ]


def test_a_code_told_twice_for_one_moment_is_kept_once(
    link: ShareLink, clock: SettableClock
) -> None:
    for _ in range(2):
        meetings.told_code(link.code, TouchKind.TILL_SCAN, "till:1", clock.now())
    assert len(kept()) == 1


def test_a_code_that_leads_nowhere_says_why(link: ShareLink, clock: SettableClock) -> None:
    with pytest.raises(NotFound, match="no such link"):
        meetings.told_code("never2was", TouchKind.COUPON, "li-lei", clock.now())
    sharing.revoke_link(link.employee_id, link.public_id, clock.now())
    with pytest.raises(Gone, match="taken back"):
        meetings.told_code(link.code, TouchKind.COUPON, "li-lei", clock.now())
    assert kept() == []
