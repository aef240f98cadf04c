"""The OpenAPI document at /api/v1/openapi.json and a page for people at /api/docs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response
from flask_smorest import Api, Blueprint
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from storefront.api import problems
from storefront.api.guarded import SECURITY_SCHEMES
from storefront.api.problems import ProblemSchema


class StorefrontApi(Api):
    """flask-smorest with problem documents for errors."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Any:
        """Answer an error under /api as a problem document, any other as a page."""
        if problems.wants_json():
            return problems.of_http_exception(error)
        pages = self._app.extensions["error_pages"]
        return pages.of_http_exception(error)


# Unknown query parameters are refused as unknown fields of a body are.
FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION["query"] = RAISE


def register(app: Flask, blueprints: Sequence[Blueprint]) -> None:
    """Mount the audiences' blueprints and describe them."""
    app.config.from_mapping(
        API_TITLE="storefront",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = StorefrontApi(app)
    for name, scheme in SECURITY_SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)

    def docs() -> Response:
        return Response("", 404)

    app.add_url_rule("/api/docs", "api_docs", docs)
