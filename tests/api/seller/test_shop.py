"""My shop through the API."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from storefront.catalog.models import ProductState
from storefront.shops.models import Shop
from storefront.staff.models import Employee, EmploymentState
from tests.support import cast
from tests.support.queries import recorded_queries

SHOP = "/api/v1/seller/shop"


class Seller:
    """An employee with the API in hand."""

    def __init__(self, client: FlaskClient, employee: Employee) -> None:
        self.client = client
        self.headers = cast.headers_of(employee)

    def __call__(self, method: str, path: str = "", **given: Any) -> TestResponse:
        headers = {**self.headers, **given.pop("headers", {})}
        return self.client.open(SHOP + path, method=method, headers=headers, **given)


@pytest.fixture
def shop(app: Flask) -> Shop:
    return cast.a_shop(handle="fang", title="芳的店")


@pytest.fixture
def seller(client: FlaskClient, shop: Shop) -> Seller:
    return Seller(client, shop.employee)


@pytest.fixture
def newcomer(client: FlaskClient) -> Seller:
    return Seller(client, cast.an_employee())


def assert_problem(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.json["code"]) == (status, code)  # pyright: ignore
    assert answer.content_type == "application/problem+json"


def names(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["product"]["name"]["en"] for item in answer.json["items"]]  # pyright: ignore


def png(width: int = 64, height: int = 48) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(stream, "PNG")
    return stream.getvalue()


def test_an_employee_opens_a_shop_and_sees_it(newcomer: Seller) -> None:
    assert_problem(newcomer("GET"), 404, "no_shop")
    opened = newcomer("POST", json={"handle": "fang", "title": "芳的店"})
    assert opened.status_code == 201
    seen = newcomer("GET")
    assert seen.json == opened.json
    assert seen.json is not None
    assert set(seen.json) == {
        "id",
        "handle",
        "url",
        "title",
        "words",
        "picture",
        "colour",
        "state",
        "version",
        "opened_at",
        "closed_at",
    }
    assert (seen.json["url"], seen.json["state"]) == ("http://shop.test/s/fang", "open")
    assert seen.headers["ETag"] == opened.headers["ETag"] == '"1"'


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"handle": "Fang Shop", "title": "x"}, "wrong_handle"),
        ({"handle": "official", "title": "x"}, "reserved_handle"),
        ({"handle": "fang", "title": "  "}, "invalid_fields"),
        ({"handle": "fang", "title": "x" * 61}, "invalid_fields"),
        ({"handle": "fang", "title": "a\u0000b"}, "invalid_fields"),
        ({"handle": "fang"}, "invalid_fields"),
        ({"title": "x"}, "invalid_fields"),
        ({"handle": "fang", "title": "x", "state": "open"}, "invalid_fields"),
        ({"handle": "fang", "title": "x", "employee_id": 1}, "invalid_fields"),
    ],
)
def test_a_shop_that_makes_no_sense_is_refused(
    newcomer: Seller, body: dict[str, Any], code: str
) -> None:
    assert_problem(newcomer("POST", json=body), 422, code)
    assert_problem(newcomer("GET"), 404, "no_shop")


def test_a_handle_or_a_shop_can_be_had_once(seller: Seller, newcomer: Seller) -> None:
    taken = {"handle": "fang", "title": "Another"}
    assert_problem(newcomer("POST", json=taken), 409, "handle_taken")
    assert_problem(seller("POST", json={"handle": "two", "title": "Two"}), 409, "shop_exists")


def test_opening_again_with_the_same_key_gives_the_same_answer(newcomer: Seller) -> None:
    body = {"handle": "fang", "title": "芳的店"}
    first, second = (
        newcomer("POST", json=body, headers={"Idempotency-Key": "k1"}) for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json == second.json


def test_an_edit_names_the_version_it_changes(seller: Seller) -> None:
    tag = seller("GET").headers["ETag"]
    edited = seller("PATCH", json={"title": "New"}, headers={"If-Match": tag})
    assert edited.status_code == 200
    assert edited.json is not None
    assert (edited.json["title"], edited.headers["ETag"]) == ("New", '"2"')
    stale = seller("PATCH", json={"title": "Newer"}, headers={"If-Match": tag})
    assert_problem(stale, 412, "version_changed")
    assert_problem(seller("PATCH", json={"title": "Newer"}), 428, "if_match_missing")
    for other in ("*", "nonsense", '"' + "9" * 40 + '"', '"-1"'):
        refused = seller("PATCH", json={"title": "Newer"}, headers={"If-Match": other})
        assert_problem(refused, 412, "version_changed")
    assert seller("GET").json == edited.json


def test_a_handle_stays(seller: Seller) -> None:
    refused = seller("PATCH", json={"handle": "other"}, headers={"If-Match": '"1"'})
    assert_problem(refused, 422, "invalid_fields")


def test_a_shop_is_closed_and_reopened(seller: Seller) -> None:
    closed = seller("POST", "/close").json
    assert closed is not None
    assert (closed["state"], closed["closed_at"]) == ("closed", "2026-03-02T02:00:00Z")
    opened = seller("POST", "/reopen").json
    assert opened is not None
    assert (opened["state"], opened["closed_at"]) == ("open", None)


def test_a_picture_is_hung_and_taken_down(seller: Seller, client: FlaskClient) -> None:
    hung = seller("PUT", "/picture", data=png(), content_type="image/png")
    assert hung.status_code == 200, hung.text
    assert hung.json is not None
    picture = hung.json["picture"]
    assert (picture["width"], picture["height"]) == (64, 48)
    (file,) = picture["files"]
    assert client.get(file["webp"]).content_type == "image/webp"
    assert client.get(file["jpeg"]).content_type == "image/jpeg"
    assert hung.headers["ETag"] == '"2"'
    down = seller("DELETE", "/picture").json
    assert down is not None
    assert (down["picture"], down["version"]) == (None, 3)


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", png()[:60]])
def test_what_is_no_picture_is_refused(seller: Seller, content: bytes) -> None:
    refused = seller("PUT", "/picture", data=content, content_type="image/png")
    assert_problem(refused, 422, "wrong_picture")


def test_a_body_that_does_not_say_it_is_a_picture_is_refused(seller: Seller) -> None:
    refused = seller("PUT", "/picture", data=png(), content_type="text/html")
    assert_problem(refused, 415, "unsupported_media_type")


def test_products_are_picked_with_a_caption(seller: Seller) -> None:
    product = cast.a_product("Teapot", price=2_000, more_prices=(1_500,), name_zh="茶壶")
    picked = seller("POST", "/listings", json={"product": product.public_id, "caption": "好用"})
    assert picked.status_code == 201
    listed = seller("GET", "/listings").json
    assert listed is not None
    assert listed["items"] == [picked.json]
    assert picked.json is not None
    assert picked.json["product"] == {
        "id": product.public_id,
        "name": {"zh": "茶壶", "en": "Teapot"},
        "price_from": {"amount": 1_500, "currency": "CNY"},
        "picture": None,
        "on_sale": True,
    }
    again = seller("POST", "/listings", json={"product": product.public_id})
    assert_problem(again, 409, "already_listed")


def test_a_hidden_or_unknown_product_is_unknown(seller: Seller) -> None:
    hidden = cast.a_product(state=ProductState.HIDDEN).public_id
    for product in (hidden, "prd_nothing", ""):
        answer = seller("POST", "/listings", json={"product": product})
        assert_problem(answer, 404, "product_unknown")


def test_the_shop_is_arranged(seller: Seller, shop: Shop) -> None:
    ids = {name: cast.a_listing(shop, cast.a_product(name)).public_id for name in "ABC"}
    assert names(seller("POST", f"/listings/{ids['C']}/up")) == ["A", "C", "B"]
    assert names(seller("POST", f"/listings/{ids['A']}/down")) == ["C", "A", "B"]
    wanted = {"listings": [ids[name] for name in "BCA"]}
    assert names(seller("PUT", "/listings/order", json=wanted)) == ["B", "C", "A"]
    assert seller("POST", f"/listings/{ids['A']}/pin").status_code == 200
    assert names(seller("GET", "/listings")) == ["A", "B", "C"]
    assert seller("POST", f"/listings/{ids['A']}/unpin").status_code == 200
    said = seller("PATCH", f"/listings/{ids['B']}", json={"caption": "New words"})
    assert said.json is not None
    assert said.json["caption"] == "New words"
    assert seller("DELETE", f"/listings/{ids['B']}").status_code == 204
    assert names(seller("GET", "/listings")) == ["C", "A"]
    incomplete = {"listings": [ids["A"]]}
    assert_problem(seller("PUT", "/listings/order", json=incomplete), 409, "listings_changed")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"caption": "mine"}),
        ("DELETE", "", None),
        ("POST", "/pin", None),
        ("POST", "/unpin", None),
        ("POST", "/up", None),
        ("POST", "/down", None),
    ],
)
def test_a_colleagues_a_guessed_and_a_deleted_listing_are_not_found(
    seller: Seller, shop: Shop, method: str, path: str, body: dict[str, str] | None
) -> None:
    theirs = cast.a_listing(cast.a_shop()).public_id
    deleted = cast.a_listing(shop).public_id
    seller("DELETE", f"/listings/{deleted}")
    for listing in (theirs, deleted, "lst_guessed", "1"):
        answer = seller(method, f"/listings/{listing}{path}", json=body)
        assert_problem(answer, 404, "no_listing")


def test_in_an_order_a_colleagues_listing_is_refused(seller: Seller, shop: Shop) -> None:
    mine = cast.a_listing(shop).public_id
    theirs = cast.a_listing(cast.a_shop()).public_id
    answer = seller("PUT", "/listings/order", json={"listings": [mine, theirs]})
    assert_problem(answer, 409, "listings_changed")


@pytest.mark.parametrize("state", [EmploymentState.SUSPENDED, EmploymentState.LEFT])
def test_who_went_is_out_at_once(seller: Seller, shop: Shop, state: EmploymentState) -> None:
    assert seller("GET").status_code == 200
    cast.leaves(shop.employee, state)
    assert seller("GET").status_code == 401
    assert seller("POST", "/close").status_code == 401


def test_nothing_is_to_be_seen_without_a_token(client: FlaskClient) -> None:
    for method, path in [("GET", ""), ("POST", ""), ("GET", "/listings"), ("PUT", "/picture")]:
        assert client.open(SHOP + path, method=method, json={}).status_code == 401


def test_the_list_takes_as_many_queries_for_many_as_for_few(seller: Seller, shop: Shop) -> None:
    counts: list[int] = []
    for names_of_more in ("A", "BCDEF"):
        for name in names_of_more:
            cast.a_listing(shop, cast.a_product(name))
        with recorded_queries() as queries:
            seller("GET", "/listings")
        counts.append(len(queries))
    assert counts[0] == counts[1] == 4
