"""Coupons: codes that take money off orders."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.coupon_schemas import (
    CouponPage,
    CouponSchema,
    NewCouponSchema,
    show_coupon,
)
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.core import clock
from storefront.core.settings import settings
from storefront.orders import coupons
from storefront.orders.coupons import NewCoupon, Standing
from storefront.staff.models import Role

blueprint = guard.blueprint("hq_coupons", "coupons", "Codes that take money off orders")

MAKERS = (Role.HQ_FINANCE, Role.HQ_ADMIN)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, CouponPage)
def list_coupons(query: dict[str, Any]) -> dict[str, Any]:
    """List all coupons with what they have given, the newest first."""
    limit = query["limit"]
    found = coupons.listed(key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda each: each.coupon.id, _show)


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        409: "code_taken",
        422: "wrong_code, wrong_coupon, wrong_dates, unknown_category, unknown_brand, "
        "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewCouponSchema)
@blueprint.response(201, CouponSchema)
def create_coupon(given: dict[str, Any]) -> dict[str, Any]:
    """Make a coupon. It is never changed: withdraw it and make another one.

    It belongs to nobody and no link carries it: nobody is rewarded for forwarding.
    """
    guard.require_role(*MAKERS)
    return _show(Standing(coupons.create(NewCoupon(**given), guard.actor(), clock.now()), 0))


@blueprint.route("/<coupon_id>")
@described.errors(blueprint, {404: "coupon_not_found"})
@blueprint.response(200, CouponSchema)
def read_coupon(coupon_id: str) -> dict[str, Any]:
    """Look at one coupon: how often it was used, and what it gave."""
    return _show(coupons.find(coupon_id))


@blueprint.route("/<coupon_id>/withdraw", methods=["POST"])
@described.errors(
    blueprint,
    {404: "coupon_not_found", 409: "already_withdrawn", 422: "idempotency_key_reused"},
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, CouponSchema)
def withdraw_coupon(coupon_id: str) -> dict[str, Any]:
    """Let no further order use it. Orders that hold one keep it."""
    guard.require_role(*MAKERS)
    return _show(coupons.withdraw(coupon_id, guard.actor(), clock.now()))


def _show(standing: Standing) -> dict[str, Any]:
    return show_coupon(standing, settings().chain_currency)
