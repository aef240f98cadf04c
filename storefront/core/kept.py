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

MOST_BYTES = 16 * 1024 * 1024
"""Of bodies in one process; the ones that nobody asked for the longest go first."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """A finished body, and its strong ETag with the quotes."""

    version: Hashable
    body: bytes
    etag: str


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
        answer = KeptAnswer(version, body, f'"{blake2b(body, digest_size=12).hexdigest()}"')
        if len(body) > self._most_bytes:
            return answer
        with self._lock:
            before = self._answers.pop(key, None)
            self._answers[key] = answer
            self._bytes += len(body) - (len(before.body) if before else 0)
            while self._bytes > self._most_bytes:
                _, oldest = self._answers.popitem(last=False)
                self._bytes -= len(oldest.body)
        return answer


def kept_answers() -> KeptAnswers:
    """The running application's store."""
    extensions: dict[str, KeptAnswers] = current_app.extensions
    return extensions.get("kept_answers") or extensions.setdefault("kept_answers", KeptAnswers())
