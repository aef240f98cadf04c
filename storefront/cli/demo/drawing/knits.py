"""Shirts, sweaters and other things worn under a coat."""

from __future__ import annotations

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    LIGHT,
    SHADE,
    Colour,
    across,
    contrast,
    darker,
    down,
    lighter,
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
)
from storefront.cli.demo.drawing.tailoring import (
    Cut,
    button,
    cloth,
    hanger,
    hem_band,
    inside_neck,
    neckline,
    pocket_flap,
    ribs,
    seam,
)

_SHELL: Colour = (240, 232, 220)
_SHORT = Cut(228, 74, (672, 290), (656, 540), (660, 800), (790, 452), (158, 104), 48)
_LONG = Cut(228, 72, (668, 288), (648, 540), (650, 790), (770, 690), (112, 74), 46)


def tee(canvas: Canvas, colour: Colour) -> None:
    """A plain T-shirt."""
    hanger(canvas, 178)
    inside_neck(canvas, _SHORT, colour, 50)
    cloth(canvas, _SHORT, colour)
    neckline(canvas, _SHORT, colour, 17)
    hem = ((350, 784), (430, 795), (500, 797), (570, 795), (650, 784))
    seam(canvas, hem, colour, 2.4, 0.5)
    for shape in (_SHORT.wrist(16), mirrored(_SHORT.wrist(16))):
        canvas.outline(shape, contrast(colour), 2, 0.35)


def striped_top(canvas: Canvas, colour: Colour) -> None:
    """A white boat-neck top with stripes of the colour."""
    ground = (244, 240, 231)
    cut = Cut(232, 104, (668, 286), (650, 540), (652, 780), (770, 680), (112, 74), 26)
    hanger(canvas, 180)
    inside_neck(canvas, cut, ground, 30)
    cloth(canvas, cut, ground)
    with canvas.inside(cut.body()):
        stripes = [arc(500, y, 240, 12, 0, 180) for y in range(348, 770, 42)]
        canvas.strokes(stripes, colour, 15, 0.94)
    arm = cut.arm()
    for shape, lean in ((arm, 1), (mirrored(arm), -1)):
        with canvas.inside(shape):
            stripes = [
                (
                    (500 + lean * (120 + drop), 346 + drop * 3),
                    (500 + lean * (280 + drop), 300 + drop * 3),
                )
                for drop in range(0, 110, 14)
            ]
            canvas.strokes(stripes, colour, 15, 0.94)
    neckline(canvas, cut, ground, 13)


def _collar(canvas: Canvas, colour: Colour, top: float, spread: float = 98) -> None:
    leaf = path(
        f"M562 {top - 8} Q590 {top + 6} {500 + spread} {top + 46} L{500 + spread - 22} {top + 104}"
        f" L503 {top + 52} Q548 {top + 40} 562 {top - 8}"
    )
    for shape in (leaf, mirrored(leaf)):
        canvas.soft(moved(shape, 2, 8), SHADE, 0.28, 6)
        canvas.fill(shape, down(lighter(colour, 0.22), darker(colour, 0.03)))
        canvas.outline(shape, contrast(colour), 2.2, 0.5)


def shirt(canvas: Canvas, colour: Colour) -> None:
    """An Oxford shirt with a breast pocket."""
    cut = Cut(220, 62, (664, 280), (646, 540), (656, 806), (764, 706), (108, 70), 42)
    hanger(canvas, 168)
    cloth(canvas, cut, colour)
    inside_neck(canvas, cut, colour, 44)
    canvas.fill(box(482, 262, 518, 820), across(lighter(colour, 0.15), darker(colour, 0.06)))
    seam(canvas, ((483, 268), (483, 818)), colour, 2, 0.5)
    seam(canvas, ((517, 268), (517, 818)), colour, 2, 0.5)
    for y in range(312, 800, 78):
        button(canvas, 500, y, _SHELL, 7.5)
    pocket = path("M550 392 L622 390 L622 462 L586 480 L550 464")
    canvas.outline(pocket, contrast(colour), 2.6, 0.55)
    seam(canvas, ((550, 406), (622, 404)), colour, 2, 0.5)
    for shape in (cut.wrist(46), mirrored(cut.wrist(46))):
        canvas.fill(shape, down(lighter(colour, 0.1), darker(colour, 0.1)))
        canvas.outline(shape, contrast(colour), 2.2, 0.5)
    _collar(canvas, colour, 222)
    for x in (428, 572):
        button(canvas, x, 312, _SHELL, 5)


def polo(canvas: Canvas, colour: Colour) -> None:
    """A short-sleeved polo shirt."""
    hanger(canvas, 178)
    cloth(canvas, _SHORT, colour)
    inside_neck(canvas, _SHORT, colour, 46)
    canvas.fill(box(482, 268, 518, 408, 4), across(lighter(colour, 0.14), darker(colour, 0.06)))
    canvas.outline(box(482, 268, 518, 408, 4), contrast(colour), 2, 0.5)
    for y in (308, 348, 386):
        button(canvas, 500, y, _SHELL, 7)
    for shape in (_SHORT.wrist(20), mirrored(_SHORT.wrist(20))):
        ribs(canvas, shape, colour, 4)
    _collar(canvas, colour, 230, 106)


def _knitted(canvas: Canvas, cut: Cut, colour: Colour) -> None:
    """Fine rows of stitches over the trunk, and ribbed hem and cuffs."""
    with canvas.inside(cut.body()):
        rows = [((x, 280), (x, 800)) for x in range(336, 680, 13)]
        canvas.strokes(rows, darker(colour, 0.4), 2, 0.2)
    ribs(canvas, hem_band(cut, 52), colour)
    for shape in (cut.wrist(50), mirrored(cut.wrist(50))):
        ribs(canvas, shape, colour, 10)


def sweater(canvas: Canvas, colour: Colour) -> None:
    """A crew-neck sweater with one cable in the middle."""
    hanger(canvas, 178)
    inside_neck(canvas, _LONG, colour, 48)
    cloth(canvas, _LONG, colour)
    _knitted(canvas, _LONG, colour)
    for x in (424, 500, 576):
        twists = [
            path(f"M{x - 17} {y} C{x - 17} {y + 28} {x + 17} {y + 28} {x + 17} {y + 56}")
            for y in range(330, 716, 56)
        ]
        canvas.strokes([mirrored(twist, x) for twist in twists], darker(colour, 0.24), 13, 0.8)
        canvas.strokes(twists, darker(colour, 0.3), 15, 0.8)
        canvas.strokes(twists, lighter(colour, 0.16), 10)
    neckline(canvas, _LONG, colour, 24)


def rollneck(canvas: Canvas, colour: Colour) -> None:
    """A fine roll-neck."""
    cut = Cut(232, 66, (664, 290), (642, 540), (644, 790), (764, 690), (110, 72), 40)
    hanger(canvas, 140, 50)
    cloth(canvas, cut, colour)
    _knitted(canvas, cut, colour)
    neck = symmetric("M500 176 Q560 176 566 196 L572 262 Q556 288 500 290")
    canvas.soft(moved(neck, 4, 10), SHADE, 0.3, 8)
    ribs(canvas, neck, colour)
    canvas.fill(ellipse(500, 188, 60, 13), darker(colour, 0.5))
    canvas.soft(ribbon(path("M432 238 Q500 262 568 238"), 12, 12), darker(colour, 0.6), 0.35, 5)


def cardigan(canvas: Canvas, colour: Colour) -> None:
    """A V-neck cardigan with shell buttons."""
    hanger(canvas, 178)
    cut = Cut(228, 68, (666, 288), (650, 540), (652, 790), (768, 690), (112, 74), 50)
    cloth(canvas, cut, colour)
    _knitted(canvas, cut, colour)
    inside_neck(canvas, cut, colour, 50)
    canvas.fill(symmetric("M500 240 L562 230 Q548 360 500 470"), darker(colour, 0.42))
    edge = path("M570 222 Q558 370 500 486 L500 804")
    canvas.stroke(mirrored(edge), darker(colour, 0.24), 28)
    canvas.stroke(edge, darker(colour, 0.3), 30)
    canvas.stroke(mirrored(edge), lighter(colour, 0.03), 22)
    canvas.stroke(edge, lighter(colour, 0.1), 24)
    for y in range(510, 790, 66):
        button(canvas, 500, y, _SHELL, 11)
    for shape in (box(550, 612, 630, 704, 6), mirrored(box(550, 612, 630, 704, 6))):
        canvas.outline(shape, darker(colour, 0.35), 3, 0.6)


def hoodie(canvas: Canvas, colour: Colour) -> None:
    """A hooded sweatshirt with a kangaroo pocket."""
    hanger(canvas, 120, 60)
    cut = Cut(250, 84, (672, 306), (660, 540), (650, 800), (784, 700), (122, 78), 30)
    hood = symmetric("M500 126 Q604 130 626 238 Q628 286 580 322 L500 336")
    canvas.hang(hood)
    canvas.fill(hood, across(lighter(colour, 0.1), darker(colour, 0.18)))
    cloth(canvas, cut, colour)
    ribs(canvas, hem_band(cut, 46), colour)
    for shape in (cut.wrist(46), mirrored(cut.wrist(46))):
        ribs(canvas, shape, colour, 10)
    opening = symmetric("M500 168 Q574 176 584 250 Q570 318 500 346")
    canvas.fill(opening, down(darker(colour, 0.55), darker(colour, 0.35)))
    canvas.outline(opening, lighter(colour, 0.1), 13)
    canvas.outline(opening, contrast(colour), 2, 0.4)
    pocket = symmetric("M500 584 L578 584 L626 668 L626 738 Q560 744 500 744")
    canvas.soft(moved(pocket, 2, 6), SHADE, 0.25, 7)
    canvas.fill(pocket, down(lighter(colour, 0.07), darker(colour, 0.04)))
    canvas.outline(pocket, contrast(colour), 2.6, 0.5)
    for x in (450, 550):
        canvas.stroke(
            path(f"M{x} 332 Q{x + (x - 500) / 5:.0f} 400 {x} 456"), mix(LIGHT, colour, 0.1), 7
        )
        canvas.fill(box(x - 5, 452, x + 5, 474, 3), (176, 170, 160))


def bathrobe(canvas: Canvas, colour: Colour) -> None:
    """A waffle bathrobe, tied."""
    hanger(canvas, 108)
    cut = Cut(150, 62, (652, 208), (630, 500), (672, 890), (770, 590), (118, 104), 40)
    cloth(canvas, cut, colour)
    with canvas.inside(cut.body()):
        grid = [((x, 180), (x, 910)) for x in range(330, 690, 17)]
        grid += [((320, y), (690, y)) for y in range(180, 910, 17)]
        canvas.strokes(grid, darker(colour, 0.4), 1.8, 0.3)
    for shape in (cut.wrist(48), mirrored(cut.wrist(48))):
        canvas.fill(shape, down(lighter(colour, 0.2), darker(colour, 0.1)))
        canvas.outline(shape, contrast(colour), 2, 0.4)
    inside_neck(canvas, cut, colour, 60)
    canvas.fill(symmetric("M500 172 L562 152 L500 500"), darker(colour, 0.35))
    right = path(
        "M556 142 Q604 160 610 210 Q584 380 470 540 L470 900 L506 904 L506 560 Q560 460 540 150"
    )
    left = path("M444 142 Q396 160 390 210 Q416 380 512 540 L548 500 Q464 400 456 150")
    for shape in (left, right):
        canvas.soft(moved(shape, 4, 6), SHADE, 0.25, 6)
        canvas.fill(shape, down(lighter(colour, 0.3), darker(colour, 0.02)))
        canvas.outline(shape, contrast(colour), 2, 0.4)
    belt = symmetric("M500 506 Q580 508 634 500 L634 540 Q580 552 500 550")
    canvas.soft(moved(belt, 2, 10), SHADE, 0.3, 7)
    canvas.fill(belt, down(lighter(colour, 0.2), darker(colour, 0.12)))
    for tail in (
        path("M500 530 L548 690 L514 700 L478 540"),
        path("M492 530 L448 720 L416 708 L466 530"),
    ):
        canvas.soft(moved(tail, 4, 6), SHADE, 0.25, 6)
        canvas.fill(tail, down(lighter(colour, 0.16), darker(colour, 0.1)))
    canvas.fill(box(468, 496, 522, 558, 18), down(lighter(colour, 0.28), darker(colour, 0.12)))
    pocket_flap(canvas, 560, 620, colour, 88)
