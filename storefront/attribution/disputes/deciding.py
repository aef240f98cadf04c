"""What headquarters decides: shares for disputed lines, as a verdict with new credits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution import revising
from storefront.attribution import service as attribution
from storefront.attribution.disputes import service
from storefront.attribution.disputes.models import (
    Dispute,
    DisputeLine,
    DisputeStatement,
    Outcome,
)
from storefront.attribution.models import Credit
from storefront.attribution.revising import Ruled
from storefront.attribution.rules import Award, Disputant, Evidence, revise
from storefront.core.database import db
from storefront.core.errors import Invalid
from storefront.core.money import WHOLE_BASIS_POINTS
from storefront.orders.handling import LineFacts, OrderFacts
from storefront.staff.models import Employee, EmploymentChange, Store

_changes = cast(sa.Table, EmploymentChange.__table__)
_credits = cast(sa.Table, Credit.__table__)
_disputed = cast(sa.Table, DisputeLine.__table__)
_employees = cast(sa.Table, Employee.__table__)
_statements = cast(sa.Table, DisputeStatement.__table__)
_stores = cast(sa.Table, Store.__table__)


@dataclass(frozen=True, slots=True)
class Share:
    """A share as headquarters gives it: to an employee by number, or to a store by code."""

    basis_points: int
    employee: str | None = None
    store: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What headquarters says about a dispute."""

    outcome: Outcome
    explanation: str
    lines: Mapping[int, Sequence[Share]]
    """By line position; no shares: nobody is credited. Empty for a dispute that is denied."""


def awards_of(dispute: Dispute, order: OrderFacts, decision: Decision) -> dict[int, list[Award]]:
    """What the decision gives, line by line, with row numbers and the stores of that time.

    Only who has a part in the case can gain by it: who is named by the order's evidence, is
    credited or has spoken, and the stores of all of them. Raises Invalid `unknown_line`,
    `lines_missing`, `wrong_shares`, `unknown_employee`, `unknown_store`, `no_part_in_case`.
    """
    _refuse_wrong_lines(dispute, decision)
    people = _people(order, _named(dispute, order), decision)
    stores = _store_ids({each.store for of_line in decision.lines.values() for each in of_line})
    of_people = {store_id for _, store_id in people.values()}
    if not set(stores.values()) <= of_people:
        raise _no_part()
    return {
        position: [
            Award(None, "", stores[share.store], share.basis_points)
            if share.store is not None
            else Award(*_earner(people, share.employee), share=share.basis_points)
            for share in shares
        ]
        for position, shares in decision.lines.items()
    }


def _earner(people: Mapping[str, tuple[int, int]], number: str | None) -> tuple[int, str, int]:
    assert number is not None
    employee_id, store_id = people[number]
    return employee_id, number, store_id


def _refuse_wrong_lines(dispute: Dispute, decision: Decision) -> None:
    positions = set(
        db.session.scalars(
            sa.select(_disputed.c.position).where(_disputed.c.dispute_id == dispute.id)
        )
    )
    unknown = sorted(set(decision.lines) - positions)
    if unknown:
        raise Invalid("unknown_line", "These lines are not in dispute.", lines=unknown)
    missing = sorted(positions - set(decision.lines))
    if decision.outcome is Outcome.UPHELD and missing:
        raise Invalid(
            "lines_missing", "Say who is credited with every disputed line.", lines=missing
        )
    if (decision.outcome is Outcome.DENIED) == bool(decision.lines):
        raise Invalid(
            "lines_missing",
            "Say who is credited with which line; to deny a dispute, name no line.",
            lines=sorted(positions),
        )
    for position, shares in decision.lines.items():
        _refuse_wrong_shares(position, shares)


def _refuse_wrong_shares(position: int, shares: Sequence[Share]) -> None:
    named = [(share.employee, share.store) for share in shares]
    fits = (
        all((employee is None) != (store is None) for employee, store in named)
        and len(set(named)) == len(named)
        and all(share.basis_points > 0 for share in shares)
        and sum(share.basis_points for share in shares) in (0, WHOLE_BASIS_POINTS)
    )
    if not fits:
        raise Invalid(
            "wrong_shares",
            f"Line {position}: each share names one employee or one store, once, and all of them"
            f" sum to {WHOLE_BASIS_POINTS} basis points; no shares at all credit nobody.",
            line=position,
        )


def _named(dispute: Dispute, order: OrderFacts) -> dict[int, int | None]:
    """Who has a part in the case, each with their store at the time as far as the evidence says."""
    parts: dict[int, int | None] = dict.fromkeys(service.concerned(dispute))
    spoken = sa.select(_statements.c.employee_id).where(_statements.c.dispute_id == dispute.id)
    parts |= dict.fromkeys(db.session.scalars(spoken))
    credited = db.session.execute(
        sa.select(_credits.c.employee_id, _credits.c.store_id).where(
            _credits.c.order_id == order.id, _credits.c.employee_id.is_not(None)
        )
    )
    parts |= {row.employee_id: row.store_id for row in credited}
    people = Evidence.from_document(order.evidence).people
    return parts | {employee_id: person.store_id for employee_id, person in people.items()}


def _people(
    order: OrderFacts, parts: Mapping[int, int | None], decision: Decision
) -> dict[str, tuple[int, int]]:
    """By staff number, everybody with a part in the case: row number and store at the time."""
    rows = db.session.execute(
        sa.select(_employees.c.id, _employees.c.number, _employees.c.store_id).where(
            _employees.c.id.in_(parts)
        )
    ).all()
    people: dict[str, tuple[int, int]] = {}
    for row in rows:
        store_id = parts[row.id] or _store_at(row.id, order.placed_at) or row.store_id
        people[row.number] = (row.id, store_id)
    given = {share.employee for shares in decision.lines.values() for share in shares} - {None}
    strange = sorted(number for number in given if number is not None and number not in people)
    if strange:
        known = db.session.scalars(
            sa.select(_employees.c.number).where(_employees.c.number.in_(strange))
        ).all()
        if set(known) == set(strange):
            raise _no_part()
        raise Invalid(
            "unknown_employee",
            "Nobody has this staff number.",
            unknown=sorted(set(strange) - set(known)),
        )
    return people


def _no_part() -> Invalid:
    return Invalid(
        "no_part_in_case",
        "Only who is named by the order's evidence, is credited with it or has spoken in the case"
        " can be credited, or one of their stores.",
    )


def _store_at(employee_id: int, moment: datetime) -> int | None:
    """Where somebody worked at a moment, as far as their history says."""
    return db.session.scalar(
        sa.select(_changes.c.store_id)
        .where(_changes.c.employee_id == employee_id, _changes.c.at <= moment)
        .order_by(_changes.c.at.desc(), _changes.c.id.desc())
        .limit(1)
    )


def _store_ids(codes: Iterable[str | None]) -> dict[str | None, int]:
    wanted = {code for code in codes if code is not None}
    rows = db.session.execute(
        sa.select(_stores.c.code, _stores.c.id).where(_stores.c.code.in_(wanted))
    )
    found: dict[str | None, int] = {row.code: row.id for row in rows}
    unknown = sorted(wanted - {code for code in found if code})
    if unknown:
        raise Invalid("unknown_store", "There is no such store.", unknown=unknown)
    return found


def rule(
    dispute: Dispute,
    order: OrderFacts,
    lines: Sequence[LineFacts],
    awards: Mapping[int, Sequence[Award]],
    now: datetime,
) -> Ruled:
    """Write the next verdict on the order, its new credits, and what they supersede.

    Lines on which the awards are what stands already keep their credits. Raises Invalid
    `nothing_changes` if that is so on all of them.
    """
    shares = attribution.shares_of([line.id for line in lines])
    changed = [
        line
        for line in lines
        if line.position in awards and not _stands(awards[line.position], shares.get(line.id, ()))
    ]
    if not changed:
        raise Invalid("nothing_changes", "This is what stands already; deny the dispute instead.")
    standing = revising.standing_on(order.id)
    judgement = revise(
        standing.judgement,
        {line.position: awards[line.position] for line in changed},
        _disputant(dispute, order),
    )
    return revising.replace(standing, judgement, changed, now)


def _stands(awards: Sequence[Award], shares: Sequence[tuple[int | None, int, int]]) -> bool:
    given = [(award.employee_id, award.store_id, award.share) for award in awards]
    return given == list(shares)


def _disputant(dispute: Dispute, order: OrderFacts) -> Disputant:
    row: sa.Row[*tuple[Any, ...]] = db.session.execute(
        sa.select(_employees.c.id, _employees.c.number, _employees.c.store_id).where(
            _employees.c.id == dispute.opened_by_id
        )
    ).one()
    named = _named(dispute, order)[row.id]
    store_id = named or _store_at(row.id, order.placed_at) or row.store_id
    return Disputant(row.id, row.number, store_id, dispute.opened_at)
