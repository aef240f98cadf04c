"""Signing in and out, and the password. HQ's people sign in here too: they are staff."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from storefront import visiting as browser
from storefront.api import described
from storefront.api.schemas import Schema, text
from storefront.api.seller import guard
from storefront.api.seller.guard import NO_SESSION
from storefront.api.tokens import ACCESS_TOKEN_LIFE, refresh_claims, tokens_for
from storefront.core import clock
from storefront.staff import invitations, sessions
from storefront.staff.passwords import LONGEST, SHORTEST

blueprint = Blueprint(
    "seller_session",
    __name__,
    url_prefix="/api/v1/seller",
    description="How staff come in, headquarters included",
)
blueprint.before_request(browser.refuse_foreign_pages)
blueprint.after_request(browser.set_cookie)

signed_in = guard.blueprint("seller_own_session", "session", "The session that a token belongs to")


class SignIn(Schema):
    """Who wants in."""

    number = text(32, required=True, metadata={"example": "E0001"})
    password = fields.String(
        required=True, validate=validate.Length(1, LONGEST), metadata={"format": "password"}
    )


class NewPassword(Schema):
    """A password, and the one-time code that allows to set it."""

    code = text(40, required=True, metadata={"example": "7kqd-x2fm-9rtv"})
    password = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST),
        metadata={"format": "password", "minLength": SHORTEST},
    )


class TokensSchema(Schema):
    """What to send as `Authorization: Bearer …`: the access token, and to refresh, the other."""

    access_token = fields.String()
    refresh_token = fields.String(metadata={"description": "For one exchange, within 30 days"})
    token_type = fields.String(metadata={"example": "Bearer"})
    expires_in = fields.Integer(metadata={"description": "Seconds", "example": 900})


@blueprint.route("/session", methods=["POST"])
@described.errors(
    blueprint,
    {
        401: "wrong_credentials, alike for an unknown number and a wrong password",
        403: "not_active, foreign_page",
        429: "too_many_attempts; Retry-After says when to come back",
    },
)
@blueprint.arguments(SignIn)
@blueprint.response(201, TokensSchema)
def sign_in(given: dict[str, Any]) -> Any:
    """Sign in with staff number and password.

    The answer sets the visitor cookie where there is none: a browser in which somebody signed in
    before keeps its own count of failed attempts, and its visits to their links are own visits.
    """
    caller = sessions.Caller(_address(), browser.visitor())
    opened = sessions.sign_in(given["number"].strip(), given["password"], caller, clock.now())
    return _show(opened), NO_STORE


@blueprint.route("/session/refresh", methods=["POST"])
@described.errors(blueprint, NO_SESSION)
@blueprint.doc(security=[{"staff_refresh": []}])
@blueprint.response(200, TokensSchema)
def refresh_session() -> Any:
    """Exchange the refresh token (as bearer) for a new pair of tokens.

    An answer that got lost may be asked for again within a minute. A refresh token that comes back
    later ends the session.
    """
    claims = refresh_claims()
    refreshed = sessions.refresh(claims.session_public_id, claims.token_id, clock.now())
    return _show(refreshed), NO_STORE


@signed_in.route("", methods=["DELETE"])
@signed_in.response(204)
def sign_out() -> None:
    """Sign out: every token of this session is refused from here on."""
    sessions.sign_out(guard.session_public_id(), clock.now())


@blueprint.route("/password", methods=["POST"])
@described.errors(
    blueprint,
    {
        410: "code_expired",
        422: (
            "wrong_code, password_too_short, password_too_long, password_has_name, "
            "password_too_common, invalid_fields"
        ),
        429: "too_many_attempts; Retry-After says when to come back",
    },
)
@blueprint.arguments(NewPassword)
@blueprint.response(204)
def set_password(given: dict[str, Any]) -> None:
    """Set a first, or a new, password with the one-time code that headquarters gave out."""
    invitations.set_password(given["code"], given["password"], _address(), clock.now())


NO_STORE = {"Cache-Control": "no-store"}


def _address() -> str:
    # What proxies say of it is believed in create_app, for as many proxies as are known, or not
    # at all: an X-Forwarded-For that anybody sends changes nothing here.
    return request.remote_addr or "unknown"


def _show(opened: sessions.SignedIn) -> dict[str, Any]:
    tokens = tokens_for(opened)
    return {
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "token_type": "Bearer",
        "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
    }
