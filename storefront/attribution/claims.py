"""An employee states that a customer is theirs; the policy in force settles it at once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, cast

import sqlalchemy as sa

from storefront.attribution import ties
from storefront.attribution.models import TieHow
from storefront.attribution.relations import ClaimOutcome, CustomerClaim
from storefront.attribution.rules import TieMode
from storefront.attribution.rules.tying import TieChange, has_lapsed, protection_from
from storefront.attribution.service import policy_in_force
from storefront.core.database import db, transaction
from storefront.core.errors import NotFound
from storefront.core.ids import public_id
from storefront.customers.models import Customer
from storefront.customers.service import phone_number
from storefront.staff import employment
from storefront.staff.recognition import employees_known_as

_customers = cast(sa.Table, Customer.__table__)


class _Known(NamedTuple):
    """Whom a claim is about."""

    id: int
    phone: str | None


def state_claim(
    employee_id: int, *, phone: str | None, member_code: str | None, words: str, now: datetime
) -> CustomerClaim:
    """Settle a claim and write it down, accepted or refused.

    The customer is named by a phone number, as people write it, or by a member code. Of two who
    claim one customer at once, one wins. Raises Forbidden `not_at_work`, NotFound
    `customer_not_found`, Invalid `wrong_phone`, Conflict `no_policy`.
    """
    with transaction() as session:
        employment.refuse_away(employee_id)
        customer = _find(phone, member_code)
        outcome, until, tie_id = _settle(customer, employee_id, words, now)
        claim = CustomerClaim(
            public_id=public_id("clm"),
            customer_id=customer.id,
            employee_id=employee_id,
            words=words,
            at=now,
            outcome=outcome,
            until=until,
            tie_id=tie_id,
        )
        session.add(claim)
        session.flush()
        return claim


def _find(phone: str | None, member_code: str | None) -> _Known:
    named = (
        _customers.c.phone == phone_number(phone)
        if phone is not None
        else _customers.c.member_code == member_code
    )
    row = db.session.execute(
        sa.select(_customers.c.id, _customers.c.phone).where(named)
    ).one_or_none()
    if row is None:
        raise NotFound("customer_not_found", "We know no customer by this number.")
    return _Known(row.id, row.phone)


def _settle(
    customer: _Known, employee_id: int, words: str, now: datetime
) -> tuple[ClaimOutcome, datetime | None, int | None]:
    """What comes of a claim, until when the customer is protected after it, and the new tie."""
    _, policy = policy_in_force(now)
    if policy.tie_mode is TieMode.NONE:
        return ClaimOutcome.NO_TIES, None, None
    if employee_id in employees_known_as(customer.phone, ()):
        return ClaimOutcome.OWN_NUMBER, None, None
    tie = ties.catch_up(customer.id, customer.phone, now)
    if tie is None or (tie.employee_id != employee_id and has_lapsed(tie, now)):
        change = TieChange(employee_id, protection_from(policy, now))
        cause = ties.Cause(TieHow.CLAIM, employee_id, words)
        tie_id = ties.take(customer.id, tie, change, cause, now)
        if tie_id is not None:
            outcome = ClaimOutcome.LAPSED if tie else ClaimOutcome.NOBODYS
            return outcome, change.protected_until, tie_id
        # Somebody else was faster, and is now in the way.
        tie = ties.open_tie_of(customer.id)
    until = tie.protected_until if tie else None
    yours = tie is not None and tie.employee_id == employee_id
    return ClaimOutcome.ALREADY_YOURS if yours else ClaimOutcome.PROTECTED, until, None
