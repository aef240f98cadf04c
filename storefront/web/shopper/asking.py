"""What a reader of a list of goods asks for: words, a department."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from storefront.catalog.searching import LONGEST, words_in

LONGEST_ID = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """Which goods; nothing is asked where both are empty."""

    typed: str = ""
    """As it was typed, to be shown again."""
    category: str | None = None
    """A category's public id."""

    @classmethod
    def by_request(cls) -> Asked:
        """What the address asks for: `q` for words, `in` for a category."""
        if not request.query_string:
            return EVERYTHING
        typed = request.args.get("q", "").replace("\0", "").strip()[:LONGEST]
        return cls(typed, request.args.get("in", "").replace("\0", "")[:LONGEST_ID] or None)

    @property
    def words(self) -> tuple[str, ...]:
        """The words to look for."""
        return words_in(self.typed)

    def __bool__(self) -> bool:
        return bool(self.typed or self.category)

    def under(self, path: str) -> str:
        """The address at `path` that asks for the same."""
        sent = {name: value for name, value in (("q", self.typed), ("in", self.category)) if value}
        return f"{path}?{urlencode(sent)}" if sent else path


EVERYTHING = Asked()
