"""What customers want to give back, and headquarters' answers."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from storefront import sales
from storefront.api import described
from storefront.api.hq import guard
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.pictures import PictureSchema, show_stored
from storefront.api.schemas import PageQuery, Schema, Time, list_of, text
from storefront.core import clock
from storefront.orders import return_requests
from storefront.orders.models import RequestState, ReturnReason, ReturnRequest
from storefront.staff.models import Role

blueprint = guard.blueprint(
    "hq_return_requests", "return-requests", "What customers want to give back"
)


class RequestsQuery(PageQuery):
    """Which requests to list."""

    state = fields.Enum(RequestState, by_value=True)


class AskedLineSchema(Schema):
    """How many pieces of a line."""

    line = fields.Integer(metadata={"description": "Its number within the order"})
    quantity = fields.Integer()


class ReturnRequestSchema(Schema):
    """A customer's wish to give something back."""

    id = fields.String(metadata={"example": "rrq_7kq3mnpqrstvwxyz"})
    order = fields.String(metadata={"example": "ord_7kq3mnpqrstvwxyz"})
    order_number = fields.String()
    lines = list_of(AskedLineSchema)
    reason = fields.Enum(ReturnReason, by_value=True)
    words = fields.String()
    picture = fields.Nested(PictureSchema, allow_none=True)
    state = fields.Enum(RequestState, by_value=True)
    answer = fields.String()
    asked_at = Time()
    answered_at = Time(allow_none=True)


class ReturnRequestPage(Schema):
    """Some requests, the newest first."""

    items = list_of(ReturnRequestSchema)
    next = fields.String(allow_none=True)


class Acceptance(Schema):
    """What to say to the customer, if anything."""

    answer = text(500, 0, load_default="", metadata={"example": "Thank you for sending it back."})


class Refusal(Schema):
    """Why not: the customer reads it."""

    answer = text(500, required=True, metadata={"example": "The cup was used."})


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(RequestsQuery, location="query")
@blueprint.response(200, ReturnRequestPage)
def list_requests(query: dict[str, Any]) -> dict[str, Any]:
    """List what customers want to give back, the newest first."""
    limit = query["limit"]
    found = return_requests.listed(query.get("state"), key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda request: request.id, show_request)


@blueprint.route("/<request_id>/accept", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "request_not_found",
        409: "request_over, not_handed_over, more_than_sold",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(Acceptance)
@blueprint.response(200, ReturnRequestSchema)
def accept(given: dict[str, Any], request_id: str) -> dict[str, Any]:
    """The goods are here: refund them, put them back on sale, reverse the commission."""
    guard.require_role(Role.HQ_OPERATIONS, Role.HQ_ADMIN)
    accepted = sales.accept_return(request_id, given["answer"], guard.actor(), clock.now())
    return show_request(accepted)


@blueprint.route("/<request_id>/refuse", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "request_not_found",
        409: "request_over",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(Refusal)
@blueprint.response(200, ReturnRequestSchema)
def refuse(given: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Say no, with the reason that the customer reads on the order's page."""
    guard.require_role(Role.HQ_OPERATIONS, Role.HQ_ADMIN)
    refused = return_requests.refuse(request_id, given["answer"], guard.actor(), clock.now())
    return show_request(refused)


def show_request(request: ReturnRequest) -> dict[str, Any]:
    """A request as its schema's document."""
    return {
        "id": request.public_id,
        "order": request.order.public_id,
        "order_number": request.order.number,
        "lines": [{"line": line.position, "quantity": line.quantity} for line in request.lines],
        "reason": request.reason,
        "words": request.words,
        "picture": show_stored(request.picture),
        "state": request.state,
        "answer": request.answer,
        "asked_at": request.asked_at,
        "answered_at": request.answered_at,
    }
