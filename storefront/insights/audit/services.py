"""Bonuses for service: by the plan, to whoever handed over, and booked once each way."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.attribution.models import VersionState
from storefront.commissions.models import TAKING_BACK, Account, TransactionKind
from storefront.insights.audit.invariant import (
    Asked,
    differs,
    or_nothing,
    query,
    seconds_between,
    unless,
)
from storefront.insights.audit.tables import (
    employees,
    entries,
    lines,
    orders,
    plans,
    service_bonuses,
    transactions,
)

Question = sa.Select[*tuple[Any, ...]]


def earned_without_a_deed(_: Asked) -> Question:
    """A bonus for service is whoever's handed the order over, at that moment, by the amount and the
    days of the plan in force at the order.
    """
    plan = (
        sa.select(plans.c.id)
        .where(plans.c.state == VersionState.PUBLISHED, plans.c.starts_at <= orders.c.placed_at)
        .order_by(plans.c.starts_at.desc(), plans.c.version.desc())
        .limit(1)
        .correlate(orders)
        .scalar_subquery()
    )
    held = seconds_between(service_bonuses.c.at, service_bonuses.c.due_at)
    return (
        sa.select(
            service_bonuses.c.id.label("service_bonus_id"),
            orders.c.number,
            employees.c.number.label("employee"),
            service_bonuses.c.amount,
            plans.c.service_bonus.label("by_plan"),
        )
        .outerjoin(orders, orders.c.id == service_bonuses.c.order_id)
        .outerjoin(employees, employees.c.id == service_bonuses.c.employee_id)
        .outerjoin(plans, plans.c.id == service_bonuses.c.plan_id)
        .where(
            sa.or_(
                differs(orders.c.handed_over_by_id, service_bonuses.c.employee_id),
                differs(orders.c.handed_over_at, service_bonuses.c.at),
                differs(plans.c.service_bonus, service_bonuses.c.amount),
                differs(service_bonuses.c.plan_id, plan),
                unless(sa.func.abs(held - plans.c.hold_days * 86_400) <= 1),
            )
        )
    )


def unlike_their_entries(_: Asked) -> Question:
    """What was accrued, taken back, held and due of a bonus for service is what the book says."""

    def sum_of(condition: sa.ColumnElement[bool], name: str) -> sa.Label[int]:
        return sa.func.sum(sa.case((condition, entries.c.amount), else_=0)).label(name)

    kind, account = transactions.c.kind, entries.c.account
    posted = (
        sa.select(
            entries.c.service_bonus_id,
            sum_of(kind == TransactionKind.SERVICE, "accrued"),
            sum_of(kind.in_(TAKING_BACK), "reversed"),
            sum_of(account == Account.HELD, "held"),
            sum_of(account == Account.PAYABLE, "payable"),
            sa.func.min(entries.c.employee_id).label("first_employee_id"),
            sa.func.max(entries.c.employee_id).label("last_employee_id"),
        )
        .join(transactions, transactions.c.id == entries.c.transaction_id)
        .where(entries.c.service_bonus_id.is_not(None))
        .group_by(entries.c.service_bonus_id)
        .subquery()
    )
    amount = service_bonuses.c.amount
    released = service_bonuses.c.released_at.is_not(None)
    reversed_ = service_bonuses.c.reversed_at.is_not(None)
    gone = sa.case((reversed_, amount), else_=0)
    return (
        sa.select(
            service_bonuses.c.id.label("service_bonus_id"),
            amount,
            service_bonuses.c.released_at,
            service_bonuses.c.reversed_at,
            posted.c.accrued,
            posted.c.held,
            posted.c.payable,
        )
        .outerjoin(posted, posted.c.service_bonus_id == service_bonuses.c.id)
        .where(
            sa.or_(
                differs(posted.c.accrued, amount),
                differs(-or_nothing(posted.c.reversed), gone),
                differs(posted.c.held, sa.case((sa.or_(released, reversed_), 0), else_=amount)),
                differs(posted.c.payable, sa.case((released, amount), else_=0)),
                posted.c.first_employee_id != service_bonuses.c.employee_id,
                posted.c.last_employee_id != service_bonuses.c.employee_id,
            )
        )
    )


def taken_back_wrongly(_: Asked) -> Question:
    """A bonus for service is taken back only if the whole order came back before it was due, and
    released only once it was due.
    """
    something_left = sa.exists().where(
        lines.c.order_id == service_bonuses.c.order_id,
        lines.c.returned_quantity < lines.c.quantity,
    )
    return sa.select(
        service_bonuses.c.id.label("service_bonus_id"),
        service_bonuses.c.due_at,
        service_bonuses.c.released_at,
        service_bonuses.c.reversed_at,
    ).where(
        sa.or_(
            service_bonuses.c.reversed_at.is_not(None)
            & (something_left | (service_bonuses.c.reversed_at >= service_bonuses.c.due_at)),
            service_bonuses.c.released_at < service_bonuses.c.due_at,
        )
    )


INVARIANTS = (
    query(20, "bonuses for service have their deed", earned_without_a_deed),
    query(2, "bonuses for service equal their entries", unlike_their_entries),
    query(6, "bonuses for service end when they should", taken_back_wrongly),
)
