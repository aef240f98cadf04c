"""Colour for the face."""

from __future__ import annotations

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    GOLD,
    LIGHT,
    SHADE,
    STEEL,
    Colour,
    across,
    darker,
    down,
    from_hex,
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
    scattered,
    symmetric,
    turned,
)

_LACQUER: Colour = (66, 34, 44)


def lipstick(canvas: Canvas, colour: Colour) -> None:
    """A lipstick turned up, its cap beside it."""
    canvas.stand(370, 500, 806, 18)
    canvas.stand(560, 690, 806, 18)
    bullet = path("M394 470 L394 330 Q396 262 474 226 L476 470")
    canvas.fill(bullet, round_body(colour))
    slope = path("M394 330 Q396 262 474 226 Q480 300 436 340 Q412 352 394 330")
    canvas.fill(slope, down(lighter(colour, 0.3), colour))
    canvas.soft(ribbon(((410, 360), (410, 460)), 8, 8), LIGHT, 0.5, 5)
    canvas.fill(drum(386, 466, 484, 600, 16), metal(GOLD))
    canvas.fill(drum(370, 596, 500, 796, 20), round_body(_LACQUER))
    canvas.fill(ellipse(435, 598, 65, 10), lighter(GOLD, 0.25))
    canvas.fill(drum(566, 430, 690, 796, 20), round_body(_LACQUER))
    canvas.fill(ellipse(628, 430, 62, 10), lighter(_LACQUER, 0.25))
    canvas.fill(drum(566, 740, 690, 768, 16), metal(GOLD))
    canvas.fill(ellipse(628, 600, 19), GOLD)
    canvas.fill(ellipse(635, 594, 16), darker(_LACQUER, 0.1))
    for x in (388, 584):
        canvas.soft(box(x, 622, x + 10, 780, 5), LIGHT, 0.35, 5)


def cushion(canvas: Canvas, colour: Colour) -> None:
    """An open cushion compact with mirror and puff."""
    shell = lighter(_LACQUER, 0.12)
    canvas.stand(240, 740, 770, 44)
    lid = turned(ellipse(500, 350, 226, 212), 0)
    canvas.fill(lid, across(lighter(shell, 0.25), darker(shell, 0.2)))
    canvas.fill(ellipse(500, 352, 206, 192), GOLD)
    glass = ellipse(500, 354, 196, 182)
    canvas.fill(glass, down((226, 236, 240), (174, 190, 200)))
    with canvas.inside(glass):
        canvas.soft(turned(box(380, 100, 440, 620), 32, 500, 354), LIGHT, 0.75, 10)
        canvas.soft(turned(box(480, 100, 500, 620), 32, 500, 354), LIGHT, 0.6, 6)
    canvas.fill(box(440, 540, 560, 584, 10), metal(GOLD))
    base = drum(250, 660, 750, 716, 210)
    canvas.fill(base, across(lighter(shell, 0.2), darker(shell, 0.25)))
    canvas.fill(ellipse(500, 660, 250, 105), down(darker(GOLD, 0.1), lighter(GOLD, 0.4)))
    canvas.fill(ellipse(500, 660, 234, 96), lighter(shell, 0.1))
    pad = ellipse(500, 662, 190, 76)
    canvas.fill(pad, down(darker(colour, 0.06), lighter(colour, 0.16)))
    with canvas.inside(pad):
        for x, y in scattered(130, 310, 586, 690, 738):
            canvas.fill(ellipse(x, y, 4, 2.4), darker(colour, 0.3), 0.5)
        canvas.soft(ellipse(500, 600, 190, 26), SHADE, 0.25, 14)
    puff = drum(596, 690, 776, 716, 76)
    canvas.soft(moved(puff, 4, 16), SHADE, 0.35, 12)
    canvas.fill(puff, across(lighter(colour, 0.45), darker(colour, 0.02)))
    canvas.fill(ellipse(686, 690, 90, 38), lighter(colour, 0.6))
    canvas.fill(
        path("M604 676 Q686 700 768 676 L772 704 Q686 728 600 704"), mix(_LACQUER, GOLD, 0.25), 0.95
    )


def palette(canvas: Canvas, colour: Colour) -> None:
    """Nine eye shadows in an open case."""
    case = darker(colour, 0.5)
    lid = box(206, 150, 794, 420, 22)
    tray = box(206, 430, 794, 866, 22)
    canvas.hang(lid, tray)
    canvas.fill(lid, across(lighter(case, 0.16), darker(case, 0.2)))
    mirror = box(232, 174, 768, 398, 12)
    canvas.fill(mirror, down((228, 236, 240), (184, 198, 206)))
    with canvas.inside(mirror):
        canvas.soft(turned(box(330, 60, 400, 560), 36, 400, 290), LIGHT, 0.7, 10)
        canvas.soft(turned(box(640, 60, 664, 560), 36, 640, 290), LIGHT, 0.6, 6)
    canvas.fill(box(300, 412, 700, 438, 8), metal(GOLD))
    canvas.fill(tray, across(lighter(case, 0.12), darker(case, 0.24)))
    tones = (
        "#f3d9c0",
        "#e6b898",
        "#d99a7c",
        "#e9a58f",
        "#c98068",
        "#b46a52",
        "#c9a06a",
        "#8f5547",
        "#5f3a38",
    )
    for index, tone in enumerate(tones):
        x, y = 244 + index % 3 * 176, 460 + index // 3 * 132
        shade = from_hex(tone)
        pan = box(x, y, x + 160, y + 116, 12)
        canvas.fill(pan, darker(case, 0.45))
        inner = box(x + 6, y + 7, x + 154, y + 110, 9)
        canvas.fill(inner, down(darker(shade, 0.08), lighter(shade, 0.16)))
        if index in (1, 6):
            for spark in scattered(30, x + 14, y + 14, x + 146, y + 102):
                canvas.fill(ellipse(*spark, 2.2), (255, 250, 235), 0.8)
        if index in (0, 4, 8):
            canvas.stroke(
                path(f"M{x + 30} {y + 78} Q{x + 80} {y + 30} {x + 130} {y + 50}"),
                lighter(shade, 0.3),
                3,
                0.5,
            )
            canvas.soft(
                ribbon(path(f"M{x + 30} {y + 80} Q{x + 80} {y + 32} {x + 130} {y + 52}"), 6, 16),
                darker(shade, 0.5),
                0.25,
                5,
            )


def mascara(canvas: Canvas, colour: Colour) -> None:
    """A mascara tube with its wand leaning on it."""
    canvas.stand(396, 500, 806, 16)
    gold = metal(GOLD)
    canvas.fill(drum(398, 420, 498, 796, 16), round_body(_LACQUER))
    canvas.fill(drum(410, 366, 486, 424, 12), gold)
    canvas.fill(ellipse(448, 366, 38, 6), darker(GOLD, 0.6))
    canvas.soft(box(414, 440, 424, 780, 5), LIGHT, 0.4, 5)
    canvas.fill(ellipse(448, 560, 16), GOLD)
    canvas.fill(ellipse(454, 555, 13), _LACQUER)

    def lean(shape: Shape) -> Shape:
        return turned(shape, 16, 620, 560)

    canvas.soft(lean(box(590, 460, 690, 830, 20)), SHADE, 0.18, 20)
    canvas.fill(lean(drum(580, 500, 674, 812, 14)), round_body(_LACQUER))
    canvas.fill(lean(drum(590, 474, 664, 506, 10)), gold)
    canvas.fill(lean(box(622, 366, 632, 480)), darker(STEEL, 0.3))
    hairs = [
        lean(
            (
                (600 + abs(step - 9) * 0.9, 372 - step * 11),
                (654 - abs(step - 9) * 0.9, 364 - step * 11),
            )
        )
        for step in range(19)
    ]
    canvas.strokes(hairs, darker(colour, 0.3), 6)
    canvas.stroke(lean(((627, 380), (627, 164))), darker(colour, 0.5), 20)
    canvas.soft(lean(box(596, 530, 606, 790, 5)), LIGHT, 0.4, 5)


def nail_polish(canvas: Canvas, colour: Colour) -> None:
    """A small bottle of nail polish."""
    canvas.stand(370, 632, 806, 22)
    body = symmetric("M500 516 L566 520 Q634 540 634 620 L634 740 Q630 804 570 808 L500 812")
    bottle(canvas, body, round_body(mix(colour, LIGHT, 0.35)), 0.4)
    inner = symmetric("M500 540 L560 544 Q612 562 612 624 L612 736 Q608 784 562 788 L500 790")
    canvas.fill(inner, round_body(colour))
    with canvas.inside(body):
        canvas.soft(box(392, 570, 408, 770, 8), (255, 255, 255), 0.85, 5)
        canvas.soft(box(604, 600, 614, 760, 5), LIGHT, 0.5, 5)
    canvas.fill(drum(440, 488, 560, 524, 14), metal(GOLD))
    cap = symmetric("M500 176 Q544 178 548 200 L558 488 L500 494")
    canvas.fill(cap, round_body(_LACQUER))
    canvas.soft(ribbon(((466, 200), (462, 480)), 8, 10), LIGHT, 0.4, 5)
    label(canvas, 450, 640, 550, mix(LIGHT, colour, 0.1))


def brushes(canvas: Canvas, colour: Colour) -> None:
    """Six make-up brushes fanned out of a cup."""
    canvas.stand(376, 626, 806, 24)
    wood = (176, 120, 82)
    for angle, length, wide in (
        (-24, 470, 34),
        (24, 480, 30),
        (-14, 540, 26),
        (14, 530, 46),
        (-4, 590, 58),
        (6, 500, 20),
    ):
        _brush(canvas, angle, length, wide, wood)
    cup = path("M380 520 L620 520 L604 790 Q598 808 560 810 L440 810 Q402 808 396 790")
    bottle(canvas, cup, round_body(colour), 0.45)
    canvas.fill(ellipse(500, 520, 120, 22), darker(colour, 0.4))
    canvas.fill(
        path("M380 520 Q380 542 500 542 Q620 542 620 520 Q616 562 500 562 Q384 562 380 520"),
        lighter(colour, 0.2),
    )
    label(canvas, 430, 640, 570, mix(LIGHT, colour, 0.15))


def _brush(canvas: Canvas, angle: float, length: float, wide: float, wood: Colour) -> None:
    def lean(shape: Shape) -> Shape:
        return turned(shape, angle, 500, 760)

    top = 760 - length
    hair = (92, 62, 54)
    canvas.fill(
        lean(box(492, top + 120, 508, 620, 6)), across(lighter(wood, 0.2), darker(wood, 0.25))
    )
    tip = path(
        f"M{500 - wide * 0.55} {top + 74} Q{500 - wide * 1.1} {top} 500 {top - 40}"
        f" Q{500 + wide * 1.1} {top} {500 + wide * 0.55} {top + 74}"
    )
    canvas.fill(lean(tip), down(lighter(hair, 0.5), hair))
    canvas.fill(
        lean(
            path(
                f"M{500 - wide * 0.55} {top + 70} L{500 + wide * 0.55} {top + 70}"
                f" L510 {top + 150} L490 {top + 150}"
            )
        ),
        metal(GOLD),
    )
