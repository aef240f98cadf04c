"""Adjustments: proposed by one, decided by another, and only then in the book."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.payouts import FINANCE
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.schemas import (
    LARGEST_INTEGER,
    MoneySchema,
    PageQuery,
    Schema,
    Time,
    list_of,
    money,
    text,
)
from storefront.commissions import adjustments
from storefront.commissions.adjustment_models import AdjustmentKind, AdjustmentState
from storefront.commissions.adjustments import NewAdjustment, ShownAdjustment
from storefront.core import clock

blueprint = guard.blueprint(
    "hq_adjustments", "adjustments", "What is added or taken off, with a reason and two people"
)


class AdjustmentsQuery(PageQuery):
    """Which adjustments."""

    state = fields.Enum(AdjustmentState, by_value=True)


class NewAdjustmentSchema(Schema):
    """What somebody proposes."""

    employee = text(32, required=True, metadata={"example": "E0001"})
    kind = fields.Enum(AdjustmentKind, by_value=True, required=True)
    amount = fields.Integer(
        strict=True,
        required=True,
        validate=validate.Range(-LARGEST_INTEGER, LARGEST_INTEGER),
        metadata={"example": 5000, "description": "Minor units; below zero takes off"},
    )
    reason = text(
        500, required=True, metadata={"example": "For the opening night.", "description": "Shown"}
    )


class Rejection(Schema):
    """Why not."""

    note = text(500, required=True, metadata={"example": "Was paid with the wages."})


class AdjustmentSchema(Schema):
    """An adjustment."""

    id = fields.String(metadata={"example": "adj_7kq3mnpqrstvwxyz"})
    employee = fields.String(metadata={"example": "E0001"})
    name = fields.String(metadata={"example": "林小雨"})
    kind = fields.Enum(AdjustmentKind, by_value=True)
    amount = fields.Nested(MoneySchema)
    reason = fields.String(metadata={"example": "For the opening night."})
    state = fields.Enum(AdjustmentState, by_value=True)
    created_at = Time()
    created_by = fields.String(allow_none=True, metadata={"example": "F0001"})
    decided_at = Time(allow_none=True)
    decided_by = fields.String(allow_none=True, metadata={"example": "F0002"})
    note = fields.String()


class AdjustmentPage(Schema):
    """Some adjustments, the latest first."""

    items = list_of(AdjustmentSchema)
    next = fields.String(allow_none=True)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(AdjustmentsQuery, location="query")
@blueprint.response(200, AdjustmentPage)
def list_adjustments(query: dict[str, Any]) -> dict[str, Any]:
    """List adjustments, the latest first; of one state, or all."""
    guard.require_role(*FINANCE)
    limit = query["limit"]
    found = adjustments.listed(key_of(query.get("after")), limit + 1, query.get("state"))
    return page(found, limit, lambda shown: shown.adjustment.id, _show)


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "hq_only, role_not_allowed, own_adjustment",
        422: "wrong_amount, unknown_employee, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewAdjustmentSchema)
@blueprint.response(201, AdjustmentSchema)
def propose_adjustment(given: dict[str, Any]) -> dict[str, Any]:
    """Propose to add something to somebody's commission, or to take something off."""
    guard.require_role(*FINANCE)
    new = NewAdjustment(given["employee"], given["kind"], given["amount"], given["reason"])
    made = adjustments.propose(new, guard.actor(), clock.now())
    return _show(adjustments.find(made.public_id))


@blueprint.route("/<adjustment_id>")
@described.errors(blueprint, {404: "adjustment_not_found"})
@blueprint.response(200, AdjustmentSchema)
def read_adjustment(adjustment_id: str) -> dict[str, Any]:
    """Look at one adjustment."""
    guard.require_role(*FINANCE)
    return _show(adjustments.find(adjustment_id))


DECIDING = {
    403: "hq_only, role_not_allowed, four_eyes, own_adjustment",
    404: "adjustment_not_found",
    409: "adjustment_decided",
    422: "idempotency_key_reused",
}


@blueprint.route("/<adjustment_id>/approve", methods=["POST"])
@described.errors(blueprint, DECIDING)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, AdjustmentSchema)
def approve_adjustment(adjustment_id: str) -> dict[str, Any]:
    """Approve an adjustment that somebody else proposed: it is due at once."""
    guard.require_role(*FINANCE)
    adjustments.approve(adjustment_id, guard.actor(), clock.now())
    return _show(adjustments.find(adjustment_id))


@blueprint.route("/<adjustment_id>/reject", methods=["POST"])
@described.errors(blueprint, DECIDING | {422: "invalid_fields, idempotency_key_reused"})
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(Rejection)
@blueprint.response(200, AdjustmentSchema)
def reject_adjustment(given: dict[str, Any], adjustment_id: str) -> dict[str, Any]:
    """Refuse an adjustment that somebody else proposed, and say why."""
    guard.require_role(*FINANCE)
    adjustments.reject(adjustment_id, given["note"], guard.actor(), clock.now())
    return _show(adjustments.find(adjustment_id))


@blueprint.route("/<adjustment_id>/withdraw", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "hq_only, role_not_allowed, not_yours",
        404: "adjustment_not_found",
        409: "adjustment_decided",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, AdjustmentSchema)
def withdraw_adjustment(adjustment_id: str) -> dict[str, Any]:
    """Take back what one proposed oneself."""
    guard.require_role(*FINANCE)
    adjustments.withdraw(adjustment_id, guard.actor(), clock.now())
    return _show(adjustments.find(adjustment_id))


def _show(shown: ShownAdjustment) -> dict[str, Any]:
    adjustment = shown.adjustment
    return {
        "id": adjustment.public_id,
        "employee": shown.employee,
        "name": shown.name,
        "kind": adjustment.kind,
        "amount": money(adjustment.amount, adjustment.currency),
        "reason": adjustment.reason,
        "state": adjustment.state,
        "created_at": adjustment.created_at,
        "created_by": shown.created_by,
        "decided_at": adjustment.decided_at,
        "decided_by": shown.decided_by,
        "note": adjustment.decision_note,
    }
