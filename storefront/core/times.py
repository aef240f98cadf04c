"""How times are written down."""

from __future__ import annotations

from datetime import UTC, datetime


def as_rfc3339(moment: datetime) -> str:
    """`2026-03-05T08:30:00Z`, with microseconds only where there are some."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
