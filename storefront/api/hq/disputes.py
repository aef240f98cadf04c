"""Disputes: the queue, one case with all its evidence, and the decision."""

from __future__ import annotations

from typing import Any

from storefront import disputing
from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.dispute_schemas import (
    CountsSchema,
    DisputeCaseSchema,
    NewDecision,
    QueuedDisputeSchema,
    QueuePage,
    QueueQuery,
    TimelineQuery,
    decision_of,
    show_case,
    show_counts,
    show_queued,
)
from storefront.api.idempotency import idempotent
from storefront.api.languages import spoken
from storefront.api.pagination import key_of, page
from storefront.core import clock
from storefront.core.settings import settings
from storefront.insights.disputes import queue, timeline
from storefront.staff.models import Role

blueprint = guard.blueprint(
    "hq_disputes", "disputes", "Who says that a sale was theirs; nobody decides their own case"
)

JUDGES = (Role.HQ_FINANCE, Role.HQ_ADMIN)
"""Who may decide; operations look on."""


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(QueueQuery, location="query")
@blueprint.response(200, QueuePage)
def list_disputes(query: dict[str, Any]) -> dict[str, Any]:
    """List disputes of a stage: open ones by when they are due, closed ones the latest first."""
    limit, now = query["limit"], clock.now()
    found = queue.listed(
        query["stage"], query.get("reason"), key_of(query.get("after")), limit + 1, now
    )
    return page(found, limit, lambda each: each.id, lambda each: show_queued(each, now))


@blueprint.route("/counts")
@blueprint.response(200, CountsSchema)
def count_disputes() -> dict[str, Any]:
    """How many disputes are there for each reason, and what became of them?"""
    now = clock.now()
    return show_counts(queue.counted(now), now)


@blueprint.route("/<dispute_id>")
@described.errors(blueprint, {404: "dispute_not_found", 422: "invalid_fields"})
@blueprint.arguments(TimelineQuery, location="query")
@blueprint.response(200, DisputeCaseSchema)
def read_dispute(query: dict[str, Any], dispute_id: str) -> dict[str, Any]:
    """Look at one case: everything there is to know, on one timeline."""
    found = queue.find(dispute_id)
    zone, currency = settings().chain_time_zone, settings().chain_currency
    events = timeline.timeline_of(dispute_id, spoken(query), zone)
    return show_case(found, events, currency, clock.now())


@blueprint.route("/<dispute_id>/decide", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "hq_only, role_not_allowed, four_eyes",
        404: "dispute_not_found",
        409: "dispute_over",
        422: "unknown_line, lines_missing, wrong_shares, unknown_employee, unknown_store,"
        " no_part_in_case, nothing_changes, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewDecision)
@blueprint.response(200, QueuedDisputeSchema)
def decide(given: dict[str, Any], dispute_id: str) -> dict[str, Any]:
    """Decide who is credited with the disputed lines; commission follows by new entries."""
    guard.require_role(*JUDGES)
    now = clock.now()
    disputing.decide(dispute_id, decision_of(given), guard.actor(), now)
    return show_queued(queue.find(dispute_id), now)
