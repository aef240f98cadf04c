"""Pages and other text go out packed, for readers who take them so.

What crowds ask for packs itself when it is kept (`core.kept`, `assets`); this is for the rest. What
nobody may keep stays plain: a secret beside words that a stranger chose could be guessed by its
length (BREACH), and such pages are few. So does the API, whose tags are version numbers.
"""

from __future__ import annotations

from flask import Flask, Response, request

from storefront.core.coding import SMALLEST, coding_for, packed
from storefront.web.headers import ReadyResponse

TYPES = frozenset({"text/html", "text/css", "text/javascript", "image/svg+xml"})


def register(app: Flask) -> None:
    """Look at every answer before it leaves."""
    app.after_request(pack)


def pack(response: Response) -> Response:
    """The answer as this request's reader takes it."""
    if isinstance(response, ReadyResponse) or not _may_be_packed(response):
        return response
    response.vary.add("Accept-Encoding")
    coding = coding_for(request.headers.get("Accept-Encoding", ""))
    if coding:
        response.set_data(packed(response.get_data(), coding))
        response.headers["Content-Encoding"] = coding
    return response


def _may_be_packed(response: Response) -> bool:
    headers = response.headers
    return (
        response.mimetype in TYPES
        and response.is_sequence
        and response.status_code not in {204, 206, 304}
        and "Content-Encoding" not in headers
        and "ETag" not in headers  # who tags an answer packs it too: see `pages.answer`
        and "no-store" not in headers.get("Cache-Control", "")
        and (response.calculate_content_length() or 0) >= SMALLEST
    )
