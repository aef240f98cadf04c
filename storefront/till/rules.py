"""What may be wrong with what a till tells, found before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storefront.core.money import LARGEST_AMOUNT, WHOLE_BASIS_POINTS
from storefront.till.told import Return, Sale, Seller

CLOCK_DIFFERENCE = timedelta(minutes=5)
"""A till's clock may be so far ahead of ours."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, and what to do about it."""

    code: str
    sentence: str
    field: str
    """Which of the words of a receipt, or of a line, is wrong."""
    line: int | None = None
    """The line's place in what was told, from 1; None: the receipt as a whole."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the chain knows of the names that a till uses."""

    stores: Collection[str]
    codes: Collection[str]
    left_at: Mapping[str, datetime | None]
    """By staff number: when somebody left the chain; None while they work here."""


def faults_of_sale(sale: Sale, known: Known, now: datetime) -> list[Fault]:
    """Everything that is wrong with a sale, the receipt's own faults first."""
    faults = list(_faults_of_receipt(sale.store, "store", sale.at, known, now))
    if sum(line.net for line in sale.lines) > LARGEST_AMOUNT:
        faults.append(
            Fault("amount_too_large", "No receipt is this large. Look at the amounts.", "net")
        )
    for place, line in enumerate(sale.lines, start=1):
        if line.code not in known.codes:
            faults.append(_unknown_code(line.code, place))
        faults += _faults_of_sellers(line.sellers, sale.at, known, place)
    return faults


def faults_of_return(told: Return, known: Known, now: datetime) -> list[Fault]:
    """Everything that is wrong with a return as far as it can be seen without its sale."""
    faults = list(_faults_of_receipt(told.store, "store", told.at, known, now))
    if told.sale_store != told.store and told.sale_store not in known.stores:
        faults.append(_unknown_store(told.sale_store, "sale_store"))
    return faults


def _faults_of_receipt(
    store: str, field: str, at: datetime, known: Known, now: datetime
) -> Iterator[Fault]:
    if store not in known.stores:
        yield _unknown_store(store, field)
    if at > now + CLOCK_DIFFERENCE:
        minutes = CLOCK_DIFFERENCE // timedelta(minutes=1)
        yield Fault(
            "in_the_future",
            f"This is more than {minutes} minutes ahead of our clock. "
            "Set the till's clock, and mind the time's offset from UTC.",
            "at",
        )


def _faults_of_sellers(
    sellers: tuple[Seller, ...], at: datetime, known: Known, place: int
) -> Iterator[Fault]:
    if sellers and (
        sum(seller.share for seller in sellers) != WHOLE_BASIS_POINTS
        or any(seller.share <= 0 for seller in sellers)
    ):
        yield Fault(
            "shares_not_whole",
            "The shares of a line's sellers must be above 0 and sum to 10,000 basis points "
            f"(100%); these sum to {sum(seller.share for seller in sellers):,}.",
            "sellers",
            place,
        )
    named: set[str] = set()
    for seller in sellers:
        if seller.number in named:
            sentence = f"{seller.number} is named twice. Add the two shares up."
            yield Fault("seller_twice", sentence, "sellers", place)
        named.add(seller.number)
        if seller.number not in known.left_at:
            yield Fault(
                "unknown_employee",
                f"Nobody has the staff number {seller.number}. "
                "Correct it, or take the roster in first.",
                "sellers",
                place,
            )
        elif (left_at := known.left_at[seller.number]) is not None and left_at <= at:
            yield Fault(
                "employee_had_left",
                f"{seller.number} had left the chain when this was sold. Name who did sell it.",
                "sellers",
                place,
            )


def _unknown_code(code: str, place: int) -> Fault:
    return Fault(
        "unknown_code",
        f"No variant has the code {code}. Correct it, or take the products in first.",
        "code",
        place,
    )


def _unknown_store(code: str, field: str) -> Fault:
    return Fault(
        "unknown_store",
        f"No store has the code {code}. Correct it, or take the stores in first.",
        field,
    )
