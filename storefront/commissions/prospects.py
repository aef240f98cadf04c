"""What an employee would earn on goods: by the rules of an accrual, before anything is sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog.models import Product, ProductState, Variant
from storefront.commissions import plans
from storefront.commissions.plans import PlanInForce
from storefront.commissions.rates import PlanRates
from storefront.commissions.rule_words import SaidRule, said_rules
from storefront.commissions.rules import Buyer, Portion, Rule, Subject, earned
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.shops.models import Listing, Shop
from storefront.staff.models import Employee

_employees = cast(sa.Table, Employee.__table__)
_listings = cast(sa.Table, Listing.__table__)
_products = cast(sa.Table, Product.__table__)
_shops = cast(sa.Table, Shop.__table__)
_variants = cast(sa.Table, Variant.__table__)

ASKED = (Buyer.NEW, Buyer.RETURNING)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What one piece of a variant would earn, sold at its price to one kind of customer."""

    buyer: Buyer
    amount: int
    """In minor units, without the bonus for a first order."""
    rule: SaidRule | None
    """None: no rule matches, and nothing is earned."""


@dataclass(frozen=True, slots=True)
class VariantProspects:
    """A variant on sale, and what it would earn."""

    variant: str
    """Public ids."""
    product: str
    option_zh: str
    option_en: str
    price: int
    prospects: tuple[Prospect, ...]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What goods would earn by the plan in force."""

    plan_version: int
    bonus: int
    """For a customer's first order, once for the whole order."""
    variants: list[VariantProspects]


def of_product(employee_id: int, product_id: str, at: datetime) -> Outlook:
    """What an employee would earn on each variant of a product (public id) that is on sale.

    Raises NotFound `product_unknown`, Conflict `no_plan`.
    """
    outlook = _outlook(employee_id, _products.c.public_id == product_id, at)
    if not outlook.variants:
        raise NotFound("product_unknown", "The chain sells no such product at the moment.")
    return outlook


def of_shop(employee_id: int, at: datetime) -> Outlook:
    """The same for all goods in the employee's own shop. Raises Conflict `no_plan`.

    As many queries as for one product.
    """
    own = (
        sa.select(_listings.c.product_id)
        .join(_shops, _shops.c.id == _listings.c.shop_id)
        .where(_shops.c.employee_id == employee_id)
    )
    return _outlook(employee_id, _products.c.id.in_(own), at)


def _outlook(employee_id: int, which: sa.ColumnElement[bool], at: datetime) -> Outlook:
    plan = plans.plan_in_force(at)
    rows = _on_sale(employee_id, which)
    won = _winners(plan, rows)
    said = said_rules({rule.id for each in won for rule in each if rule})
    variants = [
        VariantProspects(
            row.public_id,
            row.product,
            row.option_zh,
            row.option_en,
            row.price,
            tuple(
                Prospect(
                    buyer,
                    earned(rule, Portion(row.price, 1)).amount,
                    said[rule.id] if rule else None,
                )
                for buyer, rule in zip(ASKED, rules, strict=True)
            ),
        )
        for row, rules in zip(rows, won, strict=True)
    ]
    return Outlook(plan.version, plan.bonus, variants)


def _on_sale(employee_id: int, which: sa.ColumnElement[bool]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """The variants, each with all that rules ask about it and about the employee."""
    columns: tuple[Any, ...] = (
        _variants.c.public_id,
        _products.c.public_id.label("product"),
        _variants.c.option_zh,
        _variants.c.option_en,
        _variants.c.price,
        _products.c.id.label("product_id"),
        _products.c.category_id,
        _products.c.brand_id,
        _employees.c.id.label("employee_id"),
        _employees.c.store_id,
        _employees.c.grade,
    )
    return db.session.execute(
        sa.select(*columns)
        .select_from(_variants)
        .join(_products, _products.c.id == _variants.c.product_id)
        .join(_employees, _employees.c.id == employee_id)
        .where(
            which,
            _products.c.state == ProductState.ACTIVE,
            _variants.c.state == ProductState.ACTIVE,
        )
        .order_by(_products.c.id, _variants.c.position, _variants.c.id)
    ).all()


def _winners(
    plan: PlanInForce, rows: Sequence[sa.Row[*tuple[Any, ...]]]
) -> list[tuple[Rule | None, ...]]:
    rates = PlanRates(plan, plans.category_paths(plan))
    return [
        tuple(
            rates.rule_for(
                Subject(
                    row.employee_id,
                    row.product_id,
                    rates.path_of(row.category_id, None),
                    row.brand_id,
                    row.store_id,
                    row.grade,
                    buyer,
                )
            )
            for buyer in ASKED
        )
        for row in rows
    ]
