"""Access and refresh tokens of staff: flask-jwt-extended, set up once.

A token's own times are the machine's, checked by the library; sessions are rows and live by the
application's clock, so a replay may run years away from the machine.
"""

# The library leaves its dicts without types.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    verify_jwt_in_request,
)
from flask_jwt_extended.exceptions import JWTExtendedException, NoAuthorizationError
from jwt import ExpiredSignatureError, PyJWTError

from storefront.core.errors import Unauthenticated
from storefront.core.settings import Settings
from storefront.staff.sessions import REFRESH_LIFE, SignedIn

ACCESS_TOKEN_LIFE = timedelta(minutes=15)
AUDIENCE = "storefront-staff"
ISSUER = "storefront"


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a signed-in device holds."""

    access: str
    refresh: str


@dataclass(frozen=True, slots=True)
class Claims:
    """What a valid token says. Whether it still holds is for the session's row to say."""

    employee_public_id: str
    session_public_id: str
    token_id: str


def init_tokens(app: Flask) -> None:
    """Configure the token library from the application's settings."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        JWT_SECRET_KEY=settings.jwt_secret_key,
        JWT_ALGORITHM="HS256",
        JWT_DECODE_ALGORITHMS=["HS256"],
        JWT_ACCESS_TOKEN_EXPIRES=ACCESS_TOKEN_LIFE,
        JWT_REFRESH_TOKEN_EXPIRES=REFRESH_LIFE,
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ENCODE_ISSUER=ISSUER,
        JWT_DECODE_ISSUER=ISSUER,
        JWT_ENCODE_AUDIENCE=AUDIENCE,
        JWT_DECODE_AUDIENCE=AUDIENCE,
        # Two machines' clocks are never quite the same.
        JWT_DECODE_LEEWAY=timedelta(seconds=10),
    )
    JWTManager(app)


def tokens_for(signed_in: SignedIn) -> Tokens:
    """Make the pair of tokens for a session that was just opened or refreshed."""
    identity = signed_in.employee_public_id
    session = {"sid": signed_in.session_public_id}
    return Tokens(
        access=create_access_token(identity, additional_claims=session),
        refresh=create_refresh_token(
            identity, additional_claims=session | {"jti": signed_in.token_id}
        ),
    )


def access_claims() -> Claims:
    """What the request's access token says.

    Raises Unauthenticated `token_missing`, `token_expired`, `token_invalid`.
    """
    return _claims(refresh=False)


def refresh_claims() -> Claims:
    """What the request's refresh token says; raises like `access_claims`."""
    return _claims(refresh=True)


def _claims(*, refresh: bool) -> Claims:
    try:
        verified = verify_jwt_in_request(refresh=refresh)
    except NoAuthorizationError as error:
        raise Unauthenticated("token_missing", "Sign in first.") from error
    except ExpiredSignatureError as error:
        raise Unauthenticated("token_expired", "The token has expired.") from error
    except (JWTExtendedException, PyJWTError) as error:
        raise _invalid() from error
    said: dict[str, Any] = verified[1] if verified else {}
    match said:
        case {"sub": str(employee), "sid": str(session), "jti": str(token)}:
            return Claims(employee, session, token)
        case _:
            raise _invalid()


def _invalid() -> Unauthenticated:
    return Unauthenticated("token_invalid", "The token is not one of ours.")
