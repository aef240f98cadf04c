"""Attribution policies as headquarters writes and reads them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields, validate

from storefront.api.hq.rule_schemas import VersionSchema, show_version
from storefront.api.languages import LanguageQuery
from storefront.api.schemas import Schema, Time, list_of, text
from storefront.attribution.models import AttributionPolicy
from storefront.attribution.rules import (
    LONGEST_WINDOW_DAYS,
    Kind,
    Model,
    Policy,
    Renewal,
    Scope,
    Source,
    TieMode,
    Treatment,
)
from storefront.core.money import WHOLE_BASIS_POINTS

_UNSAID = Policy(window_days=LONGEST_WINDOW_DAYS)
LONGEST_PROTECTION_DAYS = 3_650


def _days(most: int, example: int, words: str, default: int, least: int = 0) -> fields.Integer:
    return fields.Integer(
        strict=True,
        load_default=default,
        validate=validate.Range(least, most),
        metadata={"example": example, "description": words},
    )


def _share(words: str, default: int) -> fields.Integer:
    return fields.Integer(
        strict=True,
        load_default=default,
        validate=validate.Range(0, WHOLE_BASIS_POINTS),
        metadata={"example": default, "description": f"{words}, in basis points"},
    )


def _chosen(kind: Any, default: Any) -> fields.Enum[Any]:
    return fields.Enum(kind, by_value=True, load_default=default)


class PolicyDocument(Schema):
    """Every element of who earns; what is left out is as it was before it existed."""

    window_days = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, LONGEST_WINDOW_DAYS),
        metadata={"example": 30, "description": "A touch counts for so many days"},
    )
    model = _chosen(Model, _UNSAID.model)
    scope = _chosen(Scope, _UNSAID.scope)
    precedence = fields.List(
        fields.Enum(Source, by_value=True),
        load_default=list(_UNSAID.precedence),
        validate=validate.Length(1, len(Source)),
        metadata={
            "example": ["till", "coupon", "touch"],
            "description": "The first source with a claim that stands decides",
        },
    )
    windows = fields.Dict(
        keys=fields.Enum(Kind, by_value=True),
        values=fields.Integer(strict=True, validate=validate.Range(0, LONGEST_WINDOW_DAYS)),
        load_default=dict,
        metadata={
            "example": {"till_scan": 1},
            "description": "Days for kinds of touch whose window is another; 0: never counts",
        },
    )
    first_share = _share("Position based: the first touch's", _UNSAID.first_share)
    last_share = _share("Position based: the last touch's", _UNSAID.last_share)
    half_life_days = _days(
        LONGEST_WINDOW_DAYS, 7, "Time decay: a touch weighs half after so long", 7, least=1
    )
    tied_share = _share("Tied and last: the tied employee's", _UNSAID.tied_share)
    tie_mode = _chosen(TieMode, _UNSAID.tie_mode)
    protection_days = _days(LONGEST_PROTECTION_DAYS, 90, "How long a tie lasts; 0: for good", 0)
    renewed_by = fields.List(
        fields.Enum(Renewal, by_value=True),
        load_default=list,
        validate=validate.Length(0, len(Renewal)),
        metadata={"example": ["order"], "description": "What begins the protection anew"},
    )
    own_purchase = _chosen(Treatment, _UNSAID.own_purchase)
    leavers = _chosen(Treatment, _UNSAID.leavers)
    grace_days = _days(LONGEST_WINDOW_DAYS, 14, "A leaver's links count as theirs so long", 0)
    dispute_days = _days(
        LONGEST_WINDOW_DAYS, 30, "An order may be disputed so long", _UNSAID.dispute_days
    )
    answer_days = _days(LONGEST_WINDOW_DAYS, 5, "Time to answer a dispute", _UNSAID.answer_days)
    decision_days = _days(
        LONGEST_WINDOW_DAYS, 10, "Time to decide a dispute", _UNSAID.decision_days
    )
    blackout_days = _days(
        LONGEST_WINDOW_DAYS, 7, "Colleagues wait so long before they write to a customer", 0
    )


class NewPolicy(PolicyDocument):
    """A version of who earns, to be approved by somebody else."""

    starts_at = Time(required=True)
    note = text(500, 0, load_default="")


class PolicySchema(VersionSchema, PolicyDocument):
    """A version of who earns."""


class PolicyPage(Schema):
    """Some versions, the latest first."""

    items = list_of(PolicySchema)
    next = fields.String(allow_none=True)


class Compared(LanguageQuery):
    """Which version to compare with, and in which language."""

    with_version = fields.Integer(
        data_key="with",
        required=True,
        validate=validate.Range(1, 1_000_000_000),
        metadata={"example": 2},
    )


class DifferenceSchema(Schema):
    """An element that the two versions say differently."""

    element = fields.String(metadata={"example": "window_days"})
    sentence = fields.String(metadata={"example": "Window: 30 days (was: 14 days)"})


class Differences(Schema):
    """What a version changes; empty if it says the same."""

    items = list_of(DifferenceSchema)


def show_policy(policy: AttributionPolicy) -> dict[str, Any]:
    """A policy as its schema's document."""
    return {**show_version(policy), **asdict(Policy.from_document(policy.rules))}
