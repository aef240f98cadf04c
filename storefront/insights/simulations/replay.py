"""Judging past orders anew, and what that would have cost: the books are read, nothing is written.

An order's evidence, its lines, what came back of them and the commission plan of its day stay as
they are; only who earns is asked again. Shares and commission are rounded as they were at the sale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from storefront.attribution.rules import Evidence, Line, Person, Policy, Verdict, decide
from storefront.commissions.rates import PlanCalendar, PlanRates
from storefront.commissions.rules import Portion, Subject, earned
from storefront.core.money import part_so_far, split
from storefront.core.times import as_rfc3339
from storefront.insights.simulations.reading import (
    PastOrder,
    PastShare,
    Place,
    Span,
    following,
)
from storefront.insights.simulations.tally import STORES, LeftOut, Side, Sides, Tally
from storefront.orders.models import OrderState

_Share = tuple[int | None, int, int]
"""Employee (None: the store alone), store, basis points."""
_Shares = tuple[_Share, ...]

MOST_SHOWN = 12
"""Groups of lines, and shares of a line, that an example carries."""

AT_ONCE = 1_000
"""Orders that are held in memory together."""

_NOTHING = Sides(0, {}, {})


class Replay:
    """One policy, and what it has made of the orders shown to it."""

    def __init__(self, policy: Policy, plans: PlanCalendar, tally: Tally | None = None) -> None:
        self.tally = tally or Tally()
        self._policy = policy
        self._plans = plans

    def through(self, span: Span, go_on: Callable[[Place, int], bool]) -> bool:
        """Go through a span; True once there are no more orders in it.

        After every few hundred orders `go_on` is told how far this has come, and how many those
        were; if it says False, this ends.
        """
        while orders := following(span, AT_ONCE):
            for order in orders:
                self.take(order)
            reached = Place(orders[-1].placed_at, orders[-1].id)
            if not go_on(reached, len(orders)):
                return False
            span = replace(span, after=reached)
        return True

    def take(self, order: PastOrder) -> None:
        """Judge one order anew, or leave it out."""
        if not order.paid:
            self.tally.leave_out(LeftOut.NOT_PAID, 0, _NOTHING)
        elif order.state is OrderState.CANCELLED:
            self.tally.leave_out(LeftOut.CANCELLED, 0, _NOTHING)
        else:
            self._take_paid(order)

    def _take_paid(self, order: PastOrder) -> None:
        kept = [line.net - line.paid_back for line in order.lines]
        net, before = sum(kept), _by_books(order, kept)
        judged = self._judged(order)
        if isinstance(judged, LeftOut):
            self.tally.leave_out(judged, len(order.lines), Sides(net, before, before))
            return
        evidence, decision, rates = judged
        shares = _shares_by_position(decision)
        old = [tuple(share[:3] for share in each) for each in order.shares]
        new = [shares[line.position] for line in order.lines]
        after = before
        if new != old or any(each and each[0][0] is not None for each in new):
            after = _by_policy(order, kept, new, rates, evidence.people)
        sides = Sides(net, before, after)
        self.tally.judge(len(order.lines), sides)
        if new != old:
            moved = self.tally.change(order.reason, decision.reason.value, sides)
            if self.tally.would_show(moved, order.id):
                document = _example(order, decision, old, new, sides)
                self.tally.show(moved, order.id, document)

    def _judged(self, order: PastOrder) -> tuple[Evidence, Verdict, PlanRates] | LeftOut:
        if order.disputed:
            return LeftOut.DECIDED
        if all(line.returned == line.quantity for line in order.lines):
            return LeftOut.ALL_RETURNED
        rates = self._plans.at(order.placed_at)
        if rates is None:
            return LeftOut.NO_PLAN
        try:
            evidence = Evidence.from_document(orjson.loads(order.evidence))
        except (KeyError, TypeError, ValueError):
            return LeftOut.NO_EVIDENCE
        lines = [Line(line.position, line.product_id) for line in order.lines]
        return evidence, decide(self._policy, evidence, lines), rates


def _shares_by_position(decision: Verdict) -> dict[int, _Shares]:
    return {
        position: shares
        for ruling in decision.rulings
        for shares in (
            tuple((claim.employee_id, claim.store_id, claim.share) for claim in ruling.winners),
        )
        for position in ruling.positions
    }


def _by_books(order: PastOrder, kept: Sequence[int]) -> dict[int, Side]:
    sides: dict[int, Side] = {}
    for net, shares in zip(kept, order.shares, strict=True):
        for share, sales in zip(shares, _parts(net, shares), strict=True):
            side = _side_of(sides, share.employee_id)
            side.sales += sales
            side.cost += share.cost
    return sides


def _by_policy(
    order: PastOrder,
    kept: Sequence[int],
    credited: Sequence[_Shares],
    rates: PlanRates,
    people: Mapping[int, Person],
) -> dict[int, Side]:
    sides: dict[int, Side] = {}
    bonuses = rates.bonuses(order.buyer, [line.quantity for line in order.lines])
    for line, frozen, net, shares, bonus in zip(
        order.lines, order.shares, kept, credited, bonuses, strict=True
    ):
        if not shares:
            continue
        bases, parts = _parts(line.net, shares), _parts(net, shares)
        path = rates.path_of(line.category_id, frozen[0].category_ids if frozen else None)
        cut = tuple(share for _, _, share in shares)
        for place, (employee_id, store_id, _) in enumerate(shares):
            side = _side_of(sides, employee_id)
            side.sales += parts[place]
            if employee_id is None:
                continue
            person = people.get(employee_id)
            grade = person.grade if person else None
            rule = rates.rule_for(
                Subject(
                    employee_id,
                    line.product_id,
                    path,
                    line.brand_id,
                    store_id,
                    grade or "",
                    order.buyer,
                )
            )
            amount = earned(rule, Portion(bases[place], line.quantity, cut, place), bonus).amount
            if line.returned:
                amount -= part_so_far(amount, line.returned, line.quantity)
            side.cost += amount
    return sides


def _parts(amount: int, shares: Sequence[_Share | PastShare]) -> list[int]:
    if len(shares) < 2:
        return [amount] * len(shares)
    return split(amount, [share[2] for share in shares])


def _side_of(sides: dict[int, Side], employee_id: int | None) -> Side:
    key = STORES if employee_id is None else employee_id
    side = sides.get(key)
    if side is None:
        side = sides[key] = Side(orders=1)
    return side


def _example(
    order: PastOrder,
    decision: Verdict,
    old: Sequence[_Shares],
    new: Sequence[_Shares],
    sides: Sides,
) -> dict[str, Any]:
    groups: dict[tuple[_Shares, _Shares, str], list[int]] = {}
    for line, before, after in zip(order.lines, old, new, strict=True):
        reason = decision.ruling_on(line.position).reason.value
        groups.setdefault((before, after, reason), []).append(line.position)
    return {
        "order": order.public_id,
        "number": order.number,
        "placed_at": as_rfc3339(order.placed_at),
        "old_reason": order.reason,
        "new_reason": decision.reason.value,
        "old_cost": _cost_of(sides.before),
        "new_cost": _cost_of(sides.after),
        "lines": [
            {
                "positions": positions,
                "reason": reason,
                "before": [share[::2] for share in before[:MOST_SHOWN]],
                "after": [share[::2] for share in after[:MOST_SHOWN]],
            }
            for (before, after, reason), positions in list(groups.items())[:MOST_SHOWN]
        ],
    }


def _cost_of(sides: Mapping[int, Side]) -> int:
    return sum(side.cost for side in sides.values())
