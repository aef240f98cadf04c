"""The replay's figures, calculated a second time without the storefront.

`flask replay` pushes a year of retail through the shop's own handlers and reads its figures back
from the database. This module takes the same file and the same rules (those of the replay's paper:
chain, order of events, goods, lines, orders, commission, returns, payouts) and works the figures
out with the standard library alone. It imports nothing from `storefront`, so an error there cannot
hide here. All amounts are integer pence.

It keeps no clock and plays no events. Commission counts from its release, and a reversal counts
from its return or from the line's release, whichever is later; so every amount has one moment from
which it counts, and with it one payout.

Where the rules leave room, this is the reading. In brackets is what decides: the published figures
for 2,000 invoices ("table"), the words of a rule, or nothing ("choice"), where every reading gives
the same figures for the whole file.

- An invoice's time and customer are those of its first line in the file. 43 invoices run into the
  next minute; none changes its customer. (Rule 2 for the time, else choice.)
- At the same time the invoice number decides, as text: digits, then A, then C. A cancellation in
  the same minute therefore finds the sale. (Table.)
- A line is skipped under the first reason that applies: not goods (rule 3), then the quantity, then
  the price (rule 4). A goods line of -5 at 0.00 is "not a sale" and no "bad price". (Table for
  quantity before price; the order of the rules for goods before both.)
- `lines_not_goods`, `lines_not_a_sale` and `lines_bad_price` count the lines of invoices that are
  neither cancellation nor adjustment. Adjustments are skipped whole: their lines count nowhere, and
  they are no "invoices without goods", as they have a figure of their own. (Table for
  cancellations; for adjustments, which all come after the table's invoices, the words of rule 5.)
- Codes are compared as they are written: 15056BL and 15056bl are two products. (Choice.)
- `cancellation_lines` counts all lines of cancellations. One that is not goods is counted as that
  alone; `cancellation_lines_without_customer` and `units_unmatched` are about goods, and the second
  includes the units of the first. (Table.)
- A cancellation line's own price is not looked at. (Rule 7.)
- "Oldest first" is the order of events (table), and inside one order that of its lines, which stand
  where their first line stood in the file (choice).
- `customers_credited` are customers with a credited order, whatever came back later, just as
  `orders_credited` keeps orders that came back. (The figure's name: the table's customers all keep
  something, ten of the whole file keep nothing.)
- Release is 30 times 24 hours after handover. An amount that counts from 00:00 on the first belongs
  to the month that begins there, as periods are half-open. (Choice.)
- A month in which nobody is paid has no row among the payouts. (Choice.)
- `employees` names all 200, those without a sale with zeros. (Choice.)
- `still_due` and `owed_by_employees` are the sums of the balances above and below zero that remain
  after the last payout, so accrued - reversed = paid + still due - owed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TextIO

EMPLOYEES = 200
RATE_BASIS_POINTS = 500
HOLD = timedelta(days=30)
GOODS = re.compile("[0-9]{5}")


class SourceLine(NamedTuple):
    """One line of the file, as far as the figures need it; the price is in pounds."""

    code: str
    quantity: int
    price: Decimal


@dataclass
class Invoice:
    """The lines that share an invoice number, with the first line's time and customer."""

    number: str
    at: datetime
    customer: str
    lines: list[SourceLine] = field(default_factory=list)

    @property
    def is_cancellation(self) -> bool:
        return self.number.startswith("C")

    @property
    def is_adjustment(self) -> bool:
        return self.number.startswith("A")


@dataclass
class OrderLine:
    """Goods of one code and price in one order of a known customer; the price is in pence."""

    employee: int
    release_at: datetime
    price: int
    quantity: int
    returned: int = 0

    @property
    def accrued(self) -> int:
        return commission(self.price * self.quantity)

    @property
    def reversed(self) -> int:
        return halves_up(self.accrued * self.returned, self.quantity)


@dataclass
class Payout:
    """One batch: its day, how many are paid, and the sum in pence."""

    close: str
    payees: int
    total: int


@dataclass
class EmployeeFigures:
    """An employee's commission less reversals, and what was paid out, in pence."""

    commission_net: int = 0
    paid: int = 0


def _nobody_has_earned() -> dict[str, EmployeeFigures]:
    return {str(number): EmployeeFigures() for number in range(1, EMPLOYEES + 1)}


@dataclass
class Report:
    """The replay's report without `seconds` and `requests`; the fields are the JSON keys."""

    orders: int = 0
    orders_credited: int = 0
    order_lines: int = 0
    units: int = 0
    sales: int = 0
    sales_credited: int = 0
    customers_credited: int = 0
    lines_not_goods: int = 0
    lines_not_a_sale: int = 0
    lines_bad_price: int = 0
    invoices_without_goods: int = 0
    adjustment_invoices_skipped: int = 0
    cancellation_invoices: int = 0
    cancellation_lines: int = 0
    cancellation_lines_not_goods: int = 0
    cancellation_lines_without_customer: int = 0
    units_returned: int = 0
    units_unmatched: int = 0
    refunded: int = 0
    commission_accrued: int = 0
    commission_reversed: int = 0
    commission_paid: int = 0
    still_due: int = 0
    owed_by_employees: int = 0
    payouts: list[Payout] = field(default_factory=list)
    employees: dict[str, EmployeeFigures] = field(default_factory=_nobody_has_earned)


def halves_up(numerator: int, denominator: int) -> int:
    """The quotient of two integers from zero up, rounded to the nearest integer, halves up."""
    return (2 * numerator + denominator) // (2 * denominator)


def commission(net: int) -> int:
    """The commission in pence on a line's net in pence."""
    return halves_up(net * RATE_BASIS_POINTS, 10_000)


def employee_of(customer: str) -> int:
    """The employee, 1 to 200, whose link this customer opens."""
    return int(customer) % EMPLOYEES + 1


def is_goods(code: str) -> bool:
    """Whether a stock code begins with five digits."""
    return GOODS.match(code) is not None


def pence(pounds: Decimal) -> int | None:
    """A price in pence; None unless it is above zero and a whole number of pence."""
    exact = pounds * 100
    return int(exact) if exact > 0 and exact == int(exact) else None


def payout_day(at: datetime) -> date:
    """The first of the month after `at`: the first payout for which an amount from then counts."""
    return date(at.year + at.month // 12, at.month % 12 + 1, 1)


class Books:
    """What the invoices so far add up to.

    `bought` holds the order lines of each (customer, code), oldest first; `counting` the pence
    that start to count for each employee before each payout day.
    """

    def __init__(self) -> None:
        self.report = Report()
        self.customers: set[str] = set()
        self.bought: defaultdict[tuple[str, str], list[OrderLine]] = defaultdict(list)
        self.counting: defaultdict[date, Counter[int]] = defaultdict(Counter)

    def enter(self, invoice: Invoice) -> None:
        """Add an invoice; they must come in the order of events."""
        if invoice.is_cancellation:
            self.take_back(invoice)
        elif invoice.is_adjustment:
            self.report.adjustment_invoices_skipped += 1
        elif goods := self.goods_of(invoice):
            self.sell(invoice, goods)
        else:
            self.report.invoices_without_goods += 1

    def goods_of(self, invoice: Invoice) -> Counter[tuple[str, int]]:
        """The units of each (code, price in pence) in an invoice; counts the lines it skips."""
        goods: Counter[tuple[str, int]] = Counter()
        for line in invoice.lines:
            if not is_goods(line.code):
                self.report.lines_not_goods += 1
            elif line.quantity < 1:
                self.report.lines_not_a_sale += 1
            elif (price := pence(line.price)) is None:
                self.report.lines_bad_price += 1
            else:
                goods[line.code, price] += line.quantity
        return goods

    def sell(self, invoice: Invoice, goods: Counter[tuple[str, int]]) -> None:
        """Enter an order, and its credit where the customer is known."""
        sales = sum(price * quantity for (_, price), quantity in goods.items())
        self.report.orders += 1
        self.report.order_lines += len(goods)
        self.report.units += goods.total()
        self.report.sales += sales
        if invoice.customer:
            self.report.orders_credited += 1
            self.report.sales_credited += sales
            self.customers.add(invoice.customer)
            self.credit(invoice, goods)

    def credit(self, invoice: Invoice, goods: Counter[tuple[str, int]]) -> None:
        """Accrue the commission of an order's lines, and keep the lines for later returns."""
        employee, release_at = employee_of(invoice.customer), invoice.at + HOLD
        for (code, price), quantity in goods.items():
            line = OrderLine(employee, release_at, price, quantity)
            self.bought[invoice.customer, code].append(line)
            self.report.commission_accrued += line.accrued
            self.post(line, line.accrued, invoice.at)

    def take_back(self, cancellation: Invoice) -> None:
        """Enter a cancellation: give its units back to what the customer bought before."""
        self.report.cancellation_invoices += 1
        self.report.cancellation_lines += len(cancellation.lines)
        for line in cancellation.lines:
            if not is_goods(line.code):
                self.report.cancellation_lines_not_goods += 1
                continue
            units = -line.quantity
            if cancellation.customer:
                units = self.match(cancellation.customer, line.code, units, cancellation.at)
            else:
                self.report.cancellation_lines_without_customer += 1
            self.report.units_unmatched += units

    def match(self, customer: str, code: str, units: int, at: datetime) -> int:
        """Return units to the customer's lines of a code, oldest first; gives the units left."""
        for line in self.bought[customer, code]:
            taken = min(units, line.quantity - line.returned)
            self.give_back(line, taken, at)
            units -= taken
        return units

    def give_back(self, line: OrderLine, units: int, at: datetime) -> None:
        """Refund units of a line at its price, and reverse the commission's difference."""
        before = line.reversed
        line.returned += units
        difference = line.reversed - before
        self.report.units_returned += units
        self.report.refunded += units * line.price
        self.report.commission_reversed += difference
        self.post(line, -difference, at)

    def post(self, line: OrderLine, amount: int, at: datetime) -> None:
        """Let an amount count for the line's employee from `at`, but not before the release."""
        self.report.employees[str(line.employee)].commission_net += amount
        self.counting[payout_day(max(at, line.release_at))][line.employee] += amount

    def close(self) -> Report:
        """Run all payouts and give the finished report."""
        balances: Counter[int] = Counter()
        for day in sorted(self.counting):
            balances.update(self.counting[day])
            self.pay(day, balances)
        self.report.customers_credited = len(self.customers)
        self.report.still_due = sum(b for b in balances.values() if b > 0)
        self.report.owed_by_employees = -sum(b for b in balances.values() if b < 0)
        return self.report

    def pay(self, day: date, balances: Counter[int]) -> None:
        """Pay every balance above zero, and set it to zero."""
        due = {employee: balance for employee, balance in balances.items() if balance > 0}
        for employee, amount in due.items():
            self.report.employees[str(employee)].paid += amount
            balances[employee] = 0
        if due:
            total = sum(due.values())
            self.report.commission_paid += total
            self.report.payouts.append(Payout(day.isoformat(), len(due), total))


def open_text(path: Path) -> TextIO:
    """Open a CSV file for reading, gzipped when its name ends in .gz."""
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def invoices_of(rows: Iterable[dict[str, str]]) -> Iterator[Invoice]:
    """The invoices of the file's rows, each at the place of its first line."""
    invoices: dict[str, Invoice] = {}
    for row in rows:
        number = row["InvoiceNo"]
        if number not in invoices:
            at = datetime.fromisoformat(row["InvoiceDate"]).replace(tzinfo=UTC)
            invoices[number] = Invoice(number, at, row["CustomerID"])
        line = SourceLine(row["StockCode"], int(row["Quantity"]), Decimal(row["UnitPrice"]))
        invoices[number].lines.append(line)
    yield from invoices.values()


def read_invoices(path: Path) -> list[Invoice]:
    """All invoices of a file in the order of events."""
    with open_text(path) as file:
        return sorted(invoices_of(csv.DictReader(file)), key=lambda i: (i.at, i.number))


def calculate(path: Path, invoices: int | None = None) -> dict[str, Any]:
    """The replay's report for a file (CSV, or CSV in gzip), or for its first `invoices` invoices.

    Raises KeyError for a missing column, ValueError or decimal.InvalidOperation for a cell that is
    no time, number or price.
    """
    books = Books()
    for invoice in read_invoices(path)[:invoices]:
        books.enter(invoice)
    return asdict(books.close())


def main(arguments: list[str] | None = None) -> None:
    """Print the figures as JSON, or write them to a file."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay.oracle", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("path", type=Path, help="the invoices: .csv or .csv.gz")
    parser.add_argument("--invoices", type=int, help="only the first N in the order of events")
    parser.add_argument("--out", type=Path, help="write to this file instead of printing")
    options = parser.parse_args(arguments)
    text = json.dumps(calculate(options.path, options.invoices), indent=2)
    if options.out:
        options.out.write_text(text + "\n", encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
