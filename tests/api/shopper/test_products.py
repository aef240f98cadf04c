"""The catalogue as shoppers see it through the API."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront.catalog import brands, categories, prices, products, stock, variants
from storefront.catalog.models import Product, ProductState
from storefront.catalog.products import ProductChanges
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import transaction
from storefront.core.imaging import encode
from storefront.core.pictures import keep_encoded
from tests.support import cast
from tests.support.queries import recorded_queries

PRODUCTS = "/api/v1/shopper/products"


def get(client: FlaskClient, path: str) -> Any:
    return client.get(path)


def read(client: FlaskClient, product: Product, query: str = "", **headers: str) -> Any:
    return client.get(f"{PRODUCTS}/{product.public_id}{query}", headers=headers)


def sold_out(client: FlaskClient, product: Product) -> list[str]:
    shown = read(client, product).json["variants"]
    return [variant["availability"] for variant in shown]


@pytest.fixture
def product(app: Flask) -> Product:
    return cast.a_product("Lamp", price=1_999, more_prices=(2_500,), words_en="Warm", stock=1)


def test_a_product_is_shown_with_its_variants(client: FlaskClient, product: Product) -> None:
    answer = read(client, product, "?language=en")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.json == {
        "id": product.public_id,
        "name": "Lamp",
        "words": "Warm",
        "brand": {"id": product.brand.public_id, "name": "LOOM"},
        "category": {"id": product.category.public_id, "name": "LAMPS"},
        "picture": None,
        "availability": "in_stock",
        "variants": [
            {
                "id": variant.public_id,
                "option": "",
                "price": {"amount": price, "currency": "CNY"},
                "availability": "in_stock",
                "picture": None,
            }
            for variant, price in zip(product.variants, (1_999, 2_500), strict=True)
        ],
    }


def test_names_come_in_the_wanted_language(client: FlaskClient, product: Product) -> None:
    assert read(client, product).json["name"] == "Lamp灯"
    assert read(client, product, "?language=zh").json["name"] == "Lamp灯"
    assert read(client, product, "?language=en").json["name"] == "Lamp"
    # Nothing was written in Chinese: better English words than none.
    assert read(client, product).json["words"] == "Warm"


@pytest.mark.parametrize("query", ["?language=fr", "?lang=en", "?language=en&x=1"])
def test_what_cannot_be_asked_is_refused(client: FlaskClient, product: Product, query: str) -> None:
    answer = read(client, product, query)
    assert answer.status_code == 422
    assert answer.json["code"] == "invalid_fields"


def test_it_costs_one_query_once_it_was_made(client: FlaskClient, product: Product) -> None:
    address = f"{PRODUCTS}/{product.public_id}"
    with recorded_queries() as queries:
        first = client.get(address)
    assert len(queries) == 3
    with recorded_queries() as queries:
        second = client.get(address)
    assert len(queries) == 1
    assert second.data == first.data
    with recorded_queries() as queries:
        unchanged = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert len(queries) == 1
    assert unchanged.status_code == 304
    assert unchanged.data == b""
    assert unchanged.headers["ETag"] == first.headers["ETag"]


def test_each_language_has_its_own_etag(client: FlaskClient, product: Product) -> None:
    chinese, english = read(client, product), read(client, product, "?language=en")
    assert chinese.headers["ETag"] != english.headers["ETag"]


def rename(product: Product) -> None:
    products.edit(product.public_id, product.version, ProductChanges(name_zh="新"))


def reprice(product: Product) -> None:
    prices.change(product.variants[0].public_id, 5, "sale", SYSTEM, clock.now())


def hide_a_variant(product: Product) -> None:
    variants.hide(product.variants[0].public_id)


def give_a_picture(product: Product) -> None:
    from PIL import Image

    products.set_picture(product.public_id, keep_encoded(encode(Image.new("RGB", (400, 300)))))


def rename_the_brand(product: Product) -> None:
    brands.rename(product.brand.public_id, product.brand.version, name_zh="新牌")


def rename_the_category(product: Product) -> None:
    changes = categories.CategoryChanges(name_zh="新类")
    categories.edit(product.category.public_id, product.category.version, changes)


def sell_the_last(product: Product) -> None:
    with transaction():
        stock.reserve([stock.Wanted(product.variants[0].id, 1)])


@pytest.mark.parametrize(
    "change",
    [
        rename,
        reprice,
        hide_a_variant,
        give_a_picture,
        rename_the_brand,
        rename_the_category,
        sell_the_last,
    ],
)
def test_a_change_is_shown_at_once(client: FlaskClient, product: Product, change: Any) -> None:
    before = read(client, product)
    change(product)
    after = read(client, product, **{"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.json != before.json


def test_sold_out_and_back_again(client: FlaskClient, product: Product) -> None:
    first = product.variants[0].id
    assert sold_out(client, product) == ["in_stock", "in_stock"]
    with transaction():
        held = stock.reserve([stock.Wanted(first, 1)])
    assert sold_out(client, product) == ["sold_out", "in_stock"]
    with transaction():
        stock.let_go(held)
    assert sold_out(client, product) == ["in_stock", "in_stock"]


def test_how_many_are_left_is_nobodys_business(client: FlaskClient, app: Flask) -> None:
    plenty = cast.a_product(stock=17)
    assert "17" not in read(client, plenty).text.replace(plenty.public_id, "")


def test_what_is_hidden_is_not_found(client: FlaskClient, product: Product) -> None:
    assert read(client, product).status_code == 200
    products.hide(product.public_id)
    answer = read(client, product)
    assert answer.status_code == 404
    assert answer.json["code"] == "product_not_found"
    assert client.get(f"{PRODUCTS}/prd_2222222222222222").status_code == 404
    assert client.get(f"{PRODUCTS}/%00").status_code == 404
    products.show(product.public_id)
    assert read(client, product).status_code == 200


def test_a_hidden_variant_is_not_shown(client: FlaskClient, product: Product) -> None:
    variants.hide(product.variants[0].public_id)
    assert len(read(client, product).json["variants"]) == 1


def test_products_are_listed_newest_first_page_by_page(client: FlaskClient, app: Flask) -> None:
    made = [cast.a_product(f"Lamp {number}").public_id for number in range(5)]
    cast.a_product(state=ProductState.HIDDEN)
    nothing_to_buy = cast.a_product()
    variants.hide(nothing_to_buy.variants[0].public_id)
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        with recorded_queries() as queries:
            found = get(client, f"{PRODUCTS}?limit=2{after}").json
        assert len(queries) == 1
        seen += [card["id"] for card in found["items"]]
        after = found["next"] and f"&after={found['next']}"
    assert seen == made[::-1]


def test_a_card_shows_the_range_of_prices(client: FlaskClient, product: Product) -> None:
    (card,) = get(client, f"{PRODUCTS}?language=en").json["items"]
    assert card == {
        "id": product.public_id,
        "name": "Lamp",
        "brand": "LOOM",
        "picture": None,
        "price_from": {"amount": 1_999, "currency": "CNY"},
        "price_to": {"amount": 2_500, "currency": "CNY"},
        "availability": "in_stock",
    }
    with transaction():
        stock.reserve([stock.Wanted(variant.id, 1) for variant in product.variants])
    (card,) = get(client, PRODUCTS).json["items"]
    assert card["availability"] == "sold_out"


def test_a_category_has_what_is_below_it_too(client: FlaskClient, app: Flask) -> None:
    home = cast.a_category("HOME")
    lamps = cast.a_category("LAMPS", home)
    lamp = cast.a_product()
    other = cast.a_category("OTHER")

    def found(category: str) -> list[str]:
        answer = get(client, f"{PRODUCTS}?category={category}")
        return [card["id"] for card in answer.json["items"]]

    assert found(home.public_id) == found(lamps.public_id) == [lamp.public_id]
    assert found(other.public_id) == found("cat_none") == []
    by_brand = get(client, f"{PRODUCTS}?brand={lamp.brand.public_id}").json["items"]
    assert [card["id"] for card in by_brand] == [lamp.public_id]


def test_the_tree_of_categories(client: FlaskClient, app: Flask) -> None:
    home = cast.a_category("HOME")
    lamps = cast.a_category("LAMPS", home)
    answer = get(client, "/api/v1/shopper/categories?language=en")
    assert answer.json["items"] == [
        {"id": home.public_id, "name": "HOME", "parent": None},
        {"id": lamps.public_id, "name": "LAMPS", "parent": home.public_id},
    ]


@pytest.mark.parametrize("query", ["after=%00", "after=x", "limit=0", "limit=9999999", "page=1"])
def test_a_wrong_place_in_the_list_is_refused(client: FlaskClient, app: Flask, query: str) -> None:
    assert client.get(f"{PRODUCTS}?{query}").status_code == 422
