"""Making text smaller on its way to the reader: brotli or gzip, whichever they take.

Two bodies that differ only in how they are packed have strong tags of their own (RFC 9110, section
8.8.3), so a tag says which of them a browser has.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, get_args

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

Coding = Literal["br", "gzip"]

CODINGS: tuple[Coding, ...] = get_args(Coding)
"""Ours, the best first."""

SMALLEST = 1000
"""Bytes: what is shorter fits into one packet as it is."""

LONGEST_HEADER = 200
"""Characters of Accept-Encoding; who sends more gets the plain body."""

_SUFFIXES: dict[Coding, str] = {"br": "-br", "gzip": "-gz"}
_GZIP_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
"""No time and no name in it: the same body gives the same bytes (RFC 1952, section 2.3)."""


def coding_for(accepted: str, offered: Sequence[Coding] = CODINGS) -> Coding | None:
    """The best of the offered codings that this Accept-Encoding header takes; None for plain."""
    return _chosen(accepted, tuple(offered)) if len(accepted) <= LONGEST_HEADER else None


@lru_cache(maxsize=256)
def _chosen(accepted: str, offered: tuple[Coding, ...]) -> Coding | None:
    header = parse_accept_header(accepted, Accept)
    # Plain may always be sent, but whoever does not ask for it by name would rather have it small.
    plain = header.quality("identity") if "identity" in accepted else 0
    best = max(offered, key=header.quality)
    quality = header.quality(best)
    return best if quality > 0 and quality >= plain else None


def tagged(etag: str, coding: Coding | None) -> str:
    """The strong tag (with its quotes) of the same body in this coding."""
    return f'{etag[:-1]}{_SUFFIXES[coding]}"' if coding else etag


def packed(body: bytes, coding: Coding) -> bytes:
    """The body in this coding, made in a hurry: for an answer that one reader gets."""
    if coding == "br":
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=4, lgwin=18)
    return gzip.compress(body, 5, mtime=0)


def packed_well(body: bytes, coding: Coding) -> bytes:
    """The same for an answer that many readers get while it stands."""
    if coding == "br":
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=5, lgwin=18)
    return gzip.compress(body, 6, mtime=0)


def packed_for_ever(body: bytes, coding: Coding) -> bytes:
    """The same for a file: as small as it gets."""
    if coding == "br":
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=11)
    return gzip.compress(body, 9, mtime=0)


class GzipWithGaps:
    """A body that is packed once, with gaps for a word of a known length that differs by reader.

    Filling them costs a hundredth of packing the whole. What stands in a gap goes out unpacked
    (RFC 1951, section 3.2.4). While the rest is packed, something that no UTF-8 text contains
    stands there: so nothing that is sent refers to it, and all distances stay right.
    """

    def __init__(self, body: bytes, mark: bytes, length: int) -> None:
        """Pack a body of UTF-8 with a gap of `length` bytes (1 to 65,535) at every `mark`."""
        stream = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        nobodys = bytes(0xF8 + at % 8 for at in range(length))
        self._plain = body.split(mark)
        *parts, last = self._plain
        self._pieces: list[bytes] = []
        for part in parts:
            self._pieces.append(stream.compress(part) + stream.flush(zlib.Z_SYNC_FLUSH))
            stream.compress(nobodys)
            stream.flush(zlib.Z_SYNC_FLUSH)
        self._pieces.append(stream.compress(last) + stream.flush())
        self._gap = struct.pack("<BHH", 0, length, length ^ 0xFFFF)
        self.length = length

    def __len__(self) -> int:
        return sum(map(len, [*self._plain, *self._pieces]))

    def plain(self, word: bytes) -> bytes:
        """The body with `word` at every mark, as it is."""
        return word.join(self._plain)

    def filled(self, word: bytes, body: bytes) -> bytes:
        """The same packed; `body` is what `plain` gives for this word."""
        content = (self._gap + word).join(self._pieces)
        return _GZIP_HEAD + content + struct.pack("<II", zlib.crc32(body), len(body))
