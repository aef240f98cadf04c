"""What clothes are cut from: outlines, cloth, collars, pockets and buttons."""

from __future__ import annotations

from dataclasses import dataclass

from storefront.cli.demo.drawing.canvas import Canvas
from storefront.cli.demo.drawing.colour import (
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
)
from storefront.cli.demo.drawing.shapes import (
    Shape,
    box,
    ellipse,
    mirrored,
    moved,
    path,
    ribbon,
    symmetric,
)


def hanger(canvas: Canvas, neck: float, reach: float = 120) -> None:
    """A wooden hanger whose shoulders begin at height `neck` and reach so far to each side."""
    hook = moved(path("M500 60 L500 20 C500 -2 538 -8 540 -34 C541 -62 496 -66 488 -42"), 0, neck)
    canvas.stroke(hook, darker(STEEL, 0.25), 9)
    canvas.stroke(moved(hook, -2, -2), lighter(STEEL, 0.4), 3)
    bar = moved(
        symmetric(
            f"M500 22 Q534 22 {500 + reach} {24 + reach * 0.36} L{500 + reach} {46 + reach * 0.36}"
            " Q560 66 500 66"
        ),
        0,
        neck,
    )
    canvas.fill(bar, down(lighter(WOOD, 0.2), darker(WOOD, 0.2)))


@dataclass(frozen=True, slots=True)
class Cut:
    """The outline of a garment's right half, in units; the left half mirrors it."""

    neck: float = 205
    neck_width: float = 62
    shoulder: tuple[float, float] = (662, 262)
    waist: tuple[float, float] = (640, 520)
    hem: tuple[float, float] = (662, 790)
    cuff: tuple[float, float] = (768, 640)
    sleeve: tuple[float, float] = (104, 74)
    drop: float = 44

    def body(self) -> Shape:
        """The trunk without sleeves."""
        (sx, sy), (wx, wy), (hx, hy) = self.shoulder, self.waist, self.hem
        nx = 500 + self.neck_width
        return symmetric(
            f"M500 {self.neck + self.drop} Q{nx - 6:.0f} {self.neck + self.drop} {nx} {self.neck}"
            f" Q{(nx + sx) / 2:.0f} {self.neck + 16} {sx - 18} {sy - 22}"
            f" Q{sx} {sy - 12} {sx} {sy + 6}"
            f" Q{sx - 4} {sy + 90} {wx} {wy} Q{wx} {(wy + hy) / 2:.0f} {hx} {hy}"
            f" Q{(hx + 500) / 2:.0f} {hy + 12} 500 {hy + 14}"
        )

    def arm(self) -> Shape:
        """The right sleeve."""
        (sx, sy), (cx, cy) = self.shoulder, self.cuff
        top, end = self.sleeve
        if cy - sy < 220:
            return path(
                f"M{sx - 52} {sy - 34} Q{sx + 2} {sy - 26} {sx + 22} {sy - 4} L{cx} {cy}"
                f" L{cx - end} {cy + end * 0.42} L{sx - 30} {sy + top}"
            )
        inner_x, inner_y = sx - 26, sy + top + 26
        return path(
            f"M{sx - 52} {sy - 34} Q{sx + 8} {sy - 22} {sx + 22} {sy + 20}"
            f" Q{(sx + cx) / 2 + 40:.0f} {(sy + cy) / 2 - 10:.0f} {cx} {cy}"
            f" Q{cx - end / 2:.0f} {cy + 16} {cx - end} {cy + 8}"
            f" Q{(inner_x + cx - end) / 2 + 6:.0f} {(inner_y + cy) / 2:.0f} {inner_x} {inner_y}"
        )

    def wrist(self, height: float) -> Shape:
        """The cuff at the end of the right sleeve."""
        cx, cy = self.cuff
        end = self.sleeve[1]
        if cy - self.shoulder[1] < 220:
            up = height * 0.62
            return path(
                f"M{cx} {cy} L{cx - end} {cy + end * 0.42}"
                f" L{cx - end - up:.0f} {cy + end * 0.42 - height:.0f}"
                f" L{cx - up:.0f} {cy - height:.0f}"
            )
        lean = height * 0.24
        return path(
            f"M{cx + 3} {cy} Q{cx - end / 2:.0f} {cy + 18} {cx - end - 3} {cy + 9}"
            f" L{cx - end - lean - 3:.0f} {cy - height + 8:.0f}"
            f" Q{cx - end / 2 - lean:.0f} {cy - height + 16:.0f} {cx - lean + 4:.0f}"
            f" {cy - height:.0f}"
        )


def cloth(canvas: Canvas, cut: Cut, colour: Colour) -> None:
    """Sleeves and trunk with their shadows and folds."""
    body, arm = cut.body(), cut.arm()
    canvas.hang(body, arm, mirrored(arm))
    canvas.fill(arm, across(darker(colour, 0.2), darker(colour, 0.08)))
    canvas.fill(mirrored(arm), across(lighter(colour, 0.12), darker(colour, 0.16)))
    (sx, sy), (_, hy) = cut.shoulder, cut.hem
    dark = darker(colour, 0.5)
    under = ribbon(((sx - 6, sy), (sx - 22, sy + 200)), 14, 50)
    for side, shadow in ((arm, under), (mirrored(arm), mirrored(under))):
        with canvas.inside(side):
            canvas.soft(shadow, dark, 0.45, 9)
    canvas.fill(body, across(lighter(colour, 0.1), darker(colour, 0.12)))
    with canvas.inside(body):
        canvas.soft(box(sx - 44, sy + 60, sx + 60, hy + 60), dark, 0.35, 22)
        canvas.soft(
            ribbon(((560, sy + 130), (600, hy - 120), (590, hy + 20)), 4, 34), dark, 0.2, 10
        )
        canvas.soft(ribbon(((430, sy + 190), (402, hy)), 4, 40), dark, 0.16, 12)
        canvas.soft(ribbon(((392, sy + 30), (400, hy - 40)), 40, 16), LIGHT, 0.2, 16)
        canvas.soft(box(330, hy - 6, 670, hy + 40), dark, 0.25, 12)


def inside_neck(canvas: Canvas, cut: Cut, colour: Colour, drop: float) -> None:
    """The back of the neck, seen through the opening in front."""
    nx = cut.neck_width
    back = path(
        f"M{500 - nx} {cut.neck} Q500 {cut.neck + 22} {500 + nx} {cut.neck}"
        f" Q{500 + nx - 4:.0f} {cut.neck + drop} 500 {cut.neck + drop}"
        f" Q{500 - nx + 4:.0f} {cut.neck + drop} {500 - nx} {cut.neck}"
    )
    canvas.fill(back, down(darker(colour, 0.5), darker(colour, 0.3)))


def neckline(canvas: Canvas, cut: Cut, colour: Colour, width: float) -> None:
    """A ribbed band round the neck."""
    nx = cut.neck_width
    line = path(
        f"M{500 - nx} {cut.neck}"
        f" Q{500 - nx + 8:.0f} {cut.neck + cut.drop} 500 {cut.neck + cut.drop}"
        f" Q{500 + nx - 8:.0f} {cut.neck + cut.drop} {500 + nx} {cut.neck}"
    )
    canvas.stroke(line, darker(colour, 0.22), width + 4)
    canvas.stroke(line, lighter(colour, 0.08), width)


def ribs(canvas: Canvas, shape: Shape, colour: Colour, lean: float = 0) -> None:
    """A ribbed hem or cuff."""
    canvas.fill(shape, across(lighter(colour, 0.02), darker(colour, 0.2)))
    left, right = min(x for x, _ in shape), max(x for x, _ in shape)
    top, bottom = min(y for _, y in shape), max(y for _, y in shape)
    with canvas.inside(shape):
        lines = [
            ((left + 9 * i, top), (left + 9 * i + lean, bottom))
            for i in range(-1, int((right - left) / 9) + 2)
        ]
        canvas.strokes(lines, darker(colour, 0.4), 2.4, 0.55)


def hem_band(cut: Cut, height: float) -> Shape:
    """A band along the hem."""
    hx, hy = cut.hem
    return symmetric(
        f"M500 {hy - height + 12} Q{(hx + 500) / 2:.0f} {hy - height + 10} {hx - 4} {hy - height}"
        f" L{hx - 2} {hy + 1} Q{(hx + 500) / 2:.0f} {hy + 13} 500 {hy + 15}"
    )


def button(canvas: Canvas, x: float, y: float, colour: Colour, radius: float = 9) -> None:
    """A button with a shadow and a light."""
    canvas.fill(ellipse(x + 2, y + 4, radius), SHADE, 0.3)
    canvas.fill(ellipse(x, y, radius), down(lighter(colour, 0.3), darker(colour, 0.2)))
    for hole in (-0.3, 0.3):
        canvas.fill(ellipse(x + hole * radius, y, radius * 0.16), darker(colour, 0.6))


def seam(
    canvas: Canvas, shape: Shape, colour: Colour, width: float = 3, opacity: float = 0.7
) -> None:
    """A stitched line that shows on the cloth."""
    canvas.stroke(shape, contrast(colour, 0.38), width, opacity)


def pocket_flap(canvas: Canvas, x: float, y: float, colour: Colour, width: float = 92) -> None:
    """A slanted pocket flap on both sides."""
    flap = path(
        f"M{x} {y + 10} L{x + width} {y} L{x + width} {y + 30}"
        f" Q{x + width / 2} {y + 44} {x + 2} {y + 42}"
    )
    for shape in (flap, mirrored(flap)):
        canvas.soft(moved(shape, 2, 8), SHADE, 0.25, 5)
        canvas.fill(shape, down(lighter(colour, 0.06), darker(colour, 0.08)))
        canvas.outline(shape, contrast(colour, 0.35), 2.4, 0.7)


def lapels(canvas: Canvas, cut: Cut, colour: Colour, end: float, width: float = 96) -> None:
    """Notched lapels that meet at height `end`."""
    top, nx = cut.neck, cut.neck_width
    inside_neck(canvas, cut, colour, 60)
    opening = symmetric(f"M500 {top + 10} L{500 + nx} {top + 2} L500 {end}")
    canvas.fill(opening, down(darker(colour, 0.45), darker(colour, 0.32)))
    right = path(
        f"M{500 + nx - 8} {top - 6} L{500 + nx + 30} {top + 14} L{500 + width} {top + 88}"
        f" L{500 + width - 34} {top + 96} L{500 + width - 4} {top + 122}"
        f" Q{500 + width - 18} {(top + end) / 2 + 30:.0f} 500 {end} L{500 + nx - 26} {top + 60}"
    )
    for shape in (right, mirrored(right)):
        canvas.soft(moved(shape, 4, 8), SHADE, 0.3, 7)
        canvas.fill(shape, down(lighter(colour, 0.16), darker(colour, 0.03)))
        canvas.outline(shape, contrast(colour, 0.32), 2.4, 0.6)
