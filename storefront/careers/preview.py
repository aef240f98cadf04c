"""What would become of everything, were a step taken now. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import cast

import sqlalchemy as sa

from storefront.attribution.models import Credit, Tie
from storefront.attribution.rules import Policy
from storefront.attribution.service import version_in_force
from storefront.careers import plan
from storefront.careers.models import Step
from storefront.careers.plan import Planned
from storefront.commissions import book
from storefront.commissions.book import Balance
from storefront.core.actor import Actor
from storefront.core.database import db
from storefront.orders.models import Order, OrderState
from storefront.sharing.models import ShareLink
from storefront.shops.models import Shop, ShopState
from storefront.staff.models import MAY_SIGN_IN, Employee, EmploymentState

_credits = cast(sa.Table, Credit.__table__)
_links = cast(sa.Table, ShareLink.__table__)
_orders = cast(sa.Table, Order.__table__)
_shops = cast(sa.Table, Shop.__table__)
_ties = cast(sa.Table, Tie.__table__)


class SignInFate(StrEnum):
    """What becomes of the way in."""

    AS_BEFORE = "as_before"
    OWN_FIGURES = "own_figures"
    """They see what they earn; shop and customers wait."""
    ENDED = "ended"


class ShopFate(StrEnum):
    """What becomes of the shop, and with it of all links to it."""

    NONE = "none"
    """There is none."""
    CLOSED = "closed"
    """Nobody comes in, and links lead nowhere."""
    OPEN = "open"
    FORWARDS = "forwards"
    """It leads to the shop of whoever looks after the customers, and so do links."""


class CustomersFate(StrEnum):
    """What becomes of the customers."""

    STAY = "stay"
    SUCCESSOR = "successor"
    NOBODYS = "nobodys"
    COME_BACK = "come_back"
    """Those whom a stand-in has had meanwhile."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of everything."""

    planned: Planned
    handle: str | None
    shop: ShopFate
    links: int
    """Links that were not taken back."""
    customers: CustomersFate
    customer_count: int
    sign_in: SignInFate
    awaiting_payment: int
    """Orders that are not paid yet and have the employee among their evidence."""
    not_handed_over: int
    """Paid orders that are credited to the employee and still to be handed over."""
    balance: Balance
    policy: Policy
    policy_version: int


def preview(employee: Employee, planned: Planned, actor: Actor, now: datetime) -> Preview:
    """What a step would do. Raises what `plan.refuse` raises, and Conflict `no_policy`."""
    plan.refuse(employee, planned, actor)
    version = version_in_force(now)
    shop = plan.shop_of(employee.id)
    customers, count = _customers(employee.id, planned)
    return Preview(
        planned=planned,
        handle=shop.handle if shop else None,
        shop=_shop(shop, employee.state, planned),
        links=_count(_links, _links.c.employee_id == employee.id, _links.c.revoked_at.is_(None)),
        customers=customers,
        customer_count=count,
        sign_in=_sign_in(employee.state, planned.step),
        awaiting_payment=_awaiting_payment(employee.id),
        not_handed_over=_not_handed_over(employee.id),
        balance=book.balance_of(employee.id),
        policy=Policy.from_document(version.rules),
        policy_version=version.version,
    )


def _state_after(state: EmploymentState, step: Step) -> EmploymentState:
    return {
        Step.MOVED: state,
        Step.ON_LEAVE: EmploymentState.ON_LEAVE,
        Step.BACK: EmploymentState.ACTIVE,
        Step.LEFT: EmploymentState.LEFT,
    }[step]


def _sign_in(state: EmploymentState, step: Step) -> SignInFate:
    after = _state_after(state, step)
    if after is EmploymentState.ON_LEAVE:
        return SignInFate.OWN_FIGURES
    return SignInFate.ENDED if after is EmploymentState.LEFT else SignInFate.AS_BEFORE


def _shop(shop: Shop | None, state: EmploymentState, planned: Planned) -> ShopFate:
    if shop is None:
        return ShopFate.NONE
    after = _state_after(state, planned.step)
    leads = planned.forward_to(shop.forward_to_id) is not None
    if leads and after in (EmploymentState.ON_LEAVE, EmploymentState.LEFT):
        return ShopFate.FORWARDS
    stays_open = shop.state is ShopState.OPEN and after in MAY_SIGN_IN
    return ShopFate.OPEN if stays_open else ShopFate.CLOSED


def _customers(employee_id: int, planned: Planned) -> tuple[CustomersFate, int]:
    if planned.step is Step.BACK:
        lent = plan.lent_ties(employee_id)
        still = _count(_ties, _ties.c.id.in_(lent), _ties.c.ended_at.is_(None))
        return CustomersFate.COME_BACK, still
    count = _count(_ties, _ties.c.employee_id == employee_id, _ties.c.ended_at.is_(None))
    if not planned.hands_over:
        return CustomersFate.STAY, count
    heir = planned.heir_of_customers
    return CustomersFate.SUCCESSOR if heir else CustomersFate.NOBODYS, count


def _awaiting_payment(employee_id: int) -> int:
    named = _orders.c.evidence["people", str(employee_id)].as_string()
    return _count(_orders, _orders.c.state == OrderState.AWAITING_PAYMENT, named.is_not(None))


def _not_handed_over(employee_id: int) -> int:
    theirs = (
        sa.select(_credits.c.order_id)
        .where(_credits.c.employee_id == employee_id, _credits.c.superseded_by_id.is_(None))
        .distinct()
    )
    return _count(_orders, _orders.c.id.in_(theirs), _orders.c.state == OrderState.PAID)


def _count(table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
    found = sa.select(sa.func.count()).select_from(table).where(*conditions)
    return db.session.scalar(found) or 0
