"""The product page and its form, in an employee's shop and at the chain's own front alike."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from storefront import visiting
from storefront.catalog.shelf import ShownPicture, ShownProduct, ShownVariant
from storefront.core import clock
from storefront.core.errors import Invalid
from storefront.core.settings import settings
from storefront.orders import carts
from storefront.shops.window import ShownShop
from storefront.web import pages, preview_pictures, social
from storefront.web.forms import sent
from storefront.web.language import Language, chosen_language
from storefront.web.phrases import Speaker
from storefront.web.preview_pictures import Priced
from storefront.web.shared_links import page_of

MOST_PIECES = 999
"""Of one variant, in a cart that is filled by hand."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was filled in, as it was typed, and what is wrong with it."""

    variant: str = ""
    quantity: str = "1"
    problem: tuple[str, str] | None = None
    """The field's id, and the words."""


NOTHING_YET = Choice()


def product_page(
    product: ShownProduct,
    language: Language,
    *,
    shop: ShownShop | None = None,
    caption: str = "",
    choice: Choice = NOTHING_YET,
    code: str = "",
) -> str:
    """The page of a product; in a shop, with its keeper and what they say of it.

    `code` is the one of the link that led there, to stand in the page's address.
    """
    here = f"/s/{shop.handle}/p/{product.public_id}" if shop else f"/p/{product.public_id}"
    path = page_of(here, code) if code else here
    prices = [variant.price for variant in product.variants]
    lowest, highest = min(prices), max(prices)
    words = caption or product.words.say(language)
    card = social.card(
        path,
        product.name.say(language),
        [social.spoken_price(lowest, highest, language), words],
        product.picture,
        language,
        lowest,
        preview_pictures.path_for(
            Priced.of(product),
            language,
            shop.handle if shop else "",
            shop.keeper if shop else "",
        ),
    )
    return pages.render(
        "shopper/product.html",
        language,
        path=path,
        here=here,
        canonical=settings().public_base_url + here,
        suffix=f"/~{code}" if code else "",
        product=product,
        shop=shop,
        caption=caption,
        pictures=_pictures(product, language),
        lowest=lowest,
        highest=highest,
        in_stock=any(variant.in_stock for variant in product.variants),
        chosen=choice.variant or _first_in_stock(product),
        quantity=choice.quantity,
        problem=choice.problem,
        most=MOST_PIECES,
        return_days=settings().return_days,
        card=card,
        linked_data=social.linked_data(product, card, language),
    )


def choose(
    product: ShownProduct,
    *,
    shop: ShownShop | None = None,
    caption: str = "",
) -> Response:
    """Put what the form says into the visitor's cart, or show the page again with what is wrong."""
    # Said here and not before every request of the blueprint: only this one changes anything.
    visiting.refuse_foreign_pages()
    language = chosen_language()
    variant, quantity = sent("variant"), sent("quantity", 20).strip()
    say = Speaker(language)
    problem = _problem(product, variant, quantity, say)
    if problem is None:
        try:
            carts.add(visiting.visitor(), variant, int(quantity), MOST_PIECES, clock.now())
        except Invalid as error:
            problem = _refused(error, say)
    if problem is not None:
        choice = Choice(variant, quantity, problem)
        html = product_page(product, language, shop=shop, caption=caption, choice=choice)
        return pages.answer(html, 422)
    onward = "/checkout" if sent("then") == "checkout" else "/cart"
    answer = pages.see_other(f"{onward}?shop={shop.handle}" if shop else onward)
    return visiting.set_cookie(answer)


def pieces_of(text: str, least: int = 1) -> int | None:
    """The number of pieces that was typed, if it is one we take."""
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        return None
    return int(text) if least <= int(text) <= MOST_PIECES else None


def _problem(
    product: ShownProduct, variant_id: str, quantity: str, say: Speaker
) -> tuple[str, str] | None:
    variant = next((one for one in product.variants if one.public_id == variant_id), None)
    if variant is None:
        key = "choice.variant_gone" if variant_id else "choice.variant_missing"
        return "variant", say(key)
    if not variant.in_stock:
        return "variant", say("choice.variant_sold_out", name=_name(product, variant, say.language))
    if pieces_of(quantity) is None:
        return "quantity", say("choice.quantity_wrong", most=MOST_PIECES)
    return None


def _refused(error: Invalid, say: Speaker) -> tuple[str, str]:
    if error.code == "too_many_pieces":
        return "quantity", say("choice.quantity_too_large", most=MOST_PIECES)
    return "variant", say("choice.variant_gone")


def _name(product: ShownProduct, variant: ShownVariant, language: Language) -> str:
    return variant.option.say(language) or product.name.say(language)


def _first_in_stock(product: ShownProduct) -> str:
    return next((one.public_id for one in product.variants if one.in_stock), "")


def _pictures(product: ShownProduct, language: Language) -> list[tuple[ShownPicture, str]]:
    """The product's picture and each further one of its variants, with what it shows."""
    pictures: dict[str, tuple[ShownPicture, str]] = {}
    if product.picture:
        pictures[product.picture.public_id] = (product.picture, "")
    for variant in product.variants:
        if variant.picture:
            shows = variant.option.say(language)
            pictures.setdefault(variant.picture.public_id, (variant.picture, shows))
    return list(pictures.values())
