"""Share links: `/l/<code>` stores who came and sends them on to the shop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from storefront.catalog.shelf import ShownPicture, Words
from storefront.core import clock
from storefront.core.settings import settings
from storefront.customers.visitors import (
    COOKIE_NAME,
    new_visitor_id,
    set_cookie_header,
    visitor_of,
)
from storefront.sharing import touches
from storefront.sharing.models import TouchKind, Uncounted
from storefront.sharing.previews import Preview, ProductPreview, preview_of
from storefront.sharing.readers import classify
from storefront.web import errors, pages, preview_pictures, social
from storefront.web.headers import ReadyResponse
from storefront.web.language import Language, chosen_language
from storefront.web.preview_pictures import Priced

blueprint = Blueprint("shared_links", __name__)

REDIRECTED = (
    ("Cache-Control", "no-store"),
    ("Content-Type", "text/plain"),
    ("Content-Length", "0"),
)
"""Every redirect's headers: nothing to read, and never kept, as each visit is to be seen."""


@dataclass(frozen=True, slots=True)
class SentHeaders:
    """The request's headers, straight from where the server put them.

    The framework's own way to look for one that is mostly absent costs ten times as much, and a
    link asks for seven.
    """

    environ: Mapping[str, Any]

    def get(self, name: str, default: str, /) -> str:
        """The header of this name, or the default."""
        return self.environ.get("HTTP_" + name.upper().replace("-", "_"), default)


@blueprint.get("/l/<code>")
def follow(code: str) -> Response:
    """Store the visit and send the visitor to the shop or product; crawlers get a preview.

    A hot path: one statement on the way of everybody who comes with a good link.
    """
    return _follow(code, TouchKind.LINK)


@blueprint.get("/q/<code>")
def scan(code: str) -> Response:
    """The same link read off a QR code, so that a poster can be told from a chat."""
    return _follow(code, TouchKind.QR)


@blueprint.get("/r/<code>")
def passed_on(code: str) -> Response:
    """The address that a page of the shop carries when a visitor passes it on.

    The employee keeps the credit, and it can be told what came by whom; forwarding earns nobody
    anything.
    """
    return _follow(code, TouchKind.RESHARE)


def arrival_by(code: str, here: str) -> Response | str | None:
    """Somebody opens a page of the shop whose address carries a link's code (see `page_of`).

    Whoever was sent there by the link itself, or reads the page again, was met before. Anybody
    else has the address from another visitor, who passed it on: the employee keeps the credit, and
    the touch says that it came through a re-share. The value of a `Set-Cookie` header for a new
    visitor, or a redirect if the code leads to another page than `here`.
    """
    arriving = _Arriving.by_request()
    if arriving.known and touches.has_come_by(code, arriving.known):
        return None
    landing = arriving.keep(code, TouchKind.RESHARE)
    if landing is None:
        # Taken back, or made up: the page is there all the same, and nobody is credited by it.
        return arriving.sent_on(quote(here))
    if _shop_in(landing) != _shop_in(here):
        return arriving.sent_on(page_of(landing, code))
    return arriving.cookie()


def page_of(landing: str, code: str) -> str:
    """The address of a page with the code of the link that led there: what the browser shows, and
    what a visitor passes on.
    """
    return f"{landing}/~{code}"


def _shop_in(path: str) -> str:
    """`/s/<handle>` of a page in a shop; no handle has a "/" in it."""
    return "/".join(path.split("/", 3)[:3])


@dataclass(frozen=True, slots=True)
class _Arriving:
    """Who or what comes with a link's code."""

    sent: SentHeaders
    uncounted: Uncounted
    known: str | None
    """The visitor, if the browser has been here."""
    visitor: str
    """The same or a new one; empty for a crawler."""

    @classmethod
    def by_request(cls) -> _Arriving:
        environ = request.environ
        sent = SentHeaders(environ)
        uncounted = classify(environ["REQUEST_METHOD"], sent)
        is_crawler = uncounted is Uncounted.CRAWLER
        known = None
        if "HTTP_COOKIE" in environ and not is_crawler:
            known = visitor_of(request.cookies.get(COOKIE_NAME), settings().visitor_secret)
        return cls(sent, uncounted, known, "" if is_crawler else known or new_visitor_id())

    def keep(self, code: str, kind: TouchKind) -> str | None:
        """Store the touch; where the code leads."""
        return touches.keep(
            code,
            visitor_id=self.visitor,
            at=clock.now(),
            uncounted=self.uncounted,
            user_agent=self.sent.get("User-Agent", ""),
            referrer=self.sent.get("Referer", ""),
            kind=kind,
        )

    def sent_on(self, path: str) -> Response:
        # The path was put together from parts that hold no "/" of their own, so it stays on this
        # host. HTTP/1.0 does not know 303.
        is_head = self.uncounted is Uncounted.HEAD
        old = is_head or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
        headers = [("Location", path), *REDIRECTED]
        cookie = self.cookie()
        if cookie:
            headers.append(("Set-Cookie", cookie))
        return ReadyResponse(status=302 if old else 303, headers=headers)

    def cookie(self) -> str | None:
        """What gives a new visitor their cookie."""
        if self.known is not None or not self.visitor:
            return None
        chosen = settings()
        secure = chosen.public_base_url.startswith("https:")
        return set_cookie_header(self.visitor, chosen.visitor_secret, secure=secure)


def _follow(code: str, kind: TouchKind) -> Response:
    arriving = _Arriving.by_request()
    landing = arriving.keep(code, kind)
    if landing is None:
        return _leads_nowhere(code)
    if arriving.uncounted is Uncounted.CRAWLER:
        return _preview(code, landing)
    return arriving.sent_on(page_of(landing, code))


def _leads_nowhere(code: str) -> Response:
    return errors.lost(touches.why_nowhere(code))


def _preview(code: str, landing: str) -> Response:
    preview = preview_of(code)
    if preview is None:
        return _leads_nowhere(code)
    language = chosen_language()
    card = _card(code, preview, language)
    html = pages.render("links/preview.html", language, landing=landing, card=card)
    # Not for a shared cache: the same address redirects people.
    return Response(html, headers={"Cache-Control": "no-store"}, content_type=pages.CONTENT_TYPE)


def _card(code: str, preview: Preview, language: Language) -> social.Card:
    # The employee stays in the address that a network keeps: a bare product page would strip
    # them of the sale.
    here = f"/l/{code}"
    kept, post = preview.picture, preview.post
    picture = ShownPicture(kept.public_id, kept.width, kept.height) if kept else None
    if post:
        return social.article(here, post.title, post.words, picture, language)
    if not preview.product:
        return social.card(here, preview.shop_title, [preview.shop_words], picture, language)
    return _product_card(here, preview, preview.product, picture, language)


def _product_card(
    here: str,
    preview: Preview,
    product: ProductPreview,
    picture: ShownPicture | None,
    language: Language,
) -> social.Card:
    name = Words(product.name_zh, product.name_en)
    words = product.caption or Words(product.words_zh, product.words_en).say(language)
    lowest, highest = product.lowest_price, product.highest_price
    said, drawn = "", None
    if lowest is not None and highest is not None:
        said = social.spoken_price(lowest, highest, language)
        priced = Priced(product.public_id, name, lowest, highest, picture)
        drawn = preview_pictures.path_for(priced, language, preview.handle, preview.keeper)
    return social.card(here, name.say(language), [said, words], picture, language, lowest, drawn)
