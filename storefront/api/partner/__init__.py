"""For machines of other houses: payment gateways. Under /api/v1/partner."""

from __future__ import annotations

from flask_smorest import Blueprint

from storefront.api.partner.gateways import blueprint as gateways

BLUEPRINTS: list[Blueprint] = [gateways]
