"""Where stores' tills tell of sales and returns.

A till's own number does what an Idempotency-Key does elsewhere: told again with the same content a
sale is answered as before, with 200 in place of 201, however much later.
"""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.partner import guard
from storefront.api.partner.till_schemas import (
    TakenReturnSchema,
    TakenSaleSchema,
    TakenScanSchema,
    TillReturnSchema,
    TillSaleSchema,
    TillScanSchema,
    show_return,
    show_sale,
    told_return,
    told_sale,
)
from storefront.core import clock
from storefront.core.settings import settings
from storefront.customers.service import phone_number
from storefront.staff.api_keys import Scope
from storefront.till.scans import scan_at_till
from storefront.till.service import sell_at_till, take_back_at_till

blueprint = guard.blueprint("partner_till", "till", "What stores' tills sold and took back")

NOT_ALLOWED = "scope_missing, store_not_allowed"


@blueprint.route("/sales", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ALLOWED,
        409: "number_taken, no_policy, no_plan, changed_meanwhile",
        422: "unknown_store, unknown_code, unknown_employee, employee_had_left, seller_twice, "
        "shares_not_whole, in_the_future, amount_too_large, wrong_currency, wrong_phone, "
        "invalid_fields",
    },
)
@blueprint.arguments(TillSaleSchema)
@blueprint.response(201, TakenSaleSchema)
@blueprint.alt_response(200, schema=TakenSaleSchema, description="It was told before")
def take_sale(given: dict[str, Any]) -> Any:
    """Take in a sale as it was charged. The catalogue's prices do not bind a till."""
    guard.require_scope(Scope.TILL)
    guard.require_store(given["store"])
    sale = told_sale(given, settings().chain_currency)
    taken = sell_at_till(sale, clock.now())
    return show_sale(sale, taken), 201 if taken.is_new else 200


@blueprint.route("/returns", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ALLOWED,
        409: "number_taken, more_than_sold, amount_too_large, changed_meanwhile",
        422: "unknown_store, unknown_sale, unknown_code, unknown_line, line_needed, line_twice, "
        "in_the_future, before_the_sale, wrong_currency, invalid_fields",
    },
)
@blueprint.arguments(TillReturnSchema)
@blueprint.response(201, TakenReturnSchema)
@blueprint.alt_response(200, schema=TakenReturnSchema, description="It was told before")
def take_return(given: dict[str, Any]) -> Any:
    """Take in a return: the till has paid it back, and commission on it is reversed."""
    guard.require_scope(Scope.TILL)
    guard.require_store(given["store"])
    told = told_return(given, settings().chain_currency)
    taken = take_back_at_till(told, clock.now())
    return show_return(told, taken), 201 if taken.is_new else 200


@blueprint.route("/scans", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ALLOWED,
        404: "link_unknown",
        410: "link_revoked, shop_closed",
        422: "customer_needed, in_the_future, wrong_phone, invalid_fields",
    },
)
@blueprint.arguments(TillScanSchema)
@blueprint.response(200, TakenScanSchema)
def take_scan(given: dict[str, Any]) -> dict[str, Any]:
    """Take in that an employee's code was read beside a customer's card.

    Evidence for what the customer buys later. Told again for the same moment it is kept once.
    """
    guard.require_scope(Scope.TILL)
    guard.require_store(given["store"])
    phone = phone_number(given["phone"]) if given["phone"] else None
    shop = scan_at_till(given["code"], given["member_code"], phone, given["at"], clock.now())
    return {"shop": shop}
