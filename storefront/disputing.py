"""The story of a dispute, in business verbs: opened, withdrawn, decided. Each is one transaction.

Only the disputed lines are held, from the opening to the end. A decision never edits: it writes the
next verdict, credits that supersede the old ones, and ledger entries that take back and accrue
anew. Who said what meanwhile is told in `attribution.disputes`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import cast

import sqlalchemy as sa

from storefront.attribution import service as attribution
from storefront.attribution.disputes import deciding, opening, service
from storefront.attribution.disputes.deciding import Decision, Ruled
from storefront.attribution.disputes.models import Dispute, DisputeState, Outcome
from storefront.attribution.disputes.opening import Objection
from storefront.attribution.rules import Award
from storefront.commissions import holds, reattribution
from storefront.commissions.models import HoldKind
from storefront.commissions.reattribution import Reattributed
from storefront.core import jobs
from storefront.core.actor import Actor
from storefront.core.database import transaction
from storefront.core.errors import Forbidden
from storefront.insights import recounting
from storefront.insights.recounting import Decided
from storefront.orders import handling
from storefront.orders.models import OrderLine

TELL = "disputing.tell"
"""Kind of the job that tells somebody concerned how a dispute stands."""

_lines = cast(sa.Table, OrderLine.__table__)


class News(StrEnum):
    """What somebody is told of."""

    OPENED = "opened"
    WITHDRAWN = "withdrawn"
    DECIDED = "decided"


def open_dispute(
    order: str | None, number: str | None, objection: Objection, actor: Actor, now: datetime
) -> Dispute:
    """An employee says that lines of an order, by its public id or its number, were theirs.

    What stands accrued on them is held, and whoever would lose is told. Raises what
    `opening.find_order` and `opening.open_case` raise.
    """
    assert actor.employee_id is not None
    with transaction():
        disputed = opening.find_order(actor.employee_id, order, number)
        handling.lock_by_id(disputed.id)
        dispute = opening.open_case(disputed, objection, actor.employee_id, now)
        reason = f"{dispute.public_id}: {dispute.reason.value}"
        holds.place(service.lines_of(dispute.id), HoldKind.DISPUTE, reason, actor, now)
        _tell(dispute, News.OPENED, service.parties_of(dispute.id), now)
        return dispute


def withdraw(dispute_public_id: str, actor: Actor, now: datetime) -> Dispute:
    """The opener lets it be: everything stays as it was, and nothing is held any more.

    Raises NotFound `dispute_not_found`, Conflict `dispute_over`.
    """
    assert actor.employee_id is not None
    with transaction():
        handling.lock_by_id(service.order_of(dispute_public_id))
        dispute = service.lock_own(dispute_public_id, actor.employee_id)
        service.close(dispute, DisputeState.WITHDRAWN, now)
        holds.lift(service.lines_of(dispute.id), HoldKind.DISPUTE, actor, now)
        _tell(dispute, News.WITHDRAWN, service.parties_of(dispute.id), now)
        return dispute


def decide(dispute_public_id: str, decision: Decision, actor: Actor, now: datetime) -> Dispute:
    """Headquarters decides: who is credited with the disputed lines from now on, or nothing new.

    Raises NotFound `dispute_not_found`; Conflict `dispute_over`; Forbidden `four_eyes` to whoever
    is concerned or would gain; Invalid as `deciding.awards_of` and `deciding.rule` do.
    """
    with transaction():
        order = handling.lock_by_id(service.order_of(dispute_public_id))
        dispute = service.lock_open(dispute_public_id)
        awards = deciding.awards_of(dispute, order, decision)
        _refuse_concerned(dispute, awards, actor)
        lines = handling.lines_of(order.id)
        line_ids = [line.id for line in lines]
        before = attribution.shares_of(line_ids)
        ruled: Ruled | None = None
        moved = Reattributed([], [])
        if decision.outcome is not Outcome.DENIED:
            ruled = deciding.rule(dispute, order, lines, awards, now)
            cause = f"dispute:{dispute.id}"
            back = reattribution.pieces_back(order, [line.id for line in ruled.lines])
            moved = reattribution.reattribute(order, back, ruled.credited, cause, now)
            holds.follow([line.id for line in ruled.lines])
        service.close(
            dispute,
            DisputeState.DECIDED,
            now,
            outcome=decision.outcome,
            explanation=decision.explanation,
            decided_by_id=actor.employee_id,
            verdict_id=ruled.verdict_id if ruled else None,
        )
        holds.lift(service.lines_of(dispute.id), HoldKind.DISPUTE, actor, now)
        _tell(dispute, News.DECIDED, service.concerned(dispute), now)
        if ruled:
            after = attribution.shares_of(line_ids)
            recounting.recount([Decided(order.id, before, after, moved)], now)
        return dispute


def _refuse_concerned(
    dispute: Dispute, awards: Mapping[int, Sequence[Award]], actor: Actor
) -> None:
    gaining = {award.employee_id for shares in awards.values() for award in shares}
    if not service.may_decide(dispute, actor, gaining):
        raise Forbidden("four_eyes", "Somebody who has no part in the case has to decide it.")


def _tell(dispute: Dispute, news: News, whom: Collection[int], now: datetime) -> None:
    for employee_id in whom:
        told = {"dispute": dispute.public_id, "employee": employee_id, "news": news.value}
        jobs.leave(TELL, f"dispute:{dispute.id}:{news.value}:{employee_id}", told, now)
