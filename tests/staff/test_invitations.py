"""One-time codes and the passwords that are set with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Conflict, Forbidden, Gone, Invalid, TooMany, Unauthenticated
from storefront.staff import attempts, employment, invitations, service, sessions
from storefront.staff.models import Employee, EmploymentState, Invitation, Role
from tests.support import cast

ADDRESS = "192.0.2.1"


@pytest.fixture
def lin(app: Flask) -> Employee:
    return cast.an_employee("E1", state=EmploymentState.INVITED)


def code_for(employee: Employee, clock: SettableClock) -> str:
    return invitations.invite(employee.id, SYSTEM, clock.now()).code


def set_password(code: str, clock: SettableClock, password: str = cast.PASSWORD) -> None:
    invitations.set_password(code, password, ADDRESS, clock.now())


def state_of(employee: Employee) -> EmploymentState:
    return service.find(employee.public_id).state


def test_a_code_sets_a_password_and_the_work_begins(lin: Employee, clock: SettableClock) -> None:
    set_password(code_for(lin, clock), clock)
    assert state_of(lin) is EmploymentState.ACTIVE
    sessions.sign_in("E1", cast.PASSWORD, sessions.Caller(ADDRESS, "v"), clock.now())


def test_a_code_may_be_typed_as_people_type(lin: Employee, clock: SettableClock) -> None:
    code = code_for(lin, clock)
    set_password(f"  {code.upper().replace('-', ' ')}\n", clock)
    assert state_of(lin) is EmploymentState.ACTIVE


def test_a_code_is_kept_nowhere_in_clear(lin: Employee, clock: SettableClock) -> None:
    code = code_for(lin, clock)
    kept = db.session.scalars(sa.select(Invitation)).one()
    assert len(code.replace("-", "")) == invitations.CODE_LENGTH
    assert code not in str(vars(kept))
    assert code.replace("-", "") not in str(vars(kept))


def test_a_code_is_good_once(lin: Employee, clock: SettableClock) -> None:
    code = code_for(lin, clock)
    set_password(code, clock)
    with pytest.raises(Invalid, match="wrong_code"):
        set_password(code, clock, "another quiet lamp 8")


def test_a_code_is_good_for_a_week(lin: Employee, clock: SettableClock) -> None:
    code = code_for(lin, clock)
    clock.advance(timedelta(days=7))
    with pytest.raises(Gone, match="code_expired"):
        set_password(code, clock)
    assert invitations.open_until(lin.id, clock.now()) is None


def test_a_later_code_withdraws_the_earlier_one(lin: Employee, clock: SettableClock) -> None:
    first, second = code_for(lin, clock), code_for(lin, clock)
    with pytest.raises(Invalid, match="wrong_code"):
        set_password(first, clock)
    set_password(second, clock)


def test_a_weak_password_does_not_use_the_code_up(lin: Employee, clock: SettableClock) -> None:
    code = code_for(lin, clock)
    for weak, reason in [
        ("too short", "password_too_short"),
        ("password123", "password_too_common"),
        ("林小雨的灯下读书到天明", "password_has_name"),
    ]:
        with pytest.raises(Invalid, match=reason):
            set_password(code, clock, weak)
    set_password(code, clock)


@pytest.mark.parametrize("happens", [employment.suspend, employment.leave])
def test_codes_end_with_the_employment(app: Flask, clock: SettableClock, happens: Any) -> None:
    employee = cast.an_employee("E1")
    code = code_for(employee, clock)
    happens(employee.id, "", SYSTEM, clock.now())
    with pytest.raises(Invalid, match="wrong_code"):
        set_password(code, clock)


def test_a_new_password_ends_every_session(app: Flask, clock: SettableClock) -> None:
    employee = cast.an_employee("E1", password=cast.PASSWORD)
    caller = sessions.Caller(ADDRESS, "v")
    signed_in = sessions.sign_in("E1", cast.PASSWORD, caller, clock.now())
    set_password(code_for(employee, clock), clock, "another quiet lamp 8")
    with pytest.raises(Unauthenticated):
        sessions.authenticate(
            signed_in.session_public_id, signed_in.employee_public_id, clock.now()
        )
    with pytest.raises(Unauthenticated):
        sessions.sign_in("E1", cast.PASSWORD, caller, clock.now())
    sessions.sign_in("E1", "another quiet lamp 8", caller, clock.now())


def test_who_is_suspended_gets_no_code_and_who_left_begins_again(
    app: Flask, clock: SettableClock
) -> None:
    suspended = cast.an_employee(state=EmploymentState.SUSPENDED)
    with pytest.raises(Conflict, match="suspended"):
        code_for(suspended, clock)
    gone = cast.an_employee(state=EmploymentState.LEFT)
    set_password(code_for(gone, clock), clock)
    assert state_of(gone) is EmploymentState.ACTIVE


def test_operations_invite_everybody_but_headquarters(app: Flask, clock: SettableClock) -> None:
    operations = cast.actor_of(cast.an_employee(role=Role.HQ_OPERATIONS))
    for role in Role:
        employee = cast.an_employee(role=role)
        if role.startswith("hq_"):
            with pytest.raises(Forbidden, match="needs_admin"):
                invitations.invite(employee.id, operations, clock.now())
        else:
            invitations.invite(employee.id, operations, clock.now())
    gone = cast.an_employee(state=EmploymentState.LEFT)
    with pytest.raises(Forbidden, match="needs_admin"):
        invitations.invite(gone.id, operations, clock.now())


@pytest.mark.parametrize(
    "role", [Role.EMPLOYEE, Role.STORE_MANAGER, Role.REGION_MANAGER, Role.HQ_FINANCE]
)
def test_nobody_else_invites(app: Flask, clock: SettableClock, role: Role) -> None:
    actor = cast.actor_of(cast.an_employee(role=role))
    with pytest.raises(Forbidden, match="needs_admin"):
        invitations.invite(cast.an_employee().id, actor, clock.now())


def test_codes_cannot_be_guessed_for_long(lin: Employee, clock: SettableClock) -> None:
    for _ in range(attempts.PER_ADDRESS):
        with pytest.raises(Invalid, match="wrong_code"):
            set_password("2222-2222-2222", clock)
    with pytest.raises(TooMany):
        set_password("2222-2222-2222", clock)
