"""Totals as sellers and headquarters see them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from storefront.api.schemas import MoneySchema, Schema, money
from storefront.insights.totals import Totals

AMOUNTS = (
    "sales",
    "sales_credited",
    "refunded",
    "net_sales",
    "accrued",
    "reversed",
    "commission_net",
    "released",
    "paid",
)
COUNTS = ("orders", "orders_credited", "lines", "units", "units_returned", "new_customers")


class TotalsSchema(Schema):
    """Figures of a period. Refunds and reversals count on their own day."""

    orders = fields.Integer(metadata={"description": "Paid orders, by the day of payment"})
    orders_credited = fields.Integer(metadata={"description": "Those credited to somebody"})
    lines = fields.Integer()
    units = fields.Integer()
    sales = fields.Nested(MoneySchema)
    sales_credited = fields.Nested(MoneySchema)
    units_returned = fields.Integer()
    refunded = fields.Nested(MoneySchema)
    net_sales = fields.Nested(MoneySchema)
    accrued = fields.Nested(MoneySchema)
    reversed = fields.Nested(MoneySchema)
    commission_net = fields.Nested(MoneySchema)
    released = fields.Nested(MoneySchema)
    paid = fields.Nested(MoneySchema)
    new_customers = fields.Integer(
        metadata={"description": "Customers whose first paid order ever this was"}
    )
    cost_ratio = fields.Integer(
        allow_none=True,
        metadata={
            "description": "Net commission in basis points of net credited sales; null without any",
            "example": 487,
        },
    )


def show_totals(totals: Totals, currency: str) -> dict[str, Any]:
    """Totals as their schema's document."""
    return {
        **{name: getattr(totals, name) for name in COUNTS},
        **{name: money(getattr(totals, name), currency) for name in AMOUNTS},
        "cost_ratio": totals.cost_ratio,
    }
