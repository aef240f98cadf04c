"""An employee's shop and the products in it, as customers see them."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from config.settings import Settings
from storefront.catalog import brands, prices, products
from storefront.catalog.models import Variant
from storefront.catalog.products import ProductChanges
from storefront.core import clock, imaging, pictures
from storefront.core.actor import SYSTEM
from storefront.core.database import db
from storefront.core.kept import kept_answers
from storefront.core.pictures import Picture
from storefront.sharing.models import Touch, TouchKind
from storefront.shops import listings
from storefront.shops import service as shops
from storefront.shops.models import Shop
from storefront.staff import service as staff
from storefront.staff.models import EmploymentState
from tests.support import cast
from tests.support.browser import OWN_SCRIPTS, Browser, Page
from tests.support.queries import recorded_queries

CHAIN = Settings.chain_name_en
HOSTILE = '<script>alert("1")</script>"><img src=x onerror=alert(2)> {{ 7*7 }} {name}'


def a_picture() -> Picture:
    return pictures.keep_encoded(imaging.encode(Image.new("RGB", (1200, 900), "teal")))


def test_the_shop_shows_its_keeper_and_what_they_picked(shop: Shop, browser: Browser) -> None:
    teapot = cast.a_product("Teapot", price=1999, more_prices=[2999])
    listing = cast.a_listing(shop, teapot, caption="泡得出好茶")
    page = browser.get("/s/fang")
    for words in (
        "林小雨",
        "芳的店",
        "都是我自己用过的。",
        "Teapot",
        "from CN¥19.99",
        "泡得出好茶",
    ):
        assert words in page.text
    assert f"/s/fang/p/{listing.product.public_id}" in page.links


def test_goods_stand_in_the_keepers_order_and_hidden_ones_are_left_out(
    shop: Shop, browser: Browser
) -> None:
    first, second, third, hidden = (
        cast.a_listing(shop, cast.a_product(name)) for name in ("One", "Two", "Three", "Four")
    )
    listings.pin(shop.employee_id, third.public_id)
    products.hide(hidden.product.public_id)
    shown = [link.rpartition("/")[2] for link in browser.get("/s/fang").links if "/p/" in link]
    assert shown == [each.product.public_id for each in (third, first, second)]


def test_an_empty_shop_says_so(shop: Shop, browser: Browser) -> None:
    assert "has just opened" in browser.get("/s/fang").text


def test_a_closed_shop_is_a_friendly_410_with_a_way_to_the_same_goods(
    shop: Shop, browser: Browser
) -> None:
    product = cast.a_listing(shop).product.public_id
    shops.close(shop.employee_id, clock.now())
    assert "This shop is closed" in browser.get("/s/fang", 410).text
    page = browser.get(f"/s/fang/p/{product}", 410)
    assert f"/p/{product}" in page.links
    shops.reopen(shop.employee_id)
    browser.get("/s/fang")


def test_the_shop_of_somebody_who_left_is_closed(shop: Shop, browser: Browser) -> None:
    product = cast.a_listing(shop).product.public_id
    browser.get("/s/fang")
    cast.leaves(shop.employee, EmploymentState.LEFT)
    browser.get("/s/fang", 410)
    browser.get(f"/s/fang/p/{product}", 410)


def test_a_product_that_the_keeper_took_off_leads_to_the_shop(shop: Shop, browser: Browser) -> None:
    listing = cast.a_listing(shop)
    listings.take_off(shop.employee_id, listing.public_id)
    browser.get(f"/s/fang/p/{listing.product.public_id}")
    assert browser.address == "/s/fang"


def test_a_product_that_is_no_longer_sold_is_gone_and_an_unknown_one_not_found(
    shop: Shop, browser: Browser
) -> None:
    product = cast.a_listing(shop).product.public_id
    products.hide(product)
    assert "We no longer sell this" in browser.get(f"/s/fang/p/{product}", 410).text
    assert "We no longer sell this" in browser.get(f"/p/{product}", 410).text
    browser.get("/s/fang/p/prd_nothing", 404)
    browser.get(f"/s/nobody/p/{product}", 404)


def test_the_product_page_offers_every_variant_and_says_which_are_sold_out(
    shop: Shop, browser: Browser
) -> None:
    product = cast.a_product("Teapot", price=1999, more_prices=[2999], stock=3)
    cast.counted(product.variants[0], 0)
    cast.a_listing(shop, product, caption="泡得出好茶")
    page = browser.get(f"/s/fang/p/{product.public_id}")
    radios = [each for each in page.all("input") if each.get("type") == "radio"]
    assert [each["value"] for each in radios] == [each.public_id for each in product.variants]
    assert not any("disabled" in each for each in radios)
    # The first that can be had is chosen.
    assert ["checked" in each for each in radios] == [False, True]
    assert "CN¥19.99 Sold out" in page.text
    assert "林小雨 recommends 泡得出好茶" in page.text


def test_a_product_without_a_piece_left_cannot_be_ordered(shop: Shop, browser: Browser) -> None:
    product = cast.a_product(stock=0, more_prices=[5])
    cast.a_listing(shop, product)
    page = browser.get(f"/s/fang/p/{product.public_id}")
    assert "Sold out for now" in page.text
    assert ("then", "cart") not in page.form(f"/s/fang/p/{product.public_id}").buttons
    assert '"availability":"https://schema.org/OutOfStock"' in page.html.replace(" ", "")


def test_whatever_is_written_stays_text(shop: Shop, browser: Browser) -> None:
    shops.edit(shop.employee_id, shop.version, title=HOSTILE, words=HOSTILE)
    product = cast.a_product(name_zh=HOSTILE, name_en=HOSTILE, words_zh=HOSTILE, words_en=HOSTILE)
    cast.a_listing(shop, product, caption=HOSTILE)
    for path in ("/s/fang", f"/s/fang/p/{product.public_id}", f"/p/{product.public_id}", "/"):
        page = browser.get(path)
        assert "alert(2)" not in [each.get("onerror") for each in page.all("img")]
        assert all(each.get("src") != "x" for each in page.all("img"))
        assert all(each.get("type") in OWN_SCRIPTS for each in page.all("script"))
        assert "{{ 7*7 }} {name}" in page.text
        assert '</script>"' not in page.html


def test_the_linked_data_cannot_be_left(shop: Shop, browser: Browser) -> None:
    product = cast.a_product(name_en="</script><script>alert(1)</script>")
    page = browser.get(f"/p/{product.public_id}")
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.html, re.DOTALL)
    assert json.loads(found[0])["name"] == "</script><script>alert(1)</script>"


def test_networks_see_name_price_picture_and_an_address_with_the_keeper(
    shop: Shop, browser: Browser
) -> None:
    product = cast.a_product("Teapot", price=1999)
    picture = a_picture()
    products.set_picture(product.public_id, picture)
    cast.a_listing(shop, product, caption="Pours well.")
    path = f"/s/fang/p/{product.public_id}"
    page = browser.get(path)
    said = {each.get("property") or each.get("itemprop"): each for each in page.all("meta")}
    assert said["og:url"]["content"] == f"http://shop.test{path}"
    assert said["og:title"]["content"] == said["name"]["content"] == "Teapot"
    assert said["og:description"]["content"] == f"CN¥19.99 · Pours well. · {CHAIN}"
    image = f"http://shop.test/pictures/{picture.public_id}-1200.jpg"
    assert said["image"]["content"] == image
    card = said["og:image"]["content"] or ""
    assert card.startswith(f"http://shop.test/previews/{product.public_id}/fang/en-")
    assert (said["og:image:width"]["content"], said["og:image:height"]["content"]) == (
        "1200",
        "630",
    )
    assert said["product:price:amount"]["content"] == "19.99"
    assert {"rel": "canonical", "href": f"http://shop.test{path}"} in page.all("link")
    data = json.loads(page.html.split('ld+json">')[1].split("</script>")[0])
    assert data["@type"] == "Product"
    assert data["image"] == [image]
    assert data["offers"][0]["price"] == "19.99"
    assert data["offers"][0]["priceCurrency"] == "CNY"
    assert data["offers"][0]["availability"] == "https://schema.org/InStock"


def test_pictures_have_their_size_and_the_first_is_not_lazy(shop: Shop, browser: Browser) -> None:
    for name in ("One", "Two", "Three", "Four"):
        product = cast.a_product(name)
        products.set_picture(product.public_id, a_picture())
        cast.a_listing(shop, product)
    page = browser.get("/s/fang")
    images = [each for each in page.all("img") if (each["src"] or "").startswith("/pictures/")]
    assert all(each["width"] == "1200" and each["height"] == "900" for each in images)
    assert "loading" not in images[0]
    assert images[-1]["loading"] == "lazy"
    sources = page.all("source")
    for source, format_ in zip(sources, ("avif", "webp"), strict=False):
        assert source["type"] == f"image/{format_}"
        assert re.fullmatch(
            rf"(/pictures/\S+-(300|600|1200)\.{format_} \2w(, )?){{3}}", source["srcset"] or ""
        )
    for address in (images[0]["src"], (sources[0]["srcset"] or "").split()[0]):
        assert browser.client.get(address or "").status_code == 200


def test_a_picture_from_before_there_was_avif_is_not_offered_as_such(
    shop: Shop, browser: Browser
) -> None:
    drawn = imaging.encode(Image.new("RGB", (300, 300), "teal"))
    files = {key: file for key, file in drawn.files.items() if key[1] != "avif"}
    product = cast.a_product()
    products.set_picture(product.public_id, pictures.keep_encoded(replace(drawn, files=files)))
    page = browser.get(f"/p/{product.public_id}")
    assert [each["type"] for each in page.all("source")] == ["image/webp"]


@pytest.mark.parametrize("path", ["/s/fang", "/s/fang/p/{product}", "/p/{product}"])
def test_a_kept_page_costs_one_query_and_its_browser_gets_304(
    shop: Shop, client: FlaskClient, path: str
) -> None:
    product = cast.a_listing(shop).product.public_id
    path = path.format(product=product)
    with recorded_queries() as first:
        answer = client.get(path)
    assert answer.status_code == 200
    # A shop reads whether there are posts, too.
    assert 2 < len(first) <= (6 if path == "/s/fang" else 5)
    with recorded_queries() as later:
        assert client.get(path).data == answer.data
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert len(later) == 2
    assert again.status_code == 304
    assert again.data == b""
    for each in (answer, again):
        assert each.headers["Cache-Control"] == "no-cache"
        assert "Accept-Language" in each.headers["Vary"]
    weak = client.get(path, headers={"If-None-Match": f'W/{answer.headers["ETag"]}, "x"'})
    assert weak.status_code == 304
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_each_language_has_its_own_page_and_tag(shop: Shop, client: FlaskClient) -> None:
    cast.a_listing(shop)
    chinese = client.get("/s/fang", headers={"Accept-Language": "zh"})
    english = client.get("/s/fang", headers={"Accept-Language": "en"})
    assert chinese.headers["ETag"] != english.headers["ETag"]
    assert "店里的东西" in chinese.text
    assert "In this shop" in english.text


def test_every_change_is_seen_on_the_next_request(app: Flask, shop: Shop) -> None:
    browser = Browser(app.test_client())
    product = cast.a_product("Teapot", price=1999, stock=1)
    variant: Variant = product.variants[0]
    listing = cast.a_listing(shop, product)
    in_shop = f"/s/fang/p/{product.public_id}"
    owner = shop.employee_id

    def all_three() -> str:
        paths = ("/s/fang", in_shop, f"/p/{product.public_id}")
        return " ".join(browser.get(path).text for path in paths)

    # Each product page says it once more in the bar that scripts bring out.
    assert all_three().count("CN¥19.99") == 5
    prices.change(variant.public_id, 2500, "dearer", SYSTEM, clock.now())
    assert all_three().count("CN¥25.00") == 5
    cast.counted(variant, 0)
    assert "Sold out for now" in all_three()
    assert "Sold out" in browser.get("/s/fang").text
    cast.counted(variant, 2)
    assert "Sold out" not in all_three()
    listings.write_caption(owner, listing.public_id, "New words")
    assert all_three().count("New words") == 2
    shops.edit(owner, shops.own_shop(owner).version, title="New title")
    assert "New title" in browser.get("/s/fang").text
    assert "New title" in browser.get(in_shop).text
    version = products.find(product.public_id).version
    products.edit(product.public_id, version, ProductChanges(name_en="Kettle"))
    assert "Kettle" in browser.get("/s/fang").text
    brands.rename(product.brand.public_id, product.brand.version, name_en="Reed")
    assert "Reed" in browser.get(in_shop).text
    second = cast.a_listing(shop, cast.a_product("Cup"))
    assert "Cup" in browser.get("/s/fang").text
    listings.take_off(owner, second.public_id)
    assert "Cup" not in browser.get("/s/fang").text


def test_the_keepers_new_name_is_seen_at_once(app: Flask, shop: Shop) -> None:
    browser = Browser(app.test_client())
    cast.a_listing(shop)
    browser.get("/s/fang")
    employee = staff.find_by_id(shop.employee_id)
    details = replace(staff.details_of(employee), name="王小雨")
    staff.edit(employee.id, employee.version, details, SYSTEM, clock.now())
    assert "王小雨" in browser.get("/s/fang").text


def test_what_is_kept_is_bounded(app: Flask, shop: Shop, client: FlaskClient) -> None:
    cast.a_listing(shop)
    client.get("/s/fang")
    assert kept_answers() is app.extensions["kept_answers"]
    assert 0 < kept_answers()._bytes < kept_answers()._most_bytes


@pytest.mark.parametrize(
    "path", ["/s/%00", "/s/%0d%0a", "/s/fang/p/%00", "/p/%00", "/s/" + "x" * 3000, "/c/%00"]
)
def test_strange_addresses_are_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_page_that_is_only_asked_about_has_no_body(shop: Shop, client: FlaskClient) -> None:
    answer = client.head("/s/fang")
    assert answer.status_code == 200
    assert answer.data == b""
    assert Page(client.get("/s/fang").text).title == f"芳的店 · {Settings.chain_name_zh}"


def test_who_puts_goods_into_the_cart_in_a_shop_has_met_its_keeper(
    shop: Shop, browser: Browser
) -> None:
    teapot = cast.a_product("Teapot")
    cast.a_listing(shop, teapot)
    address = f"/s/fang/p/{teapot.public_id}"
    browser.get(address)
    browser.press(address, quantity="0", status=422)
    assert db.session.scalars(sa.select(Touch)).all() == []
    browser.get(address)
    browser.press(address)
    touch = db.session.scalars(sa.select(Touch)).one()
    assert (touch.kind, touch.employee_id) == (TouchKind.SHOP_VISIT, shop.employee_id)
    cookie = browser.client.get_cookie("visitor")
    assert cookie
    assert cookie.value.startswith(f"{touch.visitor_id}.")
