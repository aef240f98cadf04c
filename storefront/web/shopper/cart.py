"""The cart: kept on the server, known by the visitor cookie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request

from storefront import visiting
from storefront.catalog import shelf
from storefront.catalog.prices import full_name
from storefront.catalog.shelf import VariantLook
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.orders import carts
from storefront.orders.carts import CartLineView, CartView
from storefront.shops.rules import HANDLE, LONGEST_HANDLE
from storefront.web import pages
from storefront.web.forms import sent
from storefront.web.language import Language, chosen_language
from storefront.web.phrases import Speaker
from storefront.web.shopper.choosing import MOST_PIECES, pieces_of

blueprint = Blueprint("cart", __name__)
blueprint.before_request(visiting.refuse_foreign_pages)
blueprint.after_request(visiting.set_cookie)


@dataclass(frozen=True, slots=True)
class CameFrom:
    """The shop that the visitor was in, to lead them back there."""

    handle: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line, and what was typed there."""

    variant: str
    words: str
    typed: str = ""


@blueprint.get("/cart")
def show() -> Response:
    """The visitor's current cart."""
    return _shown(_current())


@blueprint.get("/cart/pieces")
def count() -> Response:
    """How many pieces are in the cart, for a page that may be kept and so cannot say it itself."""
    cart = _current()
    answer = jsonify(pieces=_pieces(cart.lines) if cart else 0)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/cart")
def change() -> Response:
    """Set a line's quantity, or take it out."""
    cart_id, variant = sent("cart"), sent("variant")
    typed = "0" if "remove" in request.form else sent("quantity", 20).strip()
    pieces = pieces_of(typed, least=0)
    visitor = visiting.known_visitor() or ""
    say = Speaker(chosen_language())
    if pieces is None:
        cart = carts.read(cart_id, visitor)
        name = _line_name(cart, variant, say.language)
        words = say("cart.quantity_wrong", name=name, most=MOST_PIECES)
        return _shown(cart, Problem(variant, words, typed), 422)
    try:
        carts.set_quantities(cart_id, visitor, {variant: pieces})
    except Conflict:
        return _shown(_current(), Problem("", say("cart.ordered")), 409)
    except Invalid:
        cart = carts.read(cart_id, visitor)
        name = _line_name(cart, variant, say.language)
        return _shown(cart, Problem(variant, say("checkout.off_sale", name=name)), 422)
    return pages.see_other(with_shop("/cart"))


def came_from() -> CameFrom | None:
    """The shop named in the address or form, if it can be one's handle."""
    handle = request.values.get("shop", "")
    if len(handle) <= LONGEST_HANDLE and HANDLE.fullmatch(handle):
        return CameFrom(handle)
    return None


def line_name(line: CartLineView, language: Language) -> str:
    """Product and option."""
    if language == "zh":
        return full_name(line.name_zh, line.option_zh)
    return full_name(line.name_en, line.option_en)


def with_looks(cart: CartView) -> list[tuple[CartLineView, VariantLook]]:
    """The cart's lines, each with how it looks. One query, none for an empty cart."""
    if not cart.lines:
        return []
    looks = shelf.looks(line.variant_id for line in cart.lines)
    return [(line, looks[line.variant_id]) for line in cart.lines]


def _current() -> CartView | None:
    visitor = visiting.known_visitor()
    return carts.current(visitor) if visitor else None


def with_shop(path: str) -> str:
    """A path that remembers the shop the visitor was in."""
    shop = came_from()
    return f"{path}?shop={shop.handle}" if shop else path


def _line_name(cart: CartView, variant: str, language: Language) -> str:
    line = next((one for one in cart.lines if one.variant == variant), None)
    if line is None:
        raise NotFound("cart_line_not_found", "There is no such line in the cart.")
    return line_name(line, language)


def _shown(cart: CartView | None, problem: Problem | None = None, status: int = 200) -> Response:
    language, shop = chosen_language(), came_from()
    lines: list[tuple[CartLineView, VariantLook]] = with_looks(cart) if cart else []
    html = pages.render(
        "shopper/cart.html",
        language,
        path=with_shop("/cart"),
        cart=cart.public_id if cart else "",
        lines=lines,
        line_name=lambda line: line_name(line, language),  # pyright: ignore
        product_address=lambda line: _product_address(line, shop),  # pyright: ignore
        go_on=f"/s/{shop.handle}" if shop else "/",
        pieces=_pieces(cart.lines) if cart else 0,
        total=cart.total if cart else 0,
        most=MOST_PIECES,
        shop=shop,
        problem=(problem.variant, problem.words) if problem else None,
        typed=problem.typed if problem else "",
    )
    return pages.answer(html, status)


def _pieces(lines: Sequence[CartLineView]) -> int:
    return sum(line.quantity for line in lines)


def _product_address(line: CartLineView, shop: CameFrom | None) -> str:
    return f"/s/{shop.handle}/p/{line.product}" if shop else f"/p/{line.product}"
