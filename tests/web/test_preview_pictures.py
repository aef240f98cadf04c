"""The card that a chat shows of a product."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image, ImageStat

from storefront.catalog import prices, products
from storefront.catalog.models import Product
from storefront.core import clock, imaging, pictures
from storefront.core.actor import SYSTEM
from storefront.core.database import db, transaction
from storefront.core.pictures import Picture
from storefront.core.preview_pictures import PreviewPicture
from storefront.shops import listings
from storefront.shops import service as shops
from storefront.shops.models import Shop
from storefront.web import preview_drawing, preview_pictures
from storefront.web.preview_drawing import draw
from storefront.web.preview_pictures import MOST_BYTES, Shown
from tests.support import cast
from tests.support.browser import Page
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once

TEAL = (0, 128, 128)
PAPER = (250, 246, 240)
LONG_ZH = "手工编织羊毛围巾冬季加厚保暖男女通用款礼盒装（送贺卡）经典格纹大号" * 3
LONG_EN = "Hand-woven merino wool scarf with fringes, extra long, in a gift box " * 3


@pytest.fixture
def shop(app: Flask) -> Shop:
    return cast.a_shop(handle="fang", title="芳的店")


@pytest.fixture
def product(shop: Shop) -> Product:
    """A pictured one that the shop shows."""
    product = cast.a_product("Teapot", price=1900)
    products.set_picture(product.public_id, a_picture())
    cast.a_listing(shop, product)
    return product


def a_picture(size: tuple[int, int] = (900, 900)) -> Picture:
    return pictures.keep_encoded(imaging.encode(Image.new("RGB", size, TEAL)))


def card_on(client: FlaskClient, page: str, language: str = "zh") -> str:
    """The address of the card that a page names, without the host."""
    html = client.get(page, headers={"Accept-Language": language}).text
    said = {each.get("property") or each.get("name"): each for each in Page(html).all("meta")}
    address = said["og:image"]["content"] or ""
    assert said["twitter:image"]["content"] == address
    assert said["twitter:card"]["content"] == "summary_large_image"
    assert address.startswith("http://shop.test/previews/")
    return address.removeprefix("http://shop.test")


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def kept() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(PreviewPicture)) or 0


def near(one: object, other: tuple[int, ...]) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) < 8 for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("page", ["/s/fang/p/{}", "/p/{}"])
def test_a_product_page_names_a_card_of_1200_by_630_with_the_product_in_the_middle(
    client: FlaskClient, product: Product, page: str
) -> None:
    address = card_on(client, page.format(product.public_id))
    answer = client.get(address)
    assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.data) <= MOST_BYTES
    card = opened(answer.data)
    assert (card.format, card.size) == ("JPEG", (1200, 630))
    assert not card.getexif()
    assert near(card.getpixel((600, 220)), TEAL)
    assert near(card.getpixel((20, 615)), PAPER)


def test_a_card_is_drawn_once_and_then_costs_one_query(
    client: FlaskClient, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = card_on(client, f"/s/fang/p/{product.public_id}")
    first = client.get(address)
    monkeypatch.setattr(preview_drawing, "draw", None)
    with recorded_queries() as queries:
        assert client.get(address).data == first.data
    assert len(queries) == 1
    assert kept() == 1


def test_a_crowd_that_asks_at_once_has_it_drawn_once(
    app: Flask, client: FlaskClient, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = card_on(client, f"/s/fang/p/{product.public_id}")
    drawn: list[Shown] = []

    def counting(shown: Shown, *rest: object) -> bytes:
        drawn.append(shown)
        return draw(shown, *rest)  # pyright: ignore

    monkeypatch.setattr(preview_drawing, "draw", counting)
    answers = all_at_once(app, [lambda: app.test_client().get(address).data] * 4)
    assert len(set(answers)) == 1
    assert len(drawn) == 1


def test_a_new_price_gives_a_new_address_and_another_picture(
    client: FlaskClient, product: Product
) -> None:
    page = f"/s/fang/p/{product.public_id}"
    before = card_on(client, page)
    cheap = client.get(before).data
    variant = product.variants[0]
    prices.change(variant.public_id, 4900, "dearer", SYSTEM, clock.now())
    after = card_on(client, page)
    assert after != before
    assert client.get(after).data != cheap
    # Networks keep what they have read: the card of yesterday stays at its own address.
    assert client.get(before).data == cheap


@pytest.mark.parametrize("digest", ["0" * 24, "x", "..%2f", "%E8%8A%B3", "f" * 2000])
def test_a_digest_of_something_else_draws_nothing_and_leads_to_the_card_of_today(
    client: FlaskClient, product: Product, monkeypatch: pytest.MonkeyPatch, digest: str
) -> None:
    address = card_on(client, f"/s/fang/p/{product.public_id}")
    monkeypatch.setattr(preview_drawing, "draw", None)
    answer = client.get(f"/previews/{product.public_id}/fang/zh-{digest}.jpg")
    assert kept() == 0
    if answer.status_code == 302:
        assert answer.headers["Location"] == address
        assert answer.headers["Cache-Control"] == "no-store"
    else:
        assert (answer.status_code, "%2f" in digest) == (404, True)


def test_a_card_of_one_product_is_not_drawn_under_anothers_name(
    client: FlaskClient, shop: Shop, product: Product
) -> None:
    other = cast.a_product("Cup", price=1)
    cast.a_listing(shop, other)
    foreign = card_on(client, f"/s/fang/p/{other.public_id}").rpartition("/")[2]
    answer = client.get(f"/previews/{product.public_id}/fang/{foreign}")
    assert answer.status_code == 302
    assert kept() == 0


def test_what_nobody_can_open_has_no_card(
    client: FlaskClient, shop: Shop, product: Product
) -> None:
    elsewhere = cast.a_product("Cup")
    cast.a_shop(handle="lei")
    for path in (
        f"{elsewhere.public_id}/fang/zh-x.jpg",
        f"{product.public_id}/lei/zh-x.jpg",
        f"{product.public_id}/nobody/zh-x.jpg",
        f"{product.public_id}/fang/fr-x.jpg",
        "prd_nothing/zh-x.jpg",
    ):
        assert client.get(f"/previews/{path}").status_code == 404, path
    address = card_on(client, f"/s/fang/p/{product.public_id}")
    shops.close(shop.employee_id, clock.now())
    assert client.get(address).status_code == 404
    shops.reopen(shop.employee_id)
    listings.take_off(shop.employee_id, listings.listings_of(shop.employee_id)[0].public_id)
    assert client.get(address).status_code == 404
    products.hide(product.public_id)
    assert client.get(f"/previews/{product.public_id}/zh-x.jpg").status_code == 404
    assert kept() == 0


def test_everything_that_stands_on_a_card_is_in_its_address(
    client: FlaskClient, shop: Shop, product: Product
) -> None:
    page = f"/s/fang/p/{product.public_id}"
    seen = [card_on(client, page), card_on(client, page, "en"), card_on(client, page[7:])]
    with transaction():
        product.name_zh, product.version = "茶壶", product.version + 1
    seen.append(card_on(client, page))
    products.set_picture(product.public_id, a_picture((900, 600)))
    seen.append(card_on(client, page))
    digests = [each[-28:-4] for each in seen]
    assert len(set(digests)) == len(digests) == 5


def test_a_card_in_a_shop_names_its_keeper_and_the_chains_own_does_not(
    client: FlaskClient, product: Product
) -> None:
    in_shop = opened(client.get(card_on(client, f"/s/fang/p/{product.public_id}")).data)
    at_front = opened(client.get(card_on(client, f"/p/{product.public_id}")).data)
    corner = (900, 20, 1180, 100)
    accent = (143, 47, 27)

    def is_red(card: Image.Image) -> bool:
        return any(near(card.getpixel((x, 40)), accent) for x in range(900, 1180))

    assert is_red(in_shop)
    assert not is_red(at_front)
    assert max(ImageStat.Stat(at_front.crop(corner)).stddev) < 8


SHAPES = [(1200, 900), (400, 1200), (1200, 300), (120, 90), (900, 900)]


@pytest.mark.parametrize("size", SHAPES, ids=str)
def test_whatever_its_shape_the_picture_fills_the_middle(size: tuple[int, int]) -> None:
    font = preview_pictures._font()
    assert font
    stream = io.BytesIO()
    picture = Image.new("RGB", size, "white")
    picture.paste(TEAL, (size[0] // 3, size[1] // 3, size[0] * 2 // 3, size[1] * 2 // 3))
    picture.save(stream, "JPEG")
    shown = Shown("zh", "苇汀百货", "茶壶", "¥19.00", "¥19.00", "", None)
    card = opened(draw(shown, stream.getvalue(), font))
    assert near(card.getpixel((600, 224)), TEAL)
    assert near(card.getpixel((8, 224)), (255, 255, 255))


@pytest.mark.parametrize(
    ("name", "words", "keeper"),
    [
        (LONG_ZH, "¥99,999,999.00 起", "欧阳" * 40 + "推荐"),
        (LONG_EN, "from CN¥99,999,999.00", "Picked by " + "Bartholomew " * 9),
        ("x" * 200, "from CN¥99,999,999.00", ""),
        ("😀\N{ARABIC LETTER ALEF}ꙮ", "¥1.00", "ꙮ"),
        ("", "¥1.00", ""),
    ],
)
def test_no_words_are_too_long_or_too_strange(name: str, words: str, keeper: str) -> None:
    font = preview_pictures._font()
    assert font
    price = re.sub(r"[^¥CN0-9.,]|from", "", words).strip()
    plain = opened(draw(Shown("zh", "店", "", price, words, "", None), None, font))
    drawn = draw(Shown("zh", "店" * 60, name, price, words, keeper, None), None, font)
    card = opened(drawn)
    assert len(drawn) <= MOST_BYTES
    # The margins stay free, and the name does not run into the price.
    for box in ((0, 460, 44, 620), (1160, 460, 1200, 620), (0, 0, 20, 440), (1180, 0, 1200, 440)):
        assert max(ImageStat.Stat(card.crop(box)).stddev) < 6, box
    strip = (600, 452, 1200, 630)
    difference = (
        ImageStat.Stat(card.crop(strip)).mean[0] - ImageStat.Stat(plain.crop(strip)).mean[0]
    )
    assert abs(difference) < 12


def test_even_a_picture_of_noise_stays_under_the_limit() -> None:
    font = preview_pictures._font()
    assert font
    stream = io.BytesIO()
    noise = [Image.effect_noise((1200, 460), 200) for _ in range(3)]
    Image.merge("RGB", noise).save(stream, "JPEG", quality=95)
    shown = Shown("zh", "苇汀百货", "茶壶", "¥19.00", "¥19.00", "", None)
    assert len(draw(shown, stream.getvalue(), font)) <= MOST_BYTES


def test_without_the_font_the_products_own_picture_is_shown(
    client: FlaskClient, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = card_on(client, f"/p/{product.public_id}")
    monkeypatch.setattr(preview_pictures, "_font", lambda: None)
    page = client.get(f"/s/fang/p/{product.public_id}").text
    own = f"http://shop.test/pictures/{product.picture.public_id}-900.jpg"  # pyright: ignore
    assert f'<meta property="og:image" content="{own}">' in page
    assert '<meta property="og:image:width" content="900">' in page
    assert client.get(address).status_code == 404


def test_a_product_without_a_picture_has_a_card_all_the_same(
    client: FlaskClient, shop: Shop
) -> None:
    product = cast.a_product("Cup")
    address = card_on(client, f"/p/{product.public_id}")
    assert opened(client.get(address).data).size == (1200, 630)


def test_naming_a_card_costs_the_page_no_query(client: FlaskClient, product: Product) -> None:
    path = f"/s/fang/p/{product.public_id}"
    with recorded_queries() as first:
        client.get(path)
    assert len(first) <= 5
    with recorded_queries() as later:
        client.get(path)
    assert len(later) == 1
