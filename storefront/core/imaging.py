"""Making pictures fit to be kept: decoded with care, turned upright, stripped, encoded anew.

Only who makes pictures imports this: Pillow takes 3 MB of every process.
"""

from __future__ import annotations

import io
import struct
import threading

from PIL import Image, ImageCms, ImageOps, features

from storefront.core.errors import Invalid, TooLarge
from storefront.core.pictures import (
    LARGEST_UPLOAD,
    LARGEST_WIDTH,
    WIDTHS,
    Encoded,
    Format,
    Picture,
    keep_encoded,
)

MOST_PIXELS = 40_000_000
"""A camera of today. At worst, transparent and lying on its side, one takes 340 MB for a moment."""
SHORTEST_SIDE = 16
LONGEST_SHAPE = 10
"""How many times longer than wide a picture may be, or wider than long."""

HAS_AVIF = features.check("avif")
"""Pillow's own wheels write it; one that was built without does as before."""
AVIF: dict[str, object] = {"quality": 55, "speed": 8, "max_threads": 1}
"""In one thread, or the bytes, and with them a picture's name, would depend on the machine."""

# Pillow raises what its parts raise; these are the ones that broken files have brought out of it.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError)
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

_SCREEN = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))  # pyright: ignore

# One picture at a time in a process: ten big ones at once would take its memory.
_decoding = threading.Lock()


def keep_picture(upload: bytes) -> Picture:
    """Take an uploaded JPEG, PNG or WebP in; the same picture twice is kept once.

    Raises TooLarge `picture_too_large` for too many bytes or pixels, Invalid `wrong_picture` for
    anything that is not a whole picture of a usual shape.
    """
    # Decoding takes its time, and must not hold up other writers.
    return keep_encoded(encode(decode(upload)))


def decode(upload: bytes) -> Image.Image:
    """The picture in an upload: upright, in plain RGB on white, no wider than is kept.

    Raises as `keep_picture` does.
    """
    if len(upload) > LARGEST_UPLOAD:
        raise _too_large()
    try:
        with _decoding, Image.open(io.BytesIO(upload), formats=["JPEG", "PNG", "WEBP"]) as image:
            _refuse_odd_sizes(image.size)
            # A JPEG can be decoded at half or a quarter of its size for a fraction of the cost.
            image.draft("RGB", (2 * LARGEST_WIDTH, 2 * LARGEST_WIDTH))
            ImageOps.exif_transpose(image, in_place=True)
            plain = _plain(image)
            return _scaled(plain, LARGEST_WIDTH) if plain.width > LARGEST_WIDTH else plain
    except _BOMBS as error:
        raise _too_large() from error
    except _BROKEN as error:
        raise _wrong("This is not a whole JPEG, PNG or WebP picture.") from error


def encode(image: Image.Image) -> Encoded:
    """Encode a picture in every width and format. Pure: may run in another thread or process."""
    widths = [width for width in WIDTHS if width < image.width]
    if len(widths) < len(WIDTHS):
        widths.append(image.width)
    files: dict[tuple[int, Format], bytes] = {}
    for width in widths:
        scaled = _scaled(image, width)
        scaled.info.clear()  # Pillow would write a comment or a profile in it out again
        if HAS_AVIF:
            files[width, "avif"] = _saved(scaled, format="AVIF", **AVIF)
        files[width, "webp"] = _saved(scaled, format="WEBP", quality=80, method=4)
        files[width, "jpeg"] = _saved(
            scaled, format="JPEG", quality=82, optimize=True, progressive=True
        )
    return Encoded(widths[-1], _height(image, widths[-1]), files)


def _refuse_odd_sizes(size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise _too_large()
    if min(size) < SHORTEST_SIDE:
        raise _wrong(f"The picture needs at least {SHORTEST_SIDE} pixels on each side.")
    if max(size) > LONGEST_SHAPE * min(size):
        raise _wrong("The picture is too narrow.")


def _plain(image: Image.Image) -> Image.Image:
    """In RGB, of the colours a screen shows, with white where it was transparent."""
    if image.has_transparency_data:
        ground = Image.new("RGB", image.size, "white")
        # Its own mask: a big picture must not be copied more often than needed.
        clear = image if image.mode == "RGBA" else image.convert("RGBA")
        ground.paste(clear, mask=clear)
        return ground
    profile = image.info.get("icc_profile")
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                _SCREEN,
                outputMode="RGB",
            )
        except (ImageCms.PyCMSError, OSError):
            pass  # A profile that makes no sense: the colours are shown as they are.
        else:
            assert converted is not None
            return converted
    return image.convert("RGB")


def _scaled(image: Image.Image, width: int) -> Image.Image:
    size = (width, _height(image, width))
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)  # pyright: ignore


def _height(image: Image.Image, width: int) -> int:
    return max(1, round(image.height * width / image.width))


def _saved(image: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, **options)  # pyright: ignore
    return stream.getvalue()


def _too_large() -> TooLarge:
    return TooLarge(
        "picture_too_large",
        f"A picture may have {LARGEST_UPLOAD // 1024**2} MB"
        f" and {MOST_PIXELS // 1_000_000} million pixels at most.",
    )


def _wrong(sentence: str) -> Invalid:
    return Invalid("wrong_picture", sentence)
