"""The chain's own front, and its departments."""

from __future__ import annotations

import pytest

from storefront.catalog import products, variants
from storefront.web.shopper.front import PAGE
from tests.support import cast
from tests.support.browser import Browser
from tests.support.queries import recorded_queries


@pytest.fixture
def departments(app: object) -> dict[str, str]:
    """Home holds lamps; toys hold nothing."""
    home = cast.a_category("HOME")
    lamps = cast.a_category("LAMPS", parent=home)
    cast.a_category("TOYS")
    return {"home": home.public_id, "lamps": lamps.public_id}


def test_an_empty_chain_has_a_front(browser: Browser) -> None:
    page = browser.get("/")
    assert "Good things" in page.text
    assert "There is nothing here at the moment" in page.text


def test_the_front_shows_departments_with_goods_and_the_newest_goods(
    browser: Browser, departments: dict[str, str]
) -> None:
    old, new = cast.a_product("Old"), cast.a_product("New")
    products.hide(cast.a_product("Hidden").public_id)
    page = browser.get("/")
    assert f"/c/{departments['home']}" in page.links
    assert "TOYS" not in page.text
    assert "Hidden" not in page.text
    goods = [link for link in page.links if link.startswith("/p/")]
    assert goods == [f"/p/{new.public_id}", f"/p/{old.public_id}"]


def test_a_department_shows_what_is_below_it_and_the_way_up(
    browser: Browser, departments: dict[str, str]
) -> None:
    product = cast.a_product("Lamp")
    home = browser.get(f"/c/{departments['home']}")
    assert f"/c/{departments['lamps']}" in home.links
    assert f"/p/{product.public_id}" in home.links
    lamps = browser.get(f"/c/{departments['lamps']}")
    assert f"/c/{departments['home']}" in lamps.links


def test_a_long_list_goes_on_and_shows_everything_once(browser: Browser) -> None:
    made = [cast.a_product(f"Lamp {number}").public_id for number in range(PAGE + 3)]
    page = browser.get("/")
    seen = [link[3:] for link in page.links if link.startswith("/p/")]
    assert len(seen) == PAGE
    onward = next(link for link in page.links if link.startswith("/?after="))
    page = browser.get(onward)
    seen += [link[3:] for link in page.links if link.startswith("/p/")]
    assert seen == made[::-1]
    assert not any("after=" in link for link in page.links)


@pytest.mark.parametrize("after", ["x", "-1", "%00", "9" * 400])
def test_a_place_that_is_none_is_refused(browser: Browser, after: str) -> None:
    browser.get(f"/?after={after}", 422)


def test_a_front_page_takes_two_queries_however_much_there_is(browser: Browser) -> None:
    for number in range(3):
        cast.a_product(f"Lamp {number}")
    with recorded_queries() as queries:
        browser.get("/")
    assert len(queries) == 2


def test_an_unchanged_front_is_not_sent_twice(browser: Browser) -> None:
    answer = browser.client.get("/")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    etag = answer.headers["ETag"]
    assert browser.client.get("/", headers={"If-None-Match": etag}).status_code == 304
    cast.a_product()
    assert browser.client.get("/", headers={"If-None-Match": etag}).status_code == 200


def test_a_product_without_a_variant_on_sale_is_gone(browser: Browser) -> None:
    product = cast.a_product()
    variants.hide(product.variants[0].public_id)
    browser.get(f"/p/{product.public_id}", 410)
    browser.get("/")


def test_the_front_credits_nobody_by_itself(browser: Browser) -> None:
    product = cast.a_product("Lamp")
    page = browser.get(f"/p/{product.public_id}")
    assert "recommends" not in page.text
    assert not any(link.startswith("/s/") for link in page.links)
