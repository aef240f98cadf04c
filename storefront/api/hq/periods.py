"""The chain's months: their close, their statements, their reconciliation, payroll's file."""

from __future__ import annotations

from typing import Any

from flask import Response

from storefront import sales
from storefront.api import described
from storefront.api.csv_files import CSV, csv_answer
from storefront.api.hq import guard
from storefront.api.hq.payouts import FINANCE
from storefront.api.hq.period_schemas import (
    ChainPeriodPage,
    ChainPeriodSchema,
    PayrollQuery,
    PeriodPageQuery,
    ReconciliationSchema,
    ReissuedStatement,
    StatementsQuery,
    show_period,
    show_reconciliation,
)
from storefront.api.idempotency import idempotent
from storefront.api.pagination import key_of, page
from storefront.api.statement_schemas import (
    CommissionStatementPage,
    CommissionStatementSchema,
    show_statement,
)
from storefront.commissions import payroll_export, periods, reconciliation, statements
from storefront.commissions.payroll_export import PayrollFilter
from storefront.core import clock
from storefront.core.errors import NotFound
from storefront.core.settings import settings

blueprint = guard.blueprint("hq_periods", "periods", "Months, closed in order and once")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.route("")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(PeriodPageQuery, location="query")
@blueprint.response(200, ChainPeriodPage)
def list_periods(query: dict[str, Any]) -> dict[str, Any]:
    """List periods, the latest first."""
    guard.require_role(*FINANCE)
    limit = query["limit"]
    found = periods.listed(key_of(query.get("after")), limit + 1)
    return page(found, limit, lambda period: period.id, show_period)


@blueprint.route("/<period>")
@described.errors(blueprint, {404: "period_not_found"})
@blueprint.response(200, ChainPeriodSchema)
def read_period(period: str) -> dict[str, Any]:
    """Look at one period; while it is closing, see how far it has come."""
    guard.require_role(*FINANCE)
    return show_period(periods.find(period))


@blueprint.route("/<period>/close", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "period_not_found",
        409: "period_closed, period_not_over, earlier_period_open, batch_out",
        422: "idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.response(202, ChainPeriodSchema)
def close_period(period: str) -> dict[str, Any]:
    """Close a period that is over; a worker goes on with it until it is closed.

    Its statements are written, its entries never count anywhere else, and what comes late falls
    into the next one. A close decides nothing, so that one person is enough; it cannot be undone.
    """
    guard.require_role(*FINANCE)
    return show_period(sales.begin_close(period, guard.actor(), clock.now()))


@blueprint.route("/<period>/reconciliation")
@described.errors(blueprint, {404: "period_not_found", 409: "period_not_closed"})
@blueprint.response(200, ReconciliationSchema)
def read_reconciliation(period: str) -> dict[str, Any]:
    """Compare a closed period's statements, store by store, with the ledger and payroll's file."""
    guard.require_role(*FINANCE)
    found = periods.find(period)
    return {
        "period": found.name,
        "time_zone": settings().chain_time_zone,
        "as_of": clock.now(),
        **show_reconciliation(reconciliation.reconcile(found), found.currency),
    }


@blueprint.route("/<period>/statements")
@described.errors(blueprint, {404: "period_not_found", 422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(StatementsQuery, location="query")
@blueprint.response(200, CommissionStatementPage)
def list_statements(query: dict[str, Any], period: str) -> dict[str, Any]:
    """List a period's statements in the order they were issued, revoked ones too."""
    guard.require_role(*FINANCE)
    limit, after = query["limit"], key_of(query.get("after"))
    found = statements.of_period(periods.find(period), after, limit + 1, query.get("store"))
    return page(found, limit, lambda each: each.id, show_statement)


@blueprint.route("/<period>/statements/<statement_code>/reissue", methods=["POST"])
@described.errors(
    blueprint,
    {
        404: "period_not_found, statement_not_found",
        409: "statement_revoked",
        422: "invalid_fields, idempotency_key_reused",
    },
)
@described.takes_idempotency_key(blueprint)
@idempotent(lambda: f"employee {guard.employee_id()}")
@blueprint.arguments(ReissuedStatement)
@blueprint.response(201, CommissionStatementSchema)
def reissue_statement(given: dict[str, Any], period: str, statement_code: str) -> dict[str, Any]:
    """Revoke a statement, and issue another with the names as they are now and the same figures.

    A wrong amount is put right by an adjustment in the open period, never here.
    """
    guard.require_role(*FINANCE)
    if statements.find(statement_code).period.name != periods.find(period).name:
        raise NotFound("statement_not_found", "There is no such statement in this period.")
    new = statements.reissue(statement_code, given["reason"], guard.actor(), clock.now())
    return show_statement(statements.find(new.code))


@blueprint.route("/<period>/payroll.csv")
@described.errors(
    blueprint, {404: "period_not_found", 409: "period_not_closed", 422: "invalid_fields"}
)
@blueprint.arguments(PayrollQuery, location="query")
@blueprint.response(200, {"type": "string"}, content_type=CSV)
def save_payroll_csv(query: dict[str, Any], period: str) -> Response:
    """Save what a closed period paid to whom, with the columns of the tax client's sheet."""
    guard.require_role(*FINANCE)
    found, chosen = periods.find(period), _chosen(query)
    rows = payroll_export.rows_of(found, chosen)
    payroll_export.log_export(guard.employee_id(), found, "csv", chosen, len(rows))
    return csv_answer(payroll_export.as_csv(rows), f"payroll-{found.name}.csv")


@blueprint.route("/<period>/payroll.xlsx")
@described.errors(
    blueprint, {404: "period_not_found", 409: "period_not_closed", 422: "invalid_fields"}
)
@blueprint.arguments(PayrollQuery, location="query")
@blueprint.response(200, {"type": "string", "format": "binary"}, content_type=XLSX)
def save_payroll_workbook(query: dict[str, Any], period: str) -> Response:
    """Save the same as a workbook: a sheet per company, totals, and what it is about."""
    guard.require_role(*FINANCE)
    found, chosen = periods.find(period), _chosen(query)
    rows = payroll_export.rows_of(found, chosen)
    payroll_export.log_export(guard.employee_id(), found, "xlsx", chosen, len(rows))
    file = payroll_export.as_workbook(rows, found, chosen, clock.now())
    answer = Response(file, content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="payroll-{found.name}.xlsx"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _chosen(query: dict[str, Any]) -> PayrollFilter:
    return PayrollFilter(query.get("company"), query.get("store"))
