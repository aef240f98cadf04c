"""My months: what this one would come to, and what earlier ones came to and why."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from storefront.api import described
from storefront.api.languages import LanguageQuery, language_field, spoken
from storefront.api.pagination import key_of, page
from storefront.api.schemas import MoneySchema, PageQuery, Schema, Time, list_of, money
from storefront.api.seller import guard
from storefront.api.settlement_schemas import MONTH, SettlementSchema, show_settlement
from storefront.commissions import settlements
from storefront.commissions.month_so_far import month_so_far
from storefront.commissions.rules.months import Tier
from storefront.commissions.settlement_words import explain_so_far
from storefront.core import clock
from storefront.core.settings import settings

blueprint = guard.blueprint("seller_months", "earnings", "What whole months add and take off")


class ReachedTierSchema(Schema):
    """A tier by the month's net sales."""

    start = fields.Nested(MoneySchema, data_key="from")
    extra = fields.Integer(metadata={"example": 200, "description": "In basis points"})


class MonthSoFarSchema(Schema):
    """What my month would come to if it ended now. It is settled when it closes."""

    month = fields.String(metadata=MONTH)
    as_of = Time()
    ends_at = Time()
    is_estimate = fields.Boolean(metadata={"example": True})
    plan_version = fields.Integer(
        allow_none=True, metadata={"example": 3, "description": "By which the month is settled"}
    )
    net_sales = fields.Nested(
        MoneySchema, metadata={"description": "Paid less what was paid back, by my shares"}
    )
    commission = fields.Nested(
        MoneySchema, metadata={"description": "Of the month's sales, less what was taken back"}
    )
    tier = fields.Nested(
        ReachedTierSchema, allow_none=True, metadata={"description": "Null: none is reached"}
    )
    next_tier = fields.Nested(
        ReachedTierSchema, allow_none=True, metadata={"description": "Null: there is none"}
    )
    missing = fields.Nested(
        MoneySchema, allow_none=True, metadata={"description": "Net sales, to the next tier"}
    )
    extra = fields.Nested(MoneySchema, metadata={"description": "What tiers would add"})
    cut = fields.Nested(MoneySchema, metadata={"description": "What the cap would take off"})
    words = list_of(fields.String(), metadata={"description": "The same in sentences"})


class MonthsQuery(PageQuery):
    """Which of my months to list."""

    language = language_field()


class SettlementPage(Schema):
    """Some of my months, the latest first."""

    items = list_of(SettlementSchema)
    next = fields.String(allow_none=True)


@blueprint.route("/month")
@described.errors(blueprint, {422: "invalid_fields"})
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.response(200, MonthSoFarSchema)
def read_month(query: dict[str, Any]) -> dict[str, Any]:
    """What would I reach this month, and what is missing to the next tier? An estimate."""
    now, currency, language = clock.now(), settings().chain_currency, spoken(query)
    found = month_so_far(guard.employee_id(), now, settings().chain_time_zone)
    result = found.result
    return {
        "month": found.key,
        "as_of": now,
        "ends_at": found.ends_at,
        "is_estimate": True,
        "plan_version": found.version,
        "net_sales": money(result.net, currency),
        "commission": money(result.commission, currency),
        "tier": _show_tier(found.tier, currency),
        "next_tier": _show_tier(found.following, currency),
        "missing": None if found.missing is None else money(found.missing, currency),
        "extra": money(result.extra, currency),
        "cut": money(result.cut, currency),
        "words": explain_so_far(found.key, found.terms, result, currency, language),
    }


def _show_tier(tier: Tier | None, currency: str) -> dict[str, Any] | None:
    return {"start": money(tier.start, currency), "extra": tier.extra} if tier else None


@blueprint.route("/months")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(MonthsQuery, location="query")
@blueprint.response(200, SettlementPage)
def list_months(query: dict[str, Any]) -> dict[str, Any]:
    """What did my months add or take off, and why? The latest first."""
    limit, language = query["limit"], spoken(query)
    found = settlements.of_employee(guard.employee_id(), key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda said: said.id, lambda said: show_settlement(said, language))
