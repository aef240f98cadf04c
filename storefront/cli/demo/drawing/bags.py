"""Bags, wallets."""

from __future__ import annotations

from itertools import pairwise

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    GOLD,
    LIGHT,
    SHADE,
    Colour,
    across,
    contrast,
    darker,
    down,
    lighter,
    metal,
)
from storefront.cli.demo.drawing.shapes import (
    Shape,
    box,
    ellipse,
    moved,
    path,
    ribbon,
    scattered,
    symmetric,
    turned,
)

_TAN: Colour = (150, 96, 58)


def side_light(canvas: Canvas, shape: Shape, colour: Colour) -> None:
    """Fill a rounded thing lit from the left, with shade on its right and at its foot."""
    canvas.fill(shape, across(lighter(colour, 0.14), darker(colour, 0.16)))
    left, right = min(x for x, _ in shape), max(x for x, _ in shape)
    top, bottom = min(y for _, y in shape), max(y for _, y in shape)
    wide = right - left
    with canvas.inside(shape):
        canvas.soft(
            box(right - wide * 0.12, top, right + 60, bottom), darker(colour, 0.6), 0.35, 26
        )
        canvas.soft(box(left, bottom - 30, right, bottom + 50), darker(colour, 0.6), 0.35, 20)
        canvas.soft(
            box(left + wide * 0.1, top + 30, left + wide * 0.2, bottom - 40, 30), LIGHT, 0.2, 22
        )


def stitches(canvas: Canvas, line: Shape, colour: Colour, width: float = 2.6) -> None:
    """A dashed line along a shape."""
    dashes: list[Shape] = []
    for (ax, ay), (bx, by) in pairwise(line):
        length = ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5
        count = max(1, round(length / 13))
        for index in range(count):
            start, end = index / count, (index + 0.6) / count
            dashes.append(
                (
                    (ax + (bx - ax) * start, ay + (by - ay) * start),
                    (ax + (bx - ax) * end, ay + (by - ay) * end),
                )
            )
    canvas.strokes(dashes, colour, width, 0.85)


def strap(canvas: Canvas, line: Shape, colour: Colour, width: float) -> None:
    """A leather strap with a light edge."""
    canvas.stroke(line, darker(colour, 0.32), width)
    canvas.stroke(moved(line, -1.5, -2), lighter(colour, 0.06), width * 0.66)


def tote(canvas: Canvas, colour: Colour) -> None:
    """A canvas tote with leather handles."""
    canvas.stand(270, 740, 800)
    strap(canvas, path("M392 440 C392 170 608 170 608 440"), darker(_TAN, 0.25), 22)
    body = symmetric("M500 392 Q640 398 742 386 L716 772 Q712 798 680 800 L500 804")
    side_light(canvas, body, colour)
    canvas.fill(
        symmetric("M500 392 Q640 398 742 386 L740 424 Q640 436 500 430"), darker(colour, 0.1)
    )
    with canvas.inside(body):
        canvas.soft(ribbon(path("M330 440 Q360 640 340 800"), 6, 30), darker(colour, 0.5), 0.18, 12)
        canvas.soft(ribbon(path("M650 440 Q620 640 640 800"), 6, 30), darker(colour, 0.5), 0.18, 12)
    line = contrast(colour, 0.3)
    stitches(canvas, path("M262 436 Q380 446 500 442 Q620 446 738 436"), line)
    pocket = symmetric("M500 540 L600 540 L592 690 Q590 700 578 700 L500 700")
    canvas.outline(pocket, line, 3, 0.4)
    strap(canvas, path("M364 530 C352 260 648 260 636 530"), _TAN, 24)
    for x in (364, 636):
        patch = box(x - 22, 470, x + 22, 560, 8)
        canvas.fill(patch, down(lighter(_TAN, 0.1), darker(_TAN, 0.2)))
        for y in (488, 542):
            canvas.fill(ellipse(x, y, 6), GOLD)
    canvas.fill(box(470, 600, 530, 640, 4), _TAN)
    canvas.strokes([((482, 614), (518, 614)), ((488, 626), (512, 626))], lighter(_TAN, 0.5), 3)


def crossbody(canvas: Canvas, colour: Colour) -> None:
    """A small flap bag with a long strap and a gold clasp."""
    canvas.stand(270, 730, 790)
    strap(canvas, path("M286 500 C240 80 760 80 714 500"), colour, 17)
    body = symmetric("M500 460 L690 460 Q730 470 734 520 L742 740 Q740 790 690 792 L500 796")
    side_light(canvas, body, darker(colour, 0.12))
    flap = symmetric("M500 452 L690 452 Q728 458 730 506 Q732 600 690 640 Q620 678 500 682")
    canvas.soft(moved(flap, 0, 14), SHADE, 0.45, 12)
    side_light(canvas, flap, colour)
    stitches(
        canvas,
        tuple((500 + (x - 500) * 0.93, 560 + (y - 560) * 0.9) for x, y in flap)[18:-18],
        contrast(colour, 0.4),
        2.4,
    )
    for x in (286, 714):
        canvas.outline(ellipse(x, 486, 17), darker(GOLD, 0.2), 9)
        canvas.outline(ellipse(x, 485, 17), lighter(GOLD, 0.3), 4)
    clasp = box(466, 636, 534, 706, 14)
    canvas.soft(moved(clasp, 2, 8), SHADE, 0.4, 6)
    canvas.fill(clasp, metal(GOLD))
    canvas.fill(box(482, 664, 518, 676, 6), darker(GOLD, 0.5))


def backpack(canvas: Canvas, colour: Colour) -> None:
    """A city backpack."""
    canvas.stand(290, 716, 806)
    for shape in (
        path("M330 380 Q250 470 282 700 L330 720"),
        path("M670 380 Q750 470 718 700 L670 720"),
    ):
        canvas.stroke(shape, darker(colour, 0.4), 26)
    canvas.stroke(path("M446 232 C440 150 560 150 554 232"), darker(colour, 0.45), 18)
    for pocket in (
        path("M320 560 Q268 566 270 620 L276 772 Q300 796 330 790"),
        path("M680 560 Q732 566 730 620 L724 772 Q700 796 670 790"),
    ):
        canvas.fill(pocket, across(lighter(colour, 0.02), darker(colour, 0.25)))
    body = symmetric(
        "M500 206 Q640 206 678 320 Q700 400 700 560 L696 760 Q690 804 640 806 L500 808"
    )
    side_light(canvas, body, colour)
    canvas.stroke(path("M312 396 Q340 270 500 262 Q660 270 688 396"), darker(colour, 0.45), 8)
    canvas.stroke(
        path("M312 394 Q340 268 500 260 Q660 268 688 394"), lighter(colour, 0.3), 2.4, 0.8
    )
    canvas.fill(box(664, 388, 682, 440, 7), metal(GOLD))
    front = symmetric("M500 506 L630 506 Q664 512 666 548 L664 740 Q658 770 624 772 L500 774")
    canvas.soft(moved(front, 2, 10), SHADE, 0.4, 10)
    side_light(canvas, front, lighter(colour, 0.05))
    canvas.stroke(path("M352 566 Q500 552 648 566"), darker(colour, 0.5), 9)
    canvas.stroke(path("M352 563 Q500 549 648 563"), lighter(colour, 0.35), 2.4, 0.8)
    canvas.fill(box(402, 556, 418, 606, 6), metal(GOLD))
    patch = box(456, 370, 544, 430, 8)
    canvas.fill(patch, down(lighter(_TAN, 0.1), darker(_TAN, 0.2)))
    canvas.fill(ellipse(500, 400, 15), lighter(_TAN, 0.45))
    stitches(canvas, box(372, 606, 628, 742, 22), contrast(colour, 0.3))


def bucket_bag(canvas: Canvas, colour: Colour) -> None:
    """A drawstring bucket bag."""
    canvas.stand(300, 706, 800)
    strap(canvas, path("M316 430 C270 60 730 60 684 430"), colour, 20)
    canvas.fill(
        path("M300 416 Q500 372 700 416 Q690 470 500 474 Q310 470 300 416"), darker(colour, 0.55)
    )
    body = symmetric("M500 448 Q620 446 702 410 Q690 600 712 764 Q706 800 660 802 L500 806")
    side_light(canvas, body, colour)
    with canvas.inside(body):
        for x, lean in ((380, 20), (450, 8), (550, -8), (620, -20)):
            canvas.soft(ribbon(((x, 420), (x + lean, 640)), 24, 4), darker(colour, 0.6), 0.45, 10)
            canvas.soft(ribbon(((x + 26, 430), (x + 26 + lean, 600)), 16, 2), LIGHT, 0.22, 8)
    base = symmetric("M500 706 Q620 704 706 690 L712 764 Q706 800 660 802 L500 806")
    canvas.fill(base, across(darker(colour, 0.1), darker(colour, 0.32)))
    stitches(canvas, path("M296 702 Q400 716 500 718 Q600 716 704 702"), contrast(colour, 0.4))
    cord = darker(colour, 0.45)
    canvas.stroke(path("M304 486 Q400 516 500 518 Q600 516 696 486"), cord, 9)
    for x in (350, 420, 580, 650):
        canvas.fill(ellipse(x, 504 + (4 if 400 < x < 600 else 0), 10), GOLD)
    for tail in (path("M488 520 Q450 600 462 660"), path("M512 520 Q556 590 540 650")):
        canvas.stroke(tail, cord, 9)
    for x, y in ((462, 662), (540, 652)):
        canvas.fill(
            path(f"M{x} {y - 10} L{x + 15} {y + 52} L{x - 15} {y + 52}"), darker(colour, 0.25)
        )
    canvas.fill(box(478, 504, 522, 534, 10), metal(GOLD))
    for x in (316, 684):
        canvas.outline(ellipse(x, 434, 15), GOLD, 8)


def satchel(canvas: Canvas, colour: Colour) -> None:
    """A leather satchel with two buckled straps."""
    canvas.stand(206, 800, 800)
    handle = path("M408 330 C410 240 590 240 592 330")
    canvas.stroke(handle, darker(colour, 0.45), 32)
    canvas.stroke(moved(handle, -2, -5), lighter(colour, 0.12), 15)
    body = symmetric("M500 340 L770 340 Q798 346 800 380 L806 760 Q802 800 766 802 L500 804")
    side_light(canvas, body, darker(colour, 0.08))
    flap = symmetric("M500 332 L772 332 Q800 340 800 372 L802 540 Q796 594 740 600 L500 606")
    canvas.soft(moved(flap, 0, 16), SHADE, 0.45, 12)
    side_light(canvas, flap, colour)
    thread = lighter(colour, 0.5)
    stitches(
        canvas, tuple((500 + (x - 500) * 0.94, 470 + (y - 470) * 0.9) for x, y in flap), thread
    )
    canvas.outline(box(240, 640, 760, 776, 16), contrast(colour, 0.35), 3, 0.5)
    for x in (340, 660):
        belt = box(x - 30, 332, x + 30, 700, 10)
        canvas.soft(moved(belt, 6, 4), SHADE, 0.35, 7)
        canvas.fill(belt, across(lighter(colour, 0.1), darker(colour, 0.2)))
        stitches(canvas, box(x - 22, 340, x + 22, 692, 8), thread, 2.2)
        buckle = box(x - 42, 588, x + 42, 664, 12)
        canvas.outline(buckle, darker(GOLD, 0.3), 13)
        canvas.outline(buckle, lighter(GOLD, 0.25), 6)
        canvas.stroke(((x, 594), (x, 660)), GOLD, 8)
    for x in (408, 592):
        canvas.fill(box(x - 24, 318, x + 24, 346, 8), metal(GOLD))


def wallet(canvas: Canvas, colour: Colour) -> None:
    """A long zip wallet, lying at a slant."""

    def slant(shape: Shape) -> Shape:
        return turned(shape, -12, 500, 520)

    body = slant(box(180, 350, 820, 690, 34))
    canvas.hang(body)
    canvas.fill(body, darker(colour, 0.4))
    face = slant(box(184, 342, 816, 676, 32))
    canvas.fill(face, down(lighter(colour, 0.16), darker(colour, 0.14)))
    with canvas.inside(face):
        for x, y in scattered(170, 180, 330, 820, 690):
            canvas.fill(ellipse(x, y, 9, 5), lighter(colour, 0.3), 0.12)
        canvas.soft(slant(ribbon(path("M220 400 Q500 350 780 400"), 50, 50)), LIGHT, 0.25, 30)
    zipper = slant(path("M780 356 L214 356 Q196 356 196 376 L196 642 Q196 662 214 662 L780 662"))
    canvas.stroke(zipper, darker(colour, 0.5), 15)
    stitches(canvas, zipper, lighter(GOLD, 0.3), 5)
    canvas.fill(slant(box(758, 644, 800, 676, 8)), metal(GOLD))
    tassel = slant(path("M790 660 L846 690 L880 776 L856 788 L834 790 L812 786 L784 680"))
    canvas.soft(moved(tassel, 6, 10), SHADE, 0.3, 7)
    canvas.fill(tassel, down(colour, darker(colour, 0.25)))
    canvas.fill(slant(box(446, 476, 554, 544, 10)), darker(colour, 0.18))
    canvas.fill(slant(ellipse(500, 510, 17)), lighter(GOLD, 0.15))


def cloud_bag(canvas: Canvas, colour: Colour) -> None:
    """A soft gathered shoulder bag."""
    canvas.stand(230, 780, 790)
    strap(canvas, path("M322 440 C300 130 700 130 678 440"), colour, 34)
    body = symmetric("M500 428 L664 426 Q720 440 770 560 Q830 700 760 764 Q700 800 500 800")
    side_light(canvas, body, colour)
    with canvas.inside(body):
        for x, foot, wide in (
            (360, 270, 30),
            (410, 350, 34),
            (460, 436, 30),
            (500, 505, 30),
            (545, 580, 34),
            (590, 650, 34),
            (640, 736, 30),
        ):
            fold = path(f"M{x} 430 Q{(x + foot) / 2 + (x - 500) * 0.1:.0f} 560 {foot} 740")
            canvas.soft(ribbon(fold, 5, wide), darker(colour, 0.55), 0.36, 9)
            canvas.soft(ribbon(moved(fold, 30, 0), 3, wide), LIGHT, 0.3, 9)
    frame = symmetric("M500 404 L650 404 Q676 408 674 436 L668 452 L500 452")
    canvas.fill(frame, down(lighter(colour, 0.16), darker(colour, 0.12)))
    stitches(canvas, path("M336 440 L664 440"), contrast(colour, 0.3))
    for x in (328, 672):
        canvas.outline(ellipse(x, 420, 18), GOLD, 9)
    canvas.fill(ellipse(500, 428, 14), metal(GOLD))
