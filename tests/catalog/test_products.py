"""Brands, categories, products, variants, prices and pictures, as HQ edits them."""

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.catalog import (
    brands,
    categories,
    locations,
    price_history,
    prices,
    products,
    shelf,
    variants,
)
from storefront.catalog.categories import TOP, CategoryChanges
from storefront.catalog.models import PriceChange, Product, ProductState
from storefront.catalog.products import ProductChanges, ProductDraft, ProductFilter
from storefront.catalog.variants import VariantChanges, VariantDraft
from storefront.core import clock
from storefront.core.actor import SYSTEM, Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, Invalid, NotFound, Stale
from tests.support import cast
from tests.support.queries import recorded_queries

BUYER = Actor(role="hq_operations", employee_id=7)


def draft(code: str = "LAMP", **fields: Any) -> ProductDraft:
    values = {
        "brand": cast.a_brand().public_id,
        "category": cast.a_category().public_id,
        "name_zh": "台灯",
        "name_en": "Desk lamp",
    }
    return ProductDraft(code=code, **(values | fields))


def create(*variant_drafts: VariantDraft, **fields: Any) -> Product:
    given = variant_drafts or (VariantDraft(code="LAMP-1", price=100),)
    return products.create(draft(**fields), given, BUYER, clock.now())


def changes_of(product: Product) -> list[tuple[int | None, int, str, int | None]]:
    rows = price_history.history(product.variants[0].id)
    return [(row.old_price, row.new_price, row.reason, row.by_employee_id) for row in rows]


def test_a_product_is_on_sale_at_once_with_its_variants_in_order(app: Flask) -> None:
    product = create(
        VariantDraft(code="LAMP-RED", price=100, option_zh="红", option_en="Red"),
        VariantDraft(code="LAMP-BLUE", price=120, option_en="Blue", stock_tracked=False),
    )
    found = products.find(product.public_id)
    assert [(variant.code, variant.price) for variant in found.variants] == [
        ("LAMP-RED", 100),
        ("LAMP-BLUE", 120),
    ]
    assert found.state is ProductState.ACTIVE
    assert changes_of(found) == [(None, 100, "first price", 7)]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"code": "=LAMP"}, "wrong_code"),
        ({"code": ""}, "wrong_code"),
        ({"name_zh": "  "}, "wrong_name_zh"),
        ({"name_en": "x" * 121}, "wrong_name_en"),
        ({"name_en": "a\nb"}, "wrong_name_en"),
        ({"words_zh": "\0"}, "wrong_words_zh"),
        ({"brand": "brd_none"}, "unknown_brand"),
        ({"category": "cat_none"}, "unknown_category"),
    ],
)
def test_what_makes_no_sense_is_not_entered(app: Flask, fields: dict[str, str], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create(**fields)
    assert refusal.value.code == code
    assert db.session.scalar(sa.select(sa.func.count(Product.id))) == 0


@pytest.mark.parametrize("price", [0, -1, 10**10 + 1])
def test_a_price_is_above_zero_and_not_absurd(app: Flask, price: int) -> None:
    with pytest.raises(Invalid, match="wrong_price"):
        create(VariantDraft(code="LAMP-1", price=price))
    with pytest.raises(Invalid, match="wrong_price"):
        prices.change(create().variants[0].public_id, price, "sale", BUYER, clock.now())


def test_a_product_without_variants_cannot_be_bought_and_is_not_entered(app: Flask) -> None:
    with pytest.raises(Invalid, match="no_variants"):
        products.create(draft(), [], BUYER, clock.now())


def test_a_code_is_given_once(app: Flask) -> None:
    create()
    with pytest.raises(Conflict, match="code_taken"):
        create(VariantDraft(code="OTHER", price=1))
    with pytest.raises(Conflict, match="code_taken"):
        create(code="OTHER")
    with pytest.raises(Conflict, match="code_taken"):
        brands.create("LOOM", "织", "Loom")
    with pytest.raises(Conflict, match="code_taken"):
        categories.create("LAMPS", "灯", "Lamps")
    cast.a_location("HOUSE")
    with pytest.raises(Conflict, match="code_taken"):
        locations.create("HOUSE", "仓", "House")


def test_an_edit_wants_the_version_that_was_seen(app: Flask) -> None:
    product = create()
    products.edit(
        product.public_id, 1, ProductChanges(name_en="Lamp", words_en=" Warm.\r\nBright. ")
    )
    assert (product.name_en, product.words_en, product.version) == ("Lamp", "Warm.\nBright.", 2)
    with pytest.raises(Stale):
        products.edit(product.public_id, 1, ProductChanges(name_en="Other"))
    with pytest.raises(Stale):
        variants.edit(product.variants[0].public_id, 1, VariantChanges(option_en="Red"))
    with pytest.raises(Stale):
        variants.add(product.public_id, 1, VariantDraft(code="N", price=1), BUYER, clock.now())
    assert products.find(product.public_id).name_en == "Lamp"


def test_an_edit_can_move_a_product_to_another_brand_and_category(app: Flask) -> None:
    product = create()
    brand, category = cast.a_brand("OTHER"), cast.a_category("TABLES")
    products.edit(
        product.public_id,
        1,
        ProductChanges(brand=brand.public_id, category=category.public_id),
    )
    found = products.find(product.public_id)
    assert (found.brand.code, found.category.code) == ("OTHER", "TABLES")


def test_every_change_of_a_variant_is_one_of_its_product(app: Flask) -> None:
    product = create()
    only = product.variants[0].public_id
    variants.edit(only, 1, VariantChanges(option_zh="红", option_en="Red", position=4))
    variants.edit(only, 2, VariantChanges(stock_tracked=False))
    variants.hide(only)
    variants.hide(only)
    variants.show(only)
    variants.set_picture(only, None)
    variants.add(product.public_id, 6, VariantDraft(code="N", price=5), BUYER, clock.now())
    found = products.find(product.public_id)
    assert found.version == 7
    assert [variant.position for variant in found.variants] == [4, 5]
    assert not found.variants[0].stock_tracked


def test_hiding_and_showing_twice_changes_nothing(app: Flask) -> None:
    product = create()
    products.hide(product.public_id)
    assert products.hide(product.public_id).version == 2
    products.show(product.public_id)
    assert products.show(product.public_id).version == 3


def test_a_price_change_keeps_who_when_and_why(app: Flask) -> None:
    product = create()
    only = product.variants[0].public_id
    prices.change(only, 90, " Autumn ", BUYER, clock.now())
    prices.change(only, 90, "again", BUYER, clock.now())
    prices.change(only, 110, "Winter", SYSTEM, clock.now())
    assert changes_of(product) == [
        (90, 110, "Winter", None),
        (100, 90, "Autumn", 7),
        (None, 100, "first price", 7),
    ]
    assert products.find(product.public_id).version == 3
    with pytest.raises(Invalid, match="wrong_reason"):
        prices.change(only, 80, " ", BUYER, clock.now())
    latest, first = price_history.history(product.variants[0].id, limit=3)[::2]
    older = price_history.history(product.variants[0].id, before=latest.id, limit=1)
    assert older[0].id not in {latest.id, first.id}


def test_a_price_and_its_history_are_written_together(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = create()
    only = product.variants[0].public_id

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(prices, "keep_changes", fails)
    with pytest.raises(RuntimeError):
        prices.change(only, 90, "sale", BUYER, clock.now())
    assert variants.find(only).price == 100


def test_the_price_list_says_all_that_an_order_freezes(app: Flask) -> None:
    one = create(VariantDraft(code="LAMP-RED", price=100, option_zh="红", option_en="Red"))
    other = cast.a_product("Table", state=ProductState.HIDDEN)
    ids = [product.variants[0].id for product in (one, other)]
    with recorded_queries() as queries:
        listed = prices.priced([*ids, *ids, 10**9])
    assert len(queries) == 1
    assert listed.keys() == set(ids)
    lamp = listed[ids[0]]
    assert (lamp.code, lamp.price, lamp.stock_tracked, lamp.on_sale) == (
        "LAMP-RED",
        100,
        True,
        True,
    )
    assert (lamp.full_name_zh, lamp.full_name_en) == ("台灯 · 红", "Desk lamp · Red")
    assert (lamp.product, lamp.brand_id) == (one.public_id, one.brand_id)
    assert not listed[ids[1]].on_sale
    assert listed[ids[1]].full_name_en == "Table"
    assert prices.priced([]) == {}


def test_a_thousand_prices_cost_one_query(app: Flask) -> None:
    ids = [variant.id for variant in cast.a_product(more_prices=range(1, 1_001)).variants]
    with recorded_queries() as queries:
        assert len(prices.priced(ids)) == 1_001
    assert len(queries) == 1


def test_renaming_a_brand_or_category_shows_on_its_products(app: Flask) -> None:
    product = create()
    brands.rename(product.brand.public_id, 1, name_en="New")
    assert products.find(product.public_id).version == 2
    with pytest.raises(Stale):
        brands.rename(product.brand.public_id, 1, name_en="Other")
    categories.edit(product.category.public_id, 1, CategoryChanges(name_en="New", position=3))
    assert products.find(product.public_id).version == 3
    shown = shelf.product(product.public_id)
    assert shown
    assert (shown.brand.en, shown.category.en) == ("New", "New")


def test_a_category_cannot_stand_under_itself(app: Flask) -> None:
    top = cast.a_category("TOP")
    below = cast.a_category("BELOW", top)
    lowest = cast.a_category("LOWEST", below)
    for parent in (top, below, lowest):
        with pytest.raises(Conflict, match="wrong_parent"):
            categories.edit(top.public_id, 1, CategoryChanges(parent=parent.public_id))
    categories.edit(below.public_id, 1, CategoryChanges(parent=TOP))
    categories.edit(top.public_id, 1, CategoryChanges(parent=lowest.public_id))
    with pytest.raises(Invalid, match="unknown_category"):
        categories.edit(top.public_id, 2, CategoryChanges(parent="cat_none"))


def test_the_tree_has_a_depth_that_people_still_find_their_way_in(app: Flask) -> None:
    above = None
    for level in range(6):
        above = cast.a_category(f"C{level}", above)
    with pytest.raises(Conflict, match="wrong_parent"):
        cast.a_category("C6", above)


def test_a_location_is_changed_by_its_code(app: Flask) -> None:
    cast.a_location("SHOP", priority=5)
    cast.a_location("HOUSE", priority=2)
    assert [place.code for place in locations.listed()] == ["HOUSE", "SHOP"]
    locations.edit("SHOP", priority=1, name_zh="店", name_en="Shop")
    assert [place.code for place in locations.listed()] == ["SHOP", "HOUSE"]
    with pytest.raises(NotFound, match="location_not_found"):
        locations.edit("NONE", priority=1)


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (lambda: products.find("prd_none"), "product_not_found"),
        (lambda: products.hide("prd_none"), "product_not_found"),
        (lambda: variants.hide("var_none"), "variant_not_found"),
        (lambda: brands.find("brd_none"), "brand_not_found"),
        (lambda: brands.rename("brd_none", 1), "brand_not_found"),
    ],
)
def test_what_is_not_there_is_not_found(app: Flask, deed: Any, code: str) -> None:
    with pytest.raises(NotFound) as refusal:
        deed()
    assert refusal.value.code == code


def test_products_are_found_by_name_code_brand_category_and_state(app: Flask) -> None:
    lamp = create(VariantDraft(code="RED_1", price=1))
    table = cast.a_product("Table 100%", state=ProductState.HIDDEN)

    def found(**wanted: Any) -> list[str]:
        listed = products.listed(ProductFilter(**wanted), before=None, limit=10)
        return [product.name_en for product in listed]

    assert found() == ["Table 100%", "Desk lamp"]
    assert found(text="desk") == found(text="台") == found(text="red_") == ["Desk lamp"]
    assert found(text="100%") == ["Table 100%"]
    assert found(text="x%") == found(text="R_D") == []
    assert found(state=ProductState.HIDDEN) == ["Table 100%"]
    assert found(brand=lamp.brand.public_id) == ["Table 100%", "Desk lamp"]
    assert found(category="cat_none") == []
    older = products.listed(ProductFilter(), before=table.id, limit=10)
    assert [product.id for product in older] == [lamp.id]


def test_a_list_of_products_costs_the_same_however_long_it_is(app: Flask) -> None:
    for number in range(4):
        cast.a_product(f"Lamp {number}", more_prices=(1, 2))
    with transaction(), recorded_queries() as queries:
        for product in products.listed(ProductFilter(), before=None, limit=50):
            assert product.brand.code
            assert product.category.code
            assert [variant.picture for variant in product.variants] == [None] * 3
    assert len(queries) <= 6


def test_no_price_without_a_first_row(app: Flask) -> None:
    cast.a_product(more_prices=(5,))
    assert db.session.scalar(sa.select(sa.func.count(PriceChange.id))) == 2
