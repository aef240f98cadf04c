"""Whose customer somebody is. Ties come about, are renewed and taken in the sale's transaction.

A customer has one open tie at most: the database keeps it so, and every change of one is a guarded
UPDATE or an INSERT that gives way, so that of two at once one wins.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from storefront.attribution import evidence
from storefront.attribution.models import Tie, TieHow
from storefront.attribution.rules import Evidence, Policy, Renewal, TieEvidence, TieMode, TillClaim
from storefront.attribution.rules.tying import TieChange, by_order, by_touch
from storefront.attribution.service import CreditFacts, policy_in_force
from storefront.core.database import changed_rows, db, dialect, insert_for
from storefront.customers.models import CustomerVisitor
from storefront.orders.handling import OrderFacts
from storefront.staff.models import Employee

_employees = cast(sa.Table, Employee.__table__)
_ties = cast(sa.Table, Tie.__table__)
_visitors = cast(sa.Table, CustomerVisitor.__table__)
_IS_OPEN = _ties.c.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Cause:
    """How a tie came about, who brought it about (None: the rules), and what they said."""

    how: TieHow
    by_employee_id: int | None = None
    reason: str = ""


def meet(
    visitor_ids: Collection[str],
    phone: str | None,
    customer_id: int | None,
    at: datetime,
    claims: Sequence[TillClaim] = (),
) -> Evidence:
    """The evidence on an order that is placed, once its touches have had their say on the tie.

    Takes what `evidence.gather` takes, and asks no more than that where the policy knows no ties.
    """
    gathered = evidence.look(visitor_ids, phone, customer_id, at, claims)
    found = gathered.evidence
    if customer_id is None or not gathered.knows_ties:
        return found
    _, policy = policy_in_force(at)
    change = by_touch(policy, found)
    if change is None:
        return found
    _carry_out(customer_id, found.tie, change, TieHow.FIRST_TOUCH, at)
    # Anew: whoever came first may be another than was just decided.
    return evidence.gather(visitor_ids, phone, customer_id, at, claims)


def catch_up(customer_id: int, phone: str | None, now: datetime) -> TieEvidence | None:
    """Whose a customer is, once the touches of all their browsers have spoken.

    They speak of themselves when the next order is placed; whoever decides on a tie before that
    must not overlook a renewal.
    """
    browsers = db.session.scalars(_BROWSERS_OF, {"customer_id": customer_id}).all()
    return meet(browsers, phone, customer_id, now).tie


def after_sale(
    order: OrderFacts, policy: Policy, credited: Sequence[CreditFacts], now: datetime
) -> None:
    """Let a paid order have its say on its customer's tie, by the policy that judged it.

    Asks nothing where the policy knows no ties, or none that orders bring about or renew.
    """
    heeds_orders = policy.tie_mode is TieMode.FIRST_ORDER or Renewal.ORDER in policy.renewed_by
    if order.customer_id is None or policy.tie_mode is TieMode.NONE or not heeds_orders:
        return
    earned: dict[int, int] = {}
    for credit in credited:
        if credit.employee_id is not None:
            earned[credit.employee_id] = earned.get(credit.employee_id, 0) + credit.net
    if not earned:
        return
    tie = open_tie_of(order.customer_id)
    change = by_order(policy, Evidence.from_document(order.evidence), tie, earned, now)
    if change is not None:
        _carry_out(order.customer_id, tie, change, TieHow.FIRST_ORDER, now)


_BROWSERS_OF = sa.select(_visitors.c.visitor_id).where(
    _visitors.c.customer_id == sa.bindparam("customer_id")
)
_OPEN_TIE_OF = sa.select(
    _ties.c.employee_id, _ties.c.since, _ties.c.how, _ties.c.protected_until
).where(_ties.c.customer_id == sa.bindparam("customer_id"), _IS_OPEN)


def open_tie_of(customer_id: int) -> TieEvidence | None:
    """Whose a customer is now; None: nobody's."""
    row = db.session.execute(_OPEN_TIE_OF, {"customer_id": customer_id}).one_or_none()
    if row is None:
        return None
    return TieEvidence(row.employee_id, row.since, row.how.value, row.protected_until)


def take(
    customer_id: int,
    tie: TieEvidence | None,
    change: TieChange,
    cause: Cause,
    now: datetime,
) -> int | None:
    """Give a customer to another employee if their tie is still `tie`; the new tie's row, or None.

    `tie` None: nobody's. A tie that was renewed meanwhile is no longer the same. Somebody who has
    left by now gets nobody.
    """
    if tie is not None:
        if not _is_still_here(change.employee_id):
            return None
        same = _ties.c.employee_id == tie.employee_id
        if tie.protected_until is not None:
            same &= _ties.c.protected_until <= tie.protected_until
        if end_tie(customer_id, now, cause.by_employee_id, same) is None:
            return None
    return open_tie(customer_id, change, cause, now)


def open_tie(customer_id: int, change: TieChange, cause: Cause, since: datetime) -> int | None:
    """Open a tie for a customer who is nobody's; its row, or None if they are somebody's.

    Nor is one opened for somebody who has left by now, or before the end of an earlier one (for a
    sale that is told long after).
    """
    if not _is_still_here(change.employee_id):
        return None
    if db.session.scalar(_ENDED_LATER, {"customer_id": customer_id, "since": since}):
        return None
    return db.session.scalar(
        giving_way(dialect()).returning(_ties.c.id),
        {
            "customer_id": customer_id,
            "employee_id": change.employee_id,
            "since": since,
            "how": cause.how,
            "protected_until": change.protected_until,
            "reason": cause.reason,
            "by_employee_id": cause.by_employee_id,
        },
    )


# The lock lets somebody who is just leaving go first, or has their customers counted in.
_STILL_HERE = (
    sa.select(_employees.c.id)
    .where(_employees.c.id == sa.bindparam("employee_id"), _employees.c.left_at.is_(None))
    .with_for_update(read=True, key_share=True)
)


def _is_still_here(employee_id: int) -> bool:
    return db.session.scalar(_STILL_HERE, {"employee_id": employee_id}) is not None


_ENDED_LATER = (
    sa.select(_ties.c.id)
    .where(
        _ties.c.customer_id == sa.bindparam("customer_id"),
        _ties.c.ended_at > sa.bindparam("since"),
    )
    .limit(1)
)


@cache
def giving_way(dialect_name: str) -> postgresql.Insert | sqlite.Insert:
    """An INSERT of ties that does nothing where the customer has an open one."""
    return insert_for(_ties, dialect_name).on_conflict_do_nothing(
        index_elements=["customer_id"], index_where=sa.text("ended_at IS NULL")
    )


def end_tie(
    customer_id: int,
    now: datetime,
    by_employee_id: int | None,
    condition: sa.ColumnElement[bool] | None = None,
) -> int | None:
    """End a customer's open tie, if it meets the condition; its row, or None if there was none."""
    return db.session.scalar(
        sa.update(_ties)
        .where(
            _ties.c.customer_id == customer_id,
            _IS_OPEN,
            _ties.c.since <= now,
            condition if condition is not None else sa.true(),
        )
        .values(ended_at=now, ended_by_id=by_employee_id)
        .returning(_ties.c.id)
    )


def _carry_out(
    customer_id: int, tie: TieEvidence | None, change: TieChange, how: TieHow, now: datetime
) -> None:
    """Renew or take. Whoever comes second changes nothing."""
    if tie is not None and tie.employee_id == change.employee_id:
        _renew(customer_id, change)
    else:
        take(customer_id, tie, change, Cause(how), now)


def _renew(customer_id: int, change: TieChange) -> bool:
    renewed = db.session.execute(
        sa.update(_ties)
        .where(
            _ties.c.customer_id == customer_id,
            _ties.c.employee_id == change.employee_id,
            _IS_OPEN,
            _ties.c.protected_until < change.protected_until,
        )
        .values(protected_until=change.protected_until)
    )
    return changed_rows(renewed) == 1
