"""Reconciliation: a closed period's statements, the ledger and payroll's file, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions import payroll_export
from storefront.commissions.issuing import COLUMNS, OWED, SUMS
from storefront.commissions.models import Account, LedgerEntry, LedgerTransaction
from storefront.commissions.period_models import Period, PeriodState
from storefront.commissions.statement_models import Statement
from storefront.core.database import db
from storefront.core.errors import Conflict

_entries = cast(sa.Table, LedgerEntry.__table__)
_periods = cast(sa.Table, Period.__table__)
_statements = cast(sa.Table, Statement.__table__)
_transactions = cast(sa.Table, LedgerTransaction.__table__)

FIGURES = ("opening", *SUMS, "closing")
"""The figures of a line, in the order in which they add up."""


@dataclass(frozen=True, slots=True)
class Figures:
    """opening + earned - reversed + adjusted + settled - paid = closing, in minor units."""

    opening: int
    earned: int
    reversed: int
    adjusted: int
    settled: int
    paid: int
    closing: int

    @property
    def difference(self) -> int:
        """What is missing on the left to make both sides equal: always 0."""
        left = self.opening + self.earned - self.reversed
        return left + self.adjusted + self.settled - self.paid - self.closing


@dataclass(frozen=True, slots=True)
class StoreLine:
    """The statements of one store's employees."""

    company: str
    store_code: str
    store_name_zh: str
    store_name_en: str
    statements: int
    figures: Figures
    debts: int
    """What employees of it owe at the end; in `closing`, as a negative amount, already."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One period's table."""

    stores: Sequence[StoreLine]
    statements: int
    chain: Figures
    """All statements."""
    ledger: Figures
    """The same out of the ledger's entries alone."""
    exported: int
    """What payroll's file for the period sums to."""

    @property
    def difference(self) -> int:
        """What any of the three differ by, in all: 0, or the books are broken."""
        between = (abs(getattr(self.chain, name) - getattr(self.ledger, name)) for name in FIGURES)
        return (
            abs(self.chain.difference)
            + abs(self.ledger.difference)
            + sum(between)
            + abs(self.chain.paid - self.exported)
        )


def reconcile(period: Period) -> Reconciliation:
    """The table of a closed period. Raises Conflict `period_not_closed`."""
    if period.state is not PeriodState.CLOSED:
        raise Conflict("period_not_closed", f"Close {period.name} first: its figures still move.")
    stores = _stores(period)
    sums = {name: sum(getattr(line.figures, name) for line in stores) for name in FIGURES}
    return Reconciliation(
        stores=stores,
        statements=sum(line.statements for line in stores),
        chain=Figures(**sums),
        ledger=_ledger(period),
        exported=sum(row.income for row in payroll_export.rows_of(period)),
    )


def _stores(period: Period) -> list[StoreLine]:
    keys = (
        _statements.c.company,
        _statements.c.store_code,
        _statements.c.store_name_zh,
        _statements.c.store_name_en,
    )
    closing = _statements.c.closing_held + _statements.c.closing_payable
    owed_back = sa.case((closing < 0, -closing), else_=0)
    amounts: Sequence[sa.ColumnElement[int]] = (
        _statements.c.opening_held + _statements.c.opening_payable,
        *(_statements.c[name] for name in SUMS),
        closing,
    )
    rows = db.session.execute(
        sa.select(
            *keys,
            sa.func.count(),
            *(sa.func.sum(amount) for amount in amounts),
            sa.func.sum(owed_back),
        )
        .where(_statements.c.period_id == period.id, _statements.c.revoked_at.is_(None))
        .group_by(*keys)
        .order_by(*keys)
    ).all()
    return [_line(row) for row in rows]


def _line(row: sa.Row[*tuple[Any, ...]]) -> StoreLine:
    company, code, name_zh, name_en, count, *amounts, debts = row
    figures = Figures(*(int(amount) for amount in amounts))
    return StoreLine(company, code, name_zh, name_en, count, figures, int(debts))


def _ledger(period: Period) -> Figures:
    """The figures out of the entries: what was owed before, what moved, what is owed after."""
    rows = db.session.execute(
        sa.select(_transactions.c.kind, sa.func.sum(_entries.c.amount))
        .join(_transactions, _transactions.c.id == _entries.c.transaction_id)
        .where(_entries.c.period_id == period.id, _entries.c.account.in_(OWED))
        .group_by(_transactions.c.kind)
    )
    moved: dict[str, int] = dict.fromkeys(SUMS, 0)
    for kind, amount in rows:
        if kind in COLUMNS:
            column, sign = COLUMNS[kind]
            moved[column] += sign * int(amount)
    # What went out is booked on its own account too: the two must agree.
    moved["paid"] = _sum(_entries.c.period_id == period.id, (Account.PAID,))
    earlier = sa.select(_periods.c.id).where(_periods.c.starts_at < period.starts_at)
    opening = _sum(_entries.c.period_id.in_(earlier), OWED)
    closing = opening + _sum(_entries.c.period_id == period.id, OWED)
    return Figures(opening=opening, closing=closing, **moved)


def _sum(condition: sa.ColumnElement[bool], accounts: Sequence[Account]) -> int:
    total = db.session.scalar(
        sa.select(sa.func.sum(_entries.c.amount)).where(condition, _entries.c.account.in_(accounts))
    )
    return int(total or 0)


def as_document(figures: Figures) -> Mapping[str, int]:
    """The figures by name, with the difference."""
    return {
        **{name: getattr(figures, name) for name in FIGURES},
        "difference": figures.difference,
    }
