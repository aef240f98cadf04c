"""On leave: what is theirs they may see, and office and work wait."""

from __future__ import annotations

import pytest
from flask import Flask

from storefront.attribution import claims, contacts
from storefront.attribution.relations import ContactChannel
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.errors import Conflict, Forbidden, Unauthenticated
from storefront.staff import employment, sessions
from storefront.staff.models import Employee, EmploymentState, Role
from tests.support import cast


def caller() -> sessions.Caller:
    return sessions.Caller("192.0.2.1", "a-browser")


@pytest.fixture
def anna(app: Flask, clock: SettableClock) -> Employee:
    anna = cast.an_employee("E1", role=Role.STORE_MANAGER, password=cast.PASSWORD)
    employment.go_on_leave(anna.id, "parental leave", SYSTEM, clock.now())
    return anna


def test_signing_in_goes_on_but_an_office_is_laid_down(
    anna: Employee, clock: SettableClock
) -> None:
    signed_in = sessions.sign_in("E1", cast.PASSWORD, caller(), clock.now())
    names = signed_in.session_public_id, signed_in.employee_public_id
    assert sessions.authenticate(*names, clock.now()).role == Role.EMPLOYEE
    sessions.refresh(signed_in.session_public_id, signed_in.token_id, clock.now())
    employment.come_back(anna.id, "", SYSTEM, clock.now())
    assert sessions.authenticate(*names, clock.now()).role == Role.STORE_MANAGER


def test_a_suspension_ends_what_a_leave_does_not(anna: Employee, clock: SettableClock) -> None:
    signed_in = sessions.sign_in("E1", cast.PASSWORD, caller(), clock.now())
    employment.suspend(anna.id, "", SYSTEM, clock.now())
    with pytest.raises(Unauthenticated, match="session_ended"):
        sessions.authenticate(
            signed_in.session_public_id, signed_in.employee_public_id, clock.now()
        )


def test_only_who_is_on_leave_comes_back_from_it(anna: Employee, clock: SettableClock) -> None:
    with pytest.raises(Conflict, match="wrong_state"):
        employment.go_on_leave(anna.id, "", SYSTEM, clock.now())
    with pytest.raises(Conflict, match="wrong_state"):
        employment.reinstate(anna.id, "", SYSTEM, clock.now())
    employment.come_back(anna.id, "", SYSTEM, clock.now())
    with pytest.raises(Conflict, match="wrong_state"):
        employment.come_back(anna.id, "", SYSTEM, clock.now())
    employment.suspend(anna.id, "", SYSTEM, clock.now())
    with pytest.raises(Conflict, match="wrong_state"):
        employment.come_back(anna.id, "", SYSTEM, clock.now())


def test_customers_wait(anna: Employee, clock: SettableClock) -> None:
    with pytest.raises(Forbidden, match="not_at_work"):
        claims.state_claim(anna.id, phone=None, member_code="M1", words="", now=clock.now())
    with pytest.raises(Forbidden, match="not_at_work"):
        contacts.note_contact(anna.id, "cus_1", ContactChannel.SMS, clock.now())


def test_a_transition_is_undone_only_from_where_it_led(
    anna: Employee, clock: SettableClock
) -> None:
    active, away = EmploymentState.ACTIVE, EmploymentState.ON_LEAVE
    assert not employment.put_back(anna.id, EmploymentState.LEFT, active, SYSTEM, clock.now())
    assert employment.put_back(anna.id, away, active, SYSTEM, clock.now())
    assert not employment.put_back(anna.id, away, active, SYSTEM, clock.now())
