"""Perfume, candles and scents for rooms."""

from __future__ import annotations

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    GOLD,
    LIGHT,
    SHADE,
    WOOD,
    Colour,
    across,
    darker,
    down,
    lighter,
    metal,
    mix,
    round_body,
)
from storefront.cli.demo.drawing.cosmetics import bottle, label
from storefront.cli.demo.drawing.shapes import (
    Shape,
    box,
    drum,
    ellipse,
    moved,
    path,
    ribbon,
    symmetric,
)

_CREAM: Colour = (250, 246, 239)


def _flacon(canvas: Canvas, outer: Shape, liquid: Shape, colour: Colour) -> None:
    """Thick clear glass with coloured liquid inside."""
    glass = mix((236, 241, 243), colour, 0.12)
    canvas.fill(outer, across(lighter(glass, 0.5), darker(glass, 0.16)))
    canvas.outline(outer, darker(glass, 0.25), 3, 0.6)
    canvas.fill(liquid, down(lighter(colour, 0.28), darker(colour, 0.04)))
    left, right = min(x for x, _ in liquid), max(x for x, _ in liquid)
    top, bottom = min(y for _, y in liquid), max(y for _, y in liquid)
    wide = right - left
    with canvas.inside(liquid):
        canvas.soft(box(left, bottom - 70, right, bottom + 40), darker(colour, 0.5), 0.3, 30)
        canvas.soft(box(right - wide * 0.2, top, right + 20, bottom), darker(colour, 0.4), 0.3, 20)
        gleam = path(
            f"M{left} {top} L{left + wide * 0.5} {top} L{left + wide * 0.16} {bottom}"
            f" L{left} {bottom}"
        )
        canvas.fill(gleam, LIGHT, 0.16)
        canvas.fill(box(left, top, right, top + 7), LIGHT, 0.5)
    with canvas.inside(outer):
        streak = box(left - wide * 0.06, top + 10, left - wide * 0.02, bottom, 5)
        canvas.soft(streak, (255, 255, 255), 0.9, 4)


def perfume_square(canvas: Canvas, colour: Colour) -> None:
    """A square flacon with a wooden cap."""
    canvas.stand(344, 658, 806, 20)
    canvas.fill(box(466, 396, 534, 444), metal(GOLD))
    _flacon(canvas, box(344, 432, 656, 808, 26), box(372, 470, 628, 774, 14), colour)
    canvas.stroke(((500, 444), (500, 740)), LIGHT, 5, 0.5)
    cap = box(416, 250, 584, 402, 12)
    canvas.fill(cap, across(lighter(WOOD, 0.12), darker(WOOD, 0.3)))
    with canvas.inside(cap):
        grain = [path(f"M{x} 240 Q{x + 12} 320 {x - 4} 410") for x in range(424, 590, 17)]
        canvas.strokes(grain, darker(WOOD, 0.4), 2.4, 0.4)
    paper = box(416, 560, 584, 712, 4)
    canvas.fill(paper, _CREAM, 0.94)
    label(canvas, 416, 600, 584, darker(colour, 0.55))


def perfume_round(canvas: Canvas, colour: Colour) -> None:
    """A round flacon with a ball for a cap."""
    canvas.stand(400, 612, 806, 18)
    canvas.fill(box(466, 376, 534, 430), metal(GOLD))
    body = symmetric("M500 416 C640 420 690 540 676 650 C666 740 610 808 560 808 L500 810")
    inner = symmetric("M500 470 C610 474 646 560 636 648 C628 720 584 774 548 776 L500 778")
    _flacon(canvas, body, inner, colour)
    ball = ellipse(500, 304, 82)
    canvas.fill(ball, down(lighter(GOLD, 0.45), darker(GOLD, 0.3)))
    with canvas.inside(ball):
        canvas.soft(ellipse(540, 340, 60, 50), darker(GOLD, 0.6), 0.4, 22)
        canvas.soft(ellipse(468, 270, 24, 18), (255, 255, 255), 0.95, 8)
    label(canvas, 430, 590, 570, mix(LIGHT, colour, 0.05))


def perfume_tall(canvas: Canvas, colour: Colour) -> None:
    """A tall fluted flacon with a dark cap."""
    canvas.stand(410, 592, 806, 18)
    canvas.fill(box(460, 330, 540, 372), metal(GOLD))
    outer, inner = box(408, 360, 592, 808, 22), box(428, 396, 572, 780, 12)
    _flacon(canvas, outer, inner, colour)
    with canvas.inside(outer):
        flutes = [((x, 350), (x, 820)) for x in range(424, 592, 19)]
        canvas.strokes(flutes, darker(colour, 0.3), 3, 0.35)
        canvas.strokes([moved(line, 6, 0) for line in flutes], LIGHT, 4, 0.4)
    canvas.fill(drum(432, 180, 568, 332, 18), round_body((58, 60, 62)))
    canvas.fill(ellipse(500, 180, 68, 9), (96, 98, 100))
    canvas.soft(box(450, 200, 460, 324, 5), LIGHT, 0.4, 5)
    paper = box(440, 560, 560, 700, 4)
    canvas.fill(paper, _CREAM)
    label(canvas, 440, 596, 560, darker(colour, 0.6))


def candle(canvas: Canvas, colour: Colour) -> None:
    """A lit candle in a ceramic cup."""
    canvas.stand(352, 650, 806, 24)
    canvas.soft(ellipse(500, 380, 150, 170), (255, 214, 140), 0.55, 70)
    body = drum(352, 496, 648, 780, 60)
    bottle(canvas, body, round_body(colour), 0.35)
    canvas.fill(ellipse(500, 496, 148, 32), darker(colour, 0.16))
    wax = ellipse(500, 500, 130, 25)
    canvas.fill(wax, down((255, 240, 206), (255, 226, 170)))
    canvas.soft(ellipse(500, 500, 60, 12), (255, 250, 224), 0.9, 8)
    canvas.stroke(path("M500 500 Q504 478 500 456"), (70, 54, 48), 7)
    flame = path("M500 340 C546 400 548 452 500 466 C452 452 456 400 500 340")
    canvas.soft(flame, (255, 190, 90), 0.7, 14)
    canvas.fill(flame, down((255, 196, 92), (255, 236, 168)))
    canvas.fill(path("M500 400 C522 430 520 456 500 462 C480 456 478 430 500 400"), (255, 250, 226))
    paper = box(418, 596, 582, 736, 4)
    canvas.fill(paper, across(darker(_CREAM, 0.06), _CREAM))
    label(canvas, 418, 632, 582, darker(colour, 0.5) if sum(colour) < 600 else (110, 96, 84))


def diffuser(canvas: Canvas, colour: Colour) -> None:
    """A bottle with eight reeds."""
    canvas.stand(388, 616, 806, 20)
    reeds = [
        ((490 + step, 540.0), (486 + step * 9.5, 148 + abs(step) * 5)) for step in range(-14, 21, 5)
    ]
    canvas.strokes([moved(reed, 2, 0) for reed in reeds], darker(WOOD, 0.3), 10)
    canvas.strokes(reeds, lighter(WOOD, 0.16), 5)
    outer = symmetric(
        "M500 490 L540 490 L540 536 Q612 560 616 640 L616 770 Q614 806 580 810 L500 812"
    )
    inner = symmetric("M500 636 L592 636 L594 762 Q592 784 572 786 L500 788")
    _flacon(canvas, outer, inner, colour)
    canvas.fill(drum(450, 470, 550, 512, 16), round_body((70, 64, 72)))
    canvas.fill(ellipse(500, 470, 50, 8), (40, 36, 42))
    with canvas.inside(ellipse(500, 440, 50, 40)):
        canvas.strokes(reeds, lighter(WOOD, 0.05), 8)
    paper = box(448, 664, 552, 756, 4)
    canvas.fill(paper, _CREAM, 0.95)
    label(canvas, 452, 690, 548, darker(colour, 0.55))


def incense(canvas: Canvas, colour: Colour) -> None:
    """A box of incense, and one stick burning in a brass pebble."""
    canvas.stand(250, 520, 806, 20)
    canvas.stand(540, 760, 800, 18)
    side = path("M440 250 L500 226 L500 780 L440 806")
    canvas.fill(side, across(darker(colour, 0.25), darker(colour, 0.4)))
    canvas.fill(path("M256 250 L316 226 L500 226 L440 250"), lighter(colour, 0.25))
    front = box(256, 250, 440, 806)
    canvas.fill(front, down(lighter(colour, 0.12), darker(colour, 0.08)))
    canvas.fill(box(286, 300, 410, 560, 4), _CREAM)
    label(canvas, 292, 390, 404, darker(colour, 0.35))
    mountains = path("M256 720 Q300 650 340 700 Q390 630 440 690 L440 806 L256 806")
    canvas.fill(mountains, lighter(colour, 0.22), 0.7)
    canvas.fill(
        path("M256 760 Q330 700 380 750 Q410 730 440 750 L440 806 L256 806"),
        lighter(colour, 0.4),
        0.6,
    )
    smoke = path("M690 300 C640 240 730 200 690 140 C660 90 720 70 706 30")
    canvas.soft(ribbon(smoke, 8, 34), (255, 255, 255), 0.75, 10)
    canvas.stroke(((648, 750), (690, 306)), (120, 92, 70), 7)
    canvas.fill(ellipse(690, 304, 6), (232, 120, 70))
    pebble = path(
        "M552 786 C556 730 610 716 660 724 C716 732 750 760 746 788 Q740 812 650 812"
        " Q556 812 552 786"
    )
    canvas.fill(pebble, metal(GOLD))
    with canvas.inside(pebble):
        canvas.soft(box(540, 790, 760, 830), SHADE, 0.4, 12)
    canvas.fill(ellipse(649, 742, 8, 4), darker(GOLD, 0.6))
