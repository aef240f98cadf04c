"""What a commission plan says, as it is drafted, and what it may not say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storefront.commissions.rules import Buyer
from storefront.commissions.rules.months import NO_MONTH_TERMS, MonthTerms, faults_of_month
from storefront.core.errors import Invalid
from storefront.core.money import WHOLE_BASIS_POINTS

LONGEST_HOLD_DAYS = 365
LARGEST_TERM = 10**9
"""The largest amount per unit, cap or bonus, in minor units: beyond it somebody slipped."""
LARGEST_BUDGET = 10**12
"""The largest budget of a booster, in minor units."""


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule of a plan being drafted; a condition that is None matches everything."""

    rate: int = 0
    """In basis points; 0 where there is an amount per unit."""
    employee_id: int | None = None
    product_id: int | None = None
    category_id: int | None = None
    brand_id: int | None = None
    store_id: int | None = None
    grade: str | None = None
    buyer: Buyer | None = None
    """Buyer.NEW or Buyer.RETURNING."""
    per_unit: int | None = None
    """Minor units for each piece, instead of a rate."""
    cap: int | None = None
    """The most that a line earns by it, in minor units."""
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class NewBooster:
    """A booster of a plan being drafted: what its rule gives comes on top."""

    rule: NewRule
    budget: int
    """The most that it pays out in all, in minor units."""
    starts_at: datetime
    ends_at: datetime
    """It is for orders placed before here."""


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a version says."""

    rules: Sequence[NewRule]
    hold_days: int
    starts_at: datetime
    note: str
    bonus: int = 0
    """Minor units for a customer's first order."""
    boosters: Sequence[NewBooster] = ()
    order_cap: int | None = None
    """The most that one employee earns on one order, in minor units; None: no limit."""
    service_bonus: int = 0
    """Minor units for whoever hands an order over at the store."""
    month: MonthTerms = NO_MONTH_TERMS
    """Tiers by the month's net sales, and the month's cap."""


def refuse_faults(terms: Terms) -> None:
    """Refuse what no plan may say. Raises Invalid `wrong_plan` with what is wrong at each place."""
    faults: dict[str, Any] = {}
    if not 0 <= terms.hold_days <= LONGEST_HOLD_DAYS:
        faults["hold_days"] = [f"Commission is held for 0 to {LONGEST_HOLD_DAYS} days."]
    for name in ("bonus", "service_bonus", "order_cap"):
        if not 0 <= (getattr(terms, name) or 0) <= LARGEST_TERM:
            faults[name] = [f"This is from 0 to {LARGEST_TERM:,} minor units."]
    if not terms.rules:
        faults["rules"] = ["A plan needs rules."]
    of_rules = {
        str(place): found for place, rule in enumerate(terms.rules) if (found := _faults_of(rule))
    }
    if of_rules:
        faults["rules"] = of_rules
    of_boosters = {
        str(place): found
        for place, booster in enumerate(terms.boosters)
        if (found := _faults_of_booster(booster))
    }
    if of_boosters:
        faults["boosters"] = of_boosters
    faults |= faults_of_month(terms.month, max((rule.rate for rule in terms.rules), default=0))
    if faults:
        message = "This plan cannot be. Look at what is wrong with each element."
        raise Invalid("wrong_plan", message, errors={"json": faults})


def _faults_of(rule: NewRule) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not 0 <= rule.rate <= WHOLE_BASIS_POINTS:
        faults["rate"] = ["A rate is from 0 to 10,000 basis points."]
    if rule.per_unit is not None and rule.rate:
        faults["per_unit"] = ["Say either a rate or an amount per unit."]
    elif not 0 <= (rule.per_unit or 0) <= LARGEST_TERM:
        faults["per_unit"] = [f"An amount per unit is from 0 to {LARGEST_TERM:,} minor units."]
    if not 0 <= (rule.cap or 0) <= LARGEST_TERM:
        faults["cap"] = [f"A cap is from 0 to {LARGEST_TERM:,} minor units."]
    if rule.buyer not in (None, Buyer.NEW, Buyer.RETURNING):
        faults["buyer"] = ["A rule is for new or for returning customers, or for all."]
    return faults


def _faults_of_booster(booster: NewBooster) -> dict[str, list[str]]:
    faults = _faults_of(booster.rule)
    if not 1 <= booster.budget <= LARGEST_BUDGET:
        faults["budget"] = [f"A booster has a budget, from 1 to {LARGEST_BUDGET:,} minor units."]
    if booster.ends_at <= booster.starts_at:
        faults["ends_at"] = ["A booster ends after it has started."]
    if booster.rule.cap is not None:
        faults["cap"] = ["A booster is limited by its budget, and has no cap."]
    if not booster.rule.rate and not booster.rule.per_unit:
        faults["rate"] = ["A booster gives something: a rate or an amount per unit."]
    return faults
