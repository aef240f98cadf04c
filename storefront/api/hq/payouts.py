"""Payout batches: drafted, approved by a second person, paid with the payroll."""

from __future__ import annotations

from typing import Any

from flask import Response

from storefront import payday, sales
from storefront.api import described
from storefront.api.csv_files import CSV, csv_answer, csv_body, takes_csv
from storefront.api.hq import guard
from storefront.api.hq.payout_schemas import (
    BatchPage,
    BatchSchema,
    LeftOutPage,
    NewBatch,
    PayoutPage,
    Removal,
    show_batch,
    show_left_out,
    show_payout,
)
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.commissions import payouts, payroll
from storefront.core import clock
from storefront.core.clock import start_of_day
from storefront.core.settings import settings
from storefront.insights import batches
from storefront.integrations.running import transfers
from storefront.staff.models import Role

blueprint = guard.blueprint("hq_payouts", "payouts", "Payment runs; nobody approves their own")

FINANCE = (Role.HQ_FINANCE, Role.HQ_ADMIN)
ANSWERS_EXAMPLE = (
    "batch,payout,employee_number,employee_name,store_code,amount,currency,status,message\r\n"
    "bat_7kq3mnpqrstvwxyz,pyt_7kq3mnpqrstvwxyz,E0001,林小雨,S01,12.34,CNY,failed,户名不符\r\n"
)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, BatchPage)
def list_batches(query: dict[str, Any]) -> dict[str, Any]:
    """List payout batches, the latest first."""
    guard.require_role(*FINANCE)
    limit = query["limit"]
    found = batches.listed(key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda shown: shown.batch.id, show_batch)


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        409: "nothing_to_pay, period_closing",
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
    return show_batch(batches.find(batch.public_id))


@blueprint.route("/<batch_id>")
@described.errors(blueprint, {404: "batch_not_found"})
@blueprint.response(200, BatchSchema)
def read_batch(batch_id: str) -> dict[str, Any]:
    """Look at one batch."""
    guard.require_role(*FINANCE)
    return show_batch(batches.find(batch_id))


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
        lambda payout: show_payout(payout, batch.currency),
    )


@blueprint.route("/<batch_id>/left-out")
@described.errors(blueprint, {404: "batch_not_found", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, LeftOutPage)
def list_left_out(query: dict[str, Any], batch_id: str) -> dict[str, Any]:
    """List who gets nothing though something is open, with the reason."""
    guard.require_role(*FINANCE)
    batch, limit = batches.find(batch_id).batch, query["limit"]
    found = batches.left_out_of(batch.id, key_of(query.get("after")), limit + 1)
    return page(
        found, limit, lambda each: each.id, lambda each: show_left_out(each, batch.currency)
    )


@blueprint.route("/<batch_id>/payouts/<payout_id>/remove", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "batch_not_found, payout_not_found",
        409: "batch_not_open, last_payout",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(Removal)
@blueprint.response(200, BatchSchema)
def remove_payout(given: dict[str, Any], batch_id: str, payout_id: str) -> dict[str, Any]:
    """Take somebody out of a batch that was not submitted.

    What they are owed waits for a later one. Approvals that were given no longer count, and who
    changed a batch does not approve it.
    """
    guard.require_role(*FINANCE)
    payouts.remove(batch_id, payout_id, given["note"], guard.actor(), clock.now())
    return show_batch(batches.find(batch_id))


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
        409: "batch_not_draft, approved_already",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, BatchSchema)
def approve_batch(batch_id: str) -> dict[str, Any]:
    """Approve a batch that somebody else drafted and last changed.

    A large one wants two people: it stays a draft until the second.
    """
    guard.require_role(*FINANCE)
    payouts.approve(batch_id, guard.actor(), clock.now())
    return show_batch(batches.find(batch_id))


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
    return show_batch(batches.find(batch_id))


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
    return show_batch(batches.find(batch_id))


@blueprint.route("/<batch_id>/submit", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "batch_not_found",
        409: "batch_not_approved, no_transfers",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(202, BatchSchema)
def submit_batch(batch_id: str) -> dict[str, Any]:
    """Send an approved batch to the transfer provider; a worker sends its payouts one by one."""
    guard.require_role(*FINANCE)
    payday.submit(batch_id, transfers(), guard.actor(), clock.now())
    return show_batch(batches.find(batch_id))


@blueprint.route("/<batch_id>/query", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "batch_not_found",
        409: "batch_not_submitted, no_transfers",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(202, BatchSchema)
def query_batch(batch_id: str) -> dict[str, Any]:
    """Have the provider asked about every payout that was sent and has no final answer.

    A worker asks every ten minutes anyway. One that never arrived is sent again under its own
    number; none is ever sent under another.
    """
    guard.require_role(*FINANCE)
    transfers()
    payday.ask_soon(batch_id, clock.now())
    return show_batch(batches.find(batch_id))


@blueprint.route("/<batch_id>/answers", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "batch_not_found",
        409: "batch_not_approved",
        413: "too_large",
        415: "unsupported_media_type",
    },
)
@takes_csv(blueprint, ANSWERS_EXAMPLE)
@blueprint.response(200, BatchSchema)
def take_answers(batch_id: str) -> dict[str, Any]:
    """Take in what became of a batch's payouts: all of the file, or nothing if a line is wrong.

    It is the payroll's file with a column `status` (paid, failed, returned) and, if need be, a
    `message`. What failed or came back is due again. The same file again changes nothing.
    """
    guard.require_role(*FINANCE)
    payday.answer(batch_id, csv_body(), guard.actor(), clock.now())
    return show_batch(batches.find(batch_id))
