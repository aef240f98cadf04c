"""Roll-ups: every figure of every day is the count of what happened on it."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from storefront.commissions.models import TAKING_BACK, Account, TransactionKind
from storefront.insights.audit.invariant import Asked, query
from storefront.insights.audit.shares import share_of
from storefront.insights.audit.tables import (
    accruals,
    credits_,
    customers,
    entries,
    lines,
    orders,
    payouts,
    return_lines,
    returns,
    sales_days,
    service_bonuses,
    touches,
    transactions,
    visits_days,
    visits_folded,
)
from storefront.insights.days import local_day
from storefront.insights.models import NOBODY
from storefront.insights.visits import by_day
from storefront.orders.models import OrderState

Question = sa.Select[*tuple[Any, ...]]
Number = sa.ColumnElement[Any]

SOLD = ("orders", "orders_shared", "lines", "units", "sales")
BACK = ("units_returned", "refunded")
EARNED = ("accrued", "reversed", "released")


def _day(moment: sa.ColumnElement[Any], asked: Asked) -> sa.ColumnElement[date]:
    return local_day(moment, asked.time_zone, asked.now)


_standing = sa.select(credits_).where(credits_.c.superseded_by_id.is_(None)).subquery()
"""The shares under which sales and returns are counted."""

_employee = sa.func.coalesce(_standing.c.employee_id, NOBODY).label("employee_id")
_store = sa.func.coalesce(_standing.c.store_id, NOBODY).label("store_id")
_first = sa.func.coalesce(_standing.c.position, 0) == 0


def _if(condition: sa.ColumnElement[bool], amount: Any) -> Number:
    return sa.case((condition, amount), else_=0)


def _part(amount: Number) -> Number:
    return sa.case((_standing.c.id.is_(None), amount), else_=share_of(amount, _standing))


def _lines_with_shares() -> sa.FromClause:
    return lines.join(orders, orders.c.id == lines.c.order_id).outerjoin(
        _standing, _standing.c.order_line_id == lines.c.id
    )


def _rolled_up(measures: tuple[str, ...]) -> Question:
    return sa.select(
        sales_days.c.day,
        sales_days.c.employee_id,
        sales_days.c.store_id,
        *(sales_days.c[name] for name in measures),
    )


def _unequal(measures: tuple[str, ...], *raw: Question) -> Question:
    """Days of somebody on which the roll-up less the raw counts leaves something.

    The rows of `raw` name day, employee and store, and give each measure with its sign turned.
    """
    both = sa.union_all(_rolled_up(measures), *raw).subquery()
    keys = (both.c.day, both.c.employee_id, both.c.store_id)
    differences = [sa.func.sum(both.c[name]).label(name) for name in measures]
    return (
        sa.select(*keys, *differences)
        .group_by(*keys)
        .having(sa.or_(*(difference.is_distinct_from(0) for difference in differences)))
    )


def sales_unlike_orders(asked: Asked) -> Question:
    """Orders, lines, pieces and sales of a day are those of the orders that were paid on it."""
    day = _day(orders.c.paid_at, asked).label("day")
    nothing = sa.literal(0)
    sold = (
        sa.select(
            day,
            _employee,
            _store,
            nothing,
            nothing,
            -_if(_first, 1),
            -_if(_first, lines.c.quantity),
            -_part(lines.c.net),
        )
        .select_from(_lines_with_shares())
        .where(orders.c.paid_at.is_not(None))
    )
    sharers = _sharers(day)
    opening = sharers.c.place == 1
    shared = sa.select(
        sharers.c.day,
        sharers.c.employee_id,
        sharers.c.store_id,
        -_if(opening, 1),
        -_if(~opening, 1),
        nothing,
        nothing,
        nothing,
        # Beside somebody who is credited, nobody has no part in an order.
    ).where(sa.or_(opening, sharers.c.store_id != NOBODY))
    return _unequal(SOLD, sold, shared)


def _sharers(*columns: sa.ColumnElement[Any]) -> sa.Subquery:
    """Who shares in each paid order, once each, with their place: the first credited opens it."""
    first_met = sa.func.min(
        # Whoever is credited comes before nobody, however far down the order.
        sa.case((_standing.c.id.is_(None), 1_000_000_000), else_=0)
        + lines.c.position * 1_000
        + sa.func.coalesce(_standing.c.position, 0)
    )
    met = (
        sa.select(
            *columns, orders.c.id.label("order_id"), _employee, _store, first_met.label("met")
        )
        .select_from(_lines_with_shares())
        .where(orders.c.paid_at.is_not(None))
        .group_by(*columns, orders.c.id, _standing.c.employee_id, _standing.c.store_id)
        .subquery()
    )
    place = sa.func.row_number().over(partition_by=met.c.order_id, order_by=met.c.met)
    return sa.select(met, place.label("place")).subquery()


def returns_unlike_orders(asked: Asked) -> Question:
    """Pieces and money that went back on a day are those of its returns and cancellations."""
    returned = sa.select(
        _day(returns.c.at, asked).label("day"),
        _employee,
        _store,
        -_if(_first, return_lines.c.quantity),
        -_part(return_lines.c.amount),
    ).select_from(
        _lines_with_shares()
        .join(return_lines, return_lines.c.order_line_id == lines.c.id)
        .join(returns, returns.c.id == return_lines.c.return_id)
    )
    cancelled = (
        sa.select(
            _day(orders.c.cancelled_at, asked).label("day"),
            _employee,
            _store,
            -_if(_first, lines.c.quantity),
            -_part(lines.c.net),
        )
        .select_from(_lines_with_shares())
        .where(orders.c.state == OrderState.CANCELLED, orders.c.paid_at.is_not(None))
    )
    return _unequal(BACK, returned, cancelled)


def commission_unlike_ledger(asked: Asked) -> Question:
    """Commission accrued, reversed and released on a day is what the ledger says of it."""
    accrued = sa.select(
        _day(accruals.c.at, asked).label("day"),
        accruals.c.employee_id,
        accruals.c.store_id,
        -accruals.c.amount,
        sa.literal(0),
        sa.literal(0),
    )
    served = sa.select(
        _day(service_bonuses.c.at, asked).label("day"),
        service_bonuses.c.employee_id,
        service_bonuses.c.store_id,
        -service_bonuses.c.amount,
        sa.literal(0),
        sa.literal(0),
    )
    kind = transactions.c.kind
    moved = (
        sa.select(
            _day(transactions.c.at, asked).label("day"),
            entries.c.employee_id,
            sa.func.coalesce(accruals.c.store_id, service_bonuses.c.store_id).label("store_id"),
            sa.literal(0),
            _if(kind.in_(TAKING_BACK), entries.c.amount),
            -_if(
                (kind == TransactionKind.RELEASE) & (entries.c.account == Account.PAYABLE),
                entries.c.amount,
            ),
        )
        .select_from(entries)
        .join(transactions, transactions.c.id == entries.c.transaction_id)
        .outerjoin(accruals, accruals.c.id == entries.c.accrual_id)
        .outerjoin(service_bonuses, service_bonuses.c.id == entries.c.service_bonus_id)
        .where(sa.or_(accruals.c.id.is_not(None), service_bonuses.c.id.is_not(None)))
    )
    return _unequal(EARNED, accrued, served, moved)


def payments_unlike_payouts(asked: Asked) -> Question:
    """What was paid to somebody on a day is what their payouts of that day come to."""
    # By employee alone: the store is the one they belonged to that day, which is kept nowhere else.
    rolled_up = sa.select(sales_days.c.day, sales_days.c.employee_id, sales_days.c.paid)
    raw = (
        sa.select(
            _day(transactions.c.at, asked).label("day"), payouts.c.employee_id, -entries.c.amount
        )
        .select_from(entries)
        .join(transactions, transactions.c.id == entries.c.transaction_id)
        .join(payouts, payouts.c.id == entries.c.payout_id)
        .where(
            transactions.c.kind.in_([TransactionKind.PAYOUT, TransactionKind.PAYOUT_RETURN]),
            entries.c.account == Account.PAID,
        )
    )
    both = sa.union_all(rolled_up, raw).subquery()
    keys = (both.c.day, both.c.employee_id)
    difference = sa.func.sum(both.c.paid)
    return (
        sa.select(*keys, difference.label("paid"))
        .group_by(*keys)
        .having(difference.is_distinct_from(0))
    )


def new_customers_unlike_customers(asked: Asked) -> Question:
    """New customers of a day are those whose first payment was on it."""
    rolled_up = sa.select(sales_days.c.day, sales_days.c.new_customers)
    raw = sa.select(_day(customers.c.first_paid_at, asked).label("day"), sa.literal(-1)).where(
        customers.c.first_paid_at.is_not(None)
    )
    both = sa.union_all(rolled_up, raw).subquery()
    difference = sa.func.sum(both.c.new_customers)
    return (
        sa.select(both.c.day, difference.label("new_customers"))
        .group_by(both.c.day)
        .having(difference.is_distinct_from(0))
    )


def new_customers_of_others(asked: Asked) -> Question:
    """Nobody has more new customers on a day than first payments were credited to them."""
    # "At most", as two orders of one customer may be paid in the same instant, and one of them
    # counts. With the sum over all right, somebody with too few means somebody with too many.
    sharers = _sharers(
        _day(orders.c.paid_at, asked).label("day"), orders.c.customer_id, orders.c.paid_at
    )
    raw = (
        sa.select(sharers.c.day, sharers.c.employee_id, sharers.c.store_id, sharers.c.customer_id)
        .join(
            customers,
            sa.and_(
                customers.c.id == sharers.c.customer_id,
                customers.c.first_paid_at == sharers.c.paid_at,
            ),
        )
        .where(sharers.c.place == 1)
        .distinct()
        .subquery()
    )
    # Added up and not joined: SQLite would compare every day of everybody with every other.
    names = ("day", "employee_id", "store_id")
    both = sa.union_all(
        sa.select(
            *(sales_days.c[name] for name in names), sales_days.c.new_customers, sa.literal(0)
        ),
        sa.select(*(raw.c[name] for name in names), sa.literal(0), sa.literal(1)),
    ).subquery()
    keys = [both.c[name] for name in names]
    counted, most = (sa.func.sum(column) for column in list(both.c)[len(names) :])
    return (
        sa.select(*keys, counted.label("new_customers"), most.label("most"))
        .group_by(*keys)
        .having(counted > most)
    )


def visits_unlike_touches(asked: Asked) -> Question:
    """Visits of a link on a day are its touches of that day, as far as they are folded."""
    folded = sa.select(sa.func.coalesce(sa.func.max(visits_folded.c.touch_id), 0))
    counted = by_day(touches.c.id <= folded.scalar_subquery(), asked.now).subquery()
    names = ("day", "link_id", "uncounted", "employee_id")
    both = sa.union_all(
        sa.select(*(visits_days.c[name] for name in names), visits_days.c.visits),
        sa.select(*(counted.c[name] for name in names), -counted.c.visits),
    ).subquery()
    keys = [both.c[name] for name in names]
    difference = sa.func.sum(both.c.visits)
    return (
        sa.select(*keys, difference.label("visits"))
        .group_by(*keys)
        .having(difference.is_distinct_from(0))
    )


INVARIANTS = (
    query(18, "daily sales equal the orders", sales_unlike_orders),
    query(18, "daily returns equal the returns", returns_unlike_orders),
    query(18, "daily commission equals the ledger", commission_unlike_ledger),
    query(18, "daily payouts equal the ledger", payments_unlike_payouts),
    query(18, "daily new customers equal the customers", new_customers_unlike_customers),
    query(18, "new customers are their seller's", new_customers_of_others),
    query(18, "daily visits equal the touches", visits_unlike_touches),
)
