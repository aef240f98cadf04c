"""Headquarters gives customers to another employee, one or many, and both employees are told.

Four things are written for each: the old tie ended, the new one opened, who did it and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution import ties
from storefront.attribution.models import Tie, TieHow
from storefront.attribution.rules import TieMode
from storefront.attribution.rules.tying import protection_from
from storefront.attribution.service import policy_in_force
from storefront.core import jobs
from storefront.core.actor import Actor
from storefront.core.database import db, dialect, transaction
from storefront.core.errors import Conflict, Invalid
from storefront.core.ids import public_id
from storefront.customers.models import Customer
from storefront.staff.models import Employee, EmploymentState

TELL_OF_CUSTOMERS = "attribution.tell_of_customers"
"""Kind of the job that tells an employee how many customers came to them, or went."""

_ties = cast(sa.Table, Tie.__table__)
_customers = cast(sa.Table, Customer.__table__)

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Why:
    """Why customers change hands, and by whom."""

    how: TieHow
    reason: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Move:
    """A customer's tie that ended, and the one that was opened in its place, by their rows."""

    customer_id: int
    old_tie_id: int
    new_tie_id: int | None
    """None if the customer is nobody's now."""


@dataclass(frozen=True, slots=True)
class Transferred:
    """What a transfer came to."""

    moved: int
    already_theirs: int


def transfer(
    customer_ids: Sequence[str], to: Employee, reason: str, actor: Actor, now: datetime
) -> Transferred:
    """Give these customers (public ids) to an employee, whoever's or nobody's they were.

    Raises Invalid `customers_unknown`, Conflict `employee_left`, `no_ties`.
    """
    with transaction():
        _refuse_leaver(to)
        protected_until = _protection(now)
        wanted = _customers_named(customer_ids)
        held = {row.customer_id: row for row in _held(_ties.c.customer_id.in_(wanted), now)}
        theirs = {each for each, row in held.items() if row.employee_id == to.id}
        going = [row for each, row in held.items() if each not in theirs]
        _end((row.id for row in going), actor, now)
        free = [(each, protected_until) for each in wanted if each not in theirs]
        new = _open(free, to.id, Why(TieHow.HEADQUARTERS, reason, actor), now)
        lost = Counter(row.employee_id for row in going)
        tell({to.id: len(new), **{who: -count for who, count in lost.items()}}, reason, now)
        return Transferred(len(new), len(theirs))


def transfer_all(
    giver: Employee, to: Employee, reason: str, actor: Actor, now: datetime
) -> Transferred:
    """Give all customers of one employee to another.

    Raises Conflict `employee_left`, `same_employee`, `no_ties`.
    """
    if giver.id == to.id:
        raise Conflict("same_employee", "Name two different employees.")
    with transaction():
        _refuse_leaver(to)
        until = _protection(now)
        held = _held(_ties.c.employee_id == giver.id, now)
        _end((row.id for row in held), actor, now)
        new = [(row.customer_id, until) for row in held]
        _open(new, to.id, Why(TieHow.HEADQUARTERS, reason, actor), now)
        tell({to.id: len(held), giver.id: -len(held)}, reason, now)
        return Transferred(len(held), 0)


def hand_over(
    from_employee_id: int, to_employee_id: int | None, why: Why, now: datetime
) -> list[Move]:
    """End all ties of an employee and open them for another (None: nobody), as protected as before.

    Within the caller's transaction.
    """
    return _hand_on(_held(_ties.c.employee_id == from_employee_id, now), to_employee_id, why, now)


def hand_back(tie_ids: Sequence[int], to_employee_id: int, why: Why, now: datetime) -> list[Move]:
    """The same for those of these ties that are still open: who has gone elsewhere stays there."""
    moves: list[Move] = []
    for some in _chunks(tie_ids):
        moves += _hand_on(_held(_ties.c.id.in_(some), now), to_employee_id, why, now)
    return moves


def take_up_again(tie_ids: Sequence[int], why: Why, now: datetime) -> int:
    """Open ties anew that were ended, for the same employees and as protected as they were.

    How many: a customer who is somebody's by now is left out.
    """
    count = 0
    for some in _chunks(tie_ids):
        rows = db.session.execute(
            sa.select(_ties.c.customer_id, _ties.c.employee_id, _ties.c.protected_until)
            .where(_ties.c.id.in_(some))
            .order_by(_ties.c.id)
        ).all()
        by_owner: dict[int, list[tuple[int, datetime | None]]] = {}
        for row in rows:
            by_owner.setdefault(row.employee_id, []).append((row.customer_id, row.protected_until))
        for owner, customers in by_owner.items():
            count += len(_open(customers, owner, why, now))
    return count


def _hand_on(
    held: Sequence[Any], to_employee_id: int | None, why: Why, now: datetime
) -> list[Move]:
    _end((row.id for row in held), why.actor, now)
    new: dict[int, int] = {}
    if to_employee_id is not None:
        kept = [(row.customer_id, row.protected_until) for row in held]
        new = _open(kept, to_employee_id, why, now)
    return [Move(row.customer_id, row.id, new.get(row.customer_id)) for row in held]


def tell(changes: Mapping[int, int], reason: str, now: datetime) -> None:
    """Leave a job row for each employee who gained (or, below zero, lost) so many customers."""
    deed = public_id("trf")
    for employee_id, count in changes.items():
        if count:
            payload = {
                "deed": deed,
                "employee": employee_id,
                "count": count,
                "reason": reason,
            }
            jobs.leave(TELL_OF_CUSTOMERS, f"{deed}:{employee_id}", payload, now)


def _refuse_leaver(to: Employee) -> None:
    lock: dict[str, bool] = {"read": True, "key_share": True}
    now_is = db.session.get_one(Employee, to.id, populate_existing=True, with_for_update=lock)
    if now_is.state is EmploymentState.LEFT:
        raise Conflict("employee_left", "Name somebody who works for the chain.")


def _protection(now: datetime) -> datetime | None:
    _, policy = policy_in_force(now)
    if policy.tie_mode is TieMode.NONE:
        raise Conflict(
            "no_ties", "Under the policy in force customers are nobody's. Publish one with ties."
        )
    return protection_from(policy, now)


def _customers_named(public_ids: Sequence[str]) -> list[int]:
    rows = db.session.execute(
        sa.select(_customers.c.id, _customers.c.public_id)
        .where(_customers.c.public_id.in_(public_ids))
        .order_by(_customers.c.id)
    ).all()
    missing = sorted(set(public_ids) - {row.public_id for row in rows})
    if missing:
        message = f"There are no such customers: {', '.join(missing[:10])}."
        raise Invalid("customers_unknown", message, errors={"json": {"customers": [message]}})
    return [row.id for row in rows]


def _held(condition: sa.ColumnElement[bool], now: datetime) -> Sequence[Any]:
    """Open ties, locked in one order, so that two who hand over at once only wait."""
    return db.session.execute(
        sa.select(_ties.c.id, _ties.c.customer_id, _ties.c.employee_id, _ties.c.protected_until)
        .where(condition, _ties.c.ended_at.is_(None), _ties.c.since <= now)
        .order_by(_ties.c.id)
        .with_for_update()
    ).all()


def _end(tie_ids: Iterable[int], actor: Actor, now: datetime) -> None:
    for some in _chunks(list(tie_ids)):
        db.session.execute(
            sa.update(_ties)
            .where(_ties.c.id.in_(some))
            .values(ended_at=now, ended_by_id=actor.employee_id)
        )


def _open(
    new: Sequence[tuple[int, datetime | None]], employee_id: int, why: Why, now: datetime
) -> dict[int, int]:
    """Open ties for (customer, protected until); their rows by customer.

    A customer who was nobody's and has just become somebody's is left out.
    """
    common = {
        "employee_id": employee_id,
        "since": now,
        "how": why.how,
        "reason": why.reason,
        "by_employee_id": why.actor.employee_id,
    }
    opened: dict[int, int] = {}
    for some in _chunks(new):
        rows = db.session.execute(
            ties.giving_way(dialect()).returning(_ties.c.id, _ties.c.customer_id),
            [
                {"customer_id": customer_id, "protected_until": until, **common}
                for customer_id, until in some
            ],
        )
        opened |= {row.customer_id: row.id for row in rows}
    return opened


def _chunks(rows: Sequence[Any]) -> list[Sequence[Any]]:
    return [rows[at : at + AT_ONCE] for at in range(0, len(rows), AT_ONCE)]
