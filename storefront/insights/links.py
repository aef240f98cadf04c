"""What came of an employee's links: who visited, what was sold through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa

from storefront.attribution.models import Credit, Verdict
from storefront.commissions.models import Accrual
from storefront.core.database import db
from storefront.core.settings import settings
from storefront.insights.scope import EVER, Period
from storefront.insights.visits import Visits, visits_of
from storefront.orders.models import Order
from storefront.sharing.models import ShareLink, Touch
from storefront.sharing.service import links_of

_accruals = cast(sa.Table, Accrual.__table__)
_credits = cast(sa.Table, Credit.__table__)
_orders = cast(sa.Table, Order.__table__)
_touches = cast(sa.Table, Touch.__table__)
_verdicts = cast(sa.Table, Verdict.__table__)


@dataclass(frozen=True, slots=True)
class LinkSales:
    """What was credited to an employee because of touches of one link."""

    orders: int = 0
    sales: int = 0
    """This employee's share of what was paid for the goods."""
    commission: int = 0
    """Accrued less reversed."""


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """A link and what came of it."""

    link: ShareLink
    visits: Visits
    sold: LinkSales


def figures_of(
    employee_id: int, before: int | None, limit: int, period: Period = EVER
) -> list[LinkFigures]:
    """The employee's links, the latest first, from below `before`, with their figures.

    Visits count by their own day, sales by the day of payment.
    """
    links = links_of(employee_id, before, limit)
    visits = visits_of([link.id for link in links], period)
    sold = _sold_through(employee_id, [link.id for link in links], period)
    return [LinkFigures(link, visits[link.id], sold.get(link.id, LinkSales())) for link in links]


def _sold_through(
    employee_id: int, link_ids: Sequence[int], period: Period
) -> dict[int, LinkSales]:
    rows = db.session.execute(
        sa.select(
            _touches.c.link_id,
            sa.func.count(_credits.c.order_id.distinct()).label("orders"),
            sa.func.sum(_accruals.c.base).label("sales"),
            sa.func.sum(_accruals.c.amount - _accruals.c.reversed).label("commission"),
        )
        .select_from(_credits)
        .join(_touches, _touches.c.id == _credits.c.touch_id)
        .join(_accruals, _accruals.c.credit_id == _credits.c.id)
        .join(_orders, _orders.c.id == _credits.c.order_id)
        .where(
            _credits.c.employee_id == employee_id,
            # By way of the employee's credits, never through all touches of the links.
            (_touches.c.link_id + 0).in_(link_ids),
            _credits.c.superseded_by_id.is_(None),
            period.has_moment(_orders.c.paid_at, settings().chain_time_zone),
        )
        .group_by(_touches.c.link_id)
    )
    return {row.link_id: LinkSales(row.orders, int(row.sales), int(row.commission)) for row in rows}
