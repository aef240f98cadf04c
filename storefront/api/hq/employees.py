"""Employees: who works for the chain, and what becomes of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.staff_schemas import (
    EmployeeChange,
    EmployeePage,
    EmployeeQuery,
    EmploymentReason,
    NewEmployee,
    OneEmployeeSchema,
    OneTimeCodeSchema,
)
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.versions import IF_MATCH, etag, expected_version
from storefront.careers import service as careers
from storefront.careers.models import Step
from storefront.careers.plan import Planned
from storefront.core import clock
from storefront.core.actor import Actor
from storefront.staff import employment, invitations, service, stores
from storefront.staff.models import Employee, Role

blueprint = guard.blueprint("hq_employees", "employees", "The chain's people")

NOT_ALLOWED = "hq_only, role_not_allowed, needs_admin, own_employment"


@blueprint.route("")
@described.errors(blueprint, {404: "store_not_found", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(EmployeeQuery, location="query")
@blueprint.response(200, EmployeePage)
def list_employees(query: dict[str, Any]) -> dict[str, Any]:
    """List employees, in the order they came."""
    store = query.get("store")
    which = service.Filter(
        store_id=stores.find_store(store).id if store else None,
        role=query.get("role"),
        state=query.get("state"),
        text=query.get("q"),
    )
    after = key_of(query.get("after")) or 0
    found = service.employees(which, after, query["limit"] + 1)
    return page(found, query["limit"], lambda employee: employee.id, lambda employee: employee)


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: NOT_ALLOWED,
        404: "store_not_found",
        409: "number_taken, phone_taken",
        422: "wrong_number, wrong_name, wrong_phone, wrong_grade, invalid_fields",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewEmployee)
@blueprint.response(201, OneEmployeeSchema)
def hire_employee(given: dict[str, Any]) -> Any:
    """Hire somebody; they come in with a one-time code."""
    guard.require_role(Role.HQ_ADMIN)
    details = service.Details(
        name=given["name"],
        phone=given["phone"],
        store_id=stores.find_store(given["store"]).id,
        role=given["role"],
        grade=given["grade"],
    )
    employee = service.hire(given["number"], details, guard.actor(), clock.now())
    return _show(employee), etag(employee.version)


@blueprint.route("/<employee_id>")
@described.errors(blueprint, {404: "employee_not_found"})
@blueprint.response(200, OneEmployeeSchema)
def read_employee(employee_id: str) -> Any:
    """Look at one employee, with the course of their employment."""
    employee = service.find(employee_id)
    return _show(employee), etag(employee.version)


@blueprint.route("/<employee_id>", methods=["PATCH"])
@described.errors(
    blueprint,
    {
        403: NOT_ALLOWED,
        404: "employee_not_found, store_not_found",
        409: "phone_taken",
        412: "version_changed",
        422: "wrong_name, wrong_phone, wrong_grade, invalid_fields",
        428: "if_match_missing",
    },
)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.arguments(EmployeeChange)
@blueprint.response(200, OneEmployeeSchema)
def edit_employee(given: dict[str, Any], employee_id: str) -> Any:
    """Change somebody's name, phone, store, role or grade; another role signs them out everywhere.

    Another store is a step of their working life, and undoable as such.
    """
    guard.require_role(Role.HQ_ADMIN)
    version = expected_version()
    employee = service.find(employee_id)
    if "store" in given:
        given["store_id"] = stores.find_store(given.pop("store")).id
    details = replace(service.details_of(employee), **given)
    edited = careers.edit(employee.id, version, details, guard.actor(), clock.now())
    return _show(edited), etag(edited.version)


@blueprint.route("/<employee_id>/invite", methods=["POST"])
@described.errors(blueprint, {403: NOT_ALLOWED, 404: "employee_not_found", 409: "suspended"})
@blueprint.response(201, OneTimeCodeSchema)
def invite_employee(employee_id: str) -> Any:
    """Give out a one-time code for a first, or a new, password; earlier codes are withdrawn.

    The code is shown once. Somebody who left begins again with it.
    """
    guard.require_role(Role.HQ_ADMIN, Role.HQ_OPERATIONS)
    employee = service.find(employee_id)
    code = invitations.invite(employee.id, guard.actor(), clock.now())
    return code, {"Cache-Control": "no-store"}


def _employment_errors() -> Any:
    return described.errors(
        blueprint, {403: NOT_ALLOWED, 404: "employee_not_found", 409: "wrong_state"}
    )


@blueprint.route("/<employee_id>/suspend", methods=["POST"])
@_employment_errors()
@blueprint.arguments(EmploymentReason)
@blueprint.response(200, OneEmployeeSchema)
def suspend_employee(given: dict[str, Any], employee_id: str) -> Any:
    """Keep somebody out for the time being: they are signed out everywhere, at once."""
    return _after(employment.suspend, employee_id, given["reason"])


@blueprint.route("/<employee_id>/reinstate", methods=["POST"])
@_employment_errors()
@blueprint.arguments(EmploymentReason)
@blueprint.response(200, OneEmployeeSchema)
def reinstate_employee(given: dict[str, Any], employee_id: str) -> Any:
    """Let somebody who was suspended come in again."""
    return _after(employment.reinstate, employee_id, given["reason"])


@blueprint.route("/<employee_id>/leave", methods=["POST"])
@_employment_errors()
@blueprint.arguments(EmploymentReason)
@blueprint.response(200, OneEmployeeSchema)
def let_employee_leave(given: dict[str, Any], employee_id: str) -> Any:
    """End somebody's employment: they are signed out everywhere and their password is gone.

    Nobody takes their place: the shop closes, and the customers are nobody's. To name a successor,
    and to see beforehand what becomes of everything, take the step `left` of their career.
    """
    return _after(_leave, employee_id, given["reason"])


def _leave(employee_id: int, reason: str, actor: Actor, now: datetime) -> None:
    careers.take(employee_id, Planned(step=Step.LEFT, reason=reason), actor, now)


def _after(verb: Any, employee_id: str, reason: str) -> Any:
    guard.require_role(Role.HQ_ADMIN)
    verb(service.find(employee_id).id, reason, guard.actor(), clock.now())
    employee = service.find(employee_id)
    return _show(employee), etag(employee.version)


def _show(employee: Employee) -> dict[str, Any]:
    history = [
        {
            "at": change.at,
            "state": change.state,
            "role": change.role,
            "store_code": store_code,
            "by_number": by_number,
            "reason": change.reason,
        }
        for change, store_code, by_number in service.history(employee.id)
    ]
    shown = {
        "public_id": employee.public_id,
        "number": employee.number,
        "name": employee.name,
        "phone": employee.phone,
        "role": employee.role,
        "grade": employee.grade,
        "state": employee.state,
        "store": employee.store,
        "created_at": employee.created_at,
    }
    open_until = invitations.open_until(employee.id, clock.now())
    return shown | {"history": history, "code_open_until": open_until}
