"""Opening a dispute: on which orders, on which lines, until when, and against whom.

Whoever has no claim in an order's evidence may dispute it only with its number at hand, and is told
nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution import service as attribution
from storefront.attribution.disputes import service
from storefront.attribution.disputes.models import (
    Dispute,
    DisputeLine,
    DisputeParty,
    DisputeReason,
    DisputeState,
)
from storefront.attribution.rules import Evidence, Policy
from storefront.core.database import db
from storefront.core.errors import Conflict, Invalid, NotFound
from storefront.core.ids import public_id
from storefront.core.money import WHOLE_BASIS_POINTS
from storefront.orders.models import Order, OrderLine, OrderState

_disputed = cast(sa.Table, DisputeLine.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_parties = cast(sa.Table, DisputeParty.__table__)

_PAID = (OrderState.PAID, OrderState.HANDED_OVER)

_Shares = Mapping[int, Sequence[tuple[int | None, int, int]]]
"""By order line, as `attribution.service.shares_of` gives them."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What somebody says when they open a dispute."""

    reason: DisputeReason
    words: str
    positions: tuple[int, ...] = ()
    """Lines of the order; empty for all of them."""


@dataclass(frozen=True, slots=True)
class DisputedOrder:
    """The order that somebody means to dispute."""

    id: int
    known: bool
    """Whether its evidence names them."""


def find_order(employee_id: int, order: str | None, number: str | None) -> DisputedOrder:
    """The order with this public id, or this number, if the employee may dispute it.

    By its id only an order in whose evidence they are, by its number any that was paid. Raises
    NotFound `order_not_found`, whatever the cause.
    """
    named = _orders.c.public_id == order if order is not None else _orders.c.number == number
    found = db.session.execute(
        sa.select(_orders.c.id, _orders.c.evidence, _orders.c.state).where(named)
    ).one_or_none()
    if found is not None:
        known = _is_named(employee_id, found.id, found.evidence)
        if known or (order is None and found.state in _PAID):
            return DisputedOrder(found.id, known)
    raise NotFound(
        "order_not_found",
        "There is no such order. One that does not name you is found by its number alone.",
    )


def _is_named(employee_id: int, order_id: int, evidence: Mapping[str, Any]) -> bool:
    if employee_id in Evidence.from_document(evidence).people:
        return True
    shares = attribution.shares_of(_line_ids(order_id))
    return any(sharer == employee_id for of_line in shares.values() for sharer, _, _ in of_line)


def _line_ids(order_id: int) -> Sequence[int]:
    return db.session.scalars(sa.select(_lines.c.id).where(_lines.c.order_id == order_id)).all()


def open_case(
    disputed: DisputedOrder, objection: Objection, employee_id: int, now: datetime
) -> Dispute:
    """Write a dispute down. The order is locked by the caller.

    What is wholly theirs already, or wholly back, is left out. Raises Conflict `order_not_paid`,
    `dispute_too_late`, `line_in_dispute`, `nothing_to_dispute`; Invalid `unknown_line`.
    """
    order = db.session.execute(
        sa.select(_orders.c.id, _orders.c.state, _orders.c.placed_at, _orders.c.paid_at).where(
            _orders.c.id == disputed.id
        )
    ).one()
    if order.state not in _PAID:
        raise Conflict("order_not_paid", "Only a paid order can be disputed, and no cancelled one.")
    _, policy = attribution.policy_in_force(order.placed_at)
    if now > order.paid_at + timedelta(days=policy.dispute_days):
        raise Conflict(
            "dispute_too_late",
            f"An order can be disputed for {policy.dispute_days} days after its payment.",
        )
    lines = _chosen_lines(order.id, objection.positions)
    shares = attribution.shares_of([line.id for line in lines])
    lines = [line for line in lines if _is_worth_it(line, shares, employee_id)]
    if not lines:
        raise Conflict(
            "nothing_to_dispute", "All of it is yours already, or has come back: none is left."
        )
    return _write(disputed, objection, employee_id, lines, shares, _Days(policy, now))


class _Days:
    """The moments that a policy gives to a dispute opened now."""

    def __init__(self, policy: Policy, now: datetime) -> None:
        self.opened_at = now
        self.answer_due_at = now + timedelta(days=policy.answer_days)
        self.decision_due_at = now + timedelta(days=policy.decision_days)


def _chosen_lines(order_id: int, positions: Sequence[int]) -> list[sa.Row[*tuple[Any, ...]]]:
    rows = db.session.execute(
        sa.select(_lines.c.id, _lines.c.position, _lines.c.quantity, _lines.c.returned_quantity)
        .where(_lines.c.order_id == order_id)
        .order_by(_lines.c.position)
    ).all()
    unknown = sorted(set(positions) - {row.position for row in rows})
    if unknown:
        raise Invalid("unknown_line", "The order has no such line.", lines=unknown)
    return [row for row in rows if not positions or row.position in positions]


def _is_worth_it(line: sa.Row[*tuple[Any, ...]], shares: _Shares, employee_id: int) -> bool:
    own = sum(share for sharer, _, share in shares.get(line.id, ()) if sharer == employee_id)
    return own < WHOLE_BASIS_POINTS and line.returned_quantity < line.quantity


def _write(
    disputed: DisputedOrder,
    objection: Objection,
    employee_id: int,
    lines: Sequence[sa.Row[*tuple[Any, ...]]],
    shares: _Shares,
    days: _Days,
) -> Dispute:
    session = db.session
    line_ids = [line.id for line in lines]
    if session.scalar(
        sa.select(sa.func.count()).where(
            _disputed.c.order_line_id.in_(line_ids), _disputed.c.closed_at.is_(None)
        )
    ):
        raise Conflict("line_in_dispute", "This is being disputed already; wait for the decision.")
    dispute = Dispute(
        public_id=public_id("dsp"),
        order_id=disputed.id,
        opened_by_id=employee_id,
        knows_order=disputed.known,
        reason=objection.reason,
        state=DisputeState.OPEN,
        opened_at=days.opened_at,
        answer_due_at=days.answer_due_at,
        decision_due_at=days.decision_due_at,
    )
    session.add(dispute)
    session.flush()
    session.execute(
        sa.insert(_disputed),
        [
            {"dispute_id": dispute.id, "order_line_id": line.id, "position": line.position}
            for line in lines
        ],
    )
    losing = {
        sharer
        for line_id in line_ids
        for sharer, _, _ in shares.get(line_id, ())
        if sharer is not None and sharer != employee_id
    }
    if losing:
        session.execute(
            sa.insert(_parties),
            [{"dispute_id": dispute.id, "employee_id": each} for each in sorted(losing)],
        )
    service.say(dispute.id, employee_id, objection.words, days.opened_at)
    return dispute
