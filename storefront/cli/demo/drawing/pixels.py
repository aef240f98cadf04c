"""Pillow's calls whose types name numpy, which is not installed here, behind plain types."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image


def stretched(image: Image.Image, width: int, height: int) -> Image.Image:
    """The picture at another size, in between values blended: for masks and gradients."""
    size = (width, height)
    return image.resize(size, Image.Resampling.BILINEAR)  # pyright: ignore[reportUnknownMemberType]


def repeated(image: Image.Image, width: int, height: int) -> Image.Image:
    """A strip of one pixel's breadth, repeated to a full picture."""
    size = (width, height)
    return image.resize(size, Image.Resampling.NEAREST)  # pyright: ignore[reportUnknownMemberType]


def shrunk(image: Image.Image, size: int) -> Image.Image:
    """A square picture at a smaller size."""
    factor, rest = divmod(image.width, size)
    if not rest:
        return image if factor == 1 else image.reduce(factor)
    edges = (size, size)
    return image.resize(edges, Image.Resampling.LANCZOS)  # pyright: ignore[reportUnknownMemberType]


def faded(mask: Image.Image, opacity: float) -> Image.Image:
    """A mask that lets through only so much, 0 to 1."""
    return mask.point(_fading(opacity))  # pyright: ignore[reportUnknownMemberType]


@lru_cache(maxsize=128)
def _fading(opacity: float) -> list[int]:
    return [round(value * opacity) for value in range(256)]
