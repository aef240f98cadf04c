"""Receipts from a file: wholly or not at all, each complaint by line and column."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.catalog.models import Variant
from storefront.commissions.models import Accrual
from storefront.core import clock as now_of
from storefront.core.clock import SettableClock
from storefront.core.csvfile import Imported
from storefront.core.database import db, transaction
from storefront.core.errors import Invalid
from storefront.customers.models import Customer
from storefront.orders.models import Order, Return, TillRecord
from storefront.staff.models import Employee
from storefront.till.file import import_till
from storefront.till.receipt_rows import Reading
from tests.support import cast, tills, trade
from tests.support.books import broken

READING = Reading("CNY", "Asia/Shanghai")
HEADER = "kind,store,number,at,code,quantity,net,sellers,member_code,phone,sale,amount,line\n"


@pytest.fixture(autouse=True)
def chain(app: Flask) -> None:
    """Two people in one store, and two variants."""
    trade.open_for_trade()
    cast.an_employee("E1")
    cast.an_employee("E2")
    tills.goods("A", "B")


def taken_in(rows: str, header: str = HEADER) -> Imported:
    return import_till(io.BytesIO((header + rows).encode()), READING, now_of.now())


def complaints(rows: str, header: str = HEADER) -> list[tuple[int, str, str]]:
    """Line, column and code of everything that is wrong; nothing must have been taken."""
    with pytest.raises(Invalid) as refused:
        taken_in(rows, header)
    assert refused.value.code == "wrong_file"
    for table in (Order, Customer, TillRecord, Return):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    found = refused.value.extra["lines"]
    assert refused.value.extra["count"] == len(found)
    return [(each["line"], each["column"], each["code"]) for each in found]


RECEIPTS = (
    "sale,S1,T1,2026-03-02 09:00,A,2,19.99,E1:60%;E2:40%,M1,138 0013 8000,,,\n"
    "sale,S1,T1,2026-03-02 09:00,B,1,5,E2,M1,138 0013 8000,,,\n"
    "sale,S1,T2,2026-03-02T01:30:00Z,A,1,10.00,,,,,,\n"
    "return,S1,T3,2026-03-02T09:40:00+08:00,A,1,,,,,T1,,\n"
    "return,S1,T4,2026-03-02T09:45:00+08:00,B,1,,,,,T1,4.50,2\n"
)


def test_a_file_of_sales_and_returns_is_taken_in_and_again_nothing_changes(
    clock: SettableClock,
) -> None:
    assert taken_in(RECEIPTS) == Imported(4, 0, 0)
    orders = db.session.scalars(sa.select(Order).order_by(Order.id)).all()
    assert [order.total for order in orders] == [2_499, 1_000]
    assert [order.placed_at.isoformat()[11:16] for order in orders] == ["01:00", "01:30"]
    refunds = db.session.scalars(sa.select(Return.refund_amount).order_by(Return.id)).all()
    assert refunds == [1_000, 450]
    accruals = db.session.execute(sa.select(Accrual.base, Accrual.amount, Accrual.reversed)).all()
    assert [tuple(row) for row in accruals] == [(1_200, 120, 60), (799, 80, 40), (500, 50, 50)]
    assert broken() == set()
    clock.advance(timedelta(days=1))
    assert taken_in(RECEIPTS) == Imported(0, 0, 4)
    assert broken() == set()


def test_a_file_taken_in_once_is_taken_in_again_whatever_became_of_its_people(
    clock: SettableClock,
) -> None:
    assert taken_in(RECEIPTS) == Imported(4, 0, 0)
    seller = db.session.scalars(sa.select(Employee).where(Employee.number == "E1")).one()
    cast.leaves(seller)
    with transaction() as session:
        session.execute(sa.update(Employee).values(left_at=clock.now() - timedelta(days=9)))
        session.execute(sa.update(Variant).where(Variant.code == "B").values(code="B-OLD"))
    assert taken_in(RECEIPTS) == Imported(0, 0, 4)
    with pytest.raises(Invalid) as refused:
        taken_in(RECEIPTS.replace("T1,", "T9,"))
    codes = {each["code"] for each in refused.value.extra["lines"]}
    assert {"employee_had_left", "unknown_code"} <= codes


def test_the_api_and_a_file_speak_of_the_same_receipt() -> None:
    at = now_of.now() - timedelta(hours=1)
    sale = tills.a_sale(tills.a_line("A", 500, "E1"), number="T1", at=at, phone="+8613800138000")
    tills.sold(sale)
    row = f"sale,S1,T1,{at.isoformat()},A,1,5.00,E1,,13800138000,,,\n"
    assert taken_in(row) == Imported(0, 0, 1)
    changed = row.replace("5.00", "5.01")
    with pytest.raises(Invalid) as refused:
        taken_in(changed)
    assert refused.value.extra["lines"][0]["code"] == "number_taken"


def test_all_that_is_wrong_is_told_at_once_by_line_and_column() -> None:
    rows = (
        "sail,S1,T1,2026-03-02 09:00,A,1,1,,,,,,\n"
        "sale,S9,T2,2026-03-02 09:00,A,1,1,,,,,,\n"
        "sale,S1,T3,yesterday,A,0,1.001,E1:60,,12,,,\n"
        "sale,S1,T4,2026-03-02 09:00,Z,1,1,E1:60%;E2:50%,,,,,\n"
        "sale,S1,T4,2026-03-02 09:01,A,1,1,E7,,,,,\n"
        "sale,S1,T5,2026-03-02 10:06,A,1,,E1,,,T1,,\n"
        "sale,S1,T6,2026-03-02 10:06,A,1,1,E7,,,,,\n"
        "sale,S1,T4,2026-03-02 09:00,A,1,1,E1:50%;E1:50%,,,,,\n"
        "return,S1,T7,2026-03-02 09:00,A,1,1,,,,,,\n"
    )
    assert complaints(rows) == [
        (2, "kind", "wrong_kind"),
        (3, "store", "unknown_store"),
        (4, "at", "wrong_at"),
        (4, "net", "wrong_net"),
        (4, "phone", "wrong_phone"),
        (4, "quantity", "wrong_quantity"),
        (4, "sellers", "wrong_sellers"),
        (6, "at", "differs"),
        (7, "net", "wrong_net"),
        (7, "sale", "wrong_sale"),
        (8, "at", "in_the_future"),
        (8, "sellers", "unknown_employee"),
        (9, "number", "not_together"),
        (9, "sellers", "seller_twice"),
        (10, "net", "wrong_net"),
        (10, "sale", "wrong_sale"),
    ]


def test_shares_and_codes_are_told_with_the_line_they_stand_on() -> None:
    rows = (
        "sale,S1,T1,2026-03-02 09:00,A,1,1,E1,,,,,\n"
        "\n"
        "sale,S1,T1,2026-03-02 09:00,Z,1,1,E1:60%;E2:50%,,,,,\n"
    )
    assert complaints(rows) == [(4, "code", "unknown_code"), (4, "sellers", "shares_not_whole")]


def test_what_only_shows_when_writing_is_told_as_well_and_all_is_undone() -> None:
    rows = (
        "sale,S1,T1,2026-03-02 09:00,A,2,1,E1,M1,,,,\n"
        "return,S1,T2,2026-03-02 09:10,A,1,,,,,T1,,\n"
        "return,S1,T3,2026-03-02 09:20,A,2,,,,,T1,,\n"
        "return,S1,T4,2026-03-02 08:20,A,1,,,,,T1,,\n"
        "return,S1,T5,2026-03-02 09:20,B,1,,,,,T1,,\n"
        "return,S1,T6,2026-03-02 09:20,A,1,,,,,T9,,\n"
        "return,S1,T7,2026-03-02 09:20,A,1,,,,,T1,0.51,\n"
        "return,S1,T8,2026-03-02 09:20,A,1,,,,,T1,,2\n"
    )
    assert complaints(rows) == [
        (4, "quantity", "more_than_sold"),
        (5, "at", "before_the_sale"),
        (6, "code", "unknown_code"),
        (7, "sale", "unknown_sale"),
        (8, "amount", "amount_too_large"),
        (9, "line", "unknown_line"),
    ]


def test_a_history_from_before_the_first_policy_is_told_by_its_earliest_sale() -> None:
    rows = (
        "sale,S1,T1,2026-03-02 09:00,A,2,1,E1,M1,,,,\nsale,S1,T2,2020-03-02 09:10,A,2,1,E1,M1,,,,\n"
    )
    assert complaints(rows) == [(3, "at", "no_policy"), (3, "at", "no_plan")]


def test_shares_may_have_two_decimals() -> None:
    thirds = "sale,S1,T1,2026-03-02 09:00,A,1,1.00,E1:33.33%;E2:66.67%,,,,,\n"
    assert taken_in(thirds) == Imported(1, 0, 0)
    assert db.session.scalars(sa.select(Accrual.base).order_by(Accrual.id)).all() == [34, 66]
