"""Commission plans: versions of what is earned."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.month_schemas import month_terms_of
from storefront.api.hq.policy_schemas import Compared, Differences
from storefront.api.hq.rule_schemas import (
    CheckSchema,
    DraftedPlanSchema,
    NewPlan,
    PlanPage,
    PlanSchema,
    show_plan,
)
from storefront.api.idempotency import idempotent
from storefront.api.languages import LanguageQuery, spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.commissions import naming, plan_words, plans
from storefront.commissions.models import CommissionPlan
from storefront.commissions.naming import NamedBooster, NamedRule
from storefront.commissions.terms import Terms
from storefront.core import clock
from storefront.core.settings import settings
from storefront.staff.models import Role

blueprint = guard.blueprint(
    "hq_plans", "commission-plans", "What is earned: versions that never change once published"
)

MAKERS = (Role.HQ_FINANCE, Role.HQ_ADMIN)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, PlanPage)
def list_plans(query: dict[str, Any]) -> dict[str, Any]:
    """List all versions with their rules, the latest first."""
    limit = query["limit"]
    found = plans.list_plans(key_of(query.get("after")), limit + 1)
    named = naming.named_content([plan.id for plan in found[:limit]])
    return page(
        found, limit, lambda plan: plan.version, lambda plan: show_plan(plan, named[plan.id])
    )


@blueprint.route("/in-force")
@described.errors(blueprint, {409: "no_plan"})
@blueprint.response(200, PlanSchema)
def read_plan_in_force() -> dict[str, Any]:
    """The version by which orders placed now earn."""
    return _show(plans.find_plan(plans.plan_in_force(clock.now()).version))


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        422: "wrong_plan, unknown_employee, unknown_product, unknown_category, unknown_brand, "
        "unknown_store, unknown_grade, unknown_campaign, invalid_fields, idempotency_key_reused"
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewPlan)
@blueprint.response(201, DraftedPlanSchema)
def draft_plan(given: dict[str, Any]) -> dict[str, Any]:
    """Draft a version, and see what the check finds about it."""
    guard.require_role(*MAKERS)
    return _show_drafted(plans.draft_terms(_terms(given), guard.actor(), clock.now()))


@blueprint.route("/<int(max=1000000000):version>")
@described.errors(blueprint, {404: "plan_not_found"})
@blueprint.response(200, PlanSchema)
def read_plan(version: int) -> dict[str, Any]:
    """Read one version."""
    return _show(plans.find_plan(version))


@blueprint.route("/<int(max=1000000000):version>", methods=["PUT"])
@described.errors(
    blueprint,
    {
        404: "plan_not_found",
        409: "already_published",
        422: "wrong_plan, unknown_employee, unknown_product, unknown_category, unknown_brand, "
        "unknown_store, unknown_grade, unknown_campaign, invalid_fields",
    },
)
@blueprint.arguments(NewPlan)
@blueprint.response(200, DraftedPlanSchema)
def redraft_plan(given: dict[str, Any], version: int) -> dict[str, Any]:
    """Write a version anew that is not published. Whoever approved it has to do so again."""
    guard.require_role(*MAKERS)
    changed = plans.redraft_plan(version, _terms(given), guard.actor(), clock.now())
    return _show_drafted(changed)


@blueprint.route("/<int(max=1000000000):version>/check")
@described.errors(blueprint, {404: "plan_not_found", 422: "invalid_fields"})
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.response(200, CheckSchema)
def check_plan(query: dict[str, Any], version: int) -> dict[str, Any]:
    """Find rules that can never win, rules that only their order tells apart, and goods without.

    Goods are asked for as the catalogue is now, and up to a hundred of them are named.
    """
    return {"items": plan_words.checked(plans.find_plan(version), spoken(query))}


@blueprint.route("/<int(max=1000000000):version>/differences")
@described.errors(blueprint, {404: "plan_not_found", 422: "invalid_fields"})
@blueprint.arguments(Compared, location="query")
@blueprint.response(200, Differences)
def compare_plans(query: dict[str, Any], version: int) -> dict[str, Any]:
    """Say in words what a version changes against another one."""
    new, old = plans.find_plan(version), plans.find_plan(query["with_version"])
    currency = settings().chain_currency
    return {"items": plan_words.differences(old, new, currency, spoken(query))}


@blueprint.route("/<int(max=1000000000):version>/approve", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "hq_only, role_not_allowed, four_eyes",
        404: "plan_not_found",
        409: "not_a_draft",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, PlanSchema)
def approve_plan(version: int) -> dict[str, Any]:
    """Approve a version that somebody else drafted."""
    guard.require_role(*MAKERS)
    plans.approve_plan(version, guard.actor())
    return _show(plans.find_plan(version))


@blueprint.route("/<int(max=1000000000):version>/publish", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "plan_not_found",
        409: "not_approved",
        422: "starts_in_the_past, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, PlanSchema)
def publish_plan(version: int) -> dict[str, Any]:
    """Publish an approved version: orders placed from its start on earn by it."""
    guard.require_role(*MAKERS)
    plans.publish_plan(version, clock.now())
    return _show(plans.find_plan(version))


def _terms(given: dict[str, Any]) -> Terms:
    boosters = [_booster(**booster) for booster in given["boosters"]]
    return Terms(
        rules=naming.understood([NamedRule(**rule) for rule in given["rules"]]),
        hold_days=given["hold_days"],
        starts_at=given["starts_at"],
        note=given["note"],
        bonus=given["bonus"],
        boosters=naming.understood_boosters(boosters),
        order_cap=given["order_cap"],
        service_bonus=given["service_bonus"],
        month=month_terms_of(given),
    )


def _booster(
    budget: int, starts_at: datetime, ends_at: datetime, **conditions: Any
) -> NamedBooster:
    return NamedBooster(NamedRule(**conditions), budget, starts_at, ends_at)


def _show_drafted(plan: CommissionPlan) -> dict[str, Any]:
    return _show(plan) | {"findings": plan_words.checked(plan, spoken({}))}


def _show(plan: CommissionPlan) -> dict[str, Any]:
    return show_plan(plan, naming.named_content([plan.id])[plan.id])
