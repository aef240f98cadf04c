"""Colours as RGB triples, and the paints made from them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from PIL import Image

from storefront.cli.demo.drawing.pixels import repeated, stretched

Colour = tuple[int, int, int]

SHADE: Colour = (36, 28, 56)
LIGHT: Colour = (255, 250, 242)
WOOD: Colour = (196, 151, 103)
GOLD: Colour = (205, 166, 92)
STEEL: Colour = (186, 191, 199)


def from_hex(text: str) -> Colour:
    """Read `#rrggbb`."""
    return (int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Blend two colours; `share` (0 to 1) is how much of the other is in the result."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return (red, green, blue)


def darker(colour: Colour, share: float = 0.25) -> Colour:
    """The colour in shadow: shadows lean to violet, which looks softer than grey."""
    return mix(colour, SHADE, share)


def lighter(colour: Colour, share: float = 0.25) -> Colour:
    """The colour in light: light leans to warm white."""
    return mix(colour, LIGHT, share)


def luminance(colour: Colour) -> float:
    """How light a colour looks, 0 (black) to 1 (white)."""
    red, green, blue = colour
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def contrast(colour: Colour, share: float = 0.3) -> Colour:
    """A line colour that shows on `colour`: darker on light things, lighter on dark ones."""
    if luminance(colour) > 0.25:
        return darker(colour, share)
    return lighter(colour, share * 0.8)


@dataclass(frozen=True, slots=True)
class Gradient:
    """A paint that changes over the box of the shape it fills; stops run from 0 to 1."""

    stops: tuple[tuple[float, Colour], ...]
    direction: Literal["down", "across"] = "down"

    def image(self, width: int, height: int) -> Image.Image:
        """The gradient as a picture of this size in pixels."""
        strip = _strip(self.stops)
        if self.direction == "across":
            strip = strip.transpose(Image.Transpose.TRANSPOSE)
            return repeated(stretched(strip, width, 1), width, height)
        return repeated(stretched(strip, 1, height), width, height)


Paint = Colour | Gradient


@lru_cache(maxsize=256)
def _strip(stops: tuple[tuple[float, Colour], ...]) -> Image.Image:
    colours = bytes(channel for row in range(128) for channel in _at(stops, row / 127))
    return Image.frombytes("RGB", (1, 128), colours)


def _at(stops: tuple[tuple[float, Colour], ...], position: float) -> Colour:
    for (start, one), (end, other) in pairwise(stops):
        if position <= end:
            return mix(one, other, max(0.0, (position - start) / (end - start)))
    return stops[-1][1]


def down(top: Colour, bottom: Colour) -> Gradient:
    """From top to bottom."""
    return Gradient(((0.0, top), (1.0, bottom)))


def across(left: Colour, right: Colour) -> Gradient:
    """From left to right."""
    return Gradient(((0.0, left), (1.0, right)), "across")


def round_body(colour: Colour) -> Gradient:
    """An upright cylinder of this colour, lit from the left."""
    return Gradient(
        (
            (0.0, darker(colour, 0.22)),
            (0.2, lighter(colour, 0.22)),
            (0.42, colour),
            (0.78, darker(colour, 0.14)),
            (1.0, darker(colour, 0.34)),
        ),
        "across",
    )


def metal(colour: Colour) -> Gradient:
    """Polished metal, lit from the left."""
    return Gradient(
        (
            (0.0, darker(colour, 0.35)),
            (0.18, lighter(colour, 0.65)),
            (0.36, colour),
            (0.55, darker(colour, 0.28)),
            (0.8, lighter(colour, 0.35)),
            (1.0, darker(colour, 0.4)),
        ),
        "across",
    )
