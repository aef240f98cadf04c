"""Disputes: live ones hold their lines and nothing else is held; what was decided stands."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.attribution.disputes.models import DisputeState, Outcome
from storefront.commissions.models import HoldKind
from storefront.insights.audit.invariant import Asked, differs, query, unless
from storefront.insights.audit.tables import (
    accruals,
    commission_holds,
    credits_,
    dispute_lines,
    dispute_parties,
    dispute_statements,
    disputes,
    fraud_occurrences,
    lines,
    verdicts,
)

Question = sa.Select[*tuple[Any, ...]]

_live_line = sa.exists().where(
    dispute_lines.c.order_line_id == accruals.c.order_line_id,
    dispute_lines.c.dispute_id == disputes.c.id,
    disputes.c.state == DisputeState.OPEN,
)
_live_hold = sa.exists().where(
    commission_holds.c.accrual_id == accruals.c.id,
    commission_holds.c.kind == HoldKind.DISPUTE,
    commission_holds.c.lifted_at.is_(None),
)


def lines_held_otherwise_than_disputed(_: Asked) -> Question:
    """What stands accrued on a line is on hold for a dispute just as long as there is one."""
    return sa.select(
        accruals.c.id.label("accrual_id"), accruals.c.order_line_id, accruals.c.superseded_at
    ).where(
        sa.or_(
            sa.and_(accruals.c.superseded_at.is_(None), _live_line, ~_live_hold),
            sa.and_(_live_hold, ~_live_line),
        )
    )


def lines_disputed_twice(_: Asked) -> Question:
    """A line has one live dispute at most."""
    return (
        sa.select(dispute_lines.c.order_line_id, sa.func.count().label("disputes"))
        .join(disputes, disputes.c.id == dispute_lines.c.dispute_id)
        .where(sa.or_(disputes.c.state == DisputeState.OPEN, dispute_lines.c.closed_at.is_(None)))
        .group_by(dispute_lines.c.order_line_id)
        .having(sa.func.count() > 1)
    )


def disputes_out_of_step(_: Asked) -> Question:
    """A dispute's state fits its times, its outcome and its lines, which are its order's."""
    state = disputes.c.state
    is_open, decided = state == DisputeState.OPEN, state == DisputeState.DECIDED
    told = disputes.c.explanation != ""
    fits = sa.or_(
        sa.and_(is_open, disputes.c.closed_at.is_(None), disputes.c.outcome.is_(None)),
        sa.and_(
            decided,
            disputes.c.closed_at >= disputes.c.opened_at,
            disputes.c.outcome.in_(list(Outcome)),
            told,
        ),
        sa.and_(
            state == DisputeState.WITHDRAWN,
            disputes.c.closed_at >= disputes.c.opened_at,
            disputes.c.outcome.is_(None),
        ),
    )
    line_fits = sa.and_(
        lines.c.order_id == disputes.c.order_id,
        ~differs(dispute_lines.c.closed_at, disputes.c.closed_at),
    )
    return (
        sa.select(
            disputes.c.public_id.label("dispute"),
            state,
            disputes.c.outcome,
            disputes.c.closed_at,
            dispute_lines.c.position,
        )
        .outerjoin(dispute_lines, dispute_lines.c.dispute_id == disputes.c.id)
        .outerjoin(lines, lines.c.id == dispute_lines.c.order_line_id)
        .where(sa.or_(unless(fits), unless(line_fits)))
    )


def decisions_without_verdict(_: Asked) -> Question:
    """A dispute upheld, wholly or partly, has its verdict on its order, and no other has one."""
    changes = disputes.c.outcome.in_([Outcome.UPHELD, Outcome.PARTLY])
    fits = sa.case(
        (changes, sa.and_(verdicts.c.order_id == disputes.c.order_id, verdicts.c.sequence > 1)),
        else_=disputes.c.verdict_id.is_(None),
    )
    return (
        sa.select(
            disputes.c.public_id.label("dispute"),
            disputes.c.outcome,
            disputes.c.verdict_id,
            verdicts.c.sequence,
        )
        .outerjoin(verdicts, verdicts.c.id == disputes.c.verdict_id)
        .where(unless(fits))
    )


def verdicts_without_decision(_: Asked) -> Question:
    """Every verdict after an order's first is the decision of one dispute, or of one fraud case."""
    by_case = (
        sa.select(fraud_occurrences.c.verdict_id, fraud_occurrences.c.case_id)
        .where(fraud_occurrences.c.verdict_id.is_not(None))
        .distinct()
    )
    by_dispute = sa.select(disputes.c.verdict_id, disputes.c.id).where(
        disputes.c.state == DisputeState.DECIDED
    )
    each = sa.union_all(by_dispute, by_case).subquery()
    decisions = (
        sa.select(each.c.verdict_id, sa.func.count().label("decisions"))
        .group_by(each.c.verdict_id)
        .subquery()
    )
    return (
        sa.select(verdicts.c.id.label("verdict_id"), verdicts.c.order_id, decisions.c.decisions)
        .outerjoin(decisions, decisions.c.verdict_id == verdicts.c.id)
        .where(verdicts.c.sequence > 1, differs(decisions.c.decisions, 1))
    )


def credits_superseded_wrongly(_: Asked) -> Question:
    """A credit gives way to a later verdict on its own order, and its accrual gives way with it."""
    own, later = verdicts, verdicts.alias("later")
    gave_way = credits_.c.superseded_by_id.is_not(None)
    followed = sa.and_(later.c.order_id == own.c.order_id, later.c.sequence > own.c.sequence)
    return (
        sa.select(
            credits_.c.id.label("credit_id"),
            credits_.c.superseded_by_id,
            accruals.c.id.label("accrual_id"),
            accruals.c.superseded_at,
        )
        .outerjoin(own, own.c.id == credits_.c.verdict_id)
        .outerjoin(later, later.c.id == credits_.c.superseded_by_id)
        .outerjoin(accruals, accruals.c.credit_id == credits_.c.id)
        .where(
            sa.or_(
                sa.and_(gave_way, unless(followed)),
                sa.and_(accruals.c.id.is_not(None), gave_way, accruals.c.superseded_at.is_(None)),
                sa.and_(~gave_way, accruals.c.superseded_at.is_not(None)),
            )
        )
    )


def decided_by_the_concerned(_: Asked) -> Question:
    """Nobody decided a dispute that they opened, would lose by, or gained by."""
    loses = sa.exists().where(
        dispute_parties.c.dispute_id == disputes.c.id,
        dispute_parties.c.employee_id == disputes.c.decided_by_id,
    )
    gains = sa.exists().where(
        credits_.c.verdict_id == disputes.c.verdict_id,
        credits_.c.employee_id == disputes.c.decided_by_id,
        credits_.c.order_line_id == dispute_lines.c.order_line_id,
        dispute_lines.c.dispute_id == disputes.c.id,
    )
    return sa.select(
        disputes.c.public_id.label("dispute"), disputes.c.opened_by_id, disputes.c.decided_by_id
    ).where(sa.or_(disputes.c.decided_by_id == disputes.c.opened_by_id, loses, gains))


def said_by_strangers(_: Asked) -> Question:
    """Whoever spoke in a dispute opened it or would lose by it; whoever opened it spoke."""
    spoke, party = (
        dispute_statements.c.employee_id,
        sa.exists().where(
            dispute_parties.c.dispute_id == dispute_statements.c.dispute_id,
            dispute_parties.c.employee_id == dispute_statements.c.employee_id,
        ),
    )
    opened = sa.exists().where(
        dispute_statements.c.dispute_id == disputes.c.id,
        dispute_statements.c.employee_id == disputes.c.opened_by_id,
    )
    strangers = (
        sa.select(disputes.c.public_id.label("dispute"), spoke.label("employee_id"))
        .select_from(dispute_statements)
        .outerjoin(disputes, disputes.c.id == dispute_statements.c.dispute_id)
        .where(~party, differs(spoke, disputes.c.opened_by_id))
    )
    silent = sa.select(disputes.c.public_id, disputes.c.opened_by_id).where(~opened)
    both = sa.union_all(strangers, silent).subquery()
    return sa.select(both)


INVARIANTS = (
    query(17, "superseded credits gave way to a later verdict", credits_superseded_wrongly),
    query(23, "four eyes on disputes", decided_by_the_concerned),
    query(24, "disputed lines are held, and no others", lines_held_otherwise_than_disputed),
    query(24, "one live dispute per line", lines_disputed_twice),
    query(25, "disputes' states fit", disputes_out_of_step),
    query(25, "decided disputes have their verdict", decisions_without_verdict),
    query(25, "later verdicts are decisions", verdicts_without_decision),
    query(25, "only the concerned spoke", said_by_strangers),
)
