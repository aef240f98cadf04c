"""The book: double entry, append-only. Every transaction sums to zero; every posting has a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.commissions.models import (
    Account,
    LedgerEntry,
    LedgerTransaction,
    TransactionKind,
)
from storefront.core.database import db

_transactions = cast(sa.Table, LedgerTransaction.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount on an account of an employee. `key` is made from its cause and used once, ever."""

    key: str
    account: Account
    employee_id: int
    amount: int
    at: datetime
    accrual_id: int | None = None
    payout_id: int | None = None
    settlement_id: int | None = None
    adjustment_id: int | None = None
    service_bonus_id: int | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """A transaction to be written: what made it, and its postings."""

    cause: str
    postings: Sequence[Posting]


def post(
    kind: TransactionKind, cause: str, postings: Sequence[Posting], currency: str, at: datetime
) -> None:
    """Write one transaction within the caller's; amounts of zero are left out.

    ValueError if the postings do not sum to zero; the database refuses a cause or key it has.
    """
    post_all(kind, [Booking(cause, postings)], currency, at)


def post_all(
    kind: TransactionKind, bookings: Sequence[Booking], currency: str, at: datetime
) -> None:
    """Write many transactions of a kind with a few statements, each as `post` would."""
    moving = [
        (booking.cause, kept)
        for booking in bookings
        if (kept := [posting for posting in booking.postings if posting.amount])
    ]
    for cause, postings in moving:
        if sum(posting.amount for posting in postings):
            raise ValueError(f"{cause} does not balance")
    if not moving:
        return
    ids = db.session.scalars(
        _NEW_TRANSACTION, [{"kind": kind, "cause": cause, "at": at} for cause, _ in moving]
    ).all()
    db.session.execute(
        sa.insert(_entries),
        [
            _entry(transaction_id, posting, currency)
            for transaction_id, (_, postings) in zip(ids, moving, strict=True)
            for posting in postings
        ],
    )


_NEW_TRANSACTION = sa.insert(_transactions).returning(
    _transactions.c.id, sort_by_parameter_order=True
)


def _entry(transaction_id: int, posting: Posting, currency: str) -> dict[str, Any]:
    return {
        "transaction_id": transaction_id,
        "key": posting.key,
        "account": posting.account,
        "employee_id": posting.employee_id,
        "amount": posting.amount,
        "currency": currency,
        "at": posting.at,
        "accrual_id": posting.accrual_id,
        "payout_id": posting.payout_id,
        "settlement_id": posting.settlement_id,
        "adjustment_id": posting.adjustment_id,
        "service_bonus_id": posting.service_bonus_id,
    }


@dataclass(frozen=True, slots=True)
class Balance:
    """What an employee's accounts come to, in minor units."""

    held: int
    payable: int
    """Due and not paid out; below zero it is a debt carried forward."""
    paid: int


def balance_of(employee_id: int) -> Balance:
    """The sums of an employee's entries by account, out of one indexed read."""
    rows = db.session.execute(
        sa.select(_entries.c.account, sa.func.sum(_entries.c.amount))
        .where(_entries.c.employee_id == employee_id)
        .group_by(_entries.c.account)
    )
    sums = {account: int(total) for account, total in rows}
    return Balance(
        held=sums.get(Account.HELD, 0),
        payable=sums.get(Account.PAYABLE, 0),
        paid=sums.get(Account.PAID, 0),
    )
