"""Answers kept in the process's memory, for when asking whether one is still right is cheaper than
making it again.

The asker brings the version that the database holds now. What was kept under another version is not
given out, so nothing here ever has to be told of a change.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import blake2b

from flask import current_app

from storefront.core.coding import (
    CODINGS,
    SMALLEST,
    Coding,
    GzipWithGaps,
    coding_for,
    packed_well,
    tagged,
)

MARK = "0code0"
"""Stands in a kept body for the code of a link: no link has it, as codes hold no zero."""

CODE_LENGTH = 12
"""Characters of nearly every code; for a longer or shorter one a body is packed by itself."""

MOST_BYTES = 16 * 1024 * 1024
"""Of bodies in one process; the ones that nobody asked for the longest go first."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What goes out: the bytes, how they are packed, and their strong ETag with the quotes."""

    body: bytes
    coding: Coding | None
    etag: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A finished body with its strong ETag, and the same packed."""

    version: Hashable
    body: bytes
    etag: str
    packed: dict[Coding, bytes]
    gaps: GzipWithGaps | None
    """Of a body with MARK in it."""

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        packed = sum(map(len, self.packed.values()))
        return len(self.body) + packed + (len(self.gaps) if self.gaps else 0)

    def sent_to(self, accepted: str) -> Sent:
        """The body as the reader of this Accept-Encoding header takes it."""
        coding = coding_for(accepted) if self.packed else None
        body = self.packed[coding] if coding else self.body
        return Sent(body, coding, tagged(self.etag, coding))

    def with_code(self, code: str) -> AnswerByLink:
        """The answer with this code (letters and digits) wherever MARK stands."""
        return AnswerByLink(self, code)


@dataclass(frozen=True, slots=True)
class AnswerByLink:
    """A kept answer for whoever came by one link: so one is kept for all of them."""

    kept: KeptAnswer
    code: str

    def sent_to(self, accepted: str) -> Sent:
        """The body as the reader of this Accept-Encoding header takes it; brotli has no gaps."""
        gaps, word = self.kept.gaps, self.code.encode()
        etag = f'{self.kept.etag[:-1]}-{self.code}"'
        if gaps is None:
            return Sent(self.kept.body.replace(MARK.encode(), word), None, etag)
        body = gaps.plain(word)
        if coding_for(accepted, ("gzip",)) is None:
            return Sent(body, None, etag)
        is_usual = len(word) == gaps.length
        packed = gaps.filled(word, body) if is_usual else packed_well(body, "gzip")
        return Sent(packed, "gzip", tagged(etag, "gzip"))


def _made(version: Hashable, body: bytes) -> KeptAnswer:
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    packed: dict[Coding, bytes] = {}
    gaps = None
    mark = MARK.encode()
    if len(body) >= SMALLEST:
        if mark in body:
            gaps = GzipWithGaps(body, mark, CODE_LENGTH)
        else:
            packed = {coding: packed_well(body, coding) for coding in CODINGS}
    return KeptAnswer(version, body, etag, packed, gaps)


class KeptAnswers:
    """A bounded store of answers; safe to use from several threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[Hashable, KeptAnswer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, version: Hashable) -> KeptAnswer | None:
        """The answer kept for `key`, if it was made of this version."""
        with self._lock:
            answer = self._answers.get(key)
            if answer is None or answer.version != version:
                return None
            self._answers.move_to_end(key)
            return answer

    def keep(self, key: Hashable, version: Hashable, body: bytes) -> KeptAnswer:
        """Keep a body. `version` must have been read before anything the body was made of.

        Then a change in between leaves the newer body under the older version, and it is simply
        made once more.
        """
        answer = _made(version, body)
        if answer.size > self._most_bytes:
            return answer
        with self._lock:
            before = self._answers.pop(key, None)
            self._answers[key] = answer
            self._bytes += answer.size - (before.size if before else 0)
            while self._bytes > self._most_bytes:
                _, oldest = self._answers.popitem(last=False)
                self._bytes -= oldest.size
        return answer


def kept_answers() -> KeptAnswers:
    """The running application's store."""
    extensions: dict[str, KeptAnswers] = current_app.extensions
    return extensions.get("kept_answers") or extensions.setdefault("kept_answers", KeptAnswers())
