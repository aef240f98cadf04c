"""Errors as pages: what happened, in the reader's language, and a way on."""

from __future__ import annotations

from flask import Response, request
from werkzeug.exceptions import HTTPException

from storefront.core.errors import DomainError
from storefront.web import pages
from storefront.web.language import chosen_language
from storefront.web.phrases import Speaker


def of_domain_error(error: DomainError) -> Response:
    """The page for what domain code raised."""
    return lost(error)


def of_http_exception(error: HTTPException) -> Response:
    """The page for what Flask raised, or for a fault of ours."""
    status = error.code or 500
    response = _page("", status)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def lost(error: DomainError, *, instead: tuple[str, str] | None = None) -> Response:
    """The page for an error; `instead` is the path of a better way on, and its phrase's key."""
    response = _page(error.code, error.status, instead)
    if "retry_after" in error.extra:
        response.headers["Retry-After"] = str(error.extra["retry_after"])
    return response


def _page(code: str, status: int, instead: tuple[str, str] | None = None) -> Response:
    language = chosen_language()
    say = Speaker(language)
    general = "error.status_500" if status >= 500 else "error.status_400"
    heading = say.first_of(f"error.{code}", f"error.status_{status}", general)
    words = say.first_of(f"error.{code}_words", f"error.status_{status}_words", f"{general}_words")
    html = pages.render(
        "errors/lost.html",
        language,
        # What cannot be opened like a page is no place to come back to.
        path=request.path if request.method in {"GET", "HEAD"} else "/",
        heading=heading,
        words=words,
        instead=(instead[0], say(instead[1])) if instead else None,
    )
    response = Response(html, status, content_type=pages.CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
