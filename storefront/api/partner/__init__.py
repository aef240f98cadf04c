"""For machines of other houses: payment gateways, stores' tills. Under /api/v1/partner."""

from __future__ import annotations

from flask_smorest import Blueprint

from storefront.api.partner.gateways import blueprint as gateways
from storefront.api.partner.till import blueprint as till

BLUEPRINTS: list[Blueprint] = [gateways, till]
