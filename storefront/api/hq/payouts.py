"""Payout batches: drafted, approved by a second person, paid with the payroll."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response
from marshmallow import fields, validate

from storefront import sales
from storefront.api import described
from storefront.api.csv_files import CSV, csv_answer
from storefront.api.hq import guard
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.schemas import MoneySchema, PageQuery, Schema, Time, list_of, money
from storefront.commissions import payouts, payroll
from storefront.commissions.models import BatchState
from storefront.core import clock
from storefront.core.clock import start_of_day
from storefront.core.settings import settings
from storefront.insights import batches
from storefront.insights.batches import ShownBatch
from storefront.staff.models import Role

blueprint = guard.blueprint("hq_payouts", "payouts", "Payment runs; nobody approves their own")

FINANCE = (Role.HQ_FINANCE, Role.HQ_ADMIN)


class NewBatch(Schema):
    """Up to when commission is paid."""

    cutoff = fields.Date(
        required=True,
        validate=validate.Range(date(2000, 1, 1), date(2100, 1, 1)),
        metadata={"example": "2026-04-01", "description": "All that fell due before this day"},
    )


class BatchSchema(Schema):
    """A payout batch."""

    id = fields.String(metadata={"example": "bat_7kq3mnpqrstvwxyz"})
    cutoff_at = Time()
    state = fields.Enum(BatchState, by_value=True)
    payees = fields.Integer()
    total = fields.Nested(MoneySchema)
    created_at = Time()
    created_by = fields.String(allow_none=True, metadata={"example": "F0001"})
    approved_at = Time(allow_none=True)
    approved_by = fields.String(allow_none=True, metadata={"example": "F0002"})
    paid_at = Time(allow_none=True)
    discarded_at = Time(allow_none=True)


class BatchPage(Schema):
    """Some batches, the latest first."""

    items = list_of(BatchSchema)
    next = fields.String(allow_none=True)


class PayoutSchema(Schema):
    """One employee's part of a batch."""

    id = fields.String(metadata={"example": "pyt_7kq3mnpqrstvwxyz"})
    employee = fields.String(metadata={"example": "E0001"})
    name = fields.String(metadata={"example": "林小雨"})
    store = fields.String(metadata={"example": "S01"})
    amount = fields.Nested(MoneySchema)


class PayoutPage(Schema):
    """Some payouts of a batch."""

    items = list_of(PayoutSchema)
    next = fields.String(allow_none=True)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, BatchPage)
def list_batches(query: dict[str, Any]) -> dict[str, Any]:
    """List payout batches, the latest first."""
    guard.require_role(*FINANCE)
    limit = query["limit"]
    found = batches.listed(key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda shown: shown.batch.id, _show)


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        409: "nothing_to_pay",
        422: "cutoff_in_the_future, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewBatch)
@blueprint.response(201, BatchSchema)
def draft_batch(given: dict[str, Any]) -> dict[str, Any]:
    """Claim all that fell due before a day for whoever is owed more than nothing."""
    guard.require_role(*FINANCE)
    cutoff = start_of_day(given["cutoff"], settings().chain_time_zone)
    batch = sales.draft_payout(cutoff, guard.actor(), clock.now())
    return _show(batches.find(batch.public_id))


@blueprint.route("/<batch_id>")
@described.errors(blueprint, {404: "batch_not_found"})
@blueprint.response(200, BatchSchema)
def read_batch(batch_id: str) -> dict[str, Any]:
    """Look at one batch."""
    guard.require_role(*FINANCE)
    return _show(batches.find(batch_id))


@blueprint.route("/<batch_id>/payouts")
@described.errors(blueprint, {404: "batch_not_found", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, PayoutPage)
def list_payouts(query: dict[str, Any], batch_id: str) -> dict[str, Any]:
    """List who gets how much."""
    guard.require_role(*FINANCE)
    batch, limit = batches.find(batch_id).batch, query["limit"]
    found = batches.payouts_of(batch.id, key_of(query.get("after")), limit + 1)
    return page(
        found,
        limit,
        lambda payout: payout.id,
        lambda payout: {
            "id": payout.public_id,
            "employee": payout.number,
            "name": payout.name,
            "store": payout.store_code,
            "amount": money(payout.amount, batch.currency),
        },
    )


@blueprint.route("/<batch_id>/payroll.csv")
@described.errors(blueprint, {404: "batch_not_found", 409: "batch_not_approved"})
@blueprint.response(200, {"type": "string"}, content_type=CSV)
def save_payroll(batch_id: str) -> Response:
    """Save the payroll file of an approved batch."""
    guard.require_role(*FINANCE)
    batch = batches.find(batch_id).batch
    return csv_answer([payroll.payroll_csv(batch)], f"payroll-{batch.public_id}.csv")


@blueprint.route("/<batch_id>/approve", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "hq_only, role_not_allowed, four_eyes",
        404: "batch_not_found",
        409: "batch_not_draft",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, BatchSchema)
def approve_batch(batch_id: str) -> dict[str, Any]:
    """Approve a batch that somebody else drafted."""
    guard.require_role(*FINANCE)
    payouts.approve(batch_id, guard.actor(), clock.now())
    return _show(batches.find(batch_id))


@blueprint.route("/<batch_id>/discard", methods=["POST"])
@described.errors(
    blueprint, {404: "batch_not_found", 409: "batch_over", 422: "idempotency_key_reused"}
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, BatchSchema)
def discard_batch(batch_id: str) -> dict[str, Any]:
    """Give up a batch that was not paid; what it claimed waits for the next one."""
    guard.require_role(*FINANCE)
    payouts.discard(batch_id, clock.now())
    return _show(batches.find(batch_id))


@blueprint.route("/<batch_id>/paid", methods=["POST"])
@described.errors(
    blueprint, {404: "batch_not_found", 409: "batch_not_approved", 422: "idempotency_key_reused"}
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, BatchSchema)
def mark_batch_paid(batch_id: str) -> dict[str, Any]:
    """Say that the payroll has paid an approved batch."""
    guard.require_role(*FINANCE)
    sales.pay_out(batch_id, clock.now())
    return _show(batches.find(batch_id))


def _show(shown: ShownBatch) -> dict[str, Any]:
    batch = shown.batch
    return {
        "id": batch.public_id,
        "cutoff_at": batch.cutoff_at,
        "state": batch.state,
        "payees": batch.payees,
        "total": money(batch.total, batch.currency),
        "created_at": batch.created_at,
        "created_by": shown.created_by,
        "approved_at": batch.approved_at,
        "approved_by": shown.approved_by,
        "paid_at": batch.paid_at,
        "discarded_at": batch.discarded_at,
    }
