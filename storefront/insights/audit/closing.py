"""Periods and statements: each entry stated once, each statement true to the book, none missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from storefront.commissions.adjustment_models import AdjustmentState
from storefront.commissions.issuing import COLUMNS, OWED, SUMS
from storefront.commissions.models import Account, TransactionKind
from storefront.commissions.period_models import Period, PeriodState
from storefront.insights.audit.invariant import Asked, differs, or_nothing, query, total, unless
from storefront.insights.audit.tables import (
    adjustments,
    employees,
    entries,
    periods,
    statements,
    transactions,
)

Question = sa.Select[*tuple[Any, ...]]

_opening = statements.c.opening_held + statements.c.opening_payable
_closing = statements.c.closing_held + statements.c.closing_payable
_stands = statements.c.revoked_at.is_(None)


def statements_that_do_not_add_up(_: Asked) -> Question:
    """Opening + earned - reversed + adjusted + settled - paid = closing, on every statement."""
    sum_of_parts = (
        _opening
        + statements.c.earned
        - statements.c.reversed
        + statements.c.adjusted
        + statements.c.settled
        - statements.c.paid
    )
    return sa.select(
        statements.c.code,
        statements.c.employee_number,
        _opening.label("opening"),
        _closing.label("closing"),
        (sum_of_parts - _closing).label("difference"),
    ).where(unless(sum_of_parts == _closing))


def _column(name: str) -> sa.ColumnElement[int]:
    """What the book says of one column of a statement."""
    signs: Iterable[tuple[TransactionKind, int]] = (
        (kind, sign) for kind, (column, sign) in COLUMNS.items() if column == name
    )
    return sa.case(
        *((transactions.c.kind == kind, sign * entries.c.amount) for kind, sign in signs), else_=0
    )


def statements_unlike_ledger(_: Asked) -> Question:
    """A statement's figures are the sums of the entries that its period claimed."""
    owed = entries.c.account.in_(OWED)
    booked = (
        sa.select(
            entries.c.period_id,
            entries.c.employee_id,
            *(sa.func.sum(sa.case((owed, _column(name)), else_=0)).label(name) for name in SUMS),
            *(
                sa.func.sum(sa.case((entries.c.account == each, entries.c.amount), else_=0)).label(
                    f"on_{each.value}"
                )
                for each in (*OWED, Account.PAID)
            ),
        )
        .join(transactions, transactions.c.id == entries.c.transaction_id)
        .where(entries.c.period_id.is_not(None))
        .group_by(entries.c.period_id, entries.c.employee_id)
        .subquery()
    )
    moved_held = statements.c.closing_held - statements.c.opening_held
    moved_payable = statements.c.closing_payable - statements.c.opening_payable
    return (
        sa.select(
            statements.c.code,
            statements.c.employee_number,
            *(statements.c[name] for name in SUMS),
            *(or_nothing(booked.c[name]).label(f"{name}_in_book") for name in SUMS),
        )
        .outerjoin(
            booked,
            sa.and_(
                booked.c.period_id == statements.c.period_id,
                booked.c.employee_id == statements.c.employee_id,
            ),
        )
        .where(
            sa.or_(
                *(differs(statements.c[name], or_nothing(booked.c[name])) for name in SUMS),
                differs(moved_held, or_nothing(booked.c.on_held)),
                differs(moved_payable, or_nothing(booked.c.on_payable)),
                # What went out of what is owed is what was paid.
                differs(statements.c.paid, or_nothing(booked.c.on_paid)),
            )
        )
    )


def entries_without_statement(_: Asked) -> Question:
    """Every entry that a close claimed is on exactly one standing statement of that period."""
    # While it is closing, employees whose turn has not come have neither claims nor statement.
    standing = (
        sa.select(
            statements.c.period_id, statements.c.employee_id, sa.func.count().label("statements")
        )
        .where(_stands)
        .group_by(statements.c.period_id, statements.c.employee_id)
        .subquery()
    )
    claimed = (
        sa.select(entries.c.period_id, entries.c.employee_id, sa.func.count().label("entries"))
        .where(entries.c.period_id.is_not(None))
        .group_by(entries.c.period_id, entries.c.employee_id)
        .subquery()
    )
    return (
        sa.select(
            claimed.c.period_id,
            claimed.c.employee_id,
            claimed.c.entries,
            or_nothing(standing.c.statements).label("statements"),
        )
        .outerjoin(
            standing,
            sa.and_(
                standing.c.period_id == claimed.c.period_id,
                standing.c.employee_id == claimed.c.employee_id,
            ),
        )
        .where(differs(or_nothing(standing.c.statements), 1))
    )


def entries_claimed_out_of_turn(_: Asked) -> Question:
    """A close claims nothing from after its end, and leaves nothing behind that it saw."""
    return (
        sa.select(entries.c.id, entries.c.key, entries.c.at, periods.c.name)
        .join(periods, periods.c.id == entries.c.period_id)
        .where(
            sa.or_(unless(entries.c.at < periods.c.ends_at), periods.c.state == PeriodState.OPEN)
        )
    )


def statements_that_do_not_chain(_: Asked) -> Question:
    """A statement opens with what the employee's statement of the period before closed with."""
    earlier, before = statements.alias("earlier"), periods.alias("before")
    return (
        sa.select(
            statements.c.code,
            statements.c.employee_number,
            statements.c.opening_held,
            statements.c.opening_payable,
            earlier.c.closing_held,
            earlier.c.closing_payable,
        )
        .join(periods, periods.c.id == statements.c.period_id)
        .outerjoin(before, before.c.ends_at == periods.c.starts_at)
        .outerjoin(
            earlier,
            sa.and_(
                earlier.c.period_id == before.c.id,
                earlier.c.employee_id == statements.c.employee_id,
                earlier.c.revoked_at.is_(None),
            ),
        )
        .where(
            sa.or_(
                differs(statements.c.opening_held, or_nothing(earlier.c.closing_held)),
                differs(statements.c.opening_payable, or_nothing(earlier.c.closing_payable)),
            )
        )
    )


def balances_without_a_next_statement(_: Asked) -> Question:
    """Whoever ended a period with a balance has a statement of the next one, once it is closed."""
    later, after = statements.alias("later"), periods.alias("after")
    return (
        sa.select(statements.c.code, statements.c.employee_number, _closing.label("closing"))
        .join(periods, periods.c.id == statements.c.period_id)
        .join(after, after.c.starts_at == periods.c.ends_at)
        .outerjoin(
            later,
            sa.and_(
                later.c.period_id == after.c.id,
                later.c.employee_id == statements.c.employee_id,
                later.c.revoked_at.is_(None),
            ),
        )
        .where(
            _stands,
            after.c.state == PeriodState.CLOSED,
            sa.or_(statements.c.closing_held != 0, statements.c.closing_payable != 0),
            later.c.id.is_(None),
        )
    )


def periods_unlike_their_statements(_: Asked) -> Question:
    """A closed period's totals are those of its standing statements, and add up."""
    names = {
        **{name: statements.c[name] for name in SUMS},
        "opening": _opening,
        "closing": _closing,
    }
    sums = (
        sa.select(
            statements.c.period_id,
            sa.func.count().label("statements"),
            *(sa.func.sum(column).label(name) for name, column in names.items()),
        )
        .where(_stands)
        .group_by(statements.c.period_id)
        .subquery()
    )
    return (
        sa.select(
            periods.c.name,
            periods.c.statements,
            or_nothing(sums.c.statements).label("written"),
            periods.c.closing,
            or_nothing(sums.c.closing).label("closing_of_statements"),
        )
        .outerjoin(sums, sums.c.period_id == periods.c.id)
        .where(
            periods.c.state == PeriodState.CLOSED,
            sa.or_(
                *(
                    differs(periods.c[name], or_nothing(sums.c[name]))
                    for name in ("statements", *names)
                )
            ),
        )
    )


def periods_out_of_order(_: Asked) -> Question:
    """Periods follow each other without a gap, and close in order."""
    before = aliased(Period)
    earlier = sa.select(sa.func.min(periods.c.starts_at)).scalar_subquery()
    return (
        sa.select(Period.name, Period.state, before.state.label("state_before"))
        .outerjoin(before, before.ends_at == Period.starts_at)
        .where(
            sa.or_(
                sa.and_(before.id.is_(None), Period.starts_at != earlier),
                sa.and_(Period.state != PeriodState.OPEN, before.state != PeriodState.CLOSED),
                sa.and_(Period.state == PeriodState.CLOSED, Period.closed_at.is_(None)),
                Period.closed_at < Period.ends_at,
            )
        )
    )


def statements_that_are_revoked_wrongly(_: Asked) -> Question:
    """A revoked statement names the one that replaced it: of the same employee and period."""
    new = statements.alias("new")
    return (
        sa.select(statements.c.code, statements.c.revoked_at, new.c.code.label("replaced_by"))
        .outerjoin(new, new.c.id == statements.c.replaced_by_id)
        .where(
            sa.or_(
                sa.and_(~_stands, new.c.id.is_(None)),
                sa.and_(_stands, statements.c.replaced_by_id.is_not(None)),
                new.c.period_id != statements.c.period_id,
                new.c.employee_id != statements.c.employee_id,
            )
        )
    )


def adjustments_unlike_ledger(_: Asked) -> Question:
    """An approved adjustment is in the book once and whole, and no other is."""
    posted = (
        sa.select(entries.c.adjustment_id, total(entries.c.amount).label("amount"))
        .where(entries.c.account == Account.PAYABLE, entries.c.adjustment_id.is_not(None))
        .group_by(entries.c.adjustment_id)
        .subquery()
    )
    expected = sa.case(
        (adjustments.c.state == AdjustmentState.APPROVED, adjustments.c.amount), else_=0
    )
    return (
        sa.select(
            adjustments.c.public_id,
            adjustments.c.state,
            adjustments.c.amount,
            or_nothing(posted.c.amount).label("in_book"),
        )
        .outerjoin(posted, posted.c.adjustment_id == adjustments.c.id)
        .where(differs(or_nothing(posted.c.amount), expected))
    )


def adjustments_seen_by_one(_: Asked) -> Question:
    """Nobody approved or rejected an adjustment that they proposed, or that concerns them."""
    decided = adjustments.c.state.in_([AdjustmentState.APPROVED, AdjustmentState.REJECTED])
    return (
        sa.select(adjustments.c.public_id, adjustments.c.state, employees.c.number)
        .join(employees, employees.c.id == adjustments.c.employee_id)
        .where(
            sa.or_(
                sa.and_(decided, adjustments.c.created_by_id == adjustments.c.decided_by_id),
                sa.and_(decided, adjustments.c.employee_id == adjustments.c.decided_by_id),
                sa.and_(decided, adjustments.c.decided_at.is_(None)),
            )
        )
    )


INVARIANTS = (
    query(8, "statements add up", statements_that_do_not_add_up),
    query(8, "statements equal the ledger", statements_unlike_ledger),
    query(8, "claimed entries are on one statement", entries_without_statement),
    query(8, "entries are claimed in turn", entries_claimed_out_of_turn),
    query(8, "statements follow each other", statements_that_do_not_chain),
    query(8, "balances are carried forward", balances_without_a_next_statement),
    query(8, "periods equal their statements", periods_unlike_their_statements),
    query(8, "periods close in order", periods_out_of_order),
    query(8, "revoked statements name another", statements_that_are_revoked_wrongly),
    query(8, "adjustments equal the ledger", adjustments_unlike_ledger),
    query(23, "four eyes on adjustments", adjustments_seen_by_one),
)
