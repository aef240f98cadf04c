"""A plan's rules with the names that people use for employees, goods and brands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog.models import Brand, Category, Product
from storefront.commissions.models import PlanRule
from storefront.commissions.plans import NewRule
from storefront.core.database import db
from storefront.core.errors import Invalid
from storefront.staff.models import Employee

_rules = cast(sa.Table, PlanRule.__table__)


@dataclass(frozen=True, slots=True)
class NamedRule:
    """A rate and what it applies to, by public ids; None matches everything."""

    rate: int
    employee: str | None = None
    product: str | None = None
    category: str | None = None
    brand: str | None = None


_NOUNS: dict[str, Any] = {
    "employee": Employee,
    "product": Product,
    "category": Category,
    "brand": Brand,
}


def understood(named: Sequence[NamedRule]) -> list[NewRule]:
    """The rules with row numbers. Raises Invalid `unknown_employee`, `unknown_product`, …"""
    ids = {noun: _ids(noun, {getattr(rule, noun) for rule in named} - {None}) for noun in _NOUNS}
    return [
        NewRule(
            rate=rule.rate,
            employee_id=ids["employee"].get(rule.employee),
            product_id=ids["product"].get(rule.product),
            category_id=ids["category"].get(rule.category),
            brand_id=ids["brand"].get(rule.brand),
        )
        for rule in named
    ]


def _ids(noun: str, wanted: Collection[str]) -> dict[str | None, int]:
    if not wanted:
        return {}
    kind = _NOUNS[noun]
    rows = db.session.execute(sa.select(kind.public_id, kind.id).where(kind.public_id.in_(wanted)))
    found: dict[str | None, int] = {row[0]: row[1] for row in rows}
    unknown = sorted(set(wanted) - set(found))
    if unknown:
        raise Invalid(f"unknown_{noun}", f"There is no such {noun}.", unknown=unknown)
    return found


def named_rules(plan_ids: Collection[int]) -> dict[int, list[NamedRule]]:
    """The rules of plans (row numbers), each plan's in its own order."""
    rows = db.session.execute(
        sa.select(
            _rules.c.plan_id,
            _rules.c.rate,
            Employee.public_id,
            Product.public_id,
            Category.public_id,
            Brand.public_id,
        )
        .outerjoin(Employee, Employee.id == _rules.c.employee_id)
        .outerjoin(Product, Product.id == _rules.c.product_id)
        .outerjoin(Category, Category.id == _rules.c.category_id)
        .outerjoin(Brand, Brand.id == _rules.c.brand_id)
        .where(_rules.c.plan_id.in_(plan_ids))
        .order_by(_rules.c.plan_id, _rules.c.position)
    )
    named: dict[int, list[NamedRule]] = defaultdict(list)
    for plan_id, rate, *nouns in rows:
        named[plan_id].append(NamedRule(rate, *nouns))
    return named
