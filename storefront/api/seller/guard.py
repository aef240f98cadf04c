"""The seller's guard: an active employee with a session that lives. One query per request."""

from __future__ import annotations

from flask import g

from storefront.api.guarded import GuardedBlueprint
from storefront.api.tokens import access_claims
from storefront.core import clock
from storefront.core.actor import Actor
from storefront.staff.sessions import authenticate

NO_SESSION = {401: "token_missing, token_expired, token_invalid, session_ended"}


def blueprint(name: str, noun: str, description: str) -> GuardedBlueprint:
    """A blueprint behind this guard, under /api/v1/seller/`noun`; "" is the audience's root."""
    return GuardedBlueprint(
        name,
        __name__,
        url_prefix=f"/api/v1/seller/{noun}".rstrip("/"),
        description=description,
        admit=admit,
        refusals=NO_SESSION,
    )


def admit() -> None:
    """Let the request in if its access token and the session behind it hold.

    Raises Unauthenticated `token_missing`, `token_expired`, `token_invalid`, `session_ended`.
    """
    claims = access_claims()
    g.actor = authenticate(claims.session_public_id, claims.employee_public_id, clock.now())
    g.session_public_id = claims.session_public_id


def actor() -> Actor:
    """Who makes this request."""
    return g.actor


def employee_id() -> int:
    """The employee who makes this request."""
    assert g.actor.employee_id is not None
    return g.actor.employee_id


def session_public_id() -> str:
    """The session that this request belongs to."""
    return g.session_public_id
