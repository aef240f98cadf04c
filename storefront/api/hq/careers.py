"""What becomes of employees: moved, on leave, back, left; seen before it is done, and undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.career_schemas import (
    CareerEventSchema,
    CareerPage,
    CareerPreviewSchema,
    PlannedStep,
    PreviewQuery,
    UndoReason,
    show_event,
    show_preview,
)
from storefront.api.idempotency import idempotent
from storefront.api.languages import spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.careers import preview as previews
from storefront.careers import service, undoing
from storefront.careers.models import CareerEvent
from storefront.careers.plan import Planned
from storefront.core import clock
from storefront.core.database import db
from storefront.core.settings import settings
from storefront.staff import service as staff
from storefront.staff import stores
from storefront.staff.models import Employee, Role, Store

blueprint = guard.blueprint("hq_careers", "employees", "The chain's people")

NOT_ALLOWED = "hq_only, role_not_allowed, needs_admin, own_employment"
IN_THE_WAY = "wrong_state, same_store, successor_not_active"
WRONG = "store_missing, store_not_asked, successor_missing, successor_not_asked, invalid_fields"


@blueprint.route("/<employee_id>/career")
@described.errors(blueprint, {404: "employee_not_found", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, CareerPage)
def read_career(query: dict[str, Any], employee_id: str) -> dict[str, Any]:
    """List the steps of somebody's working life, the latest first."""
    employee, limit = staff.find(employee_id), query["limit"]
    events = service.events_of(employee.id, key_of(query.get("after")), limit + 1)
    shown = dict(zip((event.id for event in events), _show(events), strict=True))
    return page(events, limit, lambda event: event.id, lambda event: shown[event.id])


@blueprint.route("/<employee_id>/career/preview", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ALLOWED,
        404: "employee_not_found, store_not_found",
        409: f"{IN_THE_WAY}, no_policy",
        422: WRONG,
    },
)
@blueprint.arguments(PreviewQuery, location="query")
@blueprint.arguments(PlannedStep)
@blueprint.response(200, CareerPreviewSchema)
def preview_step(query: dict[str, Any], given: dict[str, Any], employee_id: str) -> dict[str, Any]:
    """What would become of shop, links, customers, orders, commission and sign-in?

    Changes nothing, and refuses what taking the step would refuse.
    """
    guard.require_role(Role.HQ_ADMIN)
    employee = staff.find(employee_id)
    found = previews.preview(employee, _planned(given), guard.actor(), clock.now())
    return show_preview(found, settings().chain_currency, spoken(query))


@blueprint.route("/<employee_id>/career", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ALLOWED,
        404: "employee_not_found, store_not_found",
        409: IN_THE_WAY,
        422: f"{WRONG}, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(PlannedStep)
@blueprint.response(201, CareerEventSchema)
def take_step(given: dict[str, Any], employee_id: str) -> dict[str, Any]:
    """Let somebody move, go on leave, come back or leave, with all that hangs on it."""
    guard.require_role(Role.HQ_ADMIN)
    employee = staff.find(employee_id)
    event = service.take(employee.id, _planned(given), guard.actor(), clock.now())
    return _show([event])[0]


@blueprint.route("/<employee_id>/career/<event_id>/undo", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ALLOWED,
        404: "employee_not_found, event_not_found",
        409: "already_undone, undo_too_late, changed_since",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(UndoReason)
@blueprint.response(200, CareerEventSchema)
def undo_step(given: dict[str, Any], employee_id: str, event_id: str) -> dict[str, Any]:
    """Undo a step within 7 days, unless something was built upon it since.

    `changed_since` says in `changes` what: later_step, employment, store, shop, successor,
    customers. Only a password that went with a departure stays away: give out a one-time code.
    """
    guard.require_role(Role.HQ_ADMIN)
    employee = staff.find(employee_id)
    event = undoing.undo(employee.id, event_id, given["reason"], guard.actor(), clock.now())
    return _show([event])[0]


def _planned(given: dict[str, Any]) -> Planned:
    return Planned(
        step=given["step"],
        reason=given["reason"],
        store=stores.find_store(given["store"]) if "store" in given else None,
        successor=staff.find(given["successor"]) if "successor" in given else None,
        hand_over_customers=given["hand_over_customers"],
        forward_shop=given["forward_shop"],
    )


def _show(events: Sequence[CareerEvent]) -> list[dict[str, Any]]:
    """Steps with the people, stores and customers they speak of, in three queries."""
    people = {
        each
        for event in events
        for each in (event.by_employee_id, event.successor_id, event.undone_by_id)
        if each
    }
    houses = {each for event in events for each in (event.store_before_id, event.store_after_id)}
    known = db.session.scalars(sa.select(Employee).where(Employee.id.in_(people)))
    known_stores = db.session.scalars(sa.select(Store).where(Store.id.in_(houses)))
    by_id = {employee.id: employee for employee in known}
    stores_by_id = {store.id: store for store in known_stores}
    counts = service.handed_over([event.id for event in events])
    return [show_event(event, by_id, stores_by_id, counts[event.id]) for event in events]
