"""Commission plans as headquarters writes and reads them, and what all versions have in common."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields, validate

from storefront.api.hq.month_schemas import MonthTermsSchema, show_month_terms
from storefront.api.schemas import Schema, Time, list_of, text
from storefront.attribution.models import AttributionPolicy, VersionState
from storefront.commissions.models import CommissionPlan
from storefront.commissions.naming import NamedContent
from storefront.commissions.rules import Buyer, Problem
from storefront.commissions.rules.months import MonthTerms
from storefront.commissions.terms import LARGEST_BUDGET, LARGEST_TERM, LONGEST_HOLD_DAYS

MOST_RULES = 10_000
MOST_BOOSTERS = 100


class VersionSchema(Schema):
    """What policies and plans have in common. A published version never changes."""

    version = fields.Integer(metadata={"example": 3})
    state = fields.Enum(VersionState, by_value=True)
    starts_at = Time()
    note = fields.String()
    created_at = Time()
    published_at = Time(allow_none=True)
    superseded_at = Time(
        allow_none=True,
        metadata={"description": "When a later published version takes its place"},
    )


def _condition(example: str) -> fields.String:
    return text(40, load_default=None, allow_none=True, metadata={"example": example})


def _amount(description: str, example: int, **kwargs: Any) -> fields.Integer:
    return fields.Integer(
        strict=True,
        validate=validate.Range(0, LARGEST_TERM),
        metadata={"example": example, "description": f"Minor units: {description}"},
        **kwargs,
    )


class ConditionsSchema(Schema):
    """On what; a condition that is left out, or null, matches everything."""

    rate = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, 10_000),
        metadata={
            "example": 500,
            "description": "In basis points of the line's net; null where `per_unit` is said",
        },
    )
    per_unit = _amount("for each piece, instead of `rate`", 300, load_default=None, allow_none=True)
    employee = _condition("emp_7kqdx2fm9rtv4hjp")
    product = _condition("prd_7kqdx2fm9rtv4hjp")
    category = _condition("cat_7kqdx2fm9rtv4hjp")
    brand = _condition("brd_7kqdx2fm9rtv4hjp")
    store = _condition("sto_7kqdx2fm9rtv4hjp")
    grade = _condition("senior")
    campaign = _condition("cmp_7kqdx2fm9rtv4hjp")
    buyer = fields.Enum(
        Buyer,
        by_value=True,
        load_default=None,
        allow_none=True,
        validate=validate.OneOf((Buyer.NEW, Buyer.RETURNING)),
        metadata={
            "enum": [Buyer.NEW.value, Buyer.RETURNING.value, None],
            "description": "`new`: it is the first order that the customer paid",
        },
    )


class RuleSchema(ConditionsSchema):
    """What is earned and on what; a condition that is left out, or null, matches everything."""

    cap = _amount("the most that a line earns by it", 5_000, load_default=None, allow_none=True)


class NewBoosterSchema(ConditionsSchema):
    """What is earned on top of a rule, for orders placed from one time to just before another,
    while its budget lasts. Of several that match, the most specific counts, and no other.
    """

    budget = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, LARGEST_BUDGET),
        metadata={
            "example": 5_000_000,
            "description": "Minor units: the most that it pays out in all",
        },
    )
    starts_at = Time(required=True)
    ends_at = Time(required=True)


class BoosterSchema(NewBoosterSchema):
    """A booster, and how much of its budget is gone."""

    spent = fields.Integer(metadata={"example": 1_230_000, "description": "In minor units"})


class NewPlan(MonthTermsSchema):
    """A version of what is earned, to be approved by somebody else."""

    hold_days = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, LONGEST_HOLD_DAYS),
        metadata={"example": 30, "description": "From the hand-over until it may be paid"},
    )
    bonus = _amount("for a customer's first order, on top", 1_000, load_default=0)
    order_cap = _amount(
        "the most that one employee earns on one order by rules and boosters; null: no limit",
        20_000,
        load_default=None,
        allow_none=True,
    )
    service_bonus = _amount(
        "for the employee who hands an order over at the store", 200, load_default=0
    )
    rules = list_of(RuleSchema, required=True, validate=validate.Length(1, MOST_RULES))
    boosters = list_of(
        NewBoosterSchema, load_default=list, validate=validate.Length(0, MOST_BOOSTERS)
    )
    starts_at = Time(required=True)
    note = text(500, 0, load_default="")


class PlanSchema(VersionSchema, MonthTermsSchema):
    """A version of what is earned. The most specific rule wins, then the first in order."""

    hold_days = fields.Integer()
    bonus = fields.Integer(metadata={"example": 1_000, "description": "In minor units"})
    order_cap = fields.Integer(
        allow_none=True, metadata={"example": 20_000, "description": "In minor units"}
    )
    service_bonus = fields.Integer(metadata={"example": 200, "description": "In minor units"})
    rules = list_of(RuleSchema)
    boosters = list_of(BoosterSchema)


class FoundSchema(Schema):
    """Something about a plan's rules that its author should know."""

    problem = fields.Enum(Problem, by_value=True)
    sentence = fields.String(
        metadata={"example": "Rule 3 (brand Loom) never wins: rule 1 has the same conditions …"}
    )
    position = fields.Integer(
        allow_none=True, metadata={"example": 3, "description": "The rule, counted from 1"}
    )
    because_of = fields.Integer(
        allow_none=True, metadata={"example": 1, "description": "The rule that wins instead"}
    )
    product = fields.String(
        allow_none=True,
        metadata={"example": "prd_7kqdx2fm9rtv4hjp", "description": "Goods without a rule"},
    )


class CheckSchema(Schema):
    """Rules that can never win, rules that only their order tells apart, and goods without one."""

    items = list_of(FoundSchema)


class DraftedPlanSchema(PlanSchema):
    """A version just written, and what the check finds about it: none of it forbids anything."""

    findings = list_of(FoundSchema)


class PlanPage(Schema):
    """Some versions, the latest first."""

    items = list_of(PlanSchema)
    next = fields.String(allow_none=True)


def show_version(version: AttributionPolicy | CommissionPlan) -> dict[str, Any]:
    """What policies and plans have in common, as the schema's document."""
    return {
        "version": version.version,
        "state": version.state,
        "starts_at": version.starts_at,
        "note": version.note,
        "created_at": version.created_at,
        "published_at": version.published_at,
        "superseded_at": version.superseded_at,
    }


def show_plan(plan: CommissionPlan, content: NamedContent) -> dict[str, Any]:
    """A plan as its schema's document."""
    return {
        **show_version(plan),
        "hold_days": plan.hold_days,
        "bonus": plan.bonus,
        "order_cap": plan.order_cap,
        "service_bonus": plan.service_bonus,
        **show_month_terms(MonthTerms.from_document(plan.month_terms)),
        "rules": [asdict(rule) for rule in content.rules],
        "boosters": [
            asdict(each.rule)
            | {
                "budget": each.budget,
                "starts_at": each.starts_at,
                "ends_at": each.ends_at,
                "spent": each.spent,
            }
            for each in content.boosters
        ],
    }
