"""Friendly faces, put together from a few parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
    LIGHT,
    SHADE,
    Colour,
    across,
    darker,
    down,
    lighter,
    mix,
)
from storefront.cli.demo.drawing.shapes import arc, ellipse, mirrored, path, symmetric

Hair = Literal["bob", "long", "bun", "ponytail", "short", "parted", "curly", "cropped"]

SKINS: tuple[Colour, ...] = ((246, 214, 186), (240, 200, 168), (230, 184, 148), (216, 168, 132))
HAIRS: tuple[Colour, ...] = ((40, 34, 38), (58, 44, 40), (78, 56, 44), (104, 74, 54))
CLOTHES: tuple[Colour, ...] = (
    (196, 92, 72),
    (86, 122, 112),
    (64, 84, 124),
    (214, 168, 84),
    (150, 108, 142),
    (122, 142, 104),
    (200, 130, 128),
    (92, 96, 108),
)
GROUNDS: tuple[Colour, ...] = (
    (232, 214, 198),
    (206, 220, 212),
    (208, 218, 230),
    (238, 222, 188),
    (224, 212, 228),
    (238, 208, 202),
    (214, 224, 200),
    (220, 218, 214),
)


@dataclass(frozen=True, slots=True)
class Face:
    """What a person in a portrait looks like."""

    hair: Hair
    hair_colour: Colour
    skin: Colour
    clothes: Colour
    ground: Colour
    glasses: bool
    collar: bool
    laughs: bool


def draw_portrait(canvas: Canvas, face: Face) -> None:
    """Head and shoulders on a plain ground."""
    canvas.fill(
        ((0, 0), (1000, 0), (1000, 1000), (0, 1000)), down(lighter(face.ground, 0.3), face.ground)
    )
    canvas.fill(ellipse(500, 520, 400), lighter(face.ground, 0.4), 0.6)
    _hair_behind(canvas, face)
    _shoulders(canvas, face)
    head = symmetric("M500 236 Q664 240 664 420 Q664 560 596 622 Q548 664 500 666")
    for ear in (ellipse(334, 446, 32, 44), ellipse(666, 446, 32, 44)):
        canvas.fill(ear, darker(face.skin, 0.08))
    canvas.fill(head, across(lighter(face.skin, 0.16), darker(face.skin, 0.06)))
    _features(canvas, face)
    with canvas.inside(head):
        canvas.soft(arc(500, 300, 190, 120, 180, 360), SHADE, 0.22, 20)
    _hair_before(canvas, face)


def _shoulders(canvas: Canvas, face: Face) -> None:
    neck = symmetric("M500 560 L568 570 L572 720 Q540 770 500 772")
    cloth = symmetric("M500 716 Q560 716 590 690 Q760 720 816 800 Q850 870 856 1010 L500 1010")
    canvas.fill(cloth, across(lighter(face.clothes, 0.14), darker(face.clothes, 0.16)))
    canvas.fill(neck, darker(face.skin, 0.1))
    with canvas.inside(neck):
        canvas.soft(ellipse(500, 640, 130, 60), darker(face.skin, 0.5), 0.45, 18)
    if face.collar:
        leaf = path("M574 678 L640 712 L604 812 L500 762")
        for shape in (leaf, mirrored(leaf)):
            canvas.fill(shape, lighter(face.clothes, 0.75))
        canvas.fill(path("M500 762 L476 800 L500 1010 L524 800"), darker(face.clothes, 0.2))
    else:
        canvas.stroke(
            path("M416 700 Q440 784 500 786 Q560 784 584 700"), darker(face.clothes, 0.22), 22
        )
    badge = ((640, 868), (724, 862), (727, 904), (643, 910))
    canvas.fill(badge, LIGHT, 0.95)
    canvas.stroke(((656, 887), (710, 883)), darker(face.clothes, 0.3), 7)


def _features(canvas: Canvas, face: Face) -> None:
    ink = (62, 46, 46)
    for x in (426, 574):
        canvas.fill(ellipse(x, 458, 15, 19), ink)
        canvas.fill(ellipse(x + 5, 451, 5), LIGHT)
        canvas.stroke(arc(x, 424, 34, 20, 215, 325), mix(face.hair_colour, ink, 0.4), 9)
        canvas.soft(ellipse(x + (x - 500) * 0.34, 532, 36, 24), (232, 122, 110), 0.4, 16)
    canvas.stroke(path("M500 470 Q486 516 502 526"), darker(face.skin, 0.3), 7)
    if face.laughs:
        smile = arc(500, 552, 50, 38, 0, 180)
        canvas.fill(smile, (150, 62, 62))
        with canvas.inside(smile):
            canvas.fill(((430, 540), (570, 540), (570, 565), (430, 565)), LIGHT)
    else:
        canvas.stroke(arc(500, 540, 48, 40, 25, 155), (166, 76, 72), 10)
    if face.glasses:
        for x in (426, 574):
            canvas.fill(ellipse(x, 458, 56, 52), LIGHT, 0.18)
            canvas.outline(ellipse(x, 458, 56, 52), (70, 56, 52), 9)
        canvas.stroke(arc(500, 452, 19, 12, 180, 360), (70, 56, 52), 9)


_BEHIND: dict[Hair, tuple[str, ...]] = {
    "bob": ("M500 180 Q724 184 726 440 Q736 600 700 664 Q600 690 500 690",),
    "long": ("M500 176 Q726 180 730 440 Q736 640 764 820 Q700 870 500 870",),
    "ponytail": ("M500 190 Q690 194 690 430 L660 520 L500 540",),
}

_BEFORE: dict[Hair, str] = {
    "bob": (
        "M312 470 C296 250 400 176 506 178 C640 180 716 260 690 476 Q672 400 640 352"
        " Q520 372 424 300 Q372 380 348 400 Q330 420 312 470"
    ),
    "long": (
        "M318 500 C290 260 400 172 500 174 C610 172 716 260 684 500 Q676 380 580 300"
        " Q530 268 500 268 Q400 300 352 380 Q330 430 318 500"
    ),
    "bun": (
        "M330 440 C320 270 410 200 500 200 C600 200 684 270 670 440 Q650 340 560 300"
        " Q500 280 440 300 Q350 340 330 440"
    ),
    "ponytail": (
        "M326 450 C310 260 410 190 506 192 C620 194 692 270 674 450 Q660 360 610 330"
        " Q500 350 420 296 Q360 350 326 450"
    ),
    "short": (
        "M322 430 C300 250 390 168 510 172 C640 172 704 260 678 430 Q668 360 640 326"
        " Q540 340 440 300 Q380 330 352 350 Q332 380 322 430"
    ),
    "parted": (
        "M322 420 C304 270 350 190 450 186 C560 150 700 200 680 420 Q670 350 630 310"
        " Q520 330 400 262 Q352 310 340 350 Q328 380 322 420"
    ),
    "curly": (
        "M318 440 Q270 400 300 340 Q280 270 350 240 Q380 170 460 186 Q520 140 580 184"
        " Q660 180 670 250 Q730 290 700 350 Q724 400 682 440 Q672 360 640 336 Q590 350 560 318"
        " Q510 350 470 314 Q420 350 380 324 Q340 350 318 440"
    ),
    "cropped": (
        "M328 400 C320 270 400 206 500 206 C600 206 680 270 672 400 Q656 330 620 300"
        " Q500 276 380 300 Q344 330 328 400"
    ),
}


def _hair_behind(canvas: Canvas, face: Face) -> None:
    dark = darker(face.hair_colour, 0.2)
    for half in _BEHIND.get(face.hair, ()):
        canvas.fill(symmetric(half), dark)
    if face.hair == "bun":
        canvas.fill(ellipse(500, 176, 84, 76), down(lighter(face.hair_colour, 0.12), dark))
    if face.hair == "ponytail":
        canvas.fill(
            path("M640 250 C800 250 800 480 760 660 Q730 700 716 640 C720 500 700 400 630 360"),
            dark,
        )


def _hair_before(canvas: Canvas, face: Face) -> None:
    front = path(_BEFORE[face.hair])
    canvas.fill(front, across(lighter(face.hair_colour, 0.14), darker(face.hair_colour, 0.1)))
    with canvas.inside(front):
        canvas.soft(arc(470, 290, 130, 80, 200, 290), LIGHT, 0.26, 14)
