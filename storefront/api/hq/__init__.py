"""The hq's API, under /api/v1/hq."""

from __future__ import annotations

from flask_smorest import Blueprint

from storefront.api.hq import (
    api_keys,
    campaigns,
    careers,
    catalog_files,
    customers,
    disputes,
    employees,
    fraud,
    groups,
    holds,
    orders,
    payouts,
    plans,
    policies,
    products,
    reports,
    roster,
    settlements,
    simulations,
    statements,
    variants,
)

BLUEPRINTS: list[Blueprint] = [
    employees.blueprint,
    careers.blueprint,
    roster.roster,
    roster.stores_blueprint,
    roster.regions_blueprint,
    groups.brands_blueprint,
    groups.categories_blueprint,
    groups.locations_blueprint,
    products.blueprint,
    variants.blueprint,
    catalog_files.blueprint,
    orders.blueprint,
    customers.blueprint,
    disputes.blueprint,
    holds.blueprint,
    fraud.blueprint,
    fraud.thresholds_blueprint,
    reports.blueprint,
    payouts.blueprint,
    statements.blueprint,
    statements.questions_blueprint,
    policies.blueprint,
    settlements.blueprint,
    simulations.blueprint,
    plans.blueprint,
    campaigns.blueprint,
    api_keys.blueprint,
]
