"""Simulations as headquarters asks for them and reads them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from storefront.api.hq.policy_schemas import PolicyDocument
from storefront.api.periods import PeriodQuery, PeriodSchema
from storefront.api.schemas import TIME_METADATA, MoneySchema, Schema, Time, list_of
from storefront.attribution.rules import Policy
from storefront.insights.scope import Period
from storefront.insights.simulations.models import Simulation, SimulationState
from storefront.insights.simulations.tally import LeftOut

ID = {"example": "sim_7kqdx2fm9rtv4hjp"}
NUMBER = {"example": "E0001"}
REASON = {"example": "last_touch"}


class NewSimulation(PeriodQuery):
    """A policy, stored or not, a plan, or both, and the orders: those placed in the period."""

    version = fields.Integer(
        strict=True,
        validate=validate.Range(1, 1_000_000_000),
        metadata={"example": 3, "description": "A stored version, be it a draft"},
    )
    policy = fields.Nested(PolicyDocument, metadata={"description": "Instead of a version"})
    plan_version = fields.Integer(
        strict=True,
        validate=validate.Range(1, 1_000_000_000),
        metadata={"example": 4, "description": "A version of the plan, be it a draft"},
    )


class SimulatedSideSchema(Schema):
    """Figures of all employees, as the books have them or by the policy that is tried."""

    orders_credited = fields.Integer()
    sales_credited = fields.Nested(MoneySchema)
    sales_of_stores = fields.Nested(
        MoneySchema, metadata={"description": "Credited to a store, where nobody earns"}
    )
    cost = fields.Nested(MoneySchema, metadata={"description": "Commission net of reversals"})
    of_months = fields.Nested(
        MoneySchema,
        metadata={"description": "What tiers and month caps come to: it is in the cost"},
    )
    cost_ratio = fields.Integer(
        allow_none=True,
        metadata={
            "example": 487,
            "description": "Commission in basis points of credited sales; null without any",
        },
    )
    cost_of_net_sales = fields.Integer(
        allow_none=True,
        metadata={
            "example": 310,
            "description": "Commission in basis points of all net sales; null without any",
        },
    )


class SimulatedEmployeeSideSchema(Schema):
    """One employee's figures on one side."""

    orders = fields.Integer()
    sales = fields.Nested(MoneySchema)
    commission = fields.Nested(MoneySchema)


class SimulatedEmployeeSchema(Schema):
    """One employee before and after."""

    employee = fields.String(metadata=NUMBER)
    name = fields.String(metadata={"example": "林小雨"})
    store = fields.String(metadata={"example": "S01"})
    before = fields.Nested(SimulatedEmployeeSideSchema)
    after = fields.Nested(SimulatedEmployeeSideSchema)
    difference = fields.Nested(MoneySchema)


class SimulatedBarSchema(Schema):
    """How many employees gain (or lose) from `low` up to, and without, `high`."""

    low = fields.Nested(MoneySchema)
    high = fields.Nested(MoneySchema)
    employees = fields.Integer()


class SimulatedReasonsSchema(Schema):
    """Orders that change from one reason to another."""

    old = fields.String(metadata=REASON)
    new = fields.String(metadata={"example": "first_touch"})
    orders = fields.Integer()
    old_cost = fields.Nested(MoneySchema)
    new_cost = fields.Nested(MoneySchema)


class SimulatedEarnerSchema(Schema):
    """A share of some lines."""

    employee = fields.String(
        allow_none=True, metadata=NUMBER | {"description": "Null: the store alone"}
    )
    share = fields.Integer(metadata={"example": 10_000, "description": "In basis points"})


class SimulatedLinesSchema(Schema):
    """Lines with the same shares, before and after; up to twelve shares of each."""

    positions = list_of(fields.Integer())
    reason = fields.String(metadata=REASON)
    before = list_of(SimulatedEarnerSchema)
    after = list_of(SimulatedEarnerSchema)


class SimulatedOrderSchema(Schema):
    """An order that would change."""

    order = fields.String(metadata={"example": "ord_7kqdx2fm9rtv4hjp"})
    number = fields.String()
    placed_at = fields.String(metadata=TIME_METADATA)
    old_reason = fields.String(metadata=REASON)
    new_reason = fields.String(metadata={"example": "first_touch"})
    old_cost = fields.Nested(MoneySchema)
    new_cost = fields.Nested(MoneySchema)
    moved = fields.Nested(
        MoneySchema, metadata={"description": "All losses and all gains by it, added up"}
    )
    lines = list_of(SimulatedLinesSchema)


class SimulationWordsSchema(Schema):
    """The same in Chinese and in English."""

    zh = fields.String()
    en = fields.String()


class SimulatedLeftOutSchema(Schema):
    """Orders that are not judged anew: they count on both sides as they are booked."""

    reason = fields.String(
        validate=validate.OneOf([each.value for each in LeftOut]),
        metadata={"example": "cancelled"},
    )
    words = fields.Nested(SimulationWordsSchema)
    orders = fields.Integer()
    net_sales = fields.Nested(MoneySchema)
    cost = fields.Nested(MoneySchema)


class SimulationNotesSchema(Schema):
    """What to bear in mind, in Chinese and in English."""

    zh = list_of(fields.String())
    en = list_of(fields.String())


class SimulationResultSchema(Schema):
    """What the policy would have cost, who gains and who loses, and why."""

    orders = fields.Integer()
    orders_judged = fields.Integer()
    orders_changed = fields.Integer()
    order_lines = fields.Integer()
    net_sales = fields.Nested(MoneySchema)
    old = fields.Nested(SimulatedSideSchema)
    new = fields.Nested(SimulatedSideSchema)
    difference = fields.Nested(MoneySchema, metadata={"description": "New cost less old cost"})
    employees = fields.Integer()
    employees_gaining = fields.Integer()
    employees_losing = fields.Integer()
    gained = fields.Nested(MoneySchema)
    lost = fields.Nested(MoneySchema)
    gainers = list_of(
        SimulatedEmployeeSchema, metadata={"description": "The hundred greatest gains"}
    )
    losers = list_of(
        SimulatedEmployeeSchema, metadata={"description": "The hundred greatest losses"}
    )
    histogram = list_of(SimulatedBarSchema)
    reasons = list_of(SimulatedReasonsSchema)
    examples = list_of(
        SimulatedOrderSchema, metadata={"description": "The fifty in which most changes hands"}
    )
    left_out = list_of(SimulatedLeftOutSchema)
    notes = fields.Nested(SimulationNotesSchema)


class SimulationInListSchema(Schema):
    """A simulation and how far it has come."""

    id = fields.String(metadata=ID)
    version = fields.Integer(
        allow_none=True, metadata={"description": "The policy's; null: not a stored one, or none"}
    )
    plan_version = fields.Integer(
        allow_none=True, metadata={"description": "Null: the plan of each order's day"}
    )
    period = fields.Nested(PeriodSchema)
    state = fields.Enum(SimulationState, by_value=True)
    done = fields.Integer(metadata={"description": "Orders gone through"})
    total = fields.Integer(allow_none=True, metadata={"description": "Null until counted"})
    error = fields.String(metadata={"example": "", "description": "A code, if it failed"})
    created_at = Time()
    finished_at = Time(allow_none=True)


class SimulationSchema(SimulationInListSchema):
    """A simulation with what is tried, and with what came of it once it is done."""

    policy = fields.Nested(
        PolicyDocument,
        allow_none=True,
        metadata={"description": "Null: everybody stands credited as they do"},
    )
    result = fields.Nested(SimulationResultSchema, allow_none=True)


class SimulationPage(Schema):
    """Some simulations, the latest first."""

    items = list_of(SimulationInListSchema)
    next = fields.String(allow_none=True)


def show_in_list(simulation: Simulation) -> dict[str, Any]:
    """A simulation as a list shows it."""
    return {
        "id": simulation.public_id,
        "version": simulation.policy_version,
        "plan_version": simulation.plan_version,
        "period": Period(simulation.first_day, simulation.last_day),
        "state": simulation.state,
        "done": simulation.done,
        "total": simulation.total,
        "error": simulation.error,
        "created_at": simulation.created_at,
        "finished_at": simulation.finished_at,
    }


def show_simulation(simulation: Simulation) -> dict[str, Any]:
    """A simulation as its schema's document."""
    return {
        **show_in_list(simulation),
        "policy": Policy.from_document(simulation.rules) if simulation.rules else None,
        "result": simulation.result,
    }
