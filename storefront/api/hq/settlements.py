"""What months came to for employees: tiers, caps, and what later returns changed."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.languages import language_field, spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery, Schema, list_of, text
from storefront.api.settlement_schemas import SettlementSchema, show_settlement
from storefront.commissions import settlements

blueprint = guard.blueprint(
    "hq_settlements", "settlements", "What whole months added to commission or took off"
)


class SettlementsQuery(PageQuery):
    """Which settlements to list."""

    month = text(20, metadata={"example": "2026-03", "description": "Posted in this period"})
    employee = text(40, metadata={"example": "E0001", "description": "A staff number"})
    language = language_field()


class EmployeeSettlementSchema(SettlementSchema):
    """A settlement, and whose it is."""

    employee = fields.String(metadata={"example": "E0001"})


class EmployeeSettlementPage(Schema):
    """Some settlements, the latest first."""

    items = list_of(EmployeeSettlementSchema)
    next = fields.String(allow_none=True)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(SettlementsQuery, location="query")
@blueprint.response(200, EmployeeSettlementPage)
def list_settlements(query: dict[str, Any]) -> dict[str, Any]:
    """List what months came to, the latest first, each explained in sentences."""
    limit, language = query["limit"], spoken(query)
    found = settlements.listed(
        query.get("month"), query.get("employee"), key_of(query.get("after")), limit + 1
    )
    return page(
        found,
        limit,
        lambda each: each[1].id,
        lambda each: show_settlement(each[1], language) | {"employee": each[0]},
    )
