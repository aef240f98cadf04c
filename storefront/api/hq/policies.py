"""Attribution policies: versions of who earns."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.policy_schemas import (
    Compared,
    Differences,
    NewPolicy,
    PolicyPage,
    PolicySchema,
    show_policy,
)
from storefront.api.idempotency import idempotent
from storefront.api.languages import spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.attribution import service
from storefront.attribution.differences import differences
from storefront.attribution.rules import Policy
from storefront.core import clock
from storefront.staff.models import Role

blueprint = guard.blueprint(
    "hq_policies", "attribution-policies", "Who earns: versions that never change once published"
)

MAKERS = (Role.HQ_FINANCE, Role.HQ_ADMIN)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, PolicyPage)
def list_policies(query: dict[str, Any]) -> dict[str, Any]:
    """List all versions, the latest first."""
    limit = query["limit"]
    found = service.list_policies(key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda policy: policy.version, show_policy)


@blueprint.route("/in-force")
@described.errors(blueprint, {409: "no_policy"})
@blueprint.response(200, PolicySchema)
def read_policy_in_force() -> dict[str, Any]:
    """The version by which orders placed now are judged."""
    return show_policy(service.version_in_force(clock.now()))


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint, {422: "wrong_policy, policy_credits_nobody, invalid_fields, idempotency_key_reused"}
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewPolicy)
@blueprint.response(201, PolicySchema)
def draft_policy(given: dict[str, Any]) -> dict[str, Any]:
    """Draft a version."""
    guard.require_role(*MAKERS)
    starts_at, note = given.pop("starts_at"), given.pop("note")
    drafted = service.draft_policy(
        Policy.from_document(given), starts_at, note, guard.actor(), clock.now()
    )
    return show_policy(drafted)


@blueprint.route("/<int(max=1000000000):version>")
@described.errors(blueprint, {404: "policy_not_found"})
@blueprint.response(200, PolicySchema)
def read_policy(version: int) -> dict[str, Any]:
    """Read one version."""
    return show_policy(service.find_policy(version))


@blueprint.route("/<int(max=1000000000):version>", methods=["PUT"])
@described.errors(
    blueprint,
    {
        404: "policy_not_found",
        409: "already_published",
        422: "wrong_policy, policy_credits_nobody, invalid_fields",
    },
)
@blueprint.arguments(NewPolicy)
@blueprint.response(200, PolicySchema)
def redraft_policy(given: dict[str, Any], version: int) -> dict[str, Any]:
    """Write a version anew that is not published. Whoever approved it has to do so again."""
    guard.require_role(*MAKERS)
    starts_at, note = given.pop("starts_at"), given.pop("note")
    drafted = service.redraft_policy(
        version, Policy.from_document(given), starts_at, note, guard.actor(), clock.now()
    )
    return show_policy(drafted)


@blueprint.route("/<int(max=1000000000):version>/differences")
@described.errors(blueprint, {404: "policy_not_found", 422: "invalid_fields"})
@blueprint.arguments(Compared, location="query")
@blueprint.response(200, Differences)
def compare_policies(query: dict[str, Any], version: int) -> dict[str, Any]:
    """Say in words what a version changes against another one."""
    new = Policy.from_document(service.find_policy(version).rules)
    old = Policy.from_document(service.find_policy(query["with_version"]).rules)
    return {"items": differences(old, new, spoken(query))}


@blueprint.route("/<int(max=1000000000):version>/approve", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "hq_only, role_not_allowed, four_eyes",
        404: "policy_not_found",
        409: "not_a_draft",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, PolicySchema)
def approve_policy(version: int) -> dict[str, Any]:
    """Approve a version that somebody else drafted."""
    guard.require_role(*MAKERS)
    service.approve_policy(version, guard.actor())
    return show_policy(service.find_policy(version))


@blueprint.route("/<int(max=1000000000):version>/publish", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "policy_not_found",
        409: "not_approved",
        422: "starts_in_the_past, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, PolicySchema)
def publish_policy(version: int) -> dict[str, Any]:
    """Publish an approved version: it judges orders placed from its start on."""
    guard.require_role(*MAKERS)
    service.publish_policy(version, clock.now())
    return show_policy(service.find_policy(version))
