"""Customers from a file, with the dated history of whose they were."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution import evidence
from storefront.attribution.customer_file import import_customers
from storefront.attribution.models import Tie, TieHow
from storefront.core import clock as now_of
from storefront.core.csvfile import Imported
from storefront.core.database import db, transaction
from storefront.core.errors import Invalid
from storefront.customers.models import Customer
from storefront.customers.service import recognise_at_till
from tests.support import cast
from tests.support.books import broken

HEADER = "member_code,phone,name,employee,from,until,protected_until\n"


@pytest.fixture(autouse=True)
def people(app: Flask) -> None:
    cast.an_employee("E1")
    cast.an_employee("E2")


def taken_in(rows: str) -> Imported:
    return import_customers((HEADER + rows).encode(), "Asia/Shanghai", now_of.now())


def complaints(rows: str) -> list[tuple[int, str, str]]:
    count = sa.select(sa.func.count())
    before = db.session.scalar(count.select_from(Customer))
    with pytest.raises(Invalid) as refused:
        taken_in(rows)
    assert db.session.scalar(count.select_from(Customer)) == before
    return [(each["line"], each["column"], each["code"]) for each in refused.value.extra["lines"]]


def owner_at(member_code: str, moment: datetime) -> str | None:
    customer_id = db.session.scalar(
        sa.select(Customer.id).where(Customer.member_code == member_code)
    )
    found = evidence.gather((), None, customer_id, moment)
    return found.people[found.tie.employee_id].number if found.tie else None


PERIODS = (
    "M1,138 0013 8000,王芳,E1,2024-01-01,2025-01-01,\n"
    "M1,,,E2,2025-01-01,2025-06-01T00:00:00+08:00,\n"
    "M1,+8613800138000,,E1,2025-07-01,,2027-01-01\n"
    "M2,,,,,,\n"
)


def test_periods_are_the_customers_dated_history_and_again_nothing_changes() -> None:
    assert taken_in(PERIODS) == Imported(4, 0, 0)
    owners = {
        month: owner_at("M1", datetime(2025, month, 15, tzinfo=UTC)) for month in (1, 6, 7, 12)
    }
    assert owners == {1: "E2", 6: None, 7: "E1", 12: "E1"}
    assert owner_at("M1", datetime(2023, 12, 1, tzinfo=UTC)) is None
    assert owner_at("M2", datetime(2025, 12, 1, tzinfo=UTC)) is None
    assert set(db.session.scalars(sa.select(Tie.how))) == {TieHow.FILE}
    assert broken() == set()
    assert taken_in(PERIODS) == Imported(0, 0, 4)
    assert broken() == set()


def test_what_is_missing_on_a_customer_is_filled_in() -> None:
    with transaction():
        known = recognise_at_till("M1", None, now_of.now())
    assert taken_in("M1,138 0013 8000,王芳,,,,\n") == Imported(0, 1, 0)
    customer = db.session.scalars(sa.select(Customer)).one()
    assert known
    assert (customer.id, customer.phone, customer.name) == (known.id, "+8613800138000", "王芳")


def test_all_that_is_wrong_is_told_at_once() -> None:
    taken_in("M8,138 0013 8008,,,,,\nM9,138 0013 8009,,,,,\n")
    rows = (
        ",,Nobody,,,,\n"
        "M1,12,,,,,\n"
        "M2,,,E1,,,\n"
        "M3,,,,,2025-01-01,\n"
        "M4,,,E1,2025-02-01,2025-02-01,\n"
        "M5,,,E1,2026-03-03,,\n"
        "M6,,,E1,someday,,\n"
    )
    assert complaints(rows) == [
        (2, "member_code", "wrong_member_code"),
        (3, "phone", "wrong_phone"),
        (4, "from", "wrong_from"),
        (5, "until", "wrong_until"),
        (6, "until", "wrong_until"),
        (7, "from", "in_the_future"),
        (8, "from", "wrong_from"),
    ]
    rows = (
        "M8,138 0013 8009,,,,,\n"
        "M8,138 0013 8007,,,,,\n"
        "M7,138 0013 8009,,,,,\n"
        "M6,,,E9,2025-01-01,,\n"
    )
    assert complaints(rows) == [
        (2, "phone", "two_customers"),
        (3, "phone", "other_phone"),
        (4, "member_code", "other_member_code"),
        (5, "employee", "unknown_employee"),
    ]


def test_periods_of_one_customer_do_not_overlap() -> None:
    taken_in("M1,,,E1,2025-01-01,2025-03-01,\n")
    rows = (
        "M1,,,E2,2025-02-28,2025-04-01,\n"
        "M2,,,E1,2025-01-01,,\n"
        "M2,,,E2,2025-05-01,,\n"
        "M1,,,E2,2025-05-01,,\n"
    )
    assert complaints(rows) == [(2, "from", "overlaps"), (4, "from", "overlaps")]
    assert taken_in("M1,,,E2,2025-03-01,,\n") == Imported(1, 0, 0)
    assert broken() == set()
