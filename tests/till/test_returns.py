"""Goods that come back to a till: paid back there, reversed in proportion, never more than sold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.commissions.models import Accrual
from storefront.core import jobs
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, DomainError, Invalid
from storefront.orders.models import Return, ReturnLine
from storefront.payments.models import Refund, RefundState
from storefront.till.told import BroughtBack, Sale
from tests.support import cast, tills, trade
from tests.support.books import broken
from tests.support.tills import a_line, a_return, a_sale, code_of, sold, taken_back


@pytest.fixture(autouse=True)
def chain(app: Flask) -> None:
    """A chain that sells, with two people in its first store."""
    trade.open_for_trade()
    cast.an_employee("E0001")
    cast.an_employee("E0002")


def a_lamp_sold(quantity: int = 3, net: int = 1_000, **more: Any) -> tuple[Sale, str]:
    """A receipt with one line, and the code on it."""
    lamp = cast.a_product()
    sale = a_sale(a_line(lamp, net, ("E0001", 5_000), ("E0002", 5_000), quantity=quantity), **more)
    sold(sale)
    return sale, code_of(lamp)


def reversed_in_all() -> int:
    return db.session.scalar(sa.select(sa.func.sum(Accrual.reversed))) or 0


def test_a_return_is_paid_back_at_once_and_reverses_in_proportion(clock: SettableClock) -> None:
    sale, code = a_lamp_sold()
    at = clock.advance(timedelta(days=1))
    taken = taken_back(a_return(sale, BroughtBack(code, 1), reason="Too bright"))
    assert (taken.amount, taken.is_new) == (333, True)
    refund = db.session.scalars(sa.select(Refund)).one()
    assert (refund.state, refund.amount) == (RefundState.PAID_BACK, 333)
    assert refund.created_at == refund.paid_back_at == at
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(jobs.Job))
    assert reversed_in_all() == 34
    assert broken() == set()
    assert taken_back(a_return(sale, BroughtBack(code, 2))).amount == 667
    assert reversed_in_all() == 100
    assert broken() == set()


def test_a_return_told_again_is_answered_as_before(clock: SettableClock) -> None:
    sale, code = a_lamp_sold()
    told = a_return(sale, BroughtBack(code, 1))
    first = taken_back(told)
    clock.advance(timedelta(days=300))
    again = taken_back(told)
    assert (again.public_id, again.amount, again.is_new) == (first.public_id, 333, False)
    for other in (
        replace(told, lines=(BroughtBack(code, 2),)),
        replace(told, reason="Too dark"),
        replace(told, number=sale.number),
    ):
        with pytest.raises(Conflict, match="number_taken"):
            taken_back(other)
    with pytest.raises(Conflict, match="number_taken"):
        sold(replace(sale, number=told.number))
    assert broken() == set()


def test_another_store_may_take_goods_back(clock: SettableClock) -> None:
    cast.a_store("S2")
    sale, code = a_lamp_sold()
    told = a_return(sale, BroughtBack(code, 3), store="S2", number=sale.number)
    assert taken_back(told).amount == 1_000
    with pytest.raises(Invalid, match="unknown_sale"):
        taken_back(a_return(sale, BroughtBack(code, 1), sale_store="S2", sale="T-nowhere"))
    with pytest.raises(Invalid, match="unknown_sale"):
        taken_back(a_return(sale, BroughtBack(code, 1), sale_store="S2"))  # that is the return
    assert broken() == set()


def test_a_till_may_pay_back_another_amount_within_what_was_paid() -> None:
    sale, code = a_lamp_sold()
    assert taken_back(a_return(sale, BroughtBack(code, 1, amount=900))).amount == 900
    with pytest.raises(Conflict, match="amount_too_large") as refused:
        taken_back(a_return(sale, BroughtBack(code, 1, amount=101)))
    assert (refused.value.extra["left"], refused.value.extra["line"]) == (100, 1)
    # What is left of the money, though the piece's part would be more.
    assert taken_back(a_return(sale, BroughtBack(code, 1))).amount == 100
    assert taken_back(a_return(sale, BroughtBack(code, 1))).amount == 0
    assert reversed_in_all() == 100
    assert broken() == set()


def test_a_code_on_several_lines_is_taken_from_the_first_that_has_some_left() -> None:
    lamp, shade = cast.a_product(), cast.a_product()
    code = code_of(lamp)
    sale = a_sale(
        a_line(lamp, 1_000, "E0001", quantity=2),
        a_line(shade, 5),
        a_line(lamp, 900, "E0002", quantity=3),
    )
    sold(sale)
    taken_back(a_return(sale, BroughtBack(code, 1, line=3, amount=250)))
    taken_back(a_return(sale, BroughtBack(code, 2), BroughtBack(code, 1)))
    back = db.session.execute(sa.select(ReturnLine.quantity, ReturnLine.amount)).all()
    assert [tuple(row) for row in back] == [(1, 250), (2, 1_000), (1, 300)]
    assert broken() == set()


def refusals() -> list[tuple[str, tuple[BroughtBack, ...], int]]:
    """What a return of two lamps on lines 1 (two) and 3 (one) may get wrong, and on which line."""
    return [
        ("more_than_sold", (BroughtBack("A", 4),), 1),
        ("more_than_sold", (BroughtBack("A", 2), BroughtBack("A", 2)), 2),
        ("more_than_sold", (BroughtBack("B", 1), BroughtBack("A", 2, line=3)), 2),
        ("unknown_code", (BroughtBack("B", 1), BroughtBack("C", 1)), 2),
        ("unknown_line", (BroughtBack("B", 1, line=1),), 1),
        ("unknown_line", (BroughtBack("B", 1, line=9),), 1),
        ("line_needed", (BroughtBack("A", 3, amount=5),), 1),
        ("line_twice", (BroughtBack("A", 1), BroughtBack("A", 1, line=1, amount=5)), 2),
        ("line_twice", (BroughtBack("A", 1, line=1, amount=5), BroughtBack("A", 1)), 2),
        ("amount_too_large", (BroughtBack("B", 1, amount=6),), 1),
    ]


@pytest.mark.parametrize(("code", "lines", "line"), refusals())
def test_what_is_wrong_with_a_return_is_refused_and_nothing_is_taken(
    code: str, lines: tuple[BroughtBack, ...], line: int
) -> None:
    tills.goods("A", "B", "C")
    sale = a_sale(a_line("A", 1_000, quantity=2), a_line("B", 5), a_line("A", 500))
    sold(sale)
    with pytest.raises(DomainError) as refused:
        taken_back(a_return(sale, *lines))
    assert (refused.value.code, refused.value.extra["line"]) == (code, line)
    assert not db.session.scalar(sa.select(sa.func.count()).select_from(Return))
    assert broken() == set()


def test_a_return_from_before_its_sale_or_from_the_future_is_refused(clock: SettableClock) -> None:
    sale, code = a_lamp_sold()
    back = BroughtBack(code, 1)
    with pytest.raises(Invalid, match="before_the_sale"):
        taken_back(a_return(sale, back, at=sale.at - timedelta(seconds=1)))
    with pytest.raises(Invalid, match="in_the_future"):
        taken_back(a_return(sale, back, at=clock.now() + timedelta(minutes=6)))
    with pytest.raises(Invalid, match="unknown_store"):
        taken_back(a_return(sale, back, store="S9"))
    assert taken_back(a_return(sale, back, at=sale.at)).is_new


def test_what_comes_back_after_the_release_is_a_debt_in_sight(clock: SettableClock) -> None:
    sale, code = a_lamp_sold()
    clock.advance(timedelta(days=31))
    assert sales.release(clock.now()) == 2
    taken_back(a_return(sale, BroughtBack(code, 3)))
    assert tills.figures("reversed")
    payable = db.session.scalar(
        sa.text("SELECT sum(amount) FROM ledger_entries WHERE account = 'payable'")
    )
    assert payable == 0
    assert broken() == set()
