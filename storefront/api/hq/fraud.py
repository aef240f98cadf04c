"""Fraud: the queue of cases, their answers, how the rules fare, and their thresholds."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.fraud_schemas import (
    CasePage,
    CaseSchema,
    CasesQuery,
    LanguageOnly,
    NewAnswer,
    NewThresholds,
    OccurrencePage,
    OccurrencesQuery,
    RulesSchema,
    ThresholdsPage,
    ThresholdsVersion,
    show_case,
    show_figures,
    show_in_force,
    show_occurrence,
    show_thresholds,
    thresholds_of,
)
from storefront.api.idempotency import idempotent
from storefront.api.languages import spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.core import clock
from storefront.core.settings import settings
from storefront.fraud import cases, policies, queue
from storefront.fraud.cases import Answer
from storefront.fraud.queue import Wanted
from storefront.staff.models import Role

blueprint = guard.blueprint(
    "hq_fraud", "fraud-cases", "What fraud rules found; nobody answers a case about themselves"
)
thresholds_blueprint = guard.blueprint(
    "hq_fraud_thresholds", "fraud-thresholds", "From where on fraud rules speak up: versions"
)

MAKERS = (Role.HQ_FINANCE, Role.HQ_ADMIN)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(CasesQuery, location="query")
@blueprint.response(200, CasePage)
def list_cases(query: dict[str, Any]) -> dict[str, Any]:
    """List cases, one for each rule and person, the latest first."""
    limit, language, currency = query["limit"], spoken(query), settings().chain_currency
    wanted = Wanted(
        query["closed"], query.get("rule"), query.get("employee"), query.get("for_role")
    )
    found = queue.listed(wanted, key_of(query.get("after")), limit + 1)
    return page(
        found, limit, lambda case: case.id, lambda case: show_case(case, currency, language)
    )


@blueprint.route("/rules")
@described.errors(blueprint, {422: "invalid_fields"})
@blueprint.arguments(LanguageOnly, location="query")
@blueprint.response(200, RulesSchema)
def read_rules(query: dict[str, Any]) -> dict[str, Any]:
    """How often was each rule right? A rule that is dismissed too often is a bad rule."""
    language = spoken(query)
    return {
        "as_of": clock.now(),
        "rules": [show_figures(each, language) for each in queue.figures()],
    }


@blueprint.route("/<case_id>")
@described.errors(blueprint, {404: "case_not_found", 422: "invalid_fields"})
@blueprint.arguments(LanguageOnly, location="query")
@blueprint.response(200, CaseSchema)
def read_case(query: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Look at one case."""
    return _show(case_id, query)


@blueprint.route("/<case_id>/occurrences")
@described.errors(blueprint, {404: "case_not_found", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(OccurrencesQuery, location="query")
@blueprint.response(200, OccurrencePage)
def list_occurrences(query: dict[str, Any], case_id: str) -> dict[str, Any]:
    """List the lines that a case is about, and what the rule saw of each."""
    limit, language, currency = query["limit"], spoken(query), settings().chain_currency
    case = queue.find(case_id)
    found = queue.occurrences_of(case.id, key_of(query.get("after")), limit + 1)
    return page(
        found,
        limit,
        lambda each: each.id,
        lambda each: show_occurrence(each, case.rule, currency, language),
    )


@blueprint.route("/<case_id>/answer", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "hq_only, role_not_allowed, four_eyes",
        404: "case_not_found",
        409: "case_closed, case_changed, line_in_dispute",
        422: "wrong_answer, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewAnswer)
@blueprint.response(200, CaseSchema)
def answer_case(given: dict[str, Any], case_id: str) -> dict[str, Any]:
    """Answer a case; what takes commission back, or lets much go, waits for a second person."""
    answer = Answer(given["outcome"], given["note"], given["takes_back"])
    cases.answer(case_id, answer, guard.actor(), clock.now())
    return _show(case_id, {})


@blueprint.route("/<case_id>/approve", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "hq_only, role_not_allowed, four_eyes",
        404: "case_not_found",
        409: "case_closed, case_unanswered, case_changed, line_in_dispute",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, CaseSchema)
def approve_case(case_id: str) -> dict[str, Any]:
    """Agree with somebody else's answer: it is carried out."""
    cases.approve(case_id, guard.actor(), clock.now())
    return _show(case_id, {})


def _show(case_id: str, query: dict[str, Any]) -> dict[str, Any]:
    return show_case(queue.find(case_id), settings().chain_currency, spoken(query))


# --- thresholds -------------------------------------------------------------------------------


@thresholds_blueprint.route("")
@described.errors(thresholds_blueprint, {422: "wrong_cursor, invalid_fields"})
@thresholds_blueprint.arguments(PageQuery, location="query")
@thresholds_blueprint.response(200, ThresholdsPage)
def list_thresholds(query: dict[str, Any]) -> dict[str, Any]:
    """List all versions, the latest first."""
    limit = query["limit"]
    found = policies.listed(key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda policy: policy.version, show_thresholds)


@thresholds_blueprint.route("/in-force")
@thresholds_blueprint.response(200, ThresholdsVersion)
def read_thresholds_in_force() -> dict[str, Any]:
    """The version by which scans look now; version 0 while none is published."""
    version, thresholds = policies.in_force(clock.now())
    if version == policies.DEFAULTS:
        return show_in_force(version, thresholds)
    return show_thresholds(policies.find(version))


@thresholds_blueprint.route("", methods=["POST"])
@described.errors(
    thresholds_blueprint, {422: "wrong_thresholds, invalid_fields, idempotency_key_reused"}
)
@described.takes_idempotency_key(thresholds_blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@thresholds_blueprint.arguments(NewThresholds)
@thresholds_blueprint.response(201, ThresholdsVersion)
def draft_thresholds(given: dict[str, Any]) -> dict[str, Any]:
    """Draft a version; what is not given is as it is by default."""
    guard.require_role(*MAKERS)
    starts_at, note = given.pop("starts_at"), given.pop("note")
    drafted = policies.draft(thresholds_of(given), starts_at, note, guard.actor(), clock.now())
    return show_thresholds(drafted)


@thresholds_blueprint.route("/<int(max=1000000000):version>/approve", methods=["POST"])
@described.errors(
    thresholds_blueprint,
    {
        403: "hq_only, role_not_allowed, four_eyes",
        404: "thresholds_not_found",
        409: "not_a_draft",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(thresholds_blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@thresholds_blueprint.response(200, ThresholdsVersion)
def approve_thresholds(version: int) -> dict[str, Any]:
    """Approve a version that somebody else drafted."""
    guard.require_role(*MAKERS)
    policies.approve(version, guard.actor())
    return show_thresholds(policies.find(version))


@thresholds_blueprint.route("/<int(max=1000000000):version>/publish", methods=["POST"])
@described.errors(
    thresholds_blueprint,
    {
        404: "thresholds_not_found",
        409: "not_approved",
        422: "starts_in_the_past, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(thresholds_blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@thresholds_blueprint.response(200, ThresholdsVersion)
def publish_thresholds(version: int) -> dict[str, Any]:
    """Publish an approved version: scans look by it from its start on."""
    guard.require_role(*MAKERS)
    policies.publish(version, clock.now())
    return show_thresholds(policies.find(version))
