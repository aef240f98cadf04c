"""A dispute until its end: who may say what until when, and how it is closed.

The verbs join the caller's transaction; what moves money is told in `storefront.disputing`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.disputes.models import (
    DISPUTE_TRANSITIONS,
    Dispute,
    DisputeLine,
    DisputeParty,
    DisputePicture,
    DisputeState,
    DisputeStatement,
)
from storefront.core.actor import Actor
from storefront.core.database import changed_rows, db, transaction
from storefront.core.errors import Conflict, NotFound
from storefront.core.pictures import Picture

MOST_PICTURES = 5
"""That go with one statement."""

_disputes = cast(sa.Table, Dispute.__table__)
_disputed = cast(sa.Table, DisputeLine.__table__)
_parties = cast(sa.Table, DisputeParty.__table__)
_pictures = cast(sa.Table, DisputePicture.__table__)
_statements = cast(sa.Table, DisputeStatement.__table__)


# --- what is found and locked -----------------------------------------------------------------


def order_of(dispute_public_id: str) -> int:
    """The order (row number) that a dispute is about: it is locked before the dispute is.

    Raises NotFound `dispute_not_found`.
    """
    order_id = db.session.scalar(
        sa.select(_disputes.c.order_id).where(_disputes.c.public_id == dispute_public_id)
    )
    if order_id is None:
        raise _not_found()
    return order_id


def lock_open(dispute_public_id: str) -> Dispute:
    """The dispute, locked. Raises NotFound `dispute_not_found`, Conflict `dispute_over`."""
    dispute = db.session.scalars(
        sa.select(Dispute)
        .where(Dispute.public_id == dispute_public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if dispute is None:
        raise _not_found()
    if dispute.state is not DisputeState.OPEN:
        raise _over(dispute.state)
    return dispute


def refuse_strangers(dispute_public_id: str, employee_id: int) -> None:
    """Raise NotFound `dispute_not_found` unless the employee opened it or would lose by it."""
    if not db.session.scalar(
        sa.select(_disputes.c.id).where(
            _disputes.c.public_id == dispute_public_id, is_party(employee_id)
        )
    ):
        raise _not_found()


def is_party(employee_id: int) -> sa.ColumnElement[bool]:
    """Whether the employee opened a row of disputes, or would lose by it."""
    return sa.or_(
        _disputes.c.opened_by_id == employee_id,
        _disputes.c.id.in_(
            sa.select(_parties.c.dispute_id).where(_parties.c.employee_id == employee_id)
        ),
    )


def lines_of(dispute_id: int) -> Sequence[int]:
    """The order lines (row numbers) that a dispute is about."""
    return db.session.scalars(
        sa.select(_disputed.c.order_line_id)
        .where(_disputed.c.dispute_id == dispute_id)
        .order_by(_disputed.c.position)
    ).all()


def parties_of(dispute_id: int) -> Sequence[int]:
    """Who would lose by a dispute (row numbers)."""
    return db.session.scalars(
        sa.select(_parties.c.employee_id)
        .where(_parties.c.dispute_id == dispute_id)
        .order_by(_parties.c.employee_id)
    ).all()


def _not_found() -> NotFound:
    return NotFound("dispute_not_found", "There is no such dispute.")


def _over(state: DisputeState) -> Conflict:
    return Conflict(
        "dispute_over", "This dispute was decided or withdrawn already.", state=state.value
    )


# --- what is said -----------------------------------------------------------------------------


def say(dispute_id: int, employee_id: int, words: str, now: datetime) -> None:
    """Write down what somebody says; once each."""
    db.session.execute(
        sa.insert(_statements),
        {"dispute_id": dispute_id, "employee_id": employee_id, "words": words, "at": now},
    )


def answer(dispute_public_id: str, words: str, employee_id: int, now: datetime) -> None:
    """Somebody who would lose has their say, once.

    Raises NotFound `dispute_not_found`; Conflict `dispute_over`, `answer_too_late`,
    `answered_already`.
    """
    with transaction():
        refuse_strangers(dispute_public_id, employee_id)
        dispute = lock_open(dispute_public_id)
        if _statement_of(dispute.id, employee_id) is not None:
            raise Conflict("answered_already", "You have had your say; headquarters reads it.")
        _refuse_late(dispute, now)
        say(dispute.id, employee_id, words, now)


def add_picture(dispute_public_id: str, picture: Picture, employee_id: int, now: datetime) -> None:
    """A picture goes with what the employee said; the same one twice is kept once.

    Raises NotFound `dispute_not_found`; Conflict `dispute_over`, `answer_too_late`,
    `say_something_first`, `too_many_pictures`.
    """
    with transaction() as session:
        statement_id = _open_to_pictures(dispute_public_id, employee_id, now)
        kept = session.scalars(
            sa.select(_pictures.c.picture_id).where(_pictures.c.statement_id == statement_id)
        ).all()
        if picture.id in kept:
            return
        if len(kept) >= MOST_PICTURES:
            raise Conflict(
                "too_many_pictures", f"{MOST_PICTURES} pictures go with what you said, no more."
            )
        session.execute(
            sa.insert(_pictures),
            {"statement_id": statement_id, "picture_id": picture.id, "position": len(kept) + 1},
        )


def refuse_pictures(dispute_public_id: str, employee_id: int, now: datetime) -> None:
    """Raise what `add_picture` would, before a picture is decoded for nothing."""
    with transaction():
        _open_to_pictures(dispute_public_id, employee_id, now)


def _open_to_pictures(dispute_public_id: str, employee_id: int, now: datetime) -> int:
    refuse_strangers(dispute_public_id, employee_id)
    dispute = lock_open(dispute_public_id)
    _refuse_late(dispute, now)
    statement_id = _statement_of(dispute.id, employee_id)
    if statement_id is None:
        raise Conflict("say_something_first", "Answer in words first; pictures go with them.")
    return statement_id


def _refuse_late(dispute: Dispute, now: datetime) -> None:
    if now >= dispute.answer_due_at:
        raise Conflict("answer_too_late", "The time to answer is over; headquarters decides now.")


def _statement_of(dispute_id: int, employee_id: int) -> int | None:
    return db.session.scalar(
        sa.select(_statements.c.id).where(
            _statements.c.dispute_id == dispute_id, _statements.c.employee_id == employee_id
        )
    )


# --- how it ends ------------------------------------------------------------------------------


def lock_own(dispute_public_id: str, employee_id: int) -> Dispute:
    """An open dispute of the employee's own, locked.

    Raises NotFound `dispute_not_found`, also for a colleague's; Conflict `dispute_over`.
    """
    refuse_strangers(dispute_public_id, employee_id)
    dispute = lock_open(dispute_public_id)
    if dispute.opened_by_id != employee_id:
        raise _not_found()
    return dispute


def close(dispute: Dispute, state: DisputeState, now: datetime, **values: Any) -> None:
    """End an open dispute, and let its lines be disputed again. Raises Conflict `dispute_over`."""
    assert state in DISPUTE_TRANSITIONS[DisputeState.OPEN]
    closed = db.session.execute(
        sa.update(_disputes)
        .where(_disputes.c.id == dispute.id, _disputes.c.state == DisputeState.OPEN)
        .values(state=state, closed_at=now, **values)
    )
    if not changed_rows(closed):
        raise _over(dispute.state)
    db.session.execute(
        sa.update(_disputed).where(_disputed.c.dispute_id == dispute.id).values(closed_at=now)
    )
    db.session.refresh(dispute)


def concerned(dispute: Dispute) -> Collection[int]:
    """Everybody whom a decision is told: the opener, and who would have lost."""
    return [dispute.opened_by_id, *parties_of(dispute.id)]


def may_decide(dispute: Dispute, actor: Actor, gaining: Collection[int | None]) -> bool:
    """Whether the actor has no part in the case, be it by losing or by gaining."""
    return actor.employee_id not in {*concerned(dispute), *gaining} - {None}
