"""Bedding, towels, throws and house slippers."""

from __future__ import annotations

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    LIGHT,
    SHADE,
    WOOD,
    Colour,
    across,
    contrast,
    darker,
    down,
    lighter,
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
    symmetric,
    turned,
)


def _cushion(canvas: Canvas, shape: Shape, colour: Colour) -> None:
    """A filled pillow with dents at its corners."""
    canvas.fill(shape, across(lighter(colour, 0.2), darker(colour, 0.12)))
    left, right = min(x for x, _ in shape), max(x for x, _ in shape)
    top, bottom = min(y for _, y in shape), max(y for _, y in shape)
    middle, centre = (left + right) / 2, (top + bottom) / 2
    wide, high = right - left, bottom - top
    dark = darker(colour, 0.55)
    with canvas.inside(shape):
        canvas.soft(box(left, bottom - high * 0.16, right, bottom + 40), dark, 0.3, 24)
        canvas.soft(
            ellipse(middle - wide * 0.1, centre - high * 0.16, wide * 0.3, high * 0.18),
            LIGHT,
            0.6,
            34,
        )
        for x, y, tx, ty in (
            (left, top, 0.26, 0.3),
            (right, top, -0.26, 0.3),
            (left, bottom, 0.24, -0.3),
            (right, bottom, -0.24, -0.3),
        ):
            crease = (
                (x, y),
                (x + wide * tx * 0.6, y + high * ty * 0.5),
                (x + wide * tx, y + high * ty),
            )
            canvas.soft(ribbon(crease, 16, 2), dark, 0.3, 8)


def _stack(
    canvas: Canvas, colour: Colour, left: float, right: float, top: float, bottom: float
) -> None:
    """One folded cloth, its fold to the left."""
    half = (bottom - top) / 2
    shape = path(
        f"M{left + half} {top} L{right - 20} {top} Q{right} {top} {right} {top + half}"
        f" Q{right} {bottom} {right - 20} {bottom} L{left + half} {bottom}"
        f" Q{left} {bottom} {left} {top + half} Q{left} {top} {left + half} {top}"
    )
    canvas.soft(moved(shape, 4, 12), SHADE, 0.28, 9)
    canvas.fill(shape, down(lighter(colour, 0.24), darker(colour, 0.16)))
    with canvas.inside(shape):
        canvas.soft(box(left, bottom - 18, right, bottom + 20), darker(colour, 0.55), 0.4, 9)
        line = path(
            f"M{left + half * 0.9:.0f} {top + half}"
            f" Q{(left + right) / 2} {top + half + 5} {right} {top + half - 2}"
        )
        canvas.soft(ribbon(line, 7, 9), darker(colour, 0.6), 0.55, 4)
        canvas.soft(ellipse(left + half, top + half * 0.5, 60, 10), LIGHT, 0.5, 9)


def bedding(canvas: Canvas, colour: Colour) -> None:
    """A made bed: headboard, two pillows, duvet turned down."""
    wood = lighter(WOOD, 0.12)
    canvas.soft(box(140, 800, 860, 850, 20), SHADE, 0.4, 22)
    canvas.fill(box(150, 250, 850, 700, 40), down(lighter(wood, 0.2), darker(wood, 0.12)))
    for x in (325, 500, 675):
        canvas.stroke(((x, 262), (x, 640)), darker(wood, 0.3), 4, 0.5)
    sheet = lighter(colour, 0.55)
    canvas.fill(box(166, 520, 834, 820, 20), across(lighter(sheet, 0.2), darker(sheet, 0.12)))
    for pillow, tone in (
        (
            path(
                "M196 452 Q190 390 250 392 Q350 402 450 390 Q500 390 494 452 Q500 540 470 560"
                " Q340 570 220 560 Q186 540 196 452"
            ),
            sheet,
        ),
        (
            path(
                "M506 452 Q500 390 560 392 Q660 402 750 390 Q812 390 804 452 Q810 540 780 560"
                " Q650 570 530 560 Q496 540 506 452"
            ),
            sheet,
        ),
        (
            path(
                "M250 492 Q244 434 296 436 Q380 446 440 436 Q486 434 482 492 Q486 580 456 592"
                " Q360 600 276 592 Q246 580 250 492"
            ),
            colour,
        ),
        (
            path(
                "M526 492 Q520 434 572 436 Q650 446 712 436 Q758 434 754 492 Q758 580 728 592"
                " Q640 600 552 592 Q522 580 526 492"
            ),
            colour,
        ),
    ):
        canvas.soft(moved(pillow, 2, 12), SHADE, 0.3, 10)
        _cushion(canvas, pillow, tone)
    duvet = path(
        "M146 630 Q150 588 200 590 Q500 612 800 590 Q850 588 854 630 L866 812 Q866 836 840 836"
        " L160 836 Q134 836 134 812"
    )
    canvas.soft(moved(duvet, 0, -12), SHADE, 0.3, 12)
    canvas.fill(duvet, across(lighter(colour, 0.16), darker(colour, 0.12)))
    with canvas.inside(duvet):
        for x, foot in ((260, 220), (380, 396), (520, 500), (650, 690), (770, 800)):
            fold = path(f"M{x} 640 Q{(x + foot) / 2 + 16} 740 {foot} 850")
            canvas.soft(ribbon(fold, 3, 26), darker(colour, 0.55), 0.3, 9)
            canvas.soft(ribbon(moved(fold, 26, 0), 3, 22), LIGHT, 0.4, 9)
    turn = path(
        "M146 630 Q150 588 200 590 Q500 612 800 590 Q850 588 854 630 L858 690 Q500 722 142 690"
    )
    canvas.soft(moved(turn, 0, 12), SHADE, 0.3, 9)
    canvas.fill(turn, down(lighter(sheet, 0.25), darker(sheet, 0.06)))
    canvas.stroke(path("M144 676 Q500 708 856 676"), darker(colour, 0.1), 3, 0.7)


def pillow(canvas: Canvas, colour: Colour) -> None:
    """Two white pillows, one leaning on the other."""
    canvas.stand(170, 840, 764, 36)
    back = path(
        "M236 370 Q220 270 300 286 Q500 316 700 280 Q780 264 776 366 Q800 500 776 620"
        " Q760 680 690 664 Q500 640 310 668 Q240 676 230 610 Q212 490 236 370"
    )
    _cushion(canvas, back, darker(colour, 0.07))
    front = path(
        "M180 520 Q160 430 240 444 Q500 480 760 440 Q840 428 826 520 Q850 640 824 720"
        " Q806 780 740 768 Q500 748 260 770 Q190 780 178 720 Q156 620 180 520"
    )
    canvas.soft(moved(front, 0, -16), SHADE, 0.24, 22)
    _cushion(canvas, front, colour)
    canvas.stroke(path("M196 738 Q250 754 500 740 Q750 744 806 736"), darker(colour, 0.3), 3, 0.5)
    tag = path("M764 712 L812 706 L818 752 L770 758")
    canvas.fill(tag, (120, 140, 150))
    canvas.stroke(((776, 728), (806, 724)), LIGHT, 4)


def towels(canvas: Canvas, colour: Colour) -> None:
    """Three folded towels with woven borders."""
    canvas.stand(226, 780, 796, 28)
    for top, tone in ((636, colour), (486, lighter(colour, 0.14)), (336, colour)):
        _stack(canvas, tone, 220, 780, top, top + 156)
        rows = [((x, top + 4), (x + 4, top + 150)) for x in range(300, 780, 11)]
        canvas.strokes(rows, darker(tone, 0.3), 2, 0.16)
        for x in (654, 690):
            canvas.fill(
                path(
                    f"M{x} {top + 1} L{x + 17} {top + 1} L{x + 19} {top + 155} L{x + 2} {top + 155}"
                ),
                contrast(tone, 0.18),
                0.55,
            )
    sprig = path("M520 332 Q600 300 690 262")
    canvas.stroke(sprig, (96, 120, 92), 6)
    for x, y in ((566, 312), (604, 298), (640, 284), (676, 268)):
        for lift in (-30, 22):
            leaf = path(
                f"M{x} {y} Q{x + 12} {y + lift} {x + 44} {y + lift - 8}"
                f" Q{x + 40} {y + lift * 0.2:.0f} {x} {y}"
            )
            canvas.fill(leaf, (122, 148, 112) if lift < 0 else (98, 126, 94))


def throw(canvas: Canvas, colour: Colour) -> None:
    """A fringed throw over the arm of a chair."""
    seat = (222, 214, 204)
    canvas.stand(180, 840, 816, 30)
    for x in (232, 788):
        canvas.fill(
            path(f"M{x - 16} 740 L{x + 16} 740 L{x + 8} 820 L{x - 8} 820"), darker(WOOD, 0.25)
        )
    canvas.fill(
        symmetric("M500 300 Q740 300 764 380 L780 620 L500 630"),
        across(lighter(seat, 0.2), darker(seat, 0.14)),
    )
    cushion = box(204, 560, 796, 700, 44)
    canvas.fill(cushion, down(lighter(seat, 0.4), darker(seat, 0.06)))
    canvas.fill(box(184, 650, 816, 770, 36), across(lighter(seat, 0.1), darker(seat, 0.2)))
    for side in (
        path("M152 520 Q152 460 206 460 Q260 460 260 520 L256 770 L164 770"),
        path("M740 520 Q740 460 794 460 Q848 460 848 520 L836 770 L744 770"),
    ):
        canvas.fill(side, across(lighter(seat, 0.26), darker(seat, 0.12)))
    cloth = path(
        "M330 288 Q470 270 610 292 L640 560 Q648 660 634 744 Q500 772 346 738 Q330 640 340 560"
        " Q322 420 330 288"
    )
    fringe = [
        ((350 + step * 15, 738.0 + 12 * (1 - abs(step - 9) / 9)), (346 + step * 15.5, 806.0))
        for step in range(20)
    ]
    canvas.strokes(fringe, darker(colour, 0.18), 8)
    canvas.soft(moved(cloth, 8, 8), SHADE, 0.3, 12)
    canvas.fill(cloth, across(lighter(colour, 0.18), darker(colour, 0.14)))
    with canvas.inside(cloth):
        rows = [path(f"M320 {y} Q490 {y + 14} 660 {y}") for y in range(270, 780, 10)]
        canvas.strokes(rows, darker(colour, 0.4), 2, 0.28)
        pale = mix(LIGHT, colour, 0.25)
        for y, width in ((640, 22), (676, 8), (700, 8)):
            canvas.stroke(path(f"M320 {y} Q490 {y + 26} 670 {y}"), pale, width, 0.75)
        for x, foot in ((380, 366), (460, 470), (560, 580)):
            canvas.soft(
                ribbon(path(f"M{x} 300 Q{x + 10} 520 {foot} 750"), 6, 30),
                darker(colour, 0.6),
                0.28,
                11,
            )
            canvas.soft(
                ribbon(path(f"M{x + 34} 300 Q{x + 40} 520 {foot + 36} 750"), 6, 24), LIGHT, 0.28, 11
            )
        canvas.soft(arc(485, 566, 160, 24, 0, 360), darker(colour, 0.6), 0.34, 18)


def slippers(canvas: Canvas, colour: Colour) -> None:
    """A pair of soft slippers from above."""
    sole = path(
        "M356 300 C430 292 470 370 458 520 C452 600 468 640 456 724 C440 800 320 800 296 730"
        " C280 650 286 600 270 500 C258 380 290 306 356 300"
    )
    sole = turned(sole, -5, 370, 540)
    lining = mix(LIGHT, colour, 0.25)
    for shape, side in ((sole, 1), (moved(mirrored(sole), 0, 16), -1)):
        canvas.hang(shape)
        canvas.fill(shape, down(lighter(colour, 0.05), darker(colour, 0.2)))
        middle = sum(x for x, _ in shape) / len(shape)
        inner = tuple((middle + (x - middle) * 0.86, 540 + (y - 540) * 0.93) for x, y in shape)
        canvas.fill(inner, down(darker(lining, 0.12), lining))
        with canvas.inside(inner):
            canvas.soft(ellipse(middle, 560, 84, 44), SHADE, 0.5, 20)
            canvas.strokes(
                [((200, y), (800, y)) for y in range(520, 800, 15)], darker(lining, 0.3), 1.8, 0.25
            )
        with canvas.inside(shape):
            vamp = path(
                f"M{middle - 150} 260 L{middle + 150} 260 L{middle + 150} 540"
                f" Q{middle} 470 {middle - 150} 540"
            )
            canvas.fill(vamp, across(lighter(colour, 0.16), darker(colour, 0.14)))
            canvas.strokes(
                [((200, y), (800, y)) for y in range(270, 540, 9)], contrast(colour, 0.2), 1.8, 0.2
            )
            edge = path(f"M{middle - 150} 540 Q{middle} 470 {middle + 150} 540")
            canvas.stroke(edge, darker(colour, 0.25), 13)
            canvas.stroke(moved(edge, 0, -2), lighter(colour, 0.2), 6)
            canvas.soft(ellipse(middle - 30 * side, 380, 30, 60), LIGHT, 0.28, 20)
