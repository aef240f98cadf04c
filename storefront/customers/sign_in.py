"""Customers prove that a phone number is theirs: by a code that is sent to it.

Whether anybody has a number is not told: asking looks the same, and only a customer is sent a code.
A code works once, for ten minutes, and an earlier one goes on working within its own time, since
messages overtake each other.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from storefront.core import jobs
from storefront.core.database import changed_rows, db, insert_for, insert_if_absent, transaction
from storefront.core.errors import Invalid, TooMany
from storefront.core.ids import random_text
from storefront.core.settings import settings
from storefront.customers.models import (
    Customer,
    CustomerVisitor,
    SignedInVisitor,
    SignInCode,
    Through,
)

GOOD_FOR = timedelta(minutes=10)
"""How long a code works."""
SIGNED_IN_FOR = timedelta(days=30)
DIGITS = 6
MOST_TRIES = 5
"""Of each code; a wrong one counts against every code that is out for the number."""
WINDOW = timedelta(hours=1)
PER_PHONE = 5
"""Codes that may be asked for within the window, for one number."""
PER_CALLER = 30
"""The same from one network address: a household, an office, a carrier's gateway."""
BETWEEN = timedelta(seconds=60)
"""Between two codes for one number."""

_codes = cast(sa.Table, SignInCode.__table__)
_customers = cast(sa.Table, Customer.__table__)
_signed_in = cast(sa.Table, SignedInVisitor.__table__)
_visitors = cast(sa.Table, CustomerVisitor.__table__)


SEND_CODE = "customers.send_code"
"""Kind of the job that sends a code to its phone."""


def ask(phone: str, caller: str, language: str, now: datetime) -> None:
    """Make a code for a number (E.164), and leave a job that sends it if it is a customer's.

    `caller` is the network address that asks. Raises TooMany `too_many_codes` with `retry_after`.
    """
    with transaction():
        network = _digest("caller", caller)
        _refuse_too_many(phone, network, now)
        known = db.session.scalar(sa.select(_customers.c.id).where(_customers.c.phone == phone))
        salt = random_text(20)
        db.session.execute(
            sa.insert(_codes),
            {
                "phone": phone,
                "salt": salt,
                "is_customers": known is not None,
                "caller": network,
                "made_at": now,
                "tries": 0,
            },
        )
        if known is not None:
            jobs.leave(SEND_CODE, f"sign-in:{salt}", {"salt": salt, "language": language}, now)


def code_to_send(salt: str, now: datetime) -> tuple[str, str] | None:
    """The number (E.164) and the code made with this salt; None once it would come too late."""
    phone = db.session.scalar(
        sa.select(_codes.c.phone).where(_codes.c.salt == salt, _codes.c.made_at > now - GOOD_FOR)
    )
    return (phone, _code(salt, phone)) if phone else None


def _refuse_too_many(phone: str, network: str, now: datetime) -> None:
    within = _codes.c.made_at > now - WINDOW
    for whose, most in (
        (_codes.c.phone == phone, PER_PHONE),
        (_codes.c.caller == network, PER_CALLER),
    ):
        count, first, last = db.session.execute(
            sa.select(
                sa.func.count(), sa.func.min(_codes.c.made_at), sa.func.max(_codes.c.made_at)
            ).where(whose, within)
        ).one()
        if count >= most:
            _wait(first + WINDOW - now)
        if most == PER_PHONE and last is not None and last + BETWEEN > now:
            _wait(last + BETWEEN - now)


def _wait(time: timedelta) -> None:
    raise TooMany(
        "too_many_codes",
        "A code is on its way. Ask for another a little later.",
        retry_after=max(1, round(time.total_seconds())),
    )


def prove(phone: str, code: str, visitor_id: str, now: datetime) -> int:
    """Sign a browser in with the code that was sent to a number; the customer's row.

    From here on the browser's meetings are the customer's too. Raises Invalid `wrong_code` for a
    code that is wrong, used, too old, or tried too often.
    """
    typed = "".join(code.split()).encode()
    with transaction():
        # Charged before it is looked at: tries side by side cannot overrun the budget.
        open_codes = db.session.execute(
            sa.update(_codes)
            .where(
                _codes.c.phone == phone,
                _codes.c.is_customers,
                _codes.c.used_at.is_(None),
                _codes.c.made_at > now - GOOD_FOR,
                _codes.c.tries < MOST_TRIES,
            )
            .values(tries=_codes.c.tries + 1)
            .returning(_codes.c.id, _codes.c.salt)
        ).all()
        matching = [
            row.id
            for row in open_codes
            if hmac.compare_digest(_code(row.salt, phone).encode(), typed)
        ]
        customer_id = _use(matching, phone, visitor_id, now) if matching else None
    # Outside, so that a try that failed stays counted.
    if customer_id is None:
        message = "Enter the code from the newest message, or have another one sent."
        raise Invalid("wrong_code", message, errors={"json": {"code": [message]}})
    return customer_id


def _use(code_ids: list[int], phone: str, visitor_id: str, now: datetime) -> int | None:
    used = db.session.execute(
        sa.update(_codes)
        .where(_codes.c.id.in_(code_ids), _codes.c.used_at.is_(None))
        .values(used_at=now)
    )
    if not changed_rows(used):
        return None
    customer_id = db.session.scalars(
        sa.select(_customers.c.id).where(_customers.c.phone == phone)
    ).one()
    until = now + SIGNED_IN_FOR
    db.session.execute(
        insert_for(_signed_in)
        .values(visitor_id=visitor_id, customer_id=customer_id, until=until)
        .on_conflict_do_update(
            index_elements=["visitor_id"], set_={"customer_id": customer_id, "until": until}
        )
    )
    insert_if_absent(
        _visitors,
        ["visitor_id", "customer_id"],
        {
            "visitor_id": visitor_id,
            "customer_id": customer_id,
            "at": now,
            "through": Through.SIGN_IN,
        },
    )
    return customer_id


def signed_in(visitor_id: str, now: datetime) -> int | None:
    """The customer whom this browser's user has proved to be; None if nobody, or too long ago."""
    return db.session.scalar(
        sa.select(_signed_in.c.customer_id).where(
            _signed_in.c.visitor_id == visitor_id, _signed_in.c.until > now
        )
    )


def sign_out(visitor_id: str) -> None:
    """Forget the proof; what was found about the browser's meetings stays."""
    with transaction() as session:
        session.execute(sa.delete(_signed_in).where(_signed_in.c.visitor_id == visitor_id))


def forget_old(now: datetime) -> None:
    """Delete codes and proofs that are of no use any more."""
    with transaction() as session:
        session.execute(sa.delete(_codes).where(_codes.c.made_at < now - 24 * WINDOW))
        session.execute(sa.delete(_signed_in).where(_signed_in.c.until < now))


def _code(salt: str, phone: str) -> str:
    number = int(_digest("code", phone, salt), 16) % 10**DIGITS
    return f"{number:0{DIGITS}}"


def _digest(*parts: str) -> str:
    secret = settings().visitor_secret.encode()
    return hmac.new(secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()
