"""Goods are found by words and by department, in a shop and in the whole chain."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask

from storefront.catalog import products
from storefront.catalog.models import Product
from storefront.catalog.searching import LONGEST, MOST_WORDS, words_in
from storefront.shops.models import Shop
from storefront.web.shopper.front import PAGE
from tests.support import cast
from tests.support.browser import Browser
from tests.support.queries import recorded_queries


@pytest.fixture
def shop(app: Flask) -> Shop:
    return cast.a_shop(handle="fang")


@pytest.fixture
def lamp(shop: Shop) -> Product:
    """In LAMPS, which is under HOME."""
    cast.a_category("LAMPS", parent=cast.a_category("HOME"))
    return cast.a_listing(shop, cast.a_product("Desk Lamp")).product


@pytest.fixture
def bear(shop: Shop) -> Product:
    toys = cast.a_category("TOYS")
    return cast.a_listing(shop, cast.a_product("Teddy Bear 100%", category_id=toys.id)).product


def goods_on(browser: Browser, address: str) -> list[str]:
    links = browser.get(address).links
    return sorted({link.rpartition("/p/")[2] for link in links if "/p/" in link})


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lamp", ["lamp"]),
        ("LAMP desk", ["lamp"]),
        ("lamp bear", []),
        ("  ", ["bear", "lamp"]),
        ("100%", ["bear"]),
        ("_", []),
        ("%", ["bear"]),
        ("'", []),
        ("\\", []),
        ("toys", ["bear"]),
    ],
)
def test_every_word_must_stand_in_the_goods(
    browser: Browser, lamp: Product, bear: Product, typed: str, found: list[str]
) -> None:
    named = {"lamp": lamp.public_id, "bear": bear.public_id}
    there = goods_on(browser, f"/s/fang?q={quote(typed)}")
    assert there == sorted(named[each] for each in found)


def test_chinese_is_found_without_spaces_and_in_either_language(browser: Browser) -> None:
    cast.a_product("Enamel Kettle", name_zh="搪瓷水壶")
    for typed in ("水壶", "搪瓷　水壶", "kettle"):
        assert "Enamel Kettle" in browser.get(f"/search?q={typed}").text


def test_a_shop_shows_its_departments_and_the_goods_of_one(
    browser: Browser, lamp: Product, bear: Product
) -> None:
    page = browser.get("/s/fang")
    inside = [link for link in page.links if "?in=" in link]
    assert len(inside) == 2, "the departments, not what is below them"
    assert [goods_on(browser, link) for link in inside] == [[lamp.public_id], [bear.public_id]]
    assert goods_on(browser, "/s/fang?in=cat_nothing") == []
    assert goods_on(browser, "/s/fang?in=") == sorted([lamp.public_id, bear.public_id])


def test_words_and_department_are_kept_and_asked_for_together(
    browser: Browser, lamp: Product, bear: Product
) -> None:
    (home, _) = [link for link in browser.get("/s/fang").links if "?in=" in link]
    page = browser.get(f"{home}&q=bear")
    assert "0 products for “bear”" in page.text
    form = page.form("/s/fang")
    assert form.fields == {"in": home.partition("=")[2], "q": "bear"}
    assert "/search?q=bear" in page.links
    assert "/s/fang" in page.links


def test_what_is_off_sale_is_not_found(browser: Browser, lamp: Product) -> None:
    products.hide(lamp.public_id)
    assert goods_on(browser, "/s/fang?q=lamp") == []
    assert goods_on(browser, "/search?q=lamp") == []


def test_nothing_found_leads_on(browser: Browser, lamp: Product) -> None:
    page = browser.get("/search?q=zebra")
    assert "0 products for “zebra”" in page.text
    assert "Try another word" in page.text
    assert any(link.startswith("/c/") for link in page.links)
    assert any(link.startswith("/c/") for link in browser.get("/search").links)


def test_a_long_result_goes_on(browser: Browser) -> None:
    for number in range(PAGE + 2):
        cast.a_product(f"Lamp {number}")
    page = browser.get("/search?q=lamp")
    (onward,) = [link for link in page.links if "after=" in link]
    assert onward.startswith("/search?q=lamp&after=")
    assert len(goods_on(browser, onward)) == 2


def test_what_is_typed_is_shown_and_never_run(browser: Browser) -> None:
    page = browser.get("/search?q=%3Cscript%3E%22")
    assert "&lt;script&gt;" in page.html
    assert "<script>" not in page.html


def test_a_search_costs_few_queries(browser: Browser, lamp: Product, bear: Product) -> None:
    with recorded_queries() as queries:
        browser.get("/s/fang?q=lamp")
    assert len(queries) <= 6
    with recorded_queries() as queries:
        browser.get("/search?q=lamp")
    assert len(queries) <= 2


def test_a_flood_of_words_is_cut() -> None:
    assert words_in("a b c d e f g h i") == tuple("abcdef")
    assert len(words_in("a b c d e f g h i")) == MOST_WORDS
    assert words_in("x" * 100) == ("x" * LONGEST,)
    assert words_in("\0 \u3000") == ()
