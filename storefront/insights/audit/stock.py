"""Stock: what is promised is there, and every piece has come and gone by a movement."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.insights.audit.invariant import Asked, query, unless
from storefront.insights.audit.tables import holds, levels, lines, movements, orders, variants
from storefront.orders.models import HoldState, OrderState

Question = sa.Select[*tuple[Any, ...]]


def levels_out_of_bounds(_: Asked) -> Question:
    """Nowhere is more promised than there is, or less than nothing."""
    return (
        sa.select(variants.c.code, levels.c.location_id, levels.c.on_hand, levels.c.reserved)
        .outerjoin(variants, variants.c.id == levels.c.variant_id)
        .where(unless(sa.and_(levels.c.reserved >= 0, levels.c.reserved <= levels.c.on_hand)))
    )


def _unequal(
    level: sa.ColumnElement[int], parts: sa.Select[*tuple[Any, ...]], name: str
) -> Question:
    """Places where `level` is not the sum of `parts`, also where one of the two has no row."""
    both = sa.union_all(
        sa.select(levels.c.variant_id, levels.c.location_id, level.label("difference")), parts
    ).subquery()
    difference = sa.func.sum(both.c.difference)
    return (
        sa.select(
            both.c.variant_id,
            sa.func.min(variants.c.code).label("variant"),
            both.c.location_id,
            difference.label(name),
        )
        .outerjoin(variants, variants.c.id == both.c.variant_id)
        .group_by(both.c.variant_id, both.c.location_id)
        .having(difference.is_distinct_from(0))
    )


def reserved_unlike_holds(_: Asked) -> Question:
    """What is reserved somewhere is the sum of the live holds there."""
    live = sa.select(holds.c.variant_id, holds.c.location_id, -holds.c.quantity).where(
        holds.c.state == HoldState.LIVE
    )
    return _unequal(levels.c.reserved, live, "reserved_too_much")


def on_hand_unlike_movements(_: Asked) -> Question:
    """What lies somewhere is the sum of the movements there."""
    moved = sa.select(movements.c.variant_id, movements.c.location_id, -movements.c.quantity)
    return _unequal(levels.c.on_hand, moved, "on_hand_too_much")


def holds_out_of_step(_: Asked) -> Question:
    """A hold lives while its order may still be handed over, and ends as its order does."""
    live = [OrderState.AWAITING_PAYMENT, OrderState.PAID]
    allowed = sa.or_(
        sa.and_(holds.c.state == HoldState.LIVE, orders.c.state.in_(live)),
        sa.and_(holds.c.state == HoldState.TAKEN, orders.c.state == OrderState.HANDED_OVER),
        sa.and_(holds.c.state == HoldState.LET_GO, orders.c.state == OrderState.CANCELLED),
    )
    return (
        sa.select(
            holds.c.id.label("hold_id"),
            holds.c.state,
            orders.c.number,
            orders.c.state.label("order_state"),
        )
        .outerjoin(orders, orders.c.id == holds.c.order_id)
        .where(unless(allowed))
    )


def lines_held_in_part(_: Asked) -> Question:
    """A line whose stock is kept has holds for all of its pieces, of its own variant."""
    held = sa.func.sum(holds.c.quantity)
    return (
        sa.select(orders.c.number, lines.c.position, lines.c.quantity, held.label("held"))
        .join(orders, orders.c.id == lines.c.order_id)
        .join(holds, holds.c.order_line_id == lines.c.id)
        .group_by(lines.c.id, orders.c.number, lines.c.position, lines.c.quantity)
        .having(
            sa.or_(
                held != lines.c.quantity,
                sa.func.min(holds.c.variant_id) != sa.func.min(lines.c.variant_id),
                sa.func.max(holds.c.variant_id) != sa.func.max(lines.c.variant_id),
                sa.func.max(holds.c.order_id) != sa.func.max(lines.c.order_id),
            )
        )
    )


INVARIANTS = (
    query(9, "reserved within on hand", levels_out_of_bounds),
    query(10, "reserved equals live holds", reserved_unlike_holds),
    query(10, "holds follow their order", holds_out_of_step),
    query(10, "lines are held whole", lines_held_in_part),
    query(11, "on hand equals movements", on_hand_unlike_movements),
)
