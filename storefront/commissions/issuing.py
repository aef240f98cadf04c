"""Writing statements: the sums of what a close has claimed, for many employees at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions import proof
from storefront.commissions.models import (
    Account,
    Accrual,
    CommissionPlan,
    LedgerEntry,
    LedgerTransaction,
    TransactionKind,
)
from storefront.commissions.period_models import Period
from storefront.commissions.statement_models import Statement
from storefront.core.database import db
from storefront.core.ids import random_text
from storefront.staff.models import Employee, Store

_accruals = cast(sa.Table, Accrual.__table__)
_employees = cast(sa.Table, Employee.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_plans = cast(sa.Table, CommissionPlan.__table__)
_statements = cast(sa.Table, Statement.__table__)
_stores = cast(sa.Table, Store.__table__)
_transactions = cast(sa.Table, LedgerTransaction.__table__)

CODE_LENGTH = 20
"""Some 96 random bits: nobody meets a statement by trying."""

OWED = (Account.HELD, Account.PAYABLE)
"""The accounts that a statement balances."""

COLUMNS: Mapping[TransactionKind, tuple[str, int]] = {
    TransactionKind.ACCRUAL: ("earned", 1),
    TransactionKind.SERVICE: ("earned", 1),
    TransactionKind.REVERSAL: ("reversed", -1),
    TransactionKind.REATTRIBUTION: ("reversed", -1),
    TransactionKind.ADJUSTMENT: ("adjusted", 1),
    TransactionKind.SETTLEMENT: ("settled", 1),
    TransactionKind.PAYOUT: ("paid", -1),
    TransactionKind.PAYOUT_RETURN: ("paid", -1),
}
"""Which column a movement of what is owed counts in, and with which sign. A release moves it from
held to payable, and counts in none."""

SUMS = ("earned", "reversed", "adjusted", "settled", "paid")


@dataclass(frozen=True, slots=True)
class Range:
    """Employees by row number: behind `after`, up to and with `last`."""

    after: int
    last: int

    def holds(self, employee_id: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether somebody is one of them."""
        return sa.and_(employee_id > self.after, employee_id <= self.last)

    @classmethod
    def of(cls, employee_id: int) -> Range:
        """Somebody alone."""
        return cls(employee_id - 1, employee_id)


class _Sums:
    """One employee's movements within a period."""

    def __init__(self, opening_held: int = 0, opening_payable: int = 0) -> None:
        self.opening_held, self.opening_payable = opening_held, opening_payable
        self.columns: dict[str, int] = dict.fromkeys((*SUMS, "released"), 0)
        self.moved: dict[Account, int] = dict.fromkeys(OWED, 0)

    def add(self, kind: TransactionKind, account: Account, amount: int) -> None:
        """Count a sum of entries of one kind on one account."""
        self.moved[account] += amount
        if kind is TransactionKind.RELEASE:
            self.columns["released"] += amount if account is Account.PAYABLE else 0
            return
        column, sign = COLUMNS[kind]
        self.columns[column] += sign * amount

    def as_row(self) -> dict[str, int]:
        """The statement's amounts."""
        return {
            **self.columns,
            "opening_held": self.opening_held,
            "opening_payable": self.opening_payable,
            "closing_held": self.opening_held + self.moved[Account.HELD],
            "closing_payable": self.opening_payable + self.moved[Account.PAYABLE],
        }


def issue(period: Period, before: Period | None, these: Range, now: datetime) -> int:
    """Write the statements of these employees within the caller's transaction; how many.

    Whoever has an entry that the period claimed gets one, and whoever brings a balance along from
    the period `before`.
    """
    sums = _opening(before, these)
    for employee_id, kind, account, amount in _movements(period, these):
        sums[employee_id].add(kind, account, int(amount))
    if not sums:
        return 0
    versions = _plan_versions(period, these)
    rows = [
        {
            **_people_row(person),
            **sums[person.id].as_row(),
            "code": random_text(CODE_LENGTH),
            "period_id": period.id,
            "currency": period.currency,
            "issued_at": now,
            "plan_versions": versions.get(person.id, []),
        }
        for person in _people(these)
        if person.id in sums
    ]
    proof.seal(rows, period)
    db.session.execute(sa.insert(_statements), rows)
    return len(rows)


def _opening(before: Period | None, these: Range) -> dict[int, _Sums]:
    """What was left at the end of the period before, for whom anything was."""
    sums: dict[int, _Sums] = defaultdict(_Sums)
    if before is None:
        return sums
    left = db.session.execute(
        sa.select(
            _statements.c.employee_id, _statements.c.closing_held, _statements.c.closing_payable
        ).where(
            _statements.c.period_id == before.id,
            _statements.c.revoked_at.is_(None),
            these.holds(_statements.c.employee_id),
            sa.or_(_statements.c.closing_held != 0, _statements.c.closing_payable != 0),
        )
    )
    sums.update({row[0]: _Sums(row[1], row[2]) for row in left})
    return sums


def _movements(period: Period, these: Range) -> sa.Result[*tuple[Any, ...]]:
    return db.session.execute(
        sa.select(
            _entries.c.employee_id,
            _transactions.c.kind,
            _entries.c.account,
            sa.func.sum(_entries.c.amount),
        )
        .join(_transactions, _transactions.c.id == _entries.c.transaction_id)
        .where(
            _entries.c.period_id == period.id,
            these.holds(_entries.c.employee_id),
            _entries.c.account.in_(OWED),
        )
        .group_by(_entries.c.employee_id, _transactions.c.kind, _entries.c.account)
    )


def _plan_versions(period: Period, these: Range) -> dict[int, list[int]]:
    rows = db.session.execute(
        sa.select(_entries.c.employee_id, _plans.c.version)
        .join(_accruals, _accruals.c.id == _entries.c.accrual_id)
        .join(_plans, _plans.c.id == _accruals.c.plan_id)
        .where(_entries.c.period_id == period.id, these.holds(_entries.c.employee_id))
        .distinct()
        .order_by(_plans.c.version)
    )
    versions: dict[int, list[int]] = defaultdict(list)
    for employee_id, version in rows:
        versions[employee_id].append(version)
    return versions


def _people(these: Range) -> sa.Result[*tuple[Any, ...]]:
    return db.session.execute(
        sa.select(
            _employees.c.id,
            _employees.c.number,
            _employees.c.name,
            _employees.c.store_id,
            _stores.c.code,
            _stores.c.name_zh,
            _stores.c.name_en,
            _stores.c.company,
        )
        .join(_stores, _stores.c.id == _employees.c.store_id)
        .where(these.holds(_employees.c.id))
        .order_by(_employees.c.id)
    )


def _people_row(person: sa.Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {
        "employee_id": person.id,
        "employee_number": person.number,
        "employee_name": person.name,
        "store_id": person.store_id,
        "store_code": person.code,
        "store_name_zh": person.name_zh,
        "store_name_en": person.name_en,
        "company": person.company,
        "show_total": False,
        "revoked_reason": "",
    }
