"""My posts, and the sections of my shop, through the API."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from storefront.shops import posts
from storefront.shops.models import Shop
from tests.support import cast
from tests.support.queries import recorded_queries

POSTS = "/api/v1/seller/posts"
SHOP = "/api/v1/seller/shop"
SAID = {"title": "换季三件", "words": "第一段。\n\n第二段。"}


@pytest.fixture
def shop(app: Flask) -> Shop:
    return cast.a_shop(handle="fang")


class Seller:
    """The shop's keeper with the API in hand."""

    def __init__(self, client: FlaskClient, shop: Shop) -> None:
        self.client = client
        self.headers = cast.headers_of(shop.employee)

    def __call__(self, method: str, path: str, **given: Any) -> TestResponse:
        headers = {**self.headers, **given.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **given)

    def publish(self, **body: Any) -> dict[str, Any]:
        answer = self("POST", POSTS, json={**SAID, **body})
        assert answer.status_code == 201, answer.text
        return answer.json  # pyright: ignore


@pytest.fixture
def seller(client: FlaskClient, shop: Shop) -> Seller:
    return Seller(client, shop)


def assert_problem(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.json["code"]) == (status, code)  # pyright: ignore


def png() -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def test_a_post_is_published_and_read_again(seller: Seller, shop: Shop) -> None:
    product = cast.a_listing(shop, cast.a_product("Teapot", name_zh="茶壶")).product.public_id
    made = seller.publish(products=[product])
    assert made == {
        "id": made["id"],
        "url": f"http://shop.test/s/fang/t/{made['id']}",
        **SAID,
        "picture": None,
        "products": [
            {
                "id": product,
                "name": {"zh": "茶壶", "en": "Teapot"},
                "picture": None,
                "shown": True,
            }
        ],
        "state": "published",
        "version": 1,
        "created_at": "2026-03-02T02:00:00Z",
    }
    read = seller("GET", f"{POSTS}/{made['id']}")
    assert (read.json, read.headers["ETag"]) == (made, '"1"')
    assert seller("GET", POSTS).json == {"items": [made], "next": None}
    (listing,) = seller("GET", f"{SHOP}/listings").json["items"]  # pyright: ignore
    seller("DELETE", f"{SHOP}/listings/{listing['id']}")
    (named,) = seller("GET", f"{POSTS}/{made['id']}").json["products"]  # pyright: ignore
    assert not named["shown"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": "T"},
        {**SAID, "title": " "},
        {**SAID, "title": "x" * 61},
        {**SAID, "words": "\n"},
        {**SAID, "words": "x" * 4_001},
        {**SAID, "words": "a\x00b"},
        {**SAID, "products": ["prd_x"] * 13},
        {**SAID, "products": "prd_x"},
        {**SAID, "state": "published"},
    ],
)
def test_a_post_that_makes_no_sense_is_refused(seller: Seller, body: dict[str, Any]) -> None:
    assert_problem(seller("POST", POSTS, json=body), 422, "invalid_fields")
    assert seller("GET", POSTS).json == {"items": [], "next": None}


def test_the_same_key_makes_one_post(seller: Seller) -> None:
    first, second = (
        seller("POST", POSTS, json=SAID, headers={"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert first.json == second.json
    assert len(seller("GET", POSTS).json["items"]) == 1  # pyright: ignore


def test_foreign_repeated_and_too_many_things_are_told_apart(seller: Seller, shop: Shop) -> None:
    theirs = cast.a_listing(cast.a_shop()).product.public_id
    mine = cast.a_listing(shop).product.public_id
    not_mine = {**SAID, "products": [mine, theirs]}
    assert_problem(seller("POST", POSTS, json=not_mine), 409, "product_not_listed")
    twice = {**SAID, "products": [mine, mine]}
    assert_problem(seller("POST", POSTS, json=twice), 422, "wrong_products")
    with patch.object(posts, "MOST_A_DAY", 0):
        assert_problem(seller("POST", POSTS, json=SAID), 409, "too_many_posts_today")
    with patch.object(posts, "MOST_POSTS", 0):
        assert_problem(seller("POST", POSTS, json=SAID), 409, "too_many_posts")


def test_an_edit_names_the_version_it_changes(seller: Seller) -> None:
    path = f"{POSTS}/{seller.publish()['id']}"
    edited = seller("PATCH", path, json={"title": "New"}, headers={"If-Match": '"1"'})
    assert edited.status_code == 200
    assert edited.json is not None
    assert (edited.json["title"], edited.json["words"]) == ("New", SAID["words"])
    assert edited.headers["ETag"] == '"2"'
    stale = seller("PATCH", path, json={"title": "Newer"}, headers={"If-Match": '"1"'})
    assert_problem(stale, 412, "version_changed")
    assert_problem(seller("PATCH", path, json={"title": "Newer"}), 428, "if_match_missing")
    assert seller("GET", path).json == edited.json


def test_a_picture_is_hung_and_taken_down(seller: Seller, client: FlaskClient) -> None:
    path = f"{POSTS}/{seller.publish()['id']}/picture"
    hung = seller("PUT", path, data=png(), content_type="image/png")
    assert hung.status_code == 200, hung.text
    assert hung.json is not None
    assert client.get(hung.json["picture"]["files"][0]["webp"]).status_code == 200
    assert hung.headers["ETag"] == '"2"'
    assert_problem(seller("PUT", path, data=b"x", content_type="image/png"), 422, "wrong_picture")
    down = seller("DELETE", path).json
    assert down is not None
    assert (down["picture"], down["version"]) == (None, 3)


def test_what_is_taken_down_stays_down_and_is_still_listed(seller: Seller) -> None:
    path = f"{POSTS}/{seller.publish()['id']}"
    down = seller("POST", f"{path}/take-down")
    assert down.json is not None
    assert (down.json["state"], down.json["version"]) == ("taken_down", 2)
    assert seller("POST", f"{path}/take-down").json == down.json
    again = seller("PATCH", path, json={"title": "Back"}, headers={"If-Match": '"2"'})
    assert_problem(again, 409, "post_taken_down")
    picture = seller("PUT", f"{path}/picture", data=png(), content_type="image/png")
    assert_problem(picture, 409, "post_taken_down")
    assert seller("GET", POSTS).json == {"items": [down.json], "next": None}


def test_a_colleagues_and_a_guessed_post_are_not_found(seller: Seller) -> None:
    for post in (cast.a_post(cast.a_shop()).public_id, "pst_guessed", "1"):
        path = f"{POSTS}/{post}"
        tag = {"If-Match": '"1"'}
        for answer in (
            seller("GET", path),
            seller("PATCH", path, json={"title": "Mine"}, headers=tag),
            seller("PUT", f"{path}/picture", data=png(), content_type="image/png"),
            seller("DELETE", f"{path}/picture"),
            seller("POST", f"{path}/take-down"),
        ):
            assert_problem(answer, 404, "no_post")


def test_posts_come_page_by_page_the_latest_first(seller: Seller) -> None:
    made = [seller.publish()["id"] for _ in range(3)]
    first = seller("GET", POSTS, query_string={"limit": 2}).json
    assert first is not None
    rest = seller("GET", POSTS, query_string={"limit": 2, "after": first["next"]}).json
    assert rest is not None
    assert [post["id"] for post in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


def test_a_list_takes_as_many_queries_for_many_posts_as_for_few(seller: Seller, shop: Shop) -> None:
    counts: list[int] = []
    for more in (1, 4):
        named = [cast.a_listing(shop).product.public_id for _ in range(more)]
        for _ in range(more):
            seller.publish(products=named)
        with recorded_queries() as queries:
            seller("GET", POSTS)
        counts.append(len(queries))
    # Who asks, the shop, its posts, what they name in two, and what the shop shows.
    assert counts[0] == counts[1] <= 6


def test_without_a_shop_there_are_no_posts_and_without_a_token_nothing(
    client: FlaskClient, shop: Shop
) -> None:
    headers = cast.headers_of(cast.an_employee())
    assert_problem(client.get(POSTS, headers=headers), 404, "no_shop")
    assert_problem(client.post(POSTS, json=SAID, headers=headers), 404, "no_shop")
    for method, path in [("GET", POSTS), ("POST", POSTS), ("GET", f"{SHOP}/sections")]:
        assert client.open(path, method=method, json={}).status_code == 401


# Sections


def titles(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [section["title"] for section in answer.json["items"]]  # pyright: ignore


def a_section(seller: Seller, title: str) -> str:
    answer = seller("POST", f"{SHOP}/sections", json={"title": title})
    assert answer.status_code == 201, answer.text
    return answer.json["id"]  # pyright: ignore


def test_sections_are_made_renamed_moved_and_removed(seller: Seller) -> None:
    ids = {title: a_section(seller, title) for title in "ABC"}
    assert titles(seller("POST", f"{SHOP}/sections/{ids['C']}/up")) == ["A", "C", "B"]
    assert titles(seller("POST", f"{SHOP}/sections/{ids['A']}/down")) == ["C", "A", "B"]
    renamed = seller("PATCH", f"{SHOP}/sections/{ids['A']}", json={"title": "New"})
    assert renamed.json == {"id": ids["A"], "title": "New"}
    same = seller("PATCH", f"{SHOP}/sections/{ids['B']}", json={"title": "New"})
    assert_problem(same, 409, "section_exists")
    assert seller("DELETE", f"{SHOP}/sections/{ids['B']}").status_code == 204
    assert titles(seller("GET", f"{SHOP}/sections")) == ["C", "New"]


@pytest.mark.parametrize("title", ["", " ", "x" * 31, 7, None])
def test_a_section_that_is_called_nothing_is_refused(seller: Seller, title: object) -> None:
    answer = seller("POST", f"{SHOP}/sections", json={"title": title})
    assert_problem(answer, 422, "invalid_fields")


def test_a_product_is_put_under_a_heading_and_back(seller: Seller, shop: Shop) -> None:
    section = a_section(seller, "For tea")
    listing = f"{SHOP}/listings/{cast.a_listing(shop, caption='好').public_id}"
    put = seller("PATCH", listing, json={"section": section}).json
    assert put is not None
    assert (put["section"], put["caption"]) == ({"id": section, "title": "For tea"}, "好")
    said = seller("PATCH", listing, json={"caption": "更好"}).json
    assert said is not None
    assert (said["section"], said["caption"]) == (put["section"], "更好")
    assert seller("GET", f"{SHOP}/listings").json == {"items": [said]}
    taken_out = seller("PATCH", listing, json={"section": None}).json
    assert taken_out is not None
    assert taken_out["section"] is None


def test_a_colleagues_section_is_not_found(seller: Seller, client: FlaskClient, shop: Shop) -> None:
    theirs = a_section(Seller(client, cast.a_shop()), "Theirs")
    listing = f"{SHOP}/listings/{cast.a_listing(shop).public_id}"
    for section in (theirs, "sec_guessed"):
        path = f"{SHOP}/sections/{section}"
        for answer in (
            seller("PATCH", path, json={"title": "Mine"}),
            seller("POST", f"{path}/up"),
            seller("POST", f"{path}/down"),
            seller("DELETE", path),
            seller("PATCH", listing, json={"section": section}),
        ):
            assert_problem(answer, 404, "no_section")
