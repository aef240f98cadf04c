"""Judging past orders anew, and what that would have cost: the books are read, nothing is written.

An order's evidence, its lines and what came back of them stay as they are. A policy that is tried
is asked again who earns, and otherwise everybody stands credited as they do; a plan that is tried
is asked what they earn, and otherwise the plan of the order's day. Shares and commission are
rounded as they were at the sale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from storefront.attribution.rules import Evidence, Line, Verdict, decide
from storefront.commissions.rates import PlanCalendar, PlanRates
from storefront.commissions.rules import (
    Booster,
    Earning,
    Portion,
    Subject,
    wanted_on_order,
    with_boost,
)
from storefront.core.money import part_so_far, split
from storefront.core.settings import settings
from storefront.core.times import as_rfc3339
from storefront.insights.simulations.months import Months
from storefront.insights.simulations.reading import (
    PastLine,
    PastOrder,
    PastShare,
    Place,
    Span,
    following,
)
from storefront.insights.simulations.tally import STORES, LeftOut, Side, Sides, Tally
from storefront.insights.simulations.trial import Trial
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
    """One trial, and what it has made of the orders shown to it.

    `is_part` says that somebody else goes through other orders of the same months.
    """

    def __init__(
        self,
        trial: Trial,
        plans: PlanCalendar,
        tally: Tally | None = None,
        *,
        is_part: bool = False,
    ) -> None:
        self.tally = tally or Tally()
        self._policy = trial.policy
        self._plans = plans
        self._tried = trial.plan.rates if trial.plan else None
        self._months = Months(trial, settings().chain_time_zone)
        self._is_part = is_part

    def through(self, span: Span, go_on: Callable[[Place, int], bool]) -> bool:
        """Go through a span; True once there are no more orders in it.

        After every few hundred orders `go_on` is told how far this has come, and how many those
        were; if it says False, this ends.
        """
        while orders := following(span, AT_ONCE):
            for order in orders:
                self.take(order)
            reached = Place(orders[-1].placed_at, orders[-1].id)
            if not self._is_part:
                self._months.settle(self.tally, self._months.of(reached.at))
            if not go_on(reached, len(orders)):
                return False
            span = replace(span, after=reached)
        return True

    def take(self, order: PastOrder) -> None:
        """Judge one order anew, or leave it out."""
        if not order.paid_at:
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
            sides = Sides(net, before, before, self._months.of(order.paid_at))
            self.tally.leave_out(judged, len(order.lines), sides)
            return
        old = [tuple(share[:3] for share in each) for each in order.shares]
        new = judged.shares_of(order, old)
        after = before
        if new != old or any(each and each[0][0] is not None for each in new):
            after = self._as_tried(order, kept, new, judged)
        sides = Sides(net, before, after, self._months.of(order.paid_at))
        self.tally.judge(len(order.lines), sides)
        if new != old or (self._tried and after != before):
            reason = judged.decision.reason.value if judged.decision else order.reason
            moved = self.tally.change(order.reason, reason, sides)
            if self.tally.would_show(moved, order.id):
                document = _example(order, judged.decision, old, new, sides)
                self.tally.show(moved, order.id, document)

    def _judged(self, order: PastOrder) -> _Judged | LeftOut:
        if order.disputed and self._policy:
            return LeftOut.DECIDED
        if all(line.returned == line.quantity for line in order.lines):
            return LeftOut.ALL_RETURNED
        rates = self._tried or self._plans.at(order.placed_at)
        if rates is None:
            return LeftOut.NO_PLAN
        if self._policy is None:
            return _Judged(None, None, rates)
        try:
            evidence = Evidence.from_document(orjson.loads(order.evidence))
        except (KeyError, TypeError, ValueError):
            return LeftOut.NO_EVIDENCE
        lines = [Line(line.position, line.product_id) for line in order.lines]
        return _Judged(evidence, decide(self._policy, evidence, lines), rates)

    def _as_tried(
        self,
        order: PastOrder,
        kept: Sequence[int],
        credited: Sequence[_Shares],
        past: _Judged,
    ) -> dict[int, Side]:
        sides: dict[int, Side] = {}
        earned: list[_Earner] = []
        bonuses = past.rates.bonuses(order.buyer, [line.quantity for line in order.lines])
        for line, frozen, net, shares, bonus in zip(
            order.lines, order.shares, kept, credited, bonuses, strict=True
        ):
            if not shares:
                continue
            for (employee_id, _, _), part in zip(shares, _parts(net, shares), strict=True):
                _side_of(sides, employee_id).sales += part
            earned += _earners(order, line, frozen, shares, bonus, past)
        wanted = wanted_on_order([each.earning for each in earned], past.rates.order_cap)
        for each, want in zip(earned, wanted, strict=True):
            boost = self._boost(each, want.boost)
            amount = with_boost(want, boost).amount
            line = each.line
            if line.returned:
                amount -= part_so_far(amount, line.returned, line.quantity)
            _side_of(sides, each.earning.employee_id).cost += amount
        return sides

    def _boost(self, earner: _Earner, wanted: int) -> int:
        """What a booster gives: of a plan that is tried, while its budget lasts."""
        booster: Booster | None = earner.earning.booster
        if self._tried is None or booster is None:
            return wanted if earner.boost is None else min(earner.boost, wanted)
        key = str(booster.rule.id)
        spent = self.tally.spent.get(key, 0)
        granted = min(wanted, booster.budget - spent)
        self.tally.spent[key] = spent + granted
        return granted


class _Judged(NamedTuple):
    """What the policy makes of an order, and what its plan pays."""

    evidence: Evidence | None
    decision: Verdict | None
    """None where everybody stands credited as they do."""
    rates: PlanRates

    def shares_of(self, order: PastOrder, old: Sequence[_Shares]) -> list[_Shares]:
        """Who is credited with each line."""
        if self.decision is None:
            return list(old)
        shares = _shares_by_position(self.decision)
        return [shares[line.position] for line in order.lines]

    def grade_of(self, employee_id: int, frozen: PastShare | None) -> str:
        """An employee's grade at the order."""
        if self.evidence is None:
            return frozen.grade if frozen else ""
        person = self.evidence.people.get(employee_id)
        return (person.grade if person else None) or ""

    def campaign_of(self, position: int, place: int, frozen: PastShare | None) -> int | None:
        """The campaign through which the touch came that won a share of a line."""
        if self.decision is None or self.evidence is None:
            return frozen.campaign_id if frozen else None
        touch_id = self.decision.ruling_on(position).winners[place].touch_id
        if touch_id is None:
            return None
        return next(
            (each.campaign_id for each in self.evidence.touches if each.touch_id == touch_id), None
        )


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


class _Earner(NamedTuple):
    """An employee's share of a line."""

    earning: Earning
    line: PastLine
    boost: int | None
    """What a booster gave, if the books have the same share; None: as much as it promises."""


def _earners(
    order: PastOrder,
    line: PastLine,
    frozen: Sequence[PastShare],
    shares: _Shares,
    bonus: int,
    past: _Judged,
) -> Iterator[_Earner]:
    bases = _parts(line.net, shares)
    path = past.rates.path_of(line.category_id, frozen[0].category_ids if frozen else None)
    cut = tuple(share for _, _, share in shares)
    same = [share[:3] for share in frozen] == list(shares)
    for place, (employee_id, store_id, _) in enumerate(shares):
        if employee_id is None:
            continue
        own = frozen[place] if same else None
        subject = Subject(
            employee_id,
            line.product_id,
            path,
            line.brand_id,
            store_id,
            past.grade_of(employee_id, own),
            order.buyer,
            past.campaign_of(line.position, place, own),
        )
        yield _Earner(
            Earning(
                employee_id,
                Portion(bases[place], line.quantity, cut, place),
                past.rates.rule_for(subject),
                past.rates.booster_for(subject, order.placed_at),
                bonus,
            ),
            line,
            own.boost if own else None,
        )


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
    decision: Verdict | None,
    old: Sequence[_Shares],
    new: Sequence[_Shares],
    sides: Sides,
) -> dict[str, Any]:
    groups: dict[tuple[_Shares, _Shares, str], list[int]] = {}
    for line, before, after in zip(order.lines, old, new, strict=True):
        reason = decision.ruling_on(line.position).reason.value if decision else order.reason
        groups.setdefault((before, after, reason), []).append(line.position)
    return {
        "order": order.public_id,
        "number": order.number,
        "placed_at": as_rfc3339(order.placed_at),
        "old_reason": order.reason,
        "new_reason": decision.reason.value if decision else order.reason,
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
