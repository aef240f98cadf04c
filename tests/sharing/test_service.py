"""Share links: made for a channel, taken back, counted."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from storefront.catalog.models import ProductState
from storefront.core.database import transaction
from storefront.core.errors import Conflict, NotFound
from storefront.sharing import service, touches
from storefront.sharing.models import Channel, ShareLink, Uncounted
from storefront.shops import service as shops
from tests.support import cast

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def visit(link: ShareLink, uncounted: Uncounted = Uncounted.NO) -> None:
    landing = touches.keep(
        link.code, visitor_id="v", at=NOW, uncounted=uncounted, user_agent="", referrer=""
    )
    assert landing is not None


def test_a_link_leads_to_a_shop_through_a_named_channel(app: Flask) -> None:
    shop = cast.a_shop()
    link = service.create_link(
        shop.employee_id, product_id=None, channel=Channel.MOMENTS, label="三八节", now=NOW
    )
    assert (link.shop_id, link.product_id, link.employee_id) == (shop.id, None, shop.employee_id)
    assert (link.channel, link.label, link.created_at) == (Channel.MOMENTS, "三八节", NOW)


def test_codes_are_long_plain_and_never_alike(app: Flask) -> None:
    shop = cast.a_shop()
    codes = {cast.a_link(shop).code for _ in range(20)}
    assert len(codes) == 20
    assert all(len(code) >= 10 and code.isascii() and code.isalnum() for code in codes)


def test_only_a_product_in_the_shop_can_be_shared(app: Flask) -> None:
    shop = cast.a_shop()
    mine = cast.a_listing(shop).product
    theirs = cast.a_listing(cast.a_shop()).product
    assert cast.a_link(shop, mine).product_id == mine.id
    with pytest.raises(Conflict, match="product_not_listed"):
        cast.a_link(shop, theirs)


def test_a_hidden_product_is_not_shared(app: Flask) -> None:
    shop = cast.a_shop()
    product = cast.a_listing(shop).product
    with transaction():
        product.state = ProductState.HIDDEN
    with pytest.raises(Conflict, match="product_not_listed"):
        cast.a_link(shop, product)


def test_a_closed_shop_is_not_shared(app: Flask) -> None:
    shop = cast.a_shop()
    shops.close(shop.employee_id, NOW)
    with pytest.raises(Conflict, match="shop_closed"):
        cast.a_link(shop)


def test_who_left_or_has_no_shop_makes_no_links(app: Flask) -> None:
    shop = cast.a_shop()
    cast.leaves(shop.employee)
    with pytest.raises(Conflict, match="shop_closed"):
        cast.a_link(shop)
    stranger = cast.an_employee()
    with pytest.raises(NotFound, match="no_shop"):
        service.create_link(stranger.id, product_id=None, channel=Channel.QQ, now=NOW)


def test_a_link_is_revoked_once_and_for_good(app: Flask) -> None:
    shop = cast.a_shop()
    link = cast.a_link(shop)
    assert service.revoke_link(shop.employee_id, link.public_id, NOW).revoked_at == NOW
    later = NOW.replace(hour=9)
    assert service.revoke_link(shop.employee_id, link.public_id, later).revoked_at == NOW


def test_a_colleagues_link_is_out_of_reach(app: Flask) -> None:
    link = cast.a_link(cast.a_shop())
    me = cast.a_shop().employee_id
    with pytest.raises(NotFound, match="no_link"):
        service.own_link(me, link.public_id)
    with pytest.raises(NotFound, match="no_link"):
        service.revoke_link(me, link.public_id, NOW)
    assert service.own_link(link.employee_id, link.public_id).revoked_at is None


def test_links_are_listed_the_latest_first_page_by_page(app: Flask) -> None:
    shop = cast.a_shop()
    links = [cast.a_link(shop) for _ in range(5)]
    cast.a_link(cast.a_shop())
    first = service.links_of(shop.employee_id, None, 3)
    rest = service.links_of(shop.employee_id, first[-1].id, 3)
    assert [link.id for link in [*first, *rest]] == [link.id for link in reversed(links)]
