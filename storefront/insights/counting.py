"""How a sale, a return and a movement of commission count in the roll-ups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storefront.attribution.rules import Verdict
from storefront.attribution.service import shares_of
from storefront.commissions.service import Moved
from storefront.core.money import WHOLE_BASIS_POINTS, split
from storefront.insights.models import NOBODY
from storefront.insights.rollups import Change
from storefront.orders.handling import LineFacts
from storefront.orders.returns import ReturnedLine

UNCREDITED = (NOBODY, NOBODY, WHOLE_BASIS_POINTS)


def of_sale(lines: Sequence[LineFacts], verdict: Verdict, *, new_customer: bool) -> list[Change]:
    """A paid order: whole with the first share, so totals count it once; its sales by share."""
    sharers = [(winner.employee_id, winner.store_id, winner.share) for winner in verdict.winners]
    sharers = sharers or [UNCREDITED]
    (employee_id, store_id, _), *others = sharers
    counted = {
        "orders": 1,
        "lines": len(lines),
        "units": sum(line.quantity for line in lines),
        "new_customers": int(new_customer),
    }
    changes = [Change(employee_id, store_id, counted)]
    changes += [Change(other[0], other[1], {"orders_shared": 1}) for other in others]
    for line in lines:
        changes += _by_share("sales", line.net, sharers)
    return changes


def of_return(lines: Sequence[ReturnedLine]) -> list[Change]:
    """What came back: against those who were credited with it."""
    shares = shares_of([line.order_line_id for line in lines])
    changes: list[Change] = []
    for line in lines:
        sharers = shares.get(line.order_line_id) or [UNCREDITED]
        employee_id, store_id, _ = sharers[0]
        changes.append(Change(employee_id, store_id, {"units_returned": line.quantity}))
        changes += _by_share("refunded", line.amount, sharers)
    return changes


def of_commission(measure: str, moved: Iterable[Moved]) -> list[Change]:
    """Commission that was accrued, reversed, released or paid."""
    return [Change(move.employee_id, move.store_id, {measure: move.amount}) for move in moved]


def _by_share(measure: str, amount: int, sharers: Sequence[tuple[int, int, int]]) -> list[Change]:
    amounts = split(amount, [share for _, _, share in sharers])
    return [
        Change(employee_id, store_id, {measure: part})
        for (employee_id, store_id, _), part in zip(sharers, amounts, strict=True)
    ]
