"""What an employee writes, in their shop. Finished pages are kept, as the shop's own are."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, Response, request

from storefront.core.cursors import cursor_of, key_of
from storefront.core.errors import Gone, NotFound
from storefront.core.settings import settings
from storefront.core.times import as_rfc3339
from storefront.shops import post_window, window
from storefront.shops.post_window import PostGlance, ShownPost
from storefront.shops.window import ShownShop
from storefront.web import errors, formats, pages, shared_links, social
from storefront.web.language import Language, chosen_language
from storefront.web.shopper.shop import by_link, not_open

PAGE = 12
"""Posts on one page of the list."""

blueprint = Blueprint("posts", __name__)


@blueprint.get("/s/<handle>/t/<post_id>")
def show(handle: str, post_id: str, code: str = "") -> Response:
    """A post with its products. One query when the page is kept.

    `code` is the one in the page's address, see `shared_links.arrival_by`.
    """
    seen = post_window.glance(handle, post_id)
    if seen is None:
        raise NotFound("shop_not_found", "There is no such shop.")
    if not seen.is_open:
        return not_open(handle, is_forwarding=seen.is_forwarding)
    if not seen.is_published:
        return _not_here(seen, handle, code)
    language = chosen_language()
    key = ("shop's post", handle, post_id, language)
    make = partial(_post_page, handle, post_id, language)
    return pages.answer_by_version(key, seen.version, make, code)


@blueprint.get("/s/<handle>/t/<post_id>/~<code>")
def show_by_link(handle: str, post_id: str, code: str) -> Response:
    """The post as the browser shows it to whoever came by a link."""
    return by_link(code, f"/s/{handle}/t/{post_id}", lambda: show(handle, post_id, code))


@blueprint.get("/s/<handle>/t")
def show_all(handle: str, code: str = "") -> Response:
    """All posts of a shop, the latest first, page by page. One query when the page is kept."""
    seen = window.glance(handle)
    if seen is None:
        raise NotFound("shop_not_found", "There is no such shop.")
    if not seen.is_open:
        return not_open(handle, is_forwarding=seen.is_forwarding)
    language = chosen_language()
    if request.query_string:
        return pages.answer(_list_page(handle, language, code, key_of(request.args.get("after"))))
    make = partial(_list_page, handle, language)
    return pages.answer_by_version(("shop's posts", handle, language), seen.version, make, code)


@blueprint.get("/s/<handle>/t/~<code>")
def show_all_by_link(handle: str, code: str) -> Response:
    """The list as the browser shows it to whoever came by a link."""
    return by_link(code, f"/s/{handle}/t", lambda: show_all(handle, code))


def _not_here(seen: PostGlance, handle: str, code: str) -> Response:
    """The way to the shop for somebody who wanted a post that it has not, or no longer."""
    error = (
        Gone("post_gone", "This post was taken down.")
        if seen.is_known
        else NotFound("post_not_found", "There is no such post.")
    )
    return errors.lost(error, instead=(f"/s/{handle}{_suffix(code)}", "post.to_shop"))


def _post_page(handle: str, post_id: str, language: Language, code: str) -> str:
    shop = _shop(handle)
    post = post_window.post(shop.id, post_id)
    if post is None:
        raise Gone("post_gone", "This post was taken down.")
    goods = post_window.goods(shop.id, post.id)
    first = next((one.card.picture for one in goods if one.card.picture), None)
    here = f"/s/{handle}/t/{post_id}"
    path = shared_links.page_of(here, code) if code else here
    card = social.article(path, post.title, post.words, post.picture or first, language)
    return pages.render(
        "shopper/post.html",
        language,
        path=path,
        canonical=settings().public_base_url + here,
        suffix=_suffix(code),
        shop=shop,
        post=post,
        day=partial(formats.day, language=language),
        goods=goods,
        card=card,
        linked_data=_linked_data(post, shop, card),
    )


def _list_page(handle: str, language: Language, code: str, before: int | None = None) -> str:
    shop = _shop(handle)
    found = post_window.newest(shop.id, PAGE + 1, before)
    here = f"/s/{handle}/t"
    path = shared_links.page_of(here, code) if code else here
    return pages.render(
        "shopper/posts.html",
        language,
        path=path,
        canonical=settings().public_base_url + here,
        suffix=_suffix(code),
        shop=shop,
        posts=found[:PAGE],
        day=partial(formats.day, language=language),
        next=cursor_of(found[PAGE - 1].id) if len(found) > PAGE else None,
        is_first_page=before is None,
        card=social.card(path, shop.title, [shop.words], shop.picture, language),
    )


def _shop(handle: str) -> ShownShop:
    shop = window.shop(handle)
    if shop is None:
        raise NotFound("shop_not_found", "There is no such shop.")
    return shop


def _suffix(code: str) -> str:
    return f"/~{code}" if code else ""


def _linked_data(post: ShownPost, shop: ShownShop, card: social.Card) -> dict[str, Any]:
    """The post as schema.org knows it."""
    return {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": post.title,
        "description": card.description,
        "datePublished": as_rfc3339(post.created_at),
        "image": [card.picture] if card.picture else [],
        "url": card.url,
        "author": {"@type": "Person", "name": shop.keeper},
        "publisher": {"@type": "Organization", "name": card.chain},
    }
