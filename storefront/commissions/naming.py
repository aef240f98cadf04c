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
from storefront.commissions.rules import Buyer
from storefront.core.database import db
from storefront.core.errors import Invalid
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


_NOUNS: dict[str, Any] = {
    "employee": Employee,
    "product": Product,
    "category": Category,
    "brand": Brand,
    "store": Store,
}


def understood(named: Sequence[NamedRule]) -> list[NewRule]:
    """The rules with row numbers.

    Raises Invalid `unknown_employee`, `unknown_product`, …, and `wrong_plan` for a rule that has
    both a rate and an amount per unit, or neither; each names the elements.
    """
    _refuse_both_or_neither(named)
    ids = {noun: _ids(noun, named) for noun in _NOUNS}
    if any(rule.grade is not None for rule in named):
        grades = db.session.scalars(
            sa.select(Employee.grade).where(Employee.grade != "").distinct()
        )
        _refuse_unknown("grade", named, set(grades))
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
        )
        for rule in named
    ]


def _refuse_both_or_neither(named: Sequence[NamedRule]) -> None:
    wrong = {
        str(place): {"rate": ["Say either a rate or an amount per unit."]}
        for place, rule in enumerate(named)
        if (rule.rate is None) == (rule.per_unit is None)
    }
    if wrong:
        message = "Each rule says either a rate or an amount per unit."
        raise Invalid("wrong_plan", message, errors={"json": {"rules": wrong}})


def _ids(noun: str, named: Sequence[NamedRule]) -> dict[str | None, int]:
    wanted = {getattr(rule, noun) for rule in named} - {None}
    if not wanted:
        return {}
    kind = _NOUNS[noun]
    rows = db.session.execute(sa.select(kind.public_id, kind.id).where(kind.public_id.in_(wanted)))
    found: dict[str | None, int] = {row[0]: row[1] for row in rows}
    _refuse_unknown(noun, named, found)
    return found


def _refuse_unknown(noun: str, named: Sequence[NamedRule], known: Collection[str | None]) -> None:
    message = f"There is no such {noun}."
    where = {
        str(place): {noun: [message]}
        for place, rule in enumerate(named)
        if getattr(rule, noun) is not None and getattr(rule, noun) not in known
    }
    if where:
        unknown = sorted({getattr(named[int(place)], noun) for place in where})
        raise Invalid(
            f"unknown_{noun}", message, unknown=unknown, errors={"json": {"rules": where}}
        )


def named_rules(plan_ids: Collection[int]) -> dict[int, list[NamedRule]]:
    """The rules of plans (row numbers), each plan's in its own order."""
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
    )
    rows = db.session.execute(
        sa.select(*columns)
        .outerjoin(Employee, Employee.id == _rules.c.employee_id)
        .outerjoin(Product, Product.id == _rules.c.product_id)
        .outerjoin(Category, Category.id == _rules.c.category_id)
        .outerjoin(Brand, Brand.id == _rules.c.brand_id)
        .outerjoin(Store, Store.id == _rules.c.store_id)
        .where(_rules.c.plan_id.in_(plan_ids))
        .order_by(_rules.c.plan_id, _rules.c.position)
    )
    named: dict[int, list[NamedRule]] = defaultdict(list)
    for plan_id, *rule in rows:
        named[plan_id].append(NamedRule(*rule))
    return named
