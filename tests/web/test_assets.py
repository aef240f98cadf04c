"""The stylesheet and other files of the pages."""

import gzip
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from storefront.web.assets import FOLDER, _read, asset, assets

LARGEST_STYLESHEET = 8_000
LARGEST_MODULE = 1_500
"""Bytes, as they are sent."""

COLOURS = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
READ_ON = {
    "ink": ("paper", "card", "sand"),
    "soft": ("paper", "card", "sand"),
    "accent": ("paper", "card", "sand"),
    "accent-deep": ("sand",),
    "on-accent": ("accent", "accent-deep"),
    "bad": ("bad-ground", "paper"),
    "gold": ("paper", "card"),
}
SEEN_ON = {"edge": ("paper", "card"), "accent": ("paper", "card"), "good": ("paper",)}


def schemes() -> list[dict[str, str]]:
    css = (FOLDER / "shop.css").read_text()
    light, dark = (dict(COLOURS.findall(block)) for block in css.split(":root {")[1:3])
    return [light, light | dark]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_on_their_grounds(scheme: int) -> None:
    colours = schemes()[scheme]
    for front, grounds in READ_ON.items():
        for ground in grounds:
            assert contrast(colours[front], colours[ground]) >= 4.5, (front, ground)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_what_is_pressed_or_filled_in_can_be_seen(scheme: int) -> None:
    colours = schemes()[scheme]
    for front, grounds in SEEN_ON.items():
        for ground in grounds:
            assert contrast(colours[front], colours[ground]) >= 3, (front, ground)


def test_what_pages_are_dressed_with_stays_small() -> None:
    assert len(gzip.compress((FOLDER / "shop.css").read_bytes())) <= LARGEST_STYLESHEET
    for module in FOLDER.glob("*.js"):
        assert len(gzip.compress(module.read_bytes())) <= LARGEST_MODULE, module.name


def test_a_module_names_others_by_the_addresses_under_which_they_are_kept(
    client: FlaskClient,
) -> None:
    imported: set[str] = set()
    for name, found in assets().items():
        if name.endswith(".js"):
            named = re.findall(r'from "(.+)"', found.content.decode())
            assert all(
                client.get(path).headers["Cache-Control"].endswith("immutable") for path in named
            )
            imported.update(named)
    assert asset("page.js") in imported


def test_when_a_module_changes_so_do_the_addresses_of_those_that_need_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def address() -> str:
        _read.cache_clear()
        return _read("upper.js").path

    monkeypatch.setattr("storefront.web.assets.FOLDER", tmp_path)
    (tmp_path / "upper.js").write_text('import { a } from "./lower.js";')
    (tmp_path / "lower.js").write_text("export const a = 1;")
    before = address()
    (tmp_path / "lower.js").write_text("export const a = 2;")
    assert address() != before
    _read.cache_clear()


def test_a_file_may_be_kept_for_ever_under_an_address_that_changes_with_it(
    client: FlaskClient,
) -> None:
    answer = client.get(asset("shop.css"))
    assert answer.status_code == 200
    assert answer.content_type == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data == (FOLDER / "shop.css").read_bytes()


def test_under_an_older_address_comes_the_file_of_today_and_is_not_kept(
    client: FlaskClient,
) -> None:
    answer = client.get("/static/shop-0123456789ab.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "shop.css", "..%2f__init__-0123456789ab.py"])
def test_nothing_else_is_given_out(client: FlaskClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404
