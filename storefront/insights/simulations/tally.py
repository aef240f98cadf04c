"""What a replay comes to, kept in memory that grows with employees and not with orders.

It can be written down at any order and read back, so that somebody else may go on from there.
"""

from __future__ import annotations

import heapq
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Self

MOST_EXAMPLES = 50
"""Orders that are shown: those in which most commission changes hands."""


class LeftOut(StrEnum):
    """Why an order is not judged anew. It counts on both sides as the books have it."""

    NOT_PAID = "not_paid"
    CANCELLED = "cancelled"
    ALL_RETURNED = "all_returned"
    DECIDED = "decided"
    """Headquarters decided a dispute about it, and no policy decides that anew."""
    NO_EVIDENCE = "no_evidence"
    """Nothing is frozen on it that a policy could read."""
    NO_PLAN = "no_plan"
    """No commission plan was in force when it was placed."""


@dataclass(slots=True)
class Side:
    """What orders come to, on one side: by the books, or by the policy that is tried."""

    orders: int = 0
    sales: int = 0
    cost: int = 0

    def add(self, other: Side) -> None:
        """Count another's figures in."""
        self.orders += other.orders
        self.sales += other.sales
        self.cost += other.cost


STORES = 0
"""Stands for the employee where a store alone is credited."""


@dataclass(slots=True)
class Sides:
    """One order's figures by employee."""

    net: int
    """What the customer paid for goods and did not get back."""
    before: Mapping[int, Side]
    after: Mapping[int, Side]
    month: int = 0
    """In which it was paid, like 202603; 0 where months do not matter."""


class Example(NamedTuple):
    """A changed order. Of two that weigh the same the earlier row is shown."""

    moved: int
    """Commission that some lose and that others gain, both added up."""
    minus_id: int
    document: dict[str, Any]


@dataclass(slots=True)
class Tally:
    """The sums of a replay."""

    orders: int = 0
    """All that were gone through."""
    judged: int = 0
    changed: int = 0
    lines: int = 0
    net: int = 0
    """Net sales of all that were gone through."""
    credited_before: Side = field(default_factory=Side)
    """Orders and sales with which an employee is credited, and what that cost."""
    credited_after: Side = field(default_factory=Side)
    employees: dict[int, tuple[Side, Side]] = field(default_factory=dict[int, tuple[Side, Side]])
    """Before and after, by row number; STORES for sales that only a store is credited with."""
    reasons: dict[tuple[str, str], list[int]] = field(
        default_factory=dict[tuple[str, str], list[int]]
    )
    """Changed orders by old and new reason: how many, their cost before and after."""
    left_out: dict[str, list[int]] = field(default_factory=dict[str, list[int]])
    """Orders by why they were left out: how many, their net sales and their cost."""
    examples: list[Example] = field(default_factory=list[Example])
    """A heap, the least at its top."""
    months: dict[int, dict[int, list[int]]] = field(default_factory=dict[int, dict[int, list[int]]])
    """Net sales and cost before, and after, by month and employee, until they are settled."""
    settled: list[int] = field(default_factory=lambda: [0, 0])
    """What months came to by tiers and caps, before and after: it is in the costs."""
    spent: dict[str, int] = field(default_factory=dict[str, int])
    """What the boosters of a plan that is tried paid out, by their row numbers."""

    def leave_out(self, why: LeftOut, lines: int, sides: Sides) -> None:
        """Count an order that is not judged anew."""
        self._count(lines, sides)
        cost = sum(side.cost for side in sides.before.values())
        _add_to(self.left_out.setdefault(why.value, [0, 0, 0]), (1, sides.net, cost))

    def judge(self, lines: int, sides: Sides) -> None:
        """Count an order that is judged anew."""
        self.judged += 1
        self._count(lines, sides)

    def change(self, old: str, new: str, sides: Sides) -> int:
        """Count a judged order as changed; how much commission changes hands."""
        self.changed += 1
        before = sum(side.cost for side in sides.before.values())
        after = sum(side.cost for side in sides.after.values())
        _add_to(self.reasons.setdefault((old, new), [0, 0, 0]), (1, before, after))
        return sum(
            abs(_cost(sides.after, employee) - _cost(sides.before, employee))
            for employee in sides.before.keys() | sides.after.keys()
        )

    def would_show(self, moved: int, order_id: int) -> bool:
        """Whether a changed order is among those to be shown, as far as is known."""
        if len(self.examples) < MOST_EXAMPLES:
            return True
        return (moved, -order_id) > self.examples[0][:2]

    def show(self, moved: int, order_id: int, document: dict[str, Any]) -> None:
        """Keep a changed order as an example, in place of the least."""
        example = Example(moved, -order_id, document)
        if len(self.examples) < MOST_EXAMPLES:
            heapq.heappush(self.examples, example)
        else:
            heapq.heapreplace(self.examples, example)

    def _count(self, lines: int, sides: Sides) -> None:
        self.orders += 1
        self.lines += lines
        self.net += sides.net
        self._credit(self.credited_before, 0, sides.before)
        self._credit(self.credited_after, 1, sides.after)
        if sides.month:
            self._count_in_month(sides.month, 0, sides.before)
            self._count_in_month(sides.month, 2, sides.after)

    def _count_in_month(self, month: int, first: int, by_employee: Mapping[int, Side]) -> None:
        of_month = self.months.setdefault(month, {})
        for employee_id, side in by_employee.items():
            if employee_id != STORES:
                sums = of_month.setdefault(employee_id, [0, 0, 0, 0])
                sums[first] += side.sales
                sums[first + 1] += side.cost

    def settle(self, employee_id: int, before: int, after: int) -> None:
        """Count what a month added to an employee's sales, or took off, on either side."""
        both = self.employees[employee_id]
        both[0].cost += before
        both[1].cost += after
        self.credited_before.cost += before
        self.credited_after.cost += after
        _add_to(self.settled, (before, after))

    def _credit(self, whole: Side, which: int, by_employee: Mapping[int, Side]) -> None:
        somebody = 0
        for employee_id, side in by_employee.items():
            both = self.employees.get(employee_id)
            if both is None:
                both = self.employees[employee_id] = (Side(), Side())
            both[which].add(side)
            if employee_id != STORES:
                somebody = 1
                whole.sales += side.sales
                whole.cost += side.cost
        whole.orders += somebody

    def add(self, other: Tally) -> None:
        """Count in what came of other orders."""
        self.orders += other.orders
        self.judged += other.judged
        self.changed += other.changed
        self.lines += other.lines
        self.net += other.net
        self.credited_before.add(other.credited_before)
        self.credited_after.add(other.credited_after)
        for employee_id, (before, after) in other.employees.items():
            both = self.employees.setdefault(employee_id, (Side(), Side()))
            both[0].add(before)
            both[1].add(after)
        for pair, counts in other.reasons.items():
            _add_to(self.reasons.setdefault(pair, [0, 0, 0]), counts)
        for why, counts in other.left_out.items():
            _add_to(self.left_out.setdefault(why, [0, 0, 0]), counts)
        self._add_months(other)
        for moved, minus_id, document in other.examples:
            if self.would_show(moved, -minus_id):
                self.show(moved, -minus_id, document)

    def _add_months(self, other: Tally) -> None:
        for month, by_employee in other.months.items():
            of_month = self.months.setdefault(month, {})
            for employee_id, sums in by_employee.items():
                _add_to(of_month.setdefault(employee_id, [0, 0, 0, 0]), sums)
        _add_to(self.settled, other.settled)
        for booster, spent in other.spent.items():
            self.spent[booster] = self.spent.get(booster, 0) + spent

    def as_bytes(self) -> bytes:
        """Write it down, for whoever goes on."""
        document = {
            "counts": [self.orders, self.judged, self.changed, self.lines, self.net],
            "credited": [*_written(self.credited_before), *_written(self.credited_after)],
            "employees": [
                [key, *_written(before), *_written(after)]
                for key, (before, after) in self.employees.items()
            ],
            "reasons": [[*pair, *counts] for pair, counts in self.reasons.items()],
            "left_out": self.left_out,
            "examples": self.examples,
            "months": [
                [month, [[key, *sums] for key, sums in by_employee.items()]]
                for month, by_employee in self.months.items()
            ],
            "settled": self.settled,
            "spent": self.spent,
        }
        return zlib.compress(json.dumps(document, ensure_ascii=False).encode(), level=3)

    @classmethod
    def from_bytes(cls, written: bytes) -> Self:
        """Read what was written down."""
        document: dict[str, Any] = json.loads(zlib.decompress(written))
        credited = document["credited"]
        return cls(
            *document["counts"],
            credited_before=Side(*credited[:3]),
            credited_after=Side(*credited[3:]),
            employees={
                key: (Side(*figures[:3]), Side(*figures[3:]))
                for key, *figures in document["employees"]
            },
            reasons={(old, new): counts for old, new, *counts in document["reasons"]},
            left_out=document["left_out"],
            examples=[Example(*each) for each in document["examples"]],
            months={
                month: {key: sums for key, *sums in by_employee}
                for month, by_employee in document["months"]
            },
            settled=document["settled"],
            spent=document["spent"],
        )


def _cost(side: Mapping[int, Side], employee_id: int) -> int:
    found = side.get(employee_id)
    return found.cost if found else 0


def _add_to(sums: list[int], more: Iterable[int]) -> None:
    for place, amount in enumerate(more):
        sums[place] += amount


def _written(side: Side) -> tuple[int, int, int]:
    return side.orders, side.sales, side.cost
