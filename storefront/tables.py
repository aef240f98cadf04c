"""Every table of the program, imported in one place so that migrations and tests see them all."""

from __future__ import annotations

from sqlalchemy import MetaData

from storefront.attribution import models as attribution
from storefront.attribution import relations
from storefront.attribution.disputes import models as disputes
from storefront.careers import models as careers
from storefront.catalog import models as catalog
from storefront.commissions import (
    adjustment_models,
    payout_models,
    period_models,
    question_models,
    settlement_models,
    statement_models,
)
from storefront.commissions import fraud_models as fraud
from storefront.commissions import models as commissions
from storefront.core import idempotency, jobs, marks, pictures, preview_pictures
from storefront.core.database import Base
from storefront.customers import models as customers
from storefront.insights import models as insights
from storefront.insights.simulations import models as simulations
from storefront.integrations.payments import sandbox
from storefront.integrations.transfers import sandbox as transfers
from storefront.orders import coupon_models as coupons
from storefront.orders import models as orders
from storefront.payments import models as payments
from storefront.sharing import models as sharing
from storefront.shops import models as shops
from storefront.staff import api_keys
from storefront.staff import models as staff

MODULES = (
    adjustment_models,
    api_keys,
    attribution,
    careers,
    catalog,
    commissions,
    coupons,
    customers,
    disputes,
    fraud,
    idempotency,
    insights,
    jobs,
    marks,
    orders,
    payments,
    payout_models,
    period_models,
    pictures,
    preview_pictures,
    question_models,
    relations,
    sandbox,
    settlement_models,
    sharing,
    shops,
    simulations,
    staff,
    statement_models,
    transfers,
)


def every_table() -> MetaData:
    """The metadata that holds all tables."""
    return Base.metadata
