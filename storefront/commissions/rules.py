"""What a credit earns: pure functions from a plan's rules and a line to a rate and an amount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storefront.core.money import basis_points_of, part_so_far


@dataclass(frozen=True, slots=True)
class Rule:
    """A rate, and what it applies to; None matches everything."""

    id: int
    position: int
    rate: int
    """In basis points of the base."""
    employee_id: int | None = None
    product_id: int | None = None
    category_id: int | None = None
    brand_id: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule is matched against: one employee's share of one line."""

    employee_id: int
    product_id: int
    category_ids: tuple[int, ...]
    """The line's category first, then its parent, up to the root."""
    brand_id: int


def choose_rule(rules: Sequence[Rule], subject: Subject) -> Rule | None:
    """The most specific rule that matches; None if none does.

    Employee weighs more than product, product more than category (the nearer to the goods the
    more), category more than brand. What ties is settled by the plan's own order.
    """
    matching = [rule for rule in rules if _matches(rule, subject)]
    return max(
        matching, key=lambda rule: (*_specificity(rule, subject), -rule.position), default=None
    )


def commission(base: int, rate: int) -> int:
    """What `rate` basis points of `base` are, halves up: once per line and credit."""
    return basis_points_of(base, rate)


def to_reverse(accrued: int, reversed_before: int, returned: int, quantity: int) -> int:
    """What is still to be reversed once `returned` of `quantity` pieces are back in all."""
    return part_so_far(accrued, returned, quantity) - reversed_before


def _matches(rule: Rule, subject: Subject) -> bool:
    return (
        rule.employee_id in (None, subject.employee_id)
        and rule.product_id in (None, subject.product_id)
        and (rule.category_id is None or rule.category_id in subject.category_ids)
        and rule.brand_id in (None, subject.brand_id)
    )


def _specificity(rule: Rule, subject: Subject) -> tuple[bool, bool, int, bool]:
    nearness = 0
    if rule.category_id is not None:
        nearness = len(subject.category_ids) - subject.category_ids.index(rule.category_id)
    return (
        rule.employee_id is not None,
        rule.product_id is not None,
        nearness,
        rule.brand_id is not None,
    )
