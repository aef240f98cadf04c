"""Products: entered, edited, hidden and shown."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.catalog_schemas import (
    NewProduct,
    NewVariant,
    ProductChange,
    ProductPage,
    ProductQuery,
    ProductSchema,
    show_product,
)
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.pictures import kept_picture, takes_picture
from storefront.api.problems import wrong_field
from storefront.api.versions import IF_MATCH, etag, expected_version
from storefront.catalog import products, variants
from storefront.catalog.models import Product
from storefront.catalog.products import ProductChanges, ProductDraft, ProductFilter
from storefront.catalog.variants import VariantDraft
from storefront.core import clock
from storefront.core.settings import settings
from storefront.staff.models import Role

blueprint = guard.blueprint("hq_products", "products", "What the chain sells")

WRITERS = (Role.HQ_ADMIN, Role.HQ_OPERATIONS)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(ProductQuery, location="query")
@blueprint.response(200, ProductPage)
def list_products(query: dict[str, Any]) -> dict[str, Any]:
    """List products, newest first, hidden ones too."""
    wanted = ProductFilter(
        text=query.get("q"),
        brand=query.get("brand"),
        category=query.get("category"),
        state=query.get("state"),
    )
    found = products.listed(wanted, before=key_of(query.get("after")), limit=query["limit"] + 1)
    currency = settings().chain_currency
    return page(
        found,
        query["limit"],
        lambda product: product.id,
        lambda product: show_product(product, currency),
    )


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {409: "code_taken", 422: "unknown_brand, unknown_category, wrong_currency, invalid_fields"},
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"product {guard.employee_id()}")
@blueprint.arguments(NewProduct)
@blueprint.response(201, ProductSchema)
def create_product(given: dict[str, Any]) -> Any:
    """Enter a product with its variants; it is on sale at once."""
    guard.require_role(*WRITERS)
    drafts = [variant_draft(variant) for variant in given.pop("variants")]
    product = products.create(ProductDraft(**given), drafts, guard.actor(), clock.now())
    return shown(product)


@blueprint.route("/<product_id>")
@described.errors(blueprint, {404: "product_not_found"})
@blueprint.response(200, ProductSchema)
def read_product(product_id: str) -> Any:
    """Look at one product. Its ETag is for the edits of it and of its variants."""
    return shown(products.find(product_id))


@blueprint.route("/<product_id>", methods=["PATCH"])
@described.errors(
    blueprint,
    {
        404: "product_not_found",
        412: "version_changed",
        422: "unknown_brand, unknown_category, invalid_fields",
        428: "if_match_missing",
    },
)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(ProductChange)
@blueprint.response(200, ProductSchema)
def edit_product(given: dict[str, Any], product_id: str) -> Any:
    """Change what is said about a product."""
    guard.require_role(*WRITERS)
    return shown(products.edit(product_id, expected_version(), ProductChanges(**given)))


@blueprint.route("/<product_id>/hide", methods=["POST"])
@described.errors(blueprint, {404: "product_not_found"})
@blueprint.response(200, ProductSchema)
def hide_product(product_id: str) -> Any:
    """Take a product off sale: no page shows it and no cart takes it."""
    guard.require_role(*WRITERS)
    return shown(products.hide(product_id))


@blueprint.route("/<product_id>/show", methods=["POST"])
@described.errors(blueprint, {404: "product_not_found"})
@blueprint.response(200, ProductSchema)
def show_product_again(product_id: str) -> Any:
    """Put a product on sale again."""
    guard.require_role(*WRITERS)
    return shown(products.show(product_id))


@blueprint.route("/<product_id>/picture", methods=["PUT"])
@takes_picture(blueprint)
@described.errors(blueprint, {404: "product_not_found"})
@blueprint.response(200, ProductSchema)
def put_picture(product_id: str) -> Any:
    """Give a product its picture: a JPEG, PNG or WebP of up to 8 MB and 40 million pixels."""
    guard.require_role(*WRITERS)
    products.find(product_id)
    return shown(products.set_picture(product_id, kept_picture()))


@blueprint.route("/<product_id>/picture", methods=["DELETE"])
@described.errors(blueprint, {404: "product_not_found"})
@blueprint.response(200, ProductSchema)
def remove_picture(product_id: str) -> Any:
    """Take a product's picture away."""
    guard.require_role(*WRITERS)
    return shown(products.set_picture(product_id, None))


@blueprint.route("/<product_id>/variants", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "product_not_found",
        409: "code_taken",
        412: "version_changed",
        422: "wrong_currency, invalid_fields",
        428: "if_match_missing",
    },
)
@blueprint.doc(parameters=[IF_MATCH])
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"variant {guard.employee_id()}")
@blueprint.arguments(NewVariant)
@blueprint.response(201, ProductSchema)
def add_variant(given: dict[str, Any], product_id: str) -> Any:
    """Enter a further variant; the answer is the whole product."""
    guard.require_role(*WRITERS)
    draft = variant_draft(given)
    return shown(
        variants.add(product_id, expected_version(), draft, guard.actor(), clock.now()).product
    )


def shown(product: Product) -> Any:
    """A product and its ETag."""
    return show_product(product, settings().chain_currency), etag(product.version)


def variant_draft(given: dict[str, Any]) -> VariantDraft:
    """What `NewVariant` took in. Raises Invalid `wrong_currency`."""
    price = given.pop("price")
    return VariantDraft(price=in_chain_currency(price), **given)


def in_chain_currency(price: dict[str, Any]) -> int:
    """The amount of a price. Raises Invalid `wrong_currency`."""
    currency = settings().chain_currency
    if price["currency"] != currency:
        raise wrong_field("price", f"The chain sells in {currency}.", "wrong_currency")
    return price["amount"]
