"""What plans pay, asked for orders by the hundred thousand: the same rule as an accrual's, kept."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.attribution.models import VersionState
from storefront.commissions import plans
from storefront.commissions.models import CommissionPlan
from storefront.commissions.plans import PlanInForce
from storefront.commissions.rules import (
    Booster,
    Buyer,
    Rule,
    Subject,
    bonus_by_line,
    choose_booster,
    choose_rule,
)
from storefront.core.database import db

_plans = cast(sa.Table, CommissionPlan.__table__)

Path = tuple[int, ...]
"""A category and those above it, up to the root."""


class PlanRates:
    """What one plan pays. A rule that won is kept under those facts alone that the rules ask for,
    so that there are never more of them than the plan has cases.
    """

    def __init__(self, plan: PlanInForce, paths: Mapping[int, Path]) -> None:
        self._plan = plan
        self._paths = paths
        self._employees = {rule.employee_id for rule in plan.rules}
        self._products = {rule.product_id for rule in plan.rules}
        self._brands = {rule.brand_id for rule in plan.rules}
        self._stores = {rule.store_id for rule in plan.rules}
        self._grades = {rule.grade for rule in plan.rules}
        self._campaigns = {rule.campaign_id for rule in plan.rules}
        self._buyers = {rule.buyer for rule in plan.rules} != {None}
        self._kept: dict[Subject, Rule | None] = {}

    def path_of(self, category_id: int, frozen: str | None) -> Path:
        """The way up from a category, as an accrual froze it, or else as the tree is now.

        `frozen` is the accrual's list as it is stored. Empty where no rule asks for categories.
        """
        if not self._paths:
            return ()
        path = tuple(json.loads(frozen)) if frozen else ()
        return path or self._paths.get(category_id, (category_id,))

    def rule_for(self, subject: Subject) -> Rule | None:
        """The rule that wins; None if none matches."""
        key = Subject(
            subject.employee_id if subject.employee_id in self._employees else 0,
            subject.product_id if subject.product_id in self._products else 0,
            subject.category_ids,
            subject.brand_id if subject.brand_id in self._brands else 0,
            subject.store_id if subject.store_id in self._stores else 0,
            subject.grade if subject.grade in self._grades else "",
            subject.buyer if self._buyers else Buyer.UNKNOWN,
            subject.campaign_id if subject.campaign_id in self._campaigns else None,
        )
        if key not in self._kept:
            self._kept[key] = choose_rule(self._plan.rules, key)
        return self._kept[key]

    def booster_for(self, subject: Subject, at: datetime) -> Booster | None:
        """The booster that wins for an order placed at `at`; None if none matches."""
        return choose_booster(self._plan.boosters, subject, at) if self._plan.boosters else None

    @property
    def order_cap(self) -> int | None:
        """The most that one employee earns on one order by rules and boosters."""
        return self._plan.order_cap

    def bonuses(self, buyer: Buyer, quantities: Sequence[int]) -> list[int]:
        """Each line's part of the bonus for a customer's first order; zeros for any other order."""
        due = self._plan.bonus if buyer is Buyer.NEW else 0
        return bonus_by_line(due, quantities) if due else [0] * len(quantities)


class PlanCalendar:
    """Which plan was in force when, for whoever goes through the past."""

    def __init__(self) -> None:
        self._starts = db.session.scalars(
            sa.select(_plans.c.starts_at)
            .where(_plans.c.state == VersionState.PUBLISHED)
            .order_by(_plans.c.starts_at)
        ).all()
        self._rates: dict[int, PlanRates] = {}

    def at(self, moment: datetime) -> PlanRates | None:
        """The rates by which an order placed at `moment` earned; None before the first plan."""
        place = bisect_right(self._starts, moment)
        if not place:
            return None
        rates = self._rates.get(place)
        if rates is None:
            plan = plans.plan_in_force(self._starts[place - 1])
            rates = self._rates[place] = PlanRates(plan, plans.category_paths(plan))
        return rates
