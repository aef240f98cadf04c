"""Signing in, staying signed in, and the end of it.

A session is a row; whoever comes with a token is asked for that row, so its end holds at once, for
every token, after every restart. Refresh tokens rotate: each is good for one exchange. One that
comes back within `GRACE` is taken for two tabs refreshing at once, or for an answer that got lost,
and gets a fresh sibling; one that comes back later was stolen, or its heir was, and ends the
session (RFC 9700, section 4.14.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from storefront.core.actor import Actor
from storefront.core.database import UTCDateTime, db, insert_if_absent, transaction
from storefront.core.errors import Forbidden, Unauthenticated
from storefront.core.hot import HotStatement
from storefront.core.ids import public_id, random_text
from storefront.staff import attempts
from storefront.staff.models import (
    MAY_SIGN_IN,
    Employee,
    EmploymentState,
    OwnVisitor,
    RefreshToken,
    Role,
    StaffSession,
)
from storefront.staff.passwords import password_matches

REFRESH_LIFE = timedelta(days=30)
GRACE = timedelta(seconds=60)
KEPT_AFTER_THE_END = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Caller:
    """Where an attempt to sign in comes from."""

    address: str
    visitor_id: str
    """The browser, by its signed cookie; a browser without one is given a new one."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the tokens are made of."""

    employee_public_id: str
    session_public_id: str
    token_id: str
    """The refresh token's."""


# Spelled out: a hot statement knows no IN.
_may_sign_in = sa.or_(*(Employee.state == state for state in sorted(MAY_SIGN_IN)))
# Somebody on leave comes for their own figures alone: as an employee, whatever else they are.
_role = sa.case(
    (Employee.state == EmploymentState.ON_LEAVE, sa.literal(Role.EMPLOYEE, Employee.role.type)),
    else_=Employee.role,
)
_AUTHENTICATE = HotStatement(
    sa.select(Employee.id, _role, Employee.store_id)
    .join(StaffSession, StaffSession.employee_id == Employee.id)
    .where(
        StaffSession.public_id == sa.bindparam("session_public_id", type_=sa.String()),
        Employee.public_id == sa.bindparam("employee_public_id", type_=sa.String()),
        StaffSession.ended_at.is_(None),
        StaffSession.expires_at > sa.bindparam("now", type_=UTCDateTime()),
        _may_sign_in,
    )
)

_KNOWN_AS = (
    sa.select(Employee.id, Employee.password_hash, OwnVisitor.visitor_id)
    .outerjoin(
        OwnVisitor,
        sa.and_(
            OwnVisitor.employee_id == Employee.id,
            OwnVisitor.visitor_id == sa.bindparam("visitor_id"),
        ),
    )
    .where(Employee.number == sa.bindparam("number"))
)


def authenticate(session_public_id: str, employee_public_id: str, now: datetime) -> Actor:
    """Who comes with this session, in one query.

    Raises Unauthenticated `session_ended`, also when the employee may not sign in (any more).
    """
    row = _AUTHENTICATE.first(
        session_public_id=session_public_id, employee_public_id=employee_public_id, now=now
    )
    if row is None:
        raise _session_ended()
    employee_id, role, store_id = row
    return Actor(role=role, employee_id=employee_id, store_id=store_id)


def sign_in(number: str, password: str, caller: Caller, now: datetime) -> SignedIn:
    """Open a session for the employee with this staff number.

    Raises Unauthenticated `wrong_credentials` alike for an unknown number and a wrong password,
    after the same time; TooMany `too_many_attempts`; Forbidden `not_active` for the right password
    of somebody who may not work at present.
    """
    # One query, whether there is such an employee or not: its time tells nothing.
    employee_id, kept_hash, device = db.session.execute(
        _KNOWN_AS, {"number": number, "visitor_id": caller.visitor_id}
    ).one_or_none() or (None, None, None)
    if device:
        budgets = attempts.device_budgets(number, device)
    else:
        budgets = attempts.strangers_budgets(number, caller.address)
    attempts.charge(budgets, now)
    if not password_matches(kept_hash, password) or employee_id is None:
        raise Unauthenticated("wrong_credentials", "Staff number or password is wrong.")
    with transaction():
        attempts.give_back(budgets)
        if _may_come_in(employee_id, kept_hash):
            _remember_browser(employee_id, caller.visitor_id, now)
            return open_session(employee_id, now)
    raise Forbidden("not_active", "Your account is not active. Ask headquarters.")


def open_session(employee_id: int, now: datetime) -> SignedIn:
    """Open a session for somebody who has proved who they are, within the caller's transaction."""
    employee = db.session.get_one(Employee, employee_id)
    staff_session = StaffSession(
        public_id=public_id("ses"),
        employee_id=employee_id,
        created_at=now,
        expires_at=now + REFRESH_LIFE,
    )
    db.session.add(staff_session)
    db.session.flush()
    token_id = _new_token(staff_session.id, now)
    return SignedIn(employee.public_id, staff_session.public_id, token_id)


def refresh(session_public_id: str, token_id: str, now: datetime) -> SignedIn:
    """Exchange a refresh token for the next one of its session.

    Raises Unauthenticated `session_ended`; also when the token was exchanged more than `GRACE`
    ago, which ends the session.
    """
    with transaction():
        # The lock lines up two refreshes of a session with each other and with its end.
        found = db.session.execute(
            sa.select(StaffSession, Employee.public_id)
            .join(Employee, Employee.id == StaffSession.employee_id)
            .where(
                StaffSession.public_id == session_public_id,
                StaffSession.ended_at.is_(None),
                StaffSession.expires_at > now,
                _may_sign_in,
            )
            .with_for_update(of=StaffSession)
        ).one_or_none()
        if found is None:
            raise _session_ended()
        staff_session, employee_public_id = found
        if _rotate(staff_session.id, token_id, now):
            staff_session.expires_at = now + REFRESH_LIFE
            next_id = _new_token(staff_session.id, now)
            return SignedIn(employee_public_id, session_public_id, next_id)
        _end(StaffSession.id == staff_session.id, "replayed", now)
    raise _session_ended()


def sign_out(session_public_id: str, now: datetime) -> None:
    """End one session. Nothing happens if it has ended."""
    with transaction():
        _end(StaffSession.public_id == session_public_id, "signed_out", now)


def end_all(employee_id: int, reason: str, now: datetime) -> None:
    """End every session of an employee, within the transaction of what made it necessary."""
    with transaction():
        _end(StaffSession.employee_id == employee_id, reason, now)


def forget_old(now: datetime) -> None:
    """Delete sessions that ended, or ran out, some months ago."""
    long_ago = now - KEPT_AFTER_THE_END
    over = sa.or_(StaffSession.ended_at < long_ago, StaffSession.expires_at < long_ago)
    with transaction() as session:
        ids = sa.select(StaffSession.id).where(over)
        session.execute(sa.delete(RefreshToken).where(RefreshToken.session_id.in_(ids)))
        session.execute(sa.delete(StaffSession).where(over))


def _may_come_in(employee_id: int, kept_hash: str | None) -> bool:
    """Whether state and password are still what they were before the password was checked."""
    found = db.session.scalar(
        sa.select(Employee.id)
        .where(
            Employee.id == employee_id,
            _may_sign_in,
            Employee.password_hash == kept_hash,
        )
        .with_for_update()
    )
    return found is not None


def _remember_browser(employee_id: int, visitor_id: str, now: datetime) -> None:
    insert_if_absent(
        OwnVisitor.__table__,
        ["visitor_id", "employee_id"],
        {"visitor_id": visitor_id, "employee_id": employee_id, "at": now},
    )


def _rotate(session_id: int, token_id: str, now: datetime) -> bool:
    """Mark a token as exchanged; False if it was before, and not just now."""
    token = db.session.scalar(
        sa.select(RefreshToken).where(
            RefreshToken.session_id == session_id, RefreshToken.token_id == token_id
        )
    )
    if token is None:
        return False
    if token.rotated_at is not None:
        return now - token.rotated_at <= GRACE
    token.rotated_at = now
    # Older ones are refused with or without their rows.
    db.session.execute(
        sa.delete(RefreshToken).where(
            RefreshToken.session_id == session_id, RefreshToken.rotated_at < now - GRACE
        )
    )
    return True


def _new_token(session_id: int, now: datetime) -> str:
    token = RefreshToken(token_id=random_text(32), session_id=session_id, issued_at=now)
    db.session.add(token)
    db.session.flush()
    return token.token_id


def _end(which: sa.ColumnElement[bool], reason: str, now: datetime) -> None:
    db.session.execute(
        sa.update(StaffSession)
        .where(which, StaffSession.ended_at.is_(None))
        .values(ended_at=now, end_reason=reason)
    )


def _session_ended() -> Unauthenticated:
    return Unauthenticated("session_ended", "This session has ended. Sign in again.")
