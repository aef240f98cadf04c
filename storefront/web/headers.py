"""What every answer tells the browser to refuse, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask, Response
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
"""Nothing from elsewhere, no script or style inside a page, nobody's frame around ours."""

NO_REFERRER = "no-referrer"
"""For pages whose address is a secret."""

OF_ANYTHING = ("X-Content-Type-Options", "nosniff")
OF_PAGES = (
    ("Content-Security-Policy", POLICY),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)


class ReadyResponse(Response):
    """An answer that was made with every header it needs, its length included.

    Where crowds pass, adding them one by one and copying them costs as much as the query.
    """

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers as they stand."""
        return self.headers


def register(app: Flask) -> None:
    """Put the headers on every answer that does not say otherwise itself."""
    app.after_request(protect)


def protect(response: Response) -> Response:
    """Add what the answer has not set."""
    if isinstance(response, ReadyResponse) or 300 <= response.status_code < 400:
        # A redirect has no page to protect.
        return response
    response.headers.setdefault(*OF_ANYTHING)
    if response.mimetype == "text/html":
        for name, value in OF_PAGES:
            response.headers.setdefault(name, value)
    return response


def policy_with_forms_to(*places: str) -> str:
    """The policy of a page whose form may be sent on to these places after we have taken it."""
    return " ".join([POLICY, *places])
