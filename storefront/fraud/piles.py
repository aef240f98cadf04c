"""Goods that pile up: what one buyer, or one address, takes of a product again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

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
    """How many pieces buyers of a product keep: asked for once per product."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._products: dict[int, tuple[int, int]] = {}
        self._chain: tuple[int, int] | None = None

    def pile(self, row: sa.Row[Any], *, by_address: bool) -> Pile:
        """The fact about a group, beside what others keep."""
        kept = int(row.kept)
        buyers, pieces = self._of_product(row.product_id)
        if self._chain is None:
            self._chain = self._buyers(sa.true(), sa.true())
        chain_buyers, chain_pieces = self._chain
        own = 0 if by_address else 1
        left_out = kept * own
        return Pile(
            kept=kept,
            orders=row.orders,
            others=max(buyers - own, 0),
            others_kept=max(pieces - left_out, 0),
            chain_buyers=max(chain_buyers - own, 0),
            chain_kept=max(chain_pieces - left_out, 0),
            by_address=by_address,
        )

    def _of_product(self, product_id: int) -> tuple[int, int]:
        if product_id not in self._products:
            self._products[product_id] = self._buyers(
                lines.c.product_id == product_id, _in_orders > 1
            )
        return self._products[product_id]

    def _buyers(self, condition: Column, having: Column) -> tuple[int, int]:
        """How many buyers of products there are, and how many pieces they keep in all."""
        buyers = (
            sa.select(_kept.label("kept"))
            .select_from(SOLD)
            .where(self._window.is_in, orders.c.customer_id.is_not(None), condition)
            .group_by(lines.c.product_id, orders.c.customer_id)
            .having(having)
            .subquery()
        )
        row = db.session.execute(
            sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(buyers.c.kept), 0))
        ).one()
        return row[0], int(row[1])
