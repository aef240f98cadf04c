"""Orders: found, looked at, handed over, cancelled, taken back."""

from __future__ import annotations

from typing import Any

from storefront import sales
from storefront.api import described
from storefront.api.fulfilment_schemas import DispatchSchema, show_dispatch
from storefront.api.hq import guard
from storefront.api.hq.order_schemas import (
    CaseQuery,
    FoundOrderPage,
    NewDispatch,
    NewReturn,
    OrderCaseSchema,
    OrdersQuery,
    OrderStandingSchema,
    ReturnSchema,
    show_case,
    show_found,
    show_return,
    show_standing,
)
from storefront.api.idempotency import idempotent
from storefront.api.languages import spoken
from storefront.api.pagination import key_of, page
from storefront.core import clock
from storefront.core.errors import Invalid
from storefront.core.settings import settings
from storefront.customers.service import phone_number
from storefront.insights import cases
from storefront.orders.dispatches import Tracking
from storefront.orders.models import CancelReason, OrderState
from storefront.staff.models import Role

blueprint = guard.blueprint("hq_orders", "orders", "What customers bought")

TO_BE_SERVED = (OrderState.PAID, OrderState.HANDED_OVER)
"""States in which operations may have to reach the customer."""


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, wrong_phone, invalid_fields"})
@blueprint.arguments(OrdersQuery, location="query")
@blueprint.response(200, FoundOrderPage)
def list_orders(query: dict[str, Any]) -> dict[str, Any]:
    """List orders, the latest first, or find them by number, state or the customer's phone."""
    wanted = cases.Wanted(
        number=query.get("number"),
        state=query.get("state"),
        phone=phone_number(query["phone"]) if "phone" in query else None,
    )
    limit = query["limit"]
    found = cases.search(wanted, key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda order: order.id, show_found)


@blueprint.route("/<order_id>")
@described.errors(blueprint, {404: "order_not_found", 422: "invalid_fields"})
@blueprint.arguments(CaseQuery, location="query")
@blueprint.response(200, OrderCaseSchema)
def read_order(query: dict[str, Any], order_id: str) -> dict[str, Any]:
    """Look at one order: lines, payments, returns, who earned on it and why."""
    return _shown(order_id, query)


@blueprint.route("/<order_id>/hand-over", methods=["POST"])
@described.errors(
    blueprint,
    {404: "order_not_found", 409: "order_not_paid", 422: "idempotency_key_reused"},
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, OrderStandingSchema)
def hand_over(order_id: str) -> dict[str, Any]:
    """Say that the customer has the goods: the return window begins."""
    guard.require_role(Role.HQ_OPERATIONS, Role.HQ_ADMIN)
    return show_standing(sales.hand_over(order_id, guard.actor(), clock.now()))


@blueprint.route("/<order_id>/dispatches", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "order_not_found",
        409: "order_not_paid, wrong_dispatch_kind, too_many_dispatches",
        422: "tracking_incomplete, wrong_tracking_url, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewDispatch)
@blueprint.response(201, DispatchSchema)
def dispatch(given: dict[str, Any], order_id: str) -> dict[str, Any]:
    """Say that a parcel is on its way, or that it is ready to be collected: the customer is told.

    An order may go in up to twenty parts, each told on its own.
    """
    guard.require_role(Role.HQ_OPERATIONS, Role.HQ_ADMIN)
    tracking = Tracking(given["carrier"], given["number"], given["tracking_url"])
    made = sales.dispatch(order_id, given["kind"], tracking, guard.actor(), clock.now())
    return show_dispatch(made)


@blueprint.route("/<order_id>/cancel", methods=["POST"])
@described.errors(
    blueprint,
    {404: "order_not_found", 409: "order_not_cancellable", 422: "idempotency_key_reused"},
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, OrderStandingSchema)
def cancel(order_id: str) -> dict[str, Any]:
    """Cancel an order that was not handed over; what was paid goes back."""
    guard.require_role(Role.HQ_OPERATIONS, Role.HQ_ADMIN)
    return show_standing(sales.cancel(order_id, CancelReason.BY_CHAIN, guard.actor(), clock.now()))


@blueprint.route("/<order_id>/returns", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "order_not_found",
        409: "not_handed_over, more_than_sold, sold_at_till",
        422: "unknown_line, repeated_line, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewReturn)
@blueprint.response(201, ReturnSchema)
def take_back(given: dict[str, Any], order_id: str) -> dict[str, Any]:
    """Take goods back, by line and pieces: they are refunded, and commission on them reversed."""
    guard.require_role(Role.HQ_OPERATIONS, Role.HQ_ADMIN)
    pieces = {line["line"]: line["quantity"] for line in given["lines"]}
    if len(pieces) < len(given["lines"]):
        raise Invalid("repeated_line", "Name each line once, with all the pieces that come back.")
    now = clock.now()
    taken_back = sales.take_back(order_id, pieces, given["reason"], guard.actor(), now)
    return show_return(taken_back, pieces, given["reason"], settings().chain_currency, now)


def _shown(order_id: str, query: dict[str, Any]) -> dict[str, Any]:
    case = cases.find(order_id)
    in_full = guard.actor().role == Role.HQ_OPERATIONS and case.order.state in TO_BE_SERVED
    return show_case(case, spoken(query), settings().chain_time_zone, contact_in_full=in_full)
