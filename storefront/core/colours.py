"""Colours and how well they can be told from their ground, by the WCAG's own arithmetic."""

from __future__ import annotations

import re

HEX = re.compile(r"#[0-9a-f]{6}")

Channels = tuple[int, int, int]

LEAST_FOR_TEXT = 4.5
"""The contrast of text with its ground (WCAG 2.2, 1.4.3)."""


def channels_of(colour: str) -> Channels:
    """Red, green and blue of `#rrggbb`, 0 to 255. ValueError for anything else."""
    if not HEX.fullmatch(colour):
        raise ValueError(f"{colour!r} is no colour like #8f2f1b")
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black and white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, with_: str, parts: float) -> str:
    """`colour` with so many parts of one of another: 0 leaves it, 1 is the other."""
    pairs = zip(channels_of(colour), channels_of(with_), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * parts):02x}" for a, b in pairs)


def readable_on(ground: str, colour: str, least: float = LEAST_FOR_TEXT) -> str:
    """The colour, made darker or lighter just as far as it can be read on this ground."""
    end = "#000000" if contrast(ground, "#000000") >= contrast(ground, "#ffffff") else "#ffffff"
    steps = (mixed(colour, end, step / 50) for step in range(51))
    return next((each for each in steps if contrast(each, ground) >= least), end)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in channels_of(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
