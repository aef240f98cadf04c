"""How a sale, a return and a movement of commission count in the roll-ups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.attribution.models import Credit, Verdict
from storefront.attribution.service import CreditFacts, shares_of
from storefront.commissions.service import Moved
from storefront.core.database import db
from storefront.core.money import WHOLE_BASIS_POINTS, split
from storefront.insights.models import NOBODY
from storefront.insights.rollups import Change
from storefront.orders.handling import LineFacts
from storefront.orders.models import Order, OrderLine
from storefront.orders.returns import ReturnedLine

_credits = cast(sa.Table, Credit.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)

_Sharer = tuple[int, int, int]
"""Employee, store and basis points."""

Shares = Mapping[int, Sequence[tuple[int | None, int, int]]]
"""Who is credited with each order line (row number): employee or none, store, basis points."""

UNCREDITED: _Sharer = (NOBODY, NOBODY, WHOLE_BASIS_POINTS)


def of_sale(
    lines: Sequence[LineFacts], credited: Iterable[CreditFacts], *, new_customer: bool
) -> list[Change]:
    """A paid order: whole with its first credit, so totals count it once; its sales by share.

    A line, with its pieces, is counted whole with its own first credit.
    """
    shares: dict[int, list[tuple[int | None, int, int]]] = {}
    for credit in credited:
        sharer = (credit.employee_id, credit.store_id, credit.share)
        shares.setdefault(credit.line.id, []).append(sharer)
    return of_sale_shared(lines, shares, new_customer=new_customer)


def of_sale_shared(
    lines: Sequence[LineFacts], shares: Shares, *, new_customer: bool
) -> list[Change]:
    """The same, for these shares."""
    by_line = {line.id: _sharers(shares, line.id) for line in lines}
    met = list(dict.fromkeys(each[:2] for line in lines for each in by_line[line.id]))
    # Beside somebody who is credited, nobody has no part in an order.
    met = [each for each in met if each != UNCREDITED[:2]] or met
    changes = [Change(*met[0], {"orders": 1, "new_customers": int(new_customer)})]
    changes += [Change(*other, {"orders_shared": 1}) for other in met[1:]]
    for line in lines:
        sharers = by_line[line.id]
        changes.append(Change(*sharers[0][:2], {"lines": 1, "units": line.quantity}))
        changes += _by_share("sales", line.net, sharers)
    return changes


_COUNTED_AS_FIRST = (
    sa.select(_credits.c.employee_id, _credits.c.store_id)
    .select_from(_orders)
    .join(_verdicts, sa.and_(_verdicts.c.order_id == _orders.c.id, _verdicts.c.sequence == 1))
    .join(_lines, _lines.c.order_id == _orders.c.id)
    .outerjoin(
        _credits,
        sa.and_(_credits.c.order_line_id == _lines.c.id, _credits.c.superseded_by_id.is_(None)),
    )
    .where(
        _orders.c.customer_id == sa.bindparam("customer_id"),
        _orders.c.paid_at == sa.bindparam("paid_at"),
    )
    .order_by(_verdicts.c.id, _credits.c.id.is_(None), _lines.c.position, _credits.c.position)
    .limit(1)
)
"""For whom an order's new customer was counted. Of two paid in one instant the one judged first
counted."""


def of_a_first_no_more(customer_id: int, paid_at: datetime) -> Change:
    """The order that made somebody a new customer turned out not to be their first."""
    row = db.session.execute(
        _COUNTED_AS_FIRST, {"customer_id": customer_id, "paid_at": paid_at}
    ).one()
    return Change(row.employee_id or NOBODY, row.store_id or NOBODY, {"new_customers": -1})


def of_return(lines: Sequence[ReturnedLine]) -> list[Change]:
    """What came back: against those who stand credited with it."""
    return of_return_shared(lines, shares_of([line.order_line_id for line in lines]))


def of_return_shared(lines: Sequence[ReturnedLine], shares: Shares) -> list[Change]:
    """The same, for these shares."""
    changes: list[Change] = []
    for line in lines:
        sharers = _sharers(shares, line.order_line_id)
        changes.append(Change(*sharers[0][:2], {"units_returned": line.quantity}))
        changes += _by_share("refunded", line.amount, sharers)
    return changes


def _sharers(shares: Shares, line_id: int) -> list[_Sharer]:
    return [
        (employee_id or NOBODY, store_id, share)
        for employee_id, store_id, share in shares.get(line_id, ())
    ] or [UNCREDITED]


def moved(before: Iterable[Change], after: Iterable[Change]) -> list[Change]:
    """What was counted one way is counted another."""
    undone = [
        Change(
            change.employee_id,
            change.store_id,
            {measure: -amount for measure, amount in change.amounts.items()},
        )
        for change in before
    ]
    return [*undone, *after]


def of_commission(measure: str, moved: Iterable[Moved]) -> list[Change]:
    """Commission that was accrued, reversed, released or paid."""
    return [Change(move.employee_id, move.store_id, {measure: move.amount}) for move in moved]


def _by_share(measure: str, amount: int, sharers: Sequence[_Sharer]) -> list[Change]:
    amounts = split(amount, [share for _, _, share in sharers])
    return [
        Change(employee_id, store_id, {measure: part})
        for (employee_id, store_id, _), part in zip(sharers, amounts, strict=True)
    ]
