"""JSON over HTTP, one folder per audience: shopper, seller, hq.

A view is: who may (the audience's guard), parse (a schema), one call into the domain, dump.
"""

from __future__ import annotations

from flask import Flask

from storefront.api import documentation, problems
from storefront.api.hq import BLUEPRINTS as HQ
from storefront.api.partner import BLUEPRINTS as PARTNER
from storefront.api.seller import BLUEPRINTS as SELLER
from storefront.api.shopper import BLUEPRINTS as SHOPPER
from storefront.api.tokens import init_tokens


def register(app: Flask) -> None:
    """Mount every audience under /api/v1 and the documentation beside them."""
    init_tokens(app)
    problems.register(app)
    documentation.register(app, [*SHOPPER, *SELLER, *HQ, *PARTNER])
