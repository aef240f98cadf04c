"""My share links through the API."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.sharing.models import Channel
from storefront.shops import posts
from storefront.shops.models import Shop
from tests.support import cast
from tests.support.queries import recorded_queries
from tests.support.shopping import PHONE_BROWSER

LINKS = "/api/v1/seller/links"


@pytest.fixture
def shop(app: Flask) -> Shop:
    return cast.a_shop(handle="fang")


class Seller:
    """The shop's keeper with the API in hand."""

    def __init__(self, client: FlaskClient, shop: Shop) -> None:
        self.client = client
        self.headers = cast.headers_of(shop.employee)

    def __call__(self, method: str, path: str = "", **given: Any) -> TestResponse:
        headers = {**self.headers, **given.pop("headers", {})}
        return self.client.open(LINKS + path, method=method, headers=headers, **given)

    def make(self, **body: Any) -> dict[str, Any]:
        answer = self("POST", json={"channel": "wechat", **body})
        assert answer.status_code == 201, answer.text
        return answer.json  # pyright: ignore


@pytest.fixture
def seller(client: FlaskClient, shop: Shop) -> Seller:
    return Seller(client, shop)


def assert_problem(answer: TestResponse, status: int, code: str) -> None:
    assert (answer.status_code, answer.json["code"]) == (status, code)  # pyright: ignore


NO_VISITS = {
    "counted": 0,
    "uncounted": {"head": 0, "crawler": 0, "prefetch": 0, "own_visit": 0},
}


def test_a_link_to_the_shop_is_made_and_read_again(seller: Seller) -> None:
    made = seller.make(channel="moments", label="三八节")
    assert made == {
        "id": made["id"],
        "url": f"http://shop.test/l/{made['code']}",
        "code": made["code"],
        "product": None,
        "post": None,
        "campaign": None,
        "channel": "moments",
        "label": "三八节",
        "created_at": "2026-03-02T02:00:00Z",
        "revoked_at": None,
        "visits": NO_VISITS,
    }
    assert seller("GET", f"/{made['id']}").json == made
    assert seller("GET").json == {"items": [made], "next": None}


def test_a_link_to_a_product_names_it(seller: Seller, shop: Shop) -> None:
    product = cast.a_listing(shop, cast.a_product("Teapot", name_zh="茶壶")).product
    made = seller.make(product=product.public_id)
    assert made["product"] == {"id": product.public_id, "name": {"zh": "茶壶", "en": "Teapot"}}


def test_a_link_to_a_post_names_it(seller: Seller, shop: Shop) -> None:
    post = cast.a_post(shop, title="换季三件")
    made = seller.make(post=post.public_id)
    assert made["post"] == {"id": post.public_id, "title": "换季三件"}
    assert made["product"] is None
    assert seller("GET", f"/{made['id']}").json == made
    assert seller("GET").json == {"items": [made], "next": None}


def test_a_post_that_is_not_there_to_be_read_cannot_be_shared(seller: Seller, shop: Shop) -> None:
    theirs = cast.a_post(cast.a_shop()).public_id
    down = cast.a_post(shop).public_id
    posts.take_down(shop.employee_id, down)
    for post in (theirs, down, "pst_nothing", ""):
        answer = seller("POST", json={"channel": "qq", "post": post})
        assert_problem(answer, 409, "post_not_published")


def test_a_link_leads_to_one_thing(seller: Seller, shop: Shop) -> None:
    product, post = cast.a_listing(shop).product.public_id, cast.a_post(shop).public_id
    answer = seller("POST", json={"channel": "qq", "product": product, "post": post})
    assert_problem(answer, 422, "two_aims")


@pytest.mark.parametrize("channel", list(Channel))
def test_every_channel_has_its_links(seller: Seller, channel: Channel) -> None:
    assert seller.make(channel=channel.value)["channel"] == channel.value


def test_a_product_of_somebody_elses_shop_cannot_be_shared(seller: Seller) -> None:
    theirs = cast.a_listing(cast.a_shop()).product.public_id
    for product in (theirs, "prd_nothing", ""):
        answer = seller("POST", json={"channel": "qq", "product": product})
        assert_problem(answer, 409, "product_not_listed")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"channel": "carrier pigeon"},
        {"channel": "qq", "label": "x" * 101},
        {"channel": "qq", "code": "mychoice"},
        {"channel": "qq", "employee_id": 1},
        {"channel": "qq", "product": 1},
    ],
)
def test_a_link_that_makes_no_sense_is_refused(seller: Seller, body: dict[str, Any]) -> None:
    assert_problem(seller("POST", json=body), 422, "invalid_fields")
    assert seller("GET").json == {"items": [], "next": None}


def test_the_same_key_makes_one_link(seller: Seller) -> None:
    first, second = (
        seller("POST", json={"channel": "qq"}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    )
    assert first.json == second.json
    assert len(seller("GET").json["items"]) == 1  # pyright: ignore


def test_links_come_page_by_page_the_latest_first(seller: Seller) -> None:
    made = [seller.make()["id"] for _ in range(5)]
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(3):
        answer = seller("GET", query_string={"limit": 2, **after}).json
        assert answer is not None
        seen += [link["id"] for link in answer["items"]]
        after = {"after": answer["next"]}
    assert (seen, after["after"]) == (made[::-1], None)


@pytest.mark.parametrize(
    "query", [{"after": "%%%"}, {"limit": 0}, {"limit": 10**12}, {"sort": "id"}]
)
def test_a_page_that_is_none_is_refused(seller: Seller, query: dict[str, Any]) -> None:
    assert seller("GET", query_string=query).status_code == 422


def test_visits_are_counted_and_what_is_none_is_told_apart(app: Flask, seller: Seller) -> None:
    made = seller.make()
    crowd = app.test_client()
    for agent, method in [(PHONE_BROWSER, "GET"), ("Twitterbot/1.0", "GET"), ("x", "HEAD")]:
        crowd.open(f"/l/{made['code']}", method=method, headers={"User-Agent": agent})
    seen = seller("GET", f"/{made['id']}").json
    assert seen is not None
    assert seen["visits"] == {
        "counted": 1,
        "uncounted": {"head": 1, "crawler": 1, "prefetch": 0, "own_visit": 0},
    }


def test_a_list_takes_as_many_queries_for_many_links_as_for_few(seller: Seller) -> None:
    counts: list[int] = []
    for more in (1, 5):
        for _ in range(more):
            seller.make()
        with recorded_queries() as queries:
            seller("GET")
        counts.append(len(queries))
    assert counts[0] == counts[1] == 4  # who asks, the links, how far visits are folded, the visits


def test_a_revoked_link_leads_nowhere_any_more(app: Flask, seller: Seller) -> None:
    made = seller.make()
    revoked = seller("POST", f"/{made['id']}/revoke")
    assert revoked.status_code == 200
    assert revoked.json == {**made, "revoked_at": "2026-03-02T02:00:00Z"}
    assert app.test_client().get(f"/l/{made['code']}").status_code == 410
    assert seller("POST", f"/{made['id']}/revoke").json == revoked.json


def test_a_colleagues_link_is_not_found(seller: Seller) -> None:
    theirs = cast.a_link(cast.a_shop()).public_id
    for link in (theirs, "lnk_guessed", "1"):
        assert_problem(seller("GET", f"/{link}"), 404, "no_link")
        assert_problem(seller("POST", f"/{link}/revoke"), 404, "no_link")


def test_without_an_open_shop_there_is_nothing_to_share(
    client: FlaskClient, seller: Seller, shop: Shop
) -> None:
    client.post("/api/v1/seller/shop/close", headers=seller.headers)
    assert_problem(seller("POST", json={"channel": "qq"}), 409, "shop_closed")
    headers = cast.headers_of(cast.an_employee())
    assert_problem(client.post(LINKS, json={"channel": "qq"}, headers=headers), 404, "no_shop")


def test_nothing_is_to_be_seen_without_a_token(client: FlaskClient) -> None:
    assert client.get(LINKS).status_code == 401
    assert client.post(LINKS, json={"channel": "qq"}).status_code == 401
    assert client.post(f"{LINKS}/lnk_x/revoke").status_code == 401
