"""One colleague writes to a customer at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution import contacts
from storefront.attribution.relations import ContactChannel, CustomerContact
from storefront.core import clock
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, NotFound
from storefront.customers.models import Customer
from tests.support import cast, trade
from tests.support.threads import all_at_once
from tests.support.ties import EXPLICIT

PHONE = "+8613800138000"
QUIET = replace(EXPLICIT, blackout_days=3)


def sold_to_by(count: int) -> tuple[str, list[int]]:
    """A customer's public id, and so many employees who have sold to them."""
    sellers = [trade.a_seller() for _ in range(count)]
    goods = cast.a_product()
    for seller in sellers:
        trade.sell(goods, through=seller, phone=PHONE)
    customer = db.session.scalars(sa.select(Customer.public_id)).one()
    return customer, [seller.employee_id for seller in sellers]


def write(employee_id: int, customer: str) -> CustomerContact:
    return contacts.note_contact(employee_id, customer, ContactChannel.WECHAT, clock.now())


def contacts_noted() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count(CustomerContact.id))) or 0


@pytest.fixture
def quiet(app: Flask) -> None:
    trade.the_policy(QUIET)
    trade.the_plan()


def test_colleagues_wait_until_the_days_of_the_policy_are_over(
    quiet: None, clock: SettableClock
) -> None:
    customer, (anna, bo) = sold_to_by(2)
    write(anna, customer)
    until = clock.now() + timedelta(days=3)
    clock.advance(timedelta(days=1))
    write(anna, customer)  # Oneself may write again.
    with pytest.raises(Conflict, match="contact_blackout") as refused:
        write(bo, customer)
    assert refused.value.extra == {"until": "2026-03-06T02:00:00Z"}
    assert contacts_noted() == 2
    clock.set(until + timedelta(days=1) - timedelta(microseconds=1))
    with pytest.raises(Conflict, match="contact_blackout"):
        write(bo, customer)
    clock.set(until + timedelta(days=1))
    write(bo, customer)
    with pytest.raises(Conflict, match="contact_blackout"):
        write(anna, customer)


def test_without_such_days_everybody_may_write(app: Flask) -> None:
    trade.open_for_trade()
    customer, employees = sold_to_by(2)
    for employee in employees:
        write(employee, customer)
    assert contacts_noted() == 2


def test_whose_customer_somebody_is_not_cannot_write_to_them(quiet: None) -> None:
    customer, _ = sold_to_by(1)
    with pytest.raises(NotFound, match="customer_not_found"):
        write(cast.an_employee().id, customer)
    with pytest.raises(NotFound, match="customer_not_found"):
        write(cast.an_employee().id, "cus_nobody")


def deeds(customer: str, employees: list[int]) -> list[Callable[[], CustomerContact]]:
    return [lambda who=each: write(who, customer) for each in employees]


def test_of_colleagues_who_write_at_once_one_does(app: Flask, quiet: None) -> None:
    customer, employees = sold_to_by(4)
    answers = all_at_once(app, deeds(customer, employees))
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 3
    assert all(isinstance(each, Conflict) for each in refused), refused
    assert contacts_noted() == 1


@pytest.mark.postgresql_only
def test_without_the_lock_both_write(
    app: Flask, quiet: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin without the protection: read, then write."""
    customer, employees = sold_to_by(2)
    unlocked = contacts._OWN_CUSTOMER._clone()
    unlocked._for_update_arg = None
    monkeypatch.setattr(contacts, "_OWN_CUSTOMER", unlocked)
    readers, look = threading.Barrier(2), contacts._refuse_blackout

    def look_and_wait(*asked: object) -> None:
        look(*asked)  # pyright: ignore
        readers.wait(timeout=5)

    monkeypatch.setattr(contacts, "_refuse_blackout", look_and_wait)
    answers = all_at_once(app, deeds(customer, employees))
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert contacts_noted() == 2
