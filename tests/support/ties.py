"""Whose customers are whose, as tests need it."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import cast

import sqlalchemy as sa

from storefront.attribution import ties
from storefront.attribution.models import Tie, TieHow
from storefront.attribution.rules import Policy, TieMode
from storefront.attribution.rules.tying import TieChange
from storefront.core import clock
from storefront.core.database import db, transaction
from storefront.core.ids import public_id
from storefront.customers.models import Customer
from storefront.staff.models import Employee

EXPLICIT = Policy(window_days=30, tie_mode=TieMode.EXPLICIT, protection_days=30)


def a_customer(phone: str | None = "+8613800138000", member_code: str | None = None) -> Customer:
    """Somebody who is nobody's."""
    with transaction() as session:
        customer = Customer(
            public_id=public_id("cus"),
            phone=phone,
            member_code=member_code,
            name="王芳",
            created_at=clock.now(),
        )
        session.add(customer)
        session.flush()
        return customer


def belongs_to(customer: Customer, employee: Employee, until: datetime | None = None) -> None:
    """The customer, so far nobody's, is this employee's from now on, protected until then."""
    with transaction():
        change = TieChange(employee.id, until)
        tie = ties.open_tie(customer.id, change, ties.Cause(TieHow.HEADQUARTERS), clock.now())
        assert tie is not None


def customer_of(phone: str) -> int:
    """The row of the customer with this number."""
    return db.session.scalars(sa.select(Customer.id).where(Customer.phone == phone)).one()


def history(customer_id: int) -> list[Tie]:
    """The customer's ties, the first first; sound: none overlaps, only the last may be open."""
    db.session.rollback()
    found = list(
        db.session.scalars(
            sa.select(Tie)
            .where(Tie.customer_id == customer_id)
            .order_by(Tie.since, Tie.id)
            .execution_options(populate_existing=True)
        )
    )
    for before, after in pairwise(found):
        assert cast(datetime, before.ended_at) <= after.since
    return found


def whose(customer_id: int) -> list[int]:
    """The employees whose the customer was, the last one still."""
    found = history(customer_id)
    assert not found or found[-1].ended_at is None
    return [tie.employee_id for tie in found]
