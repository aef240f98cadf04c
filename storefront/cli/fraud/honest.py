"""Honest trade, and what looks like fraud in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from storefront.cli.fraud.quarter import Quarter, at_till, consumable
from storefront.cli.fraud.rows import Sale


def trade_of(quarter: Quarter, employee: int) -> list[Sale]:
    """What an employee sells in a quarter without doing wrong."""
    sales = _customers(quarter, employee)
    for chance, kind in _NOW_AND_THEN:
        if quarter.random.random() < chance:
            sales += kind(quarter, employee)
    if quarter.random.random() < 0.85:
        quarter.signed_in.append((employee, f"own{employee}"))
    return sales


def _customers(quarter: Quarter, employee: int) -> list[Sale]:
    """Most buy once or twice; some households share an address, some a browser too."""
    random, sales = quarter.random, list[Sale]()
    for _ in range(1 + quarter.few(7)):
        first = quarter.somebody()
        household = [first]
        if random.random() < 0.15:
            together = {"address": first.address}
            if random.random() < 0.5:
                together["device"] = first.device
            household.append(quarter.somebody(**together))
        for buyer in household:
            for _ in range(1 + quarter.few(0.8)):
                sale = quarter.sale(employee, buyer)
                if random.random() < 0.05:
                    sale = _back(sale, random.uniform(2, 25))
                sales.append(sale)
    for _ in range(quarter.few(4)):
        met = random.random() < 0.8
        sales.append(at_till(quarter.sale(employee, quarter.somebody()), met=met))
    return sales


def _back(sale: Sale, days: float) -> Sale:
    return replace(sale, back_after=timedelta(days=days))


def _own_purchases(quarter: Quarter, employee: int) -> list[Sale]:
    """Staff buy for themselves, and by the policy nobody is credited."""
    buyer = quarter.employee_as_buyer(employee)
    return [quarter.sale(employee, buyer, credited=False) for _ in range(1 + quarter.few(2))]


def _family(quarter: Quarter, employee: int) -> list[Sale]:
    """Somebody at home buys, now and then with the family's card, or on the family's tablet."""
    own, random = quarter.employee_as_buyer(employee), quarter.random
    home = {"address": own.address}
    if random.random() < 0.05:
        home["card"] = own.card
    if random.random() < 0.05:
        home["device"] = own.device
    member = quarter.somebody(**home)
    return [quarter.sale(employee, member) for _ in range(1 + quarter.few(0.5))]


def _from_colleagues(quarter: Quarter, employee: int) -> list[Sale]:
    """Colleagues do buy from each other, mostly once."""
    buyer = quarter.employee_as_buyer(employee)
    return [
        quarter.sale(seller, buyer)
        for seller in quarter.others(employee, 1 + quarter.few(0.3))
        for _ in range(1 + quarter.few(0.4))
    ]


def _regular(quarter: Quarter, employee: int) -> list[Sale]:
    """Somebody buys the same again and again: it is used up."""
    buyer, product = quarter.somebody(), consumable(quarter.random)
    return [
        quarter.sale(employee, buyer, product=product, quantity=quarter.random.choice((1, 2, 2, 3)))
        for _ in range(2 + quarter.few(3))
    ]


def _large_order(quarter: Quarter, employee: int) -> list[Sale]:
    """A company buys presents, in one order, now and then in two."""
    buyer, product = quarter.somebody(), quarter.random.randrange(80)
    return [
        quarter.sale(employee, buyer, product=product, quantity=quarter.random.randrange(20, 80))
        for _ in range(1 + (quarter.random.random() < 0.2))
    ]


def _office(quarter: Quarter, employee: int) -> list[Sale]:
    """Colleagues at another firm order on one machine to one address, each paying alone."""
    device, address = f"office{employee}", f"写字楼 {employee} 层"
    return [
        quarter.sale(employee, quarter.somebody(device=device, address=address))
        for _ in range(quarter.random.randrange(4, 11))
    ]


def _tablet(quarter: Quarter, employee: int) -> list[Sale]:
    """Customers order on the store's tablet, on which the staff have signed in."""
    device = f"tablet{employee // 25}"
    quarter.signed_in += [(each, device) for each in quarter.others(employee, 3)]
    quarter.signed_in.append((employee, device))
    return [
        quarter.sale(employee, quarter.somebody(device=device))
        for _ in range(quarter.random.randrange(3, 15))
    ]


def _for_parents(quarter: Quarter, employee: int) -> list[Sale]:
    """An order for somebody else that bears the employee's number, for the courier to call."""
    buyer = quarter.somebody(phone=quarter.employee_as_buyer(employee).phone)
    return [quarter.sale(employee, buyer)]


def _clothes(quarter: Quarter, employee: int) -> list[Sale]:
    """Clothes that do not fit: a third comes back, whenever it was bought."""
    sales = [
        quarter.sale(employee, quarter.somebody()) for _ in range(quarter.random.randrange(10, 25))
    ]
    return [
        _back(sale, quarter.random.uniform(3, 15)) if quarter.random.random() < 0.33 else sale
        for sale in sales
    ]


def _sale_for_all(quarter: Quarter, employee: int) -> list[Sale]:
    """A week of lower prices for everybody, staff among them."""
    product = employee % 80
    week = quarter.random.uniform(5, 70)
    buyers = [quarter.somebody() for _ in range(4)]
    buyers.append(quarter.employee_as_buyer(quarter.others(employee, 1)[0]))
    return [
        at_till(
            quarter.sale(
                employee, buyer, product=product, off=2_000, at=quarter.moment(week, week + 2)
            ),
            met=True,
        )
        for buyer in buyers
    ]


def _walk_ins(quarter: Quarter, employee: int) -> list[Sale]:
    """A busy till: half of the customers are new to whoever serves them."""
    return [
        at_till(quarter.sale(employee, quarter.somebody()), met=quarter.random.random() < 0.5)
        for _ in range(quarter.random.randrange(10, 35))
    ]


_NOW_AND_THEN: Sequence[tuple[float, Callable[[Quarter, int], list[Sale]]]] = (
    (0.6, _own_purchases),
    (0.12, _family),
    (0.25, _from_colleagues),
    (0.5, _regular),
    (0.05, _large_order),
    (0.04, _office),
    (0.03, _tablet),
    (0.003, _for_parents),
    (0.05, _clothes),
    (0.03, _sale_for_all),
    (0.1, _walk_ins),
)
"""How many employees see each in a quarter."""
