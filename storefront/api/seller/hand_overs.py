"""Handing an order over to a customer who collects it at my store."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from storefront import sales
from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.schemas import MoneySchema, Schema, Time, money, text
from storefront.api.seller import guard
from storefront.commissions import service_bonus
from storefront.core import clock

blueprint = guard.blueprint("seller_hand_overs", "hand-overs", "Orders that I hand over")


class NewHandOver(Schema):
    """The order that the customer shows me."""

    key = text(
        64,
        required=True,
        metadata={
            "example": "q7kbzc57qjv2dykt3hx9",
            "description": "The key of the order's own page, as the customer's code shows it",
        },
    )


class HandOverSchema(Schema):
    """An order that I handed over."""

    number = fields.String(metadata={"example": "2603050001"})
    handed_over_at = Time()
    bonus = fields.Nested(
        MoneySchema,
        metadata={
            "description": "What the plan pays me for it, held until the return window is over;"
            " 0 for none, and for an order of my own"
        },
    )


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "order_not_found",
        409: "order_not_paid",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewHandOver)
@blueprint.response(201, HandOverSchema)
def hand_over(given: dict[str, Any]) -> dict[str, Any]:
    """Say that a customer collected their order from me: the return window begins."""
    order = sales.hand_over_at_store(given["key"], guard.actor(), clock.now())
    return {
        "number": order.number,
        "handed_over_at": order.handed_over_at,
        "bonus": money(service_bonus.amount_on(order.id), order.currency),
    }
