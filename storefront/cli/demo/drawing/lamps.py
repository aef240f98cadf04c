"""Lamps, a vase and a clock."""

from __future__ import annotations

import math

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
    round_body,
)
from storefront.cli.demo.drawing.cosmetics import bottle
from storefront.cli.demo.drawing.shapes import (
    arc,
    box,
    drum,
    ellipse,
    moved,
    path,
    ribbon,
    scattered,
    symmetric,
)

_GLOW: Colour = (255, 226, 160)


def mushroom_lamp(canvas: Canvas, colour: Colour) -> None:
    """A round-capped table lamp, switched on."""
    canvas.stand(376, 624, 806, 24)
    canvas.soft(ellipse(500, 560, 320, 230), _GLOW, 0.6, 90)
    stem = symmetric("M500 470 L556 470 Q560 640 584 720 Q626 750 624 790 Q600 808 500 808")
    bottle(canvas, stem, round_body(colour), 0.4)
    with canvas.inside(stem):
        canvas.soft(box(400, 460, 600, 580), _GLOW, 0.8, 26)
    bulb = ellipse(500, 482, 236, 46)
    canvas.fill(bulb, down((255, 232, 176), (255, 248, 222)))
    cap = symmetric("M500 186 Q700 190 752 420 Q764 484 738 490 Q640 456 500 456")
    canvas.fill(cap, across(lighter(colour, 0.18), darker(colour, 0.2)))
    with canvas.inside(cap):
        canvas.soft(ellipse(390, 290, 50, 70), LIGHT, 0.6, 26)
        canvas.soft(box(250, 430, 760, 500), _GLOW, 0.5, 20)
        canvas.soft(box(690, 250, 790, 500), darker(colour, 0.6), 0.3, 34)
    canvas.fill(drum(474, 170, 526, 192, 8), metal(GOLD))
    cord = path("M600 796 Q720 820 800 800 Q880 786 980 830")
    canvas.stroke(cord, mix(LIGHT, SHADE, 0.35), 7, 0.8)


def desk_lamp(canvas: Canvas, colour: Colour) -> None:
    """A desk lamp with two arms."""
    canvas.stand(520, 760, 800, 22)
    light = path("M214 470 L420 400 L470 800 L60 800")
    canvas.soft(light, _GLOW, 0.5, 30)
    canvas.soft(ellipse(270, 806, 190, 26), _GLOW, 0.9, 22)
    canvas.fill(drum(520, 770, 756, 796, 44), round_body(colour))
    canvas.fill(ellipse(638, 770, 118, 22), lighter(colour, 0.2))
    for ax, ay, bx, by in ((638, 760, 720, 470), (720, 470, 400, 270)):
        arm = ((ax, ay), (bx, by))
        canvas.stroke(arm, darker(colour, 0.25), 22)
        canvas.stroke(moved(arm, -3, -3), lighter(colour, 0.35), 6, 0.8)
    for x, y in ((720, 470), (638, 756), (404, 272)):
        canvas.fill(ellipse(x, y, 28), metal(STEEL))
        canvas.fill(ellipse(x, y, 11), darker(STEEL, 0.35))
    shade = path(
        "M380 236 Q420 230 432 262 L448 320 Q452 380 430 408 L206 476 Q194 400 250 330"
        " Q310 262 380 236"
    )
    canvas.fill(shade, across(lighter(colour, 0.22), darker(colour, 0.18)))
    with canvas.inside(shade):
        canvas.soft(ribbon(path("M240 400 Q290 310 380 262"), 10, 24), LIGHT, 0.5, 9)
    canvas.fill(path("M206 476 Q300 400 430 408 Q350 500 206 476"), down(_GLOW, (255, 250, 226)))


def vase(canvas: Canvas, colour: Colour) -> None:
    """A hand-built vase with two branches of blossom."""
    canvas.stand(370, 634, 806, 24)
    twig = (110, 84, 70)
    for line, width in (
        (path("M496 480 Q470 330 380 240 Q340 190 330 120"), 9),
        (path("M506 480 Q540 340 640 270 Q690 230 700 150"), 9),
        (path("M440 310 Q400 320 350 330"), 6),
        (path("M596 302 Q640 310 690 320"), 6),
        (path("M420 286 Q450 230 440 180"), 6),
    ):
        canvas.stroke(line, twig, width)
    petal = (240, 190, 186)
    for x, y, size in (
        (330, 124, 22),
        (350, 190, 20),
        (384, 246, 24),
        (348, 330, 20),
        (440, 182, 22),
        (470, 370, 18),
        (700, 152, 22),
        (684, 216, 20),
        (636, 274, 24),
        (692, 322, 20),
        (560, 352, 18),
        (428, 250, 18),
    ):
        for step in range(5):
            angle = math.radians(step * 72 + x)
            leaf = ellipse(
                x + math.cos(angle) * size * 0.62, y + math.sin(angle) * size * 0.62, size * 0.52
            )
            canvas.fill(leaf, lighter(petal, 0.12 * (step % 3)))
        canvas.fill(ellipse(x, y, size * 0.24), (214, 150, 70))
    body = symmetric(
        "M500 458 L540 456 Q548 520 590 562 Q660 620 640 720 Q624 800 570 808 L500 812"
    )
    bottle(canvas, body, round_body(colour), 0.25)
    with canvas.inside(body):
        rings = [arc(500, y, 170, 17, 0, 180) for y in range(560, 800, 34)]
        canvas.strokes(rings, darker(colour, 0.4), 5, 0.16)
        for x, y in scattered(80, 350, 460, 650, 810):
            canvas.fill(ellipse(x, y, 2.4), darker(colour, 0.55), 0.4)
    canvas.fill(ellipse(500, 458, 42, 10), darker(colour, 0.5))


def wall_clock(canvas: Canvas, colour: Colour) -> None:
    """A round clock with a beech rim."""
    rim = ellipse(500, 500, 322)
    canvas.hang(rim)
    canvas.fill(rim, down(lighter(WOOD, 0.3), darker(WOOD, 0.22)))
    canvas.outline(ellipse(500, 500, 321), darker(WOOD, 0.3), 3, 0.6)
    canvas.fill(ellipse(500, 500, 286), darker(WOOD, 0.4))
    dial = ellipse(500, 502, 280)
    canvas.fill(dial, down(colour, lighter(colour, 0.1)))
    ink = contrast(colour, 0.75)
    with canvas.inside(dial):
        canvas.soft(arc(500, 300, 280, 120, 180, 360), SHADE, 0.3, 20)
    for minute in range(60):
        angle = math.radians(minute * 6)
        x, y = math.sin(angle), -math.cos(angle)
        hour = minute % 5 == 0
        near = 226 if minute % 15 == 0 else 238 if hour else 254
        mark = ((500 + near * x, 500 + near * y), (500 + 262 * x, 500 + 262 * y))
        canvas.stroke(mark, ink, 11 if minute % 15 == 0 else 7 if hour else 3, 1 if hour else 0.6)
    for line, width in ((((510, 514), (400, 410)), 17), (((488, 516), (608, 316)), 12)):
        canvas.stroke(moved(line, 6, 10), SHADE, width, 0.25)
        canvas.stroke(line, ink, width)
    canvas.stroke(((500, 560), (500, 282)), (204, 90, 60), 4)
    canvas.fill(ellipse(500, 500, 17), ink)
    canvas.fill(ellipse(500, 500, 7), (204, 90, 60))
    with canvas.inside(dial):
        canvas.soft(path("M300 200 L420 200 L240 700 L150 640"), LIGHT, 0.2, 20)


def paper_lamp(canvas: Canvas, colour: Colour) -> None:
    """A paper lantern on three wooden legs, switched on."""
    canvas.stand(350, 650, 822, 20)
    canvas.soft(ellipse(500, 420, 360, 330), _GLOW, 0.75, 100)
    for line in (((440, 640), (372, 826)), ((560, 640), (628, 826)), ((500, 640), (506, 812))):
        canvas.stroke(line, darker(WOOD, 0.2), 20)
        canvas.stroke(moved(line, -3, 0), lighter(WOOD, 0.25), 7)
    canvas.fill(drum(420, 650, 580, 672, 22), round_body(WOOD))
    body = symmetric("M500 150 L556 152 Q706 210 716 400 Q706 600 570 656 L500 660")
    canvas.fill(body, down((255, 244, 214), mix(colour, (255, 214, 150), 0.4)))
    with canvas.inside(body):
        canvas.soft(ellipse(500, 430, 120, 150), (255, 252, 236), 0.95, 60)
        canvas.soft(box(650, 150, 760, 680), (206, 150, 90), 0.4, 50)
        canvas.soft(box(240, 150, 330, 680), (206, 150, 90), 0.25, 50)
        rings = [arc(500, y, 240, 24, 0, 180) for y in range(150, 660, 34)]
        canvas.strokes(rings, (196, 150, 96), 3.4, 0.5)
    canvas.fill(ellipse(500, 152, 56, 11), darker(WOOD, 0.1))
