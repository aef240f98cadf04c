"""Access and refresh tokens: flask-jwt-extended, set up once."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_jwt_extended import JWTManager

from storefront.core.settings import Settings

ACCESS_TOKEN_LIFE = timedelta(minutes=15)


def init_tokens(app: Flask) -> None:
    """Configure the token library from the application's settings."""
    settings: Settings = app.extensions["settings"]
    app.config.update(
        JWT_SECRET_KEY=settings.jwt_secret_key,
        JWT_ALGORITHM="HS256",
        JWT_ACCESS_TOKEN_EXPIRES=ACCESS_TOKEN_LIFE,
        JWT_TOKEN_LOCATION=["headers"],
        JWT_ENCODE_ISSUER="storefront",
        JWT_DECODE_ISSUER="storefront",
        JWT_ENCODE_AUDIENCE="storefront-staff",
        JWT_DECODE_AUDIENCE="storefront-staff",
    )
    JWTManager(app)
