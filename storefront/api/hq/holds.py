"""Holds on commission: what is kept back and why, placed and lifted by hand."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.hq import guard
from storefront.api.hq.hold_schemas import (
    HoldPage,
    HoldSchema,
    HoldsQuery,
    LiftNote,
    NewHold,
    PlacedHolds,
    show_hold,
)
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.core import clock
from storefront.core.settings import settings
from storefront.fraud import holding
from storefront.fraud.holding import Target
from storefront.insights import held
from storefront.insights.held import Wanted

blueprint = guard.blueprint(
    "hq_holds", "holds", "What is kept from being paid out; time lifts nothing but the window"
)


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(HoldsQuery, location="query")
@blueprint.response(200, HoldPage)
def list_holds(query: dict[str, Any]) -> dict[str, Any]:
    """List holds, the latest first; the return window is none of them."""
    limit, currency = query["limit"], settings().chain_currency
    wanted = Wanted(query["live"], query.get("kind"), query.get("employee"), query.get("order"))
    found = held.listed(wanted, key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda hold: hold.id, lambda hold: show_hold(hold, currency))


@blueprint.route("", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "order_not_found, employee_not_found",
        409: "nothing_to_hold",
        422: "not_by_hand, wrong_target, unknown_line, invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(NewHold)
@blueprint.response(201, PlacedHolds)
def place_hold(given: dict[str, Any]) -> dict[str, Any]:
    """Hold lines of an order, or all that an employee has and gets."""
    target = Target(given.get("order"), given["lines"], given.get("employee"))
    placed = holding.place(target, given["kind"], given["reason"], guard.actor(), clock.now())
    return {"items": [_show(hold.public_id) for hold in placed]}


@blueprint.route("/<hold_id>/lift", methods=["POST"])
@described.errors(
    blueprint,
    {
        403: "hq_only, role_not_allowed, four_eyes",
        404: "hold_not_found",
        409: "hold_lifted, held_by_case, held_by_dispute",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(LiftNote)
@blueprint.response(200, HoldSchema)
def lift_hold(given: dict[str, Any], hold_id: str) -> dict[str, Any]:
    """Lift a hold with a note; where it keeps much, a second person has to do so too."""
    holding.lift(hold_id, given["note"], guard.actor(), clock.now())
    return _show(hold_id)


def _show(hold_id: str) -> dict[str, Any]:
    [hold] = held.listed(Wanted(hold=hold_id), None, 1)
    return show_hold(hold, settings().chain_currency)
