"""Bottles, jars and tubes for the skin."""

from __future__ import annotations

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    GOLD,
    LIGHT,
    SHADE,
    Colour,
    Paint,
    across,
    contrast,
    darker,
    down,
    lighter,
    metal,
    mix,
    round_body,
)
from storefront.cli.demo.drawing.shapes import (
    Shape,
    arc,
    box,
    drum,
    ellipse,
    moved,
    path,
    ribbon,
    symmetric,
)

_CREAM: Colour = (250, 246, 239)
_INK: Colour = (84, 76, 78)


def label(canvas: Canvas, left: float, top: float, right: float, ink: Colour = _INK) -> None:
    """A mark and some lines where a label would have words."""
    middle, wide = (left + right) / 2, right - left
    canvas.fill(ellipse(middle, top, wide * 0.1), ink, 0.85)
    canvas.fill(ellipse(middle + wide * 0.04, top - wide * 0.03, wide * 0.085), _CREAM, 0.9)
    rows = ((0.62, 0.22), (0.4, 0.34), (0.28, 0.44))
    lines = [
        (
            (middle - wide * half / 2, top + wide * drop),
            (middle + wide * half / 2, top + wide * drop),
        )
        for half, drop in rows
    ]
    canvas.strokes(lines[:1], ink, 6, 0.8)
    canvas.strokes(lines[1:], ink, 4, 0.55)


def bottle(canvas: Canvas, shape: Shape, paint: Paint, shine: float = 0.5) -> None:
    """A round, glossy body."""
    canvas.fill(shape, paint)
    left, right = min(x for x, _ in shape), max(x for x, _ in shape)
    top, bottom = min(y for _, y in shape), max(y for _, y in shape)
    wide = right - left
    with canvas.inside(shape):
        streak = box(left + wide * 0.12, top + 20, left + wide * 0.19, bottom - 24, 8)
        canvas.soft(streak, LIGHT, shine, 6)
        canvas.soft(
            box(right - wide * 0.1, top, right - wide * 0.05, bottom), LIGHT, shine * 0.4, 6
        )
        canvas.soft(box(left, bottom - 16, right, bottom + 30), SHADE, 0.25, 12)


def dropper(canvas: Canvas, colour: Colour) -> None:
    """A glass bottle of face oil with a dropper."""
    canvas.stand(386, 622, 806, 20)
    body = symmetric(
        "M500 404 L548 404 Q560 430 600 446 Q622 460 622 500 L622 780 Q620 808 590 812 L500 816"
    )
    glass = mix(colour, (255, 236, 214), 0.2)
    bottle(canvas, body, round_body(glass), 0.7)
    with canvas.inside(body):
        canvas.soft(box(386, 440, 622, 476), LIGHT, 0.35, 10)
        canvas.stroke(((500, 400), (500, 740)), lighter(glass, 0.5), 12, 0.35)
    paper = box(404, 540, 600, 740, 6)
    canvas.fill(paper, across(darker(_CREAM, 0.1), _CREAM))
    label(canvas, 404, 590, 600, darker(colour, 0.4))
    canvas.fill(drum(440, 336, 560, 406, 16), metal(GOLD))
    rubber = symmetric("M500 176 Q540 178 544 220 L548 330 L500 336")
    canvas.fill(rubber, round_body((72, 68, 74)))
    canvas.soft(ribbon(((474, 200), (470, 320)), 8, 10), LIGHT, 0.4, 5)


def cream_jar(canvas: Canvas, colour: Colour) -> None:
    """A low jar of cream, its lid leaning beside it."""
    canvas.stand(300, 700, 806, 26)
    body = drum(304, 560, 696, 770, 76)
    bottle(canvas, body, round_body(colour), 0.6)
    canvas.fill(ellipse(500, 560, 196, 40), darker(colour, 0.2))
    canvas.fill(ellipse(500, 556, 176, 33), _CREAM)
    canvas.fill(
        path(
            "M350 556 C400 520 450 560 500 530 C560 500 600 560 650 552 Q600 590 500 590"
            " Q390 590 350 556"
        ),
        down((255, 255, 253), darker(_CREAM, 0.1)),
    )
    label(canvas, 400, 646, 600, darker(colour, 0.55))
    lid = drum(400, 392, 720, 452, 70)
    tilted = tuple((x * 0.98 + 60, y + (x - 560) * -0.32) for x, y in lid)
    canvas.soft(moved(tilted, 6, 26), SHADE, 0.28, 14)
    canvas.fill(tilted, metal(GOLD))
    top = tuple((x * 0.98 + 60, y + (x - 560) * -0.32) for x, y in ellipse(560, 392, 160, 35))
    canvas.fill(top, down(lighter(GOLD, 0.5), darker(GOLD, 0.05)))


def tube(canvas: Canvas, colour: Colour) -> None:
    """A squeeze tube standing on its cap."""
    canvas.stand(404, 600, 806, 18)
    body = symmetric("M500 180 L632 180 L632 214 Q624 500 600 690 L500 696")
    bottle(canvas, body, round_body(lighter(colour, 0.15)), 0.55)
    canvas.fill(box(368, 176, 632, 216, 4), across(lighter(colour, 0.3), darker(colour, 0.2)))
    teeth = [((x, 182), (x, 210)) for x in range(378, 630, 12)]
    canvas.strokes(teeth, darker(colour, 0.35), 2.6, 0.6)
    canvas.fill(drum(404, 690, 596, 800, 20), round_body(_CREAM))
    ribs = [((x, 704), (x, 800)) for x in range(416, 594, 16)]
    canvas.strokes(ribs, darker(_CREAM, 0.3), 2.4, 0.5)
    label(canvas, 404, 350, 596, contrast(colour, 0.6))
    with canvas.inside(body):
        wave = path("M360 560 Q430 520 500 560 Q570 600 640 560 L640 700 L360 700")
        canvas.fill(wave, lighter(colour, 0.55), 0.6)


def pump_bottle(canvas: Canvas, colour: Colour) -> None:
    """A large bottle with a pump."""
    canvas.stand(352, 650, 806, 22)
    body = drum(352, 402, 648, 790, 40)
    bottle(canvas, body, round_body(colour), 0.55)
    shoulder = symmetric("M500 356 L560 360 Q640 370 648 410 L500 424")
    canvas.fill(shoulder, round_body(lighter(colour, 0.1)))
    white = (244, 240, 233)
    canvas.fill(drum(444, 310, 556, 366, 16), round_body(white))
    canvas.fill(box(486, 226, 514, 316), round_body(white))
    spout = path(
        "M440 190 Q450 174 480 174 L552 174 Q566 176 566 196 L566 226 L470 228 L366 226"
        " Q352 224 352 244 L352 262 L332 262 L330 226 Q334 200 372 198 Z"
    )
    canvas.fill(spout, down((255, 253, 248), darker(white, 0.2)))
    paper = box(392, 500, 608, 744, 10)
    canvas.fill(paper, across(darker(_CREAM, 0.1), _CREAM))
    label(canvas, 400, 560, 600, darker(colour, 0.5))
    canvas.fill(box(420, 690, 580, 700, 5), colour)


def toner(canvas: Canvas, colour: Colour) -> None:
    """A clear bottle of golden water."""
    canvas.stand(376, 628, 806, 20)
    body = symmetric(
        "M500 330 L540 332 Q552 372 602 392 Q626 404 626 440 L626 776 Q622 808 588 812 L500 816"
    )
    pale = mix(LIGHT, colour, 0.25)
    bottle(canvas, body, round_body(pale), 0.7)
    with canvas.inside(body):
        water = path("M370 470 Q500 484 630 470 L630 830 L370 830")
        canvas.fill(water, round_body(colour), 0.72)
        canvas.fill(ellipse(500, 472, 124, 10), lighter(colour, 0.4), 0.8)
        for x, y in ((450, 700), (560, 640), (520, 744), (430, 620), (574, 730)):
            canvas.fill(ellipse(x, y, 13, 8), (246, 190, 92), 0.9)
            canvas.fill(ellipse(x + 10, y + 8, 10, 7), (250, 214, 130), 0.9)
        canvas.soft(box(396, 410, 412, 790, 6), LIGHT, 0.8, 4)
    label(canvas, 400, 560, 600, darker(colour, 0.6))
    canvas.fill(drum(450, 226, 550, 336, 20), round_body((226, 200, 160)))
    canvas.fill(ellipse(500, 226, 50, 10), (240, 220, 188))


def sunscreen(canvas: Canvas, colour: Colour) -> None:
    """A flat bottle with a sun on it."""
    canvas.stand(368, 636, 806, 20)
    body = symmetric("M500 340 Q630 340 634 460 L626 770 Q620 806 580 808 L500 810")
    bottle(canvas, body, across(lighter((250, 246, 238), 0.1), darker((250, 240, 226), 0.14)), 0.6)
    with canvas.inside(body):
        canvas.fill(path("M360 640 Q430 600 500 640 Q570 680 640 640 L640 830 L360 830"), colour)
        canvas.fill(
            path("M360 700 Q430 660 500 700 Q570 740 640 700 L640 830 L360 830"),
            darker(colour, 0.08),
        )
        canvas.fill(ellipse(500, 500, 58), down(lighter(colour, 0.2), darker(colour, 0.03)))
        rays = [
            arc(500, 500, 84 + 14 * ring, 84 + 14 * ring, start, start + 16)
            for ring in range(2)
            for start in range(0, 360, 45)
        ]
        canvas.strokes(rays, colour, 7, 0.85)
        canvas.soft(box(388, 380, 404, 780, 6), LIGHT, 0.7, 6)
    canvas.fill(drum(430, 236, 570, 346, 22), round_body(colour))
    canvas.fill(ellipse(500, 236, 70, 11), lighter(colour, 0.35))


def mask_box(canvas: Canvas, colour: Colour) -> None:
    """A box of sheet masks with one sachet in front."""
    canvas.stand(280, 740, 806, 22)
    side = path("M620 300 L690 270 L690 770 L620 806")
    canvas.fill(side, across(darker(colour, 0.2), darker(colour, 0.32)))
    canvas.fill(path("M280 300 L350 270 L690 270 L620 300"), lighter(colour, 0.35))
    front = box(280, 300, 620, 806)
    canvas.fill(front, down(lighter(colour, 0.14), darker(colour, 0.06)))
    canvas.fill(box(304, 324, 596, 782, 4), _CREAM, 0.92)
    leaf = path("M450 520 C400 470 400 410 450 370 C500 410 500 470 450 520")
    for shape in (leaf, moved(leaf, 0, 0)):
        canvas.fill(shape, down(lighter(colour, 0.1), darker(colour, 0.15)))
    canvas.stroke(((450, 400), (450, 560)), darker(colour, 0.35), 4)
    canvas.strokes(
        [((370, 610), (530, 610)), ((396, 640), (504, 640)), ((410, 664), (490, 664))], _INK, 5, 0.6
    )
    sachet = path("M524 452 L762 480 L734 824 L496 798")
    canvas.soft(moved(sachet, 8, 14), SHADE, 0.35, 14)
    canvas.fill(sachet, across(lighter(colour, 0.4), colour))
    with canvas.inside(sachet):
        canvas.soft(path("M540 440 L600 440 L560 830 L500 830"), LIGHT, 0.4, 12)
        canvas.strokes(
            [((520, 470), (764, 498)), ((522, 484), (762, 511))], darker(colour, 0.3), 2.6, 0.5
        )
    face = path(
        "M628 560 C690 560 700 620 688 680 C678 730 650 756 618 754 C584 750 566 716 566 660"
        " C564 600 580 556 628 560"
    )
    canvas.fill(face, _CREAM)
    for x, y in ((600, 634), (656, 640)):
        canvas.fill(ellipse(x, y, 17, 10), darker(colour, 0.12))
    canvas.fill(ellipse(624, 712, 20, 8), darker(colour, 0.12))
    canvas.stroke(path("M628 650 Q636 676 624 682"), darker(colour, 0.2), 4, 0.7)
