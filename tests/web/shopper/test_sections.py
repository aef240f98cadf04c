"""A shop whose keeper has sorted the goods under headings."""

from __future__ import annotations

from storefront.catalog import products
from storefront.shops import listings, sections
from storefront.shops.models import Listing, Shop
from tests.support import cast
from tests.support.browser import OWN_SCRIPTS, Browser, Page


def listed(shop: Shop, names: str) -> dict[str, Listing]:
    return {name: cast.a_listing(shop, cast.a_product(f"Thing {name}")) for name in names}


def put(shop: Shop, title: str, *goods: Listing) -> str:
    section = sections.create(shop.employee_id, title).public_id
    for listing in goods:
        listings.edit(shop.employee_id, listing.public_id, section_id=section)
    return section


def in_order(page: Page, *words: str) -> bool:
    places = [page.text.index(each) for each in words]
    return places == sorted(places)


def test_favourites_come_first_then_each_section_then_the_rest(
    shop: Shop, browser: Browser
) -> None:
    goods = listed(shop, "ABCDE")
    put(shop, "For tea", goods["D"], goods["B"])
    put(shop, "For walks", goods["A"])
    listings.pin(shop.employee_id, goods["E"].public_id)
    page = browser.get("/s/fang")
    assert in_order(
        page,
        *("In this shop", "Thing E", "For tea Thing B", "Thing D", "For walks Thing A"),
        *("Also in this shop", "Thing C"),
    )


def test_a_favourite_stands_once_though_it_is_in_a_section(shop: Shop, browser: Browser) -> None:
    goods = listed(shop, "AB")
    put(shop, "For tea", goods["A"])
    listings.pin(shop.employee_id, goods["A"].public_id)
    page = browser.get("/s/fang")
    assert page.text.count("Thing A") == 1
    assert "For tea" not in page.text


def test_chips_lead_to_the_sections_where_there_are_two(shop: Shop, browser: Browser) -> None:
    goods = listed(shop, "ABC")
    tea = put(shop, "For tea", goods["A"])
    assert f"#section-{tea}" not in browser.get("/s/fang").links
    walks = put(shop, "For walks", goods["B"])
    page = browser.get("/s/fang")
    assert [link for link in page.links if "#section-" in link] == [
        f"#section-{tea}",
        f"#section-{walks}",
    ]
    anchors = [each.get("id") for each in page.all("h2")]
    assert {f"section-{tea}", f"section-{walks}"} <= {*anchors}
    sections.move_up(shop.employee_id, walks)
    assert in_order(browser.get("/s/fang"), "For walks", "Thing B", "For tea Thing A")


def test_a_section_without_goods_on_sale_is_not_shown(shop: Shop, browser: Browser) -> None:
    goods = listed(shop, "AB")
    put(shop, "For tea", goods["A"])
    put(shop, "Empty")
    products.hide(goods["A"].product.public_id)
    page = browser.get("/s/fang")
    assert "For tea" not in page.text
    assert "Empty" not in page.text
    assert "Also in this shop" not in page.text
    assert in_order(page, "In this shop", "Thing B")


def test_what_was_looked_for_is_one_list(shop: Shop, browser: Browser) -> None:
    goods = listed(shop, "AB")
    put(shop, "For tea", goods["A"])
    page = browser.get("/s/fang?q=Thing")
    assert "2 products" in page.text
    assert "For tea" not in page.text
    assert "Also in this shop" not in page.text
    assert in_order(page, "Thing A", "Thing B")


def test_every_change_is_seen_on_the_next_request(shop: Shop, browser: Browser) -> None:
    goods = listed(shop, "AB")
    tea = put(shop, "For tea", goods["A"])
    assert "For tea Thing A" in browser.get("/s/fang").text
    sections.rename(shop.employee_id, tea, "For guests")
    assert "For guests Thing A" in browser.get("/s/fang").text
    listings.edit(shop.employee_id, goods["B"].public_id, section_id=tea)
    assert "Also in this shop" not in browser.get("/s/fang").text
    sections.remove(shop.employee_id, tea)
    page = browser.get("/s/fang")
    assert "For guests" not in page.text
    assert in_order(page, "In this shop", "Thing A", "Thing B")


def test_a_shop_is_one_list_until_its_keeper_sorts_it(shop: Shop, browser: Browser) -> None:
    goods = listed(shop, "AB")
    listings.pin(shop.employee_id, goods["B"].public_id)
    page = browser.get("/s/fang")
    assert in_order(page, "In this shop", "Thing B", "Thing A")
    assert "Also in this shop" not in page.text
    cast.a_post(shop, title="A post")
    assert in_order(browser.get("/s/fang"), "Thing B", "A post", "Also in this shop", "Thing A")


def test_what_a_keeper_calls_a_section_stays_text(shop: Shop, browser: Browser) -> None:
    goods = listed(shop, "AB")
    put(shop, "<script>{{ 7*7 }}</script>", goods["A"])
    put(shop, '"><img src=x>', goods["B"])
    page = browser.get("/s/fang")
    assert all(each.get("type") in OWN_SCRIPTS for each in page.all("script"))
    assert all(each.get("src") != "x" for each in page.all("img"))
    assert "{{ 7*7 }}" in page.text
