"""Stock as people enter it: counted on the shelf, or delivered.

Locks are taken as `stock` takes them. Levels that do not exist yet are made before anything is
locked, in the same order, so that two who make the same ones wait for each other in a line too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar, cast

import sqlalchemy as sa

from storefront.catalog import rules
from storefront.catalog.models import (
    Location,
    MovementKind,
    StockLevel,
    StockMovement,
    Variant,
)
from storefront.catalog.stock import (
    Level,
    Reserved,
    keep_movements,
    lock_levels,
    movement,
    show_anew,
)
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, insert_for, transaction
from storefront.core.errors import Conflict, Invalid
from storefront.core.ids import random_text

CHUNK = 5_000
"""Rows for which one statement is sent: far below the number of parameters a database takes."""

Place = tuple[int, int]
"""A variant's id and a location's."""

Thing = TypeVar("Thing")

_levels = cast(sa.Table, StockLevel.__table__)

_SET_ON_HAND = (
    sa.update(_levels)
    .where(
        _levels.c.variant_id == sa.bindparam("of_variant"),
        _levels.c.location_id == sa.bindparam("of_location"),
        _levels.c.reserved <= sa.bindparam("counted"),
    )
    .values(on_hand=sa.bindparam("counted"))
)


class Counted(NamedTuple):
    """So many pieces are there, the promised ones included."""

    variant_id: int
    location_id: int
    on_hand: int


class Delivered(NamedTuple):
    """So many pieces came."""

    variant_id: int
    location_id: int
    quantity: int


def count(counted: Sequence[Counted], actor: Actor, now: datetime) -> int:
    """Set what is there; differences become movements. Returns how many levels changed.

    Raises Conflict `less_than_promised` if fewer are there than orders hold (with `promised`), and
    `stock_not_tracked`.
    """
    with transaction():
        levels = open_levels([(row.variant_id, row.location_id) for row in counted])
        for row in counted:
            level = _level_of(row, levels)
            if row.on_hand < level.reserved:
                raise Conflict(
                    "less_than_promised",
                    f"{level.reserved} pieces are promised to orders."
                    " Cancel some of them before counting fewer.",
                    promised=level.reserved,
                )
        return write_counts(counted, levels, MovementKind.COUNTED, actor, now)


def deliver(delivered: Sequence[Delivered], actor: Actor, now: datetime) -> None:
    """Add what came. Raises Conflict `stock_not_tracked`, Invalid `too_many_pieces`."""
    with transaction():
        levels = open_levels([(row.variant_id, row.location_id) for row in delivered])
        sums: dict[Place, int] = {}
        for row in delivered:
            if row.quantity <= 0:
                raise ValueError(f"{row.quantity} pieces cannot be delivered")
            place = (row.variant_id, row.location_id)
            sums[place] = sums.get(place, _level_of(row, levels).on_hand) + row.quantity
            if sums[place] > rules.LARGEST_STOCK:
                raise Invalid("too_many_pieces", f"At most {rules.LARGEST_STOCK:,} pieces.")
        now_there = [Counted(*place, on_hand) for place, on_hand in sums.items()]
        write_counts(now_there, levels, MovementKind.DELIVERED, actor, now)


def open_levels(places: Sequence[Place]) -> dict[Place, Level]:
    """Make the levels that are missing, then lock all of these variants' levels."""
    wanted = sorted(set(places))
    variant_ids = sorted({variant_id for variant_id, _ in wanted})
    there: set[Place] = set()
    for chunk in chunks(variant_ids):
        rows = db.session.execute(
            sa.select(_levels.c.variant_id, _levels.c.location_id).where(
                _levels.c.variant_id.in_(chunk)
            )
        )
        there.update((row.variant_id, row.location_id) for row in rows)
    missing = [
        {"variant_id": variant_id, "location_id": location_id, "on_hand": 0, "reserved": 0}
        for variant_id, location_id in wanted
        if (variant_id, location_id) not in there
    ]
    if missing:
        db.session.execute(insert_for(_levels).on_conflict_do_nothing(), missing)
    return {
        (level.variant_id, level.location_id): level
        for chunk in chunks(variant_ids)
        for level in lock_levels(chunk)
    }


def write_counts(
    counted: Sequence[Counted],
    levels: dict[Place, Level],
    kind: MovementKind,
    actor: Actor,
    now: datetime,
) -> int:
    """Write `on_hand` of open levels with a movement for every difference; how many there were."""
    batch = random_text(16)
    different = sorted(
        row for row in counted if row.on_hand != levels[row.variant_id, row.location_id].on_hand
    )
    shown_otherwise: set[int] = set()
    for chunk in chunks(different):
        changed = db.session.execute(
            _SET_ON_HAND,
            [
                {
                    "of_variant": row.variant_id,
                    "of_location": row.location_id,
                    "counted": row.on_hand,
                }
                for row in chunk
            ],
        )
        if changed_rows(changed) != len(chunk):
            raise RuntimeError("a level that was locked and looked at did not allow its change")
        movements: list[dict[str, object]] = []
        for row in chunk:
            level = levels[row.variant_id, row.location_id]
            change = Reserved(row.variant_id, row.location_id, row.on_hand - level.on_hand)
            cause = f"{kind}:{batch}:{row.variant_id}:{row.location_id}"
            movements.append(movement(change, kind, cause, actor, now))
            if (level.available == 0) != (row.on_hand == level.reserved):
                shown_otherwise.add(level.product_id)
        keep_movements(movements)
    show_anew(shown_otherwise)
    return len(different)


def chunks(rows: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    """Cut a long list into pieces that a statement can take."""
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


class Shelf(NamedTuple):
    """What lies at one place."""

    location: Location
    on_hand: int
    reserved: int


def shelves(variant_pk: int) -> list[Shelf]:
    """A variant's stock at every place that has a level, in the order of use."""
    rows = db.session.execute(
        sa.select(Location, StockLevel.on_hand, StockLevel.reserved)
        .join(StockLevel, StockLevel.location_id == Location.id)
        .where(StockLevel.variant_id == variant_pk)
        .order_by(Location.priority, Location.id)
    )
    return [Shelf(*row) for row in rows]


def movements_of(
    variant: Variant, *, before: int | None, limit: int
) -> list[tuple[StockMovement, str]]:
    """A variant's movements, newest first, whose id is below `before`; with the place's code."""
    asked = (
        sa.select(StockMovement, Location.code)
        .join(Location, Location.id == StockMovement.location_id)
        .where(StockMovement.variant_id == variant.id)
        .order_by(StockMovement.id.desc())
        .limit(limit)
    )
    if before is not None:
        asked = asked.where(StockMovement.id < before)
    return [(row[0], row[1]) for row in db.session.execute(asked)]


def _level_of(row: Counted | Delivered, levels: dict[Place, Level]) -> Level:
    level = levels.get((row.variant_id, row.location_id))
    if level is None:
        raise Conflict("stock_not_tracked", "There is always enough of this: it is not counted.")
    return level
