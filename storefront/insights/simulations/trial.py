"""What a simulation tries: a policy, a plan, or both; what it does not say stays as it was."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from storefront.attribution.rules import Policy
from storefront.commissions import plans
from storefront.commissions.plans import PlanInForce
from storefront.commissions.rates import PlanRates
from storefront.commissions.rules import Booster, Buyer, Rule
from storefront.commissions.rules.months import MonthTerms


@dataclass(frozen=True, slots=True)
class TriedPlan:
    """A version of the plan, be it a draft, as if it had been in force all the time."""

    plan: PlanInForce
    month: MonthTerms

    @property
    def rates(self) -> PlanRates:
        """What it pays."""
        return PlanRates(self.plan, plans.category_paths(self.plan))

    @property
    def has_boosters(self) -> bool:
        """Whether it has budgets, which orders use up one after the other."""
        return bool(self.plan.boosters)

    def as_document(self) -> dict[str, Any]:
        """As it is stored: a draft may be written anew."""
        return {
            "id": self.plan.id,
            "version": self.plan.version,
            "hold_days": self.plan.hold_days,
            "bonus": self.plan.bonus,
            "order_cap": self.plan.order_cap,
            "rules": [_rule_document(rule) for rule in self.plan.rules],
            "boosters": [
                {
                    "rule": _rule_document(booster.rule),
                    "budget": booster.budget,
                    "starts_at": booster.starts_at.isoformat(),
                    "ends_at": booster.ends_at.isoformat(),
                }
                for booster in self.plan.boosters
            ],
            "month": self.month.as_document(),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Self:
        """Read what was stored."""
        plan = PlanInForce(
            document["id"],
            document["version"],
            document["hold_days"],
            document["bonus"],
            tuple(_rule(each) for each in document["rules"]),
            tuple(
                Booster(
                    _rule(each["rule"]),
                    each["budget"],
                    datetime.fromisoformat(each["starts_at"]),
                    datetime.fromisoformat(each["ends_at"]),
                )
                for each in document["boosters"]
            ),
            document["order_cap"],
        )
        return cls(plan, MonthTerms.from_document(document["month"]))


def _rule_document(rule: Rule) -> dict[str, Any]:
    return {name: value for name, value in asdict(rule).items() if value is not None}


def _rule(document: dict[str, Any]) -> Rule:
    values: dict[str, Any] = dict(document)
    if "buyer" in values:
        values["buyer"] = Buyer(values["buyer"])
    return Rule(**values)


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried. Without a policy everybody stands credited as they do; without a plan every
    order earns by the plan of its day.
    """

    policy: Policy | None = None
    plan: TriedPlan | None = None

    def as_documents(self) -> tuple[dict[str, Any], dict[str, Any] | None]:
        """The policy's document, empty for none, and the plan's."""
        return (
            self.policy.as_document() if self.policy else {},
            self.plan.as_document() if self.plan else None,
        )

    @classmethod
    def from_documents(cls, policy: dict[str, Any], plan: dict[str, Any] | None) -> Self:
        """Read what was stored."""
        return cls(
            Policy.from_document(policy) if policy else None,
            TriedPlan.from_document(plan) if plan else None,
        )


def plan_of(version: int) -> TriedPlan:
    """The version with this number. Raises NotFound `plan_not_found`."""
    plan = plans.find_plan(version)
    rules, boosters = plans.content_of(plan.id)
    return TriedPlan(
        PlanInForce(
            plan.id, plan.version, plan.hold_days, plan.bonus, rules, boosters, plan.order_cap
        ),
        MonthTerms.from_document(plan.month_terms),
    )
