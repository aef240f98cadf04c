"""Pictures of the demo chain, drawn by the program: goods, faces, the chain's sign.

All functions are pure: the same arguments give the same bytes. A product's picture takes some
50 ms to draw and a few more to encode; they do not depend on each other, so a caller in a hurry
may spread them over processes.
"""

from __future__ import annotations

from io import BytesIO
from random import Random
from typing import Literal

from PIL import Image

from storefront.cli.demo.content import Employee, Product, Variant
from storefront.cli.demo.drawing.backdrop import backdrop
from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import from_hex
from storefront.cli.demo.drawing.pixels import shrunk
from storefront.cli.demo.drawing.portrait import (
    CLOTHES,
    GROUNDS,
    HAIRS,
    SKINS,
    Face,
    Hair,
    draw_portrait,
)
from storefront.cli.demo.drawing.sign import draw_sign
from storefront.cli.demo.drawing.things import THINGS, ground_tint, show
from storefront.core.imaging import HAS_AVIF
from storefront.core.pictures import WIDTHS, Encoded, Format

Form = Literal["JPEG", "WEBP", "AVIF"]

SIZES = (1200, 600, 300)
"""Edges in pixels of the square pictures of goods."""

FACE_SIZES = (400, 160)
"""Edges in pixels of portraits."""

OPEN_GRAPH = (1200, 630)
BANNER = (1600, 600)
COVER = (1200, 480)

_MASTER = 1200
_QUALITY: dict[Form, int] = {"JPEG": 86, "WEBP": 82, "AVIF": 50}
_HAIR: dict[str, tuple[Hair, ...]] = {
    "female": ("bob", "long", "bun", "ponytail", "curly"),
    "male": ("short", "parted", "cropped", "curly"),
}


def product_picture(
    product: Product, variant: Variant, sizes: tuple[int, ...] = SIZES, form: Form = "JPEG"
) -> dict[int, bytes]:
    """The square picture of a product in a variant's colour, encoded, by its edge in pixels.

    Draw it once for each variant of `product.pictured()`.
    """
    return _encoded_sizes(_drawn(product, variant, _MASTER, _MASTER), sizes, form)


def product_files(product: Product, variant: Variant) -> Encoded:
    """The same, drawn once, as the shop serves it: every width in every format."""
    return _files(_drawn(product, variant, _MASTER, _MASTER), WIDTHS)


def open_graph_picture(product: Product, variant: Variant) -> bytes:
    """The JPEG of 1200 by 630 for link previews, the product in the middle square."""
    return _encoded(_drawn(product, variant, *OPEN_GRAPH), "JPEG")


def portrait(
    employee: Employee, sizes: tuple[int, ...] = FACE_SIZES, form: Form = "JPEG"
) -> dict[int, bytes]:
    """A friendly face for an employee and their shop, by its edge in pixels."""
    return _encoded_sizes(_portrait(employee), sizes, form)


def face_files(employee: Employee) -> Encoded:
    """The same as the shop serves it; pages show faces small."""
    return _files(_portrait(employee), (WIDTHS[0], max(FACE_SIZES)))


def _portrait(employee: Employee) -> Image.Image:
    random = Random(f"{employee.number} {employee.name.zh}")  # noqa: S311, not a secret
    face = Face(
        hair=random.choice(_HAIR[employee.gender]),
        hair_colour=random.choice(HAIRS),
        skin=random.choice(SKINS),
        clothes=random.choice(CLOTHES),
        ground=random.choice(GROUNDS),
        glasses=random.random() < 0.25,
        collar=random.random() < 0.5,
        laughs=random.random() < 0.5,
    )
    picture = Image.new("RGB", (800, 800))
    draw_portrait(Canvas(picture), face)
    return picture


def shop_cover(products: tuple[Product, ...], tint: str = "#ece2d5") -> bytes:
    """A wide JPEG for the head of a shop, with those of its products that go together."""
    return _encoded(_row(COVER, products, tint), "JPEG")


def post_files(products: tuple[Product, ...]) -> Encoded:
    """The same as the shop serves it above a post: every width in both formats."""
    return _files(_row(COVER, products, "#ece2d5"), WIDTHS)


def front_banner(products: tuple[Product, ...]) -> bytes:
    """The JPEG of 1600 by 600 for the chain's front page; six or seven products look best."""
    return _encoded(_row(BANNER, products, "#e3e6dc"), "JPEG")


def logo(size: int = 512) -> bytes:
    """The chain's sign, reeds over water, as a square PNG without transparency."""
    edge = size * 2
    picture = Image.new("RGB", (edge, edge))
    draw_sign(Canvas(picture))
    return _png(shrunk(picture, size))


def _drawn(product: Product, variant: Variant, width: int, height: int) -> Image.Image:
    colour = from_hex(variant.swatch)
    tint = ground_tint(product.category, colour)
    picture = backdrop(width, height, tint, THINGS[product.motif].scene)
    show(Canvas(picture), product.motif, colour)
    return picture


def _row(size: tuple[int, int], products: tuple[Product, ...], tint: str) -> Image.Image:
    """Side by side: what stands on a floor, or what hangs on a wall, whichever is more."""
    hanging = [product for product in products if THINGS[product.motif].scene == "wall"]
    standing = [product for product in products if product not in hanging]
    on_floor = len(standing) >= len(hanging)
    shown = standing if on_floor else hanging
    picture = backdrop(*size, from_hex(tint), "floor" if on_floor else "wall")
    canvas = Canvas(picture)
    place = 1000 * size[0] / size[1] / max(1, len(shown))
    factor = min(0.62 if on_floor else 0.9, place / 760)
    for index, product in enumerate(shown):
        across = place * (index + 0.5 - len(shown) / 2)
        with canvas.at(across, 60 if on_floor else 0, factor):
            show(canvas, product.motif, from_hex(product.variants[0].swatch))
    return picture


def _files(picture: Image.Image, widths: tuple[int, ...]) -> Encoded:
    formats: dict[Format, Form] = {"jpeg": "JPEG", "webp": "WEBP"}
    if HAS_AVIF:
        formats["avif"] = "AVIF"
    files: dict[tuple[int, Format], bytes] = {}
    for width in widths:
        at_width = shrunk(picture, width)
        files |= {(width, name): _encoded(at_width, form) for name, form in formats.items()}
    return Encoded(widths[-1], picture.height * widths[-1] // picture.width, files)


def _encoded_sizes(picture: Image.Image, sizes: tuple[int, ...], form: Form) -> dict[int, bytes]:
    return {size: _encoded(shrunk(picture, size), form) for size in sizes}


def _encoded(picture: Image.Image, form: Form) -> bytes:
    buffer = BytesIO()
    if form == "JPEG":
        picture.save(buffer, "JPEG", quality=_QUALITY[form], subsampling="4:2:0", optimize=True)
    elif form == "AVIF":
        # In a hurry: somebody waits for 164 of them. Uploads are given twice the time.
        picture.save(buffer, "AVIF", quality=_QUALITY[form], speed=9, max_threads=1)
    else:
        picture.save(buffer, "WEBP", quality=_QUALITY[form], method=2)
    return buffer.getvalue()


def _png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
