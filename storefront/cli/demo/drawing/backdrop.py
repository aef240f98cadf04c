"""Grounds to put things on: a wall, a floor or a low round podium, in a soft studio light."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from PIL import Image

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    LIGHT,
    SHADE,
    Colour,
    Gradient,
    darker,
    down,
    lighter,
)
from storefront.cli.demo.drawing.shapes import arc, box, ellipse

Scene = Literal["wall", "floor", "podium"]


@lru_cache(maxsize=8)
def _ground(width: int, height: int, tint: Colour, scene: Scene) -> Image.Image:
    picture = down(lighter(tint, 0.3), darker(tint, 0.06)).image(width, height)
    canvas = Canvas(picture)
    reach = 500 * width / height if width > height else 500.0
    canvas.soft(ellipse(430, 400, 330, 330), LIGHT, 0.5, 130)
    if scene == "wall":
        canvas.fill(ellipse(500, 500, 405), down(lighter(tint, 0.32), tint), 0.75)
        return picture
    left, right = 500 - reach - 30, 500 + reach + 30
    canvas.soft(box(left, 655, right, 1100), darker(tint, 0.2), 0.55, 26)
    canvas.soft(box(left, 850, right, 1150), lighter(tint, 0.3), 0.35, 70)
    if scene == "podium":
        canvas.soft(ellipse(530, 905, 370, 40), SHADE, 0.3, 22)
        side = arc(500, 800, 345, 62, 180, 0) + arc(500, 880, 345, 62, 0, 180)
        canvas.fill(side, _podium_side(tint))
        canvas.fill(ellipse(500, 800, 345, 62), down(darker(tint, 0.02), lighter(tint, 0.5)))
    return picture


def _podium_side(tint: Colour) -> Gradient:
    return Gradient(
        (
            (0.0, darker(tint, 0.12)),
            (0.25, lighter(tint, 0.35)),
            (0.6, darker(tint, 0.06)),
            (1.0, darker(tint, 0.26)),
        ),
        "across",
    )


def backdrop(width: int, height: int, tint: Colour, scene: Scene) -> Image.Image:
    """A fresh ground of this size in pixels; the same ground is drawn once and copied."""
    return _ground(width, height, tint, scene).copy()
