"""How a page is made and sent: its language, its formats, how long it may be kept."""

from __future__ import annotations

from functools import partial
from hashlib import blake2b
from typing import Any, cast

from flask import Flask, Response, render_template, request

from storefront.core.kept import KeptAnswer
from storefront.core.pictures import path_of, widths_of
from storefront.core.settings import settings
from storefront.web import formats, language
from storefront.web.assets import asset
from storefront.web.headers import NO_REFERRER, OF_ANYTHING, OF_PAGES, ReadyResponse
from storefront.web.language import Language, chosen_language
from storefront.web.phrases import Speaker

CONTENT_TYPE = "text/html; charset=utf-8"
MARK = "0code0"
"""Stands in a kept page for the code of a link: no link has it, as codes hold no zero."""
VARY = "Accept-Language, Cookie"
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


def answer_kept(kept: KeptAnswer) -> Response:
    """A page for everybody, which a browser may keep but must ask about each time."""
    headers = [("ETag", kept.etag), *_OF_KEPT_PAGES]
    if kept.etag in request.environ.get("HTTP_IF_NONE_MATCH", ""):
        return ReadyResponse(status=304, headers=headers)
    headers.append(("Content-Length", str(len(kept.body))))
    return ReadyResponse(kept.body, headers=headers)


def with_code(kept: KeptAnswer, code: str) -> KeptAnswer:
    """A page that was made with MARK for the code of the link in its address, for this code.

    So one page is kept for all whom any link has led there. `code` is letters and digits.
    """
    etag = f'{kept.etag[:-1]}-{code}"'
    return KeptAnswer(kept.version, kept.body.replace(MARK.encode(), code.encode()), etag)


def answer(html: str, status: int = 200) -> Response:
    """A page for this visitor alone."""
    body = html.encode()
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = [("Cache-Control", "private, no-cache"), ("Vary", VARY)]
    if status == 200 and request.method in {"GET", "HEAD"}:
        headers.append(("ETag", etag))
        if etag in request.headers.get("If-None-Match", ""):
            return Response(status=304, headers=headers)
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
