"""Keyset pagination: the place in a list is the key of the last row, not a count that shifts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from storefront.core.cursors import cursor_of, key_of

__all__ = ["key_of", "page"]

T = TypeVar("T")


def page(
    rows: Sequence[T], limit: int, key: Callable[[T], int], show: Callable[[T], Any]
) -> dict[str, Any]:
    """`{"items": […], "next": cursor or null}` from up to `limit + 1` rows."""
    more = len(rows) > limit
    shown = rows[:limit]
    return {
        "items": [show(row) for row in shown],
        "next": cursor_of(key(shown[-1])) if more else None,
    }
