"""Checkout as a guest, and the order's own page for programs."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from storefront import sales, visiting
from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.schemas import money
from storefront.api.shopper.schemas import (
    NewOrder,
    OrderSchema,
    PaymentSchema,
    PlacedSchema,
    show_order,
)
from storefront.core import clock
from storefront.core.errors import Unavailable
from storefront.core.settings import settings
from storefront.customers.service import phone_number
from storefront.integrations.payments.base import GatewayDown
from storefront.integrations.running import gateway
from storefront.orders import dispatches, handling
from storefront.orders.models import Order, OrderState
from storefront.orders.placing import Contact
from storefront.payments import refunds
from storefront.payments.models import PaymentState

blueprint = Blueprint(
    "shopper_orders",
    __name__,
    url_prefix="/api/v1/shopper/orders",
    description="Orders of guests. An order's key is its only password: show it to nobody",
)
blueprint.before_request(visiting.refuse_foreign_pages)
blueprint.after_request(visiting.set_cookie)


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "cart_not_found",
        409: "cart_already_ordered, cart_empty, not_on_sale, out_of_stock, price_changed, "
        "order_too_large, no_pick_up_point, and why the cart's coupon takes nothing off: "
        "coupon_over, coupon_used_up, coupon_used_before, coupon_nothing_fits, coupon_least_spend, "
        "coupon_order_too_small",
        422: "wrong_phone, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(visiting.visitor)
@blueprint.arguments(NewOrder)
@blueprint.response(201, PlacedSchema)
def place_order(given: dict[str, Any]) -> dict[str, Any]:
    """Order what is in a cart.

    Prices are the catalogue's; the goods are kept until `hold_expires_at`. Pay next.
    """
    contact = Contact(
        visitor_id=visiting.visitor(),
        name=given["name"],
        phone=phone_number(given["phone"]),
        address=given.get("address", ""),
        pick_up=given.get("pick_up", ""),
        note=given["note"],
        language=given["language"],
    )
    order = sales.place(
        given["cart"],
        contact,
        gateway(),
        clock.now(),
        expected_total=given.get("expected_total"),
    )
    return {
        "id": order.public_id,
        "number": order.number,
        "key": order.secret,
        "state": OrderState.AWAITING_PAYMENT,
        "total": money(order.total, order.currency),
        "hold_expires_at": order.hold_expires_at,
    }


@blueprint.route("/<key>/payment", methods=["POST"])
@described.errors(
    blueprint,
    {404: "order_not_found", 409: "order_not_payable, hold_expired", 503: "gateway_down"},
)
@blueprint.response(200, PaymentSchema)
def open_payment(key: str) -> dict[str, Any]:
    """Ask where to pay. Asking again gives the same address."""
    return_url = f"{settings().public_base_url}/o/{key}"
    try:
        pay_url = sales.pay_address(key, return_url, gateway(), clock.now())
    except GatewayDown as error:
        raise Unavailable(
            "gateway_down", "The payment service does not answer; try again.", retry_after=5
        ) from error
    return {"state": PaymentState.OPEN, "pay_url": pay_url}


@blueprint.route("/<key>")
@described.errors(blueprint, {404: "order_not_found"})
@blueprint.response(200, OrderSchema)
def read_order(key: str) -> dict[str, Any]:
    """See where an order stands."""
    return _shown(handling.find_by_secret(key))


@blueprint.route("/<key>/cancel", methods=["POST"])
@described.errors(blueprint, {404: "order_not_found", 409: "order_not_cancellable"})
@blueprint.response(200, OrderSchema)
def cancel_order(key: str) -> dict[str, Any]:
    """Cancel an order that was not handed over; what was paid goes back."""
    sales.cancel_by_secret(key, clock.now())
    return _shown(handling.find_by_secret(key))


def _shown(order: Order) -> dict[str, Any]:
    return show_order(order, refunds.refunded_of(order.id), dispatches.of_order(order.id))
