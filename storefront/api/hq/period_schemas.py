"""Periods and their reconciliation as headquarters sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate

from storefront.api.schemas import MoneySchema, PageQuery, Schema, Time, list_of, money, text
from storefront.commissions.closing import employees_left
from storefront.commissions.period_models import Period, PeriodState
from storefront.commissions.reconciliation import FIGURES, Figures, Reconciliation


class PeriodFiguresSchema(Schema):
    """opening + earned - reversed + adjusted + settled - paid = closing."""

    opening = fields.Nested(MoneySchema)
    earned = fields.Nested(MoneySchema)
    reversed = fields.Nested(MoneySchema)
    adjusted = fields.Nested(MoneySchema)
    settled = fields.Nested(
        MoneySchema, metadata={"description": "What tiers and caps of the months came to"}
    )
    paid = fields.Nested(MoneySchema)
    closing = fields.Nested(MoneySchema)
    difference = fields.Nested(MoneySchema, metadata={"description": "0, or the books are broken"})


class ChainPeriodSchema(Schema):
    """A month of the chain's calendar, in its time zone."""

    name = fields.String(metadata={"example": "2026-03"})
    starts_at = Time()
    ends_at = Time(metadata={"description": "The first instant that is not in it"})
    state = fields.Enum(PeriodState, by_value=True)
    begun_at = Time(allow_none=True)
    closed_at = Time(allow_none=True)
    employees_left = fields.Integer(
        allow_none=True, metadata={"description": "While it is closing: whose turn has not come"}
    )
    statements = fields.Integer()
    figures = fields.Nested(
        PeriodFiguresSchema, allow_none=True, metadata={"description": "Once it is closed"}
    )


class ChainPeriodPage(Schema):
    """Some periods, the latest first."""

    items = list_of(ChainPeriodSchema)
    next = fields.String(allow_none=True)


class StoreReconciliationSchema(Schema):
    """The statements of one store's employees."""

    company = fields.String(metadata={"description": "Empty: none was given to the store"})
    store = fields.String(metadata={"example": "S01"})
    store_name_zh = fields.String()
    store_name_en = fields.String()
    statements = fields.Integer()
    figures = fields.Nested(PeriodFiguresSchema)
    debts = fields.Nested(
        MoneySchema, metadata={"description": "In `closing` already, as what it lessens"}
    )


class ReconciliationSchema(Schema):
    """Statements, ledger and payroll's file side by side."""

    period = fields.String(metadata={"example": "2026-03"})
    time_zone = fields.String(metadata={"example": "Asia/Shanghai"})
    as_of = Time()
    stores = list_of(StoreReconciliationSchema)
    statements = fields.Integer()
    chain = fields.Nested(PeriodFiguresSchema, metadata={"description": "All statements"})
    ledger = fields.Nested(
        PeriodFiguresSchema, metadata={"description": "The same out of the ledger alone"}
    )
    exported = fields.Nested(MoneySchema, metadata={"description": "The sum of payroll's file"})
    difference = fields.Nested(
        MoneySchema, metadata={"description": "Whatever the three differ by: 0"}
    )


class PayrollQuery(Schema):
    """Which rows of payroll's file."""

    company = text(200, 0, metadata={"description": "Only of this company; empty: of none"})
    store = text(32, metadata={"description": "Only of this store, by its code"})


class StatementsQuery(PageQuery):
    """Which statements of a period."""

    store = text(32, metadata={"description": "Only of this store, by its code"})


class ReissuedStatement(Schema):
    """Why a statement is issued anew."""

    reason = text(500, required=True, metadata={"example": "The name was misspelt."})


class PeriodPageQuery(PageQuery):
    """Which page of periods; a month each, so one page is enough for years."""

    limit = fields.Integer(load_default=24, validate=validate.Range(1, 200))


def show_period(period: Period) -> dict[str, Any]:
    """A period for `ChainPeriodSchema`."""
    closed = period.state is PeriodState.CLOSED
    figures = Figures(**{name: getattr(period, name) for name in FIGURES})
    return {
        "name": period.name,
        "starts_at": period.starts_at,
        "ends_at": period.ends_at,
        "state": period.state,
        "begun_at": period.begun_at,
        "closed_at": period.closed_at,
        "employees_left": (employees_left(period) if period.state is PeriodState.CLOSING else None),
        "statements": period.statements,
        "figures": show_figures(figures, period.currency) if closed else None,
    }


def show_figures(figures: Figures, currency: str) -> Mapping[str, Any]:
    """Figures for `PeriodFiguresSchema`."""
    return {name: money(getattr(figures, name), currency) for name in (*FIGURES, "difference")}


def show_reconciliation(table: Reconciliation, currency: str) -> dict[str, Any]:
    """The table for `ReconciliationSchema`, without what it is about."""
    return {
        "stores": [
            {
                "company": line.company,
                "store": line.store_code,
                "store_name_zh": line.store_name_zh,
                "store_name_en": line.store_name_en,
                "statements": line.statements,
                "figures": show_figures(line.figures, currency),
                "debts": money(line.debts, currency),
            }
            for line in table.stores
        ],
        "statements": table.statements,
        "chain": show_figures(table.chain, currency),
        "ledger": show_figures(table.ledger, currency),
        "exported": money(table.exported, currency),
        "difference": money(table.difference, currency),
    }
