"""How a case ends: dismissed, confirmed, or with a measure taken; each is one transaction.

While nobody answers, everything stays held. To take commission back, or to let go of much, needs a
second person. What is taken back is credited to nobody by the order's next verdict and new ledger
entries, as decisions on disputes are; nothing is edited.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.attribution import revising
from storefront.attribution import service as attribution
from storefront.attribution.disputes.models import Dispute, DisputeLine, DisputeState
from storefront.attribution.rules import withdraw
from storefront.commissions import holds, reattribution
from storefront.commissions.fraud_models import (
    CaseOutcome,
    CaseState,
    FraudCase,
    FraudOccurrence,
)
from storefront.commissions.models import Account, Accrual, HoldKind, LedgerEntry
from storefront.core.actor import Actor
from storefront.core.database import db, transaction
from storefront.core.errors import Conflict, Forbidden, Invalid, NotFound
from storefront.fraud import policies
from storefront.fraud.scan import LADDER
from storefront.insights import recounting
from storefront.insights.recounting import Decided
from storefront.orders import handling
from storefront.orders.models import OrderLine
from storefront.staff.models import Role

_accruals = cast(sa.Table, Accrual.__table__)
_cases = cast(sa.Table, FraudCase.__table__)
_disputed = cast(sa.Table, DisputeLine.__table__)
_disputes = cast(sa.Table, Dispute.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_occurrences = cast(sa.Table, FraudOccurrence.__table__)

APPROVERS = (Role.HQ_FINANCE, Role.HQ_ADMIN)
"""Who may be the second person."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What headquarters found."""

    outcome: CaseOutcome
    note: str
    takes_back: bool = False
    """Only for what is confirmed."""


def answer(case_public_id: str, given: Answer, actor: Actor, now: datetime) -> FraudCase:
    """Answer a case: it is closed, or waits for a second person where there has to be one.

    An answer that waits may be replaced by another. Raises NotFound `case_not_found`; Conflict
    `case_closed`, `case_changed`, `line_in_dispute`; Forbidden `role_not_allowed`, `four_eyes` to
    whom it is about; Invalid `wrong_answer`.
    """
    if given.takes_back and given.outcome is not CaseOutcome.CONFIRMED:
        raise Invalid("wrong_answer", "Commission is taken back only where fraud is confirmed.")
    with transaction():
        case, line_ids = _lock(case_public_id)
        _refuse_unfit(case, actor, LADDER[LADDER.index(case.for_role) :])
        case.state = CaseState.PROPOSED
        case.outcome, case.takes_back, case.note = given.outcome, given.takes_back, given.note
        case.answered_by_id, case.answered_at = actor.employee_id, now
        db.session.flush()
        if not _needs_second(case, now):
            _close(case, line_ids, actor, now)
        return case


def approve(case_public_id: str, actor: Actor, now: datetime) -> FraudCase:
    """A second person agrees with an answer, and it is carried out.

    Raises NotFound `case_not_found`; Conflict `case_closed`, `case_unanswered`, `case_changed`,
    `line_in_dispute`; Forbidden `role_not_allowed`, `four_eyes`.
    """
    with transaction():
        case, line_ids = _lock(case_public_id)
        if case.state is not CaseState.PROPOSED:
            raise Conflict("case_unanswered", "Nobody has answered this case yet.")
        _refuse_unfit(case, actor, APPROVERS)
        if case.answered_by_id is not None and case.answered_by_id == actor.employee_id:
            raise Forbidden("four_eyes", "Somebody else has to approve what you answered.")
        case.approved_by_id, case.approved_at = actor.employee_id, now
        _close(case, line_ids, actor, now)
        return case


def held_of(case_id: int) -> int:
    """What a case keeps from being paid out now, in minor units."""
    return int(db.session.scalar(sa.select(held_in(sa.literal(case_id)))) or 0)


def held_in(case_id: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    """What the case that a column names keeps back: neither paid out nor on its way."""
    return (
        sa.select(sa.func.coalesce(sa.func.sum(_entries.c.amount), 0))
        .join(_accruals, _accruals.c.id == _entries.c.accrual_id)
        .join(
            _occurrences,
            sa.and_(
                _occurrences.c.order_line_id == _accruals.c.order_line_id,
                _occurrences.c.employee_id == _accruals.c.employee_id,
            ),
        )
        .where(
            _occurrences.c.case_id == case_id,
            _accruals.c.superseded_at.is_(None),
            _entries.c.account.in_([Account.HELD, Account.PAYABLE]),
            _entries.c.payout_id.is_(None),
        )
        .scalar_subquery()
    )


# --- who and when -----------------------------------------------------------------------------


def _lock(case_public_id: str) -> tuple[FraudCase, Sequence[int]]:
    """The case and its lines, locked behind their orders: everybody locks orders first."""
    case_id = db.session.scalar(sa.select(_cases.c.id).where(_cases.c.public_id == case_public_id))
    if case_id is None:
        raise NotFound("case_not_found", "There is no such case.")
    before = _lines_of(case_id)
    for order_id in sorted(_orders_of(before)):
        handling.lock_by_id(order_id)
    case = db.session.scalars(
        sa.select(FraudCase)
        .where(FraudCase.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if case.state is CaseState.CLOSED:
        raise Conflict("case_closed", "This case was answered already.")
    line_ids = _lines_of(case_id)
    if list(line_ids) != list(before):
        raise Conflict("case_changed", "More was found meanwhile. Look at the case again.")
    return case, line_ids


def _lines_of(case_id: int) -> Sequence[int]:
    return db.session.scalars(
        sa.select(_occurrences.c.order_line_id)
        .where(_occurrences.c.case_id == case_id)
        .order_by(_occurrences.c.order_line_id)
    ).all()


def _orders_of(line_ids: Collection[int]) -> Mapping[int, Sequence[int]]:
    """By order, those of the lines that are its."""
    rows = db.session.execute(
        sa.select(_lines.c.order_id, _lines.c.id)
        .where(_lines.c.id.in_(line_ids))
        .order_by(_lines.c.order_id, _lines.c.id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(row.id)
    return found


def _refuse_unfit(case: FraudCase, actor: Actor, roles: Collection[Role]) -> None:
    if actor.role not in roles:
        raise Forbidden("role_not_allowed", "Your role does not allow this.")
    if actor.employee_id is not None and actor.employee_id == case.employee_id:
        raise Forbidden("four_eyes", "Nobody answers a case about themselves.")


def _needs_second(case: FraudCase, now: datetime) -> bool:
    _, thresholds = policies.in_force(now)
    return case.takes_back or held_of(case.id) >= thresholds.second_person_from


# --- the end ----------------------------------------------------------------------------------


def _close(case: FraudCase, line_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    decided: list[Decided] = []
    if case.takes_back:
        _refuse_disputed(line_ids)
        for order_id, theirs in _orders_of(line_ids).items():
            decided += _take_back(case, order_id, theirs, now)
    case.state, case.closed_at, case.escalates_at = CaseState.CLOSED, now, None
    db.session.flush()
    _let_go(case, line_ids, actor, now)
    recounting.recount(decided, now)


def _refuse_disputed(line_ids: Sequence[int]) -> None:
    disputed = db.session.scalar(
        sa.select(_disputes.c.public_id)
        .join(_disputed, _disputed.c.dispute_id == _disputes.c.id)
        .where(_disputed.c.order_line_id.in_(line_ids), _disputes.c.state == DisputeState.OPEN)
        .order_by(_disputes.c.id)
        .limit(1)
    )
    if disputed is not None:
        raise Conflict(
            "line_in_dispute",
            "One of these lines is in dispute. Decide the dispute first.",
            dispute=disputed,
        )


def _take_back(
    case: FraudCase, order_id: int, line_ids: Sequence[int], now: datetime
) -> list[Decided]:
    """Take the employee's credit from these lines of an order, as far as it stands."""
    order = handling.lock_by_id(order_id)
    lines = handling.lines_of(order_id)
    all_ids = [line.id for line in lines]
    before = attribution.shares_of(all_ids)
    changed = [
        line
        for line in lines
        if line.id in line_ids
        and any(share[0] == case.employee_id for share in before.get(line.id, ()))
    ]
    if not changed:
        return []
    standing = revising.standing_on(order_id)
    judgement = withdraw(standing.judgement, [line.position for line in changed], case.employee_id)
    ruled = revising.replace(standing, judgement, changed, now)
    changed_ids = [line.id for line in changed]
    back = reattribution.pieces_back(order, changed_ids)
    cause = f"fraud:{case.id}:order:{order_id}"
    moved = reattribution.reattribute(order, back, ruled.credited, cause, now)
    holds.follow(changed_ids)
    db.session.execute(
        sa.update(_occurrences)
        .where(_occurrences.c.case_id == case.id, _occurrences.c.order_line_id.in_(changed_ids))
        .values(verdict_id=ruled.verdict_id)
    )
    return [Decided(order_id, before, attribution.shares_of(all_ids), moved)]


def _let_go(case: FraudCase, line_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    """Lift the case's holds, but for what another case about the same person still keeps."""
    kept = set(
        db.session.scalars(
            sa.select(_occurrences.c.order_line_id)
            .join(_cases, _cases.c.id == _occurrences.c.case_id)
            .where(
                _occurrences.c.employee_id == case.employee_id,
                _occurrences.c.order_line_id.in_(line_ids),
                _cases.c.closed_at.is_(None),
            )
        )
    )
    free = [line_id for line_id in line_ids if line_id not in kept]
    holds.lift(free, HoldKind.FRAUD, actor, now, case.employee_id)
