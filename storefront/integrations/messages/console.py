"""Messages that only appear in the log: for development and trying things out."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


class ConsoleMessenger:
    """Writes each message to the log, the phone's middle hidden."""

    def send(self, phone: str, text: str, *, key: str) -> None:
        """Log the message."""
        log.info("message %s to %s…%s: %s", key, phone[:6], phone[-2:], text)
