"""Suitcases and other things for the road."""

from __future__ import annotations

from storefront.cli.demo.drawing.bags import side_light, stitches, strap
from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    GOLD,
    LIGHT,
    SHADE,
    STEEL,
    WOOD,
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

_TAN: Colour = (140, 88, 54)
_DARK: Colour = (58, 58, 66)


def _trolley(canvas: Canvas, top: float, left: float, right: float, foot: float) -> None:
    for x in (left, right):
        canvas.fill(box(x - 8, top, x + 8, foot), metal(STEEL))
    canvas.fill(box(left - 22, top - 22, right + 22, top + 20, 18), down((96, 96, 106), _DARK))


def _wheels(canvas: Canvas, y: float, places: tuple[float, ...]) -> None:
    for x in places:
        canvas.fill(box(x - 24, y - 40, x + 24, y - 4, 8), _DARK)
        canvas.fill(ellipse(x, y - 14, 20, 24), down((84, 84, 92), (40, 40, 46)))
        canvas.fill(ellipse(x - 2, y - 16, 8, 10), STEEL)


def cabin_case(canvas: Canvas, colour: Colour) -> None:
    """A small hard suitcase with grooves."""
    canvas.stand(300, 710, 836)
    _trolley(canvas, 110, 432, 568, 260)
    _wheels(canvas, 836, (348, 652))
    body = box(300, 236, 700, 806, 62)
    side_light(canvas, body, colour)
    with canvas.inside(body):
        grooves = [((x, 190), (x, 850)) for x in range(350, 700, 50)]
        canvas.strokes(grooves, darker(colour, 0.3), 9, 0.7)
        canvas.strokes([moved(line, 8, 0) for line in grooves], lighter(colour, 0.5), 5, 0.5)
        canvas.soft(ribbon(((340, 200), (340, 840)), 40, 40), LIGHT, 0.25, 18)
    canvas.outline(body, darker(colour, 0.25), 5, 0.7)
    for x, y in ((300, 236), (700, 236), (300, 806), (700, 806)):
        with canvas.inside(body):
            canvas.fill(ellipse(x, y, 84), darker(colour, 0.18))
    canvas.fill(box(440, 214, 560, 246, 14), down((90, 90, 98), _DARK))
    badge = box(458, 306, 542, 344, 8)
    canvas.fill(badge, metal(STEEL))


def frame_case(canvas: Canvas, colour: Colour) -> None:
    """A large suitcase closed by an aluminium frame."""
    canvas.stand(216, 800, 836)
    _trolley(canvas, 96, 424, 576, 220)
    _wheels(canvas, 836, (272, 728))
    body = box(214, 196, 786, 808, 44)
    side_light(canvas, body, colour)
    with canvas.inside(body):
        ribs = [((200, y), (800, y)) for y in range(236, 800, 36)]
        canvas.strokes(ribs, darker(colour, 0.32), 7, 0.55)
        canvas.strokes([moved(line, 0, 6) for line in ribs], lighter(colour, 0.6), 4, 0.5)
        canvas.soft(ribbon(((290, 180), (270, 840)), 60, 60), LIGHT, 0.3, 26)
    canvas.outline(body, darker(STEEL, 0.3), 17)
    canvas.outline(body, lighter(STEEL, 0.5), 8)
    for x, left, y, top in ((214, 1, 196, 1), (786, 0, 196, 1), (214, 1, 808, 0), (786, 0, 808, 0)):
        with canvas.inside(box(206, 188, 794, 816, 50)):
            corner = ellipse(x, y, 92)
            canvas.fill(corner, metal(STEEL))
            canvas.outline(corner, darker(STEEL, 0.4), 3, 0.6)
        canvas.fill(
            ellipse(x + (44 if left else -44), y + (44 if top else -44), 7), darker(STEEL, 0.45)
        )
    for y in (380, 640):
        latch = box(764, y - 44, 808, y + 44, 10)
        canvas.fill(latch, down(lighter(STEEL, 0.4), darker(STEEL, 0.25)))
        canvas.outline(latch, darker(STEEL, 0.45), 2.4)
        canvas.fill(box(774, y - 8, 798, y + 8, 5), darker(STEEL, 0.5))
    canvas.stroke(path("M440 196 C446 166 554 166 560 196"), _DARK, 16)


def duffel(canvas: Canvas, colour: Colour) -> None:
    """A canvas weekend bag with leather ends."""
    canvas.stand(150, 850, 790)
    strap(canvas, path("M384 480 C380 200 620 200 616 480"), darker(_TAN, 0.3), 22)
    body = symmetric(
        "M500 430 L724 430 Q816 440 842 540 Q862 640 834 740 Q820 788 760 790 L500 792"
    )
    side_light(canvas, body, colour)
    canvas.stroke(path("M230 440 Q500 420 770 440"), darker(colour, 0.45), 10)
    stitches(canvas, path("M230 438 Q500 418 770 438"), lighter(GOLD, 0.2), 4)
    canvas.fill(box(740, 430, 780, 452, 6), metal(GOLD))
    end = path(
        "M724 430 Q816 440 842 540 Q862 640 834 740 Q820 788 760 790 L700 791 Q716 600 700 430"
    )
    for shape in (end, mirrored(end)):
        canvas.fill(shape, across(lighter(_TAN, 0.06), darker(_TAN, 0.22)))
    line = path("M692 440 Q708 600 692 786")
    for shape in (line, mirrored(line)):
        stitches(canvas, shape, lighter(_TAN, 0.5))
    canvas.fill(
        symmetric("M500 728 L840 728 Q824 786 770 790 L500 792"), across(_TAN, darker(_TAN, 0.3))
    )
    stitches(canvas, path("M166 736 L834 736"), lighter(_TAN, 0.5))
    handle = path("M352 728 L372 520 C360 270 640 270 628 520 L648 728")
    canvas.stroke(moved(handle, 6, 10), SHADE, 26, 0.2)
    strap(canvas, handle, _TAN, 28)
    grip = path("M440 346 Q500 318 560 346")
    canvas.stroke(grip, darker(_TAN, 0.45), 38)
    canvas.stroke(moved(grip, -2, -5), lighter(_TAN, 0.05), 20)
    for x in (366, 634):
        canvas.outline(ellipse(x, 560, 17), GOLD, 8)


def umbrella(canvas: Canvas, colour: Colour) -> None:
    """An open umbrella with a wooden crook."""

    def tilt(shape: tuple[tuple[float, float], ...]):
        return turned(shape, -14, 500, 500)

    crook = path("M500 440 L500 810 C500 890 600 890 604 820")
    canvas.stroke(moved(tilt(crook), 12, 20), SHADE, 20, 0.16)
    canvas.stroke(tilt(((500, 200), (500, 780))), darker(STEEL, 0.2), 12)
    canvas.stroke(tilt(((498, 440), (498, 780))), lighter(STEEL, 0.5), 4)
    canvas.stroke(tilt(path("M500 730 L500 810 C500 890 600 890 604 820")), darker(WOOD, 0.28), 30)
    canvas.stroke(tilt(path("M497 734 L497 808 C497 884 594 886 600 826")), lighter(WOOD, 0.15), 12)
    dome = (
        "M110 520 C120 300 300 180 500 180 C700 180 880 300 890 520"
        " Q842 470 790 520 Q740 474 692 520 Q600 470 500 520 Q400 470 308 520 Q260 474 210 520"
        " Q158 470 110 520"
    )
    shape = tilt(path(dome))
    canvas.hang(shape)
    canvas.fill(shape, across(lighter(colour, 0.14), darker(colour, 0.2)))
    panels = (
        (path("M500 180 C330 200 300 400 308 520 Q400 470 500 520"), 0.1),
        (
            path("M500 180 C300 200 200 360 210 520 Q260 474 308 520 C300 400 330 200 500 180"),
            -0.14,
        ),
        (path("M500 180 C660 200 700 400 692 520 Q600 470 500 520"), -0.08),
        (
            path("M500 180 C690 200 800 360 790 520 Q740 474 692 520 C700 400 660 200 500 180"),
            -0.26,
        ),
    )
    for panel, light in panels:
        tone = lighter(colour, light) if light > 0 else darker(colour, -light)
        canvas.fill(tilt(panel), down(lighter(tone, 0.12), tone))
    ribs = [
        tilt(path(f"M500 180 C{c} 200 {d} 380 {x} 520"))
        for c, d, x in (
            (300, 200, 210),
            (330, 300, 308),
            (500, 500, 500),
            (660, 700, 692),
            (690, 800, 790),
        )
    ]
    canvas.strokes(ribs, contrast(colour, 0.35), 3, 0.6)
    canvas.stroke(tilt(((500, 176), (500, 136))), darker(STEEL, 0.25), 11)
    with canvas.inside(shape):
        canvas.soft(tilt(ribbon(path("M210 380 Q290 250 430 215"), 20, 40)), LIGHT, 0.3, 18)


def neck_pillow(canvas: Canvas, colour: Colour) -> None:
    """A horseshoe neck pillow."""
    body = path(
        "M300 830 C190 840 170 740 190 600 C200 330 330 210 500 210 C670 210 800 330 810 600"
        " C830 740 810 840 700 830 C600 820 610 730 622 620 C628 500 590 420 500 420"
        " C410 420 372 500 378 620 C390 730 400 820 300 830"
    )
    canvas.hang(body)
    canvas.fill(body, across(lighter(colour, 0.18), darker(colour, 0.16)))
    with canvas.inside(body):
        inner = path("M340 780 C320 640 320 350 500 350 C680 350 680 640 660 780")
        canvas.soft(ribbon(inner, 60, 60), darker(colour, 0.5), 0.3, 30)
        outer = path("M240 740 C230 420 330 280 500 276 C620 276 700 340 740 440")
        canvas.soft(ribbon(outer, 56, 56), LIGHT, 0.34, 24)
        canvas.soft(
            ribbon(path("M790 500 C820 640 840 800 700 840"), 50, 70), darker(colour, 0.6), 0.3, 24
        )
    canvas.stroke(
        path("M298 790 C240 740 226 440 340 330 C420 252 580 252 660 330 C774 440 760 740 702 790"),
        darker(colour, 0.3),
        5,
        0.7,
    )
    canvas.stroke(path("M622 660 Q560 690 540 660"), darker(colour, 0.5), 8)
    canvas.fill(turned(box(520, 640, 566, 668, 8), 14, 543, 654), metal(GOLD))
    tag = turned(box(250, 566, 296, 630, 5), -10, 270, 600)
    canvas.fill(tag, mix(LIGHT, colour, 0.1))
    canvas.fill(ellipse(274, 598, 10), darker(colour, 0.3))


def wash_bag(canvas: Canvas, colour: Colour) -> None:
    """A zipped wash bag."""
    canvas.stand(236, 770, 780)
    canvas.stroke(path("M770 540 Q850 560 790 650"), darker(colour, 0.45), 20)
    side = path("M700 430 Q768 440 778 520 L784 730 Q780 776 734 780 L660 780")
    canvas.fill(side, darker(colour, 0.32))
    body = path(
        "M280 440 Q230 446 228 500 L222 724 Q224 780 280 782 L680 782 Q736 780 736 724 L730 500"
        " Q728 446 680 440"
    )
    side_light(canvas, body, colour)
    top = path("M280 444 Q300 392 350 388 L690 388 Q760 394 772 470 Q740 440 680 444")
    canvas.fill(top, down(lighter(colour, 0.22), darker(colour, 0.02)))
    zipper = path("M296 418 Q500 404 744 424")
    canvas.stroke(zipper, darker(colour, 0.45), 15)
    stitches(canvas, zipper, lighter(GOLD, 0.3), 6)
    pull = turned(box(380, 410, 404, 492, 8), 8, 392, 420)
    canvas.soft(moved(pull, 4, 6), SHADE, 0.35, 5)
    canvas.fill(pull, across(lighter(_TAN, 0.2), darker(_TAN, 0.15)))
    canvas.outline(
        path("M276 560 L684 560 L688 730 Q686 744 670 744 L286 744 Q270 744 270 730"),
        contrast(colour, 0.28),
        3,
        0.55,
    )
    canvas.fill(box(424, 628, 536, 676, 6), mix(LIGHT, colour, 0.12))
    canvas.strokes([((444, 644), (516, 644)), ((456, 660), (504, 660))], darker(colour, 0.3), 4)
    canvas.soft(arc(400, 520, 120, 20, 180, 360), LIGHT, 0.25, 16)
