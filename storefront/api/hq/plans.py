"""Commission plans: versions of what is earned."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.rule_schemas import NewPlan, PlanPage, PlanSchema, show_plan
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.commissions import naming, plans
from storefront.commissions.models import CommissionPlan
from storefront.commissions.naming import NamedRule
from storefront.core import clock
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
    rules = naming.named_rules([plan.id for plan in found[:limit]])
    return page(
        found, limit, lambda plan: plan.version, lambda plan: show_plan(plan, rules[plan.id])
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
        "unknown_store, unknown_grade, invalid_fields, idempotency_key_reused"
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewPlan)
@blueprint.response(201, PlanSchema)
def draft_plan(given: dict[str, Any]) -> dict[str, Any]:
    """Draft a version."""
    guard.require_role(*MAKERS)
    drafted = plans.draft_plan(
        naming.understood([NamedRule(**rule) for rule in given["rules"]]),
        hold_days=given["hold_days"],
        starts_at=given["starts_at"],
        note=given["note"],
        bonus=given["bonus"],
        actor=guard.actor(),
        now=clock.now(),
    )
    return _show(drafted)


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


def _show(plan: CommissionPlan) -> dict[str, Any]:
    return show_plan(plan, naming.named_rules([plan.id])[plan.id])
