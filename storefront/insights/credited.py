"""The orders that earned an employee something: line by line, with the verdict that says why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

import sqlalchemy as sa

from storefront.attribution.models import AttributionPolicy, Credit, Verdict
from storefront.attribution.rules import Evidence, Policy
from storefront.attribution.rules import Verdict as Decision
from storefront.attribution.standing import stands
from storefront.commissions import holds
from storefront.commissions.models import (
    UNANSWERED,
    Account,
    Accrual,
    LedgerEntry,
    Payout,
    PayoutState,
)
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.orders.models import Order, OrderLine, OrderState

_accruals = cast(sa.Table, Accrual.__table__)
_credits = cast(sa.Table, Credit.__table__)
_entries = cast(sa.Table, LedgerEntry.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_payouts = cast(sa.Table, Payout.__table__)
_policies = cast(sa.Table, AttributionPolicy.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)


class EarningState(StrEnum):
    """What has become of the commission on one line."""

    NOTHING = "nothing"
    """No rule of the plan gives anything for it."""
    WAITING = "waiting"
    """Until the customer has the goods."""
    HELD = "held"
    """Until the goods can no longer come back."""
    DISPUTED = "disputed"
    """Until a dispute about the line is decided, due or not."""
    UNDER_REVIEW = "under_review"
    """Until headquarters lifts what holds it, due or not."""
    PAYABLE = "payable"
    IN_PAYOUT = "in_payout"
    PAID = "paid"
    REVERSED = "reversed"
    """All of it was taken back: the goods came back, or the order was cancelled."""


@dataclass(frozen=True, slots=True)
class CreditedLine:
    """An employee's share of one order line, and the commission on it."""

    position: int
    name_zh: str
    name_en: str
    quantity: int
    returned_quantity: int
    share: int
    """In basis points of the line."""
    base: int
    """This share of what the customer paid for the line."""
    rate: int
    amount: int
    reversed: int
    due_at: datetime | None
    state: EarningState


@dataclass(frozen=True, slots=True)
class CreditedOrder:
    """An order that earned an employee something, with why it did."""

    order_id: int
    """Where it stands in the list: orders come by falling row numbers."""
    public_id: str
    number: str
    state: OrderState
    currency: str
    phone: str
    """The customer's, in full: it is masked before anybody sees it."""
    placed_at: datetime
    paid_at: datetime | None
    handed_over_at: datetime | None
    cancelled_at: datetime | None
    policy_version: int
    policy: Policy
    evidence: Evidence
    verdict: Decision
    lines: tuple[CreditedLine, ...]

    @property
    def sales(self) -> int:
        """The employee's share of what was paid for the goods."""
        return sum(line.base for line in self.lines)

    @property
    def commission(self) -> int:
        """Accrued less reversed."""
        return sum(line.amount - line.reversed for line in self.lines)


def credited_orders(employee_id: int, before: int | None, limit: int) -> list[CreditedOrder]:
    """Orders credited to an employee, the latest first, from below `before` (an `order_id`)."""
    below = _credits.c.order_id < before if before is not None else sa.true()
    return _read_orders(employee_id, below, limit)


def credited_order(employee_id: int, order_public_id: str) -> CreditedOrder:
    """One of them. Raises NotFound `order_not_found`, also for an order of somebody else's."""
    found = _read_orders(employee_id, _orders.c.public_id == order_public_id, 1)
    if not found:
        raise NotFound("order_not_found", "No such order is credited to you.")
    return found[0]


def _read_orders(
    employee_id: int, condition: sa.ColumnElement[bool], limit: int
) -> list[CreditedOrder]:
    mine = (
        sa.select(_credits.c.order_id)
        .join(_orders, _orders.c.id == _credits.c.order_id)
        .where(
            _credits.c.employee_id == employee_id, _credits.c.superseded_by_id.is_(None), condition
        )
        .distinct()
        .order_by(_credits.c.order_id.desc())
        .limit(limit)
        .subquery()
    )
    orders = db.session.execute(
        sa.select(
            _orders.c.id.label("order_id"),
            _orders.c.public_id,
            _orders.c.number,
            _orders.c.state,
            _orders.c.currency,
            _orders.c.contact_phone,
            _orders.c.placed_at,
            _orders.c.paid_at,
            _orders.c.handed_over_at,
            _orders.c.cancelled_at,
            _policies.c.version,
            _policies.c.rules,
            _orders.c.evidence,
            _verdicts.c.document,
        )
        .join(mine, mine.c.order_id == _orders.c.id)
        .join(_verdicts, _verdicts.c.order_id == _orders.c.id)
        .join(_policies, _policies.c.id == _verdicts.c.policy_id)
        .where(stands(_verdicts))
        .order_by(_orders.c.id.desc())
    ).all()
    lines = _lines_of(employee_id, [row.order_id for row in orders])
    return [_as_order(row, lines[row.order_id]) for row in orders]


def _as_order(row: sa.Row[*tuple[Any, ...]], lines: Sequence[CreditedLine]) -> CreditedOrder:
    return CreditedOrder(
        order_id=row.order_id,
        public_id=row.public_id,
        number=row.number,
        state=row.state,
        currency=row.currency,
        phone=row.contact_phone,
        placed_at=row.placed_at,
        paid_at=row.paid_at,
        handed_over_at=row.handed_over_at,
        cancelled_at=row.cancelled_at,
        policy_version=row.version,
        policy=Policy.from_document(row.rules),
        evidence=Evidence.from_document(row.evidence),
        verdict=Decision.from_document(row.document),
        lines=tuple(lines),
    )


def _lines_of(employee_id: int, order_ids: Sequence[int]) -> dict[int, list[CreditedLine]]:
    released = _entries.alias("released")
    rows = db.session.execute(
        sa.select(
            _credits.c.order_id,
            _lines.c.position,
            _lines.c.name_zh,
            _lines.c.name_en,
            _lines.c.quantity,
            _lines.c.returned_quantity,
            _credits.c.share,
            _accruals.c.base,
            _accruals.c.rate,
            _accruals.c.amount,
            _accruals.c.reversed,
            _accruals.c.due_at,
            _accruals.c.released_at,
            _payouts.c.state.label("payout_state"),
            holds.is_held(_accruals.c.id, _accruals.c.employee_id).label("on_hold"),
            holds.is_disputed(_accruals.c.id).label("disputed"),
        )
        .join(_lines, _lines.c.id == _credits.c.order_line_id)
        .join(_accruals, _accruals.c.credit_id == _credits.c.id)
        .outerjoin(
            released,
            sa.and_(
                released.c.accrual_id == _accruals.c.id,
                released.c.account == Account.PAYABLE,
                released.c.amount > 0,
            ),
        )
        .outerjoin(_payouts, _payouts.c.id == released.c.payout_id)
        .where(
            _credits.c.employee_id == employee_id,
            _credits.c.order_id.in_(order_ids),
            _credits.c.superseded_by_id.is_(None),
        )
        .order_by(_credits.c.order_id, _lines.c.position)
    )
    lines: dict[int, list[CreditedLine]] = defaultdict(list)
    for row in rows:
        shown = row[1:12]
        lines[row.order_id].append(CreditedLine(*shown, state=_earning_state(row)))
    return lines


def _earning_state(row: sa.Row[*tuple[Any, ...]]) -> EarningState:
    if not row.amount:
        return EarningState.NOTHING
    if row.reversed == row.amount:
        return EarningState.REVERSED
    if row.on_hold and row.payout_state is None:
        return EarningState.DISPUTED if row.disputed else EarningState.UNDER_REVIEW
    if row.released_at is None:
        return EarningState.HELD if row.due_at else EarningState.WAITING
    if row.payout_state is PayoutState.PAID:
        return EarningState.PAID
    on_its_way = row.payout_state in UNANSWERED
    return EarningState.IN_PAYOUT if on_its_way else EarningState.PAYABLE
