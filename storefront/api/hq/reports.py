"""Figures: of the chain, and per employee, store, region and month; as documents and as files."""

from __future__ import annotations

import logging
from typing import Any

from flask import Response

from storefront.api import described
from storefront.api.csv_files import CSV, csv_answer
from storefront.api.figures import show_totals
from storefront.api.hq import guard
from storefront.api.hq.report_schemas import (
    GROUP_COLUMNS,
    REPORT_COLUMNS,
    ChainReportSchema,
    GroupPage,
    GroupsFileQuery,
    GroupsQuery,
    OneTotalSchema,
    ScopeQuery,
    group_rows,
    report_rows,
    show_group,
    show_report,
)
from storefront.api.pagination import key_of, page
from storefront.api.periods import PeriodQuery, period_of
from storefront.core import clock
from storefront.core.csvfile import write_rows
from storefront.core.errors import Invalid
from storefront.core.settings import settings
from storefront.insights import report, totals
from storefront.insights.scope import CHAIN, Scope
from storefront.staff import service, stores

log = logging.getLogger(__name__)

blueprint = guard.blueprint("hq_reports", "reports", "What was sold, earned and paid")

SCOPE_ERRORS = {
    404: "region_not_found, store_not_found, employee_not_found",
    422: "wrong_period, wrong_scope, wrong_cursor, invalid_fields",
}


@blueprint.route("/chain")
@described.errors(blueprint, {422: "wrong_period, invalid_fields"})
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, ChainReportSchema)
def read_chain_report(query: dict[str, Any]) -> dict[str, Any]:
    """The chain's closing figures, with every paid batch and every seller."""
    period = period_of(query)
    shown = show_report(report.report(period), period, settings().chain_currency)
    return {**shown, "as_of": clock.now()}


@blueprint.route("/chain.csv")
@described.errors(blueprint, {422: "wrong_period, invalid_fields"})
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, {"type": "string"}, content_type=CSV)
def save_chain_report(query: dict[str, Any]) -> Response:
    """Save the chain's closing figures, one a row."""
    rows = report_rows(report.report(period_of(query)), settings().chain_currency)
    return _saved("chain", query, write_rows(REPORT_COLUMNS, rows))


@blueprint.route("/totals")
@described.errors(blueprint, SCOPE_ERRORS)
@blueprint.arguments(ScopeQuery, location="query")
@blueprint.response(200, OneTotalSchema)
def read_totals(query: dict[str, Any]) -> dict[str, Any]:
    """The figures of the chain, or of one region, store or employee, in a period."""
    period = period_of(query)
    found = totals.totals(period, _scope(query))
    return {
        "period": period,
        "as_of": clock.now(),
        "totals": show_totals(found, settings().chain_currency),
    }


@blueprint.route("/groups")
@described.errors(blueprint, SCOPE_ERRORS)
@blueprint.arguments(GroupsQuery, location="query")
@blueprint.response(200, GroupPage)
def read_groups(query: dict[str, Any]) -> dict[str, Any]:
    """The figures of each employee, store, region or month that has some."""
    period, limit, currency = period_of(query), query["limit"], settings().chain_currency
    groups = totals.grouped(
        query["group"],
        period,
        _scope(query),
        after=key_of(query.get("after")),
        limit=limit + 1,
    )
    shown = page(groups, limit, lambda group: group.key, lambda group: show_group(group, currency))
    return {"period": period, "as_of": clock.now(), "group": query["group"], **shown}


@blueprint.route("/groups.csv")
@described.errors(blueprint, SCOPE_ERRORS)
@blueprint.arguments(GroupsFileQuery, location="query")
@blueprint.response(200, {"type": "string"}, content_type=CSV)
def save_groups(query: dict[str, Any]) -> Response:
    """Save the figures of all employees, stores, regions or months, without a row of sums."""
    groups = totals.grouped(query["group"], period_of(query), _scope(query))
    rows = group_rows(groups, settings().chain_currency)
    return _saved(query["group"].value, query, write_rows(GROUP_COLUMNS, rows))


def _scope(query: dict[str, Any]) -> Scope:
    named = [name for name in ("region", "store", "employee") if name in query]
    if len(named) > 1:
        raise Invalid("wrong_scope", "Name a region, a store or an employee: one of them.")
    if "region" in query:
        return Scope(region_id=stores.find_region(query["region"]).id)
    if "store" in query:
        return Scope(store_id=stores.find_store(query["store"]).id)
    if "employee" in query:
        return Scope(employee_id=service.find(query["employee"]).id)
    return CHAIN


def _saved(what: str, query: dict[str, Any], pieces: Any) -> Response:
    days = f"{query.get('start') or 'ever'}-{query.get('end') or 'now'}"
    log.info("employee %s exported %s of %s", guard.employee_id(), what, days)
    return csv_answer(pieces, f"{what}-{days}.csv")
