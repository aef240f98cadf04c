"""Statements of a month in which something was sold."""

from __future__ import annotations

from datetime import UTC, datetime

from storefront import sales
from storefront.commissions import statements
from storefront.commissions.statement_models import Statement
from storefront.core import clock as application_clock
from storefront.core.actor import SYSTEM
from storefront.core.clock import SettableClock
from storefront.sharing.models import ShareLink
from tests.support import cast, trade

APRIL = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
"""When April begins in Shanghai, and March may be closed."""


def march_of(seller: ShareLink, clock: SettableClock) -> Statement:
    """March of a seller with four pieces sold for 40.00 at 10 %, of which one came back: 3.00."""
    order = trade.sell({cast.a_product(price=1_000).variants[0]: 4}, through=seller)
    sales.take_back(order.public_id, {1: 1}, "", SYSTEM, application_clock.now())
    clock.set(APRIL)
    sales.close_period("2026-03", SYSTEM, application_clock.now())
    return statements.of_employee(seller.employee_id, None, 1)[0]
