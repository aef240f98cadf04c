"""The book: transactions balance, and say of each accrual what the accrual says of itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.commissions.models import TAKING_BACK, Account, TransactionKind
from storefront.insights.audit.invariant import (
    Asked,
    differs,
    or_nothing,
    query,
    seconds_between,
    unless,
)
from storefront.insights.audit.shares import part_so_far, share_of
from storefront.insights.audit.tables import (
    accruals,
    credits_,
    employees,
    entries,
    lines,
    orders,
    transactions,
)
from storefront.orders.models import OrderState

Question = sa.Select[*tuple[Any, ...]]


def unbalanced_transactions(_: Asked) -> Question:
    """Every ledger transaction sums to zero in each currency."""
    difference = sa.func.sum(entries.c.amount)
    return (
        sa.select(
            entries.c.transaction_id,
            sa.func.min(transactions.c.cause).label("cause"),
            entries.c.currency,
            difference.label("difference"),
        )
        .outerjoin(transactions, transactions.c.id == entries.c.transaction_id)
        .group_by(entries.c.transaction_id, entries.c.currency)
        .having(differs(difference, 0))
    )


def empty_transactions(_: Asked) -> Question:
    """There is no ledger transaction without entries."""
    has_entries = sa.exists().where(entries.c.transaction_id == transactions.c.id)
    return sa.select(transactions.c.id, transactions.c.kind, transactions.c.cause).where(
        ~has_entries
    )


def entries_without_cause(_: Asked) -> Question:
    """What is held names its accrual or service bonus; what is payable may name the settlement of a
    month, an adjustment or a payout instead; what is paid names its payout.
    """
    # A payout that came back is due again, for any payout to claim: its own is in the entry's key.
    came_back = transactions.c.kind == TransactionKind.PAYOUT_RETURN
    earned = sa.func.coalesce(entries.c.accrual_id, entries.c.service_bonus_id)
    payout = entries.c.payout_id
    named = sa.func.coalesce(earned, entries.c.settlement_id, entries.c.adjustment_id, payout)
    statement = sa.select(entries.c.id, entries.c.key, entries.c.account, entries.c.amount)
    return statement.outerjoin(transactions, transactions.c.id == entries.c.transaction_id).where(
        sa.or_(
            sa.and_(entries.c.account == Account.HELD, earned.is_(None)),
            sa.and_(entries.c.account == Account.PAYABLE, named.is_(None), ~came_back),
            sa.and_(entries.c.account == Account.PAID, payout.is_(None)),
            entries.c.account.not_in(list(Account)),
        )
    )


def _posted() -> sa.Subquery:
    """What the book says of each accrual."""

    def sum_of(condition: sa.ColumnElement[bool], name: str) -> sa.Label[int]:
        return sa.func.sum(sa.case((condition, entries.c.amount), else_=0)).label(name)

    kind, account = transactions.c.kind, entries.c.account
    return (
        sa.select(
            entries.c.accrual_id,
            sum_of(kind == TransactionKind.ACCRUAL, "accrued"),
            sum_of(kind.in_(TAKING_BACK), "reversed"),
            sum_of(account == Account.HELD, "held"),
            sum_of(account == Account.PAYABLE, "payable"),
            sa.func.min(entries.c.employee_id).label("first_employee_id"),
            sa.func.max(entries.c.employee_id).label("last_employee_id"),
        )
        .join(transactions, transactions.c.id == entries.c.transaction_id)
        .where(entries.c.accrual_id.is_not(None))
        .group_by(entries.c.accrual_id)
        .subquery()
    )


def accruals_unlike_their_entries(_: Asked) -> Question:
    """Amount, reversed, held and payable of an accrual are the sums of its entries."""
    posted = _posted()
    left = accruals.c.amount - accruals.c.reversed
    released = accruals.c.released_at.is_not(None)
    return (
        sa.select(
            accruals.c.id.label("accrual_id"),
            accruals.c.order_line_id,
            accruals.c.amount,
            accruals.c.reversed,
            accruals.c.released_at,
            posted.c.accrued.label("accrued_in_book"),
            (-posted.c.reversed).label("reversed_in_book"),
            posted.c.held,
            posted.c.payable,
        )
        .outerjoin(posted, posted.c.accrual_id == accruals.c.id)
        .where(
            sa.or_(
                differs(or_nothing(posted.c.accrued), accruals.c.amount),
                differs(-or_nothing(posted.c.reversed), accruals.c.reversed),
                differs(or_nothing(posted.c.held), sa.case((released, 0), else_=left)),
                differs(or_nothing(posted.c.payable), sa.case((released, left), else_=0)),
                posted.c.first_employee_id != accruals.c.employee_id,
                posted.c.last_employee_id != accruals.c.employee_id,
            )
        )
    )


def credits_accrued_twice(_: Asked) -> Question:
    """No credit is accrued twice."""
    return (
        sa.select(accruals.c.credit_id, sa.func.count().label("accruals"))
        .group_by(accruals.c.credit_id)
        .having(sa.func.count() > 1)
    )


def accruals_unlike_their_credit(_: Asked) -> Question:
    """An accrual has its credit's order, line, employee and store, and its share of the net."""
    base = share_of(lines.c.net, credits_)
    return (
        sa.select(
            accruals.c.id.label("accrual_id"),
            accruals.c.credit_id,
            accruals.c.base,
            base.label("share_of_net"),
        )
        .outerjoin(credits_, credits_.c.id == accruals.c.credit_id)
        .outerjoin(lines, lines.c.id == credits_.c.order_line_id)
        .where(
            sa.or_(
                differs(credits_.c.order_id, accruals.c.order_id),
                differs(credits_.c.order_line_id, accruals.c.order_line_id),
                differs(credits_.c.employee_id, accruals.c.employee_id),
                differs(credits_.c.store_id, accruals.c.store_id),
                differs(base, accruals.c.base),
            )
        )
    )


def credits_without_accrual(_: Asked) -> Question:
    """Whatever is credited to an employee has its accrual."""
    return (
        sa.select(
            credits_.c.id.label("credit_id"),
            orders.c.number,
            lines.c.position,
            employees.c.number.label("employee"),
        )
        .outerjoin(orders, orders.c.id == credits_.c.order_id)
        .outerjoin(lines, lines.c.id == credits_.c.order_line_id)
        .outerjoin(employees, employees.c.id == credits_.c.employee_id)
        .outerjoin(accruals, accruals.c.credit_id == credits_.c.id)
        .where(credits_.c.employee_id.is_not(None), accruals.c.id.is_(None))
    )


def reversed_beyond_accrual(_: Asked) -> Question:
    """Never more is reversed than was accrued."""
    posted = _posted()
    in_book = -or_nothing(posted.c.reversed)
    return (
        sa.select(
            accruals.c.id.label("accrual_id"),
            accruals.c.order_line_id,
            accruals.c.amount,
            accruals.c.reversed,
            in_book.label("reversed_in_book"),
        )
        .outerjoin(posted, posted.c.accrual_id == accruals.c.id)
        .where(
            unless(
                sa.and_(
                    accruals.c.reversed >= 0,
                    accruals.c.reversed <= accruals.c.amount,
                    in_book <= accruals.c.amount,
                )
            )
        )
    )


def reversed_out_of_proportion(_: Asked) -> Question:
    """What is reversed of an accrual is its amount times pieces back by pieces sold; of one that
    gave way to others, all.
    """
    pieces_back = sa.case(
        (orders.c.state == OrderState.CANCELLED, lines.c.quantity),
        else_=lines.c.returned_quantity,
    )
    due_back = sa.case(
        (accruals.c.superseded_at.is_not(None), accruals.c.amount),
        else_=part_so_far(accruals.c.amount, pieces_back, lines.c.quantity),
    )
    return (
        sa.select(
            accruals.c.id.label("accrual_id"),
            orders.c.number,
            lines.c.position,
            accruals.c.amount,
            pieces_back.label("pieces_back"),
            lines.c.quantity,
            accruals.c.reversed,
            due_back.label("expected"),
        )
        .join(lines, lines.c.id == accruals.c.order_line_id)
        .join(orders, orders.c.id == accruals.c.order_id)
        .where(differs(accruals.c.reversed, due_back))
    )


def accruals_out_of_step_with_order(_: Asked) -> Question:
    """Commission is accrued on paid orders only, and due so many days after the hand-over."""
    handed_over = orders.c.handed_over_at.is_not(None)
    held = seconds_between(orders.c.handed_over_at, accruals.c.due_at)
    return (
        sa.select(
            accruals.c.id.label("accrual_id"),
            orders.c.number,
            orders.c.state,
            orders.c.handed_over_at,
            accruals.c.due_at,
            accruals.c.released_at,
        )
        .join(orders, orders.c.id == accruals.c.order_id)
        .where(
            sa.or_(
                orders.c.paid_at.is_(None),
                sa.and_(~handed_over, accruals.c.due_at.is_not(None)),
                sa.and_(
                    handed_over, unless(sa.func.abs(held - accruals.c.hold_days * 86_400) <= 1)
                ),
            )
        )
    )


def released_before_due(_: Asked) -> Question:
    """Nothing is released before it is due, or without ever falling due."""
    return sa.select(
        accruals.c.id.label("accrual_id"),
        accruals.c.order_line_id,
        accruals.c.due_at,
        accruals.c.released_at,
    ).where(
        accruals.c.released_at.is_not(None),
        unless(accruals.c.due_at <= accruals.c.released_at),
    )


INVARIANTS = (
    query(1, "ledger transactions balance", unbalanced_transactions),
    query(1, "ledger transactions have entries", empty_transactions),
    query(1, "ledger entries have their cause", entries_without_cause),
    query(2, "accruals equal their entries", accruals_unlike_their_entries),
    query(3, "one accrual per credit", credits_accrued_twice),
    query(3, "accruals fit their credit", accruals_unlike_their_credit),
    query(4, "credits have their accrual", credits_without_accrual),
    query(5, "reversals within the accrual", reversed_beyond_accrual),
    query(5, "reversals in proportion", reversed_out_of_proportion),
    query(6, "released when due", released_before_due),
    query(6, "due from the hand-over on", accruals_out_of_step_with_order),
)
