"""What a plan says about whole months, as headquarters writes and reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from marshmallow import fields, validate

from storefront.api.schemas import Schema, list_of
from storefront.commissions.rules.months import (
    LARGEST_THRESHOLD,
    MOST_TIERS,
    LaterReturns,
    MonthTerms,
    Tier,
    TierMode,
)
from storefront.core.money import WHOLE_BASIS_POINTS


class TierSchema(Schema):
    """What is earned on top, once an employee's net sales of the month reach an amount."""

    start = fields.Integer(
        data_key="from",
        required=True,
        strict=True,
        validate=validate.Range(0, LARGEST_THRESHOLD),
        metadata={"example": 10_000_000, "description": "Net sales of the month, in minor units"},
    )
    extra = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, WHOLE_BASIS_POINTS),
        metadata={"example": 200, "description": "In basis points of net sales"},
    )


class MonthTermsSchema(Schema):
    """What is settled when a month closes, for each employee."""

    tiers = list_of(
        TierSchema,
        load_default=list,
        validate=validate.Length(0, MOST_TIERS),
        metadata={"description": "Each begins above the one before; none: no tiers"},
    )
    tier_mode = fields.Enum(
        TierMode,
        by_value=True,
        load_default=TierMode.MARGINAL,
        metadata={
            "description": "`marginal`: each extra is of the part within its tier;"
            " `whole_volume`: the tier reached is for all net sales of the month"
        },
    )
    later_returns = fields.Enum(
        LaterReturns,
        by_value=True,
        load_default=LaterReturns.NOTHING,
        metadata={
            "description": "What becomes of a month's tier when goods come back after it:"
            " `nothing`, or the `difference` is posted at the next close"
        },
    )
    month_cap = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, LARGEST_THRESHOLD),
        metadata={
            "example": 2_000_000,
            "description": "Minor units: the most that an employee's commission on a month's sales"
            " comes to, with its tiers; null: no limit",
        },
    )


def month_terms_of(given: Mapping[str, Any]) -> MonthTerms:
    """The terms that a request describes."""
    return MonthTerms(
        tuple(Tier(**tier) for tier in given["tiers"]),
        given["tier_mode"],
        given["later_returns"],
        given["month_cap"],
    )


def show_month_terms(terms: MonthTerms) -> dict[str, Any]:
    """The terms as part of a plan's document."""
    return {
        "tiers": [asdict(tier) for tier in terms.tiers],
        "tier_mode": terms.mode,
        "later_returns": terms.later_returns,
        "month_cap": terms.cap,
    }
