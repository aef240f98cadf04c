"""Net sales and commission of many employees by month, as tiers and month caps ask for them.

What stands as it was sold is summed by the database; only what came back, was cancelled or was
given to others is gone through piece by piece.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.models import Credit
from storefront.commissions.models import Accrual
from storefront.commissions.rules.volume import CORRECTED_FOR, Back, Month, Sale, undone
from storefront.core.database import db
from storefront.core.money import WHOLE_BASIS_POINTS, split
from storefront.orders.models import Order, OrderLine, Return, ReturnLine

_accruals = cast(sa.Table, Accrual.__table__)
_credits = cast(sa.Table, Credit.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_returns = cast(sa.Table, Return.__table__)
_return_lines = cast(sa.Table, ReturnLine.__table__)

AT_ONCE = 5_000
"""Lines that are asked for together."""

_Row = sa.Row[*tuple[Any, ...]]


@dataclass(slots=True)
class Volume:
    """One employee's month, in minor units."""

    net: int = 0
    """Paid, less paid back, by their shares."""
    commission: int = 0
    """Earned on the month's sales, less what was taken back of it."""


def volumes(
    employee_ids: Collection[int], months: Sequence[Month], first: int, until: datetime
) -> dict[tuple[int, int], Volume]:
    """Volumes by employee and by the place of a month, of months from place `first` on.

    Counts what happened before `until`; `months` are all there are, in order.
    """
    found: dict[tuple[int, int], Volume] = defaultdict(Volume)
    for employee_id, place, net, commission in _sold(employee_ids, months, first, until):
        found[employee_id, place] = Volume(int(net), int(commission))
    since = months[first].starts_at - CORRECTED_FOR
    for employee_id, sale in _touched(employee_ids, since, until):
        for less in undone(sale, months, until):
            if less.month >= first:
                volume = found[employee_id, less.month]
                volume.net -= less.net
                volume.commission -= less.commission
    return dict(found)


def _sold(
    employee_ids: Collection[int], months: Sequence[Month], first: int, until: datetime
) -> Iterable[_Row]:
    """What the months' sales came to when they were sold."""
    at = _accruals.c.at
    place = sa.case(
        *(
            (sa.and_(at >= month.starts_at, at < month.ends_at), place)
            for place, month in enumerate(months[first:], first)
        ),
        else_=-1,
    ).label("place")
    return db.session.execute(
        sa.select(
            _accruals.c.employee_id,
            place,
            sa.func.sum(_accruals.c.base),
            sa.func.sum(_accruals.c.amount),
        )
        .where(
            _accruals.c.employee_id.in_(employee_ids),
            at >= months[first].starts_at,
            at < min(until, months[-1].ends_at),
        )
        .group_by(_accruals.c.employee_id, place)
    )


_TOUCHED = (
    sa.select(
        _accruals.c.employee_id,
        _accruals.c.at,
        _accruals.c.base,
        _accruals.c.amount,
        _accruals.c.order_line_id,
        _accruals.c.superseded_at,
        _lines.c.net,
        _lines.c.quantity,
        _lines.c.returned_quantity,
        _orders.c.cancelled_at,
        _credits.c.verdict_id,
        _credits.c.share,
        _credits.c.position,
    )
    .join(_lines, _lines.c.id == _accruals.c.order_line_id)
    .join(_orders, _orders.c.id == _accruals.c.order_id)
    .join(_credits, _credits.c.id == _accruals.c.credit_id)
    .where(
        _accruals.c.employee_id.in_(sa.bindparam("employees", expanding=True)),
        _accruals.c.at >= sa.bindparam("since"),
        _accruals.c.at < sa.bindparam("until"),
        sa.or_(
            _lines.c.returned_quantity > 0,
            _orders.c.cancelled_at.is_not(None),
            _accruals.c.superseded_at.is_not(None),
        ),
    )
    .order_by(_accruals.c.id)
)
_BACK = (
    sa.select(
        _return_lines.c.order_line_id,
        _returns.c.at,
        _return_lines.c.quantity,
        _return_lines.c.amount,
    )
    .join(_returns, _returns.c.id == _return_lines.c.return_id)
    .where(_return_lines.c.order_line_id.in_(sa.bindparam("wanted", expanding=True)))
    .order_by(_return_lines.c.id)
)
_SHARES = (
    sa.select(_credits.c.order_line_id, _credits.c.verdict_id, _credits.c.share)
    .where(_credits.c.order_line_id.in_(sa.bindparam("wanted", expanding=True)))
    .order_by(_credits.c.position)
)


def _touched(
    employee_ids: Collection[int], since: datetime, until: datetime
) -> Iterable[tuple[int, Sale]]:
    """Every share of which something came back, or of which nothing is left, and whose it is."""
    rows = db.session.execute(
        _TOUCHED, {"employees": list(employee_ids), "since": since, "until": until}
    ).all()
    for start in range(0, len(rows), AT_ONCE):
        chunk = rows[start : start + AT_ONCE]
        back = _back(chunk)
        shares = _shares(chunk)
        for row in chunk:
            yield row.employee_id, _sale(row, back, shares)


def _back(rows: Sequence[_Row]) -> Mapping[int, Sequence[_Row]]:
    wanted = {row.order_line_id for row in rows if row.returned_quantity}
    found: dict[int, list[_Row]] = defaultdict(list)
    if wanted:
        for row in db.session.execute(_BACK, {"wanted": list(wanted)}):
            found[row.order_line_id].append(row)
    return found


def _shares(rows: Sequence[_Row]) -> Mapping[tuple[int, int], Sequence[int]]:
    wanted = {row.order_line_id for row in rows if row.share < WHOLE_BASIS_POINTS}
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    if wanted:
        for line_id, verdict_id, share in db.session.execute(_SHARES, {"wanted": list(wanted)}):
            found[line_id, verdict_id].append(share)
    return found


def _sale(
    row: _Row,
    back: Mapping[int, Sequence[_Row]],
    shares: Mapping[tuple[int, int], Sequence[int]],
) -> Sale:
    ends = [at for at in (row.cancelled_at, row.superseded_at) if at is not None]
    of_line = shares.get((row.order_line_id, row.verdict_id), (WHOLE_BASIS_POINTS,))
    place = row.position if row.share < WHOLE_BASIS_POINTS else 0
    return Sale(
        at=row.at,
        base=row.base,
        commission=row.amount,
        quantity=row.quantity,
        back=tuple(_parts(row.net, back.get(row.order_line_id, ()), of_line, place)),
        ended_at=min(ends) if ends else None,
    )


def _parts(net: int, back: Sequence[_Row], shares: Sequence[int], place: int) -> Iterator[Back]:
    """A share's part of what was paid back, each time: what its part of the rest is less.

    So it comes to the share's whole base, to the smallest unit, once everything is paid back.
    """
    left = net
    for each in back:
        before, left = left, max(left - each.amount, 0)
        amount = split(before, shares)[place] - split(left, shares)[place]
        yield Back(each.at, each.quantity, amount)
