"""Which browser a request comes from. Nobody signs in to buy: the visitor cookie is who they are.

For pages and API alike.
"""

from __future__ import annotations

from flask import Response, g, request

from storefront.core.errors import Forbidden
from storefront.core.settings import settings
from storefront.customers.visitors import (
    COOKIE_NAME,
    COOKIE_SECONDS,
    cookie_value,
    new_visitor_id,
    visitor_of,
)


def known_visitor() -> str | None:
    """The visitor that the request's cookie names, if it is one of ours."""
    return visitor_of(request.cookies.get(COOKIE_NAME), settings().visitor_secret)


def visitor() -> str:
    """The visitor, a new one if the browser has none yet; `set_cookie` then hands it over."""
    if "visitor_id" not in g:
        g.visitor_id = known_visitor()
        if g.visitor_id is None:
            g.visitor_id = g.new_visitor_id = new_visitor_id()
    return g.visitor_id


def set_cookie(response: Response) -> Response:
    """Give a new visitor their cookie."""
    if "new_visitor_id" in g:
        chosen = settings()
        response.set_cookie(
            COOKIE_NAME,
            cookie_value(g.new_visitor_id, chosen.visitor_secret),
            max_age=COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=chosen.public_base_url.startswith("https://"),
        )
    return response


def refuse_foreign_pages() -> None:
    """Refuse a change that another site's page asks for in the visitor's name."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if request.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}:
        raise Forbidden("foreign_page", "Another site's page may not do this for you.")
