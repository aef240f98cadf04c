"""How a sale, a return and a movement of commission count in the roll-ups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from storefront.attribution.service import CreditFacts, shares_of
from storefront.commissions.service import Moved
from storefront.core.money import WHOLE_BASIS_POINTS, split
from storefront.insights.models import NOBODY
from storefront.insights.rollups import Change
from storefront.orders.handling import LineFacts
from storefront.orders.returns import ReturnedLine

_Sharer = tuple[int, int, int]
"""Employee, store and basis points."""

UNCREDITED: _Sharer = (NOBODY, NOBODY, WHOLE_BASIS_POINTS)


def of_sale(
    lines: Sequence[LineFacts], credited: Iterable[CreditFacts], *, new_customer: bool
) -> list[Change]:
    """A paid order: whole with its first credit, so totals count it once; its sales by share.

    A line, with its pieces, is counted whole with its own first credit.
    """
    by_line: dict[int, list[_Sharer]] = {}
    for credit in credited:
        sharer = (credit.employee_id or NOBODY, credit.store_id, credit.share)
        by_line.setdefault(credit.line.id, []).append(sharer)
    met = list(dict.fromkeys(sharer[:2] for line in lines for sharer in by_line.get(line.id, ())))
    first = met[0] if met else UNCREDITED[:2]
    changes = [Change(*first, {"orders": 1, "new_customers": int(new_customer)})]
    changes += [Change(*other, {"orders_shared": 1}) for other in met[1:]]
    for line in lines:
        sharers = by_line.get(line.id) or [UNCREDITED]
        changes.append(Change(*sharers[0][:2], {"lines": 1, "units": line.quantity}))
        changes += _by_share("sales", line.net, sharers)
    return changes


def of_return(lines: Sequence[ReturnedLine]) -> list[Change]:
    """What came back: against those who stand credited with it."""
    shares = shares_of([line.order_line_id for line in lines])
    changes: list[Change] = []
    for line in lines:
        sharers = [
            (employee_id or NOBODY, store_id, share)
            for employee_id, store_id, share in shares.get(line.order_line_id, ())
        ] or [UNCREDITED]
        changes.append(Change(*sharers[0][:2], {"units_returned": line.quantity}))
        changes += _by_share("refunded", line.amount, sharers)
    return changes


def of_commission(measure: str, moved: Iterable[Moved]) -> list[Change]:
    """Commission that was accrued, reversed, released or paid."""
    return [Change(move.employee_id, move.store_id, {measure: move.amount}) for move in moved]


def _by_share(measure: str, amount: int, sharers: Sequence[_Sharer]) -> list[Change]:
    amounts = split(amount, [share for _, _, share in sharers])
    return [
        Change(employee_id, store_id, {measure: part})
        for (employee_id, store_id, _), part in zip(sharers, amounts, strict=True)
    ]
