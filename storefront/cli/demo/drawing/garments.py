"""Coats and jackets on a hanger."""

from __future__ import annotations

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
    luminance,
    mix,
)
from storefront.cli.demo.drawing.shapes import (
    arc,
    box,
    ellipse,
    mirrored,
    moved,
    path,
    ribbon,
    symmetric,
    turned,
)
from storefront.cli.demo.drawing.tailoring import (
    Cut,
    button,
    cloth,
    hanger,
    hem_band,
    inside_neck,
    lapels,
    pocket_flap,
    seam,
)


def _dark_button(colour: Colour) -> Colour:
    return mix(colour, (60, 40, 30), 0.7) if luminance(colour) > 0.3 else lighter(colour, 0.35)


def trench(canvas: Canvas, colour: Colour) -> None:
    """A double-breasted trench coat with a tied belt."""
    hanger(canvas, 118)
    cut = Cut(160, 58, (648, 214), (610, 500), (690, 868), (752, 610), (98, 78), 40)
    cloth(canvas, cut, colour)
    for shape in (cut.wrist(34), mirrored(cut.wrist(34))):
        canvas.fill(shape, down(lighter(colour, 0.05), darker(colour, 0.12)))
        canvas.outline(shape, contrast(colour), 2.4, 0.6)
    seam(canvas, ((452, 470), (450, 880)), colour, 3.4)
    lapels(canvas, cut, colour, 420, 112)
    flap = path("M610 240 Q650 300 644 350 Q600 372 560 356 Q582 300 574 246")
    canvas.outline(flap, contrast(colour), 2.4, 0.4)
    for y in (400, 455, 590, 660):
        button(canvas, 440, y, _dark_button(colour))
        button(canvas, 540, y, _dark_button(colour))
    pocket_flap(canvas, 556, 610, colour, 84)
    belt = symmetric("M500 490 Q570 492 616 484 L618 530 Q570 540 500 538")
    canvas.soft(moved(belt, 2, 12), SHADE, 0.35, 8)
    canvas.fill(belt, down(lighter(colour, 0.08), darker(colour, 0.14)))
    canvas.outline(belt, contrast(colour), 2.4, 0.6)
    for tail in (
        path("M500 520 L560 660 L526 676 L480 530"),
        path("M490 520 L452 690 L420 680 L466 520"),
    ):
        canvas.soft(moved(tail, 6, 8), SHADE, 0.3, 6)
        canvas.fill(tail, down(lighter(colour, 0.05), darker(colour, 0.08)))
        canvas.outline(tail, contrast(colour), 2.2, 0.5)
    canvas.fill(box(466, 480, 520, 546, 14), down(lighter(colour, 0.16), darker(colour, 0.14)))
    canvas.outline(box(466, 480, 520, 546, 14), contrast(colour), 2.4, 0.6)


def long_coat(canvas: Canvas, colour: Colour) -> None:
    """A long single-breasted wool coat."""
    hanger(canvas, 108)
    cut = Cut(150, 56, (644, 204), (628, 500), (660, 890), (738, 606), (98, 80), 40)
    cloth(canvas, cut, colour)
    seam(canvas, path("M500 430 Q494 650 496 904"), colour, 3.6)
    lapels(canvas, cut, colour, 430, 118)
    for y in (470, 560, 650):
        button(canvas, 478, y, _dark_button(colour), 13)
    pocket_flap(canvas, 560, 600, colour, 84)


def puffer(canvas: Canvas, colour: Colour) -> None:
    """A short down jacket, quilted across."""
    hanger(canvas, 190)
    cut = Cut(240, 70, (676, 300), (676, 520), (660, 770), (792, 660), (124, 96), 30)
    cloth(canvas, cut, colour)
    arm = cut.arm()
    for shape, tilt in ((cut.body(), 0.0), (arm, -34.0), (mirrored(arm), 34.0)):
        with canvas.inside(shape):
            middle = 500 if not tilt else sum(x for x, _ in shape) / len(shape)
            for y in range(290, 800, 62):
                line = arc(middle, y, 250 if not tilt else 130, 16, 0, 180)
                line = turned(line, tilt, middle, y) if tilt else line
                canvas.soft(ribbon(moved(line, 0, 10), 22, 22), darker(colour, 0.55), 0.4, 8)
                canvas.soft(ribbon(moved(line, 0, -26), 16, 16), LIGHT, 0.28, 9)
                canvas.stroke(line, darker(colour, 0.45), 3, 0.8)
    collar = symmetric("M500 178 Q556 180 582 206 L590 292 Q560 312 500 314")
    canvas.fill(collar, across(lighter(colour, 0.14), darker(colour, 0.2)))
    canvas.stroke(path("M412 250 Q500 272 588 250"), darker(colour, 0.4), 3, 0.7)
    canvas.stroke(((500, 186), (500, 780)), darker(colour, 0.5), 10)
    canvas.stroke(((500, 186), (500, 780)), lighter(STEEL, 0.2), 4)
    canvas.fill(box(494, 300, 507, 334, 5), STEEL)
    for shape in (cut.wrist(26), mirrored(cut.wrist(26)), hem_band(cut, 26)):
        canvas.fill(shape, darker(colour, 0.22))


def gilet(canvas: Canvas, colour: Colour) -> None:
    """A vest quilted in diamonds."""
    hanger(canvas, 150)
    body = symmetric(
        "M500 262 Q548 250 572 200 Q620 222 664 236 Q628 300 640 380 Q648 430 684 452"
        " L678 800 Q600 818 500 818"
    )
    canvas.hang(body)
    canvas.fill(symmetric("M500 214 Q540 210 572 200 Q560 262 500 276"), darker(colour, 0.5))
    canvas.fill(body, across(lighter(colour, 0.12), darker(colour, 0.16)))
    with canvas.inside(body):
        offsets = range(-400, 720, 74)
        falling = [((offset, 180.0), (offset + 680, 860.0)) for offset in offsets]
        rising = [((offset, 860.0), (offset + 680, 180.0)) for offset in offsets]
        canvas.strokes([*falling, *rising], darker(colour, 0.42), 2.6, 0.6)
        canvas.strokes([moved(line, 4, 0) for line in falling], lighter(colour, 0.4), 2, 0.35)
        canvas.soft(box(640, 300, 720, 840), darker(colour, 0.5), 0.4, 20)
        canvas.soft(ribbon(((392, 260), (380, 800)), 50, 40), LIGHT, 0.16, 20)
    canvas.outline(body, darker(colour, 0.35), 9)
    canvas.stroke(((500, 262), (500, 816)), darker(colour, 0.45), 7)
    for y in range(320, 800, 92):
        button(canvas, 500, y, GOLD, 11)
    for shape in (
        path("M560 610 L640 590 L642 612 L562 632"),
        path("M440 610 L360 590 L358 612 L438 632"),
    ):
        canvas.fill(shape, darker(colour, 0.35))


def denim_jacket(canvas: Canvas, colour: Colour) -> None:
    """A denim jacket with yellow stitches and metal buttons."""
    hanger(canvas, 172)
    thread = (222, 168, 92)
    cut = Cut(222, 62, (668, 282), (650, 520), (640, 752), (770, 668), (108, 76), 40)
    cloth(canvas, cut, colour)
    with canvas.inside(cut.body()):
        for x in (400, 590):
            canvas.soft(ellipse(x, 520, 44, 190), lighter(colour, 0.6), 0.3, 30)
    for line in (
        path("M340 388 Q420 402 486 396"),
        path("M452 400 L446 700"),
        path("M392 404 L424 700"),
    ):
        for side in (line, mirrored(line)):
            canvas.stroke(side, darker(colour, 0.3), 4, 0.8)
            canvas.stroke(moved(side, 3, 3), thread, 2, 0.9)
    flap = path("M536 384 L630 378 L630 412 L584 432 L536 414")
    for shape in (flap, mirrored(flap)):
        canvas.soft(moved(shape, 2, 6), SHADE, 0.3, 5)
        canvas.fill(shape, down(lighter(colour, 0.12), darker(colour, 0.05)))
        canvas.outline(shape, thread, 2, 0.9)
        x = sum(x for x, _ in shape) / len(shape)
        button(canvas, x, 412, GOLD, 6)
    band = hem_band(cut, 46)
    canvas.fill(band, across(lighter(colour, 0.08), darker(colour, 0.2)))
    canvas.outline(band, thread, 2, 0.8)
    for shape in (cut.wrist(44), mirrored(cut.wrist(44))):
        canvas.fill(shape, darker(colour, 0.14))
        canvas.outline(shape, thread, 2, 0.8)
    inside_neck(canvas, cut, colour, 42)
    canvas.fill(box(482, 262, 518, 764), across(lighter(colour, 0.1), darker(colour, 0.1)))
    canvas.stroke(((484, 268), (484, 762)), thread, 2, 0.8)
    canvas.stroke(((516, 268), (516, 762)), thread, 2, 0.8)
    for y in (300, 372, 448, 524, 600, 676, 738):
        button(canvas, 500, y, GOLD, 8)
    collar = path("M566 206 L612 236 L598 318 L506 272 Q552 256 566 206")
    for shape in (collar, mirrored(collar)):
        canvas.soft(moved(shape, 2, 8), SHADE, 0.3, 6)
        canvas.fill(shape, down(lighter(colour, 0.18), darker(colour, 0.02)))
        canvas.outline(shape, thread, 2, 0.8)


def blazer(canvas: Canvas, colour: Colour) -> None:
    """A relaxed one-button blazer."""
    hanger(canvas, 140)
    cut = Cut(188, 56, (668, 246), (628, 530), (676, 800), (762, 690), (106, 84), 40)
    cloth(canvas, cut, colour)
    with canvas.inside(cut.body()):
        gap = path("M500 700 Q504 770 522 818 L478 818 Q496 770 500 700")
        canvas.fill(gap, darker(colour, 0.4), 0.5)
        seam(canvas, path("M500 560 Q500 700 520 812"), colour, 3.6)
    lapels(canvas, cut, colour, 560, 124)
    button(canvas, 492, 580, _dark_button(colour), 13)
    pocket_flap(canvas, 546, 640, colour, 100)
    canvas.fill(path("M574 400 L636 388 L638 406 L576 418"), contrast(colour, 0.28), 0.7)
    for shape in (1, -1):
        for y in (646, 664, 682):
            x = 500 + shape * (694 - 500 + (y - 646) * 0.25)
            button(canvas, x, y - 6, _dark_button(colour), 6)


def raincoat(canvas: Canvas, colour: Colour) -> None:
    """A hooded rain jacket with a covered zip."""
    hanger(canvas, 130, 60)
    cut = Cut(262, 74, (672, 318), (668, 560), (690, 826), (790, 690), (118, 92), 24)
    hood = symmetric("M500 128 Q592 132 616 226 Q622 268 590 306 L500 318")
    canvas.hang(hood)
    canvas.fill(hood, across(lighter(colour, 0.1), darker(colour, 0.2)))
    cloth(canvas, cut, colour)
    canvas.fill(symmetric("M500 158 Q560 166 574 240 Q572 296 500 330"), darker(colour, 0.5))
    canvas.outline(
        symmetric("M500 158 Q560 166 574 240 Q572 296 500 330"), lighter(colour, 0.14), 9
    )
    flap = box(474, 322, 526, 838, 6)
    canvas.soft(moved(flap, 5, 4), SHADE, 0.3, 6)
    canvas.fill(flap, across(lighter(colour, 0.1), darker(colour, 0.06)))
    for y in (364, 470, 576, 682, 788):
        button(canvas, 500, y, lighter(STEEL, 0.2), 9)
    seam(canvas, path("M332 424 Q420 448 474 446"), colour)
    seam(canvas, mirrored(path("M332 424 Q420 448 474 446")), colour)
    pocket_flap(canvas, 556, 630, colour, 100)
    for shape in (cut.wrist(30), mirrored(cut.wrist(30))):
        canvas.fill(shape, darker(colour, 0.16))
    for x in (452, 548):
        canvas.stroke(path(f"M{x} 322 Q{x + (x - 500) / 6:.0f} 380 {x} 420"), LIGHT, 5)
        canvas.fill(ellipse(x, 424, 7, 9), darker(STEEL, 0.2))
