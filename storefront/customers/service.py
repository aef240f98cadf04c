"""Knowing customers again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from storefront.core.database import changed_rows, db, insert_for, insert_if_absent
from storefront.core.errors import Conflict, Invalid
from storefront.core.ids import public_id
from storefront.core.phones import as_e164
from storefront.customers.models import Customer, CustomerVisitor, Through

log = logging.getLogger(__name__)

_customers = cast(sa.Table, Customer.__table__)
_visitors = cast(sa.Table, CustomerVisitor.__table__)

_OF_PHONE = sa.select(_customers.c.id).where(_customers.c.phone == sa.bindparam("phone"))
_OF_EITHER = (
    sa.select(_customers.c.id, _customers.c.phone, _customers.c.member_code)
    .where(
        sa.or_(
            _customers.c.phone == sa.bindparam("phone", type_=sa.String()),
            _customers.c.member_code == sa.bindparam("member_code", type_=sa.String()),
        )
    )
    .order_by(_customers.c.id)
)
_BROWSERS_OF = (
    sa.select(_visitors.c.visitor_id)
    .where(_visitors.c.customer_id == sa.bindparam("customer_id"))
    .order_by(_visitors.c.at, _visitors.c.visitor_id)
)
_NOTE_FIRST_PAYMENT = sa.update(_customers).where(
    _customers.c.id == sa.bindparam("of_customer"), _customers.c.first_paid_at.is_(None)
)
# Not a plain FOR UPDATE: whoever has an order of this customer in the making keeps the row's key,
# and two of them would wait for each other.
_FIRST_PAID_AT = (
    sa.select(_customers.c.first_paid_at)
    .where(_customers.c.id == sa.bindparam("of_customer"))
    .with_for_update(key_share=True)
)
_CORRECT_FIRST_PAYMENT = sa.update(_customers).where(_customers.c.id == sa.bindparam("of_customer"))


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    """A customer, with all the browsers they were seen in."""

    id: int
    visitor_ids: tuple[str, ...]


def phone_number(text: str) -> str:
    """The E.164 form of a number as people write it: spaces, dashes, brackets, +86 or none.

    Raises Invalid `wrong_phone`.
    """
    try:
        return as_e164(text)
    except ValueError as error:
        message = "Enter a phone number, like 138 0013 8000 or +44 20 7946 0958."
        raise Invalid("wrong_phone", message, errors={"json": {"phone": [message]}}) from error


def recognise(phone: str, name: str, visitor_id: str, now: datetime) -> KnownCustomer:
    """Find or make the customer with this number (E.164), and remember this browser as theirs."""
    session = db.session
    insert_if_absent(
        _customers,
        ["phone"],
        {
            "public_id": public_id("cus"),
            "phone": phone,
            "name": name,
            "created_at": now,
            "first_paid_at": None,
        },
    )
    customer_id = session.scalars(_OF_PHONE, {"phone": phone}).one()
    insert_if_absent(
        _visitors,
        ["visitor_id", "customer_id"],
        {"visitor_id": visitor_id, "customer_id": customer_id, "at": now},
    )
    visitor_ids = session.scalars(_BROWSERS_OF, {"customer_id": customer_id})
    return KnownCustomer(customer_id, tuple(visitor_ids))


@dataclass(frozen=True, slots=True)
class CustomerAtTill(KnownCustomer):
    """A customer, as a till's evidence wants to know them."""

    phone: str | None
    """In E.164 form, if it is known."""


def recognise_at_till(
    member_code: str | None, phone: str | None, now: datetime
) -> CustomerAtTill | None:
    """Find or make the customer with this member code, this number (E.164), or both.

    What is missing on the one that is found is filled in: whoever is known by their card gets the
    number, and the other way round. If card and number belong to two customers, it is the number's
    in this sale, and nothing is merged: cards are lent within families and numbers are misheard,
    and no merger could be undone. None for somebody who said neither.
    """
    if member_code is None and phone is None:
        return None
    told = {"member_code": member_code, "phone": phone}
    for _ in range(3):
        rows = db.session.execute(_OF_EITHER, told).all()
        found = next((row for row in rows if phone and row.phone == phone), None) or next(
            iter(rows), None
        )
        if found is None:
            _enter(told, now)
        elif len(rows) > 1 or _is_filled_in(found, told):
            visitor_ids = db.session.scalars(_BROWSERS_OF, {"customer_id": found.id})
            return CustomerAtTill(found.id, tuple(visitor_ids), found.phone)
    raise Conflict("changed_meanwhile", "Another till told of this customer. Send it again.")


def visitor_at_till(customer_id: int, at: datetime) -> str:
    """The name under which a customer's meetings at tills are kept; no browser's can be like it."""
    visitor_id = f"till:{customer_id}"
    insert_if_absent(
        _visitors,
        ["visitor_id", "customer_id"],
        {
            "visitor_id": visitor_id,
            "customer_id": customer_id,
            "at": at,
            "through": Through.TILL,
        },
    )
    return visitor_id


def _enter(told: Mapping[str, str | None], now: datetime) -> None:
    """Make a customer, unless somebody else made one with the code or the number just now."""
    insert = insert_for(_customers).on_conflict_do_nothing()
    db.session.execute(
        insert,
        {
            **told,
            "public_id": public_id("cus"),
            "name": "",
            "created_at": now,
            "first_paid_at": None,
        },
    )


def _is_filled_in(found: sa.Row[*tuple[Any, ...]], told: Mapping[str, str | None]) -> bool:
    """Whether nothing was to be added to what is known of a customer; if not, it is added now."""
    added = {name: value for name, value in told.items() if value and not getattr(found, name)}
    if not added:
        return True
    try:
        with db.session.begin_nested():
            db.session.execute(
                sa.update(_customers).where(_customers.c.id == found.id).values(added)
            )
    except IntegrityError:
        # Somebody else has it since we looked. Looking again tells who.
        log.info("member code or number was taken while customer %s was told of", found.id)
    return False


class FirstPayment(NamedTuple):
    """Whether a payment is a customer's first ever, and which one was taken for it until now."""

    is_first: bool
    instead_of: datetime | None = None


def note_first_payment(customer_id: int, at: datetime) -> FirstPayment:
    """Mark that a customer paid at `at`, so that they are new once: with their earliest payment.

    What is told late may turn out to be earlier than what was known.
    """
    values = {"of_customer": customer_id, "first_paid_at": at}
    if changed_rows(db.session.execute(_NOTE_FIRST_PAYMENT, values)):
        return FirstPayment(is_first=True)
    before = db.session.scalars(_FIRST_PAID_AT, {"of_customer": customer_id}).one()
    if before is None or before <= at:
        return FirstPayment(is_first=False)
    db.session.execute(_CORRECT_FIRST_PAYMENT, values)
    return FirstPayment(is_first=True, instead_of=before)
