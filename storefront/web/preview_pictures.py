"""The card that a chat shows of a product, with its price: see `preview_drawing` for its looks.

An address names the product, the shop and the language, and carries a digest of everything that
stands on the card. So a new price has a new address, a card may be kept for ever, and a stranger
can make the server draw nothing but what holds at present.
"""

from __future__ import annotations

import threading
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import orjson
from flask import Blueprint, Response

from storefront.catalog import shelf
from storefront.catalog.shelf import ShownPicture, ShownProduct, Words
from storefront.core import clock, pictures
from storefront.core import preview_pictures as kept
from storefront.core.errors import NotFound, Unavailable
from storefront.core.settings import settings
from storefront.insights.papers.fonts import font_file
from storefront.shops import window
from storefront.web import formats, social
from storefront.web.language import LANGUAGES, Language
from storefront.web.pages import chain_name
from storefront.web.phrases import Speaker

WIDTH, HEIGHT = social.PREVIEW_SIZE
MOST_BYTES = 250_000

DRAWING = 1
"""How cards look; another number gives all of them new addresses."""

blueprint = Blueprint("preview_pictures", __name__)

# One card at a time in a process: a crowd of crawlers at a new link would take all of it.
_drawing = threading.Lock()


class Shown(NamedTuple):
    """Everything that stands on a card, in one language."""

    language: Language
    chain: str
    name: str
    price: str
    price_words: str
    """The price, as it is said where variants differ: `¥19.00 起`."""
    keeper: str
    """Who picked it, in words; empty at the chain's own front."""
    picture: ShownPicture | None


class Priced(NamedTuple):
    """A product as a card needs it: its name, its variants' lowest and highest price, its picture.

    Prices are in minor units.
    """

    public_id: str
    name: Words
    lowest: int
    highest: int
    picture: ShownPicture | None

    @classmethod
    def of(cls, product: ShownProduct) -> Priced:
        """The product of a page; it has variants."""
        prices = [variant.price for variant in product.variants]
        return cls(product.public_id, product.name, min(prices), max(prices), product.picture)


def path_for(product: Priced, language: Language, handle: str = "", keeper: str = "") -> str | None:
    """Where the present card is served: in a shop with its keeper's name, or the chain's own.

    None where cards cannot be drawn, as there is no font. No query.
    """
    if _font() is None:
        return None
    return _path(product.public_id, handle, _shown(product, language, keeper))


@blueprint.get("/previews/<product_id>/<language>-<digest>.jpg")
@blueprint.get("/previews/<product_id>/<handle>/<language>-<digest>.jpg")
def show(product_id: str, language: str, digest: str, handle: str = "") -> Response:
    """One card. It is drawn when somebody asks for it first, and kept; an address that is no longer
    right leads to the one that is, unless its card was made while it was.
    """
    content = kept.find(digest)
    if content is None:
        shown = _present(product_id, handle, language)
        if digest != _digest(shown):
            headers = {"Location": _path(product_id, handle, shown), "Cache-Control": "no-store"}
            return Response(status=302, headers=headers)
        content = _made(shown, digest)
    response = Response(content, content_type="image/jpeg")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _present(product_id: str, handle: str, language: str) -> Shown:
    """What the card shows at present. Raises NotFound where there is no such page to share."""
    keeper = ""
    if handle:
        seen = window.glance_at_product(handle, product_id)
        shop = window.shop(handle) if seen and seen.is_open and seen.is_listed else None
        keeper = shop.keeper if shop else ""
    product = shelf.product(product_id)
    is_there = product and product.variants and bool(handle) == bool(keeper)
    if language not in LANGUAGES or not product or not is_there or _font() is None:
        raise NotFound("picture_not_found", "There is no such picture.")
    return _shown(Priced.of(product), language, keeper)


def _shown(product: Priced, language: Language, keeper: str) -> Shown:
    return Shown(
        language=language,
        chain=chain_name(language),
        name=product.name.say(language),
        price=formats.money(product.lowest, settings().chain_currency, language),
        price_words=social.spoken_price(product.lowest, product.highest, language),
        keeper=Speaker(language)("preview.picked", keeper=keeper) if keeper else "",
        picture=product.picture,
    )


def _digest(shown: Shown) -> str:
    *words, picture = shown
    drawn = orjson.dumps([DRAWING, *words, picture and list(picture)])
    return blake2b(drawn, digest_size=12).hexdigest()


def _path(product_id: str, handle: str, shown: Shown) -> str:
    at = f"{product_id}/{handle}" if handle else product_id
    return f"/previews/{at}/{shown.language}-{_digest(shown)}.jpg"


def _made(shown: Shown, digest: str) -> bytes:
    """The card, drawn outside of any transaction and kept."""
    # Few processes ever draw: one that does not goes without Pillow's memory.
    from storefront.web.preview_drawing import draw

    font = _font()
    assert font
    with _drawing:
        # Whoever waited here may have waited for this very card.
        content = kept.find(digest)
        if content is None:
            content = draw(shown, _file_of(shown.picture), font)
            kept.keep(digest, content, clock.now())
    return content


def _file_of(picture: ShownPicture | None) -> bytes | None:
    return pictures.find_file(picture.public_id, picture.width, "jpeg") if picture else None


@cache
def _font() -> Path | None:
    try:
        return font_file()
    except Unavailable:
        return None
