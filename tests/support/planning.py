"""Plans with more than rules, in force from now on; and what real sales made of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storefront.commissions import plans
from storefront.commissions.models import Accrual, PlanRule
from storefront.commissions.terms import NewBooster, NewRule, Terms
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db
from storefront.orders.placing import PlacedOrder
from storefront.sharing import campaigns, service
from storefront.sharing.models import Campaign, Channel, ShareLink


def in_force(
    *rules: NewRule, boosters: tuple[NewBooster, ...] = (), hold_days: int = 7, **more: Any
) -> int:
    """Publish a plan that starts now; its version. Without a rule, a tenth of everything."""
    now = clock.now()
    terms = Terms(
        rules or (NewRule(1_000),), hold_days, now, "for a test", boosters=boosters, **more
    )
    version = plans.draft_terms(terms, SYSTEM, now).version
    plans.approve_plan(version, SYSTEM)
    plans.publish_plan(version, now)
    return version


def a_booster(
    rate: int = 0, *, budget: int, days: int = 7, starts_at: datetime | None = None, **of_rule: Any
) -> NewBooster:
    """One that runs from now on for some days."""
    begin = starts_at or clock.now()
    return NewBooster(NewRule(rate, **of_rule), budget, begin, begin + timedelta(days=days))


def a_campaign(code: str = "SPRING", days: int = 7) -> Campaign:
    """A campaign that begins now and lasts some days."""
    now = clock.now()
    return campaigns.create(code, ("春天", "Spring"), now, now + timedelta(days=days), SYSTEM, now)


def a_link_for(campaign: Campaign, link: ShareLink) -> ShareLink:
    """A link for the campaign to the same shop."""
    return service.create_link(
        link.employee_id,
        product_id=None,
        channel=Channel.WECHAT,
        campaign_id=campaign.public_id,
        now=clock.now(),
    )


def accruals_of(order: PlacedOrder) -> list[Accrual]:
    """What the order's credits earned, in the order they were written."""
    db.session.rollback()
    statement = sa.select(Accrual).where(Accrual.order_id == order.id).order_by(Accrual.id)
    return list(db.session.scalars(statement.execution_options(populate_existing=True)))


def spent() -> list[int]:
    """What each booster has spent, in the order they were written."""
    db.session.rollback()
    statement = sa.select(PlanRule.spent).where(PlanRule.budget.is_not(None))
    return list(db.session.scalars(statement.order_by(PlanRule.id)))
