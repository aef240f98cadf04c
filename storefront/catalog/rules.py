"""What may be written into the catalogue. Pure; every complaint is a ValueError with a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

LONGEST_CODE = 64
LONGEST_NAME = 120
LONGEST_OPTION = 60
LONGEST_WORDS = 5_000
LONGEST_REASON = 200
LONGEST_ADDRESS = 200
LONGEST_OPENING = 120
LARGEST_PRICE = 10**10
"""Minor units. A million pieces at this price still lie within what an amount may be."""
LARGEST_STOCK = 10**9
"""Pieces of a variant at one location."""
DEEPEST_CATEGORY = 6

Node = TypeVar("Node", int, str)

CODE_PATTERN = rf"[A-Za-z0-9][A-Za-z0-9._/+-]{{0,{LONGEST_CODE - 1}}}"
"""A code begins with a letter or digit, so no spreadsheet ever takes one for a formula."""

_CODE = re.compile(CODE_PATTERN)
_YES = {"yes", "true", "1", "是"}
_NO = {"no", "false", "0", "否"}


def code(text: str) -> str:
    """The chain's own code for something: a brand, a product, a variant, a location."""
    if not _CODE.fullmatch(text):
        raise ValueError(
            f"A code has 1 to {LONGEST_CODE} letters, digits or . _ / + -"
            " and begins with a letter or digit."
        )
    return text


def name(text: str) -> str:
    """A name that people read."""
    return _line(text, 1, LONGEST_NAME)


def option(text: str) -> str:
    """What tells a variant from its sisters; empty where there is only one."""
    return _line(text, 0, LONGEST_OPTION)


def address(text: str) -> str:
    """Where customers find a place, in one language; empty where they need not."""
    return _line(text, 0, LONGEST_ADDRESS)


def opening(text: str) -> str:
    """When customers find somebody there, in one language."""
    return _line(text, 0, LONGEST_OPENING)


def reason(text: str) -> str:
    """Why somebody did it."""
    return _line(text, 1, LONGEST_REASON)


def words(text: str) -> str:
    """Some paragraphs."""
    tidy = text.replace("\r\n", "\n").strip()
    if len(tidy) > LONGEST_WORDS:
        raise ValueError(f"At most {LONGEST_WORDS:,} characters.")
    if not all(character.isprintable() or character in "\n\t" for character in tidy):
        raise ValueError("Has characters that cannot be shown.")
    return tidy


def price(amount: int) -> int:
    """A price in minor units: above zero, for nothing is given away by mistake."""
    if not 0 < amount <= LARGEST_PRICE:
        raise ValueError("A price is above zero and not larger than anything we sell.")
    return amount


def pieces(text: str) -> int:
    """A counted number of pieces."""
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST_STOCK):
        raise ValueError(f"A whole number from 0 to {LARGEST_STOCK:,}.")
    return int(text)


def yes_or_no(text: str) -> bool:
    """A cell that says yes or no."""
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError("Say yes or no.")


def depth(start: Node, parents: Mapping[Node, Node | None]) -> int:
    """How deep a category stands in the tree, 1 for the top. `parents` names each one's parent."""
    deep, at = 1, parents[start]
    while at is not None:
        if at not in parents:
            raise ValueError("There is no such category.")
        deep, at = deep + 1, parents[at]
        if at == start or parents[start] == start:
            raise ValueError("A category cannot stand under itself.")
        if deep > DEEPEST_CATEGORY:
            raise ValueError(f"At most {DEEPEST_CATEGORY} levels.")
    return deep


def _line(text: str, shortest: int, longest: int) -> str:
    tidy = text.strip()
    if not shortest <= len(tidy) <= longest:
        raise ValueError(
            f"{shortest} to {longest} characters." if shortest else f"At most {longest} characters."
        )
    if not tidy.isprintable():
        raise ValueError("Has characters that cannot be shown.")
    return tidy
