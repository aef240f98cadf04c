"""What an employee would earn on goods: by the rules of an accrual, before anything is sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.catalog.models import Product, ProductState, Variant
from storefront.commissions import plans
from storefront.commissions.plans import PlanInForce
from storefront.commissions.rates import PlanRates
from storefront.commissions.rule_words import Made, SaidRule, said_rules
from storefront.commissions.rules import (
    Buyer,
    Earning,
    Portion,
    Subject,
    wanted_on_order,
    with_boost,
)
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.sharing.campaigns import find_to_share
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
    """In minor units, with what a booster adds, and without the bonus for a first order."""
    made: Made
    """Which rule gives it, and what caps and a booster make of it."""


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
    order_cap: int | None
    """The most on one order, by rules and boosters; None: no limit."""
    service_bonus: int
    """For handing an order over at the store."""
    variants: list[VariantProspects]


def of_product(
    employee_id: int, product_id: str, at: datetime, campaign_id: str | None = None
) -> Outlook:
    """What an employee would earn on each variant of a product (public id) that is on sale.

    Through a link for a campaign, if one is named by its public id. Raises NotFound
    `product_unknown`, `no_campaign`; Conflict `no_plan`, `campaign_over`.
    """
    outlook = _outlook(employee_id, _products.c.public_id == product_id, at, campaign_id)
    if not outlook.variants:
        raise NotFound("product_unknown", "The chain sells no such product at the moment.")
    return outlook


def of_shop(employee_id: int, at: datetime, campaign_id: str | None = None) -> Outlook:
    """The same for all goods in the employee's own shop. Raises the same but `product_unknown`.

    As many queries as for one product.
    """
    own = (
        sa.select(_listings.c.product_id)
        .join(_shops, _shops.c.id == _listings.c.shop_id)
        .where(_shops.c.employee_id == employee_id)
    )
    return _outlook(employee_id, _products.c.id.in_(own), at, campaign_id)


def _outlook(
    employee_id: int, which: sa.ColumnElement[bool], at: datetime, campaign: str | None
) -> Outlook:
    plan = plans.plan_in_force(at)
    campaign_id = find_to_share(campaign, at).id if campaign is not None else None
    rows = _on_sale(employee_id, which)
    earnings = _earnings(plan, rows, campaign_id, at)
    said = said_rules(
        {
            won.id
            for of_variant in earnings
            for each in of_variant
            for won in (each.rule, each.booster.rule if each.booster else None)
            if won
        }
    )
    variants = [
        VariantProspects(
            row.public_id,
            row.product,
            row.option_zh,
            row.option_en,
            row.price,
            tuple(
                _prospect(buyer, each, plan.order_cap, said)
                for buyer, each in zip(ASKED, of_variant, strict=True)
            ),
        )
        for row, of_variant in zip(rows, earnings, strict=True)
    ]
    return Outlook(plan.version, plan.bonus, plan.order_cap, plan.service_bonus, variants)


def _prospect(
    buyer: Buyer, earning: Earning, order_cap: int | None, said: Mapping[int, SaidRule]
) -> Prospect:
    (want,) = wanted_on_order([earning], order_cap)
    booster = said[earning.booster.rule.id] if earning.booster else None
    left = (booster.budget or 0) - booster.spent if booster else 0
    gained = with_boost(want, min(want.boost, left))
    rule = said[earning.rule.id] if earning.rule else None
    made = Made(rule, booster, gained.cut, gained.order_cut, gained.boost, gained.unfunded, 0)
    return Prospect(buyer, gained.amount, made)


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


def _earnings(
    plan: PlanInForce,
    rows: Sequence[sa.Row[*tuple[Any, ...]]],
    campaign_id: int | None,
    at: datetime,
) -> list[list[Earning]]:
    """What would win one piece of each variant, for each kind of customer."""
    rates = PlanRates(plan, plans.category_paths(plan))
    return [
        [
            Earning(
                row.employee_id,
                Portion(row.price, 1),
                rates.rule_for(subject),
                rates.booster_for(subject, at),
            )
            for buyer in ASKED
            for subject in [
                Subject(
                    row.employee_id,
                    row.product_id,
                    rates.path_of(row.category_id, None),
                    row.brand_id,
                    row.store_id,
                    row.grade,
                    buyer,
                    campaign_id,
                )
            ]
        ]
        for row in rows
    ]
