"""Handing an order over to a customer who collects it at my store."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, cast

from flask import Response, request
from marshmallow import ValidationError, fields, validates_schema

from storefront import sales
from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.schemas import MoneySchema, Schema, Time, money, text
from storefront.api.seller import guard
from storefront.commissions import service_bonus
from storefront.core import clock
from storefront.orders import pick_ups

P = ParamSpec("P")

LONGEST_NUMBER = 40

blueprint = guard.blueprint("seller_hand_overs", "hand-overs", "Orders that I hand over")


class NewHandOver(Schema):
    """The order that the customer shows me: by `key`, or by `number` and `code`."""

    key = text(
        64,
        metadata={
            "example": "q7kbzc57qjv2dykt3hx9",
            "description": "The key of the order's own page",
        },
    )
    number = text(
        LONGEST_NUMBER,
        metadata={
            "example": "260305-12345-67890",
            "description": "Of an order that is collected; the customer's QR code holds it,"
            " a space, and the code",
        },
    )
    code = text(20, metadata={"example": "482193", "description": "The six digits of that order"})

    @validates_schema
    def _one_way(self, given: dict[str, Any], **_: Any) -> None:
        if given.keys() not in ({"key"}, {"number", "code"}):
            raise ValidationError("Give the key alone, or the number and the code.", "key")


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


def _counts_tries(view: Callable[P, Response]) -> Callable[P, Response]:
    """Count a try of a code before the deed's transaction begins: a wrong code undoes that one."""

    @wraps(view)
    def counted(*args: P.args, **kwargs: P.kwargs) -> Response:
        sent: Any = request.get_json(silent=True)
        number = cast(dict[str, Any], sent).get("number") if isinstance(sent, dict) else None
        if isinstance(number, str) and len(number) <= LONGEST_NUMBER and number.isprintable():
            pick_ups.charge_try(number, clock.now())
        return view(*args, **kwargs)

    return counted


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "order_not_found",
        409: "order_not_paid",
        422: "wrong_pick_up_code, invalid_fields, idempotency_key_reused",
        429: "too_many_attempts",
    },
)
@described.takes_idempotency_key(blueprint)
@_counts_tries
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewHandOver)
@blueprint.response(201, HandOverSchema)
def hand_over(given: dict[str, Any]) -> dict[str, Any]:
    """Say that a customer collected their order from me: the return window begins.

    A wrong code is refused, and no more than ten are looked at within an hour.
    """
    if "key" in given:
        order = sales.hand_over_at_store(given["key"], guard.actor(), clock.now())
    else:
        order = sales.hand_over_for_code(given["number"], given["code"], guard.actor(), clock.now())
    return {
        "number": order.number,
        "handed_over_at": order.handed_over_at,
        "bonus": money(service_bonus.amount_on(order.id), order.currency),
    }
