"""Everything that a statement's paper says, in one language, before anybody draws it.

Amounts are minor units of `currency`. The same paper becomes a PDF, a page and a document.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from storefront.core.languages import Language


@dataclass(frozen=True, slots=True)
class Movement:
    """Something that changed what is owed, or when it is due."""

    at: datetime
    words: str
    amount: int
    """Below zero takes off."""
    about: str = ""
    """What the line is called when somebody asks about it."""


@dataclass(frozen=True, slots=True)
class Sale:
    """What one order line earned in the period, and what was taken back of it."""

    order: str
    """The order's number."""
    line: int
    goods: str
    placed_at: datetime
    base: int
    """What the customer paid for this employee's share of the line."""
    rule: str
    """Which rule it was earned by, in words."""
    rate: str
    """What the rule gives, in words."""
    amount: int | None
    """Earned in this period; None if it was earned in an earlier one."""
    state: str
    """Where its commission stood at the period's end, in words."""
    changes: tuple[Movement, ...] = ()

    @property
    def about(self) -> str:
        """What the line is called when somebody asks about it."""
        return f"{self.order} #{self.line}"

    @property
    def sum(self) -> int:
        """What is left of it in this period."""
        return (self.amount or 0) + sum_of(self.changes)


@dataclass(frozen=True, slots=True)
class Figures:
    """opening + earned - reversed + adjusted + settled - paid = closing."""

    opening_held: int
    opening_payable: int
    earned: int
    reversed: int
    adjusted: int
    settled: int
    released: int
    """Went from held to payable; changes no sum of the two."""
    paid: int
    closing_held: int
    closing_payable: int

    @property
    def opening(self) -> int:
        """What was owed when the period began."""
        return self.opening_held + self.opening_payable

    @property
    def closing(self) -> int:
        """What is owed at its end; below zero the employee owes."""
        return self.closing_held + self.closing_payable

    @property
    def rows(self) -> list[tuple[str, int | None, int | None, int | None]]:
        """What each is called, and how much of it is held, due, and both; None: says nothing."""
        return [
            ("opening", self.opening_held, self.opening_payable, self.opening),
            ("earned", None, None, self.earned),
            ("reversed", None, None, -self.reversed),
            ("adjusted", None, None, self.adjusted),
            ("settled", None, None, self.settled),
            ("paid", None, None, -self.paid),
            ("released", -self.released, self.released, None),
            ("closing", self.closing_held, self.closing_payable, self.closing),
        ]

    @property
    def total(self) -> int:
        """What the period came to: earned, less what was taken back, with what was added."""
        return self.earned - self.reversed + self.adjusted + self.settled

    @property
    def difference(self) -> int:
        """How far opening, movements and closing are apart: 0."""
        return self.opening + self.total - self.paid - self.closing


@dataclass(frozen=True, slots=True)
class Person:
    """Whose statement it is, as they were when it was issued."""

    name: str
    number: str
    store: str
    """Name and code of their store."""
    company: str
    """The legal person that pays; empty for none."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether the paper is good. Empty words: it is."""

    words: str = ""
    """That it was revoked, when and why, and what replaced it."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A statement."""

    language: Language
    chain: str
    time_zone: str
    currency: str
    code: str
    verify_url: str
    person: Person
    period: str
    """Its name, like `2026-03`."""
    starts_at: datetime
    ends_at: datetime
    """The first instant that is not in it any more."""
    issued_at: datetime
    plan_versions: tuple[int, ...]
    standing: Standing
    figures: Figures
    sales: tuple[Sale, ...] = ()
    services: tuple[Movement, ...] = ()
    adjustments: tuple[Movement, ...] = ()
    settlements: tuple[Movement, ...] = ()
    payouts: tuple[Movement, ...] = ()

    @property
    def accounted(self) -> int:
        """What the lines come to: the same as the figures say."""
        sold = sum(sale.sum for sale in self.sales)
        booked = (self.services, self.adjustments, self.settlements, self.payouts)
        return sold + sum(sum_of(movements) for movements in booked)


def sum_of(movements: Iterable[Movement]) -> int:
    """What movements come to."""
    return sum(movement.amount for movement in movements)
