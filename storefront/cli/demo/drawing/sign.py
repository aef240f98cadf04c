"""The chain's sign: three reeds over water."""

from __future__ import annotations

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import Colour, down
from storefront.cli.demo.drawing.shapes import ellipse, path, ribbon, turned

_WATER: Colour = (38, 78, 72)
_DEEP: Colour = (26, 56, 54)
_REED: Colour = (236, 214, 160)
_PALE: Colour = (250, 244, 230)


def draw_sign(canvas: Canvas) -> None:
    """Fill the square; what matters stays within its middle 80 %, as app icons ask."""
    canvas.fill(((0, 0), (1000, 0), (1000, 1000), (0, 1000)), down(_WATER, _DEEP))
    canvas.fill(ellipse(622, 366, 128), _REED, 0.28)
    for spine, start, end in (
        (path("M470 700 C450 520 450 360 520 210"), 26, 8),
        (path("M440 700 C410 560 370 460 290 380"), 22, 4),
        (path("M520 700 C540 560 590 470 690 410"), 22, 4),
    ):
        canvas.fill(ribbon(spine, start, end), _PALE)
    plume = turned(ellipse(534, 236, 26, 84), 22, 534, 236)
    canvas.fill(plume, _REED)
    for y, left, right in ((712, 250, 750), (768, 320, 680)):
        middle = (left + right) / 2
        wave = path(
            f"M{left} {y} Q{(left + middle) / 2:.0f} {y - 30} {middle:.0f} {y}"
            f" Q{(right + middle) / 2:.0f} {y + 30} {right} {y}"
        )
        canvas.stroke(wave, _PALE, 22)
