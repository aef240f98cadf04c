"""An employee's shop: where share links lead. Crowds pass here, so finished pages are kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from flask import Blueprint, Response

from storefront import visiting
from storefront.catalog import shelf
from storefront.catalog.aisles import departments_of
from storefront.core import clock
from storefront.core.errors import Gone, NotFound
from storefront.core.settings import settings
from storefront.sharing import meetings
from storefront.shops import forwarding, post_window, window
from storefront.shops.window import ProductGlance, ShownShop
from storefront.web import errors, formats, pages, shared_links, social
from storefront.web.language import Language, chosen_language
from storefront.web.shopper.asking import EVERYTHING, Asked
from storefront.web.shopper.choosing import choose, product_page
from storefront.web.shopper.front import absent
from storefront.web.shopper.shelves import arranged

NEWEST_POSTS = 3
"""On the shop's page; all of them have a page of their own."""

blueprint = Blueprint("shop", __name__)


@blueprint.get("/s/<handle>")
def show(handle: str, code: str = "") -> Response:
    """The shop and what its keeper has picked. One query when the page is kept.

    `code` is the one in the page's address, see `shared_links.arrival_by`.
    """
    seen = window.glance(handle)
    if seen is None:
        raise NotFound("shop_not_found", "There is no such shop.")
    if not seen.is_open:
        return not_open(handle, is_forwarding=seen.is_forwarding)
    language = chosen_language()
    asked = Asked.by_request()
    if asked:
        return pages.answer(_shop_page(handle, language, code, asked))
    make = partial(_shop_page, handle, language)
    return pages.answer_by_version(("shop page", handle, language), seen.version, make, code)


@blueprint.get("/s/<handle>/~<code>")
def show_by_link(handle: str, code: str) -> Response:
    """The shop as the browser shows it to whoever came by a link."""
    return by_link(code, f"/s/{handle}", lambda: show(handle, code))


@blueprint.get("/s/<handle>/p/<product_id>")
def show_product(handle: str, product_id: str, code: str = "") -> Response:
    """A product in the shop. One query when the page is kept."""
    seen = window.glance_at_product(handle, product_id)
    if seen is None or not (seen.is_open and seen.is_listed and seen.is_on_sale):
        return _not_here(seen, handle, product_id)
    language = chosen_language()
    key = ("shop's product page", handle, product_id, language)
    make = partial(_product_page, handle, product_id, language)
    return pages.answer_by_version(key, seen.version, make, code)


@blueprint.get("/s/<handle>/p/<product_id>/~<code>")
def show_product_by_link(handle: str, product_id: str, code: str) -> Response:
    """The product as the browser shows it to whoever came by a link."""
    here = f"/s/{handle}/p/{product_id}"
    return by_link(code, here, lambda: show_product(handle, product_id, code))


def by_link(code: str, here: str, page: Callable[[], Response]) -> Response:
    """A page of a shop at the address `here`, whose own address carries this code as well."""
    arrival = shared_links.arrival_by(code, here)
    if isinstance(arrival, Response):
        return arrival
    answer = page()
    if arrival:
        answer.headers.add("Set-Cookie", arrival)
        answer.headers["Cache-Control"] = "private, no-cache"
    return answer


@blueprint.post("/s/<handle>/p/<product_id>")
def choose_product(handle: str, product_id: str) -> Response:
    """Put it into the cart."""
    seen = window.glance_at_product(handle, product_id)
    if seen is None or not (seen.is_open and seen.is_listed and seen.is_on_sale):
        return _not_here(seen, handle, product_id)
    product, shop, caption = _read(handle, product_id)
    chosen = choose(product, shop=shop, caption=caption)
    if chosen.status_code == HTTPStatus.SEE_OTHER:
        meetings.chose_in_shop(handle, product_id, visiting.visitor(), clock.now())
    return chosen


def _not_here(seen: ProductGlance | None, handle: str, product_id: str) -> Response:
    """The way on for somebody who wanted a product that this shop does not sell (any more)."""
    if seen is None:
        raise NotFound("shop_not_found", "There is no such shop.")
    if seen.is_forwarding:
        return _elsewhere(handle, product_id if seen.is_on_sale else "")
    if not seen.is_open and seen.is_on_sale:
        closed = Gone("shop_closed", "This shop is closed.")
        return errors.lost(closed, instead=(f"/p/{product_id}", "error.shop_closed_product"))
    if not seen.is_open:
        raise Gone("shop_closed", "This shop is closed.")
    if seen.is_on_sale:
        # The keeper has taken it off: as with share links, the shop itself is the place to go.
        response = Response(status=302, headers={"Location": f"/s/{handle}"})
        response.headers["Cache-Control"] = "no-store"
        return response
    raise absent(product_id)


def not_open(handle: str, *, is_forwarding: bool) -> Response:
    """What to answer at the door of a shop that lets nobody in. Raises Gone `shop_closed`."""
    if is_forwarding:
        return _elsewhere(handle)
    raise Gone("shop_closed", "This shop is closed.")


def _elsewhere(handle: str, product_id: str = "") -> Response:
    """The page of a shop whose keeper is away: who looks after its customers, and the way there.

    To the same product (public id) where that shop shows it, else where the chain sells it.
    """
    leads = forwarding.forwarding(handle, product_id)
    if leads is None:
        # They came back just now.
        raise Gone("shop_closed", "This shop is closed.")
    to = f"/s/{leads.handle}" if leads.handle else ""
    product = f"/p/{product_id}" if product_id else ""
    if leads.handle and leads.has_product:
        to, product = to + product, ""
    language = chosen_language()
    html = pages.render("shopper/forwarding.html", language, shop=leads, to=to, product=product)
    response = Response(html, content_type=pages.CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _product_page(handle: str, product_id: str, language: Language, code: str) -> str:
    product, shop, caption = _read(handle, product_id)
    return product_page(product, language, shop=shop, caption=caption, code=code)


def _read(handle: str, product_id: str) -> tuple[shelf.ShownProduct, ShownShop, str]:
    """Everything on the page, in four queries. Raises what the glance would have told."""
    shop, product = window.shop(handle), shelf.product(product_id)
    if shop is None:
        raise NotFound("shop_not_found", "There is no such shop.")
    if product is None or not product.variants:
        raise absent(product_id)
    return product, shop, window.caption(shop.id, product_id)


def _shop_page(handle: str, language: Language, code: str, asked: Asked = EVERYTHING) -> str:
    shop = window.shop(handle)
    if shop is None:
        raise NotFound("shop_not_found", "There is no such shop.")
    goods = window.goods(shop.id, category=asked.category, words=asked.words)
    departments = window.departments(shop.id) if asked else departments_of(x.card.id for x in goods)
    posts = [] if asked else post_window.newest(shop.id, NEWEST_POSTS + 1)
    # What was looked for is one list, whatever stands where in the shop.
    top, shelves = arranged(goods, in_parts=bool(posts), in_sections=not asked)
    first = next((one.card.picture for one in goods if one.card.picture), None)
    here = f"/s/{handle}"
    path = shared_links.page_of(here, code) if code else here
    card = social.card(path, shop.title, [shop.words], shop.picture or first, language)
    return pages.render(
        "shopper/shop.html",
        language,
        path=asked.under(path),
        shop=shop,
        goods=goods,
        top=top,
        shelves=shelves,
        sections=[shelf.section for shelf in shelves if shelf.section],
        posts=posts[:NEWEST_POSTS],
        day=partial(formats.day, language=language),
        has_more_posts=len(posts) > NEWEST_POSTS,
        departments=departments,
        asked=asked,
        card=card,
        canonical=settings().public_base_url + here,
        address=path,
        suffix=f"/~{code}" if code else "",
    )
