"""The hq's API, under /api/v1/hq."""

from __future__ import annotations

from flask_smorest import Blueprint

from storefront.api.hq import employees, roster

BLUEPRINTS: list[Blueprint] = [
    employees.blueprint,
    roster.roster,
    roster.stores_blueprint,
    roster.regions_blueprint,
]
