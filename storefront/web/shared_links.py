"""Share links: `/l/<code>` stores who came and sends them on to the shop."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, cast

from babel.numbers import format_currency
from flask import Blueprint, Response, render_template, request

from storefront.core import clock
from storefront.core.money import format_amount
from storefront.core.pictures import path_of
from storefront.core.settings import settings
from storefront.customers.visitors import (
    COOKIE_NAME,
    COOKIE_SECONDS,
    cookie_value,
    new_visitor_id,
    visitor_of,
)
from storefront.sharing import touches
from storefront.sharing.models import Uncounted
from storefront.sharing.previews import Preview, ProductPreview, preview_of
from storefront.sharing.readers import classify

Language = Literal["zh", "en"]

blueprint = Blueprint("shared_links", __name__, template_folder="templates")

LOCALES: dict[Language, str] = {"zh": "zh_Hans_CN", "en": "en"}
LONGEST_DESCRIPTION = 200
"""Characters; no reader of the tags shows more."""


@blueprint.get("/l/<code>")
def follow(code: str) -> Response:
    """Store the visit and send the visitor to the shop or product; crawlers get a preview.

    A hot path: one statement on the way of everybody who comes with a good link.
    """
    uncounted = classify(request.method, request.headers)
    is_crawler = uncounted is Uncounted.CRAWLER
    secret = settings().visitor_secret
    known = None if is_crawler else visitor_of(request.cookies.get(COOKIE_NAME), secret)
    visitor = "" if is_crawler else known or new_visitor_id()
    landing = touches.keep(
        code,
        visitor_id=visitor,
        at=clock.now(),
        uncounted=uncounted,
        user_agent=request.headers.get("User-Agent", ""),
        referrer=request.headers.get("Referer", ""),
    )
    if landing is None:
        return _leads_nowhere(code)
    if is_crawler:
        return _preview(code, landing)
    # The path was put together in the database from parts that hold no "/" of their own, so it
    # stays on this host. HTTP/1.0 does not know 303.
    old = request.method == "HEAD" or request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
    response = Response(status=302 if old else 303, headers={"Location": landing})
    response.headers["Cache-Control"] = "no-store"
    if known is None:
        response.set_cookie(
            COOKIE_NAME,
            cookie_value(visitor, secret),
            max_age=COOKIE_SECONDS,
            secure=settings().public_base_url.startswith("https:"),
            httponly=True,
            samesite="Lax",
        )
    return response


def _leads_nowhere(code: str) -> Response:
    reason = touches.why_nowhere(code)
    language = _language()
    page = render_template(
        "links/nowhere.html", reason=reason.code, language=language, chain=_chain_name(language)
    )
    return _page(page, reason.status)


def _preview(code: str, landing: str) -> Response:
    preview = preview_of(code)
    if preview is None:
        return _leads_nowhere(code)
    page = render_template("links/preview.html", landing=landing, card=_card(code, preview))
    return _page(page, 200)


def _page(page: str, status: int) -> Response:
    # Not for a shared cache: the same address redirects people.
    return Response(page, status, headers={"Cache-Control": "no-store"})


@dataclass(frozen=True, slots=True)
class Card:
    """What the tags say, in one language."""

    language: Language
    chain: str
    url: str
    title: str
    description: str
    picture: str | None
    picture_width: int
    picture_height: int
    price: str | None
    currency: str


def _card(code: str, preview: Preview) -> Card:
    language = _language()
    chain, base, currency = _chain_name(language), settings().public_base_url, _currency()
    product, picture = preview.product, preview.picture
    price = product.lowest_price if product else None
    if product:
        title = product.name_zh if language == "zh" else product.name_en
        words = product.caption or (product.words_zh if language == "zh" else product.words_en)
    else:
        title, words = preview.shop_title, preview.shop_words
    said = [_spoken_price(product, currency, language) if product else "", " ".join(words.split())]
    description = " · ".join(part for part in [*said, chain] if part)
    return Card(
        language=language,
        chain=chain,
        # The employee stays in the address that a network keeps: a bare product page would strip
        # them of the sale.
        url=f"{base}/l/{code}",
        title=title,
        description=description[:LONGEST_DESCRIPTION],
        picture=base + path_of(picture.public_id, picture.width, "jpeg") if picture else None,
        picture_width=picture.width if picture else 0,
        picture_height=picture.height if picture else 0,
        price=format_amount(price, currency) if price is not None else None,
        currency=currency,
    )


def _spoken_price(product: ProductPreview, currency: str, language: Language) -> str:
    if product.lowest_price is None:
        return ""
    amount = Decimal(format_amount(product.lowest_price, currency))
    price = format_currency(amount, currency, locale=LOCALES[language])
    if product.lowest_price == product.highest_price:
        return price
    return f"{price} 起" if language == "zh" else f"from {price}"


def _language() -> Language:
    # Most crawlers name no language: the chain's own is Chinese.
    return cast(Language, request.accept_languages.best_match(tuple(LOCALES), "zh"))


def _chain_name(language: Language) -> str:
    return settings().chain_name_zh if language == "zh" else settings().chain_name_en


def _currency() -> str:
    return settings().chain_currency
