"""What a month came to, as its employee and headquarters read it."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from storefront.api.schemas import MoneySchema, Schema, list_of, money
from storefront.commissions.settlement_words import SaidSettlement, explain
from storefront.core.languages import Language
from storefront.core.settings import settings

MONTH = {"example": "2026-03"}


class SettlementSchema(Schema):
    """What a month came to when it was settled, or settled anew with a later one."""

    month = fields.String(metadata=MONTH | {"description": "What it is about"})
    posted_in = fields.String(
        metadata={"example": "2026-04", "description": "In whose books it stands"}
    )
    plan_version = fields.Integer(metadata={"example": 3})
    net_sales = fields.Nested(MoneySchema)
    commission = fields.Nested(MoneySchema)
    extra = fields.Nested(MoneySchema, metadata={"description": "What the tiers add"})
    cut = fields.Nested(MoneySchema, metadata={"description": "What the month's cap takes off"})
    before = fields.Nested(
        MoneySchema, metadata={"description": "What was posted for the month until then"}
    )
    amount = fields.Nested(MoneySchema, metadata={"description": "Posted: extra - cut - before"})
    words = list_of(fields.String(), metadata={"description": "The same in sentences"})


def show_settlement(said: SaidSettlement, language: Language) -> dict[str, Any]:
    """A settlement as its schema's document."""
    currency = settings().chain_currency
    amounts = ("net_sales", "commission", "extra", "cut", "before", "amount")
    return {
        "month": said.month,
        "posted_in": said.posted_in,
        "plan_version": said.version,
        **{name: money(getattr(said, name), currency) for name in amounts},
        "words": explain(said, currency, language),
    }
