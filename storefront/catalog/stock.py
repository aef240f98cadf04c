"""Stock: promised, let go, taken, put back. Core statements, because crowds pass here.

Two rules keep it right. Every change is a guarded UPDATE that the level's own figures must allow,
and its row count is read. And every transaction locks levels in one order, by variant and location,
and only then the products they belong to: two carts with the same goods the other way round wait
for each other in a line, never in a circle.

A product's version goes up whenever one of its levels runs empty or stops being empty, for only
then may a page have to say something else; a sale in between costs no such statement.

All verbs run inside the caller's `transaction()`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, NoReturn, cast

import sqlalchemy as sa

from storefront.catalog.models import (
    Location,
    MovementKind,
    Product,
    StockLevel,
    StockMovement,
    Variant,
)
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db
from storefront.core.errors import Conflict

_levels = cast(sa.Table, StockLevel.__table__)
_locations = cast(sa.Table, Location.__table__)
_movements = cast(sa.Table, StockMovement.__table__)
_products = cast(sa.Table, Product.__table__)
_variants = cast(sa.Table, Variant.__table__)


class Wanted(NamedTuple):
    """So many pieces of a variant, wherever they lie."""

    variant_id: int
    quantity: int


class Reserved(NamedTuple):
    """Pieces at one location that are promised to somebody."""

    variant_id: int
    location_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Returned:
    """Pieces that come back. `cause` names the return's line and is unique for ever."""

    variant_id: int
    quantity: int
    cause: str
    location_id: int | None = None
    """Where they were taken from; None: where the variant's stock is sold from first."""


class Level(NamedTuple):
    """A locked stock level, and what is asked about it."""

    variant_id: int
    location_id: int
    on_hand: int
    reserved: int
    product_id: int
    priority: int

    @property
    def available(self) -> int:
        """How many may still be promised."""
        return self.on_hand - self.reserved


_LOCKED_LEVELS = (
    sa.select(
        _levels.c.variant_id,
        _levels.c.location_id,
        _levels.c.on_hand,
        _levels.c.reserved,
        _variants.c.product_id,
        _locations.c.priority,
    )
    .join(_variants, _variants.c.id == _levels.c.variant_id)
    .join(_locations, _locations.c.id == _levels.c.location_id)
    .where(
        _levels.c.variant_id.in_(sa.bindparam("variant_ids", expanding=True)),
        _variants.c.stock_tracked,
    )
    .order_by(_levels.c.variant_id, _levels.c.location_id)
    .with_for_update(of=_levels)
)

_THIS_LEVEL = sa.and_(
    _levels.c.variant_id == sa.bindparam("of_variant"),
    _levels.c.location_id == sa.bindparam("of_location"),
)
_QUANTITY = sa.bindparam("quantity", type_=sa.Integer())

_RESERVE = (
    sa.update(_levels)
    .where(_THIS_LEVEL, _levels.c.reserved + _QUANTITY <= _levels.c.on_hand)
    .values(reserved=_levels.c.reserved + _QUANTITY)
)
_LET_GO = (
    sa.update(_levels)
    .where(_THIS_LEVEL, _levels.c.reserved >= _QUANTITY)
    .values(reserved=_levels.c.reserved - _QUANTITY)
)
_TAKE = (
    sa.update(_levels)
    .where(_THIS_LEVEL, _levels.c.reserved >= _QUANTITY)
    .values(
        on_hand=_levels.c.on_hand - _QUANTITY,
        reserved=_levels.c.reserved - _QUANTITY,
    )
)
_PUT_BACK = sa.update(_levels).where(_THIS_LEVEL).values(on_hand=_levels.c.on_hand + _QUANTITY)

_SHOW_ANEW = (
    sa.update(_products)
    .where(_products.c.id == sa.bindparam("of_product"))
    .values(version=_products.c.version + 1)
)


def reserve(wanted: Sequence[Wanted], first_at: int | None = None) -> list[Reserved]:
    """Promise all these goods, or none of them; a variant may come from several locations.

    What lies at the location `first_at` comes before what lies elsewhere.
    Variants whose stock is not tracked give no rows. Costs one SELECT, one more if some wanted
    variant has no level, and one UPDATE per level used.

    Raises Conflict `out_of_stock` with `variant` (public id) and `left`, for the first that falls
    short. The caller's transaction must then end without a commit.
    """
    missing = Counter[int]()
    for variant_id, quantity in wanted:
        missing[variant_id] += quantity
    promised: list[Reserved] = []
    while missing:
        levels = lock_levels(missing)
        _refuse_what_lies_nowhere(missing, levels)
        lost_a_race = _promise(missing, sorted(levels, key=partial(_turn, first_at)), promised)
        if missing and not lost_a_race:
            _refuse(min(missing), promised)
    return _merged(promised)


def _promise(missing: Counter[int], levels: Sequence[Level], promised: list[Reserved]) -> bool:
    """Take what is there from `missing` into `promised`; True if somebody else was quicker.

    The first of the levels give first. Nobody can be quicker on PostgreSQL, where the levels are
    locked, nor on SQLite, where one transaction writes at a time; the guard holds all the same,
    also for a database that does neither.
    """
    lost_a_race = False
    emptied: set[int] = set()
    for level in levels:
        quantity = min(missing[level.variant_id], level.available)
        if quantity <= 0:
            continue
        if not _change(_RESERVE, Reserved(level.variant_id, level.location_id, quantity)):
            lost_a_race = True
            continue
        promised.append(Reserved(level.variant_id, level.location_id, quantity))
        missing[level.variant_id] -= quantity
        if quantity == level.available:
            emptied.add(level.product_id)
    show_anew(emptied)
    for variant_id in [variant_id for variant_id, left in missing.items() if left <= 0]:
        del missing[variant_id]
    return lost_a_race


def let_go(promised: Sequence[Reserved]) -> None:
    """Give promised goods free again: their order was cancelled, or not paid in time."""
    rows = _merged(promised)
    levels = {
        (level.variant_id, level.location_id): level
        for level in lock_levels({row.variant_id for row in rows})
    }
    _change_all(_LET_GO, rows)
    # A variant whose stock is no longer tracked is not among the levels; its pages show no stock.
    met = [levels[key] for row in rows if (key := row[:2]) in levels]
    show_anew(level.product_id for level in met if level.available == 0)


def take(promised: Sequence[Reserved], cause_prefix: str, actor: Actor, now: datetime) -> None:
    """Let promised goods leave the house. `cause_prefix` names the order and is unique for ever.

    What may be promised to others stays the same, so no page changes.
    """
    rows = _merged(promised)
    _change_all(_TAKE, rows)
    keep_movements(
        [
            movement(
                Reserved(variant_id, location_id, -quantity),
                MovementKind.SOLD,
                f"{cause_prefix}:{variant_id}:{location_id}",
                actor,
                now,
            )
            for variant_id, location_id, quantity in rows
        ]
    )


def put_back(returned: Sequence[Returned], actor: Actor, now: datetime) -> None:
    """Take goods in that came back. Variants without tracked stock are passed over.

    Hand all of one occasion over in one call: the locks are then taken in their order.
    """
    levels = lock_levels({one.variant_id for one in returned})
    if not levels:
        return
    by_place = {(level.variant_id, level.location_id): level for level in levels}
    first = {level.variant_id: level for level in sorted(levels, key=_order_of_use, reverse=True)}
    rows: list[Reserved] = []
    movements: list[dict[str, Any]] = []
    for one in returned:
        # Where it was taken from, a level stands for good; one that does not is no place to look.
        level = by_place.get((one.variant_id, one.location_id or 0), first.get(one.variant_id))
        if level is None:
            continue
        row = Reserved(one.variant_id, level.location_id, one.quantity)
        rows.append(row)
        movements.append(movement(row, MovementKind.RETURNED, one.cause, actor, now))
    rows = _merged(rows)
    _change_all(_PUT_BACK, rows)
    keep_movements(movements)
    show_anew(by_place[row[:2]].product_id for row in rows if by_place[row[:2]].available == 0)


# --- shared with deliveries ----------------------------------------------------------------------


def lock_levels(variant_ids: Iterable[int]) -> list[Level]:
    """Read and lock every level of these tracked variants, by variant and location."""
    ids = sorted(variant_ids)
    if not ids:
        return []
    rows = db.session.execute(_LOCKED_LEVELS, {"variant_ids": ids})
    return [Level(*row) for row in rows]


def movement(
    row: Reserved, kind: MovementKind, cause: str, actor: Actor, now: datetime
) -> dict[str, Any]:
    """A row of `stock_movements`; `row.quantity` is negative for what leaves."""
    return {
        "variant_id": row.variant_id,
        "location_id": row.location_id,
        "quantity": row.quantity,
        "kind": kind,
        "cause": cause,
        "at": now,
        "by_employee_id": actor.employee_id,
    }


def keep_movements(movements: Sequence[Mapping[str, Any]]) -> None:
    """Write down why `on_hand` changed."""
    if movements:
        db.session.execute(sa.insert(_movements), movements)


def show_anew(product_ids: Iterable[int]) -> None:
    """Let every kept page of these products be made again."""
    # One row after the other: a single UPDATE would lock them in whatever order it finds them.
    rows = [{"of_product": product_id} for product_id in sorted(set(product_ids))]
    if rows:
        db.session.execute(_SHOW_ANEW, rows)


def _order_of_use(level: Level) -> tuple[int, int, int]:
    return level.variant_id, level.priority, level.location_id


def _turn(first_at: int | None, level: Level) -> tuple[int, bool, int, int]:
    return level.variant_id, level.location_id != first_at, level.priority, level.location_id


def _merged(rows: Iterable[Reserved]) -> list[Reserved]:
    """One row per level, in the order of locks."""
    quantities = Counter[tuple[int, int]]()
    for variant_id, location_id, quantity in rows:
        quantities[variant_id, location_id] += quantity
    return [Reserved(*place, quantity) for place, quantity in sorted(quantities.items())]


def _values(row: Reserved) -> dict[str, int]:
    return {
        "of_variant": row.variant_id,
        "of_location": row.location_id,
        "quantity": row.quantity,
    }


def _change(statement: sa.Update, row: Reserved) -> bool:
    return changed_rows(db.session.execute(statement, _values(row))) == 1


def _change_all(statement: sa.Update, rows: Sequence[Reserved]) -> None:
    """Carry a change out on every level.

    Raises RuntimeError if one refuses: these goods were promised, so somebody broke the books.
    """
    if not rows:
        return
    changed = changed_rows(db.session.execute(statement, [_values(row) for row in rows]))
    if changed != len(rows):
        raise RuntimeError(f"{len(rows) - changed} of {len(rows)} stock levels did not allow it")


def _refuse_what_lies_nowhere(missing: Counter[int], levels: Sequence[Level]) -> None:
    nowhere = missing.keys() - {level.variant_id for level in levels}
    if not nowhere:
        return
    tracked = db.session.scalars(
        sa.select(_variants.c.id).where(_variants.c.id.in_(nowhere), _variants.c.stock_tracked)
    ).all()
    if tracked:
        _refuse(min(tracked), [])
    for variant_id in nowhere:
        del missing[variant_id]


def _refuse(variant_id: int, promised: Sequence[Reserved]) -> NoReturn:
    public_id = db.session.scalar(
        sa.select(_variants.c.public_id).where(_variants.c.id == variant_id)
    )
    left = sum(row.quantity for row in promised if row.variant_id == variant_id)
    sentence = f"Only {left} left." if left else "Sold out."
    raise Conflict("out_of_stock", sentence, variant=public_id, left=left)
