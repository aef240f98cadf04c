"""The customer's pages."""

from __future__ import annotations

from flask import Blueprint

from storefront.web.shopper.cart import blueprint as cart
from storefront.web.shopper.checkout import blueprint as checkout
from storefront.web.shopper.front import blueprint as front
from storefront.web.shopper.giving_back import blueprint as giving_back
from storefront.web.shopper.mine import blueprint as mine
from storefront.web.shopper.order import blueprint as order
from storefront.web.shopper.posts import blueprint as posts
from storefront.web.shopper.shop import blueprint as shop

BLUEPRINTS: list[Blueprint] = [front, shop, posts, cart, checkout, order, giving_back, mine]
