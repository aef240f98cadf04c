"""Pages, one folder per audience. Server-rendered; they work without JavaScript."""

from __future__ import annotations

from flask import Flask

from storefront.web import (
    assets,
    errors,
    headers,
    health,
    language,
    offline,
    pages,
    pictures,
    sandbox_gateway,
    shared_links,
    shopper,
    statement_pages,
    themes,
    verify,
)


def register(app: Flask) -> None:
    """Mount the pages."""
    app.extensions["error_pages"] = errors
    headers.register(app)
    pages.register(app)
    for blueprint in (
        assets.blueprint,
        health.blueprint,
        language.blueprint,
        offline.blueprint,
        pictures.blueprint,
        shared_links.blueprint,
        themes.blueprint,
        *shopper.BLUEPRINTS,
        sandbox_gateway.blueprint,
        statement_pages.blueprint,
        verify.blueprint,
    ):
        app.register_blueprint(blueprint)
