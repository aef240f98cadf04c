"""Signing in, staying in, and the end of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.core.errors import Forbidden, TooMany, Unauthenticated
from storefront.staff import attempts, employment, passwords, service, sessions
from storefront.staff.models import Employee, OwnVisitor, RefreshToken, Role, StaffSession
from tests.support import cast
from tests.support.queries import recorded_queries

HOME = sessions.Caller("192.0.2.1", "visitor at home")


def come_in(employee: Employee, clock: SettableClock) -> sessions.SignedIn:
    return sessions.sign_in(employee.number, cast.PASSWORD, HOME, clock.now())


def is_in(signed_in: sessions.SignedIn, clock: SettableClock) -> bool:
    try:
        sessions.authenticate(
            signed_in.session_public_id, signed_in.employee_public_id, clock.now()
        )
    except Unauthenticated:
        return False
    return True


def refreshed(signed_in: sessions.SignedIn, clock: SettableClock) -> sessions.SignedIn:
    return sessions.refresh(signed_in.session_public_id, signed_in.token_id, clock.now())


@pytest.fixture
def lin(app: Flask) -> Employee:
    return cast.an_employee("E1", password=cast.PASSWORD)


def test_who_signs_in_is_known_with_role_and_store(lin: Employee, clock: SettableClock) -> None:
    signed_in = come_in(lin, clock)
    actor = sessions.authenticate(
        signed_in.session_public_id, signed_in.employee_public_id, clock.now()
    )
    assert actor == cast.actor_of(lin)


def test_authenticating_is_one_query(lin: Employee, clock: SettableClock) -> None:
    signed_in = come_in(lin, clock)
    with recorded_queries() as queries:
        assert is_in(signed_in, clock)
    assert len(queries) == 1


def test_a_session_is_nobody_elses(lin: Employee, clock: SettableClock) -> None:
    colleague = cast.an_employee()
    signed_in = come_in(lin, clock)
    with pytest.raises(Unauthenticated, match="session_ended"):
        sessions.authenticate(signed_in.session_public_id, colleague.public_id, clock.now())


@pytest.mark.parametrize(
    ("number", "password"),
    [("E1", "wrong"), ("E2", cast.PASSWORD), ("e1", cast.PASSWORD), ("E1", "")],
)
def test_number_and_password_must_both_be_right(
    lin: Employee, clock: SettableClock, number: str, password: str
) -> None:
    with pytest.raises(Unauthenticated, match="wrong_credentials"):
        sessions.sign_in(number, password, HOME, clock.now())


def test_an_unknown_number_and_a_wrong_password_cannot_be_told_apart(
    lin: Employee, clock: SettableClock
) -> None:
    told: list[tuple[str, list[str]]] = []
    hashes: list[str] = []
    for number in ("E1", "E2"):
        with (
            recorded_queries() as queries,
            patch.object(passwords, "_hasher", wraps=passwords._hasher) as watched,
            pytest.raises(Unauthenticated) as refused,
        ):
            sessions.sign_in(number, "wrong", HOME, clock.now())
        told.append((str(refused.value), list(queries)))
        ((kept_hash, _), _) = watched.verify.call_args
        assert watched.verify.call_count == 1
        hashes.append(kept_hash)
    assert told[0] == told[1]
    assert hashes == [lin.password_hash, passwords.NOBODYS_HASH]


def test_who_was_invited_and_has_no_password_cannot_come_in(
    app: Flask, clock: SettableClock
) -> None:
    employee = cast.an_employee("E1")
    for password in ("", "None"):
        with pytest.raises(Unauthenticated, match="wrong_credentials"):
            sessions.sign_in(employee.number, password, HOME, clock.now())


def test_who_is_suspended_is_told_so_only_for_the_right_password(
    lin: Employee, clock: SettableClock
) -> None:
    employment.suspend(lin.id, "", SYSTEM, clock.now())
    with pytest.raises(Forbidden, match="not_active"):
        come_in(lin, clock)
    with pytest.raises(Unauthenticated, match="wrong_credentials"):
        sessions.sign_in("E1", "wrong", HOME, clock.now())


def test_who_is_suspended_while_the_password_is_being_checked_stays_out(
    lin: Employee, clock: SettableClock
) -> None:
    def slow(kept: str | None, password: str) -> bool:
        right = passwords.password_matches(kept, password)
        employment.suspend(lin.id, "", SYSTEM, clock.now())
        return right

    with (
        patch.object(sessions, "password_matches", slow),
        pytest.raises(Forbidden, match="not_active"),
    ):
        come_in(lin, clock)
    assert db.session.scalar(sa.select(sa.func.count(StaffSession.id))) == 0


def test_signing_in_right_uses_no_budget_up(lin: Employee, clock: SettableClock) -> None:
    for number in range(2 * attempts.PER_ACCOUNT):
        caller = sessions.Caller("192.0.2.1", f"new browser {number}")
        sessions.sign_in("E1", cast.PASSWORD, caller, clock.now())


def test_strangers_use_the_accounts_budget_up_but_not_the_known_devices(
    lin: Employee, clock: SettableClock
) -> None:
    come_in(lin, clock)
    refusals: list[str] = []
    for number in range(3 * attempts.PER_ACCOUNT):
        stranger = sessions.Caller(f"198.51.100.{number}", f"stranger {number}")
        with pytest.raises((Unauthenticated, TooMany)) as refused:
            sessions.sign_in("E1", "wrong", stranger, clock.now())
        refusals.append(refused.value.code)
    assert refusals[: attempts.PER_ACCOUNT] == ["wrong_credentials"] * attempts.PER_ACCOUNT
    assert set(refusals[attempts.PER_ACCOUNT :]) == {"too_many_attempts"}
    come_in(lin, clock)
    with pytest.raises(TooMany):
        sessions.sign_in("E1", cast.PASSWORD, sessions.Caller("198.51.100.99", "x"), clock.now())


def test_a_known_device_has_a_budget_too(lin: Employee, clock: SettableClock) -> None:
    come_in(lin, clock)
    for _ in range(attempts.PER_DEVICE):
        with pytest.raises(Unauthenticated):
            sessions.sign_in("E1", "wrong", HOME, clock.now())
    with pytest.raises(TooMany):
        come_in(lin, clock)


def test_a_device_known_for_one_account_is_a_stranger_to_others(
    lin: Employee, clock: SettableClock
) -> None:
    colleague = cast.an_employee("E2", password=cast.PASSWORD)
    come_in(lin, clock)
    for _ in range(attempts.PER_ACCOUNT):
        with pytest.raises(Unauthenticated):
            sessions.sign_in("E2", "wrong", HOME, clock.now())
    with pytest.raises(TooMany):
        come_in(colleague, clock)


def test_the_browser_is_remembered_as_the_employees_own(
    lin: Employee, clock: SettableClock
) -> None:
    come_in(lin, clock)
    come_in(lin, clock)
    assert db.session.scalars(sa.select(OwnVisitor.visitor_id)).all() == [HOME.visitor_id]


def test_a_refresh_keeps_the_session_and_changes_the_token(
    lin: Employee, clock: SettableClock
) -> None:
    first = come_in(lin, clock)
    for _ in range(40):
        clock.advance(timedelta(days=29))
        second = refreshed(first, clock)
        assert second.session_public_id == first.session_public_id
        assert second.token_id != first.token_id
        first = second
    assert is_in(first, clock)
    # Old tokens leave no rows behind.
    assert db.session.scalar(sa.select(sa.func.count(RefreshToken.id))) == 2


def test_a_session_that_nobody_refreshes_runs_out(lin: Employee, clock: SettableClock) -> None:
    signed_in = come_in(lin, clock)
    clock.advance(timedelta(days=30))
    assert not is_in(signed_in, clock)
    with pytest.raises(Unauthenticated, match="session_ended"):
        refreshed(signed_in, clock)


def test_an_answer_that_got_lost_may_be_asked_for_again(
    lin: Employee, clock: SettableClock
) -> None:
    first = come_in(lin, clock)
    refreshed(first, clock)
    clock.advance(sessions.GRACE)
    sibling = refreshed(first, clock)
    clock.advance(timedelta(minutes=20))
    assert is_in(refreshed(sibling, clock), clock)


@pytest.mark.parametrize("later", [timedelta(seconds=1), timedelta(days=5)])
def test_a_token_that_comes_back_after_the_grace_ends_the_family(
    lin: Employee, clock: SettableClock, later: timedelta
) -> None:
    first = come_in(lin, clock)
    second = refreshed(first, clock)
    clock.advance(sessions.GRACE + later)
    third = refreshed(second, clock)
    with pytest.raises(Unauthenticated, match="session_ended"):
        refreshed(first, clock)
    assert not is_in(third, clock)
    with pytest.raises(Unauthenticated, match="session_ended"):
        refreshed(third, clock)
    assert db.session.scalars(sa.select(StaffSession.end_reason)).all() == ["replayed"]


def test_a_family_that_ended_takes_no_other_along(lin: Employee, clock: SettableClock) -> None:
    phone, tablet = come_in(lin, clock), come_in(lin, clock)
    refreshed(phone, clock)
    clock.advance(timedelta(minutes=5))
    with pytest.raises(Unauthenticated):
        refreshed(phone, clock)
    assert is_in(tablet, clock)


def test_a_token_of_another_family_opens_nothing(lin: Employee, clock: SettableClock) -> None:
    phone, tablet = come_in(lin, clock), come_in(lin, clock)
    with pytest.raises(Unauthenticated):
        sessions.refresh(phone.session_public_id, tablet.token_id, clock.now())
    assert is_in(tablet, clock)


def test_signing_out_ends_this_session_alone(lin: Employee, clock: SettableClock) -> None:
    phone, tablet = come_in(lin, clock), come_in(lin, clock)
    sessions.sign_out(phone.session_public_id, clock.now())
    assert not is_in(phone, clock)
    assert is_in(tablet, clock)
    with pytest.raises(Unauthenticated):
        refreshed(phone, clock)


def suspended(employee: Employee, clock: SettableClock) -> None:
    employment.suspend(employee.id, "", SYSTEM, clock.now())


def left(employee: Employee, clock: SettableClock) -> None:
    employment.leave(employee.id, "", SYSTEM, clock.now())


def demoted(employee: Employee, clock: SettableClock) -> None:
    details = service.details_of(employee)
    lower = service.Details(
        name=details.name, phone=None, store_id=details.store_id, role=Role.EMPLOYEE
    )
    service.edit(employee.id, employee.version, lower, SYSTEM, clock.now())


@pytest.mark.parametrize("happens", [suspended, left, demoted])
def test_sessions_end_with_what_happens_to_their_owner(
    app: Flask, clock: SettableClock, happens: Callable[[Employee, SettableClock], None]
) -> None:
    manager = cast.an_employee("M1", role=Role.STORE_MANAGER, password=cast.PASSWORD)
    phone, tablet = come_in(manager, clock), come_in(manager, clock)
    happens(manager, clock)
    for device in (phone, tablet):
        assert not is_in(device, clock)
        with pytest.raises(Unauthenticated, match="session_ended"):
            refreshed(device, clock)


def test_what_was_ended_stays_ended_when_its_owner_comes_back(
    lin: Employee, clock: SettableClock
) -> None:
    signed_in = come_in(lin, clock)
    suspended(lin, clock)
    employment.reinstate(lin.id, "", SYSTEM, clock.now())
    assert not is_in(signed_in, clock)
    assert is_in(come_in(lin, clock), clock)


def test_moving_to_another_store_ends_nothing_and_is_seen_at_once(
    lin: Employee, clock: SettableClock
) -> None:
    signed_in = come_in(lin, clock)
    details = service.Details(
        name=lin.name, phone=None, store_id=cast.a_store("S2").id, role=lin.role
    )
    service.edit(lin.id, lin.version, details, SYSTEM, clock.now())
    actor = sessions.authenticate(
        signed_in.session_public_id, signed_in.employee_public_id, clock.now()
    )
    assert actor.store_id == cast.a_store("S2").id


def test_sessions_long_over_are_forgotten(lin: Employee, clock: SettableClock) -> None:
    over, running = come_in(lin, clock), come_in(lin, clock)
    sessions.sign_out(over.session_public_id, clock.now())
    for _ in range(4):
        clock.advance(timedelta(days=25))
        running = refreshed(running, clock)
    sessions.forget_old(clock.now())
    assert db.session.scalars(sa.select(StaffSession.public_id)).all() == [
        running.session_public_id
    ]
    assert is_in(running, clock)
