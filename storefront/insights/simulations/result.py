"""The answer of a simulation: figures, who gains and who loses, and why orders change.

Its size has a bound, whatever the chain's; the file of all employees holds the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from storefront.core.csvfile import Cell
from storefront.core.database import db
from storefront.core.money import MINOR_DIGITS, WHOLE_BASIS_POINTS, divide_half_up, format_amount
from storefront.insights.simulations import words
from storefront.insights.simulations.tally import STORES, Example, LeftOut, Side, Tally
from storefront.staff.models import Employee, Store

_employees = cast(sa.Table, Employee.__table__)
_stores = cast(sa.Table, Store.__table__)

MOST_NAMED = 100
"""Gainers, and losers, that the answer names."""
AT_ONCE = 1_000

COLUMNS = (
    "employee",
    "name",
    "store",
    "orders_before",
    "orders_after",
    "sales_before",
    "sales_after",
    "commission_before",
    "commission_after",
    "difference",
    "currency",
)


@dataclass(frozen=True, slots=True)
class EmployeeChange:
    """One employee before and after."""

    number: str
    name: str
    store: str
    """The code of the store where they are now."""
    before: Side
    after: Side

    @property
    def difference(self) -> int:
        """Commission that they would have earned more."""
        return self.after.cost - self.before.cost

    def as_document(self) -> dict[str, Any]:
        """As the answer names them."""
        return {
            "employee": self.number,
            "name": self.name,
            "store": self.store,
            "before": _side(self.before),
            "after": _side(self.after),
            "difference": self.difference,
        }


def changes(tally: Tally) -> list[EmployeeChange]:
    """Everybody with a figure on either side, from the greatest gain to the greatest loss."""
    named = _named(key for key in tally.employees if key != STORES)
    found = [
        EmployeeChange(*named[key], before, after)
        for key, (before, after) in tally.employees.items()
        if key in named
    ]
    found.sort(key=lambda each: (-each.difference, each.number))
    return found


_AMOUNTS = frozenset(
    {"net_sales", "cost", "old_cost", "new_cost", "difference", "moved", "gained", "lost"}
    | {"sales", "commission", "sales_credited", "sales_of_stores", "low", "high", "of_months"}
)


def summary(tally: Tally, currency: str) -> dict[str, Any]:
    """The whole answer as it is stored and sent; amounts are of `currency`."""
    return _with_money(_summary(tally, currency), currency)


def _with_money(node: Any, currency: str) -> Any:
    if isinstance(node, list):
        return [_with_money(each, currency) for each in cast(list[Any], node)]
    if not isinstance(node, dict):
        return node
    return {
        name: {"amount": value, "currency": currency}
        if name in _AMOUNTS
        else _with_money(value, currency)
        for name, value in cast(dict[str, Any], node).items()
    }


def _summary(tally: Tally, currency: str) -> dict[str, Any]:
    before, after = tally.credited_before, tally.credited_after
    everybody = changes(tally)
    gaining = [each for each in everybody if each.difference > 0]
    losing = [each for each in reversed(everybody) if each.difference < 0]
    stores = tally.employees.get(STORES, (Side(), Side()))
    return {
        "orders": tally.orders,
        "orders_judged": tally.judged,
        "orders_changed": tally.changed,
        "order_lines": tally.lines,
        "net_sales": tally.net,
        "old": _credited(before, tally.net, stores[0], tally.settled[0]),
        "new": _credited(after, tally.net, stores[1], tally.settled[1]),
        "difference": after.cost - before.cost,
        "employees": len(everybody),
        "employees_gaining": len(gaining),
        "employees_losing": len(losing),
        "gained": sum(each.difference for each in gaining),
        "lost": -sum(each.difference for each in losing),
        "gainers": [each.as_document() for each in gaining[:MOST_NAMED]],
        "losers": [each.as_document() for each in losing[:MOST_NAMED]],
        "histogram": histogram([each.difference for each in everybody], currency),
        "reasons": _reasons(tally),
        "examples": _examples(tally.examples),
        "left_out": [_left_out(LeftOut(why), sums) for why, sums in sorted(tally.left_out.items())],
        "notes": {
            language: [
                words.NOT_MODELLED[language],
                words.BY_PLACED[language],
                words.BY_MONTH[language],
            ]
            for language in words.NOT_MODELLED
        },
    }


def employee_rows(tally: Tally, currency: str) -> Iterator[Sequence[Cell]]:
    """A row for each employee under COLUMNS, the greatest gain first."""
    for each in changes(tally):
        amounts = (
            each.before.sales,
            each.after.sales,
            each.before.cost,
            each.after.cost,
            each.difference,
        )
        yield (
            each.number,
            each.name,
            each.store,
            each.before.orders,
            each.after.orders,
            *(format_amount(amount, currency) for amount in amounts),
            currency,
        )


def histogram(differences: Sequence[int], currency: str) -> list[dict[str, int]]:
    """How many employees gain or lose how much: steps of 1, 2, 5, 10, 20 … of the currency.

    A bar counts differences from `low` up to, and without, `high`. Zero has a bar of its own.
    """
    if not differences:
        return []
    unit = max(10 ** MINOR_DIGITS[currency], 10)
    greatest = max(map(abs, differences))
    steps = [unit]
    while steps[-1] <= greatest:
        steps.append(steps[-1] * 5 // 2 if str(steps[-1]).startswith("2") else steps[-1] * 2)
    # Below zero a bar's upper end belongs to it, so that both sides are cut alike.
    edges = [*(1 - step for step in reversed(steps)), 0, 1, *steps]
    counts = [0] * (len(edges) + 1)
    for difference in differences:
        counts[bisect_right(edges, difference)] += 1
    filled = [place for place, count in enumerate(counts) if count]
    return [
        {"low": edges[place - 1], "high": edges[place], "employees": counts[place]}
        for place in range(filled[0], filled[-1] + 1)
    ]


def cost_ratio(cost: int, sales: int) -> int | None:
    """Commission in basis points of sales; None where there are none to divide by."""
    return divide_half_up(cost * WHOLE_BASIS_POINTS, sales) if sales > 0 else None


def _credited(side: Side, net: int, store: Side, of_months: int) -> dict[str, Any]:
    return {
        "orders_credited": side.orders,
        "sales_credited": side.sales,
        "sales_of_stores": store.sales,
        "cost": side.cost,
        "of_months": of_months,
        "cost_ratio": cost_ratio(side.cost, side.sales),
        "cost_of_net_sales": cost_ratio(side.cost, net),
    }


def _side(side: Side) -> dict[str, int]:
    return {"orders": side.orders, "sales": side.sales, "commission": side.cost}


def _reasons(tally: Tally) -> list[dict[str, Any]]:
    """Why orders change, the commonest first."""
    found = sorted(tally.reasons.items(), key=lambda each: (-each[1][0], each[0]))
    return [
        {"old": old, "new": new, "orders": count, "old_cost": before, "new_cost": after}
        for (old, new), (count, before, after) in found
    ]


def _left_out(why: LeftOut, sums: Sequence[int]) -> dict[str, Any]:
    orders, net, cost = sums
    return {
        "reason": why.value,
        "words": words.WHY_LEFT_OUT[why],
        "orders": orders,
        "net_sales": net,
        "cost": cost,
    }


def _examples(examples: Iterable[Example]) -> list[dict[str, Any]]:
    """Changed orders, the most commission changing hands first, with staff numbers."""
    shown = sorted(examples, reverse=True)
    named = _named(
        employee_id
        for example in shown
        for group in example.document["lines"]
        for employee_id, _ in (*group["before"], *group["after"])
        if employee_id is not None
    )
    return [
        example.document
        | {
            "moved": example.moved,
            "lines": [
                group | {side: _earners(group[side], named) for side in ("before", "after")}
                for group in example.document["lines"]
            ],
        }
        for example in shown
    ]


def _earners(
    shares: Iterable[tuple[int | None, int]], named: Mapping[int, tuple[str, str, str]]
) -> list[dict[str, Any]]:
    """Staff numbers with their shares; None for a store."""
    return [
        {"employee": None if employee_id is None else named[employee_id][0], "share": share}
        for employee_id, share in shares
    ]


def _named(employee_ids: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """Staff number, name and store of employees."""
    wanted = sorted(set(employee_ids))
    named: dict[int, tuple[str, str, str]] = {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = db.session.execute(
            sa.select(_employees.c.id, _employees.c.number, _employees.c.name, _stores.c.code)
            .join(_stores, _stores.c.id == _employees.c.store_id)
            .where(_employees.c.id.in_(wanted[start : start + AT_ONCE]))
        )
        named |= {row.id: (row.number, row.name, row.code) for row in rows}
    return named
