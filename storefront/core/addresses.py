"""Postal addresses, compared: the same door written in two ways has one digest."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_BETWEEN = re.compile(r"[\W_]+")
_WORDS = {"中国": "", "号楼": "栋", "幢": "栋", "座": "栋", "號": "号", "樓": "楼"}


def address_digest(address: str) -> str:
    """32 hexadecimal digits of an address without spaces, punctuation, width or case; "" for "".

    The address cannot be read from it; that two are the same can.
    """
    plain = unicodedata.normalize("NFKC", address).casefold()
    for word, instead in _WORDS.items():
        plain = plain.replace(word, instead)
    plain = _BETWEEN.sub("", plain)
    return hashlib.sha256(plain.encode()).hexdigest()[:32] if plain else ""
