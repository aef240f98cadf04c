"""The visitor cookie: an anonymous browser's name, signed, so that nobody can come as another.

Pure functions over the cookie's value; the HTTP layers read and set it.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode

from storefront.core.ids import random_bytes

COOKIE_NAME = "visitor"
COOKIE_SECONDS = 400 * 24 * 60 * 60
"""The longest that browsers keep a cookie. Attribution windows are counted on the server."""


def new_visitor_id() -> str:
    """A fresh visitor: 128 random bits."""
    return urlsafe_b64encode(random_bytes(16)).decode().rstrip("=")


def cookie_value(visitor_id: str, secret: str) -> str:
    """What the cookie carries: the visitor's id and a signature."""
    return f"{visitor_id}.{_signature(visitor_id, secret)}"


def set_cookie_header(visitor_id: str, secret: str, *, secure: bool) -> str:
    """The value of a `Set-Cookie` header that gives a browser its visitor; `secure` on https only.

    Written out by hand: where crowds pass, a framework's way of saying it costs as much as a query.
    """
    return (
        f"{COOKIE_NAME}={cookie_value(visitor_id, secret)}; Max-Age={COOKIE_SECONDS}; Path=/;"
        f" HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
    )


def visitor_of(cookie: str | None, secret: str) -> str | None:
    """The visitor a cookie names; None if it is missing or was not signed by us."""
    if not cookie:
        return None
    visitor_id, _, signature = cookie.rpartition(".")
    if not visitor_id or not hmac.compare_digest(
        signature.encode(), _signature(visitor_id, secret).encode()
    ):
        return None
    return visitor_id


def _signature(visitor_id: str, secret: str) -> str:
    digest = hmac.digest(secret.encode(), visitor_id.encode(), hashlib.sha256)
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")
