"""A plan's rules with the names that people use for employees, goods and brands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog.models import Brand, Category, Product
from storefront.commissions.models import PlanRule
from storefront.commissions.rules import Buyer
from storefront.commissions.terms import NewBooster, NewRule
from storefront.core.database import db
from storefront.core.errors import Invalid
from storefront.sharing.models import Campaign
from storefront.staff.models import Employee, Store

_rules = cast(sa.Table, PlanRule.__table__)


@dataclass(frozen=True, slots=True)
class NamedRule:
    """What is earned and on what, by public ids; a condition that is None matches everything."""

    rate: int | None = None
    """None where there is an amount per unit."""
    employee: str | None = None
    product: str | None = None
    category: str | None = None
    brand: str | None = None
    store: str | None = None
    grade: str | None = None
    buyer: Buyer | None = None
    per_unit: int | None = None
    cap: int | None = None
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class NamedBooster:
    """A booster, by public ids."""

    rule: NamedRule
    """On what, and how much more."""
    budget: int
    starts_at: datetime
    ends_at: datetime
    spent: int = 0
    """What has gone out of the budget by now."""


@dataclass(slots=True)
class NamedContent:
    """A plan's rules and its boosters, each in its own order."""

    rules: list[NamedRule] = field(default_factory=list[NamedRule])
    boosters: list[NamedBooster] = field(default_factory=list[NamedBooster])


_NOUNS: dict[str, Any] = {
    "employee": Employee,
    "product": Product,
    "category": Category,
    "brand": Brand,
    "store": Store,
    "campaign": Campaign,
}


def understood_boosters(named: Sequence[NamedBooster]) -> list[NewBooster]:
    """The boosters with row numbers. Raises what `understood` raises."""
    rules = understood([each.rule for each in named], "boosters")
    return [
        NewBooster(rule, each.budget, each.starts_at, each.ends_at)
        for rule, each in zip(rules, named, strict=True)
    ]


def understood(named: Sequence[NamedRule], element: str = "rules") -> list[NewRule]:
    """The rules with row numbers; `element` is where the plan has them.

    Raises Invalid `unknown_employee`, `unknown_product`, …, and `wrong_plan` for a rule that has
    both a rate and an amount per unit, or neither; each names the elements.
    """
    _refuse_both_or_neither(named, element)
    ids = {noun: _ids(noun, named, element) for noun in _NOUNS}
    if any(rule.grade is not None for rule in named):
        grades = db.session.scalars(
            sa.select(Employee.grade).where(Employee.grade != "").distinct()
        )
        _refuse_unknown("grade", named, element, set(grades))
    return [
        NewRule(
            rate=rule.rate or 0,
            grade=rule.grade,
            buyer=rule.buyer,
            per_unit=rule.per_unit,
            cap=rule.cap,
            employee_id=ids["employee"].get(rule.employee),
            product_id=ids["product"].get(rule.product),
            category_id=ids["category"].get(rule.category),
            brand_id=ids["brand"].get(rule.brand),
            store_id=ids["store"].get(rule.store),
            campaign_id=ids["campaign"].get(rule.campaign),
        )
        for rule in named
    ]


def _refuse_both_or_neither(named: Sequence[NamedRule], element: str) -> None:
    wrong = {
        str(place): {"rate": ["Say either a rate or an amount per unit."]}
        for place, rule in enumerate(named)
        if (rule.rate is None) == (rule.per_unit is None)
    }
    if wrong:
        message = "Each rule says either a rate or an amount per unit."
        raise Invalid("wrong_plan", message, errors={"json": {element: wrong}})


def _ids(noun: str, named: Sequence[NamedRule], element: str) -> dict[str | None, int]:
    wanted = {getattr(rule, noun) for rule in named} - {None}
    if not wanted:
        return {}
    kind = _NOUNS[noun]
    rows = db.session.execute(sa.select(kind.public_id, kind.id).where(kind.public_id.in_(wanted)))
    found: dict[str | None, int] = {row[0]: row[1] for row in rows}
    _refuse_unknown(noun, named, element, found)
    return found


def _refuse_unknown(
    noun: str, named: Sequence[NamedRule], element: str, known: Collection[str | None]
) -> None:
    message = f"There is no such {noun}."
    where = {
        str(place): {noun: [message]}
        for place, rule in enumerate(named)
        if getattr(rule, noun) is not None and getattr(rule, noun) not in known
    }
    if where:
        unknown = sorted({getattr(named[int(place)], noun) for place in where})
        raise Invalid(
            f"unknown_{noun}", message, unknown=unknown, errors={"json": {element: where}}
        )


def named_content(plan_ids: Collection[int]) -> dict[int, NamedContent]:
    """The rules and boosters of plans (row numbers), each plan's in its own order."""
    columns: tuple[Any, ...] = (
        _rules.c.plan_id,
        sa.case((_rules.c.per_unit.is_(None), _rules.c.rate)),
        Employee.public_id,
        Product.public_id,
        Category.public_id,
        Brand.public_id,
        Store.public_id,
        _rules.c.grade,
        _rules.c.buyer,
        _rules.c.per_unit,
        _rules.c.cap,
        Campaign.public_id,
        _rules.c.budget,
        _rules.c.starts_at,
        _rules.c.ends_at,
        _rules.c.spent,
    )
    rows = db.session.execute(
        sa.select(*columns)
        .outerjoin(Employee, Employee.id == _rules.c.employee_id)
        .outerjoin(Product, Product.id == _rules.c.product_id)
        .outerjoin(Category, Category.id == _rules.c.category_id)
        .outerjoin(Brand, Brand.id == _rules.c.brand_id)
        .outerjoin(Store, Store.id == _rules.c.store_id)
        .outerjoin(Campaign, Campaign.id == _rules.c.campaign_id)
        .where(_rules.c.plan_id.in_(plan_ids))
        .order_by(_rules.c.plan_id, _rules.c.position)
    )
    named: dict[int, NamedContent] = defaultdict(NamedContent)
    for row in rows:
        rule = NamedRule(*row[1:-4])
        if row.budget is None:
            named[row.plan_id].rules.append(rule)
        else:
            booster = NamedBooster(rule, row.budget, row.starts_at, row.ends_at, row.spent)
            named[row.plan_id].boosters.append(booster)
    return named
