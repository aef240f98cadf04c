"""Orders as headquarters looks at them: found, and one at a time with all that belongs to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from storefront.attribution.models import AttributionPolicy, Verdict
from storefront.attribution.rules import Evidence, Policy
from storefront.attribution.rules import Verdict as Decision
from storefront.attribution.standing import stands
from storefront.attribution.words import Case
from storefront.commissions.models import Accrual, CommissionHold, HoldKind
from storefront.commissions.rule_words import MADE_OF, Made, made
from storefront.core.database import db
from storefront.core.errors import NotFound
from storefront.customers.models import Customer
from storefront.orders import dispatches
from storefront.orders.models import (
    Dispatch,
    Door,
    Order,
    OrderLine,
    OrderState,
    Return,
    TillDeed,
    TillRecord,
)
from storefront.payments.models import Payment, Refund
from storefront.sharing.models import Campaign
from storefront.staff.models import Employee, Store

_accruals = cast(sa.Table, Accrual.__table__)
_customers = cast(sa.Table, Customer.__table__)
_employees = cast(sa.Table, Employee.__table__)
_holds = cast(sa.Table, CommissionHold.__table__)
_lines = cast(sa.Table, OrderLine.__table__)
_orders = cast(sa.Table, Order.__table__)
_policies = cast(sa.Table, AttributionPolicy.__table__)
_stores = cast(sa.Table, Store.__table__)
_till_records = cast(sa.Table, TillRecord.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders to look for; None leaves a question open."""

    number: str | None = None
    """Ours, or the receipt's of a till."""
    state: OrderState | None = None
    phone: str | None = None
    """The customer's, in E.164 form."""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order in a list."""

    id: int
    public_id: str
    number: str
    state: OrderState
    total: int
    currency: str
    contact_phone: str
    placed_at: datetime
    paid_at: datetime | None
    credited_to: tuple[str, ...]
    """Staff numbers."""


def search(wanted: Wanted, before: int | None, limit: int) -> list[FoundOrder]:
    """Orders, the latest first, from below the row number `before`."""
    current = sa.select(_verdicts).where(stands(_verdicts)).subquery()
    statement = (
        sa.select(
            _orders.c.id,
            _orders.c.public_id,
            _orders.c.number,
            _orders.c.state,
            _orders.c.total,
            _orders.c.currency,
            _orders.c.contact_phone,
            _orders.c.placed_at,
            _orders.c.paid_at,
            current.c.document,
        )
        .outerjoin(current, current.c.order_id == _orders.c.id)
        .where(*_conditions(wanted))
        .order_by(_orders.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(_orders.c.id < before)
    return [
        FoundOrder(*row[:-1], credited_to=_winners(row.document))
        for row in db.session.execute(statement)
    ]


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.number is not None:
        numbered = sa.select(_orders.c.id).where(_orders.c.number == wanted.number)
        at_till = sa.select(_till_records.c.order_id).where(
            _till_records.c.number == wanted.number, _till_records.c.deed == TillDeed.SALE
        )
        conditions.append(_orders.c.id.in_(numbered.union_all(at_till)))
    if wanted.state is not None:
        conditions.append(_orders.c.state == wanted.state)
    if wanted.phone is not None:
        customer = sa.select(_customers.c.id).where(_customers.c.phone == wanted.phone)
        conditions.append(_orders.c.customer_id.in_(customer))
    return conditions


def _winners(document: Any) -> tuple[str, ...]:
    if document is None:
        return ()
    claims = Decision.from_document(document).claims()
    return tuple(dict.fromkeys(each.number for each in claims if each.share and each.number))


@dataclass(frozen=True, slots=True)
class CommissionLine:
    """The commission on one line for one employee."""

    line: int
    employee: str
    """Staff number."""
    base: int
    rate: int
    amount: int
    reversed: int
    due_at: datetime | None
    released_at: datetime | None
    superseded_at: datetime | None
    """When others were credited instead."""
    campaign: str | None
    """Public id of the one through which the touch came that won."""
    holds: tuple[HoldKind, ...]
    """Why it is kept back, if it is."""
    made: Made
    """Which rule won, and what made up the amount."""


class Receipt(NamedTuple):
    """Where a till told of an order, and by which number."""

    store: str
    """The store's code."""
    number: str


@dataclass(frozen=True, slots=True)
class OrderCase:
    """An order with all that belongs to it."""

    order: Order
    """With its lines, and its returns with theirs."""
    receipt: Receipt | None
    """None for an order made online."""
    dispatches: Sequence[Dispatch]
    payments: Sequence[Payment]
    refunds: Sequence[Refund]
    judged: Case | None
    """None until it is paid."""
    judged_at: datetime | None
    commission: Sequence[CommissionLine]


def find(order_public_id: str) -> OrderCase:
    """The order with this public id, as it stands now. Raises NotFound `order_not_found`."""
    order = db.session.scalars(
        sa.select(Order)
        .where(Order.public_id == order_public_id)
        .options(selectinload(Order.lines), selectinload(Order.returns).selectinload(Return.lines))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if order is None:
        raise NotFound("order_not_found", "There is no such order.")
    judged, judged_at = _verdict_on(order)
    return OrderCase(
        order=order,
        receipt=_receipt_of(order),
        dispatches=dispatches.of_order(order.id),
        payments=db.session.scalars(
            sa.select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)
        ).all(),
        refunds=db.session.scalars(
            sa.select(Refund).where(Refund.order_id == order.id).order_by(Refund.id)
        ).all(),
        judged=judged,
        judged_at=judged_at,
        commission=_commission_on(order.id),
    )


def _receipt_of(order: Order) -> Receipt | None:
    if order.door is not Door.TILL:
        return None
    row = db.session.execute(
        sa.select(_stores.c.code, _till_records.c.number)
        .join(_stores, _stores.c.id == _till_records.c.store_id)
        .where(_till_records.c.order_id == order.id, _till_records.c.deed == TillDeed.SALE)
    ).one()
    return Receipt(*row)


def _verdict_on(order: Order) -> tuple[Case | None, datetime | None]:
    row = db.session.execute(
        sa.select(_verdicts.c.document, _verdicts.c.at, _policies.c.rules, _policies.c.version)
        .join(_policies, _policies.c.id == _verdicts.c.policy_id)
        .where(_verdicts.c.order_id == order.id, stands(_verdicts))
    ).one_or_none()
    if row is None:
        return None, None
    case = Case(
        verdict=Decision.from_document(row.document),
        evidence=Evidence.from_document(order.evidence),
        policy=Policy.from_document(row.rules),
        policy_version=row.version,
    )
    return case, row.at


def _commission_on(order_id: int) -> list[CommissionLine]:
    rows = db.session.execute(
        sa.select(
            _lines.c.position,
            _employees.c.number,
            _accruals.c.base,
            _accruals.c.rate,
            _accruals.c.amount,
            _accruals.c.reversed,
            _accruals.c.due_at,
            _accruals.c.released_at,
            _accruals.c.superseded_at,
            Campaign.public_id,
            _accruals.c.id,
            *MADE_OF,
        )
        .join(_lines, _lines.c.id == _accruals.c.order_line_id)
        .join(_employees, _employees.c.id == _accruals.c.employee_id)
        .outerjoin(Campaign, Campaign.id == _accruals.c.campaign_id)
        .where(_accruals.c.order_id == order_id)
        .order_by(_lines.c.position, _accruals.c.id)
    ).all()
    held = _held(order_id)
    return [
        CommissionLine(*row[:10], holds=tuple(held[row.id]), made=each)
        for row, each in zip(rows, made(rows), strict=True)
    ]


def _held(order_id: int) -> dict[int, list[HoldKind]]:
    """Why each accrual on an order is kept back."""
    rows = db.session.execute(
        sa.select(_accruals.c.id, _holds.c.kind)
        .join(
            _accruals,
            sa.or_(
                _accruals.c.id == _holds.c.accrual_id,
                _accruals.c.employee_id == _holds.c.employee_id,
            ),
        )
        .where(_accruals.c.order_id == order_id, _holds.c.lifted_at.is_(None))
        .order_by(_holds.c.id)
    )
    held: dict[int, list[HoldKind]] = defaultdict(list)
    for accrual_id, kind in rows:
        held[accrual_id].append(kind)
    return held
