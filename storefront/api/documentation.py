"""The OpenAPI document at /api/v1/openapi.json and a page for people at /api/docs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from flask import Blueprint as PlainBlueprint
from flask import Flask, Response, current_app, render_template, request
from flask_smorest import Api, Blueprint
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException

from storefront.api import openapi, problems, reference
from storefront.api.guarded import SECURITY_SCHEMES
from storefront.api.problems import ProblemSchema
from storefront.core.coding import Coding, coding_for, packed_well, tagged
from storefront.core.settings import Settings

DESCRIBED = "api_description"
PAGE = "api_docs_page"

pages = PlainBlueprint("api_docs", __name__, template_folder="templates")


class StorefrontApi(Api):
    """flask-smorest with problem documents for errors."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Any:
        """Answer an error under /api as a problem document, any other as a page."""
        if problems.wants_json():
            return problems.of_http_exception(error)
        error_pages: Any = current_app.extensions["error_pages"]
        return error_pages.of_http_exception(error)

    def _openapi_json(self) -> Response:
        """Send the document; its hundreds of kilobytes are put together once in a process."""
        described = described_api()
        return _unless_known(described.body, "application/json", described.etag)


# Unknown query parameters are refused as unknown fields of a body are.
FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION["query"] = RAISE


def register(app: Flask, blueprints: Sequence[Blueprint]) -> None:
    """Mount the audiences' blueprints and describe them."""
    settings: Settings = app.extensions["settings"]
    app.config.from_mapping(
        API_TITLE="storefront",
        API_VERSION="v1",
        API_SPEC_OPTIONS={
            "info": {"description": openapi.in_markdown()},
            "servers": [{"url": settings.public_base_url}],
        },
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = StorefrontApi(app)
    app.extensions["storefront_api"] = api
    for name, scheme in SECURITY_SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.register_blueprint(pages)
    app.add_template_filter(reference.in_words)


def described_api() -> openapi.Described:
    """The running application's document."""
    extensions: dict[str, Any] = current_app.extensions
    if DESCRIBED not in extensions:
        extensions[DESCRIBED] = openapi.finished(extensions["storefront_api"].spec.to_dict())
    return extensions[DESCRIBED]


@pages.get("/api/docs")
def read() -> Response:
    """Every route, for people: a page that needs no script."""
    extensions: dict[str, Any] = current_app.extensions
    if PAGE not in extensions:
        document = described_api().document
        html = render_template(
            "reference.html",
            title=document["info"]["title"],
            version=document["info"]["version"],
            server=document["servers"][0]["url"],
            principles=openapi.PRINCIPLES,
            audiences=reference.audiences(document),
            shapes=reference.shapes(document),
        )
        body = html.encode()
        extensions[PAGE] = body, f'"{blake2b(body, digest_size=12).hexdigest()}"'
    body, etag = extensions[PAGE]
    return _unless_known(body, "text/html; charset=utf-8", etag)


def _unless_known(body: bytes, content_type: str, etag: str) -> Response:
    coding = coding_for(request.headers.get("Accept-Encoding", ""))
    etag = tagged(etag, coding)
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if etag in request.headers.get("If-None-Match", ""):
        return Response(status=304, headers=headers)
    if coding:
        body = _packed(body, coding)
        headers["Content-Encoding"] = coding
    return Response(body, headers=headers, content_type=content_type)


@lru_cache(maxsize=4)
def _packed(body: bytes, coding: Coding) -> bytes:
    """Both documents in both codings, each packed when it is first asked for."""
    return packed_well(body, coding)
