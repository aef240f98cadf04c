"""The shopper's API, under /api/v1/shopper."""

from __future__ import annotations

from flask_smorest import Blueprint

from storefront.api.shopper.carts import blueprint as carts
from storefront.api.shopper.orders import blueprint as orders
from storefront.api.shopper.pick_up_points import blueprint as pick_up_points
from storefront.api.shopper.products import blueprint as products

BLUEPRINTS: list[Blueprint] = [carts, orders, pick_up_points, products]
