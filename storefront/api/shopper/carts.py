"""Carts: a shopper's own, in the browser that made them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_smorest import Blueprint

from storefront import visiting
from storefront.api import described
from storefront.api.shopper.schemas import (
    CartChange,
    CartSchema,
    CodeTaken,
    NewCart,
    ToldCode,
    TypedCoupon,
    show_cart,
)
from storefront.core import clock
from storefront.core.errors import Invalid
from storefront.core.settings import settings
from storefront.orders import carts, coupon_quotes
from storefront.orders.carts import CartView
from storefront.sharing import meetings
from storefront.sharing.models import TouchKind

blueprint = Blueprint(
    "shopper_carts",
    __name__,
    url_prefix="/api/v1/shopper/carts",
    description="What a visitor means to buy, at the catalogue's prices of the moment",
)
blueprint.before_request(visiting.refuse_foreign_pages)
blueprint.after_request(visiting.set_cookie)


@blueprint.route("", methods=["POST"])
@described.errors(blueprint, {422: "unknown_variant, repeated_variant, invalid_fields"})
@blueprint.arguments(NewCart)
@blueprint.response(201, CartSchema)
def create_cart(given: dict[str, Any]) -> dict[str, Any]:
    """Start a cart.

    The answer sets the visitor cookie if the browser has none; only with it can the cart be seen.
    """
    return _show(carts.create(visiting.visitor(), _wanted(given["lines"]), clock.now()))


@blueprint.route("/<cart_id>")
@described.errors(blueprint, {404: "cart_not_found"})
@blueprint.response(200, CartSchema)
def read_cart(cart_id: str) -> dict[str, Any]:
    """Look into a cart."""
    return _show(carts.read(cart_id, visiting.visitor()))


@blueprint.route("/<cart_id>", methods=["PATCH"])
@described.errors(
    blueprint,
    {404: "cart_not_found", 409: "cart_already_ordered", 422: "unknown_variant, invalid_fields"},
)
@blueprint.arguments(CartChange)
@blueprint.response(200, CartSchema)
def change_cart(given: dict[str, Any], cart_id: str) -> dict[str, Any]:
    """Change quantities; 0 takes a line out."""
    return _show(carts.set_quantities(cart_id, visiting.visitor(), _wanted(given["lines"])))


@blueprint.route("/<cart_id>/coupon", methods=["PUT"])
@described.errors(
    blueprint,
    {
        404: "cart_not_found, coupon_unknown",
        409: "cart_already_ordered, coupon_over, coupon_not_yet, coupon_used_up, "
        "coupon_nothing_fits, coupon_least_spend, coupon_order_too_small",
        422: "invalid_fields",
        429: "too_many_coupons",
    },
)
@blueprint.arguments(TypedCoupon)
@blueprint.response(200, CartSchema)
def put_coupon(given: dict[str, Any], cart_id: str) -> dict[str, Any]:
    """Put a coupon on a cart, in place of another. One that takes nothing off is refused.

    It is asked again when the cart is ordered: by then it may be over, used up, or used by the
    customer before.
    """
    caller = request.remote_addr or ""
    return _show(
        coupon_quotes.put_on(cart_id, visiting.visitor(), given["code"], caller, clock.now())
    )


@blueprint.route("/<cart_id>/coupon", methods=["DELETE"])
@described.errors(blueprint, {404: "cart_not_found", 409: "cart_already_ordered"})
@blueprint.response(200, CartSchema)
def take_coupon_off(cart_id: str) -> dict[str, Any]:
    """Order without the coupon after all."""
    return _show(coupon_quotes.take_off(cart_id, visiting.visitor()))


@blueprint.route("/<cart_id>/code", methods=["POST"])
@described.errors(
    blueprint,
    {404: "cart_not_found, link_unknown", 410: "link_revoked, shop_closed", 422: "invalid_fields"},
)
@blueprint.arguments(ToldCode)
@blueprint.response(200, CodeTaken)
def give_code(given: dict[str, Any], cart_id: str) -> dict[str, Any]:
    """Give an employee's code before ordering: by the usual policy it goes before any link.

    Of several the last counts. It changes no price.
    """
    carts.read(cart_id, visiting.visitor())
    title = meetings.told_code(given["code"], TouchKind.COUPON, visiting.visitor(), clock.now())
    return {"shop": title}


def _show(cart: CartView) -> dict[str, Any]:
    return show_cart(cart, coupon_quotes.quote(cart, clock.now()), settings().chain_currency)


def _wanted(lines: Sequence[dict[str, Any]]) -> dict[str, int]:
    wanted = {line["variant"]: line["quantity"] for line in lines}
    if len(wanted) < len(lines):
        raise Invalid("repeated_variant", "Name each variant once, with its whole quantity.")
    return wanted
