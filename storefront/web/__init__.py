"""Pages, one folder per audience. Server-rendered; they work without JavaScript."""

from __future__ import annotations

from flask import Flask

from storefront.web import errors, pictures, shared_links


def register(app: Flask) -> None:
    """Mount the pages."""
    app.extensions["error_pages"] = errors
    app.register_blueprint(pictures.blueprint)
    app.register_blueprint(shared_links.blueprint)
