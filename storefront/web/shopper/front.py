"""The chain's own front: buying from here credits nobody by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request

from storefront.catalog import shelf
from storefront.catalog.aisles import Aisle, aisles
from storefront.core.cursors import cursor_of, key_of
from storefront.core.errors import Gone, NotFound
from storefront.core.kept import kept_answers
from storefront.web import pages, social
from storefront.web.language import chosen_language
from storefront.web.phrases import Speaker
from storefront.web.shopper.asking import Asked
from storefront.web.shopper.choosing import choose, product_page

PAGE = 24
"""Goods on one page of a list."""

blueprint = Blueprint("front", __name__)


@blueprint.get("/")
def show() -> Response:
    """Departments and the newest goods."""
    language = chosen_language()
    say, chain = Speaker(language), pages.chain_name(language)
    goods = _goods(category=None)
    picture = next((card.picture for card in goods["goods"] if card.picture), None)
    card = social.card("/", chain, [say("front.title")], picture, language)
    departments = aisles() if goods["is_first_page"] else []
    return pages.answer(
        pages.render("shopper/front.html", language, card=card, aisles=departments, **goods)
    )


@blueprint.get("/search")
def find() -> Response:
    """Goods by words, in everything that the chain sells; without words, the ways in."""
    language = chosen_language()
    asked = Asked.by_request()
    goods = _goods(asked.category, asked.words) if asked.words else _NOTHING
    return pages.answer(
        pages.render(
            "shopper/search.html",
            language,
            path=asked.under("/search"),
            asked=asked,
            aisles=aisles() if not goods["goods"] else [],
            **goods,
        )
    )


@blueprint.get("/c/<category>")
def show_aisle(category: str) -> Response:
    """The goods of a category and of those below it."""
    language = chosen_language()
    everywhere = aisles()
    way = _way_to(category, everywhere)
    if not way:
        raise NotFound("category_not_found", "There is no such category.")
    *above, aisle = way
    path = f"/c/{category}"
    card = social.card(path, aisle.name.say(language), [], aisle.picture, language)
    below = [one for one in everywhere if one.parent == category]
    return pages.answer(
        pages.render(
            "shopper/aisle.html",
            language,
            card=card,
            aisle=aisle,
            way=above,
            below=below,
            **_goods(category=category),
        )
    )


@blueprint.get("/p/<product_id>")
def show_product(product_id: str) -> Response:
    """A product at the chain's own front. One query when the page is kept."""
    language = chosen_language()
    version = shelf.version_of(product_id)
    key = ("product page", product_id, language)
    kept = kept_answers().get(key, version) if version is not None else None
    if kept is None:
        html = product_page(_product(product_id), language)
        kept = kept_answers().keep(key, version, html.encode())
    return pages.answer_kept(kept)


@blueprint.post("/p/<product_id>")
def choose_product(product_id: str) -> Response:
    """Put it into the cart."""
    return choose(_product(product_id))


def _product(product_id: str) -> shelf.ShownProduct:
    product = shelf.product(product_id)
    if product is None or not product.variants:
        raise absent(product_id)
    return product


def absent(product_id: str) -> NotFound | Gone:
    """What to raise for a product that cannot be bought."""
    if shelf.was_sold(product_id):
        return Gone("product_gone", "We no longer sell this.")
    return NotFound("product_not_found", "There is no such product.")


_NOTHING: dict[str, Any] = {"goods": [], "next": None, "is_first_page": True}


def _goods(category: str | None, words: Sequence[str] = ()) -> dict[str, Any]:
    """One page of goods for a template, newest first."""
    before = key_of(request.args.get("after"))
    cards = shelf.listed(category=category, words=words, before=before, limit=PAGE + 1)
    return {
        "goods": cards[:PAGE],
        "next": cursor_of(cards[PAGE - 1].id) if len(cards) > PAGE else None,
        "is_first_page": before is None,
    }


def _way_to(category: str, everywhere: Sequence[Aisle]) -> list[Aisle]:
    """The categories from the top down to this one; none if there is no such category."""
    by_id = {aisle.public_id: aisle for aisle in everywhere}
    way: list[Aisle] = []
    at: str | None = category
    while at is not None and at in by_id:
        way.insert(0, by_id[at])
        at = by_id[at].parent
    return way
