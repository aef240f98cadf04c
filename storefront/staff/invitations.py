"""One-time codes: HQ gives one out, the employee sets a password with it.

The code is shown once and kept as a keyed hash, so that reading the database gives nobody a way in.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, Gone, Invalid
from storefront.core.ids import ALPHABET, random_text
from storefront.core.settings import settings
from storefront.staff import attempts, employment, service, sessions
from storefront.staff.models import Employee, EmploymentState, Invitation
from storefront.staff.passwords import hash_password, refuse_weak

LIFE = timedelta(days=7)
CODE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """What is handed to the employee, by whatever way HQ trusts."""

    code: str
    """Like `7kqd-x2fm-9rtv`."""
    expires_at: datetime


def invite(employee_id: int, actor: Actor, now: datetime) -> OneTimeCode:
    """Give an employee a code for a first, or a new, password; earlier codes are withdrawn.

    Somebody who left begins again with it. Raises Forbidden `needs_admin`, Conflict `suspended`.
    """
    with transaction() as session:
        employee = session.get_one(Employee, employee_id, with_for_update=True)
        service.refuse_unless_may_add(actor, employee.role)
        if employee.state is EmploymentState.SUSPENDED:
            raise Conflict("suspended", "Reinstate this employee first.")
        if employee.state is EmploymentState.LEFT:
            employment.rehire(employee_id, actor, now)
        employment.withdraw_codes(employee_id, now)
        text = random_text(CODE_LENGTH)
        invitation = Invitation(
            employee_id=employee_id,
            code_hash=_hash(text),
            created_at=now,
            expires_at=now + LIFE,
            created_by_id=actor.employee_id,
        )
        session.add(invitation)
        session.flush()
    return OneTimeCode("-".join(text[at : at + 4] for at in range(0, len(text), 4)), now + LIFE)


def set_password(code: str, password: str, address: str, now: datetime) -> None:
    """Use a code up for a password. All sessions end; who was invited is active from here on.

    A weak password does not use the code up. Raises Invalid `wrong_code` (unknown, used or
    withdrawn) and those of `refuse_weak`, Gone `code_expired`, TooMany `too_many_attempts`.
    """
    budgets = [attempts.address_budget(address)]
    attempts.charge(budgets, now)
    found = db.session.execute(
        sa.select(Invitation.id, Invitation.expires_at, Employee)
        .join(Employee, Employee.id == Invitation.employee_id)
        .where(
            Invitation.code_hash == _hash(_as_written(code)),
            Invitation.used_at.is_(None),
            Invitation.withdrawn_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise _wrong_code()
    attempts.give_back(budgets)
    invitation_id, expires_at, employee = found
    if expires_at <= now:
        raise Gone("code_expired", "This code has expired. Ask headquarters for another.")
    refuse_weak(password, employee.number, employee.name)
    _keep(invitation_id, employee.id, hash_password(password), now)


def open_until(employee_id: int, now: datetime) -> datetime | None:
    """When the employee's open code runs out; None if there is none."""
    return db.session.scalar(
        sa.select(sa.func.max(Invitation.expires_at)).where(
            Invitation.employee_id == employee_id,
            Invitation.used_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.expires_at > now,
        )
    )


def _keep(invitation_id: int, employee_id: int, password_hash: str, now: datetime) -> None:
    with transaction() as session:
        used = session.execute(
            sa.update(Invitation)
            .where(
                Invitation.id == invitation_id,
                Invitation.used_at.is_(None),
                Invitation.withdrawn_at.is_(None),
            )
            .values(used_at=now)
        )
        if not changed_rows(used):
            raise _wrong_code()
        employee = session.get_one(Employee, employee_id, with_for_update=True)
        employee.password_hash = password_hash
        session.flush()
        if employee.state is EmploymentState.INVITED:
            employment.activate(employee_id, "set a password", now)
        sessions.end_all(employee_id, "password_changed", now)


def _as_written(code: str) -> str:
    """The code without what people put between and around its characters."""
    return "".join(character for character in code.lower() if character in ALPHABET)


def _hash(text: str) -> str:
    return hmac.digest(settings().secret_key.encode(), text.encode(), hashlib.sha256).hex()


def _wrong_code() -> Invalid:
    message = "This code is not valid (any more)."
    return Invalid("wrong_code", message, errors={"json": {"code": [message]}})
