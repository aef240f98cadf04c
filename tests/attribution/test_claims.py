"""An employee says that a customer is theirs, and the policy settles it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from storefront.attribution import claims, ties
from storefront.attribution.models import Tie, TieHow
from storefront.attribution.relations import ACCEPTED, ClaimOutcome, CustomerClaim
from storefront.attribution.rules import Renewal, TieMode
from storefront.attribution.tie_words import say_outcome
from storefront.core import clock
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Invalid, NotFound
from storefront.customers.visitors import new_visitor_id
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.threads import all_at_once
from tests.support.ties import EXPLICIT, a_customer, belongs_to, history, whose

PHONE = "+8613800138000"
CROWD = 12


@pytest.fixture
def anna(app: Flask) -> Employee:
    trade.the_policy(EXPLICIT)
    return cast.an_employee("E1")


def claim(
    employee: Employee, phone: str | None = "138 0013 8000", member_code: str | None = None
) -> CustomerClaim:
    return claim_of(employee.id, phone, member_code)


def claim_of(
    employee_id: int, phone: str | None = "138 0013 8000", member_code: str | None = None
) -> CustomerClaim:
    return claims.state_claim(
        employee_id, phone=phone, member_code=member_code, words="long known", now=clock.now()
    )


def test_a_customer_who_is_nobodys_is_the_claimants(anna: Employee, clock: SettableClock) -> None:
    customer = a_customer(PHONE, "M1")
    settled = claim(anna)
    until = clock.now() + timedelta(days=30)
    assert (settled.outcome, settled.until) == (ClaimOutcome.NOBODYS, until)
    (tie,) = history(customer.id)
    assert (tie.id, tie.employee_id, tie.how) == (settled.tie_id, anna.id, TieHow.CLAIM)
    assert (tie.protected_until, tie.reason, tie.by_employee_id) == (until, "long known", anna.id)
    assert claim(anna, None, "M1").outcome is ClaimOutcome.ALREADY_YOURS
    assert len(history(customer.id)) == 1


def test_a_colleagues_customer_is_free_when_the_protection_has_run_out(
    anna: Employee, clock: SettableClock
) -> None:
    customer = a_customer(PHONE)
    bo = cast.an_employee()
    until = clock.now() + timedelta(days=3)
    belongs_to(customer, bo, until)
    refused = claim(anna)
    assert (refused.outcome, refused.until, refused.tie_id) == (ClaimOutcome.PROTECTED, until, None)
    clock.advance(timedelta(days=3))
    assert claim(anna).outcome is ClaimOutcome.LAPSED
    assert whose(customer.id) == [bo.id, anna.id]
    assert broken() == set()


def test_a_renewal_that_no_order_has_told_of_yet_is_not_overlooked(
    app: Flask, clock: SettableClock
) -> None:
    trade.the_policy(replace(EXPLICIT, tie_mode=TieMode.FIRST_TOUCH, renewed_by=(Renewal.TOUCH,)))
    trade.the_plan()
    seller, visitor = trade.a_seller(), new_visitor_id()
    trade.sell(cast.a_product(), through=seller, visitor=visitor, phone=PHONE)
    clock.advance(timedelta(days=20))
    trade.a_visit(seller, visitor)
    met_again = clock.now()
    clock.advance(timedelta(days=15))
    settled = claim(cast.an_employee())
    assert (settled.outcome, settled.until) == (
        ClaimOutcome.PROTECTED,
        met_again + timedelta(days=30),
    )
    clock.advance(timedelta(days=15))
    assert claim(cast.an_employee()).outcome is ClaimOutcome.LAPSED
    assert broken() == set()


def test_a_customer_who_is_somebodys_for_good_is_not_to_be_had(anna: Employee) -> None:
    belongs_to(a_customer(PHONE), cast.an_employee())
    settled = claim(anna)
    assert (settled.outcome, settled.until) == (ClaimOutcome.PROTECTED, None)


def test_nobody_is_their_own_customer(anna: Employee) -> None:
    own = cast.an_employee(phone=PHONE)
    a_customer(PHONE)
    assert claim(own).outcome is ClaimOutcome.OWN_NUMBER


def test_where_there_are_no_ties_nothing_is_to_be_claimed(app: Flask) -> None:
    trade.the_policy()
    customer = a_customer(PHONE)
    assert claim(cast.an_employee()).outcome is ClaimOutcome.NO_TIES
    assert history(customer.id) == []


def test_whoever_is_no_customer_cannot_be_claimed(anna: Employee) -> None:
    with pytest.raises(NotFound, match="customer_not_found"):
        claim(anna)
    with pytest.raises(NotFound, match="customer_not_found"):
        claim(anna, None, "M1")
    with pytest.raises(Invalid, match="wrong_phone"):
        claim(anna, "12")


def test_refused_or_not_every_claim_is_written_down(anna: Employee) -> None:
    customer = a_customer(PHONE)
    for employee in (anna, cast.an_employee(), anna):
        claim(employee)
    found = db.session.scalars(
        sa.select(CustomerClaim.outcome)
        .where(CustomerClaim.customer_id == customer.id)
        .order_by(CustomerClaim.id)
    ).all()
    assert found == [ClaimOutcome.NOBODYS, ClaimOutcome.PROTECTED, ClaimOutcome.ALREADY_YOURS]


def test_every_outcome_has_its_words_in_both_languages(clock: SettableClock) -> None:
    for outcome in ClaimOutcome:
        assert say_outcome(outcome, None, "zh", "Asia/Shanghai")
        told = say_outcome(outcome, clock.now(), "en", "Asia/Shanghai")
        assert told.endswith("The protection lasts until 2 Mar 2026, 10:00.")


def rivals(count: int) -> list[Callable[[], CustomerClaim]]:
    ids = [cast.an_employee().id for _ in range(count)]
    return [lambda who=each: claim_of(who) for each in ids]


@pytest.mark.own_app(database_pool_size=CROWD + 2, database_pool_timeout=30.0)
@pytest.mark.parametrize("tied", [False, True], ids=["nobody's", "run out"])
def test_of_many_who_claim_one_customer_at_once_one_wins(
    app: Flask, clock: SettableClock, tied: bool
) -> None:
    trade.the_policy(EXPLICIT)
    customer = a_customer(PHONE)
    if tied:
        belongs_to(customer, cast.an_employee(), clock.now() + timedelta(days=1))
        clock.advance(timedelta(days=1))
    answers = all_at_once(app, rivals(CROWD))
    settled = [each for each in answers if isinstance(each, CustomerClaim)]
    assert len(settled) == CROWD, answers
    (winner,) = [each for each in settled if each.outcome in ACCEPTED]
    losers = [each for each in settled if each is not winner]
    assert {(each.outcome, each.until) for each in losers} == {
        (ClaimOutcome.PROTECTED, winner.until)
    }
    assert whose(customer.id)[-1] == winner.employee_id
    assert broken() == set()


@pytest.mark.postgresql_only
@pytest.mark.own_app(database_pool_size=CROWD + 2, database_pool_timeout=30.0)
def test_where_nobody_gives_way_one_of_two_meets_an_error(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin without the protection: read, then write."""
    trade.the_policy(EXPLICIT)
    a_customer(PHONE)

    def write(customer_id: int, _tie: Any, change: Any, cause: ties.Cause, now: Any) -> int:
        tie = Tie(
            customer_id=customer_id,
            employee_id=change.employee_id,
            since=now,
            how=cause.how,
            reason=cause.reason,
        )
        db.session.add(tie)
        db.session.flush()
        return tie.id

    monkeypatch.setattr(ties, "take", write)
    answers = all_at_once(app, rivals(CROWD))
    assert any(isinstance(answer, IntegrityError) for answer in answers)
