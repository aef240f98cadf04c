"""Pages, one folder per audience. Server-rendered; they work without JavaScript."""

from __future__ import annotations

from flask import Flask

from storefront.web import errors, pictures


def register(app: Flask) -> None:
    """Mount the pages."""
    app.extensions["error_pages"] = errors
    app.register_blueprint(pictures.blueprint)
