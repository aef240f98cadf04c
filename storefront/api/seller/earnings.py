"""What I earned: my balance and its entries, the orders behind them, and what my links brought."""

from __future__ import annotations

from typing import Any

from storefront.api import described
from storefront.api.figures import show_totals
from storefront.api.languages import LanguageQuery, spoken
from storefront.api.pagination import key_of, page
from storefront.api.periods import PeriodQuery, period_of
from storefront.api.seller import guard
from storefront.api.seller.earnings_schemas import (
    BalanceSchema,
    CreditedOrderPage,
    CreditedOrderSchema,
    EntriesQuery,
    EntryPage,
    LinkFiguresPage,
    LinkFiguresQuery,
    OrdersQuery,
    OwnTotalsSchema,
    show_balance,
    show_credited,
    show_entry,
    show_link_figures,
)
from storefront.core import clock
from storefront.core.settings import settings
from storefront.insights import credited, earnings, links, totals
from storefront.insights.scope import Scope

blueprint = guard.blueprint("seller_earnings", "earnings", "What I earned, and why")


@blueprint.route("")
@blueprint.response(200, BalanceSchema)
def read_balance() -> dict[str, Any]:
    """How much is held, due, on its way and paid?"""
    balance = earnings.balance_of(guard.employee_id())
    return {**show_balance(balance, settings().chain_currency), "as_of": clock.now()}


@blueprint.route("/entries")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(EntriesQuery, location="query")
@blueprint.response(200, EntryPage)
def read_entries(query: dict[str, Any]) -> dict[str, Any]:
    """List the movements on my accounts, the latest first; an account is the sum of its own."""
    limit, language = query["limit"], spoken(query)
    entries = earnings.entries_of(
        guard.employee_id(), key_of(query.get("after")), limit + 1, query.get("account")
    )
    return page(entries, limit, lambda entry: entry.id, lambda entry: show_entry(entry, language))


@blueprint.route("/orders")
@described.errors(blueprint, {422: "wrong_cursor, invalid_fields"})
@blueprint.arguments(OrdersQuery, location="query")
@blueprint.response(200, CreditedOrderPage)
def read_orders(query: dict[str, Any]) -> dict[str, Any]:
    """List the orders credited to me, the latest first, with the verdict in words."""
    limit = query["limit"]
    orders = credited.credited_orders(guard.employee_id(), key_of(query.get("after")), limit + 1)
    return page(
        orders, limit, lambda order: order.order_id, lambda order: _show_order(order, query)
    )


@blueprint.route("/orders/<order_id>")
@described.errors(blueprint, {404: "order_not_found", 422: "invalid_fields"})
@blueprint.arguments(LanguageQuery, location="query")
@blueprint.response(200, CreditedOrderSchema)
def read_order(query: dict[str, Any], order_id: str) -> dict[str, Any]:
    """Look at one order credited to me."""
    return _show_order(credited.credited_order(guard.employee_id(), order_id), query)


@blueprint.route("/links")
@described.errors(blueprint, {422: "wrong_cursor, wrong_period, invalid_fields"})
@blueprint.arguments(LinkFiguresQuery, location="query")
@blueprint.response(200, LinkFiguresPage)
def read_links(query: dict[str, Any]) -> dict[str, Any]:
    """What did each of my links bring: visits, orders, sales?"""
    limit, currency = query["limit"], settings().chain_currency
    figures = links.figures_of(
        guard.employee_id(), key_of(query.get("after")), limit + 1, period_of(query)
    )
    return page(
        figures,
        limit,
        lambda each: each.link.id,
        lambda each: show_link_figures(each, currency),
    )


@blueprint.route("/totals")
@described.errors(blueprint, {422: "wrong_period, invalid_fields"})
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, OwnTotalsSchema)
def read_totals(query: dict[str, Any]) -> dict[str, Any]:
    """What did I sell and earn in a period?"""
    period = period_of(query)
    mine = totals.totals(period, Scope(employee_id=guard.employee_id()))
    return {
        "period": period,
        "as_of": clock.now(),
        "totals": show_totals(mine, settings().chain_currency),
    }


def _show_order(order: credited.CreditedOrder, query: dict[str, Any]) -> dict[str, Any]:
    return show_credited(order, guard.employee_id(), spoken(query), settings().chain_time_zone)
