"""Disputes: which sales were mine, and what others say was theirs."""

from __future__ import annotations

from typing import Any

from storefront import disputing
from storefront.api import described
from storefront.api.idempotency import idempotent
from storefront.api.languages import LanguageQuery, spoken
from storefront.api.pagination import key_of, page
from storefront.api.pictures import kept_picture, takes_picture
from storefront.api.seller import guard
from storefront.api.seller.dispute_schemas import (
    DisputesQuery,
    NewDispute,
    NewStatement,
    OwnDisputePage,
    OwnDisputeSchema,
    show_own,
)
from storefront.attribution.disputes import service
from storefront.attribution.disputes.opening import Objection
from storefront.core import clock
from storefront.core.settings import settings
from storefront.insights.disputes import own

blueprint = guard.blueprint("seller_disputes", "disputes", "Sales that I, or others, call theirs")


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(DisputesQuery, location="query")
@blueprint.response(200, OwnDisputePage)
def list_disputes(query: dict[str, Any]) -> dict[str, Any]:
    """List the disputes that I opened or would lose by, the latest first."""
    limit = query["limit"]
    found = own.listed(
        guard.employee_id(), query.get("side"), key_of(query.get("after")), limit + 1
    )
    return page(found, limit, lambda each: each.id, lambda each: _show(each, query))


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "order_not_found",
        409: "order_not_paid, dispute_too_late, line_in_dispute, nothing_to_dispute",
        422: "unknown_line, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewDispute)
@blueprint.response(201, OwnDisputeSchema)
def open_dispute(given: dict[str, Any]) -> dict[str, Any]:
    """Say that lines of an order were mine: they are held until headquarters has decided."""
    objection = Objection(given["reason"], given["words"], tuple(given["lines"]))
    opened = disputing.open_dispute(
        given.get("order"), given.get("order_number"), objection, guard.actor(), clock.now()
    )
    return _found(opened.public_id)


@blueprint.route("/<dispute_id>")
@described.errors(blueprint, {404: "dispute_not_found", 422: "invalid_fields"})
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.response(200, OwnDisputeSchema)
def read_dispute(query: dict[str, Any], dispute_id: str) -> dict[str, Any]:
    """Look at one dispute that concerns me: where it stands, and why it was decided so."""
    return _show(own.find(guard.employee_id(), dispute_id), query)


@blueprint.route("/<dispute_id>/answer", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "dispute_not_found",
        409: "dispute_over, answer_too_late, answered_already",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewStatement)
@blueprint.response(200, OwnDisputeSchema)
def answer(given: dict[str, Any], dispute_id: str) -> dict[str, Any]:
    """Have my say, once, where I would lose."""
    service.answer(dispute_id, given["words"], guard.employee_id(), clock.now())
    return _found(dispute_id)


@blueprint.route("/<dispute_id>/pictures", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "dispute_not_found",
        409: "dispute_over, answer_too_late, say_something_first, too_many_pictures",
    },
)
@takes_picture(blueprint)
@blueprint.response(200, OwnDisputeSchema)
def add_picture(dispute_id: str) -> dict[str, Any]:
    """Put a picture to what I said: a JPEG, PNG or WebP as the request's body, five at most."""
    now = clock.now()
    # Who may not add one need not have a picture decoded.
    service.refuse_pictures(dispute_id, guard.employee_id(), now)
    service.add_picture(dispute_id, kept_picture(), guard.employee_id(), now)
    return _found(dispute_id)


@blueprint.route("/<dispute_id>/withdraw", methods=["POST"])
@described.errors(blueprint, {404: "dispute_not_found", 409: "dispute_over"})
@blueprint.response(200, OwnDisputeSchema)
def withdraw(dispute_id: str) -> dict[str, Any]:
    """Let a dispute that I opened be: everything stays as it was."""
    disputing.withdraw(dispute_id, guard.actor(), clock.now())
    return _found(dispute_id)


def _found(dispute_id: str) -> dict[str, Any]:
    return _show(own.find(guard.employee_id(), dispute_id), {})


def _show(dispute: own.OwnDispute, query: dict[str, Any]) -> dict[str, Any]:
    zone = settings().chain_time_zone
    return show_own(dispute, guard.employee_id(), clock.now(), spoken(query), zone)
