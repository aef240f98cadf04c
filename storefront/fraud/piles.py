"""Goods that pile up: what one buyer, or one address, takes of a product again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from storefront.core.database import db
from storefront.fraud.rules import Pile, finding
from storefront.fraud.window import SOLD, Column, Look, Window, accruals, lines, orders

_kept = sa.func.sum(lines.c.quantity - lines.c.returned_quantity)
_in_orders = sa.func.count(accruals.c.order_id.distinct())


def piled_up(window: Window) -> Iterator[tuple[int, Sequence[int], dict[str, Any]]]:
    """Employee, lines and evidence: for customers first, then for addresses of several."""
    several = sa.func.count(orders.c.customer_id.distinct()) > 1
    norms = _Norms(window)
    yield from _of(orders.c.customer_id, orders.c.customer_id.is_not(None), window, norms)
    yield from _of(orders.c.address_digest, orders.c.address_digest != "", window, norms, several)


def _of(
    buyer: Column, is_known: Column, window: Window, norms: _Norms, more: Column | None = None
) -> Iterator[tuple[int, Sequence[int], dict[str, Any]]]:
    thresholds = window.thresholds
    look = Look(SOLD, [accruals.c.employee_id, lines.c.product_id, buyer], [is_known])
    enough = sa.and_(
        _kept >= thresholds.stock_pieces_from,
        _in_orders >= thresholds.stock_orders_from,
        sa.true() if more is None else more,
    )
    rows = look.groups(window, _kept.label("kept"), _in_orders.label("orders"), having=enough)
    for row in rows:
        evidence = finding(norms.pile(row, by_address=more is not None), thresholds)
        if evidence is not None:
            product = {"product": row.product_id}
            yield row.employee_id, look.lines_of(window, row[:3]), {**evidence, **product}


class _Norms:
    """How many pieces buyers of a product keep: read for all products at once, if at all."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._again: dict[int, _Norm] | None = None
        self._chain = _Norm(0, 0)

    def pile(self, row: sa.Row[Any], *, by_address: bool) -> Pile:
        """The fact about a group, beside what others keep."""
        if self._again is None:
            self._again = self._by_product(_in_orders > 1)
            everybody = self._by_product(sa.true()).values()
            self._chain = _Norm(
                sum(each.buyers for each in everybody), sum(each.pieces for each in everybody)
            )
        kept = int(row.kept)
        again = self._again.get(row.product_id, _Norm(0, 0))
        own = 0 if by_address else 1
        left_out = kept * own
        return Pile(
            kept=kept,
            orders=row.orders,
            others=max(again.buyers - own, 0),
            others_kept=max(again.pieces - left_out, 0),
            chain_buyers=max(self._chain.buyers - own, 0),
            chain_kept=max(self._chain.pieces - left_out, 0),
            by_address=by_address,
        )

    def _by_product(self, having: Column) -> dict[int, _Norm]:
        """How many buyers each product has, and how many pieces they keep in all."""
        buyers = (
            sa.select(lines.c.product_id, _kept.label("kept"))
            .select_from(SOLD)
            .where(self._window.is_in, orders.c.customer_id.is_not(None))
            .group_by(lines.c.product_id, orders.c.customer_id)
            .having(having)
            .subquery()
        )
        rows = db.session.execute(
            sa.select(
                buyers.c.product_id,
                sa.func.count(),
                sa.func.coalesce(sa.func.sum(buyers.c.kept), 0),
            ).group_by(buyers.c.product_id)
        )
        return {row[0]: _Norm(row[1], int(row[2])) for row in rows}


class _Norm(NamedTuple):
    """What buyers of a product keep, all together."""

    buyers: int
    pieces: int
