"""Brands, the category tree, and the places where stock lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.catalog_schemas import (
    BrandChange,
    BrandList,
    BrandSchema,
    CategoryChange,
    CategoryList,
    CategorySchema,
    LocationChange,
    LocationList,
    LocationSchema,
    NewBrand,
    NewCategory,
    NewLocation,
)
from storefront.api.hq.products import WRITERS
from storefront.api.idempotency import idempotent
from storefront.api.versions import IF_MATCH, etag, expected_version
from storefront.catalog import brands, categories, locations
from storefront.catalog.categories import CategoryChanges
from storefront.catalog.models import Brand, Category, Location

brands_blueprint = guard.blueprint("hq_brands", "brands", "Whose name is on the goods")
categories_blueprint = guard.blueprint("hq_categories", "categories", "The tree of goods")
locations_blueprint = guard.blueprint("hq_locations", "locations", "Where stock lies")

EDIT_ERRORS = {412: "version_changed", 428: "if_match_missing"}


@brands_blueprint.route("")
@brands_blueprint.response(200, BrandList)
def list_brands() -> dict[str, Sequence[Brand]]:
    """List all brands, by their English names."""
    return {"items": brands.listed()}


@brands_blueprint.route("", methods=["POST"])
@described.errors(brands_blueprint, {409: "code_taken", 422: "invalid_fields"})
@described.takes_idempotency_key(brands_blueprint)
@idempotent(lambda: f"brand {guard.employee_id()}")
@brands_blueprint.arguments(NewBrand)
@brands_blueprint.response(201, BrandSchema)
def create_brand(given: dict[str, Any]) -> Any:
    """Enter a brand."""
    guard.require_role(*WRITERS)
    brand = brands.create(**given)
    return brand, etag(brand.version)


@brands_blueprint.route("/<brand_id>")
@described.errors(brands_blueprint, {404: "brand_not_found"})
@brands_blueprint.response(200, BrandSchema)
def read_brand(brand_id: str) -> Any:
    """Look at one brand."""
    brand = brands.find(brand_id)
    return brand, etag(brand.version)


@brands_blueprint.route("/<brand_id>", methods=["PATCH"])
@described.errors(brands_blueprint, {404: "brand_not_found", 422: "invalid_fields", **EDIT_ERRORS})
@brands_blueprint.doc(parameters=[IF_MATCH])
@brands_blueprint.arguments(BrandChange)
@brands_blueprint.response(200, BrandSchema)
def rename_brand(given: dict[str, Any], brand_id: str) -> Any:
    """Change a brand's names."""
    guard.require_role(*WRITERS)
    brand = brands.rename(brand_id, expected_version(), **given)
    return brand, etag(brand.version)


@categories_blueprint.route("")
@categories_blueprint.response(200, CategoryList)
def list_categories() -> dict[str, Any]:
    """List the whole tree, sisters in their order; a parent may come after its child."""
    tree = categories.listed()
    ids = {category.id: category.public_id for category in tree}
    return {"items": [_category(category, ids) for category in tree]}


@categories_blueprint.route("", methods=["POST"])
@described.errors(
    categories_blueprint,
    {409: "code_taken, wrong_parent", 422: "unknown_category, invalid_fields"},
)
@described.takes_idempotency_key(categories_blueprint)
@idempotent(lambda: f"category {guard.employee_id()}")
@categories_blueprint.arguments(NewCategory)
@categories_blueprint.response(201, CategorySchema)
def create_category(given: dict[str, Any]) -> Any:
    """Enter a category."""
    guard.require_role(*WRITERS)
    category = categories.create(**given)
    return _one_category(category), etag(category.version)


@categories_blueprint.route("/<category_id>", methods=["PATCH"])
@described.errors(
    categories_blueprint,
    {
        404: "category_not_found",
        409: "wrong_parent",
        422: "unknown_category, invalid_fields",
        **EDIT_ERRORS,
    },
)
@categories_blueprint.doc(parameters=[IF_MATCH])
@categories_blueprint.arguments(CategoryChange)
@categories_blueprint.response(200, CategorySchema)
def edit_category(given: dict[str, Any], category_id: str) -> Any:
    """Rename or move a category. Its version is in the list."""
    guard.require_role(*WRITERS)
    category = categories.edit(category_id, expected_version(), CategoryChanges(**given))
    return _one_category(category), etag(category.version)


@locations_blueprint.route("")
@locations_blueprint.response(200, LocationList)
def list_locations() -> dict[str, Sequence[Location]]:
    """List all places, in the order in which goods leave."""
    return {"items": locations.listed()}


@locations_blueprint.route("", methods=["POST"])
@described.errors(locations_blueprint, {409: "code_taken", 422: "address_missing, invalid_fields"})
@described.takes_idempotency_key(locations_blueprint)
@idempotent(lambda: f"location {guard.employee_id()}")
@locations_blueprint.arguments(NewLocation)
@locations_blueprint.response(201, LocationSchema)
def create_location(given: dict[str, Any]) -> Location:
    """Enter a place for stock."""
    guard.require_role(*WRITERS)
    return locations.create(**given)


@locations_blueprint.route("/<code>", methods=["PATCH"])
@described.errors(
    locations_blueprint, {404: "location_not_found", 422: "address_missing, invalid_fields"}
)
@locations_blueprint.arguments(LocationChange)
@locations_blueprint.response(200, LocationSchema)
def edit_location(given: dict[str, Any], code: str) -> Location:
    """Change a place: its names, its priority, or that customers may collect there."""
    guard.require_role(*WRITERS)
    return locations.edit(code, **given)


def _one_category(category: Category) -> dict[str, Any]:
    return _category(category, {one.id: one.public_id for one in categories.listed()})


def _category(category: Category, ids: dict[int, str]) -> dict[str, Any]:
    return {
        "id": category.public_id,
        "code": category.code,
        "name_zh": category.name_zh,
        "name_en": category.name_en,
        "parent": ids.get(category.parent_id or 0),
        "position": category.position,
        "version": category.version,
    }
