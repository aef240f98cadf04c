"""How wide words are, and where their lines break, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

MISSING = "〓"
"""Stands for a letter that the font does not have, as printers do: better seen than left out."""

_NEVER_FIRST = frozenset("，。、；：！？）》」』】”’％·…,.;:!?)]}%")
_NEVER_LAST = frozenset("（《「『【“‘([{")
_APOSTROPHE = re.compile(r"(?<=[A-Za-z])’(?=[A-Za-z])")
_PIECES = re.compile(r"[!-~\u00a0-\u024f]+ *|.", re.DOTALL)
"""A run of Latin letters and signs with the spaces after it, or one character of any other kind."""


class Typeface:
    """A font's letters and their widths."""

    def __init__(self, widths: Mapping[int, float], letters: Collection[int]) -> None:
        """Take widths in thousandths of the size by code point, and the letters there are."""
        self._widths = widths
        self._letters = letters
        # The same words stand in many rows: rules, states, heads.
        self.printable = lru_cache(maxsize=4096)(self._printable)
        self.wrap = lru_cache(maxsize=4096)(self._wrap)

    def _printable(self, text: str) -> str:
        """The text in one line, with letters that the font has not marked as missing.

        The font draws its curly apostrophe as wide as a Chinese letter: between Latin letters a
        straight one stands for it.
        """
        flat = _APOSTROPHE.sub("'", " ".join(text.split()))
        letters = self._letters
        if all(ord(each) in letters for each in flat):
            return flat
        return "".join(each if ord(each) in letters else MISSING for each in flat)

    def width(self, text: str, size: float) -> float:
        """How wide a text is, in points."""
        widths = self._widths
        return sum([widths.get(ord(each), 1000.0) for each in text]) * size / 1000

    def _wrap(self, text: str, size: float, width: float) -> tuple[str, ...]:
        """Lines no wider than `width` points; Chinese breaks anywhere that its signs allow."""
        if self.width(text, size) <= width:
            return (text,)
        lines: list[str] = []
        line, used = "", 0.0
        for piece in self._pieces(text, size, width):
            wide = self.width(piece, size)
            # Spaces at a line's end may stand out.
            if line and used + self.width(piece.rstrip(), size) > width:
                lines.append(line.rstrip())
                line, used = piece, wide
            else:
                line, used = line + piece, used + wide
        return (*lines, line.rstrip())

    def _pieces(self, text: str, size: float, width: float) -> Iterator[str]:
        """What may not be broken, unless it is wider than a whole line."""
        for piece in _unbroken(text):
            if self.width(piece.rstrip(), size) <= width:
                yield piece
            else:
                yield from piece


def _unbroken(text: str) -> Iterator[str]:
    held = ""
    for piece in _PIECES.findall(text):
        if held and (piece[0] in _NEVER_FIRST or held[-1] in _NEVER_LAST):
            held += piece
        else:
            if held:
                yield held
            held = piece
    if held:
        yield held
