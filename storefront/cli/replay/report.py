"""The replay's figures as one JSON object: read back through what the HQ console reads."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from storefront.cli.replay.goods import LeftOut
from storefront.insights.report import report

KEYS = (
    "orders",
    "orders_credited",
    "order_lines",
    "units",
    "sales",
    "sales_credited",
    "customers_credited",
    "lines_not_goods",
    "lines_not_a_sale",
    "lines_bad_price",
    "invoices_without_goods",
    "adjustment_invoices_skipped",
    "cancellation_invoices",
    "cancellation_lines",
    "cancellation_lines_not_goods",
    "cancellation_lines_without_customer",
    "units_returned",
    "units_unmatched",
    "refunded",
    "commission_accrued",
    "commission_reversed",
    "commission_paid",
    "still_due",
    "owed_by_employees",
    "payouts",
    "employees",
)
"""In the order in which they are written; `seconds` and `requests` follow."""


def figures(left_out: LeftOut, *, seconds: float, requests: int) -> dict[str, Any]:
    """All figures; only what the shop never saw, and the two costs, are the replay's own."""
    known = asdict(report()) | asdict(left_out)
    known["payouts"] = [
        {**payout, "close": payout["close"].isoformat()} for payout in known["payouts"]
    ]
    costs = {"seconds": round(seconds, 1), "requests": requests}
    return {key: known[key] for key in KEYS} | costs
