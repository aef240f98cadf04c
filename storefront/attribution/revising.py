"""The next verdict on an order: new credits on some of its lines, and the old ones superseded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.attribution import service as attribution
from storefront.attribution.models import Credit, Verdict
from storefront.attribution.rules import Verdict as Judgement
from storefront.attribution.service import CreditFacts
from storefront.core.database import db
from storefront.orders.handling import LineFacts

_credits = cast(sa.Table, Credit.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)


@dataclass(frozen=True, slots=True)
class Standing:
    """The verdict that is to be revised."""

    order_id: int
    sequence: int
    policy_id: int
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Ruled:
    """What a decision has changed."""

    verdict_id: int
    lines: tuple[LineFacts, ...]
    """The lines whose credit is another now."""
    credited: tuple[CreditFacts, ...]
    """The new credits on them."""


def standing_on(order_id: int) -> Standing:
    """The latest verdict on an order that was judged."""
    row = db.session.execute(
        sa.select(_verdicts.c.sequence, _verdicts.c.policy_id, _verdicts.c.document)
        .where(_verdicts.c.order_id == order_id)
        .order_by(_verdicts.c.sequence.desc())
        .limit(1)
    ).one()
    return Standing(order_id, row.sequence, row.policy_id, Judgement.from_document(row.document))


def replace(
    standing: Standing, judgement: Judgement, changed: Sequence[LineFacts], now: datetime
) -> Ruled:
    """Write the judgement as the next verdict, with credits on the changed lines alone."""
    verdict_id = attribution.write_verdict(
        standing.order_id, standing.sequence + 1, standing.policy_id, judgement, now
    )
    _supersede([line.id for line in changed], verdict_id)
    credited = attribution.write_credits(verdict_id, standing.order_id, changed, judgement, now)
    return Ruled(verdict_id, tuple(changed), tuple(credited))


def _supersede(order_line_ids: Collection[int], verdict_id: int) -> None:
    db.session.execute(
        sa.update(_credits)
        .where(_credits.c.order_line_id.in_(order_line_ids), _credits.c.superseded_by_id.is_(None))
        .values(superseded_by_id=verdict_id)
    )
