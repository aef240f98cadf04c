"""My shop: what it says, whether it is open, and what is in it."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.pictures import kept_picture, takes_picture
from storefront.api.seller import guard
from storefront.api.seller.shop_schemas import (
    ListingChange,
    ListingSchema,
    ListingsSchema,
    NewListing,
    NewShop,
    ShopChange,
    ShopSchema,
    WholeOrder,
    show_listing,
    show_shop,
)
from storefront.api.versions import IF_MATCH, etag, expected_version
from storefront.core import clock
from storefront.shops import listings, service
from storefront.shops.models import Listing, Shop

blueprint = guard.blueprint("seller_shop", "shop", "My shop and the goods in it")

NOT_ACTIVE = "employee_not_active"
NO_LISTING = {403: NOT_ACTIVE, 404: "no_shop, no_listing"}


@blueprint.route("")
@described.errors(blueprint, {404: "no_shop"})
@blueprint.response(200, ShopSchema)
def read_shop() -> Any:
    """Look at my shop."""
    return _shown(service.own_shop(guard.employee_id()))


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ACTIVE,
        409: "shop_exists, handle_taken",
        422: "wrong_handle, reserved_handle, invalid_fields",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewShop)
@blueprint.response(201, ShopSchema)
def open_shop(given: dict[str, Any]) -> Any:
    """Open my shop. There is one for each employee, and its handle stays."""
    return _shown(service.open_shop(guard.employee_id(), now=clock.now(), **given))


@blueprint.route("", methods=["PATCH"])
@described.errors(
    blueprint,
    {
        403: NOT_ACTIVE,
        404: "no_shop",
        412: "version_changed",
        422: "wrong_colour, colour_too_pale, invalid_fields",
        428: "if_match_missing",
    },
)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(ShopChange)
@blueprint.response(200, ShopSchema)
def edit_shop(given: dict[str, Any]) -> Any:
    """Change what my shop says of itself."""
    return _shown(service.edit(guard.employee_id(), expected_version(), **given))


@blueprint.route("/picture", methods=["PUT"])
@described.errors(blueprint, {403: NOT_ACTIVE, 404: "no_shop"})
@takes_picture(blueprint)
@blueprint.response(200, ShopSchema)
def hang_picture() -> Any:
    """Show this picture on my shop: a JPEG, PNG or WebP as the request's body."""
    service.own_shop(guard.employee_id())  # Who has no shop need not have a picture decoded.
    return _shown(service.hang_picture(guard.employee_id(), kept_picture()))


@blueprint.route("/picture", methods=["DELETE"])
@described.errors(blueprint, {403: NOT_ACTIVE, 404: "no_shop"})
@blueprint.response(200, ShopSchema)
def take_picture_down() -> Any:
    """Show no picture on my shop."""
    return _shown(service.hang_picture(guard.employee_id(), None))


@blueprint.route("/close", methods=["POST"])
@described.errors(blueprint, {403: NOT_ACTIVE, 404: "no_shop"})
@blueprint.response(200, ShopSchema)
def close_shop() -> Any:
    """Let no customers in until I open again. Links to a closed shop lead nowhere."""
    return _shown(service.close(guard.employee_id(), clock.now()))


@blueprint.route("/reopen", methods=["POST"])
@described.errors(blueprint, {403: NOT_ACTIVE, 404: "no_shop"})
@blueprint.response(200, ShopSchema)
def reopen_shop() -> Any:
    """Let customers in again."""
    return _shown(service.reopen(guard.employee_id()))


@blueprint.route("/listings")
@described.errors(blueprint, {404: "no_shop"})
@blueprint.response(200, ListingsSchema)
def read_listings() -> Any:
    """List what is in my shop, in the order customers see it."""
    return _all_shown(listings.listings_of(guard.employee_id()))


@blueprint.route("/listings", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ACTIVE,
        404: "no_shop, product_unknown",
        409: "already_listed, shop_full",
        422: "invalid_fields",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewListing)
@blueprint.response(201, ListingSchema)
def pick_product(given: dict[str, Any]) -> Any:
    """Put a product at the end of my shop, with my own words about it."""
    return show_listing(
        listings.pick(
            guard.employee_id(), given["product"], caption=given["caption"], now=clock.now()
        )
    )


@blueprint.route("/listings/order", methods=["PUT"])
@described.errors(
    blueprint,
    {403: NOT_ACTIVE, 404: "no_shop", 409: "listings_changed", 422: "invalid_fields"},
)
@blueprint.arguments(WholeOrder)
@blueprint.response(200, ListingsSchema)
def arrange_listings(given: dict[str, Any]) -> Any:
    """Arrange my whole shop in this order; pinned products still come first."""
    return _all_shown(listings.reorder(guard.employee_id(), given["listings"]))


@blueprint.route("/listings/<listing_id>", methods=["PATCH"])
@described.errors(
    blueprint,
    {403: NOT_ACTIVE, 404: "no_shop, no_listing, no_section", 422: "invalid_fields"},
)
@blueprint.arguments(ListingChange)
@blueprint.response(200, ListingSchema)
def edit_listing(given: dict[str, Any], listing_id: str) -> Any:
    """Say something else about a product in my shop, or put it under another heading."""
    section = given["section"] or "" if "section" in given else None
    return show_listing(
        listings.edit(
            guard.employee_id(), listing_id, caption=given.get("caption"), section_id=section
        )
    )


@blueprint.route("/listings/<listing_id>", methods=["DELETE"])
@described.errors(blueprint, NO_LISTING)
@blueprint.response(204)
def take_off(listing_id: str) -> None:
    """Take a product off my shop; links to it then lead to the shop."""
    listings.take_off(guard.employee_id(), listing_id)


@blueprint.route("/listings/<listing_id>/pin", methods=["POST"])
@described.errors(blueprint, NO_LISTING)
@blueprint.response(200, ListingSchema)
def pin_listing(listing_id: str) -> Any:
    """Show a product before those that are not pinned."""
    return show_listing(listings.pin(guard.employee_id(), listing_id))


@blueprint.route("/listings/<listing_id>/unpin", methods=["POST"])
@described.errors(blueprint, NO_LISTING)
@blueprint.response(200, ListingSchema)
def unpin_listing(listing_id: str) -> Any:
    """Put a pinned product back among the others."""
    return show_listing(listings.unpin(guard.employee_id(), listing_id))


@blueprint.route("/listings/<listing_id>/up", methods=["POST"])
@described.errors(blueprint, NO_LISTING)
@blueprint.response(200, ListingsSchema)
def move_up(listing_id: str) -> Any:
    """Move a product one place up."""
    return _all_shown(listings.move_up(guard.employee_id(), listing_id))


@blueprint.route("/listings/<listing_id>/down", methods=["POST"])
@described.errors(blueprint, NO_LISTING)
@blueprint.response(200, ListingsSchema)
def move_down(listing_id: str) -> Any:
    """Move a product one place down."""
    return _all_shown(listings.move_down(guard.employee_id(), listing_id))


def _shown(shop: Shop) -> tuple[dict[str, Any], dict[str, str]]:
    return show_shop(shop), etag(shop.version)


def _all_shown(found: list[Listing]) -> dict[str, Any]:
    return {"items": [show_listing(listing) for listing in found]}
