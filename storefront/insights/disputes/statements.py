"""What was said in disputes, with the pictures that go with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.attribution.disputes.models import DisputePicture, DisputeStatement
from storefront.core.database import db
from storefront.core.pictures import Picture
from storefront.staff.models import Employee

_employees = cast(sa.Table, Employee.__table__)
_kept = cast(sa.Table, Picture.__table__)
_pictures = cast(sa.Table, DisputePicture.__table__)
_statements = cast(sa.Table, DisputeStatement.__table__)


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture that goes with a statement."""

    public_id: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody said in a dispute."""

    employee_id: int
    number: str
    """Their staff number, for headquarters alone."""
    words: str
    at: datetime
    pictures: Sequence[Shown]


def statements_of(dispute_ids: Collection[int]) -> dict[int, list[Statement]]:
    """What was said in each of these disputes, in the order in which it was."""
    rows = db.session.execute(
        sa.select(
            _statements.c.id,
            _statements.c.dispute_id,
            _statements.c.employee_id,
            _employees.c.number,
            _statements.c.words,
            _statements.c.at,
        )
        .join(_employees, _employees.c.id == _statements.c.employee_id)
        .where(_statements.c.dispute_id.in_(dispute_ids))
        .order_by(_statements.c.id)
    ).all()
    pictures = _pictures_of([row.id for row in rows])
    said: dict[int, list[Statement]] = defaultdict(list)
    for row in rows:
        said[row.dispute_id].append(
            Statement(row.employee_id, row.number, row.words, row.at, pictures[row.id])
        )
    return said


def _pictures_of(statement_ids: Collection[int]) -> dict[int, list[Shown]]:
    rows = db.session.execute(
        sa.select(_pictures.c.statement_id, _kept.c.public_id, _kept.c.width, _kept.c.height)
        .join(_kept, _kept.c.id == _pictures.c.picture_id)
        .where(_pictures.c.statement_id.in_(statement_ids))
        .order_by(_pictures.c.statement_id, _pictures.c.position)
    )
    pictures: dict[int, list[Shown]] = defaultdict(list)
    for statement_id, *picture in rows:
        pictures[statement_id].append(Shown(*picture))
    return pictures
