"""Things for tea, coffee and cooking."""

from __future__ import annotations

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    GOLD,
    LIGHT,
    SHADE,
    STEEL,
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
from storefront.cli.demo.drawing.cosmetics import bottle
from storefront.cli.demo.drawing.shapes import (
    Shape,
    arc,
    box,
    drum,
    ellipse,
    mirrored,
    moved,
    path,
    ribbon,
    scattered,
    symmetric,
)

_CREAM: Colour = (246, 240, 228)


def _steam(canvas: Canvas, x: float, y: float) -> None:
    """Two curls of steam."""
    for shift, height in ((-26, 120), (24, 150)):
        curl = path(
            f"M{x + shift} {y}"
            f" C{x + shift - 34} {y - height / 3:.0f} {x + shift + 34} {y - height * 0.66:.0f}"
            f" {x + shift} {y - height}"
        )
        canvas.soft(ribbon(curl, 16, 6), (255, 255, 255), 0.75, 8)


def _speckles(canvas: Canvas, shape: Shape, colour: Colour) -> None:
    """The spots of stoneware."""
    left, right = min(x for x, _ in shape), max(x for x, _ in shape)
    top, bottom = min(y for _, y in shape), max(y for _, y in shape)
    with canvas.inside(shape):
        for x, y in scattered(70, left, top, right, bottom):
            canvas.fill(ellipse(x, y, 2.6), darker(colour, 0.5), 0.4)


def teapot(canvas: Canvas, colour: Colour) -> None:
    """A stoneware teapot with a bamboo handle."""
    canvas.stand(320, 690, 790, 26)
    handle = path("M356 520 C330 160 670 160 644 520")
    canvas.stroke(handle, darker(WOOD, 0.3), 26)
    canvas.stroke(moved(handle, -2, -4), lighter(WOOD, 0.2), 13)
    for x, y in ((364, 380), (420, 282), (500, 252), (580, 282), (636, 380)):
        canvas.stroke(((x - 13, y - 3), (x + 13, y + 3)), darker(WOOD, 0.45), 4, 0.7)
    spout = path(
        "M690 600 Q760 590 770 500 Q776 470 812 462 L830 482 Q812 500 806 540 Q790 670 680 700"
    )
    canvas.fill(spout, down(lighter(colour, 0.12), darker(colour, 0.25)))
    canvas.fill(ellipse(820, 472, 14, 9), darker(colour, 0.55))
    body = symmetric("M500 492 L600 498 Q716 530 720 640 Q716 750 620 788 L500 796")
    bottle(canvas, body, round_body(colour), 0.3)
    _speckles(canvas, body, colour)
    canvas.stroke(path("M288 600 Q500 640 712 600"), darker(colour, 0.3), 3, 0.4)
    lid = symmetric("M500 446 Q590 450 612 500 Q560 520 500 520")
    canvas.soft(moved(lid, 0, 10), SHADE, 0.35, 7)
    canvas.fill(lid, round_body(lighter(colour, 0.06)))
    canvas.fill(ellipse(500, 436, 26, 22), down(lighter(colour, 0.3), darker(colour, 0.2)))
    for x in (354, 646):
        canvas.outline(ellipse(x, 524, 19), darker(colour, 0.35), 10)


def gaiwan(canvas: Canvas, colour: Colour) -> None:
    """A lidded cup on its saucer."""
    canvas.stand(290, 710, 800, 26)
    _steam(canvas, 500, 350)
    saucer = symmetric("M500 716 L700 700 Q740 700 728 722 Q660 790 580 796 L500 800")
    canvas.fill(saucer, across(lighter(colour, 0.2), darker(colour, 0.16)))
    canvas.fill(ellipse(500, 708, 226, 30), down(darker(colour, 0.06), lighter(colour, 0.35)))
    canvas.soft(ellipse(500, 720, 130, 20), SHADE, 0.4, 10)
    bowl = symmetric(
        "M500 470 L668 470 Q700 466 712 474 Q664 530 640 610 Q616 708 566 724 L500 728"
    )
    bottle(canvas, bowl, round_body(colour), 0.5)
    canvas.fill(ellipse(500, 472, 212, 30), down(lighter(colour, 0.4), lighter(colour, 0.1)))
    canvas.fill(ellipse(500, 474, 190, 24), darker(colour, 0.3))
    lid = symmetric("M500 378 Q620 384 676 462 Q610 492 500 494")
    canvas.fill(lid, round_body(lighter(colour, 0.08)))
    canvas.fill(drum(462, 352, 538, 384, 14), round_body(colour))
    canvas.fill(ellipse(500, 352, 38, 9), lighter(colour, 0.4))
    branch = darker(mix(colour, (60, 90, 120), 0.55), 0.1)
    canvas.stroke(path("M420 690 Q450 610 540 580"), branch, 5, 0.7)
    for x, y in ((446, 640), (478, 606), (520, 596), (548, 574), (430, 668)):
        canvas.fill(
            path(f"M{x} {y} Q{x + 6} {y - 30} {x + 30} {y - 32} Q{x + 26} {y - 4} {x} {y}"),
            branch,
            0.7,
        )


def mug(canvas: Canvas, colour: Colour) -> None:
    """A mug whose glaze has run."""
    canvas.stand(310, 690, 800, 28)
    _steam(canvas, 470, 370)
    handle = path("M660 490 C820 470 820 710 640 696")
    canvas.stroke(handle, darker(colour, 0.28), 46)
    canvas.stroke(moved(handle, -3, -6), lighter(colour, 0.14), 22)
    body = symmetric("M500 426 L664 426 L652 740 Q640 790 560 798 L500 800", 490)
    clay = (214, 190, 160)
    bottle(canvas, body, round_body(clay), 0.3)
    _speckles(canvas, body, clay)
    with canvas.inside(body):
        glaze = path(
            "M300 400 L690 400 L690 640 Q660 700 640 650 Q610 600 580 676 Q560 720 530 660"
            " Q500 610 470 690 Q440 740 416 670 Q390 620 366 650 Q330 690 300 640"
        )
        canvas.fill(glaze, round_body(colour))
        canvas.soft(
            ribbon(path("M330 560 Q500 600 660 560"), 40, 40), lighter(colour, 0.5), 0.3, 18
        )
        canvas.soft(box(360, 450, 378, 640, 8), LIGHT, 0.55, 6)
    canvas.fill(ellipse(490, 428, 174, 36), darker(colour, 0.12))
    canvas.fill(ellipse(490, 432, 158, 29), lighter(colour, 0.3))
    canvas.fill(ellipse(490, 440, 146, 22), down((84, 50, 32), (122, 78, 48)))


def flask(canvas: Canvas, colour: Colour) -> None:
    """A vacuum flask."""
    canvas.stand(400, 602, 806, 20)
    body = drum(398, 340, 602, 790, 34)
    bottle(canvas, body, round_body(colour), 0.4)
    neck = symmetric("M500 296 L572 300 Q600 320 602 352 L500 360")
    canvas.fill(neck, round_body(lighter(colour, 0.08)))
    canvas.fill(drum(432, 286, 568, 306, 14), metal(STEEL))
    canvas.fill(drum(426, 180, 574, 288, 24), round_body(darker(colour, 0.14)))
    canvas.fill(ellipse(500, 180, 74, 12), lighter(colour, 0.18))
    loop = path("M450 186 C446 100 554 100 550 186")
    canvas.stroke(loop, darker(WOOD, 0.4), 15)
    canvas.stroke(moved(loop, -1, -3), lighter(WOOD, 0.05), 7)
    canvas.fill(drum(398, 752, 602, 790, 34), metal(STEEL))
    canvas.fill(ellipse(500, 560, 26), lighter(colour, 0.6), 0.8)
    canvas.fill(ellipse(510, 552, 21), colour)


def pour_over(canvas: Canvas, colour: Colour) -> None:
    """A glass coffee maker with a wooden collar."""
    canvas.stand(330, 690, 806, 22)
    glass = (226, 236, 238)
    foot = symmetric("M500 470 L536 480 Q560 540 640 640 Q696 740 650 800 L500 808")
    canvas.fill(foot, across(lighter(glass, 0.4), darker(glass, 0.14)), 0.75)
    with canvas.inside(foot):
        coffee = path("M300 660 Q500 676 700 660 L700 820 L300 820")
        canvas.fill(coffee, down((122, 70, 38), (64, 34, 22)))
        canvas.fill(ellipse(500, 662, 166, 15), (150, 94, 56))
        canvas.soft(ribbon(path("M420 560 Q350 650 350 790"), 10, 22), (255, 255, 255), 0.7, 6)
    cone = symmetric("M500 250 L690 236 L536 480 L500 486")
    canvas.fill(cone, across(lighter(glass, 0.4), darker(glass, 0.12)), 0.8)
    paper = symmetric("M500 236 L672 220 L548 436 L500 450")
    canvas.fill(paper, across((255, 252, 244), darker(_CREAM, 0.1)))
    canvas.fill(ellipse(500, 234, 176, 30), (250, 244, 232))
    canvas.fill(ellipse(500, 244, 150, 22), down((58, 34, 24), (110, 68, 42)))
    canvas.fill(path("M676 226 Q722 214 724 236 L690 262"), lighter(glass, 0.3))
    canvas.outline(foot, darker(glass, 0.3), 3, 0.5)
    collar = symmetric("M500 424 L556 420 Q538 478 560 540 L500 548")
    canvas.fill(collar, across(lighter(colour, 0.2), darker(colour, 0.3)))
    with canvas.inside(collar):
        grain = [path(f"M440 {y} Q500 {y + 10} 560 {y}") for y in range(430, 550, 13)]
        canvas.strokes(grain, darker(colour, 0.4), 2.4, 0.4)
    cord = darker(WOOD, 0.45)
    canvas.stroke(path("M446 484 Q500 500 554 484"), cord, 8)
    canvas.fill(ellipse(500, 506, 13), lighter(WOOD, 0.2))
    _steam(canvas, 500, 190)


def casserole(canvas: Canvas, colour: Colour) -> None:
    """An enamelled iron pot."""
    canvas.stand(250, 756, 786, 30)
    for shape in (
        path("M262 560 Q176 560 176 610 Q180 650 262 640"),
        mirrored(path("M262 560 Q176 560 176 610 Q180 650 262 640")),
    ):
        canvas.stroke(shape, darker(colour, 0.3), 32)
        canvas.stroke(moved(shape, -2, -6), lighter(colour, 0.12), 15)
    body = symmetric("M500 520 L746 520 L736 710 Q724 780 650 786 L500 790")
    bottle(canvas, body, round_body(colour), 0.55)
    with canvas.inside(body):
        canvas.soft(box(250, 520, 750, 546), SHADE, 0.4, 10)
        canvas.soft(box(250, 730, 750, 800), darker(colour, 0.6), 0.4, 22)
    lid = symmetric("M500 392 Q690 398 752 500 Q756 524 740 528 L500 534")
    canvas.fill(lid, round_body(lighter(colour, 0.05)))
    with canvas.inside(lid):
        canvas.soft(ellipse(390, 440, 80, 18), LIGHT, 0.6, 12)
        canvas.soft(box(240, 508, 760, 540), darker(colour, 0.6), 0.4, 8)
    canvas.stroke(path("M252 516 Q500 530 748 516"), darker(colour, 0.4), 4, 0.7)
    knob = symmetric("M500 336 Q546 338 548 358 Q546 376 522 384 L520 404 L500 406")
    canvas.fill(knob, metal(GOLD))
    _steam(canvas, 500, 300)


def frying_pan(canvas: Canvas, colour: Colour) -> None:
    """An iron pan from above, with a wooden handle."""
    grip = ribbon(((640, 380), (770, 250), (890, 130)), 50, 62)
    neck = ribbon(((560, 460), (700, 320)), 40, 34)
    rim = ellipse(430, 590, 300)
    canvas.hang(rim, grip)
    canvas.fill(neck, across(lighter(colour, 0.3), darker(colour, 0.1)))
    canvas.fill(grip, down(lighter(WOOD, 0.15), darker(WOOD, 0.3)))
    canvas.stroke(((640, 380), (890, 130)), lighter(WOOD, 0.4), 7, 0.5)
    canvas.fill(ellipse(876, 144, 11), darker(WOOD, 0.6))
    for x, y in ((664, 356), (690, 330)):
        canvas.fill(ellipse(x, y, 8), STEEL)
    canvas.fill(rim, down(lighter(colour, 0.42), darker(colour, 0.2)))
    canvas.fill(ellipse(430, 590, 286), down(darker(colour, 0.3), lighter(colour, 0.16)))
    floor = ellipse(430, 590, 232)
    canvas.fill(floor, down(lighter(colour, 0.1), darker(colour, 0.12)))
    with canvas.inside(floor):
        rings = [ellipse(430, 590, radius) for radius in range(40, 232, 24)]
        canvas.strokes([(*ring, ring[0]) for ring in rings], lighter(colour, 0.3), 2.4, 0.25)
        canvas.soft(ribbon(path("M290 470 Q400 380 540 420"), 20, 50), LIGHT, 0.3, 24)
    white = path(
        "M350 560 C380 500 470 490 520 540 C580 560 570 640 520 660 C490 720 400 710 372 670"
        " C310 660 310 580 350 560"
    )
    canvas.soft(moved(white, 4, 10), SHADE, 0.5, 8)
    canvas.fill(white, down((255, 254, 248), (240, 234, 220)))
    canvas.fill(ellipse(448, 600, 58), down((255, 206, 92), (240, 160, 48)))
    canvas.soft(ellipse(430, 580, 17, 11), (255, 255, 255), 0.9, 5)


def kettle(canvas: Canvas, colour: Colour) -> None:
    """A gooseneck kettle."""
    canvas.stand(330, 730, 800, 24)
    spout = path("M364 700 C200 700 300 480 196 440")
    canvas.stroke(spout, darker(colour, 0.3), 30)
    canvas.stroke(moved(spout, -4, -3), lighter(colour, 0.2), 13)
    canvas.fill(path("M180 456 L186 422 L226 436 L214 462"), darker(colour, 0.2))
    handle = path("M640 470 C700 410 830 410 826 480 C822 560 812 620 806 690")
    canvas.stroke(handle, darker(WOOD, 0.42), 40)
    canvas.stroke(moved(handle, -4, -4), lighter(WOOD, 0.02), 19)
    base = drum(330, 762, 716, 790, 34)
    canvas.fill(base, round_body((74, 74, 82)))
    body = path(
        "M392 440 L658 440 Q668 440 672 456 L716 736 Q716 766 680 768 L366 768 Q330 766 334 736"
        " L378 456 Q382 440 392 440"
    )
    bottle(canvas, body, round_body(colour), 0.55)
    lid = path("M398 440 Q410 400 470 396 L580 396 Q640 400 652 440 Q524 456 398 440")
    canvas.fill(lid, round_body(lighter(colour, 0.06)))
    canvas.fill(drum(494, 360, 556, 398, 12), round_body(darker(WOOD, 0.35)))
    canvas.stroke(path("M386 458 Q524 474 664 458"), darker(colour, 0.3), 3, 0.6)
    canvas.fill(ellipse(525, 640, 36), darker(colour, 0.1))
    canvas.fill(arc(525, 640, 26, 26, 150, 390), metal(GOLD), 0.9)
    canvas.fill(ellipse(525, 640, 17), colour)
