"""How a page is made and sent: its language, its formats, how long it may be kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from hashlib import blake2b
from typing import Any, cast

from flask import Flask, Response, render_template, request

from storefront.core.coding import SMALLEST, coding_for, packed, tagged
from storefront.core.kept import MARK, AnswerByLink, KeptAnswer, kept_answers
from storefront.core.pictures import has_avif, path_of, widths_of
from storefront.core.settings import settings
from storefront.web import formats, language
from storefront.web.assets import asset
from storefront.web.headers import NO_REFERRER, OF_ANYTHING, OF_PAGES, ReadyResponse
from storefront.web.language import Language, chosen_language
from storefront.web.phrases import Speaker

CONTENT_TYPE = "text/html; charset=utf-8"
VARY = "Accept-Language, Cookie, Accept-Encoding"
_OF_KEPT_PAGES = (
    ("Content-Type", CONTENT_TYPE),
    ("Cache-Control", "no-cache"),
    ("Vary", VARY),
    OF_ANYTHING,
    *OF_PAGES,
)


def register(app: Flask) -> None:
    """Give templates what all of them need."""
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    known = cast(dict[str, Any], environment.globals)
    known.update(
        asset=asset,
        path_of=path_of,
        has_avif=has_avif,
        widths_of=widths_of,
        own_names=language.OWN_NAMES,
    )


def chain_name(spoken: Language) -> str:
    """The chain's name in this language."""
    return settings().chain_name_zh if spoken == "zh" else settings().chain_name_en


def render(
    template: str, spoken: Language | None = None, *, path: str | None = None, **context: Any
) -> str:
    """A page's HTML in this language, or in the one of the request.

    `path` is where the reader comes back to after choosing a language; the request's own if None.
    """
    spoken = spoken or chosen_language()
    return render_template(
        template,
        language=spoken,
        tag=language.TAGS[spoken],
        say=Speaker(spoken),
        chain=chain_name(spoken),
        legal_name=settings().chain_legal_name or chain_name(spoken),
        contact=settings().chain_contact,
        contact_address=_contact_address(settings().chain_contact),
        base_url=settings().public_base_url,
        path=request.path if path is None else path,
        currency=settings().chain_currency,
        money=partial(formats.money, currency=settings().chain_currency, language=spoken),
        **context,
    )


def _contact_address(contact: str) -> str:
    if "@" in contact:
        return f"mailto:{contact}"
    return f"tel:{contact.replace(' ', '').replace('-', '')}"


def answer_kept(kept: KeptAnswer | AnswerByLink) -> Response:
    """A page for everybody, which a browser may keep but must ask about each time."""
    environ = request.environ
    sent = kept.sent_to(environ.get("HTTP_ACCEPT_ENCODING", ""))
    headers = [("ETag", sent.etag), *_OF_KEPT_PAGES]
    if sent.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        return ReadyResponse(status=304, headers=headers)
    if sent.coding:
        headers.append(("Content-Encoding", sent.coding))
    headers.append(("Content-Length", str(len(sent.body))))
    return ReadyResponse(sent.body, headers=headers)


def answer_by_version(
    key: tuple[Hashable, ...], version: Hashable, make: Callable[[str], str], code: str = ""
) -> Response:
    """The page kept for `key`, if it was made of this version, or else made now by `make`.

    `code` is the one of the link in the page's address, letters and digits. `make` is given MARK in
    its place, so one page is kept for all whom any link has led there; without a link, nothing.
    """
    answers, key = kept_answers(), (*key, bool(code))
    kept = answers.get(key, version)
    if kept is None:
        kept = answers.keep(key, version, make(MARK if code else "").encode())
    return answer_kept(kept.with_code(code) if code else kept)


def answer(html: str, status: int = 200) -> Response:
    """A page for this visitor alone."""
    body = html.encode()
    headers = [("Cache-Control", "private, no-cache"), ("Vary", VARY)]
    if status != 200 or request.method not in {"GET", "HEAD"}:
        return Response(body, status, [("Content-Type", CONTENT_TYPE), *headers])
    accepted = request.headers.get("Accept-Encoding", "")
    coding = coding_for(accepted) if len(body) >= SMALLEST else None
    etag = tagged(f'"{blake2b(body, digest_size=12).hexdigest()}"', coding)
    headers.append(("ETag", etag))
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    if coding:
        body = packed(body, coding)
        headers.append(("Content-Encoding", coding))
    return Response(body, status, [("Content-Type", CONTENT_TYPE), *headers])


def answer_secretly(html: str, status: int = 200) -> Response:
    """A page that nobody keeps, lists or hands its address on: an order, an address."""
    response = Response(html, status, content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = NO_REFERRER
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def see_other(path: str) -> Response:
    """Send the browser to another page after a form."""
    response = Response(status=303, headers={"Location": path})
    response.headers["Cache-Control"] = "no-store"
    return response
