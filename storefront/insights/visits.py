"""Visits of share links: folded by day, and counted exactly.

Touches are many and never change, so a duty folds them into `VisitsDay`, in the order in which they
were stored. The last one folded is remembered; whatever was stored after it is counted where it
lies. So a figure is exact at any moment, and its cost does not grow with the touches there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.core.database import changed_rows, db, insert_for, transaction
from storefront.core.settings import settings
from storefront.insights.days import local_day
from storefront.insights.models import VisitsDay, VisitsFolded
from storefront.insights.scope import EVER, Period
from storefront.sharing.models import Touch, Uncounted

_days = cast(sa.Table, VisitsDay.__table__)
_folded = cast(sa.Table, VisitsFolded.__table__)
_touches = cast(sa.Table, Touch.__table__)

SETTLED = timedelta(minutes=5)
"""Touches of this age are all there: each is stored by one statement that commits at once."""

AT_ONCE = 50_000
"""Touches that one transaction folds."""

ONLY_ROW = 1


@dataclass(frozen=True, slots=True)
class Visits:
    """How often a link was followed."""

    counted: int = 0
    uncounted: dict[Uncounted, int] = field(default_factory=dict[Uncounted, int])
    """What was kept but does not count, by its reason."""


def fold(now: datetime) -> int:
    """Fold every settled touch; return how many. Two workers at once share the work."""
    count = 0
    while folded := _fold_some(now - SETTLED):
        count += folded
    return count


def _fold_some(settled_before: datetime) -> int:
    with transaction() as session:
        last = _lock_watermark()
        following = (
            sa.select(_touches.c.id, _touches.c.at)
            .where(_touches.c.id > last)
            .order_by(_touches.c.id)
            .limit(AT_ONCE)
            .cte()
        )
        first_young = (
            sa.select(sa.func.min(following.c.id))
            .where(following.c.at >= settled_before)
            .scalar_subquery()
        )
        count, through = session.execute(
            sa.select(sa.func.count(), sa.func.max(following.c.id)).where(
                sa.or_(first_young.is_(None), following.c.id < first_young)
            )
        ).one()
        if not count:
            return 0
        _add(sa.and_(_touches.c.id > last, _touches.c.id <= through), settled_before)
        moved = session.execute(
            sa.update(_folded)
            .where(_folded.c.id == ONLY_ROW, _folded.c.touch_id == last)
            .values(touch_id=through)
        )
        if not changed_rows(moved):
            raise RuntimeError("somebody else folded the same touches")
        return count


def _lock_watermark() -> int:
    """The last touch that is folded; nobody else folds until this transaction ends."""
    db.session.execute(
        insert_for(_folded).on_conflict_do_nothing(index_elements=["id"]),
        {"id": ONLY_ROW, "touch_id": 0},
    )
    return db.session.scalars(
        sa.select(_folded.c.touch_id).where(_folded.c.id == ONLY_ROW).with_for_update()
    ).one()


def _add(which: sa.ColumnElement[bool], settled_before: datetime) -> None:
    insert = insert_for(_days)
    db.session.execute(
        insert.from_select(
            ["day", "link_id", "uncounted", "employee_id", "visits"],
            by_day(which, settled_before),
        ).on_conflict_do_update(
            index_elements=["day", "link_id", "uncounted"],
            set_={"visits": _days.c.visits + insert.excluded.visits},
        )
    )


def by_day(which: sa.ColumnElement[bool], latest: datetime) -> sa.Select[Any, Any, Any, Any, int]:
    """Raw counts of touches, by the chain's day, link and whether they count.

    `latest` is a moment after the last of them.
    """
    day = local_day(_touches.c.at, settings().chain_time_zone, latest)
    touches = (
        sa.select(
            day.label("day"), _touches.c.link_id, _touches.c.uncounted, _touches.c.employee_id
        )
        # What came by no link is evidence, and no visit of one.
        .where(which, _touches.c.link_id.is_not(None))
        .subquery()
    )
    keys = (touches.c.day, touches.c.link_id, touches.c.uncounted)
    return sa.select(
        *keys,
        sa.func.min(touches.c.employee_id).label("employee_id"),
        sa.func.count().label("visits"),
    ).group_by(*keys)


def visits_of(link_ids: Iterable[int], period: Period = EVER) -> dict[int, Visits]:
    """The visits of links (row numbers) in `period`, exact. Each link has its entry."""
    wanted = list(link_ids)
    counts: dict[int, dict[Uncounted, int]] = defaultdict(lambda: defaultdict(int))
    for link_id, uncounted, count in _rolled_up_and_since(wanted, period) if wanted else []:
        counts[link_id][uncounted] += count
    return {
        link_id: Visits(counts[link_id].pop(Uncounted.NO, 0), dict(counts[link_id]))
        for link_id in wanted
    }


def _rolled_up_and_since(wanted: list[int], period: Period) -> list[tuple[int, Uncounted, int]]:
    folded_through = sa.select(_folded.c.touch_id).where(_folded.c.id == ONLY_ROW)
    while True:
        last = db.session.scalar(folded_through) or 0
        rolled_up = (
            sa.select(_days.c.link_id, _days.c.uncounted, sa.func.sum(_days.c.visits))
            .where(_days.c.link_id.in_(wanted), period.has_day(_days.c.day))
            .group_by(_days.c.link_id, _days.c.uncounted)
        )
        # The sum keeps the index by link out: only the few that came since are looked through.
        since = (
            sa.select(_touches.c.link_id, _touches.c.uncounted, sa.func.count())
            .where(
                _touches.c.id > last,
                (_touches.c.link_id + 0).in_(wanted),
                period.has_moment(_touches.c.at, settings().chain_time_zone),
            )
            .group_by(_touches.c.link_id, _touches.c.uncounted)
        )
        both = sa.union_all(rolled_up, since).subquery()
        rows = db.session.execute(sa.select(both, folded_through.scalar_subquery())).all()
        # Both halves and the mark are of one moment, as one statement reads them. If the mark has
        # moved since it was asked for, the halves overlap.
        if all((mark or 0) == last for *_, mark in rows):
            return [(link_id, uncounted, int(count)) for link_id, uncounted, count, _ in rows]
