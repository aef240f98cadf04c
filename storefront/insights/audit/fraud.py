"""Cases of fraud: what they are about is held, two people end them, and what they took is told."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.commissions.fraud_models import CaseState
from storefront.commissions.models import HoldKind
from storefront.insights.audit.invariant import Asked, differs, query, unless
from storefront.insights.audit.payday import versions_out_of_step
from storefront.insights.audit.tables import (
    accruals,
    commission_holds,
    fraud_cases,
    fraud_occurrences,
    fraud_policies,
    lines,
    verdicts,
)

Question = sa.Select[*tuple[Any, ...]]

_in_case = sa.exists().where(
    fraud_occurrences.c.order_line_id == accruals.c.order_line_id,
    fraud_occurrences.c.employee_id == accruals.c.employee_id,
    fraud_cases.c.id == fraud_occurrences.c.case_id,
    fraud_cases.c.closed_at.is_(None),
)
_held = sa.exists().where(
    commission_holds.c.accrual_id == accruals.c.id,
    commission_holds.c.kind == HoldKind.FRAUD,
    commission_holds.c.lifted_at.is_(None),
)


def held_otherwise_than_in_case(_: Asked) -> Question:
    """What stands accrued for somebody on a line is held for fraud as long as a case is open."""
    return sa.select(
        accruals.c.id.label("accrual_id"), accruals.c.order_line_id, accruals.c.employee_id
    ).where(
        sa.or_(
            sa.and_(accruals.c.superseded_at.is_(None), _in_case, ~_held),
            sa.and_(_held, ~_in_case),
        )
    )


def cases_out_of_step(_: Asked) -> Question:
    """A case's state fits its outcome and its times; what it takes back two people decided."""
    case = fraud_cases.c
    unanswered = sa.and_(
        case.state == CaseState.OPEN,
        case.outcome.is_(None),
        case.answered_at.is_(None),
        case.closed_at.is_(None),
        ~case.takes_back,
    )
    answered = sa.and_(case.outcome.is_not(None), case.answered_at.is_not(None), case.note != "")
    fits = sa.or_(
        unanswered,
        sa.and_(case.state == CaseState.PROPOSED, answered, case.closed_at.is_(None)),
        sa.and_(
            case.state == CaseState.CLOSED,
            answered,
            case.closed_at >= case.answered_at,
            sa.or_(~case.takes_back, case.approved_at.is_not(None)),
        ),
    )
    return sa.select(
        case.public_id.label("case"), case.state, case.outcome, case.answered_at, case.closed_at
    ).where(unless(fits))


def answered_by_the_concerned(_: Asked) -> Question:
    """Nobody answered or approved a case about themselves, nor approved what they answered."""
    case = fraud_cases.c
    return sa.select(case.public_id.label("case"), case.answered_by_id, case.approved_by_id).where(
        sa.or_(
            case.answered_by_id == case.employee_id,
            case.approved_by_id == case.employee_id,
            case.answered_by_id == case.approved_by_id,
        )
    )


def occurrences_of_other_cases(_: Asked) -> Question:
    """An occurrence is of its case's rule and person, and its verdict took back on its order."""
    own = fraud_occurrences.c
    took = sa.or_(
        own.verdict_id.is_(None),
        sa.and_(
            verdicts.c.order_id == lines.c.order_id,
            verdicts.c.sequence > 1,
            fraud_cases.c.takes_back,
            fraud_cases.c.closed_at.is_not(None),
        ),
    )
    return (
        sa.select(own.id.label("occurrence_id"), own.case_id, own.rule, own.verdict_id)
        .outerjoin(fraud_cases, fraud_cases.c.id == own.case_id)
        .outerjoin(lines, lines.c.id == own.order_line_id)
        .outerjoin(verdicts, verdicts.c.id == own.verdict_id)
        .where(
            sa.or_(
                differs(own.rule, fraud_cases.c.rule),
                differs(own.employee_id, fraud_cases.c.employee_id),
                unless(took),
            )
        )
    )


def hands_on_holds(_: Asked) -> Question:
    """A hold is lifted after it was placed, by hand with a note, and by who did not ask for it."""
    hold = commission_holds.c
    by_hand = hold.kind.in_([HoldKind.REVIEW, HoldKind.MISSING_DATA])
    fits = sa.or_(
        hold.lifted_at.is_(None),
        sa.and_(hold.lifted_at >= hold.placed_at, sa.or_(~by_hand, hold.note != "")),
    )
    return sa.select(
        hold.public_id.label("hold"), hold.kind, hold.lift_asked_by_id, hold.lifted_by_id
    ).where(
        sa.or_(
            unless(fits),
            hold.lift_asked_by_id == hold.lifted_by_id,
            hold.employee_id == hold.lifted_by_id,
            sa.and_(hold.accrual_id.is_(None), hold.employee_id.is_(None)),
            hold.kind.not_in(list(HoldKind)),
        )
    )


def thresholds_out_of_step(_: Asked) -> Question:
    """Nobody approved thresholds that they drafted."""
    return versions_out_of_step(fraud_policies)


INVARIANTS = (
    query(23, "four eyes on fraud cases", answered_by_the_concerned),
    query(23, "four eyes on fraud thresholds", thresholds_out_of_step),
    query(23, "four eyes on holds", hands_on_holds),
    query(24, "open fraud cases hold, and nothing else does", held_otherwise_than_in_case),
    query(25, "fraud cases' states fit", cases_out_of_step),
    query(25, "occurrences are of their case", occurrences_of_other_cases),
)
