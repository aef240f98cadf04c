"""What an employee picks for their shop."""

from collections.abc import Callable
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from flask import Flask

from storefront.catalog.models import ProductState
from storefront.core.errors import Conflict, Forbidden, NotFound
from storefront.shops import listings, service
from storefront.shops.models import Shop
from storefront.staff.models import EmploymentState
from tests.support import cast
from tests.support.queries import recorded_queries

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def a_shop_with(*names: str) -> tuple[Shop, dict[str, str]]:
    """A shop with a listing for each name, and the listings' public ids by name."""
    shop = cast.a_shop()
    picked = {name: cast.a_listing(shop, cast.a_product(name)).public_id for name in names}
    return shop, picked


def order_of(shop: Shop) -> str:
    return "".join(one.product.name_en for one in listings.listings_of(shop.employee_id))


def version_of(shop: Shop) -> int:
    return service.own_shop(shop.employee_id).version


def test_a_picked_product_goes_to_the_end_with_its_caption(app: Flask) -> None:
    shop, _ = a_shop_with("A", "B")
    product = cast.a_product("C")
    listing = listings.pick(shop.employee_id, product.public_id, caption="我自己也用", now=NOW)
    assert (listing.caption, listing.created_at, listing.pinned) == ("我自己也用", NOW, False)
    assert order_of(shop) == "ABC"


def test_a_product_is_picked_once(app: Flask) -> None:
    shop = cast.a_shop()
    product = cast.a_listing(shop).product
    with pytest.raises(Conflict, match="already_listed"):
        cast.a_listing(shop, product)


def test_a_hidden_or_unknown_product_cannot_be_picked(app: Flask) -> None:
    shop = cast.a_shop()
    hidden = cast.a_product(state=ProductState.HIDDEN)
    for product_id in (hidden.public_id, "prd_nothing"):
        with pytest.raises(NotFound, match="product_unknown"):
            listings.pick(shop.employee_id, product_id, now=NOW)
    assert version_of(shop) == 1


def test_a_shop_can_be_full(app: Flask) -> None:
    shop, _ = a_shop_with("A", "B")
    with patch.object(listings, "MOST_LISTINGS", 2), pytest.raises(Conflict, match="shop_full"):
        cast.a_listing(shop)


def test_pinned_products_come_first(app: Flask) -> None:
    shop, ids = a_shop_with("A", "B", "C")
    listings.pin(shop.employee_id, ids["C"])
    assert order_of(shop) == "CAB"
    listings.unpin(shop.employee_id, ids["C"])
    assert order_of(shop) == "ABC"


def test_products_move_up_and_down_by_one(app: Flask) -> None:
    shop, ids = a_shop_with("A", "B", "C")
    listings.move_up(shop.employee_id, ids["C"])
    assert order_of(shop) == "ACB"
    listings.move_down(shop.employee_id, ids["A"])
    assert order_of(shop) == "CAB"


def test_the_first_cannot_move_up_nor_the_last_down(app: Flask) -> None:
    shop, ids = a_shop_with("A", "B")
    listings.move_up(shop.employee_id, ids["A"])
    listings.move_down(shop.employee_id, ids["B"])
    assert order_of(shop) == "AB"


def test_a_move_does_not_lead_out_of_the_pinned_ones(app: Flask) -> None:
    shop, ids = a_shop_with("A", "B", "C")
    listings.pin(shop.employee_id, ids["A"])
    listings.move_down(shop.employee_id, ids["A"])
    listings.move_up(shop.employee_id, ids["B"])
    assert order_of(shop) == "ABC"


def test_the_whole_shop_is_arranged_anew(app: Flask) -> None:
    shop, ids = a_shop_with("A", "B", "C", "D")
    arranged = listings.reorder(shop.employee_id, [ids[name] for name in "DBAC"])
    assert "".join(one.product.name_en for one in arranged) == order_of(shop) == "DBAC"


def test_an_order_that_misses_repeats_or_invents_one_is_refused(app: Flask) -> None:
    shop, ids = a_shop_with("A", "B")
    other, foreign = a_shop_with("X")
    for wrong in (
        [ids["A"]],
        [ids["A"], ids["B"], ids["B"]],
        [ids["A"], foreign["X"]],
        [],
    ):
        with pytest.raises(Conflict, match="listings_changed"):
            listings.reorder(shop.employee_id, wrong)
    assert (order_of(shop), order_of(other)) == ("AB", "X")


def test_a_product_is_taken_off_and_may_be_picked_again(app: Flask) -> None:
    shop, ids = a_shop_with("A", "B")
    product = listings.listings_of(shop.employee_id)[0].product
    listings.take_off(shop.employee_id, ids["A"])
    assert order_of(shop) == "B"
    cast.a_listing(shop, product)
    assert order_of(shop) == "BA"


CHANGES: list[Callable[[int, str], object]] = [
    lambda owner, listing: listings.write_caption(owner, listing, "New words"),
    listings.pin,
    listings.unpin,
    listings.move_up,
    listings.move_down,
    listings.take_off,
]


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_raises_the_shops_version(
    app: Flask, change: Callable[[int, str], object]
) -> None:
    shop, ids = a_shop_with("A", "B")
    before = version_of(shop)
    change(shop.employee_id, ids["B"])
    assert version_of(shop) == before + 1


@pytest.mark.parametrize("change", CHANGES)
def test_a_colleagues_listing_is_out_of_reach(
    app: Flask, change: Callable[[int, str], object]
) -> None:
    colleague, theirs = a_shop_with("X", "Y")
    mine, _ = a_shop_with("A")
    with pytest.raises(NotFound, match="no_listing"):
        change(mine.employee_id, theirs["X"])
    assert (order_of(colleague), version_of(mine)) == ("XY", 2)


def test_who_left_changes_no_listing(app: Flask) -> None:
    shop, ids = a_shop_with("A")
    cast.leaves(shop.employee, EmploymentState.LEFT)
    with pytest.raises(Forbidden, match="employee_not_active"):
        listings.take_off(shop.employee_id, ids["A"])


def test_reading_the_listings_takes_as_many_queries_for_many_as_for_few(app: Flask) -> None:
    shop, _ = a_shop_with("A")
    with recorded_queries() as few:
        listings.listings_of(shop.employee_id)
    for name in "BCDEF":
        cast.a_listing(shop, cast.a_product(name))
    with recorded_queries() as many:
        listings.listings_of(shop.employee_id)
    assert len(many) == len(few) == 3
