"""What an employee writes, as customers read it."""

from __future__ import annotations

import json
import re
from importlib import import_module

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from storefront.catalog import prices, products
from storefront.core import clock, imaging, pictures
from storefront.core.actor import SYSTEM
from storefront.core.database import transaction
from storefront.core.pictures import Picture
from storefront.shops import listings, posts
from storefront.shops import service as shops
from storefront.shops.models import Post, Shop
from storefront.staff.models import EmploymentState
from tests.support import cast
from tests.support.browser import OWN_SCRIPTS, Browser
from tests.support.queries import recorded_queries
from tests.support.shopping import PHONE_BROWSER

HOSTILE = '<script>alert("1")</script>"><img src=x onerror=alert(2)> {{ 7*7 }} {name}'


def a_picture() -> Picture:
    return pictures.keep_encoded(imaging.encode(Image.new("RGB", (1200, 480), "teal")))


def address_of(post: Post) -> str:
    return f"/s/fang/t/{post.public_id}"


def leads_to(shop: Shop, heir: Shop) -> None:
    """The shop's keeper leaves, and its customers are led to another's shop."""
    with transaction():
        cast.leaves(shop.employee)
        assert shops.forward(shop.employee_id, heir.employee_id, None)


def test_a_post_shows_its_words_and_its_goods_in_the_writers_order(
    shop: Shop, browser: Browser
) -> None:
    lamp, cup = (cast.a_listing(shop, cast.a_product(name)).product for name in ("Lamp", "Cup"))
    post = cast.a_post(shop, cup, lamp, title="在家的理由", words="第一段。\n\n第二段。")
    page = browser.get(address_of(post))
    for words in ("在家的理由", "林小雨, 2 Mar 2026", "第一段。", "CN¥19.99"):
        assert words in page.text
    assert "第一段。\n\n第二段。" in page.html
    goods = [link.rpartition("/")[2] for link in page.links if "/p/" in link]
    assert goods == [cup.public_id, lamp.public_id]
    assert {"/s/fang", "/s/fang/t"} <= {*page.links}


def test_what_left_the_shop_or_the_chain_is_not_shown(shop: Shop, browser: Browser) -> None:
    kept, off, hidden = (cast.a_listing(shop, cast.a_product(name)) for name in "ABC")
    post = cast.a_post(shop, off.product, kept.product, hidden.product)
    assert sum("/p/" in link for link in browser.get(address_of(post)).links) == 3
    listings.take_off(shop.employee_id, off.public_id)
    products.hide(hidden.product.public_id)
    goods = [link for link in browser.get(address_of(post)).links if "/p/" in link]
    assert goods == [f"/s/fang/p/{kept.product.public_id}"]


def test_every_change_is_seen_on_the_next_request(shop: Shop, browser: Browser) -> None:
    product = cast.a_product(price=1999)
    listing = cast.a_listing(shop, product)
    owner, post = shop.employee_id, cast.a_post(shop, product, title="Old title")
    here = address_of(post)
    for address in (here, "/s/fang", "/s/fang/t"):
        assert "Old title" in browser.get(address).text
    posts.edit(owner, post.public_id, 1, title="New title", words="New words")
    for address in (here, "/s/fang", "/s/fang/t"):
        assert "New title" in browser.get(address).text
        assert "New words" in browser.get(address).text
    prices.change(product.variants[0].public_id, 2500, "dearer", SYSTEM, clock.now())
    assert "CN¥25.00" in browser.get(here).text
    listings.write_caption(owner, listing.public_id, "New caption")
    assert "New caption" in browser.get(here).text
    picture = a_picture()
    posts.hang_picture(owner, post.public_id, picture)
    for address in (here, "/s/fang", "/s/fang/t"):
        assert picture.public_id in browser.get(address).html
    posts.take_down(owner, post.public_id)
    browser.get(here, 410)
    for address in ("/s/fang", "/s/fang/t"):
        assert "New title" not in browser.get(address).text


def test_a_kept_page_costs_one_query_and_its_browser_gets_304(
    shop: Shop, client: FlaskClient
) -> None:
    product = cast.a_listing(shop).product
    post = cast.a_post(shop, product)
    for path, most in ((address_of(post), 6), ("/s/fang", 6), ("/s/fang/t", 3)):
        with recorded_queries() as first:
            answer = client.get(path)
        assert answer.status_code == 200
        assert 2 < len(first) <= most, path
        with recorded_queries() as later:
            assert client.get(path).data == answer.data
            again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert len(later) == 2, path
        assert (again.status_code, again.data) == (304, b"")


def test_a_page_made_anew_takes_as_many_queries_for_many_posts_and_goods(
    shop: Shop, client: FlaskClient
) -> None:
    counts: list[list[int]] = []
    for more in (1, 5):
        named = [cast.a_listing(shop).product for _ in range(more)]
        made = [cast.a_post(shop, *named) for _ in range(more)]
        counts.append([])
        for path in (address_of(made[-1]), "/s/fang", "/s/fang/t"):
            with recorded_queries() as queries:
                client.get(path)
            counts[-1].append(len(queries))
    assert counts[0] == counts[1] == [5, 6, 3]


def test_an_unknown_post_is_not_found_and_one_taken_down_is_gone_with_the_way_to_the_shop(
    shop: Shop, browser: Browser
) -> None:
    theirs = cast.a_post(cast.a_shop(handle="abo"))
    for wrong in ("pst_nothing", theirs.public_id):
        page = browser.get(f"/s/fang/t/{wrong}", 404)
        assert "There is no such post" in page.text
        assert "/s/fang" in page.links
    post = cast.a_post(shop)
    posts.take_down(shop.employee_id, post.public_id)
    page = browser.get(address_of(post), 410)
    assert "This post was taken down" in page.text
    assert "/s/fang" in page.links
    browser.get("/s/nobody/t/pst_nothing", 404)
    browser.get("/s/nobody/t", 404)


def test_a_closed_shop_shows_no_posts(shop: Shop, browser: Browser) -> None:
    post = cast.a_post(shop)
    browser.get(address_of(post))
    shops.close(shop.employee_id, clock.now())
    for path in (address_of(post), "/s/fang/t"):
        assert "This shop is closed" in browser.get(path, 410).text
    shops.reopen(shop.employee_id)
    browser.get(address_of(post))
    cast.leaves(shop.employee, EmploymentState.LEFT)
    browser.get(address_of(post), 410)


def test_a_shop_whose_keeper_is_away_says_who_looks_after_its_readers(
    shop: Shop, browser: Browser
) -> None:
    post = cast.a_post(shop)
    heir = cast.a_shop(cast.an_employee(name="王芳"), handle="wang")
    leads_to(shop, heir)
    for path in (address_of(post), "/s/fang/t"):
        page = browser.get(path)
        assert "王芳 looks after you now" in page.text
        assert "/s/wang" in page.links


def test_the_shop_shows_the_newest_three_and_the_way_to_all(shop: Shop, browser: Browser) -> None:
    for number in range(3):
        cast.a_post(shop, title=f"Post {number}")
    page = browser.get("/s/fang")
    assert [f"Post {number}" in page.text for number in range(3)] == [True] * 3
    assert "/s/fang/t" not in page.links
    cast.a_post(shop, title="Post 3", words="How it begins.\nAnd goes on.")
    page = browser.get("/s/fang")
    assert [f"Post {number}" in page.text for number in range(4)] == [False, True, True, True]
    assert page.text.index("Post 3") < page.text.index("Post 1")
    assert "How it begins. And goes on." in page.text
    assert "/s/fang/t" in page.links
    assert "Post 3" not in browser.get("/s/fang?q=lamp").text


def test_all_posts_come_page_by_page(
    shop: Shop, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Under its own name the package holds the blueprint.
    monkeypatch.setattr(import_module("storefront.web.shopper.posts"), "PAGE", 2)
    made = [address_of(cast.a_post(shop)) for _ in range(5)]
    seen: list[str] = []
    address = "/s/fang/t"
    for _ in range(3):
        links = browser.get(address).links
        seen += [link for link in links if link.startswith("/s/fang/t/")]
        address = next((link for link in links if "after=" in link), "")
    assert seen == made[::-1]
    assert address == ""
    browser.get("/s/fang/t?after=%25", 422)


def test_a_shop_without_posts_says_so(shop: Shop, browser: Browser) -> None:
    assert "Nothing has been written yet" in browser.get("/s/fang/t").text
    assert "Written by" not in browser.get("/s/fang").text


def test_networks_see_an_article_with_the_first_goods_picture_if_it_has_none(
    shop: Shop, browser: Browser
) -> None:
    first = a_picture()
    product = cast.a_product()
    products.set_picture(product.public_id, first)
    cast.a_listing(shop, product)
    post = cast.a_post(shop, product, title="在家的理由", words="第一段。\n第二段。")
    here = address_of(post)
    page = browser.get(here)
    said = {each.get("property") or each.get("itemprop"): each for each in page.all("meta")}
    assert said["og:type"]["content"] == "article"
    assert said["og:title"]["content"] == "在家的理由"
    assert said["og:url"]["content"] == f"http://shop.test{here}"
    assert (said["og:description"]["content"] or "").startswith("第一段。 第二段。 · ")
    image = f"http://shop.test/pictures/{first.public_id}-1200.jpg"
    assert said["og:image"]["content"] == image
    assert said["article:published_time"]["content"] == "2026-03-02T02:00:00Z"
    assert "product:price:amount" not in said
    assert {"rel": "canonical", "href": f"http://shop.test{here}"} in page.all("link")
    data = json.loads(page.html.split('ld+json">')[1].split("</script>")[0])
    assert (data["@type"], data["headline"], data["image"]) == (
        "BlogPosting",
        "在家的理由",
        [image],
    )
    own = imaging.encode(Image.new("RGB", (600, 600), "red"))
    hung = pictures.keep_encoded(own)
    posts.hang_picture(shop.employee_id, post.public_id, hung)
    assert f"/pictures/{hung.public_id}-600.jpg" in browser.get(here).html


def test_whatever_is_written_stays_text(shop: Shop, browser: Browser) -> None:
    post = cast.a_post(shop, title=HOSTILE, words=HOSTILE)
    for path in (address_of(post), "/s/fang", "/s/fang/t"):
        page = browser.get(path)
        assert all(each.get("src") != "x" for each in page.all("img"))
        assert all(each.get("type") in OWN_SCRIPTS for each in page.all("script"))
        assert "{{ 7*7 }} {name}" in page.text
        assert '</script>"' not in page.html


# Links to posts, and posts under a link's code.


def come(client: FlaskClient, path: str, agent: str = PHONE_BROWSER):
    return client.get(path, headers={"User-Agent": agent, "Accept-Language": "en"})


def test_a_link_leads_to_its_post_in_one_statement_and_every_address_there_keeps_the_code(
    app: Flask, client: FlaskClient, shop: Shop
) -> None:
    product = cast.a_listing(shop).product
    post = cast.a_post(shop, product)
    code, here = cast.a_link(shop, post=post).code, address_of(post)
    with recorded_queries() as queries:
        there = come(client, f"/l/{code}").headers["Location"]
    assert len(queries) == 1
    assert there == f"{here}/~{code}"
    page = come(client, there).text
    for address in ("/s/fang", "/s/fang/t", f"/s/fang/p/{product.public_id}"):
        assert f'href="{address}/~{code}"' in page
    assert re.search(rf'property="og:url" content="http://shop.test{here}/~{code}"', page)
    assert f'rel="canonical" href="http://shop.test{here}"' in page
    assert f'href="{here}/~{code}"' in come(client, f"/s/fang/t/~{code}").text
    assert f'href="{here}/~{code}"' in come(client, f"/s/fang/~{code}").text
    with recorded_queries() as queries:
        come(client, there)
    assert len(queries) == 2, "whether the visitor was met, and whether the page stands"


def test_a_post_that_was_taken_down_leads_its_links_to_the_shop(
    client: FlaskClient, shop: Shop
) -> None:
    post = cast.a_post(shop)
    code = cast.a_link(shop, post=post).code
    posts.take_down(shop.employee_id, post.public_id)
    assert come(client, f"/l/{code}").headers["Location"] == f"/s/fang/~{code}"
    lost = come(client, f"{address_of(post)}/~{code}")
    assert lost.status_code == 410
    assert f'href="/s/fang/~{code}"' in lost.text


def test_the_links_of_a_keeper_who_is_away_lead_to_whoever_looks_after_the_shop(
    client: FlaskClient, shop: Shop
) -> None:
    code = cast.a_link(shop, post=cast.a_post(shop)).code
    heir = cast.a_shop(handle="wang")
    leads_to(shop, heir)
    assert come(client, f"/l/{code}").headers["Location"] == f"/s/wang/~{code}"


def test_a_chat_sees_the_post_before_anybody_follows_its_link(
    client: FlaskClient, shop: Shop
) -> None:
    picture = a_picture()
    product = cast.a_product()
    products.set_picture(product.public_id, picture)
    cast.a_listing(shop, product)
    post = cast.a_post(shop, product, title="在家的理由", words="第一段。")
    code = cast.a_link(shop, post=post).code
    card = come(client, f"/l/{code}", "Twitterbot/1.0").text
    for tag in (
        'property="og:type" content="article"',
        'property="og:title" content="在家的理由"',
        f'property="og:url" content="http://shop.test/l/{code}"',
        f'property="og:image" content="http://shop.test/pictures/{picture.public_id}-1200.jpg"',
    ):
        assert tag in card
    posts.take_down(shop.employee_id, post.public_id)
    assert 'content="芳的店"' in come(client, f"/l/{code}", "Twitterbot/1.0").text
