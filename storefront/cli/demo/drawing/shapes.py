"""Shapes as tuples of points, in a square of 1000 by 1000 units with y running down."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from itertools import pairwise

Point = tuple[float, float]
Shape = tuple[Point, ...]

_TOKEN = re.compile(r"[MLQCZ]|-?\d+(?:\.\d+)?")
_CURVE_STEPS = 18


@lru_cache(maxsize=2048)
def path(text: str) -> Shape:
    """Flatten an SVG path of absolute M, L, Q, C and Z commands; one command per segment."""
    tokens: list[str] = _TOKEN.findall(text)
    points: list[Point] = []
    command = "M"
    index = 0
    while index < len(tokens):
        if tokens[index].isalpha():
            command = tokens[index]
            index += 1
            continue
        count = {"M": 1, "L": 1, "Q": 2, "C": 3}[command]
        numbers = [float(token) for token in tokens[index : index + 2 * count]]
        index += 2 * count
        corners = list(zip(numbers[::2], numbers[1::2], strict=True))
        points += corners if count == 1 else _curve([points[-1], *corners])
    return tuple(points)


def _curve(corners: list[Point]) -> list[Point]:
    """Points of a Bézier curve after its start, by de Casteljau's construction."""
    points: list[Point] = []
    for share in (step / _CURVE_STEPS for step in range(1, _CURVE_STEPS + 1)):
        level: list[Point] = corners
        while len(level) > 1:
            level = [
                (ax + (bx - ax) * share, ay + (by - ay) * share)
                for (ax, ay), (bx, by) in pairwise(level)
            ]
        points.append(level[0])
    return points


def symmetric(text: str, axis: float = 500) -> Shape:
    """A closed shape from its right half, drawn from the top of the axis to its bottom."""
    half = path(text)
    return half + tuple((2 * axis - x, y) for x, y in reversed(half))


def mirrored(shape: Shape, axis: float = 500) -> Shape:
    """The shape's reflection in the upright line x = axis."""
    return tuple((2 * axis - x, y) for x, y in shape)


def ellipse(x: float, y: float, radius_x: float, radius_y: float | None = None) -> Shape:
    """An ellipse around (x, y); a circle when one radius is given."""
    return arc(x, y, radius_x, radius_x if radius_y is None else radius_y, 0, 360)


def arc(x: float, y: float, radius_x: float, radius_y: float, start: float, end: float) -> Shape:
    """Part of an ellipse; degrees clockwise from three o'clock."""
    steps = max(8, int(abs(end - start) / 4))
    return tuple(
        (x + radius_x * math.cos(angle), y + radius_y * math.sin(angle))
        for angle in (math.radians(start + (end - start) * i / steps) for i in range(steps + 1))
    )


def box(left: float, top: float, right: float, bottom: float, radius: float = 0) -> Shape:
    """A rectangle, its corners rounded by `radius`."""
    if not radius:
        return ((left, top), (right, top), (right, bottom), (left, bottom))
    radius = min(radius, (right - left) / 2, (bottom - top) / 2)
    corners = (
        (right - radius, top + radius, 270),
        (right - radius, bottom - radius, 0),
        (left + radius, bottom - radius, 90),
        (left + radius, top + radius, 180),
    )
    return tuple(
        point for x, y, start in corners for point in arc(x, y, radius, radius, start, start + 90)
    )


def drum(left: float, top: float, right: float, bottom: float, depth: float) -> Shape:
    """The outline of an upright cylinder whose ends are ellipses `depth` units high."""
    middle, radius = (left + right) / 2, (right - left) / 2
    upper = arc(middle, top, radius, depth / 2, 180, 360)
    return upper + arc(middle, bottom, radius, depth / 2, 0, 180)


def moved(shape: Shape, across: float, downward: float) -> Shape:
    """The shape, shifted."""
    return tuple((x + across, y + downward) for x, y in shape)


def scaled(shape: Shape, factor: float, x: float = 500, y: float = 500) -> Shape:
    """The shape, larger or smaller around (x, y)."""
    return tuple((x + (px - x) * factor, y + (py - y) * factor) for px, py in shape)


def turned(shape: Shape, degrees: float, x: float = 500, y: float = 500) -> Shape:
    """The shape, turned clockwise around (x, y)."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    return tuple(
        (x + (px - x) * cosine - (py - y) * sine, y + (px - x) * sine + (py - y) * cosine)
        for px, py in shape
    )


def scattered(
    count: int, left: float, top: float, right: float, bottom: float
) -> tuple[Point, ...]:
    """Points strewn over a box without a pattern, the same every time."""
    points: list[Point] = []
    state = 20_011
    for _ in range(count):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        x = left + (right - left) * state / 2**31
        state = (state * 1_103_515_245 + 12_345) % 2**31
        points.append((x, top + (bottom - top) * state / 2**31))
    return tuple(points)


def ribbon(spine: Shape, start: float, end: float) -> Shape:
    """A band along a line, `start` units wide at its beginning and `end` at its end."""
    left: list[Point] = []
    right: list[Point] = []
    for index, (x, y) in enumerate(spine):
        ax, ay = spine[max(index - 1, 0)]
        bx, by = spine[min(index + 1, len(spine) - 1)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        half = (start + (end - start) * index / max(1, len(spine) - 1)) / 2
        across_x, across_y = -(by - ay) / length * half, (bx - ax) / length * half
        left.append((x + across_x, y + across_y))
        right.append((x - across_x, y - across_y))
    return tuple(left) + tuple(reversed(right))
