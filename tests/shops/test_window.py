"""What customers see of a shop from outside."""

from __future__ import annotations

import pytest
from flask import Flask

from storefront.catalog import products
from storefront.core import clock
from storefront.shops import listings, window
from storefront.shops import service as shops
from storefront.shops.models import Listing
from storefront.staff.models import EmploymentState
from tests.support import cast
from tests.support.queries import recorded_queries


@pytest.fixture
def listing(app: Flask) -> Listing:
    """A lamp in Fang's shop."""
    return cast.a_listing(cast.a_shop(handle="fang"), caption="好灯")


def glances(listing: Listing) -> tuple[window.ShopGlance, window.ProductGlance]:
    shop, product = (
        window.glance("fang"),
        window.glance_at_product("fang", listing.product.public_id),
    )
    assert shop
    assert product
    return shop, product


def test_a_glance_is_one_query(listing: Listing) -> None:
    product_id = listing.product.public_id
    with recorded_queries() as queries:
        window.glance("fang")
        window.glance_at_product("fang", product_id)
    assert len(queries) == 2


def test_there_is_nothing_to_see_of_a_shop_that_never_was(listing: Listing) -> None:
    assert window.glance("nobody") is None
    assert window.glance_at_product("nobody", listing.product.public_id) is None
    assert window.shop("nobody") is None


def test_a_glance_tells_why_a_product_cannot_be_bought_here(listing: Listing) -> None:
    product_id = listing.product.public_id
    elsewhere = cast.a_product("Elsewhere").public_id
    _, seen = glances(listing)
    assert (seen.is_open, seen.is_listed, seen.is_on_sale) == (True, True, True)
    other = window.glance_at_product("fang", elsewhere)
    assert other
    assert (other.is_listed, other.is_on_sale) == (False, True)
    unknown = window.glance_at_product("fang", "prd_nothing")
    assert unknown
    assert (unknown.is_listed, unknown.is_on_sale) == (False, False)
    products.hide(product_id)
    assert not glances(listing)[1].is_on_sale
    shops.close(listing.shop.employee_id, clock.now())
    assert [each.is_open for each in glances(listing)] == [False, False]


def test_a_shop_is_as_open_as_its_keeper_is_employed(listing: Listing) -> None:
    cast.leaves(listing.shop.employee, EmploymentState.SUSPENDED)
    assert [each.is_open for each in glances(listing)] == [False, False]
    cast.leaves(listing.shop.employee, EmploymentState.ACTIVE)
    assert [each.is_open for each in glances(listing)] == [True, True]


def test_no_two_states_of_a_shops_goods_have_the_same_version(listing: Listing) -> None:
    owner, product = listing.shop.employee_id, listing.product.public_id
    other = cast.a_product("Other").public_id
    versions = [glances(listing)[0].version]
    for change in (
        lambda: products.hide(product),
        lambda: products.show(product),
        lambda: listings.pick(owner, other, now=clock.now()),
        lambda: products.hide(other),
        lambda: listings.take_off(owner, listing.public_id),
        lambda: listings.pick(owner, product, now=clock.now()),
    ):
        change()
        seen = window.glance("fang")
        assert seen
        versions.append(seen.version)
    assert len(set(versions)) == len(versions)


def test_goods_come_with_their_captions_and_without_what_is_off_sale(listing: Listing) -> None:
    shop = window.shop("fang")
    assert shop
    assert (shop.keeper, shop.store.say("en")) == ("林小雨", "Store S1")
    hidden = cast.a_listing(listing.shop, cast.a_product("Hidden"))
    products.hide(hidden.product.public_id)
    with recorded_queries() as queries:
        (shown,) = window.goods(shop.id)
    assert len(queries) == 2
    assert (shown.caption, shown.card.public_id) == ("好灯", listing.product.public_id)
    assert window.caption(shop.id, listing.product.public_id) == "好灯"
    assert window.caption(shop.id, "prd_nothing") == ""
