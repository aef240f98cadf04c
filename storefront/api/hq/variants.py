"""Variants: options, prices, stock."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.catalog_schemas import ProductSchema, VariantChange
from storefront.api.hq.products import WRITERS, in_chain_currency, shown
from storefront.api.hq.stock_schemas import (
    Delivery,
    MovementPage,
    NewPrice,
    PriceHistory,
    ShelfCount,
    StockSchema,
    show_movement,
    show_price_change,
    show_shelf,
)
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.pictures import kept_picture, takes_picture
from storefront.api.schemas import PageQuery
from storefront.api.versions import IF_MATCH, expected_version
from storefront.catalog import locations, price_history, prices, stocktaking, variants
from storefront.catalog.models import Variant
from storefront.catalog.stocktaking import Counted, Delivered
from storefront.catalog.variants import VariantChanges
from storefront.core import clock
from storefront.core.settings import settings

blueprint = guard.blueprint("hq_variants", "variants", "What is priced, stocked and bought")


@blueprint.route("/<variant_id>", methods=["PATCH"])
@described.errors(
    blueprint,
    {
        404: "variant_not_found",
        412: "version_changed",
        422: "invalid_fields",
        428: "if_match_missing",
    },
)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(VariantChange)
@blueprint.response(200, ProductSchema)
def edit_variant(given: dict[str, Any], variant_id: str) -> Any:
    """Change a variant, by its product's ETag; the answer is the whole product."""
    guard.require_role(*WRITERS)
    return shown(variants.edit(variant_id, expected_version(), VariantChanges(**given)).product)


@blueprint.route("/<variant_id>/hide", methods=["POST"])
@described.errors(blueprint, {404: "variant_not_found"})
@blueprint.response(200, ProductSchema)
def hide_variant(variant_id: str) -> Any:
    """Take a variant off sale."""
    guard.require_role(*WRITERS)
    return shown(variants.hide(variant_id).product)


@blueprint.route("/<variant_id>/show", methods=["POST"])
@described.errors(blueprint, {404: "variant_not_found"})
@blueprint.response(200, ProductSchema)
def show_variant_again(variant_id: str) -> Any:
    """Put a variant on sale again."""
    guard.require_role(*WRITERS)
    return shown(variants.show(variant_id).product)


@blueprint.route("/<variant_id>/picture", methods=["PUT"])
@takes_picture(blueprint)
@described.errors(blueprint, {404: "variant_not_found"})
@blueprint.response(200, ProductSchema)
def put_picture(variant_id: str) -> Any:
    """Give a variant a picture of its own."""
    guard.require_role(*WRITERS)
    variants.find(variant_id)
    return shown(variants.set_picture(variant_id, kept_picture()).product)


@blueprint.route("/<variant_id>/picture", methods=["DELETE"])
@described.errors(blueprint, {404: "variant_not_found"})
@blueprint.response(200, ProductSchema)
def remove_picture(variant_id: str) -> Any:
    """Take a variant's own picture away."""
    guard.require_role(*WRITERS)
    return shown(variants.set_picture(variant_id, None).product)


@blueprint.route("/<variant_id>/price", methods=["POST"])
@described.errors(blueprint, {404: "variant_not_found", 422: "wrong_currency, invalid_fields"})
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"price {guard.employee_id()}")
@blueprint.arguments(NewPrice)
@blueprint.response(200, ProductSchema)
def change_price(given: dict[str, Any], variant_id: str) -> Any:
    """Set a variant's price. Orders that were placed keep theirs."""
    guard.require_role(*WRITERS)
    amount = in_chain_currency(given["price"])
    changed = prices.change(variant_id, amount, given["reason"], guard.actor(), clock.now())
    return shown(changed.product)


@blueprint.route("/<variant_id>/prices")
@described.errors(blueprint, {404: "variant_not_found", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, PriceHistory)
def list_prices(query: dict[str, Any], variant_id: str) -> dict[str, Any]:
    """List what a variant has cost, newest first."""
    currency = settings().chain_currency
    found = price_history.history(
        variants.find(variant_id).id,
        before=key_of(query.get("after")),
        limit=query["limit"] + 1,
    )
    return page(
        found,
        query["limit"],
        lambda change: change.id,
        lambda change: show_price_change(change, currency),
    )


@blueprint.route("/<variant_id>/stock")
@described.errors(blueprint, {404: "variant_not_found"})
@blueprint.response(200, StockSchema)
def read_stock(variant_id: str) -> dict[str, Any]:
    """Look at a variant's stock, place by place."""
    return _stock(variants.find(variant_id))


@blueprint.route("/<variant_id>/stock/count", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "variant_not_found, location_not_found",
        409: "less_than_promised, stock_not_tracked",
        422: "invalid_fields",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"count {guard.employee_id()}")
@blueprint.arguments(ShelfCount)
@blueprint.response(200, StockSchema)
def count_stock(given: dict[str, Any], variant_id: str) -> dict[str, Any]:
    """Say how many pieces lie at a place; the difference becomes a movement."""
    guard.require_role(*WRITERS)
    variant, place = variants.find(variant_id), locations.find(given["location"])
    counted = [Counted(variant.id, place.id, given["on_hand"])]
    stocktaking.count(counted, guard.actor(), clock.now())
    return _stock(variant)


@blueprint.route("/<variant_id>/stock/deliver", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "variant_not_found, location_not_found",
        409: "stock_not_tracked",
        422: "too_many_pieces, invalid_fields",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"delivery {guard.employee_id()}")
@blueprint.arguments(Delivery)
@blueprint.response(200, StockSchema)
def deliver_stock(given: dict[str, Any], variant_id: str) -> dict[str, Any]:
    """Add pieces that came to a place."""
    guard.require_role(*WRITERS)
    variant, place = variants.find(variant_id), locations.find(given["location"])
    came = [Delivered(variant.id, place.id, given["quantity"])]
    stocktaking.deliver(came, guard.actor(), clock.now())
    return _stock(variant)


@blueprint.route("/<variant_id>/stock/movements")
@described.errors(blueprint, {404: "variant_not_found", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, MovementPage)
def list_movements(query: dict[str, Any], variant_id: str) -> dict[str, Any]:
    """List why a variant's stock changed, newest first."""
    found = stocktaking.movements_of(
        variants.find(variant_id), before=key_of(query.get("after")), limit=query["limit"] + 1
    )
    return page(found, query["limit"], lambda moved: moved[0].id, show_movement)


def _stock(variant: Variant) -> dict[str, Any]:
    return {
        "stock_tracked": variant.stock_tracked,
        "shelves": [show_shelf(shelf) for shelf in stocktaking.shelves(variant.id)],
    }
