"""The hq's API, under /api/v1/hq."""

from __future__ import annotations

from flask_smorest import Blueprint

from storefront.api.hq import (
    api_keys,
    careers,
    catalog_files,
    customers,
    disputes,
    employees,
    groups,
    orders,
    payouts,
    plans,
    policies,
    products,
    reports,
    return_requests,
    roster,
    simulations,
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
    return_requests.blueprint,
    customers.blueprint,
    disputes.blueprint,
    reports.blueprint,
    payouts.blueprint,
    policies.blueprint,
    simulations.blueprint,
    plans.blueprint,
    api_keys.blueprint,
]
