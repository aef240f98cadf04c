"""Which rule of a plan wins: the most specific of those that match."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Buyer(StrEnum):
    """What an order's customer was to the chain when it was paid."""

    NEW = "new"
    """It is the first order that they ever paid."""
    NEW_TOLD_LATE = "new_told_late"
    """It was their first, and a till told of it only after another had been taken for that."""
    RETURNING = "returning"
    UNKNOWN = "unknown"
    """A till's customer whom nobody knows: neither new nor returning."""

    @property
    def is_new(self) -> bool:
        """Whether no order of theirs was paid before this one."""
        return self in (Buyer.NEW, Buyer.NEW_TOLD_LATE)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is earned, and on what; a condition that is None matches everything."""

    id: int
    position: int
    rate: int
    """In basis points of the base; 0 where an amount per unit is earned."""
    employee_id: int | None = None
    product_id: int | None = None
    category_id: int | None = None
    brand_id: int | None = None
    store_id: int | None = None
    grade: str | None = None
    buyer: Buyer | None = None
    """Buyer.NEW or Buyer.RETURNING."""
    per_unit: int | None = None
    """Instead of a rate: minor units for each piece."""
    cap: int | None = None
    """The most that a line earns by this rule, in minor units, all its shares together."""
    campaign_id: int | None = None
    """The touch that won came through this campaign."""


@dataclass(frozen=True, slots=True)
class Booster:
    """What is earned on top of a rule between two times, while its budget lasts."""

    rule: Rule
    """On what, and how much more."""
    budget: int
    starts_at: datetime
    ends_at: datetime

    def runs_at(self, moment: datetime) -> bool:
        """Whether it is for orders placed at `moment`: from its start to just before its end."""
        return self.starts_at <= moment < self.ends_at


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule is matched against: one employee's share of one line."""

    employee_id: int
    product_id: int
    category_ids: tuple[int, ...]
    """The line's category first, then its parent, up to the root."""
    brand_id: int
    store_id: int = 0
    """The store for which the share is credited."""
    grade: str = ""
    """The employee's at the order; empty for none."""
    buyer: Buyer = Buyer.UNKNOWN
    campaign_id: int | None = None
    """The one through which the touch came that won; None for none."""


def choose_rule(rules: Sequence[Rule], subject: Subject) -> Rule | None:
    """The most specific rule that matches; None if none does.

    Employee weighs more than product, product more than campaign, campaign more than category
    (the nearer to the goods the more), category more than brand, brand more than store, store more
    than grade, and grade more than whether the customer is new. What ties is settled by the plan's
    own order.
    """
    matching = [rule for rule in rules if _matches(rule, subject)]
    return max(
        matching,
        key=lambda rule: (*weight(rule, _nearness(rule, subject)), -rule.position),
        default=None,
    )


def choose_booster(
    boosters: Sequence[Booster], subject: Subject, moment: datetime
) -> Booster | None:
    """Of the boosters that run at `moment` the most specific that matches, by a rule's measure.

    There is one at most: boosters do not add up.
    """
    running = {each.rule.id: each for each in boosters if each.runs_at(moment)}
    if not running:
        return None
    won = choose_rule([each.rule for each in running.values()], subject)
    return running[won.id] if won else None


KINDS = ("employee", "product", "campaign", "category", "brand", "store", "grade", "buyer")
"""Kinds of conditions in falling weight."""


def weight(rule: Rule, nearness: int) -> tuple[bool, bool, bool, int, bool, bool, bool, bool]:
    """How specific a rule is: the larger wins. `nearness` is how deep down its category lies.

    One place for each of KINDS.
    """
    return (
        rule.employee_id is not None,
        rule.product_id is not None,
        rule.campaign_id is not None,
        nearness,
        rule.brand_id is not None,
        rule.store_id is not None,
        rule.grade is not None,
        rule.buyer is not None,
    )


def _matches(rule: Rule, subject: Subject) -> bool:
    return (
        rule.employee_id in (None, subject.employee_id)
        and rule.product_id in (None, subject.product_id)
        and rule.campaign_id in (None, subject.campaign_id)
        and (rule.category_id is None or rule.category_id in subject.category_ids)
        and rule.brand_id in (None, subject.brand_id)
        and rule.store_id in (None, subject.store_id)
        and rule.grade in (None, subject.grade)
        and (rule.buyer is None or (rule.buyer is Buyer.NEW) == subject.buyer.is_new)
        and (rule.buyer is None or subject.buyer is not Buyer.UNKNOWN)
    )


def _nearness(rule: Rule, subject: Subject) -> int:
    if rule.category_id is None:
        return 0
    return len(subject.category_ids) - subject.category_ids.index(rule.category_id)
