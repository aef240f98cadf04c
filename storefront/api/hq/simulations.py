"""Simulations: a policy tried on past orders, carried out behind the request."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response

from storefront.api import described
from storefront.api.csv_files import CSV, csv_answer
from storefront.api.hq import guard
from storefront.api.hq.policies import MAKERS
from storefront.api.hq.simulation_schemas import (
    NewSimulation,
    SimulationPage,
    SimulationSchema,
    show_in_list,
    show_simulation,
)
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.periods import period_of
from storefront.api.schemas import PageQuery
from storefront.attribution.rules import Policy
from storefront.core import clock
from storefront.core.csvfile import write_rows
from storefront.core.errors import Invalid
from storefront.core.settings import settings
from storefront.insights.simulations import result, service

log = logging.getLogger(__name__)

blueprint = guard.blueprint(
    "hq_simulations",
    "simulations",
    "Policies and plans tried on past orders; nothing is touched",
)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, SimulationPage)
def list_simulations(query: dict[str, Any]) -> dict[str, Any]:
    """List simulations, the latest first."""
    limit = query["limit"]
    found = service.listed(key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda simulation: simulation.id, show_in_list)


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "policy_not_found, plan_not_found",
        422: "policy_or_version, nothing_to_try, wrong_policy, policy_credits_nobody, wrong_period,"
        " invalid_fields, idempotency_key_reused",
        429: "too_many_simulations",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewSimulation)
@blueprint.response(202, SimulationSchema)
def start_simulation(given: dict[str, Any]) -> dict[str, Any]:
    """Have a policy, a plan, or both tried on the orders placed in a period.

    A policy is named by a stored version or written out; a plan is a stored version, be it a draft,
    and is tried as if it had been in force all the time. What is not named stays as it was.

    A worker carries it out; ask for it again to see how far it has come.
    """
    guard.require_role(*MAKERS)
    if "version" in given and "policy" in given:
        raise Invalid("policy_or_version", "Name a stored version or write a policy: one of them.")
    asked = service.Asked(
        given.get("version"),
        Policy.from_document(given["policy"]) if "policy" in given else None,
        given.get("plan_version"),
    )
    return show_simulation(service.ask(asked, period_of(given), guard.actor(), clock.now()))


@blueprint.route("/<simulation_id>")
@described.errors(blueprint, {404: "simulation_not_found"})
@blueprint.response(200, SimulationSchema)
def read_simulation(simulation_id: str) -> dict[str, Any]:
    """See how far a simulation has come, and what came of it."""
    return show_simulation(service.find(simulation_id, whole=True))


@blueprint.route("/<simulation_id>/employees.csv")
@described.errors(blueprint, {404: "simulation_not_found", 409: "simulation_not_done"})
@blueprint.response(200, {"type": "string"}, content_type=CSV)
def save_employees(simulation_id: str) -> Response:
    """Save every employee before and after, the greatest gain first."""
    tally = service.finished_tally(service.find(simulation_id, whole=True))
    rows = result.employee_rows(tally, settings().chain_currency)
    log.info("employee %s exported simulation %s", guard.employee_id(), simulation_id)
    return csv_answer(write_rows(result.COLUMNS, rows), f"simulation-{simulation_id}.csv")


@blueprint.route("/<simulation_id>/cancel", methods=["POST"])
@described.errors(
    blueprint,
    {404: "simulation_not_found", 409: "simulation_finished", 422: "idempotency_key_reused"},
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(200, SimulationSchema)
def cancel_simulation(simulation_id: str) -> dict[str, Any]:
    """End a simulation that waits or runs."""
    guard.require_role(*MAKERS)
    return show_simulation(service.cancel(simulation_id, clock.now()))
