"""What every answer tells the browser to refuse, in one place."""

from __future__ import annotations

from flask import Flask, Response

POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
"""Nothing from elsewhere, no script or style inside a page, nobody's frame around ours."""

NO_REFERRER = "no-referrer"
"""For pages whose address is a secret."""


def register(app: Flask) -> None:
    """Put the headers on every answer that does not say otherwise itself."""
    app.after_request(protect)


def protect(response: Response) -> Response:
    """Add what the answer has not set."""
    headers = response.headers
    headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        headers.setdefault("Content-Security-Policy", POLICY)
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers["X-Frame-Options"] = "DENY"
    return response


def policy_with_forms_to(*places: str) -> str:
    """The policy of a page whose form may be sent on to these places after we have taken it."""
    return " ".join([POLICY, *places])
