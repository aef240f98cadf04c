"""A shop's own colour on its pages."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront.core.colours import LEAST_FOR_TEXT, contrast
from storefront.shops.models import Shop
from storefront.web.assets import FOLDER
from storefront.web.themes import PAPER
from tests.support import cast
from tests.support.browser import Browser


@pytest.fixture
def shop(app: Flask) -> Shop:
    return cast.a_shop(handle="fang")


def choose(client: FlaskClient, shop: Shop, colour: str):
    headers = {**cast.headers_of(shop.employee), "If-Match": f'"{shop.version}"'}
    return client.patch("/api/v1/seller/shop", json={"colour": colour}, headers=headers)


def test_the_shops_pages_wear_its_colour_and_others_do_not(
    app: Flask, client: FlaskClient, shop: Shop
) -> None:
    tea = cast.a_listing(shop).product.public_id
    browser = Browser(app.test_client())
    assert "/theme/" not in browser.get("/s/fang").html
    answer = choose(client, shop, "#2c6249")
    assert (answer.status_code, answer.json["colour"]) == (200, "#2c6249")  # pyright: ignore
    for path in ("/s/fang", f"/s/fang/p/{tea}"):
        assert 'href="/theme/2c6249.css"' in browser.get(path).html
    assert "/theme/" not in browser.get(f"/p/{tea}").html


@pytest.mark.parametrize(
    ("colour", "code"), [("#ffee00", "colour_too_pale"), ("green", "wrong_colour")]
)
def test_a_colour_that_cannot_be_read_is_refused(
    client: FlaskClient, shop: Shop, colour: str, code: str
) -> None:
    answer = choose(client, shop, colour)
    assert answer.status_code == 422
    problem = answer.json
    assert problem is not None
    assert problem["code"] == code
    assert "colour" in problem["errors"]["json"]
    if code == "colour_too_pale":
        assert contrast(problem["nearest"], PAPER) >= LEAST_FOR_TEXT


def test_the_chains_colour_comes_back(app: Flask, client: FlaskClient, shop: Shop) -> None:
    choose(client, shop, "#2c6249")
    headers = {**cast.headers_of(shop.employee), "If-Match": '"2"'}
    client.patch("/api/v1/seller/shop", json={"colour": ""}, headers=headers)
    assert "/theme/" not in Browser(app.test_client()).get("/s/fang").html


@pytest.mark.parametrize("digits", ["2c6249", "000000", "ffffff", "ffee00", "0000ff"])
def test_every_colour_can_be_read_in_light_and_in_dark(client: FlaskClient, digits: str) -> None:
    answer = client.get(f"/theme/{digits}.css")
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    sheets = re.findall(r"--accent:(#\w+);--accent-deep:(#\w+);--on-accent:(#\w+)", answer.text)
    style = (FOLDER / "shop.css").read_text()
    for name in ("paper", "card", "sand"):
        # The first is by day, the second by night.
        grounds = re.findall(rf"--{name}: (#\w+);", style)
        for ground, (accent, deep, on_accent) in zip(grounds, sheets, strict=True):
            assert contrast(accent, ground) >= LEAST_FOR_TEXT
            assert contrast(deep, ground) >= LEAST_FOR_TEXT
            assert contrast(on_accent, accent) >= LEAST_FOR_TEXT


@pytest.mark.parametrize("digits", ["", "fff", "2C6249", "2c6249;}", "2c62490"])
def test_nothing_else_is_a_theme(client: FlaskClient, digits: str) -> None:
    assert client.get(f"/theme/{digits}.css").status_code == 404
