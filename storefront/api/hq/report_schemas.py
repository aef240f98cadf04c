"""What headquarters asks about figures, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from marshmallow import fields, validate

from storefront.api.figures import AMOUNTS, COUNTS, TotalsSchema, show_totals
from storefront.api.periods import PeriodQuery, PeriodSchema
from storefront.api.schemas import MoneySchema, PageQuery, Schema, Time, list_of, money, text
from storefront.core.csvfile import Cell
from storefront.core.money import format_amount
from storefront.insights.report import ChainReport
from storefront.insights.scope import Period
from storefront.insights.totals import Group, Grouping

REPORT_COUNTS = (
    "orders",
    "orders_credited",
    "order_lines",
    "units",
    "customers_credited",
    "units_returned",
)
REPORT_AMOUNTS = (
    "sales",
    "sales_credited",
    "refunded",
    "commission_accrued",
    "commission_reversed",
    "commission_paid",
    "still_due",
    "owed_by_employees",
)
STORE = {"example": "sto_7kqdx2fm9rtv4hjp"}


class ScopeQuery(PeriodQuery):
    """Which days, and whose; at most one of region, store and employee."""

    region = text(32, metadata={"example": "EAST", "description": "A region's code"})
    store = text(40, metadata=STORE)
    employee = text(40, metadata={"example": "emp_7kqdx2fm9rtv4hjp"})


class GroupsQuery(ScopeQuery, PageQuery):
    """Which days, whose, and a row for each what."""

    group = fields.Enum(Grouping, by_value=True, required=True)


class GroupsFileQuery(ScopeQuery):
    """Which days, whose, and a row for each what."""

    group = fields.Enum(Grouping, by_value=True, required=True)


class OneTotalSchema(Schema):
    """Figures of a period."""

    period = fields.Nested(PeriodSchema)
    as_of = Time()
    totals = fields.Nested(TotalsSchema)


class GroupSchema(Schema):
    """The figures of one employee, store, region or month."""

    code = fields.String(
        metadata={"example": "S01", "description": "Empty: sold at the chain's own front"}
    )
    name_zh = fields.String()
    name_en = fields.String()
    totals = fields.Nested(TotalsSchema)


class GroupPage(Schema):
    """Some rows of a table of figures."""

    period = fields.Nested(PeriodSchema)
    as_of = Time()
    group = fields.Enum(Grouping, by_value=True)
    items = list_of(GroupSchema)
    next = fields.String(allow_none=True)


class PaidBatchSchema(Schema):
    """A payout batch that was paid."""

    close = fields.Date(metadata={"description": "The day whose beginning was its cutoff"})
    payees = fields.Integer()
    total = fields.Nested(MoneySchema)


class EmployeeFiguresSchema(Schema):
    """What one employee's sales came to."""

    number = fields.String(metadata={"example": "E0001"})
    commission_net = fields.Nested(MoneySchema)
    paid = fields.Nested(MoneySchema)


class ChainReportSchema(Schema):
    """The figures that headquarters closes its books with."""

    period = fields.Nested(PeriodSchema)
    as_of = Time()
    orders = fields.Integer()
    orders_credited = fields.Integer()
    order_lines = fields.Integer()
    units = fields.Integer()
    sales = fields.Nested(MoneySchema)
    sales_credited = fields.Nested(MoneySchema)
    customers_credited = fields.Integer()
    units_returned = fields.Integer()
    refunded = fields.Nested(MoneySchema)
    commission_accrued = fields.Nested(MoneySchema)
    commission_reversed = fields.Nested(MoneySchema)
    commission_paid = fields.Nested(MoneySchema)
    still_due = fields.Nested(MoneySchema, metadata={"description": "As of now"})
    owed_by_employees = fields.Nested(MoneySchema, metadata={"description": "As of now"})
    payouts = list_of(PaidBatchSchema)
    employees = list_of(EmployeeFiguresSchema, validate=validate.Length(0))


def show_report(report: ChainReport, period: Period, currency: str) -> dict[str, Any]:
    """The chain's report as its schema's document."""
    return {
        "period": period,
        **{name: getattr(report, name) for name in REPORT_COUNTS},
        **{name: money(getattr(report, name), currency) for name in REPORT_AMOUNTS},
        "payouts": [
            {
                "close": batch.close,
                "payees": batch.payees,
                "total": money(batch.total, currency),
            }
            for batch in report.payouts
        ],
        "employees": [
            {
                "number": number,
                "commission_net": money(figures.commission_net, currency),
                "paid": money(figures.paid, currency),
            }
            for number, figures in report.employees.items()
        ],
    }


def show_group(group: Group, currency: str) -> dict[str, Any]:
    """A row of a table of figures as its schema's document."""
    return {
        "code": group.code,
        "name_zh": group.name_zh,
        "name_en": group.name_en,
        "totals": show_totals(group.totals, currency),
    }


GROUP_COLUMNS = ("code", "name_zh", "name_en", *COUNTS, *AMOUNTS, "cost_ratio", "currency")


def group_rows(groups: Iterable[Group], currency: str) -> Iterator[list[Cell]]:
    """Rows of a table of figures for a file; the ratio is a decimal, empty where there is none."""
    for group in groups:
        ratio = group.totals.cost_ratio
        yield [
            group.code,
            group.name_zh,
            group.name_en,
            *(getattr(group.totals, name) for name in COUNTS),
            *(format_amount(getattr(group.totals, name), currency) for name in AMOUNTS),
            None if ratio is None else format_ratio(ratio),
            currency,
        ]


REPORT_COLUMNS = ("figure", "value", "currency")


def report_rows(report: ChainReport, currency: str) -> Iterator[list[Cell]]:
    """The chain's report, a figure a row; counts have no currency."""
    for name in REPORT_COUNTS:
        yield [name, getattr(report, name), None]
    for name in REPORT_AMOUNTS:
        yield [name, format_amount(getattr(report, name), currency), currency]


def format_ratio(basis_points: int) -> str:
    """`0.0487` for 487."""
    sign = "-" if basis_points < 0 else ""
    return f"{sign}{abs(basis_points) // 10_000}.{abs(basis_points) % 10_000:04}"
