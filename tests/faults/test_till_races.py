"""Tills that tell twice at one moment. Each race has a twin without its protection, which fails."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import DomainError
from storefront.customers.models import Customer
from storefront.orders import handling, returns, till
from storefront.orders.models import Order, OrderLine, Return, TillRecord
from storefront.payments import service as payments
from storefront.till.service import TakenReturn, TakenSale, sell_at_till, take_back_at_till
from storefront.till.told import BroughtBack, Sale
from storefront.till.told import Return as ToldReturn
from tests.support import cast, tills, trade
from tests.support.books import broken
from tests.support.threads import all_at_once

CROWD = 20

pytestmark = pytest.mark.own_app(database_pool_size=CROWD + 4)


@pytest.fixture(autouse=True)
def chain(app: Flask) -> None:
    trade.open_for_trade()
    cast.an_employee("E0001")


def count(table: type[Any]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def a_receipt(number: str = "T1", **more: Any) -> Sale:
    lamp = cast.a_product()
    return tills.a_sale(tills.a_line(lamp, 1_000, "E0001", quantity=10), number=number, **more)


def by_all(app: Flask, clock: SettableClock, sales: list[Sale]) -> list[TakenSale | Exception]:
    now = clock.now()
    return all_at_once(app, [lambda sale=sale: sell_at_till(sale, now) for sale in sales])


def test_one_number_told_by_a_crowd_is_one_sale_with_one_answer(
    app: Flask, clock: SettableClock
) -> None:
    sale = a_receipt(member_code="M1", phone="+8613800138000")
    answers = by_all(app, clock, [sale] * CROWD)
    assert Counter(type(each) for each in answers) == {TakenSale: CROWD}, answers
    taken = [each for each in answers if isinstance(each, TakenSale)]
    assert len({each.order.public_id for each in taken}) == 1
    assert sum(each.is_new for each in taken) == 1
    assert count(Order) == count(TillRecord) == count(Customer) == 1
    assert broken() == set()


def test_one_number_with_two_contents_is_one_sale_and_clear_refusals(
    app: Flask, clock: SettableClock
) -> None:
    one = a_receipt()
    other = a_receipt()
    answers = by_all(app, clock, [one, other] * (CROWD // 2))
    assert count(Order) == 1
    refused = [each.code for each in answers if isinstance(each, DomainError)]
    assert Counter(refused) == {"number_taken": CROWD // 2}
    assert broken() == set()


def test_twin_without_the_numbers_memory_sells_once_for_every_telling(
    app: Flask, clock: SettableClock
) -> None:
    sale = a_receipt()
    with (
        patch.object(till, "find_written", return_value=None),
        patch.object(till, "write_down", return_value=True),
    ):
        by_all(app, clock, [sale] * 4)
    assert count(Order) == 4


@pytest.mark.postgresql_only
def test_twin_that_only_looks_before_it_sells_sells_twice(app: Flask, clock: SettableClock) -> None:
    sale = a_receipt()
    taken_down: list[Any] = []

    def forgetful(number: Any, written: Any, now: Any) -> bool:
        taken_down.append(number)
        return True

    with patch.object(till, "write_down", forgetful):
        by_all(app, clock, [sale] * 8)
    assert count(Order) > 1


def test_a_crowd_of_a_new_customers_receipts_makes_one_customer_who_is_new_once(
    app: Flask, clock: SettableClock
) -> None:
    receipts = [
        a_receipt(
            f"T{place}",
            at=clock.now() - timedelta(minutes=place * 7 % 60, hours=place % 3),
            member_code="M1" if place % 2 else None,
            phone=None if place % 3 == 1 and place % 2 else "+8613800138000",
        )
        for place in range(CROWD)
    ]
    with_both = a_receipt("both", member_code="M1", phone="+8613800138000")
    assert sell_at_till(with_both, clock.now()).is_new
    answers = by_all(app, clock, receipts)
    assert [each for each in answers if isinstance(each, Exception)] == []
    assert count(Customer) == 1
    assert sum(tills.figures("new_customers").values()) == 1
    assert broken() == set()


def returns_of(sale: Sale, how_many: int, pieces: int) -> list[ToldReturn]:
    code = sale.lines[0].code
    return [
        tills.a_return(sale, BroughtBack(code, pieces), number=f"R{place}")
        for place in range(how_many)
    ]


def test_two_returns_at_once_never_take_back_more_than_was_sold(
    app: Flask, clock: SettableClock
) -> None:
    sale = a_receipt()
    sell_at_till(sale, clock.now())
    now = clock.now()
    told = returns_of(sale, CROWD, 3)
    answers = all_at_once(app, [lambda one=one: take_back_at_till(one, now) for one in told])
    taken = [each for each in answers if isinstance(each, TakenReturn)]
    assert [each.amount for each in taken] == [300] * 3
    refused = [each.code for each in answers if isinstance(each, DomainError)]
    assert Counter(refused) == {"more_than_sold": CROWD - 3}
    assert db.session.scalars(sa.select(OrderLine.returned_quantity)).one() == 9
    assert broken() == set()


def test_one_return_told_by_a_crowd_is_one_return(app: Flask, clock: SettableClock) -> None:
    sale = a_receipt()
    sell_at_till(sale, clock.now())
    now = clock.now()
    (told,) = returns_of(sale, 1, 3)
    answers = all_at_once(app, [lambda: take_back_at_till(told, now)] * CROWD)
    assert len({each.public_id for each in answers if isinstance(each, TakenReturn)}) == 1
    assert sum(each.is_new for each in answers if isinstance(each, TakenReturn)) == 1
    assert count(Return) == 1
    assert broken() == set()


@pytest.mark.postgresql_only
def test_twin_without_any_lock_loses_count_of_what_is_back(
    app: Flask, clock: SettableClock
) -> None:
    sale = a_receipt()
    sell_at_till(sale, clock.now())
    now = clock.now()
    told = returns_of(sale, CROWD, 1)
    with (
        patch.object(handling, "_LOCKED_BY_ID", without_lock(handling._LOCKED_BY_ID)),
        patch.object(returns, "_SOLD", without_lock(returns._SOLD)),
        patch.object(payments, "_LOCKED_CAPTURED", without_lock(payments._LOCKED_CAPTURED)),
    ):
        all_at_once(app, [lambda one=one: take_back_at_till(one, now) for one in told])
    assert "lines know what came back" in broken()


def without_lock(statement: Any) -> Any:
    loose = statement._generate()
    loose._for_update_arg = None
    return loose
