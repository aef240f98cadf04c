"""Watches, glasses, hats and other small things to wear."""

from __future__ import annotations

import math

from storefront.cli.demo.drawing.bags import stitches
from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    GOLD,
    LIGHT,
    SHADE,
    STEEL,
    Colour,
    across,
    contrast,
    darker,
    down,
    lighter,
    metal,
    mix,
)
from storefront.cli.demo.drawing.shapes import (
    Shape,
    arc,
    box,
    ellipse,
    mirrored,
    moved,
    path,
    ribbon,
    scattered,
    symmetric,
    turned,
)

_DIAL: Colour = (248, 245, 238)


def watch(canvas: Canvas, colour: Colour) -> None:
    """A round watch on a leather strap, seen from the front."""
    upper = symmetric("M500 96 L556 100 L576 320 L500 330")
    lower = symmetric("M500 670 L576 680 L552 900 Q540 924 500 926")
    canvas.hang(upper, lower, ellipse(500, 500, 214))
    for band in (upper, lower):
        canvas.fill(band, across(lighter(colour, 0.16), darker(colour, 0.2)))
    for x in (456, 544):
        lean = 8 if x > 500 else -8
        stitches(canvas, ((x - lean, 112), (x + lean, 318)), lighter(colour, 0.5))
        stitches(canvas, ((x + lean, 684), (x - lean, 890)), lighter(colour, 0.5))
    for y in (760, 800, 840):
        canvas.fill(ellipse(500, y, 8, 10), darker(colour, 0.55))
    canvas.fill(box(700, 474, 738, 526, 8), metal(STEEL))
    for shape in (box(430, 286, 570, 330, 10), box(430, 670, 570, 714, 10)):
        canvas.fill(shape, metal(STEEL))
    canvas.fill(ellipse(500, 500, 208), down(lighter(STEEL, 0.7), darker(STEEL, 0.3)))
    canvas.fill(ellipse(500, 500, 190), down(darker(STEEL, 0.4), lighter(STEEL, 0.5)))
    canvas.fill(ellipse(500, 500, 180), down(_DIAL, darker(_DIAL, 0.08)))
    canvas.soft(ellipse(500, 334, 140, 16), SHADE, 0.18, 14)
    for hour in range(12):
        angle = math.radians(hour * 30)
        x, y = math.sin(angle), -math.cos(angle)
        near = 138 if hour % 3 else 126
        mark = ((500 + near * x, 500 + near * y), (500 + 160 * x, 500 + 160 * y))
        canvas.stroke(mark, (64, 60, 66), 4 if hour % 3 else 8)
    for line, width in ((((500, 514), (414, 446)), 11), (((492, 512), (592, 392)), 8)):
        canvas.stroke(moved(line, 3, 6), SHADE, width, 0.25)
        canvas.stroke(line, (52, 50, 58), width)
    canvas.stroke(((500, 540), (500, 366)), (190, 82, 62), 3)
    canvas.fill(ellipse(500, 500, 10), (52, 50, 58))
    with canvas.inside(ellipse(500, 500, 180)):
        canvas.soft(turned(box(380, 300, 430, 720), 30), LIGHT, 0.4, 16)


def sunglasses(canvas: Canvas, colour: Colour) -> None:
    """Sunglasses, open, seen from the front."""
    for arm in (
        path("M176 424 Q150 420 156 470 L250 640"),
        mirrored(path("M176 424 Q150 420 156 470 L250 640")),
    ):
        canvas.stroke(moved(arm, 14, 30), SHADE, 22, 0.12)
        canvas.stroke(arm, darker(colour, 0.25), 21)
    rim = path(
        "M172 424 Q176 396 220 396 L424 402 Q462 406 462 446 C460 560 404 628 318 628"
        " C226 628 184 560 178 470"
    )
    lens_colour = mix(darker(colour, 0.45), (60, 62, 72), 0.4)
    canvas.hang(rim, mirrored(rim))
    bridge = path("M448 432 Q500 398 552 432 L552 462 Q500 430 448 462")
    canvas.fill(bridge, down(lighter(colour, 0.2), darker(colour, 0.2)))
    for shape, lean in ((rim, 0), (mirrored(rim), 0)):
        canvas.fill(shape, down(lighter(colour, 0.22), darker(colour, 0.18)))
        middle = sum(x for x, _ in shape) / len(shape)
        with canvas.inside(shape):
            for x, y in scattered(26, middle - 150, 390, middle + 150, 640):
                spot = turned(ellipse(x, y, 26, 10), x * 3, x, y)
                canvas.fill(spot, darker(colour, 0.55), 0.28)
        lens = tuple((middle + (x - middle) * 0.85, 510 + (y - 510) * 0.82) for x, y in shape)
        canvas.fill(lens, down(darker(lens_colour, 0.25), lighter(lens_colour, 0.28)))
        with canvas.inside(lens):
            canvas.soft(
                turned(box(middle - 90 + lean, 380, middle - 50, 680), 28, middle, 510),
                LIGHT,
                0.4,
                7,
            )
            canvas.soft(
                turned(box(middle - 30 + lean, 380, middle - 18, 680), 28, middle, 510),
                LIGHT,
                0.32,
                4,
            )
        canvas.outline(lens, darker(colour, 0.5), 4, 0.8)
    for x in (214, 786):
        canvas.fill(ellipse(x, 424, 9, 6), lighter(GOLD, 0.3))


def scarf(canvas: Canvas, colour: Colour) -> None:
    """A checked wool scarf, looped, with fringed ends."""
    left = path("M400 420 L540 420 L500 850 L330 838 Q380 600 400 420")
    right = path("M470 420 L610 400 Q640 620 690 800 L530 836 Q490 600 470 420")
    loop = path(
        "M300 330 C290 210 400 150 500 150 C600 150 712 210 700 330 C700 430 600 480 500 480"
        " C400 480 300 430 300 330"
    )
    canvas.hang(left, right, loop)
    for shape, lean, x, y in ((left, 5, 330, 838), (right, -11, 530, 836)):
        width = 168 if shape is left else 160
        fringe = [
            (
                (x + i * width / 14, y - 6 + (12 if lean > 0 else -36) * i / 14),
                (x + i * width / 14 - lean, y + 66 + (12 if lean > 0 else -36) * i / 14),
            )
            for i in range(15)
        ]
        canvas.strokes(fringe, darker(colour, 0.22), 7)
        _checked(canvas, shape, colour, lean)
    knot = ellipse(500, 262, 106, 66)
    _checked(canvas, loop, colour, 24)
    canvas.fill(knot, down(darker(colour, 0.66), darker(colour, 0.42)))
    with canvas.inside(knot):
        canvas.soft(ellipse(500, 210, 110, 30), SHADE, 0.5, 12)
    with canvas.inside(loop):
        canvas.soft(
            ribbon(path("M330 360 C360 440 440 460 500 460 C580 460 650 430 676 350"), 6, 40),
            darker(colour, 0.6),
            0.4,
            12,
        )
        canvas.soft(ribbon(path("M330 300 C340 230 420 180 500 178"), 20, 40), LIGHT, 0.3, 14)
    fold = path("M440 440 Q470 500 560 452 L620 560 Q520 620 420 560")
    canvas.soft(moved(fold, 0, 16), SHADE, 0.3, 12)
    _checked(canvas, fold, colour, -8)
    canvas.outline(fold, darker(colour, 0.4), 3, 0.4)


def _checked(canvas: Canvas, shape: Shape, colour: Colour, lean: float) -> None:
    canvas.fill(shape, across(lighter(colour, 0.12), darker(colour, 0.16)))
    pale = mix(LIGHT, colour, 0.18)
    with canvas.inside(shape):
        x, y = 500, 500
        bars = [
            turned(((offset, -200), (offset, 1200)), lean, x, y) for offset in range(120, 900, 74)
        ]
        rows = [
            turned(((-200, offset), (1200, offset)), lean, x, y) for offset in range(90, 960, 74)
        ]
        canvas.strokes(bars, darker(colour, 0.5), 22, 0.45)
        canvas.strokes(rows, darker(colour, 0.5), 22, 0.4)
        canvas.strokes([moved(line, 37, 0) for line in bars], pale, 4, 0.75)
        canvas.strokes([moved(line, 0, 37) for line in rows], pale, 4, 0.75)


def bucket_hat(canvas: Canvas, colour: Colour) -> None:
    """A cotton bucket hat."""
    canvas.stand(200, 800, 706, 34)
    brim = symmetric("M500 500 Q640 500 690 520 Q820 640 836 680 Q700 742 500 742")
    canvas.fill(brim, across(lighter(colour, 0.1), darker(colour, 0.22)))
    with canvas.inside(brim):
        rings = [arc(500, 560, 260 + step * 24, 130 + step * 17, 10, 170) for step in range(5)]
        canvas.strokes(rings, contrast(colour, 0.3), 2.4, 0.5)
        canvas.soft(ellipse(500, 540, 250, 70), darker(colour, 0.6), 0.5, 22)
        canvas.soft(ellipse(320, 640, 70, 40), LIGHT, 0.2, 24)
    crown = symmetric("M500 270 Q610 270 652 312 Q690 420 706 552 Q620 606 500 606")
    canvas.fill(crown, across(lighter(colour, 0.16), darker(colour, 0.2)))
    with canvas.inside(crown):
        canvas.soft(box(660, 280, 740, 620), darker(colour, 0.6), 0.4, 30)
        canvas.soft(ribbon(((390, 310), (360, 580)), 40, 50), LIGHT, 0.24, 22)
        canvas.soft(ellipse(500, 612, 210, 24), darker(colour, 0.6), 0.3, 12)
    line = contrast(colour, 0.3)
    canvas.stroke(path("M348 316 Q500 362 652 316"), line, 2.6, 0.6)
    stitches(canvas, path("M346 328 Q500 374 654 328"), line, 2.2)
    canvas.stroke(path("M500 350 L500 604"), line, 2.4, 0.4)
    for x in (420, 452):
        canvas.fill(ellipse(x, 470, 7, 6), darker(GOLD, 0.1))
        canvas.fill(ellipse(x, 470, 3, 2.6), darker(colour, 0.6))
    canvas.fill(box(560, 520, 622, 552, 4), mix(LIGHT, colour, 0.2))


def beanie(canvas: Canvas, colour: Colour) -> None:
    """A ribbed knitted hat with a turn-up."""
    canvas.stand(270, 730, 762, 30)
    crown = symmetric("M500 226 Q660 234 704 420 Q720 500 716 580 L500 590")
    canvas.fill(crown, across(lighter(colour, 0.14), darker(colour, 0.22)))
    with canvas.inside(crown):
        lines = [
            path(f"M500 226 Q{500 + step * 26} 260 {500 + step * 33} 600") for step in range(-7, 8)
        ]
        canvas.strokes(lines, darker(colour, 0.42), 6, 0.7)
        canvas.strokes([moved(line, 8, 0) for line in lines], lighter(colour, 0.3), 4, 0.5)
        canvas.soft(box(640, 260, 760, 620), darker(colour, 0.6), 0.35, 34)
        canvas.soft(ellipse(400, 380, 40, 110), LIGHT, 0.22, 26)
    cuff = symmetric("M500 556 Q640 556 724 534 Q742 640 730 734 Q640 764 500 764")
    canvas.soft(moved(cuff, 0, -14), SHADE, 0.35, 12)
    canvas.fill(cuff, across(lighter(colour, 0.18), darker(colour, 0.18)))
    with canvas.inside(cuff):
        ribs = [((500 + step * 30, 520.0), (500 + step * 30, 780.0)) for step in range(-9, 10)]
        canvas.strokes(ribs, darker(colour, 0.42), 7, 0.75)
        canvas.strokes([moved(line, 9, 0) for line in ribs], lighter(colour, 0.35), 4, 0.5)
        canvas.soft(box(660, 520, 760, 780), darker(colour, 0.6), 0.35, 30)
        canvas.soft(box(250, 740, 750, 790), darker(colour, 0.6), 0.4, 14)
    label = box(470, 630, 560, 684, 4)
    canvas.fill(label, mix(LIGHT, colour, 0.1))
    canvas.strokes([((488, 650), (542, 650)), ((496, 666), (534, 666))], darker(colour, 0.3), 4)


def belt(canvas: Canvas, colour: Colour) -> None:
    """A leather belt, rolled up, its buckle in front."""
    canvas.stand(250, 770, 716, 40)
    canvas.fill(ellipse(500, 470, 270, 118), darker(colour, 0.7))
    back = arc(500, 430, 270, 112, 180, 360) + arc(500, 560, 270, 112, 360, 180)
    canvas.fill(back, across(darker(colour, 0.3), darker(colour, 0.5)))
    for radius, drop in ((190, 0), (226, 8)):
        ring = arc(500, 440 + drop, radius, radius * 0.42, 180, 360) + arc(
            500, 566, radius, radius * 0.42, 360, 180
        )
        canvas.fill(ring, across(darker(colour, 0.2), darker(colour, 0.45)))
        canvas.stroke(
            arc(500, 440 + drop, radius, radius * 0.42, 180, 360), lighter(colour, 0.12), 6
        )
    front = arc(500, 440, 274, 118, 180, 0) + arc(500, 596, 274, 118, 0, 180)
    canvas.fill(front, across(lighter(colour, 0.06), darker(colour, 0.3)))
    with canvas.inside(front):
        canvas.soft(ellipse(390, 630, 110, 44), LIGHT, 0.3, 24)
        canvas.soft(box(690, 430, 800, 740), darker(colour, 0.6), 0.5, 26)
    canvas.stroke(arc(500, 440, 274, 118, 180, 0), lighter(colour, 0.16), 7)
    stitches(canvas, arc(500, 458, 270, 117, 176, 4), lighter(colour, 0.45))
    stitches(canvas, arc(500, 578, 270, 117, 176, 4), lighter(colour, 0.45))
    for x, y in ((600, 616), (646, 600), (688, 580)):
        canvas.fill(ellipse(x, y, 8, 11), darker(colour, 0.65))
    buckle = path(
        "M392 530 L540 544 Q560 548 560 568 L558 706 Q556 724 536 722 L394 708 Q376 704 376 686"
        " L376 548 Q378 530 392 530"
    )
    canvas.outline(moved(buckle, 4, 10), SHADE, 26, 0.3)
    canvas.outline(buckle, darker(GOLD, 0.35), 27)
    canvas.outline(moved(buckle, -2, -3), lighter(GOLD, 0.35), 13)
    canvas.stroke(((384, 618), (566, 634)), darker(GOLD, 0.3), 17)
    canvas.stroke(((384, 615), (566, 631)), lighter(GOLD, 0.3), 7)
    loop = path("M300 496 L340 516 L340 690 L300 668")
    canvas.fill(loop, across(lighter(colour, 0.1), darker(colour, 0.25)))


def pearl_earrings(canvas: Canvas, colour: Colour) -> None:
    """Two pearls under golden beads, on a card."""
    card = box(270, 190, 730, 810, 20)
    paper = (250, 246, 239)
    canvas.hang(card)
    canvas.fill(card, down(paper, darker(paper, 0.08)))
    canvas.outline(box(296, 216, 704, 784, 12), darker(GOLD, 0.05), 3, 0.6)
    canvas.fill(ellipse(500, 280, 20), GOLD, 0.85)
    canvas.fill(ellipse(508, 274, 17), paper)
    canvas.strokes([((452, 326), (548, 326)), ((470, 344), (530, 344))], darker(GOLD, 0.1), 4, 0.7)
    for x in (402, 598):
        canvas.soft(ellipse(x + 14, 590, 66, 64), SHADE, 0.3, 18)
        canvas.fill(ellipse(x, 474, 24), down(lighter(GOLD, 0.5), darker(GOLD, 0.3)))
        canvas.fill(ellipse(x - 7, 466, 7), LIGHT, 0.85)
        pearl = ellipse(x, 562, 68)
        canvas.fill(pearl, down(lighter(colour, 0.5), darker(colour, 0.16)))
        with canvas.inside(pearl):
            canvas.soft(ellipse(x + 26, 596, 44, 34), (214, 182, 190), 0.5, 20)
            canvas.soft(ellipse(x + 10, 628, 60, 20), darker(colour, 0.5), 0.4, 14)
            canvas.soft(ellipse(x + 30, 612, 26, 12), LIGHT, 0.5, 8)
            canvas.soft(ellipse(x - 24, 534, 20, 16), LIGHT, 1.0, 6)
            canvas.fill(ellipse(x - 26, 532, 11, 8), (255, 255, 255))
