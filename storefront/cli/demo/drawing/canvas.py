"""A canvas in units (1000 by 1000, whatever the pixels) with smooth edges, clips and shadows."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from itertools import chain
from math import ceil, floor

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from storefront.cli.demo.drawing.colour import SHADE, Colour, Gradient, Paint
from storefront.cli.demo.drawing.pixels import faded, stretched
from storefront.cli.demo.drawing.shapes import Shape, ellipse, moved

_SMALL = 250 * 250
"""Up to this many pixels a mask is drawn three times finer and reduced, above it twice:
that smooths its edges."""

_COARSE = 6
"""Blurred masks are drawn up to so many times coarser: a blur has no detail to lose."""

_Box = tuple[int, int, int, int]
_Pixels = list[tuple[float, float]]


class Canvas:
    """Draws on a picture whose middle square is 1000 units wide and high."""

    def __init__(self, ground: Image.Image) -> None:
        self.image = ground
        self.scale: float = min(ground.size) / 1000
        self._left: float = (ground.width - 1000 * self.scale) / 2
        self._top: float = (ground.height - 1000 * self.scale) / 2
        self._clip: tuple[_Box, Image.Image] | None = None

    def closer(self, factor: float, x: float = 500, y: float = 500) -> None:
        """Enlarge what is drawn from now on around (x, y)."""
        self._left += x * self.scale * (1 - factor)
        self._top += y * self.scale * (1 - factor)
        self.scale *= factor

    @contextmanager
    def at(self, across: float, downward: float, factor: float = 1.0) -> Generator[None]:
        """Draw shifted, and smaller or larger around the middle."""
        before = (self.scale, self._left, self._top)
        self._left += across * self.scale
        self._top += downward * self.scale
        self.closer(factor)
        try:
            yield
        finally:
            self.scale, self._left, self._top = before

    def fill(self, shape: Shape, paint: Paint, opacity: float = 1.0) -> None:
        """Fill a closed shape with a colour or a gradient over the shape's own box."""
        pixels = self._pixels(shape)
        whole = _box_around(pixels, 1)
        box = self._visible(whole)
        if box is None:
            return
        self._paint(box, _drawn(box, pixels), paint, opacity, whole)

    def stroke(self, shape: Shape, colour: Colour, width: float, opacity: float = 1.0) -> None:
        """Draw a line through the points with round joints and ends."""
        self.strokes((shape,), colour, width, opacity)

    def strokes(
        self, shapes: Iterable[Shape], colour: Colour, width: float, opacity: float = 1.0
    ) -> None:
        """Draw many lines at once; where they cross, the colour is not laid on twice."""
        lines = [self._pixels(shape) for shape in shapes]
        thick = max(1.0, width * self.scale)
        box = self._visible(_box_around(list(chain(*lines)), ceil(thick / 2) + 1))
        if box is None:
            return
        mask, fineness = _finer_mask(box)
        draw = ImageDraw.Draw(mask)
        radius = thick * fineness / 2
        for line in lines:
            fine = _finer(line, box, fineness)
            draw.line(fine, fill=255, width=round(2 * radius), joint="curve")
            for x, y in (fine[0], fine[-1]) if radius > fineness else ():
                draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
        self._paint(box, mask.reduce(fineness), colour, opacity, box)

    def outline(self, shape: Shape, colour: Colour, width: float, opacity: float = 1.0) -> None:
        """Draw the closed line around a shape."""
        self.stroke((*shape, shape[0]), colour, width, opacity)

    def soft(self, shape: Shape, colour: Colour, opacity: float, blur: float) -> None:
        """Fill a shape with blurred edges: folds, glows and shadows; `blur` in units."""
        self.softs((shape,), colour, opacity, blur)

    def softs(self, shapes: Iterable[Shape], colour: Colour, opacity: float, blur: float) -> None:
        """Fill several shapes with blurred edges at once."""
        radius = blur * self.scale
        areas = [self._pixels(shape) for shape in shapes]
        box = self._visible(_box_around(list(chain(*areas)), ceil(radius * 2.2)))
        if box is None:
            return
        width, height = box[2] - box[0], box[3] - box[1]
        coarse = min(_COARSE, max(1, int(radius / 1.5)))
        mask = Image.new("L", (max(1, width // coarse), max(1, height // coarse)), 0)
        across, downward = mask.width / width, mask.height / height
        draw = ImageDraw.Draw(mask)
        for area in areas:
            draw.polygon(
                [((x - box[0]) * across, (y - box[1]) * downward) for x, y in area], fill=255
            )
        mask = mask.filter(ImageFilter.GaussianBlur(radius / coarse))
        mask = stretched(mask, width, height)
        self._paint(box, mask, colour, opacity, box)

    def stand(self, left: float, right: float, y: float, height: float = 26) -> None:
        """The shadow of something that stands on the floor from `left` to `right`."""
        middle, half = (left + right) / 2, (right - left) / 2
        self.soft(ellipse(middle + 26, y + 8, half * 1.12, height * 1.5), SHADE, 0.16, 30)
        self.soft(ellipse(middle + 6, y, half * 0.98, height * 0.55), SHADE, 0.42, 10)

    def hang(self, *shapes: Shape) -> None:
        """The shadow that something flat throws on the wall behind it."""
        self.softs([moved(shape, 16, 26) for shape in shapes], SHADE, 0.2, 22)

    @contextmanager
    def inside(self, shape: Shape) -> Generator[None]:
        """Draw only where the shape is."""
        before = self._clip
        pixels = self._pixels(shape)
        box = self._visible(_box_around(pixels, 1))
        if box is None:
            self._clip = ((0, 0, 0, 0), Image.new("L", (1, 1)))
        else:
            self._clip = (box, self._clipped(box, _drawn(box, pixels)))
        try:
            yield
        finally:
            self._clip = before

    def _pixels(self, shape: Shape) -> _Pixels:
        scale, left, top = self.scale, self._left, self._top
        return [(x * scale + left, y * scale + top) for x, y in shape]

    def _visible(self, box: _Box) -> _Box | None:
        limit = self._clip[0] if self._clip else (0, 0, *self.image.size)
        left, top = max(box[0], limit[0]), max(box[1], limit[1])
        right, bottom = min(box[2], limit[2]), min(box[3], limit[3])
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _clipped(self, box: _Box, mask: Image.Image) -> Image.Image:
        if self._clip is None:
            return mask
        (left, top, _, _), clip = self._clip
        part = clip.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        return ImageChops.multiply(mask, part)

    def _paint(
        self, box: _Box, mask: Image.Image, paint: Paint, opacity: float, whole: _Box
    ) -> None:
        mask = self._clipped(box, mask)
        if opacity < 1:
            mask = faded(mask, opacity)
        size = (whole[2] - whole[0], whole[3] - whole[1])
        if isinstance(paint, Gradient):
            colours = paint.image(*size)
            if whole != box:
                left, top = whole[:2]
                colours = colours.crop((box[0] - left, box[1] - top, box[2] - left, box[3] - top))
        else:
            # Pillow pastes a picture three times faster than a colour.
            colours = Image.new("RGB", mask.size, paint)
        self.image.paste(colours, box[:2], mask)


def _finer_mask(box: _Box) -> tuple[Image.Image, int]:
    width, height = box[2] - box[0], box[3] - box[1]
    fineness = 3 if width * height <= _SMALL else 2
    return Image.new("L", (width * fineness, height * fineness), 0), fineness


def _finer(pixels: _Pixels, box: _Box, fineness: int) -> _Pixels:
    return [((x - box[0]) * fineness, (y - box[1]) * fineness) for x, y in pixels]


def _drawn(box: _Box, pixels: _Pixels) -> Image.Image:
    mask, fineness = _finer_mask(box)
    ImageDraw.Draw(mask).polygon(_finer(pixels, box, fineness), fill=255)
    return mask.reduce(fineness)


def _box_around(pixels: _Pixels, margin: int) -> _Box:
    across = [x for x, _ in pixels]
    downward = [y for _, y in pixels]
    return (
        floor(min(across)) - margin,
        floor(min(downward)) - margin,
        ceil(max(across)) + margin,
        ceil(max(downward)) + margin,
    )
