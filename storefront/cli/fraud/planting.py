"""Fraud, from clumsy to careful, planted at some employees; and for which rule each is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from storefront.cli.fraud.quarter import Quarter, at_till
from storefront.cli.fraud.rows import Sale
from storefront.commissions.fraud_models import Signal

SHARE = 0.02
"""Of the employees, for each kind."""

Kind = Callable[[Quarter, int], list[Sale]]


def planted_by(quarter: Quarter, employee: int) -> list[Sale]:
    """What an employee does wrong; nothing for most."""
    for signal, kind in KINDS.items():
        if quarter.random.random() < SHARE:
            quarter.planted[signal].add(employee)
            return kind(quarter, employee)
    return []


def _own_phone(quarter: Quarter, employee: int) -> list[Sale]:
    """They ring their own purchases up at the till as a customer's."""
    buyer = quarter.employee_as_buyer(employee)
    return [at_till(quarter.sale(employee, buyer), met=True) for _ in range(1 + quarter.few(3))]


def _own_device(quarter: Quarter, employee: int) -> list[Sale]:
    """A second number, on their own browser; not all have ever signed in there."""
    own = quarter.employee_as_buyer(employee)
    if quarter.random.random() < 0.9:
        quarter.signed_in.append((employee, own.device))
    buyer = quarter.somebody(device=own.device)
    return [quarter.sale(employee, buyer) for _ in range(1 + quarter.few(3))]


def _known(quarter: Quarter, employee: int) -> list[Sale]:
    """What is known of them: most have bought for themselves as well."""
    if quarter.random.random() > 0.9:
        return []
    buyer = quarter.employee_as_buyer(employee)
    return [
        quarter.sale(employee, buyer, credited=False, payer_told=True)
        for _ in range(1 + quarter.few(1))
    ]


def _own_openid(quarter: Quarter, employee: int) -> list[Sale]:
    """A second number, paid from their own account."""
    own = quarter.employee_as_buyer(employee)
    buyer = quarter.somebody(openid=own.openid, card="")
    again = [quarter.sale(employee, buyer) for _ in range(1 + quarter.few(3))]
    return _known(quarter, employee) + again


def _own_card(quarter: Quarter, employee: int) -> list[Sale]:
    """Second numbers, paid with their own card."""
    own = quarter.employee_as_buyer(employee)
    buyers = [quarter.somebody(card=own.card) for _ in range(1 + quarter.few(2))]
    return _known(quarter, employee) + [quarter.sale(employee, buyer) for buyer in buyers]


def _own_address(quarter: Quarter, employee: int) -> list[Sale]:
    """Second numbers, and all of it is sent home."""
    own = quarter.employee_as_buyer(employee)
    buyers = [quarter.somebody(address=own.address) for _ in range(2 + quarter.few(4))]
    return _known(quarter, employee) + [quarter.sale(employee, buyer) for buyer in buyers]


def _ring(quarter: Quarter, employee: int) -> list[Sale]:
    """Two to four who buy in a circle; the careful ones not often."""
    ring = [employee, *quarter.others(employee, quarter.random.choice((1, 2, 2, 3)))]
    times = quarter.random.choice((2, 3, 4, 5, 6))
    quarter.planted[Signal.COLLEAGUE_RING] |= set(ring)
    return [
        quarter.sale(seller, quarter.employee_as_buyer(buyer))
        for buyer, seller in zip(ring, ring[1:] + ring[:1], strict=True)
        for _ in range(times)
    ]


def _buy_and_return(quarter: Quarter, employee: int) -> list[Sale]:
    """Bought for the month's figures, and brought back when they are counted."""
    end = quarter.random.choice(quarter.ends_of_months)
    sales: list[Sale] = []
    for _ in range(3 + quarter.few(5)):
        at = quarter.moment(end - 6, end)
        until_then = quarter.start + timedelta(days=end) - at
        back = until_then + timedelta(days=quarter.random.uniform(0.5, 12))
        sales.append(quarter.sale(employee, quarter.somebody(), at=at, back_after=back))
    return sales


def _guests(quarter: Quarter, employee: int) -> list[Sale]:
    """Made-up customers on one browser, paid from one or two accounts."""
    device = f"farm{employee}"
    payers = [f"f{employee}a", f"f{employee}b"][: quarter.random.choice((1, 1, 2))]
    return [
        quarter.sale(
            employee,
            quarter.somebody(device=device, openid=quarter.random.choice(payers), card=""),
        )
        for _ in range(quarter.random.randrange(4, 16))
    ]


def _discount(quarter: Quarter, employee: int) -> list[Sale]:
    """Colleagues buy at the staff's price, and it is booked as a sale with commission."""
    off = quarter.random.choice((300, 1_000, 1_500, 2_000, 3_000))
    return [
        at_till(quarter.sale(employee, quarter.employee_as_buyer(buyer), off=off), met=True)
        for buyer in quarter.others(employee, 1 + quarter.few(2))
    ]


def _claims(quarter: Quarter, employee: int) -> list[Sale]:
    """Whoever comes to the till is claimed; some are known, for looks."""
    looks = quarter.random.uniform(0, 0.25)
    return [
        at_till(quarter.sale(employee, quarter.somebody()), met=quarter.random.random() < looks)
        for _ in range(quarter.random.randrange(9, 40))
    ]


def _stock(quarter: Quarter, employee: int) -> list[Sale]:
    """Boxes in the garage: one name, or several at one address."""
    times = quarter.random.randrange(3, 7)
    product = quarter.random.randrange(80)
    one = quarter.somebody()
    several = quarter.random.random() < 0.4
    sales: list[Sale] = []
    for _ in range(times):
        buyer = quarter.somebody(address=one.address) if several else one
        sale = quarter.sale(employee, buyer, product=product)
        sales.append(replace(sale, quantity=quarter.random.randrange(3, 10)))
    return sales


KINDS: Mapping[Signal, Kind] = {
    Signal.OWN_PHONE: _own_phone,
    Signal.OWN_DEVICE: _own_device,
    Signal.OWN_OPENID: _own_openid,
    Signal.OWN_CARD: _own_card,
    Signal.OWN_ADDRESS: _own_address,
    Signal.COLLEAGUE_RING: _ring,
    Signal.BUY_AND_RETURN: _buy_and_return,
    Signal.GUESTS_ON_DEVICE: _guests,
    Signal.STAFF_DISCOUNT: _discount,
    Signal.CLAIM_WITHOUT_MEETING: _claims,
    Signal.BUYING_FOR_STOCK: _stock,
}
"""What is planted for each rule."""
