"""The facts, read in sets: what each rule is asked about, and the lines that it is about then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.models import Tie, TieHow
from storefront.commissions.fraud_models import Signal
from storefront.core.database import db
from storefront.customers.models import CustomerVisitor
from storefront.fraud import paydays, piles, prices
from storefront.fraud.rules import Claims, Dealing, Fact, Guests, Match, finding, rings
from storefront.fraud.window import (
    SOLD,
    Column,
    Look,
    Window,
    accruals,
    customers,
    employees,
    in_parts,
    orders,
    own_visitors,
    staff_on,
    staff_orders,
)
from storefront.orders.models import Door
from storefront.payments.models import Payment, PaymentState
from storefront.sharing.models import Touch, Uncounted

_payments = cast(sa.Table, Payment.__table__)
_ties = cast(sa.Table, Tie.__table__)
_touches = cast(sa.Table, Touch.__table__)
_visitors = cast(sa.Table, CustomerVisitor.__table__)
_count_orders = sa.func.count(accruals.c.order_id.distinct())


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found about somebody, and on which lines."""

    signal: Signal
    employee_id: int
    line_ids: Sequence[int]
    evidence: dict[str, Any]


def find(signal: Signal, window: Window) -> Iterator[Found]:
    """All that one rule finds, in a fixed order."""
    yield from READERS[signal](window)


def _judged(
    signal: Signal, look: Look, window: Window, key: Sequence[Any], fact: Fact
) -> Iterator[Found]:
    evidence = finding(fact, window.thresholds)
    if evidence is not None:
        found = look.lines_of(window, key)
        yield Found(signal, key[0], found, evidence)


# --- own purchases ----------------------------------------------------------------------------


def _own_phone(window: Window) -> Iterator[Found]:
    source = SOLD.join(employees, employees.c.id == accruals.c.employee_id).outerjoin(
        customers, customers.c.id == orders.c.customer_id
    )
    theirs = sa.or_(
        orders.c.contact_phone == employees.c.phone, customers.c.phone == employees.c.phone
    )
    look = Look(source, [accruals.c.employee_id], [theirs])
    for row in look.groups(window, _count_orders.label("orders")):
        fact = Match(Signal.OWN_PHONE, row.orders)
        yield from _judged(Signal.OWN_PHONE, look, window, row[:1], fact)


def _own_device(window: Window) -> Iterator[Found]:
    source = SOLD.join(
        own_visitors,
        sa.and_(
            own_visitors.c.visitor_id == orders.c.visitor_id,
            own_visitors.c.employee_id == accruals.c.employee_id,
        ),
    )
    look = Look(source, [accruals.c.employee_id, orders.c.visitor_id])
    staff = staff_on(orders.c.visitor_id).label("staff")
    for row in look.groups(window, _count_orders.label("orders"), staff):
        fact = Match(Signal.OWN_DEVICE, row.orders, row.staff)
        yield from _judged(Signal.OWN_DEVICE, look, window, row[:2], fact)


def _own_mark(signal: Signal, mark: Column, *, paid: bool) -> Callable[[Window], Iterator[Found]]:
    """Sales that carry a mark of the seller's own orders, and are not known for such themselves."""
    source = SOLD.join(_payments, _captured) if paid else SOLD

    def read(window: Window) -> Iterator[Found]:
        own = staff_orders(window)
        groups: dict[tuple[int, str], dict[int, list[int]]] = defaultdict(dict)
        theirs = _marks(window, mark, paid=paid)
        for people in in_parts(theirs):
            rows = db.session.execute(
                sa.select(
                    accruals.c.employee_id,
                    accruals.c.order_id,
                    accruals.c.order_line_id,
                    mark.label("mark"),
                )
                .select_from(source)
                .where(
                    window.is_in,
                    accruals.c.employee_id.in_(people),
                    mark.in_({each for person in people for each in theirs[person]}),
                )
                .order_by(accruals.c.id)
            )
            for row in rows:
                employee_id = row.employee_id
                if row.mark in theirs[employee_id] and employee_id not in own.get(row.order_id, ()):
                    lines = groups[employee_id, row.mark].setdefault(row.order_id, [])
                    lines.append(row.order_line_id)
        for (employee_id, _), found in sorted(groups.items()):
            evidence = finding(Match(signal, len(found)), window.thresholds)
            if evidence is not None:
                line_ids = [line_id for of_order in found.values() for line_id in of_order]
                yield Found(signal, employee_id, line_ids, evidence)

    return read


_captured = sa.and_(_payments.c.order_id == orders.c.id, _payments.c.state == PaymentState.CAPTURED)


def _marks(window: Window, mark: Column, *, paid: bool) -> dict[int, set[str]]:
    """By employee, the marks of the orders that they placed themselves."""
    own = staff_orders(window)
    source = orders.join(_payments, _captured) if paid else orders
    marks: dict[int, set[str]] = defaultdict(set)
    for order_ids in in_parts(own):
        rows = db.session.execute(
            sa.select(orders.c.id, mark.label("mark"))
            .select_from(source)
            .where(orders.c.id.in_(order_ids), mark != "")
        )
        for row in rows:
            for buyer_id in own[row.id]:
                marks[buyer_id].add(row.mark)
    return marks


# --- colleagues -------------------------------------------------------------------------------


def _colleague_rings(window: Window) -> Iterator[Found]:
    own = staff_orders(window)
    dealt: dict[tuple[int, int], dict[int, list[int]]] = defaultdict(dict)
    for order_ids in in_parts(own):
        rows = db.session.execute(
            sa.select(accruals.c.employee_id, accruals.c.order_id, accruals.c.order_line_id)
            .where(window.is_in, accruals.c.order_id.in_(order_ids))
            .order_by(accruals.c.id)
        )
        for row in rows:
            for buyer_id in own[row.order_id] - {row.employee_id}:
                of_order = dealt[buyer_id, row.employee_id].setdefault(row.order_id, [])
                of_order.append(row.order_line_id)
    dealings = [Dealing(*who, len(found)) for who, found in dealt.items()]
    for edge in rings(dealings, window.thresholds):
        found = dealt[edge.buyer_id, edge.seller_id]
        line_ids = [line_id for of_order in found.values() for line_id in of_order]
        evidence = {"ring": list(edge.ring), "orders": edge.orders}
        yield Found(Signal.COLLEAGUE_RING, edge.seller_id, line_ids, evidence)


def _guests(window: Window) -> Iterator[Found]:
    look = Look(SOLD, [accruals.c.employee_id, orders.c.visitor_id], [orders.c.visitor_id != ""])
    guests = sa.func.count(orders.c.contact_phone.distinct())
    staff = staff_on(orders.c.visitor_id).label("staff")
    rows = look.groups(
        window,
        guests.label("guests"),
        _count_orders.label("orders"),
        staff,
        having=guests >= window.thresholds.guests_from,
    )
    for row in rows:
        known, payers = _payers(window, row.employee_id, row.visitor_id)
        fact = Guests(row.guests, row.orders, known, payers, row.staff)
        yield from _judged(Signal.GUESTS_ON_DEVICE, look, window, row[:2], fact)


def _payers(window: Window, employee_id: int, visitor_id: str) -> tuple[int, int]:
    """Of how many of the orders it is known who paid, and how many accounts that were."""
    payer = sa.func.coalesce(
        sa.func.nullif(_payments.c.payer_openid, ""), sa.func.nullif(_payments.c.payer_card, "")
    )
    row = db.session.execute(
        sa.select(_count_orders, sa.func.count(payer.distinct()))
        .select_from(SOLD.join(_payments, _payments.c.order_id == orders.c.id))
        .where(
            window.is_in,
            accruals.c.employee_id == employee_id,
            orders.c.visitor_id == visitor_id,
            _payments.c.state == PaymentState.CAPTURED,
            payer.is_not(None),
        )
    ).one()
    return row[0], row[1]


# --- tills ------------------------------------------------------------------------------------

_met = sa.exists().where(
    _visitors.c.customer_id == orders.c.customer_id,
    _touches.c.visitor_id == _visitors.c.visitor_id,
    _touches.c.employee_id == accruals.c.employee_id,
    _touches.c.uncounted == Uncounted.NO,
    _touches.c.at <= orders.c.placed_at,
)
_tied = sa.exists().where(
    _ties.c.customer_id == orders.c.customer_id,
    _ties.c.employee_id == accruals.c.employee_id,
    _ties.c.since <= orders.c.placed_at,
    # A tie that such a claim brought about itself does not speak for it.
    _ties.c.how.not_in([TieHow.FIRST_ORDER, TieHow.CLAIM]),
)


def _claims(window: Window) -> Iterator[Found]:
    at_tills = orders.c.door == Door.TILL
    never_met = sa.and_(~_met, ~_tied)
    look = Look(SOLD, [accruals.c.employee_id], [at_tills])
    without = sa.func.count(sa.case((never_met, accruals.c.order_id)).distinct())
    rows = look.groups(
        window, _count_orders.label("claims"), without.label("without"), only_new=False
    )
    chain = sum(row.claims for row in rows), sum(row.without for row in rows)
    lines = Look(SOLD, [accruals.c.employee_id], [at_tills, never_met])
    for row in rows:
        fact = Claims(row.claims, row.without, *chain)
        yield from _judged(Signal.CLAIM_WITHOUT_MEETING, lines, window, row[:1], fact)


# --- all of them ------------------------------------------------------------------------------


def _discounts(window: Window) -> Iterator[Found]:
    for employee_id, line_id, evidence in prices.under_list(window):
        yield Found(Signal.STAFF_DISCOUNT, employee_id, [line_id], evidence)


def _around_paydays(window: Window) -> Iterator[Found]:
    for employee_id, line_ids, evidence in paydays.bought_and_back(window):
        yield Found(Signal.BUY_AND_RETURN, employee_id, line_ids, evidence)


def _piles(window: Window) -> Iterator[Found]:
    for employee_id, line_ids, evidence in piles.piled_up(window):
        yield Found(Signal.BUYING_FOR_STOCK, employee_id, line_ids, evidence)


READERS: dict[Signal, Callable[[Window], Iterator[Found]]] = {
    Signal.OWN_PHONE: _own_phone,
    Signal.OWN_DEVICE: _own_device,
    Signal.OWN_OPENID: _own_mark(Signal.OWN_OPENID, _payments.c.payer_openid, paid=True),
    Signal.OWN_CARD: _own_mark(Signal.OWN_CARD, _payments.c.payer_card, paid=True),
    Signal.OWN_ADDRESS: _own_mark(Signal.OWN_ADDRESS, orders.c.address_digest, paid=False),
    Signal.COLLEAGUE_RING: _colleague_rings,
    Signal.BUY_AND_RETURN: _around_paydays,
    Signal.GUESTS_ON_DEVICE: _guests,
    Signal.STAFF_DISCOUNT: _discounts,
    Signal.CLAIM_WITHOUT_MEETING: _claims,
    Signal.BUYING_FOR_STOCK: _piles,
}
"""What each rule reads."""
