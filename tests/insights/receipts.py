"""Tills for the chain that has seen everything, and what would be wrong with what they told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from storefront.core.clock import SettableClock
from storefront.insights.audit import tables as t
from storefront.orders.models import Door
from storefront.till.told import BroughtBack
from tests.insights.planting import Plant, change, copy, delete
from tests.support import tills, trade

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
ASIDE = 999_998

_o, _r, _p = t.orders.c, t.till_records.c, t.payments.c
_of_till = _o.door == Door.TILL
_sale, _return = _r.deed == "sale", _r.deed == "return"


def ring_up(clock: SettableClock) -> None:
    """A sale to somebody known, an earlier one told later, one to nobody, and returns."""
    tills.goods("TILL-A", "TILL-B")
    first = tills.a_sale(
        tills.a_line("TILL-A", 1_000, ("E1", 3_333), ("E2", 6_667), quantity=3),
        tills.a_line("TILL-B", 500, "E2"),
        member_code="M1",
    )
    tills.sold(first)
    earlier = clock.now() - timedelta(hours=30)
    tills.sold(tills.a_sale(tills.a_line("TILL-B", 99, "E1"), at=earlier, member_code="M1"))
    tills.sold(tills.a_sale(tills.a_line("TILL-B", 0)))
    clock.advance(timedelta(minutes=1))
    tills.taken_back(tills.a_return(first, BroughtBack("TILL-A", 1, amount=999)))
    tills.taken_back(tills.a_return(first, BroughtBack("TILL-A", 1)))
    trade.carry_out_refunds()


TILL_PLANTS: dict[str, list[Plant]] = {
    "till's orders have their receipt": [
        delete(t.till_records, _sale),
        change(t.till_records, _sale, happened_at=LONG_AGO),
        change(t.orders, _of_till, store_id=None),
        change(t.orders, _of_till, door="online"),
        change(t.orders, ~_of_till, door="till"),
        change(t.orders, ~_of_till, customer_id=None),
    ],
    "receipts stand for one deed": [
        copy(t.till_records, _sale, id=ASIDE, number="another"),
        change(t.till_records, _return, return_id=None),
        change(t.till_records, _return, order_id=1),
        change(t.till_records, _return, happened_at=LONG_AGO),
    ],
    "till's returns have their receipt": [delete(t.till_records, _return)],
    "till's money stays at the till": [
        change(t.payments, _p.gateway == "till", gateway="sandbox"),
        change(t.payments, _p.gateway != "till", gateway="till"),
        change(
            t.refunds,
            t.refunds.c.payment_id.in_(
                t.payments.select().with_only_columns(_p.id).where(_p.gateway == "till")
            ),
            state="waiting",
        ),
    ],
}

PLANTS_ON_TILLS: dict[str, list[Plant]] = {
    "lines know what came back": [
        change(
            t.return_lines,
            t.return_lines.c.amount == 999,
            amount=1_001,
        )
    ],
    "first payments are noted": [
        change(
            t.customers,
            t.customers.c.member_code == "M1",
            first_paid_at=lambda first: first + timedelta(hours=30),
        )
    ],
}
"""What only a till may do, done too far."""
