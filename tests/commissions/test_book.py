"""The book: transactions that balance, written once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from storefront.commissions.book import Posting, balance_of, post
from storefront.commissions.models import Account, LedgerEntry, LedgerTransaction, TransactionKind
from storefront.core import clock
from storefront.core.database import db, transaction
from tests.support import cast


def write(employee: int, amount: int, cause: str, account: Account = Account.HELD) -> None:
    now = clock.now()
    with transaction():
        post(
            TransactionKind.ACCRUAL,
            cause,
            [
                Posting(f"{cause}:{account}", account, employee, amount, now),
                Posting(f"{cause}:expense", Account.EXPENSE, employee, -amount, now),
            ],
            "CNY",
            now,
        )


def entries() -> int:
    return db.session.scalar(sa.select(sa.func.count(LedgerEntry.id))) or 0


def test_a_balance_is_the_sum_of_an_employees_entries_by_account(app: Flask) -> None:
    anna, bo = cast.an_employee().id, cast.an_employee().id
    write(anna, 300, "one")
    write(anna, -120, "two")
    write(anna, 50, "three", Account.PAYABLE)
    write(anna, -80, "four", Account.PAYABLE)
    write(anna, 7, "five", Account.PAID)
    write(bo, 9_999, "six")
    balance = balance_of(anna)
    assert (balance.held, balance.payable, balance.paid) == (180, -30, 7)


def test_an_employee_without_entries_has_nothing(app: Flask) -> None:
    balance = balance_of(cast.an_employee().id)
    assert (balance.held, balance.payable, balance.paid) == (0, 0, 0)


def test_what_does_not_balance_is_not_written(app: Flask) -> None:
    employee, now = cast.an_employee().id, clock.now()
    with pytest.raises(ValueError, match="does not balance"), transaction():
        post(
            TransactionKind.ACCRUAL,
            "lopsided",
            [Posting("lopsided", Account.HELD, employee, 1, now)],
            "CNY",
            now,
        )
    assert entries() == 0


def test_a_cause_is_written_once(app: Flask) -> None:
    employee = cast.an_employee().id
    write(employee, 10, "the same")
    with pytest.raises(IntegrityError):
        write(employee, 10, "the same")
    db.session.rollback()
    assert entries() == 2


def test_a_key_is_written_once_whatever_its_cause(app: Flask) -> None:
    employee, now = cast.an_employee().id, clock.now()
    write(employee, 10, "first")
    with pytest.raises(IntegrityError), transaction():
        post(
            TransactionKind.REVERSAL,
            "second",
            [
                Posting(f"first:{Account.HELD}", Account.HELD, employee, -10, now),
                Posting("second:expense", Account.EXPENSE, employee, 10, now),
            ],
            "CNY",
            now,
        )
    db.session.rollback()
    assert entries() == 2


def test_nothing_is_written_for_nothing(app: Flask) -> None:
    write(cast.an_employee().id, 0, "nothing")
    assert entries() == 0
    assert db.session.scalar(sa.select(sa.func.count(LedgerTransaction.id))) == 0
