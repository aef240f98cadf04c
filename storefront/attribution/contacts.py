"""Who writes to a customer, so that not five colleagues do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from storefront.attribution.models import Credit, Tie
from storefront.attribution.relations import ContactChannel, CustomerContact
from storefront.attribution.service import policy_in_force
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.core.times import as_rfc3339
from storefront.customers.models import Customer
from storefront.orders.models import Order
from storefront.staff import employment

_contacts = cast(sa.Table, CustomerContact.__table__)
_credits = cast(sa.Table, Credit.__table__)
_customers = cast(sa.Table, Customer.__table__)
_orders = cast(sa.Table, Order.__table__)
_ties = cast(sa.Table, Tie.__table__)

_MINE = sa.or_(
    sa.exists().where(
        _ties.c.customer_id == _customers.c.id,
        _ties.c.employee_id == sa.bindparam("employee_id"),
        _ties.c.ended_at.is_(None),
    ),
    sa.exists().where(
        _orders.c.customer_id == _customers.c.id,
        _credits.c.order_id == _orders.c.id,
        _credits.c.employee_id == sa.bindparam("employee_id"),
        _credits.c.superseded_by_id.is_(None),
    ),
)
# The lock lines up colleagues who write at once; orders of the customer need not wait for it.
_OWN_CUSTOMER = (
    sa.select(_customers.c.id)
    .where(_customers.c.public_id == sa.bindparam("customer"), _MINE)
    .with_for_update(key_share=True)
)
_COLLEAGUES_LAST = sa.select(sa.func.max(_contacts.c.at)).where(
    _contacts.c.customer_id == sa.bindparam("customer_id"),
    _contacts.c.employee_id != sa.bindparam("employee_id"),
    _contacts.c.at > sa.bindparam("since"),
)


def note_contact(
    employee_id: int, customer: str, channel: ContactChannel, now: datetime
) -> CustomerContact:
    """Write down that an employee writes to a customer (by public id) of theirs.

    Theirs is who is tied to them, or has bought from them. One may write again as often as one
    likes. Raises NotFound `customer_not_found`; Conflict `contact_blackout` with `until` if a
    colleague wrote a short while ago; Conflict `no_policy`; Forbidden `not_at_work`.
    """
    with transaction() as session:
        employment.refuse_away(employee_id)
        customer_id = session.scalar(
            _OWN_CUSTOMER, {"customer": customer, "employee_id": employee_id}
        )
        if customer_id is None:
            raise NotFound("customer_not_found", "You have no such customer.")
        _refuse_blackout(customer_id, employee_id, now)
        contact = CustomerContact(
            customer_id=customer_id, employee_id=employee_id, channel=channel, at=now
        )
        session.add(contact)
        session.flush()
        return contact


def _refuse_blackout(customer_id: int, employee_id: int, now: datetime) -> None:
    _, policy = policy_in_force(now)
    quiet = timedelta(days=policy.blackout_days)
    asked = {"customer_id": customer_id, "employee_id": employee_id, "since": now - quiet}
    last = db.session.scalar(_COLLEAGUES_LAST, asked) if quiet else None
    if last is not None:
        raise Conflict(
            "contact_blackout",
            "A colleague has written to this customer. Wait until the time that is given.",
            until=as_rfc3339(last + quiet),
        )
