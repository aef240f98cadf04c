"""Headquarters gives customers to somebody else."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.attribution import clientele, transfers
from storefront.attribution.models import Tie, TieHow
from storefront.core import clock, jobs
from storefront.core.actor import Actor
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, Invalid
from storefront.customers.models import Customer
from storefront.staff.models import Employee, Role
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.queries import recorded_queries
from tests.support.threads import all_at_once
from tests.support.ties import EXPLICIT, a_customer, belongs_to, history, whose


@pytest.fixture
def operations(app: Flask) -> Actor:
    trade.the_policy(EXPLICIT)
    return cast.actor_of(cast.an_employee("H1", role=Role.HQ_OPERATIONS))


def anna_and_bo() -> tuple[Employee, Employee]:
    return (
        cast.an_employee("E1", phone="+8613900000001"),
        cast.an_employee("E2", phone="+8613900000002"),
    )


def customers_of(employee: Employee, count: int) -> list[Customer]:
    found = [a_customer(f"+86138{employee.id:04}{number:04}") for number in range(count)]
    for customer in found:
        belongs_to(customer, employee)
    return found


def test_four_things_are_written_old_tie_new_tie_who_and_why(
    operations: Actor, clock: SettableClock
) -> None:
    anna, bo = anna_and_bo()
    (customer,) = customers_of(anna, 1)
    came = clock.now()
    done = transfers.transfer([customer.public_id], bo, "moved away", operations, clock.now())
    assert (done.moved, done.already_theirs) == (1, 0)
    old, new = history(customer.id)
    assert (old.employee_id, old.ended_at, old.ended_by_id) == (
        anna.id,
        came,
        operations.employee_id,
    )
    assert (new.employee_id, new.since, new.how) == (bo.id, came, TieHow.HEADQUARTERS)
    assert (new.reason, new.by_employee_id) == ("moved away", operations.employee_id)
    told = clientele.history_of(customer.id)[-1]
    assert (told.employee_number, told.by_number, told.reason) == ("E2", "H1", "moved away")
    assert broken() == set()


def test_both_are_told_after_the_commit_and_the_customer_is_not(
    operations: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    anna, bo = anna_and_bo()
    (customer,) = customers_of(anna, 1)
    transfers.transfer([customer.public_id], bo, "moved away", operations, clock.now())
    with caplog.at_level(logging.INFO):
        assert jobs.run_due(clock.now()) == 2
    told = "".join(record.getMessage() for record in caplog.records)
    assert "+86139…02: 有 1 位顾客转到你名下。原因：moved away" in told
    assert "+86139…01: 有 1 位顾客从你名下转给了同事。" in told
    assert "Customers that are now yours: 1. Why: moved away" in told
    assert "+86138" not in told


def test_a_list_takes_free_customers_too_and_leaves_those_who_are_theirs(
    operations: Actor,
) -> None:
    anna, bo = anna_and_bo()
    mine, hers = customers_of(bo, 1), customers_of(anna, 2)
    free = a_customer()
    named = [each.public_id for each in (*mine, *hers, free)]
    done = transfers.transfer(named, bo, "", operations, clock.now())
    assert (done.moved, done.already_theirs) == (3, 1)
    assert len(history(mine[0].id)) == 1
    assert [whose(each.id) for each in hers] == [[anna.id, bo.id]] * 2
    assert whose(free.id) == [bo.id]
    assert jobs.run_due(clock.now()) == 2


def test_all_customers_of_one_become_anothers_in_as_many_statements_as_one(
    operations: Actor,
) -> None:
    counted: list[int] = []
    for count in (1, 40):
        giver, to = cast.an_employee(), cast.an_employee()
        hers = customers_of(giver, count)
        others = customers_of(cast.an_employee(), 1)
        with recorded_queries() as queries:
            done = transfers.transfer_all(giver, to, "a new store", operations, clock.now())
        counted.append(len(queries))
        assert done.moved == count
        assert [whose(each.id) for each in hers] == [[giver.id, to.id]] * count
        assert len(history(others[0].id)) == 1
    assert counted[0] == counted[1]
    assert broken() == set()


def test_what_cannot_be_moved_is_refused_and_nothing_is_moved(operations: Actor) -> None:
    anna, bo = anna_and_bo()
    (customer,) = customers_of(anna, 1)
    now = clock.now()
    with pytest.raises(Invalid, match="customers_unknown") as unknown:
        transfers.transfer([customer.public_id, "cus_nobody"], bo, "", operations, now)
    assert "cus_nobody" in unknown.value.detail
    with pytest.raises(Conflict, match="same_employee"):
        transfers.transfer_all(anna, anna, "", operations, now)
    cast.leaves(bo)
    with pytest.raises(Conflict, match="employee_left"):
        transfers.transfer_all(anna, bo, "", operations, now)
    assert whose(customer.id) == [anna.id]


def test_without_ties_nobody_is_given_to_anybody(app: Flask, clock: SettableClock) -> None:
    trade.the_policy()
    customer = a_customer()
    with pytest.raises(Conflict, match="no_ties"):
        transfers.transfer(
            [customer.public_id], cast.an_employee(), "", Actor("hq_admin"), clock.now()
        )


def test_two_who_move_the_same_customers_at_once_leave_one_history(
    app: Flask, operations: Actor
) -> None:
    anna, bo = anna_and_bo()
    carla = cast.an_employee()
    hers = customers_of(anna, 6)
    named = [each.public_id for each in hers]
    now = clock.now()

    givers_id, one, other = anna.id, bo.id, carla.id

    def to(employee_id: int, names: list[str]) -> transfers.Transferred:
        taker = db.session.get_one(Employee, employee_id)
        return transfers.transfer(names, taker, "", operations, now)

    def everything() -> transfers.Transferred:
        giver, taker = (db.session.get_one(Employee, each) for each in (givers_id, other))
        return transfers.transfer_all(giver, taker, "", operations, now)

    answers = all_at_once(app, [lambda: to(one, named), lambda: to(other, named[::-1]), everything])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    for each in hers:
        assert whose(each.id)[-1] in {bo.id, carla.id}
    assert db.session.scalar(sa.select(sa.func.count()).where(Tie.ended_at.is_(None))) == 6
    assert broken() == set()
