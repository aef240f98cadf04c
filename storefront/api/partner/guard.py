"""The guard of partners' machines: a key that headquarters gave out. One query per request.

A view begins with `guard.require_scope(…)`; one that speaks for a store asks `guard.key()` for
which it may.
"""

from __future__ import annotations

from flask import g, request

from storefront.api.guarded import GuardedBlueprint
from storefront.core import clock
from storefront.core.errors import Forbidden, Unauthenticated
from storefront.staff.api_keys import PREFIX, KeyHolder, Scope, authenticate

__all__ = ["admit", "blueprint", "key", "require_scope", "require_store"]

REFUSALS = {401: "key_missing, key_unknown, key_revoked", 403: "scope_missing"}
LONGEST_KEY = 200


def blueprint(name: str, noun: str, description: str) -> GuardedBlueprint:
    """A blueprint behind this guard, under /api/v1/partner/`noun`."""
    return GuardedBlueprint(
        name,
        __name__,
        url_prefix=f"/api/v1/partner/{noun}",
        description=description,
        admit=admit,
        refusals=REFUSALS,
        security="partner",
    )


def admit() -> None:
    """Let the request in if it comes with a key that holds.

    Raises Unauthenticated `key_missing`, `key_unknown`, `key_revoked`.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.startswith(PREFIX) or len(secret) > LONGEST_KEY:
        raise Unauthenticated("key_missing", f"Send your key as `Authorization: Bearer {PREFIX}…`.")
    g.api_key = authenticate(secret, clock.now())


def key() -> KeyHolder:
    """Whose key this request comes with."""
    return g.api_key


def require_scope(scope: Scope) -> None:
    """Go on only with a key for this. Raises Forbidden `scope_missing`."""
    if scope.value not in key().scopes:
        raise Forbidden(
            "scope_missing", f"This needs a key with the scope `{scope.value}`. Ask headquarters."
        )


def require_store(code: str) -> None:
    """Go on only if the key may speak for this store. Raises Forbidden `store_not_allowed`."""
    own = key().store_code
    if own is not None and own != code:
        raise Forbidden(
            "store_not_allowed",
            f"This key speaks for the store {own} alone. Use the key of the other store's till.",
        )
