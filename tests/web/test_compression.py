"""Text goes out packed, for readers who take it so, and every packing has a tag of its own."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import brotli
import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from storefront.core.coding import SMALLEST
from storefront.web.assets import asset
from storefront.web.compression import pack
from tests.support import cast, trade
from tests.support.queries import recorded_queries

UNPACK: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress}
CODE = "gm3j76xy5qyx"


@pytest.fixture
def paths(app: Flask) -> dict[str, str]:
    """Every kind of text, by what it is."""
    trade.open_for_trade()
    shop = cast.a_shop(handle="fang")
    product = cast.a_product("Teapot", more_prices=range(100, 2_000, 100))
    cast.a_listing(shop, product, caption="好")
    link = cast.a_link(shop, product)
    return {
        "shop": "/s/fang",
        "product": f"/s/fang/p/{product.public_id}",
        "by link": f"/s/fang/p/{product.public_id}/~{link.code}",
        "front": "/",
        "search": "/search?q=Teapot",
        "css": asset("shop.css"),
        "old css": "/static/shop-000000000000.css",
        "json": f"/api/v1/shopper/products/{product.public_id}",
        "openapi": "/api/v1/openapi.json",
        "docs": "/api/docs",
    }


KINDS = [
    "shop",
    "product",
    "by link",
    "front",
    "search",
    "css",
    "old css",
    "json",
    "openapi",
    "docs",
]


def get(client: FlaskClient, path: str, accepted: str | None, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers=sent | ({"Accept-Encoding": accepted} if accepted else {}))


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_comes_out_however_it_was_packed(
    client: FlaskClient, paths: dict[str, str], kind: str
) -> None:
    path = paths[kind]
    # The second time: a link's first visit gives a cookie.
    get(client, path, None)
    plain = get(client, path, None)
    assert plain.status_code == 200
    assert "Content-Encoding" not in plain.headers
    assert len(plain.data) >= SMALLEST
    tags = {plain.headers["ETag"]}
    for coding in ("br", "gzip"):
        accepted = "gzip, deflate, br" if coding == "br" and kind != "by link" else "gzip"
        expected = "gzip" if kind == "by link" else coding
        answer = get(client, path, accepted)
        assert answer.headers["Content-Encoding"] == expected
        assert UNPACK[expected](answer.data) == plain.data
        assert answer.headers["Content-Length"] == str(len(answer.data))
        assert answer.content_type == plain.content_type
        assert answer.headers["Cache-Control"] == plain.headers["Cache-Control"]
        tags.add(answer.headers["ETag"])
        again = get(client, path, accepted, If_None_Match=answer.headers["ETag"])
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == answer.headers["ETag"]
        assert "Content-Encoding" not in again.headers
        # What a browser holds unpacked is not what this would be.
        other = get(client, path, accepted, If_None_Match=plain.headers["ETag"])
        assert other.status_code == 200
        for each in (plain, answer, again):
            assert "Accept-Encoding" in each.headers["Vary"]
    assert len(tags) == (2 if kind == "by link" else 3)
    assert get(client, path, "br;q=0, gzip;q=0, identity").data == plain.data


def test_pages_of_languages_stay_apart_too(client: FlaskClient, paths: dict[str, str]) -> None:
    for kind in ("shop", "front"):
        vary = get(client, paths[kind], "br").headers["Vary"]
        assert {"Accept-Language", "Cookie", "Accept-Encoding"} <= set(vary.split(", "))


def test_a_kept_page_costs_one_query_packed_as_well(
    client: FlaskClient, paths: dict[str, str]
) -> None:
    get(client, paths["product"], "br")
    for accepted in ("br", "gzip", None):
        with recorded_queries() as queries:
            get(client, paths["product"], accepted)
        assert len(queries) == 1


def test_a_page_that_is_only_asked_about_has_the_head_of_the_packed_one(
    client: FlaskClient, paths: dict[str, str]
) -> None:
    for kind in ("product", "front", "css"):
        whole = get(client, paths[kind], "br")
        head = client.head(paths[kind], headers={"Accept-Encoding": "br"})
        assert head.data == b""
        for name in ("Content-Encoding", "Content-Length", "ETag"):
            assert head.headers[name] == whole.headers[name], kind


@pytest.mark.parametrize("path", ["/checkout", "/orders", "/cart", "/nowhere", "/l/nothing"])
def test_pages_that_nobody_may_keep_stay_plain(
    client: FlaskClient, paths: dict[str, str], path: str
) -> None:
    answer = get(client, path, "br, gzip")
    secret = "no-store" in answer.headers.get("Cache-Control", "")
    assert ("Content-Encoding" in answer.headers) != secret


def test_the_preview_that_a_crawler_gets_stays_plain(
    client: FlaskClient, paths: dict[str, str]
) -> None:
    code = paths["by link"].rpartition("~")[2]
    answer = get(client, f"/l/{code}", "gzip, br", User_Agent="WhatsApp/2.23.20.0")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "Content-Encoding" not in answer.headers


def test_a_redirect_of_a_link_is_as_it_was(client: FlaskClient, paths: dict[str, str]) -> None:
    code = paths["by link"].rpartition("~")[2]
    answer = get(client, f"/l/{code}", "gzip, br", User_Agent="Mozilla/5.0 (iPhone)")
    assert answer.status_code == 303
    assert {"Vary", "Content-Encoding"}.isdisjoint(answer.headers.keys())


def test_a_part_is_not_asked_for_in_vain(client: FlaskClient, paths: dict[str, str]) -> None:
    # We send no parts: whoever asks for one gets the whole, as the standard allows.
    answer = get(client, paths["product"], "br", Range="bytes=0-9")
    assert (answer.status_code, answer.headers["Content-Encoding"]) == (200, "br")
    assert "Content-Range" not in answer.headers


def packed_here(app: Flask, response: Response) -> Response:
    with app.test_request_context(headers={"Accept-Encoding": "br"}):
        return pack(response)


@pytest.mark.parametrize(
    "response",
    [
        Response("x" * 999, mimetype="text/html"),
        Response("x" * 9999, mimetype="image/jpeg"),
        Response("x" * 9999, mimetype="application/json"),
        Response("x" * 9999, mimetype="text/csv"),
        Response("x" * 9999, mimetype="text/html", status=206),
        Response("x" * 9999, mimetype="text/html", headers={"Cache-Control": "private, no-store"}),
        Response("x" * 9999, mimetype="text/html", headers={"Content-Encoding": "gzip"}),
        Response("x" * 9999, mimetype="text/html", headers={"ETag": '"1"'}),
        Response((each for each in "x" * 9999), mimetype="text/html"),
    ],
    ids=["short", "picture", "json", "file", "part", "secret", "packed", "tagged", "stream"],
)
def test_other_answers_go_out_as_they_are(app: Flask, response: Response) -> None:
    before = list(response.headers)
    assert list(packed_here(app, response).headers) == before


def test_an_error_page_that_may_be_kept_is_packed(app: Flask) -> None:
    html = "<p>好</p>" * 500
    response = packed_here(app, Response(html, 410, {"Vary": "Cookie"}, mimetype="text/html"))
    assert brotli.decompress(response.get_data()).decode() == html
    assert response.headers["Vary"] == "Cookie, Accept-Encoding"
    assert int(response.headers["Content-Length"]) == len(response.get_data())
