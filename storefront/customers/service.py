"""Knowing customers again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast

import sqlalchemy as sa

from storefront.core.database import changed_rows, db, insert_if_absent
from storefront.core.errors import Invalid
from storefront.core.ids import public_id
from storefront.core.phones import as_e164
from storefront.customers.models import Customer, CustomerVisitor

_customers = cast(sa.Table, Customer.__table__)
_visitors = cast(sa.Table, CustomerVisitor.__table__)

_OF_PHONE = sa.select(_customers.c.id).where(_customers.c.phone == sa.bindparam("phone"))
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
