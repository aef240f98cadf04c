"""Sections of my shop: headings for the goods in it."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.schemas import Schema, list_of, text
from storefront.api.seller import guard
from storefront.api.seller.shop_schemas import SectionSchema, says_something, show_section
from storefront.shops import sections
from storefront.shops.models import Section

blueprint = guard.blueprint("seller_sections", "shop/sections", "The sections of my shop")

NOT_ACTIVE = "employee_not_active"
NO_SECTION = {403: NOT_ACTIVE, 404: "no_shop, no_section"}


class SectionTitle(Schema):
    """What a section is called."""

    title = text(30, required=True, metadata={"example": "出门这一身"})
    title.validators.append(says_something)


class SectionsSchema(Schema):
    """All sections of a shop, in the order customers see them."""

    items = list_of(SectionSchema)


@blueprint.route("")
@described.errors(blueprint, {404: "no_shop"})
@blueprint.response(200, SectionsSchema)
def read_sections() -> Any:
    """List the sections of my shop. Customers see those that have goods on sale."""
    return _all_shown(sections.sections_of(guard.employee_id()))


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ACTIVE,
        404: "no_shop",
        409: "section_exists, too_many_sections",
        422: "invalid_fields",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(SectionTitle)
@blueprint.response(201, SectionSchema)
def create_section(given: dict[str, Any]) -> Any:
    """Put a new section after the others. Goods come into it by changing their listing."""
    return show_section(sections.create(guard.employee_id(), given["title"]))


@blueprint.route("/<section_id>", methods=["PATCH"])
@described.errors(blueprint, {**NO_SECTION, 409: "section_exists", 422: "invalid_fields"})
@blueprint.arguments(SectionTitle)
@blueprint.response(200, SectionSchema)
def rename_section(given: dict[str, Any], section_id: str) -> Any:
    """Call a section something else."""
    return show_section(sections.rename(guard.employee_id(), section_id, given["title"]))


@blueprint.route("/<section_id>", methods=["DELETE"])
@described.errors(blueprint, NO_SECTION)
@blueprint.response(204)
def remove_section(section_id: str) -> None:
    """Take a heading away; its goods stay in my shop, among the rest."""
    sections.remove(guard.employee_id(), section_id)


@blueprint.route("/<section_id>/up", methods=["POST"])
@described.errors(blueprint, NO_SECTION)
@blueprint.response(200, SectionsSchema)
def move_up(section_id: str) -> Any:
    """Move a section one place up."""
    return _all_shown(sections.move_up(guard.employee_id(), section_id))


@blueprint.route("/<section_id>/down", methods=["POST"])
@described.errors(blueprint, NO_SECTION)
@blueprint.response(200, SectionsSchema)
def move_down(section_id: str) -> Any:
    """Move a section one place down."""
    return _all_shown(sections.move_down(guard.employee_id(), section_id))


def _all_shown(found: list[Section]) -> dict[str, Any]:
    return {"items": [show_section(section) for section in found]}
