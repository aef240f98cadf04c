"""What an employee has earned: the balance, and the entries behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.commissions import book, holds
from storefront.commissions.adjustment_models import Adjustment
from storefront.commissions.models import (
    LIVE_BATCHES,
    UNANSWERED,
    Account,
    Accrual,
    LedgerEntry,
    LedgerTransaction,
    Payout,
    PayoutBatch,
    ServiceBonus,
    TransactionKind,
)
from storefront.commissions.rule_words import MADE_OF, Made, made
from storefront.commissions.settlement_words import SaidSettlement
from storefront.commissions.settlements import said_settlements
from storefront.core.database import db
from storefront.orders.models import Order, OrderLine

_accruals = cast(sa.Table, Accrual.__table__)
_adjustments = cast(sa.Table, Adjustment.__table__)
_batches = cast(sa.Table, PayoutBatch.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_payouts = cast(sa.Table, Payout.__table__)
_services = cast(sa.Table, ServiceBonus.__table__)
_transactions = cast(sa.Table, LedgerTransaction.__table__)

OWN_ACCOUNTS = (Account.HELD, Account.PAYABLE, Account.PAID)
"""The accounts an employee sees; the expense is the chain's side of the book."""


# --- the balance ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Balance:
    """Where an employee's commission stands now, in minor units.

    held + payable + disputed + in_payout + paid - debt is all that was ever accrued less all that
    was reversed.
    """

    held: int
    """Earned, and waiting until the customer can no longer bring the goods back."""
    payable: int
    """Due, and not in a payout batch yet."""
    in_payout: int
    """In a payout batch that is being prepared."""
    paid: int
    debt: int
    """Paid out for goods that came back later, or that others were credited with by a decision:
    made up for by what falls due next."""
    disputed: int = 0
    """Due, and kept out of payouts until a dispute is decided or another hold is lifted."""


def balance_of(employee_id: int) -> Balance:
    """An employee's balance."""
    accounts = book.balance_of(employee_id)
    claimed = db.session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(_payouts.c.amount), 0))
        .join(_batches, _batches.c.id == _payouts.c.batch_id)
        .where(
            _payouts.c.employee_id == employee_id,
            _batches.c.state.in_(LIVE_BATCHES),
            _payouts.c.state.in_(UNANSWERED),
        )
    )
    in_payout = int(claimed or 0)
    # What is owed back on a line in dispute stays with the debts.
    disputed = max(_kept_back(employee_id), 0)
    unclaimed = accounts.payable - in_payout - disputed
    return Balance(
        held=accounts.held,
        payable=max(unclaimed, 0),
        disputed=disputed,
        in_payout=in_payout,
        paid=accounts.paid,
        debt=max(-unclaimed, 0),
    )


def _kept_back(employee_id: int) -> int:
    """What is due to an employee and on hold."""
    kept = db.session.scalar(
        sa.select(sa.func.sum(_entries.c.amount)).where(
            _entries.c.employee_id == employee_id,
            _entries.c.account == Account.PAYABLE,
            _entries.c.payout_id.is_(None),
            holds.is_held(_entries.c.accrual_id, _entries.c.employee_id),
        )
    )
    return int(kept or 0)


# --- the entries ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting on one of the employee's accounts, with what it is about."""

    id: int
    at: datetime
    kind: TransactionKind
    account: Account
    amount: int
    currency: str
    order: str | None
    """Public id and number of the order; None for a payout."""
    order_number: str | None
    line: int | None
    name_zh: str | None
    name_en: str | None
    rate: int | None
    """In basis points of `base`."""
    base: int | None
    payout: str | None
    """The payout's public id, for an entry that was paid out or is about to be."""
    is_service: bool = False
    """Whether it is about the bonus for handing an order over."""
    made: Made | None = None
    """What made up the accrual that it is about, if it is about one."""
    settlement: SaidSettlement | None = None
    """What a month came to, if it is about one."""
    reason: str = ""
    """Of an adjustment, if it is about one."""


def entries_of(
    employee_id: int, before: int | None, limit: int, account: Account | None = None
) -> list[Entry]:
    """The employee's entries, the latest first, from below `before`; of one account, or of all.

    The entries of an account sum to the account.
    """
    accounts = OWN_ACCOUNTS if account is None else (account,)
    # Each account is read along its own index, so the cost is the page's and not the history's.
    newest = sa.union_all(
        *(_newest_of(employee_id, each, before, limit).subquery().select() for each in accounts)
    ).subquery()
    rows = db.session.execute(
        sa.select(
            _entries.c.id,
            _entries.c.at,
            _transactions.c.kind,
            _entries.c.account,
            _entries.c.amount,
            _entries.c.currency,
            _orders.c.public_id,
            _orders.c.number,
            _lines.c.position,
            _lines.c.name_zh,
            _lines.c.name_en,
            _accruals.c.rate,
            _accruals.c.base,
            _payouts.c.public_id,
            _entries.c.service_bonus_id.is_not(None),
            _entries.c.accrual_id,
            _entries.c.settlement_id,
            _adjustments.c.reason,
            *MADE_OF,
        )
        .join(newest, newest.c.id == _entries.c.id)
        .join(_transactions, _transactions.c.id == _entries.c.transaction_id)
        .outerjoin(_accruals, _accruals.c.id == _entries.c.accrual_id)
        .outerjoin(_lines, _lines.c.id == _accruals.c.order_line_id)
        .outerjoin(_services, _services.c.id == _entries.c.service_bonus_id)
        .outerjoin(
            _orders,
            _orders.c.id == sa.func.coalesce(_accruals.c.order_id, _services.c.order_id),
        )
        .outerjoin(_payouts, _payouts.c.id == _entries.c.payout_id)
        .outerjoin(_adjustments, _adjustments.c.id == _entries.c.adjustment_id)
        .order_by(_entries.c.id.desc())
        .limit(limit)
    ).all()
    of_accruals = [row for row in rows if row.accrual_id is not None]
    by_entry = {row.id: each for row, each in zip(of_accruals, made(of_accruals), strict=True)}
    months = said_settlements({row.settlement_id for row in rows} - {None})
    return [
        Entry(
            *row[:15],
            made=by_entry.get(row.id),
            settlement=months.get(row.settlement_id),
            reason=row.reason or "",
        )
        for row in rows
    ]


def _newest_of(
    employee_id: int, account: Account, before: int | None, limit: int
) -> sa.Select[int]:
    statement = sa.select(_entries.c.id).where(
        _entries.c.employee_id == employee_id, _entries.c.account == account
    )
    if before is not None:
        statement = statement.where(_entries.c.id < before)
    return statement.order_by(_entries.c.id.desc()).limit(limit)
