"""Statements: their lines tell the figures, and a wrong name is put right by another statement."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from storefront import sales
from storefront.commissions import issuing, payouts, periods, statements
from storefront.commissions.models import TransactionKind
from storefront.commissions.statement_lines import LineKind, LineState
from storefront.commissions.statement_models import Statement
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import transaction
from storefront.core.errors import Conflict, NotFound
from storefront.sharing.models import ShareLink
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.books import broken

APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
MAY = datetime(2026, 4, 30, 16, 0, tzinfo=UTC)


@pytest.fixture
def seller(app: Flask) -> ShareLink:
    trade.open_for_trade()
    return trade.a_seller("E1")


def close(name: str, clock: SettableClock) -> None:
    sales.close_period(name, SYSTEM, clock.now())


def mine(seller: ShareLink, name: str) -> Statement:
    of_all = statements.of_period(periods.find(name), None, 100)
    return next(
        each
        for each in of_all
        if each.employee_id == seller.employee_id and each.revoked_at is None
    )


def two_months(seller: ShareLink, clock: SettableClock) -> None:
    order = trade.sell({cast.a_product(price=1_000).variants[0]: 4}, through=seller)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(APRIL)
    close("2026-03", clock)
    clock.advance(timedelta(days=5))
    batch = sales.draft_payout(clock.now(), SYSTEM, clock.now())
    payouts.approve(batch.public_id, SYSTEM, clock.now())
    sales.pay_out(batch.public_id, clock.now())
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, clock.now())
    clock.set(MAY)
    close("2026-04", clock)


def test_the_lines_say_what_happened_to_each_sale_and_sum_to_the_statement(
    seller: ShareLink, clock: SettableClock
) -> None:
    two_months(seller, clock)
    march, april = mine(seller, "2026-03"), mine(seller, "2026-04")
    (sale,) = statements.lines_of(march)
    assert (sale.kind, sale.state, sale.amount, sale.held, sale.due) == (
        LineKind.SALE,
        LineState.HELD,
        300,
        300,
        0,
    )
    assert (sale.base, sale.rate, sale.position) == (4_000, 1_000, 1)
    assert sale.rule is not None
    assert [(each.kind, each.amount) for each in sale.movements] == [
        (TransactionKind.ACCRUAL, 400),
        (TransactionKind.REVERSAL, -100),
    ]
    later, paid = statements.lines_of(april)
    assert later.order_number == sale.order_number
    assert (later.at, later.amount, later.held, later.due) == (sale.at, -100, 0, 200)
    assert [(each.kind, each.amount) for each in later.movements] == [
        (TransactionKind.RELEASE, 300),
        (TransactionKind.REVERSAL, -100),
    ]
    assert (paid.kind, paid.state, paid.amount) == (LineKind.PAYOUT, LineState.PAID, -300)
    assert paid.payout.startswith("pyt_")
    for statement in (march, april):
        amounts = sum(line.amount for line in statements.lines_of(statement))
        assert statement.opening + amounts == statement.closing


def test_every_kind_of_transaction_has_its_column() -> None:
    assert set(issuing.COLUMNS) == set(TransactionKind) - {TransactionKind.RELEASE}


def test_a_wrong_name_makes_another_statement_with_the_same_figures(
    seller: ShareLink, clock: SettableClock
) -> None:
    two_months(seller, clock)
    old = mine(seller, "2026-03")
    with transaction() as session:
        session.get_one(Employee, seller.employee_id).name = "林晓雨"
    new = statements.reissue(old.code, "The name was wrong.", SYSTEM, clock.now())
    old = statements.find(old.code)
    assert (old.revoked_at, old.revoked_reason, old.replaced_by_id) == (
        clock.now(),
        "The name was wrong.",
        new.id,
    )
    assert (old.employee_name, new.employee_name) == ("林小雨", "林晓雨")
    assert new.code != old.code
    assert (new.opening, new.earned, new.reversed, new.paid, new.closing) == (
        old.opening,
        old.earned,
        old.reversed,
        old.paid,
        old.closing,
    )
    assert statements.lines_of(new) == statements.lines_of(old)
    with pytest.raises(Conflict, match="statement_revoked"):
        statements.reissue(old.code, "", SYSTEM, clock.now())
    assert broken() == set()


def test_nobody_finds_a_colleagues_statement(seller: ShareLink, clock: SettableClock) -> None:
    two_months(seller, clock)
    code = mine(seller, "2026-03").code
    assert statements.find(code, seller.employee_id).code == code
    with pytest.raises(NotFound):
        statements.find(code, seller.employee_id + 1)
