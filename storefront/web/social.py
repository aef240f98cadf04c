"""What a page says of itself to chats, networks and search engines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from storefront.catalog.shelf import ShownPicture, ShownProduct, ShownVariant
from storefront.core.money import format_amount
from storefront.core.pictures import path_of
from storefront.core.settings import settings
from storefront.web import formats
from storefront.web.language import Language
from storefront.web.pages import chain_name
from storefront.web.phrases import Speaker

LONGEST_DESCRIPTION = 200
"""Characters; no reader of the tags shows more."""

PREVIEW_SIZE = (1200, 630)
"""Pixels of a picture made for sharing."""


@dataclass(frozen=True, slots=True)
class Card:
    """What the tags say, in one language."""

    kind: str
    """What Open Graph calls it: `website`, `article`; `product` has a price."""
    language: Language
    chain: str
    url: str
    title: str
    description: str
    picture: str | None
    """The product's or the shop's own, as search engines and QQ want it."""
    preview: str | None
    """What chats and networks show."""
    preview_width: int
    preview_height: int
    price: str | None
    currency: str


def card(
    path: str,
    title: str,
    said: Sequence[str],
    picture: ShownPicture | None,
    language: Language,
    lowest_price: int | None = None,
    preview: str | None = None,
) -> Card:
    """The card of the page at this path of ours; empty words in `said` are left out.

    With a price it is a product's. `preview` is the path of a picture made for sharing, see
    `preview_pictures`; without one the page's own picture is shown.
    """
    base, currency, chain = (
        settings().public_base_url,
        settings().chain_currency,
        chain_name(language),
    )
    description = " · ".join(
        part for part in [*(" ".join(one.split()) for one in said), chain] if part
    )
    own = base + path_of(picture.public_id, picture.width, "jpeg") if picture else None
    size = (picture.width, picture.height) if picture else (0, 0)
    width, height = PREVIEW_SIZE if preview else size
    return Card(
        kind="website" if lowest_price is None else "product",
        language=language,
        chain=chain,
        url=base + path,
        title=title,
        description=description[:LONGEST_DESCRIPTION],
        picture=own,
        preview=base + preview if preview else own,
        preview_width=width,
        preview_height=height,
        price=format_amount(lowest_price, currency) if lowest_price is not None else None,
        currency=currency,
    )


def article(
    path: str, title: str, words: str, picture: ShownPicture | None, language: Language
) -> Card:
    """The card of something to read at this path of ours."""
    return replace(card(path, title, [words], picture, language), kind="article")


def spoken_price(lowest: int, highest: int, language: Language) -> str:
    """`¥19.00`, or `¥19.00 起` where not all variants cost the same."""
    price = formats.money(lowest, settings().chain_currency, language)
    return price if lowest == highest else Speaker(language)("product.from", price=price)


def linked_data(product: ShownProduct, card: Card, language: Language) -> dict[str, Any] | None:
    """The product as schema.org knows it; None if there is nothing to be had."""
    if not product.variants:
        return None
    return {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.name.say(language),
        "description": product.words.say(language) or card.description,
        "image": [card.picture] if card.picture else [],
        "brand": {"@type": "Brand", "name": product.brand.say(language)},
        "category": product.category.say(language),
        "sku": product.public_id,
        "url": card.url,
        "offers": [_offer(variant, card, language) for variant in product.variants],
    }


def _offer(variant: ShownVariant, card: Card, language: Language) -> dict[str, Any]:
    stock = "InStock" if variant.in_stock else "OutOfStock"
    offer: dict[str, Any] = {
        "@type": "Offer",
        "sku": variant.public_id,
        "price": format_amount(variant.price, card.currency),
        "priceCurrency": card.currency,
        "availability": f"https://schema.org/{stock}",
        "url": card.url,
        "seller": {"@type": "Organization", "name": card.chain},
    }
    option = variant.option.say(language)
    return {**offer, "name": option} if option else offer
