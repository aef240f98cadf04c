"""What I would earn: on a product, and on everything in my shop."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from storefront.api import described
from storefront.api.languages import LanguageQuery, spoken
from storefront.api.schemas import MoneySchema, Schema, list_of, money
from storefront.api.seller import guard
from storefront.commissions import prospects
from storefront.commissions.prospects import Outlook, Prospect
from storefront.commissions.rule_words import say_made
from storefront.commissions.rules import Buyer
from storefront.core import clock
from storefront.core.languages import Language
from storefront.core.settings import settings

blueprint = guard.blueprint("seller_prospects", "", "What I would earn on goods")


class ProspectSchema(Schema):
    """What one piece would earn me, sold to one kind of customer."""

    buyer = fields.Enum(
        Buyer, by_value=True, metadata={"enum": ["new", "returning"], "example": "new"}
    )
    amount = fields.Nested(MoneySchema, metadata={"description": "Per piece at today's price"})
    boost = fields.Nested(
        MoneySchema, metadata={"description": "What is in it by a booster, while that lasts"}
    )
    rule = fields.Integer(
        allow_none=True,
        metadata={"example": 3, "description": "Its place in the plan; null: none matches"},
    )
    words = fields.String(metadata={"description": "Which rule applies, and why it is this one"})


class VariantProspectsSchema(Schema):
    """A variant, and what it would earn me."""

    product = fields.String(metadata={"example": "prd_7kq3mnpqrstvwxyz"})
    variant = fields.String(metadata={"example": "var_7kq3mnpqrstvwxyz"})
    option = fields.String(metadata={"example": "白色"})
    price = fields.Nested(MoneySchema)
    earnings = list_of(ProspectSchema)


class OutlookSchema(Schema):
    """What goods would earn me by the plan in force now."""

    plan_version = fields.Integer(metadata={"example": 3})
    first_order_bonus = fields.Nested(
        MoneySchema, metadata={"description": "Once for a new customer's whole first order, on top"}
    )
    order_cap = fields.Nested(
        MoneySchema,
        allow_none=True,
        metadata={"description": "The most on one order by rules and boosters; null: no limit"},
    )
    service_bonus = fields.Nested(
        MoneySchema, metadata={"description": "For handing an order over at my store"}
    )
    variants = list_of(VariantProspectsSchema)


class OutlookQuery(LanguageQuery):
    """In which language, and through which link."""

    campaign = fields.String(
        metadata={
            "example": "cmp_7kq3mnpqrstvwxyz",
            "description": "Through a link for this campaign; without it, for none",
        }
    )


@blueprint.route("/products/<product_id>/earnings")
@described.errors(
    blueprint,
    {
        404: "product_unknown, no_campaign",
        409: "no_plan, campaign_over",
        422: "invalid_fields",
    },
)
@blueprint.arguments(OutlookQuery, location="query")
@blueprint.response(200, OutlookSchema)
def read_product_earnings(query: dict[str, Any], product_id: str) -> dict[str, Any]:
    """What do I earn on each variant of this product, and by which rule?"""
    outlook = prospects.of_product(
        guard.employee_id(), product_id, clock.now(), query.get("campaign")
    )
    return _show(outlook, spoken(query))


@blueprint.route("/shop/earnings")
@described.errors(
    blueprint,
    {404: "no_campaign", 409: "no_plan, campaign_over", 422: "invalid_fields"},
)
@blueprint.arguments(OutlookQuery, location="query")
@blueprint.response(200, OutlookSchema)
def read_shop_earnings(query: dict[str, Any]) -> dict[str, Any]:
    """What do I earn on the goods in my shop? Empty without a shop, or with nothing in it."""
    outlook = prospects.of_shop(guard.employee_id(), clock.now(), query.get("campaign"))
    return _show(outlook, spoken(query))


def _show(outlook: Outlook, language: Language) -> dict[str, Any]:
    currency = settings().chain_currency
    return {
        "plan_version": outlook.plan_version,
        "first_order_bonus": money(outlook.bonus, currency),
        "order_cap": None if outlook.order_cap is None else money(outlook.order_cap, currency),
        "service_bonus": money(outlook.service_bonus, currency),
        "variants": [
            {
                "product": each.product,
                "variant": each.variant,
                "option": each.option_zh if language == "zh" else each.option_en,
                "price": money(each.price, currency),
                "earnings": [_show_one(one, currency, language) for one in each.prospects],
            }
            for each in outlook.variants
        ],
    }


def _show_one(prospect: Prospect, currency: str, language: Language) -> dict[str, Any]:
    return {
        "buyer": prospect.buyer,
        "amount": money(prospect.amount, currency),
        "boost": money(prospect.made.boost, currency),
        "rule": prospect.made.rule.position if prospect.made.rule else None,
        "words": say_made(prospect.made, currency, language),
    }
