"""Pictures that the program draws for the demo chain."""

from __future__ import annotations

from io import BytesIO
from random import Random

import pytest
from PIL import Image, ImageChops

from storefront.cli.demo import pictures
from storefront.cli.demo.chain import make_chain
from storefront.cli.demo.content import Chain, Product
from storefront.core.pictures import EXTENSIONS, widths_of

_ONE_OF_EACH_SCENE = ("CT01", "BG02", "FR01")


@pytest.fixture(scope="module")
def chain() -> Chain:
    return make_chain(Random(7))


def _product(chain: Chain, code: str) -> Product:
    return next(product for product in chain.products if product.code == code)


def _opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(data))
    picture.load()
    return picture


@pytest.mark.parametrize("code", _ONE_OF_EACH_SCENE)
def test_a_picture_comes_in_the_sizes_asked_for(chain: Chain, code: str) -> None:
    product = _product(chain, code)
    drawn = pictures.product_picture(product, product.variants[0])
    assert {size: _opened(data).size for size, data in drawn.items()} == {
        1200: (1200, 1200),
        600: (600, 600),
        300: (300, 300),
    }


def test_the_shop_gets_every_width_in_every_format(chain: Chain) -> None:
    backpack = _product(chain, "BG03")
    goods = pictures.product_files(backpack, backpack.variants[0])
    face = pictures.face_files(chain.employees[40])
    for drawn, width in ((goods, 1200), (face, 400)):
        assert (drawn.width, drawn.height) == (width, width)
        served = {(each, form) for each in widths_of(width) for form in EXTENSIONS}
        assert set(drawn.files) == served
        for (each, form), data in drawn.files.items():
            picture = _opened(data)
            assert (picture.width, picture.format) == (each, form.upper())


@pytest.mark.parametrize("code", _ONE_OF_EACH_SCENE)
def test_drawing_twice_gives_the_same_bytes(chain: Chain, code: str) -> None:
    product = _product(chain, code)
    first = pictures.product_picture(product, product.variants[0])
    assert pictures.product_picture(product, product.variants[0]) == first


@pytest.fixture(scope="module")
def every_product(chain: Chain) -> dict[str, bytes]:
    """A picture of 600 pixels of each product, by its code."""
    return {
        product.code: pictures.product_picture(product, product.variants[0], (600,))[600]
        for product in chain.products
    }


def test_every_product_fits_the_first_picture_of_a_page(every_product: dict[str, bytes]) -> None:
    for code, data in every_product.items():
        assert 4_000 < len(data) <= 100_000, code


def test_no_two_products_look_alike(every_product: dict[str, bytes]) -> None:
    assert len(set(every_product.values())) == 80


def test_the_colour_of_the_variant_is_seen(chain: Chain) -> None:
    backpack = _product(chain, "BG03")
    navy, mustard, _ = (
        _opened(pictures.product_picture(backpack, variant, (300,))[300]).getpixel((150, 140))
        for variant in backpack.pictured()
    )
    assert isinstance(navy, tuple)
    assert isinstance(mustard, tuple)
    assert navy[2] > navy[0]
    assert mustard[0] > mustard[2]


def test_webp_is_smaller_than_jpeg(chain: Chain) -> None:
    product = _product(chain, "TK01")
    jpeg = pictures.product_picture(product, product.variants[0], (600,))[600]
    webp = pictures.product_picture(product, product.variants[0], (600,), "WEBP")[600]
    assert _opened(webp).format == "WEBP"
    assert len(webp) < len(jpeg)


@pytest.mark.parametrize("code", _ONE_OF_EACH_SCENE)
def test_link_previews_have_their_subject_in_the_middle_square(chain: Chain, code: str) -> None:
    product = _product(chain, code)
    data = pictures.open_graph_picture(product, product.variants[0])
    picture = _opened(data)
    assert picture.size == (1200, 630)
    assert picture.format == "JPEG"
    assert len(data) <= 250_000
    left, middle = picture.crop((0, 100, 240, 500)), picture.crop((480, 100, 720, 500))
    assert _liveliness(middle) > 3 * _liveliness(left)


def _liveliness(picture: Image.Image) -> float:
    """How much a picture differs from itself a few pixels on."""
    moved = ImageChops.offset(picture, 6, 0)
    seen = ImageChops.difference(picture, moved).convert("L").histogram()
    return sum(value * count for value, count in enumerate(seen)) / sum(seen)


def test_faces_are_the_employees_own_and_stay_the_same(chain: Chain) -> None:
    someone, colleague = chain.employees[40], chain.employees[41]
    face = pictures.portrait(someone)
    assert face == pictures.portrait(someone)
    assert face != pictures.portrait(colleague)
    assert {size: _opened(data).size for size, data in face.items()} == {
        400: (400, 400),
        160: (160, 160),
    }


def test_the_chain_has_a_sign_a_front_and_covers(chain: Chain) -> None:
    goods = tuple(_product(chain, code) for code in ("TR01", "BG02", "LD01", "TK01", "CT01"))
    assert _opened(pictures.logo(192)).size == (192, 192)
    assert _opened(pictures.front_banner(goods)).size == (1600, 600)
    assert _opened(pictures.shop_cover(goods)).size == (1200, 480)
    assert len(pictures.front_banner(goods)) <= 100_000


def test_a_shop_that_sells_only_what_hangs_has_a_cover_too(chain: Chain) -> None:
    coats = (_product(chain, "CT01"), _product(chain, "CT03"))
    assert _opened(pictures.shop_cover(coats)).size == (1200, 480)
    assert pictures.shop_cover(coats) != pictures.shop_cover(coats[:1])


def test_a_shop_without_goods_has_an_empty_cover() -> None:
    assert _opened(pictures.shop_cover(())).size == (1200, 480)
