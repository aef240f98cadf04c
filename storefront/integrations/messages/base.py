"""What the program asks of a message service."""

from __future__ import annotations

from typing import Protocol


class Messenger(Protocol):
    """Something that carries short messages to phones. Never called inside a transaction."""

    def send(self, phone: str, text: str, *, key: str) -> None:
        """Send `text` to a phone in E.164 form; the same `key` is not sent twice."""
        ...
