"""A customer's card and an employee's code, read one after the other at a till."""

from __future__ import annotations

from datetime import datetime

from storefront.core.database import transaction
from storefront.core.errors import Invalid
from storefront.customers import service as customers
from storefront.sharing import meetings
from storefront.sharing.models import TouchKind
from storefront.till.rules import CLOCK_DIFFERENCE


def scan_at_till(
    code: str, member_code: str | None, phone: str | None, at: datetime, now: datetime
) -> str:
    """Keep that a customer was with an employee at a till, sale or none; the shop's title.

    It is evidence for whatever the customer buys later, online or here, and no claim on a sale.
    Raises Invalid `customer_needed`, `in_the_future`; NotFound `link_unknown`; Gone
    `link_revoked`, `shop_closed`.
    """
    if at > now + CLOCK_DIFFERENCE:
        raise Invalid("in_the_future", "This is still to come. Set the till's clock.")
    with transaction():
        customer = customers.recognise_at_till(member_code, phone, at)
        if customer is None:
            raise Invalid("customer_needed", "Say whose card or number it was.")
        visitor = customers.visitor_at_till(customer.id, at)
        return meetings.told_code(code, TouchKind.TILL_SCAN, visitor, at)
