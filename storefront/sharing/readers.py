"""Who reads a share link: a person, or something that must not count as a visit."""

from __future__ import annotations

from typing import Protocol

from storefront.sharing.crawlers import LONGEST_READ, is_crawler
from storefront.sharing.models import Uncounted

AHEAD_OF_TIME = ("prefetch", "prerender", "preview")
PURPOSE_HEADERS = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
"""Where browsers say that nobody has asked for the page yet: the Fetch standard's, Chrome's and
Safari's older ones, Firefox's."""


class Headers(Protocol):
    """A request's headers, by whatever framework."""

    def get(self, key: str, default: str, /) -> str: ...


def classify(method: str, headers: Headers) -> Uncounted:
    """Why this request for a share link is no visit, or `Uncounted.NO` if it is one.

    Own visits cannot be told from a request alone: `touches` finds them out.
    """
    if method == "HEAD":
        return Uncounted.HEAD
    if is_crawler(headers.get("User-Agent", "")[:LONGEST_READ]):
        return Uncounted.CRAWLER
    for name in PURPOSE_HEADERS:
        purpose = headers.get(name, "")
        if purpose and purpose.lower().startswith(AHEAD_OF_TIME):
            return Uncounted.PREFETCH
    return Uncounted.NO
