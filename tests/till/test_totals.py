"""Totals to the cent: a file of random receipts against a plain calculation with fractions."""

from __future__ import annotations

import io
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.commissions.terms import NewRule
from storefront.core import clock as now_of
from storefront.core.database import db
from storefront.customers.models import Customer
from storefront.staff.models import Employee
from storefront.till.file import import_till
from storefront.till.receipt_rows import Reading
from tests.support import cast, tills, trade
from tests.support.books import broken

ZONE = ZoneInfo("Asia/Shanghai")
RATE = Fraction(735, 10_000)
SELLERS = [f"E{number}" for number in range(1, 6)]
MEMBERS = [f"M{number}" for number in range(1, 9)]


@dataclass
class Line:
    code: str
    quantity: int
    net: int
    shares: list[tuple[str, int]]
    back: int = 0


@dataclass
class Receipt:
    number: str
    at: datetime
    member: str
    lines: list[Line]


@dataclass
class Told:
    """A history, as rows of a file and as a plain calculation sees it."""

    rows: list[str] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    sales: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    refunded: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    accrued: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    reversed: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))


def rounded(amount: Fraction) -> int:
    """Halves up, another way than the program does it."""
    whole, rest = divmod(amount.numerator, amount.denominator)
    return whole + (2 * rest >= amount.denominator)


def parts(amount: int, shares: list[tuple[str, int]]) -> list[int]:
    later = [int(Fraction(amount * share, 10_000)) for _, share in shares[1:]]
    return [amount - sum(later), *later]


def day(at: datetime) -> str:
    return str(at.astimezone(ZONE).date())


def a_history(seed: int, start: datetime) -> Told:
    """Sixty receipts and some twenty returns, within 23 hours of two of the chain's days."""
    chance = random.Random(seed)
    told = Told()
    at = start
    for number in range(80):
        at += timedelta(seconds=chance.randint(1, 1_000))
        if told.receipts and chance.random() < 0.25:
            _bring_back(chance, told, number, at)
        else:
            _sell(chance, told, number, at)
    return told


def _sell(chance: random.Random, told: Told, number: int, at: datetime) -> None:
    member = chance.choice(["", *MEMBERS])
    receipt = Receipt(f"T{number}", at, member, [])
    for _ in range(chance.randint(1, 3)):
        names = chance.sample(SELLERS, chance.choice([0, 1, 1, 2, 3]))
        cuts = sorted(chance.sample(range(1, 10_000), max(len(names) - 1, 0)))
        bounds = [0, *cuts, 10_000]
        shares = [
            (name, end - begin) for name, begin, end in zip(names, bounds, bounds[1:], strict=False)
        ]
        line = Line(chance.choice("AB"), chance.randint(1, 4), chance.randint(0, 99_999), shares)
        receipt.lines.append(line)
        sellers = ";".join(f"{name}:{share / 100:.2f}%" for name, share in shares)
        told.rows.append(
            f"sale,S1,{receipt.number},{at.isoformat()},{line.code},{line.quantity},"
            f"{line.net / 100:.2f},{sellers},{member},,"
        )
        for (name, _), net in zip(shares, parts(line.net, shares), strict=True) if shares else ():
            told.sales[day(at), name] += net
            told.accrued[day(at), name] += rounded(net * RATE)
        if not shares:
            told.sales[day(at), ""] += line.net
    told.receipts.append(receipt)


def _bring_back(chance: random.Random, told: Told, number: int, at: datetime) -> None:
    receipt = chance.choice(told.receipts)
    position, line = chance.choice(list(enumerate(receipt.lines, start=1)))
    left = line.quantity - line.back
    if not left:
        return
    pieces = chance.randint(1, left)
    told.rows.append(
        f"return,S1,T{number},{at.isoformat()},{line.code},{pieces},,,,{receipt.number},{position}"
    )
    before = Fraction(line.back, line.quantity)
    line.back += pieces
    after = Fraction(line.back, line.quantity)
    amount = rounded(line.net * after) - rounded(line.net * before)
    if not line.shares:
        told.refunded[day(at), ""] += amount
        return
    nets = parts(line.net, line.shares)
    for (name, _), net, back in zip(line.shares, nets, parts(amount, line.shares), strict=True):
        told.refunded[day(at), name] += back
        commission = rounded(net * RATE)
        told.reversed[day(at), name] += rounded(commission * after) - rounded(commission * before)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_history_comes_to_what_a_plain_calculation_says(app: Flask, seed: int) -> None:
    trade.the_policy()
    trade.the_plan(NewRule(rate=735))
    for number in SELLERS:
        cast.an_employee(number)
    tills.goods("A", "B")
    expected = a_history(seed, now_of.now() - timedelta(hours=23))
    header = "kind,store,number,at,code,quantity,net,sellers,member_code,sale,line\n"
    content = header + "".join(f"{row}\n" for row in expected.rows)
    import_till(io.BytesIO(content.encode()), Reading("CNY", "Asia/Shanghai"), now_of.now())
    names = {each.id: each.number for each in db.session.scalars(sa.select(Employee))} | {0: ""}
    for measure in ("sales", "refunded", "accrued", "reversed"):
        found = {
            (when, names[employee_id]): amount
            for (when, employee_id), amount in tills.figures(measure).items()
        }
        wanted = {key: amount for key, amount in getattr(expected, measure).items() if amount}
        assert found == wanted, measure
    firsts: dict[str, datetime] = {}
    for receipt in expected.receipts:
        if receipt.member:
            firsts.setdefault(receipt.member, receipt.at)
    customers = db.session.execute(sa.select(Customer.member_code, Customer.first_paid_at)).all()
    assert {row.member_code: row.first_paid_at for row in customers} == firsts
    assert broken() == set()
