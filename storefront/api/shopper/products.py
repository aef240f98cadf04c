"""The catalogue as shoppers see it. One product is where crowds pass: see `read_product`."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, request
from flask_smorest import Blueprint
from webargs.flaskparser import parser

from storefront.api import described
from storefront.api.pagination import key_of, page
from storefront.api.shopper.product_schemas import (
    AisleList,
    CardPage,
    GoodsQuery,
    LanguageQuery,
    ShownProductSchema,
    show_card,
    show_product,
)
from storefront.catalog import categories, shelf
from storefront.catalog.shelf import LANGUAGES, Language
from storefront.core.errors import NotFound
from storefront.core.kept import KeptAnswer, kept_answers
from storefront.core.settings import settings

blueprint = Blueprint(
    "shopper_products",
    __name__,
    url_prefix="/api/v1/shopper",
    description="What the chain sells, and whether there is any left",
)

# A query string is nearly always one of these: looking it up is cheaper than parsing it.
_LANGUAGE_OF: dict[bytes, Language] = {
    b"": LANGUAGES[0],
    **{f"language={language}".encode(): language for language in LANGUAGES},
}


@blueprint.route("/categories")
@described.errors(blueprint, {422: "invalid_fields"})
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.response(200, AisleList)
def list_categories(query: dict[str, Any]) -> dict[str, Any]:
    """List the category tree, sisters in their order; a parent may come after its child."""
    tree = categories.listed()
    ids = {category.id: category.public_id for category in tree}
    return {
        "items": [
            {
                "id": category.public_id,
                "name": category.name_zh if query["language"] == "zh" else category.name_en,
                "parent": ids.get(category.parent_id or 0),
            }
            for category in tree
        ]
    }


@blueprint.route("/products")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(GoodsQuery, location="query")
@blueprint.response(200, CardPage)
def list_products(query: dict[str, Any]) -> dict[str, Any]:
    """List products on sale, newest first."""
    found = shelf.listed(
        category=query.get("category"),
        brand=query.get("brand"),
        before=key_of(query.get("after")),
        limit=query["limit"] + 1,
    )
    language, currency = query["language"], settings().chain_currency
    return page(
        found,
        query["limit"],
        lambda card: card.id,
        lambda card: show_card(card, language, currency),
    )


@blueprint.route("/products/<product_id>")
@described.errors(blueprint, {404: "product_not_found", 422: "invalid_fields"})
@described.on_paper(
    blueprint.alt_response(304, description="Unchanged since the ETag in If-None-Match")
)
@described.on_paper(blueprint.alt_response(200, schema=ShownProductSchema))
@blueprint.doc(
    parameters=[
        {
            "name": "language",
            "in": "query",
            "schema": {"type": "string", "enum": LANGUAGES, "default": LANGUAGES[0]},
        },
        {"name": "If-None-Match", "in": "header", "schema": {"type": "string"}},
    ]
)
def read_product(product_id: str) -> Response:
    """Look at one product with its variants.

    One query asks which version the product is in; the answer itself is kept until that changes.
    """
    language = _language()
    version = shelf.version_of(product_id)
    if version is None:
        raise _not_found()
    kept = kept_answers().get(("product", product_id, language), version)
    answer = kept or _made(product_id, language, version)
    environ = request.environ
    sent = answer.sent_to(environ.get("HTTP_ACCEPT_ENCODING", ""))
    headers = {"ETag": sent.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if sent.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        return Response(status=304, headers=headers)
    if sent.coding:
        headers["Content-Encoding"] = sent.coding
    return Response(sent.body, headers=headers, content_type="application/json")


def _made(product_id: str, language: Language, version: int) -> KeptAnswer:
    """Make the answer and keep it: two queries, once per version and language and process."""
    product = shelf.product(product_id)
    if product is None:
        raise _not_found()
    body = orjson.dumps(show_product(product, language, settings().chain_currency))
    return kept_answers().keep(("product", product_id, language), version, body)


def _language() -> Language:
    found = _LANGUAGE_OF.get(request.query_string)
    if found is None:
        given = parser.parse(LanguageQuery(), request, location="query")  # pyright: ignore
        return given["language"]
    return found


def _not_found() -> NotFound:
    return NotFound("product_not_found", "We do not sell this (any more).")
