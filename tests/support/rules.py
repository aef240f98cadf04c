"""The chain's rules in force, as tests need them."""

from __future__ import annotations

from storefront.attribution import service as attribution
from storefront.attribution.rules import Policy
from storefront.commissions import plans
from storefront.commissions.terms import NewRule
from storefront.core import clock
from storefront.core.actor import SYSTEM, Actor


def a_policy(policy: Policy | None = None) -> None:
    """A published attribution policy: last touch within 30 days, unless said otherwise."""
    now = clock.now()
    draft = attribution.draft_policy(
        policy or Policy(window_days=30), now, "for a test", SYSTEM, now
    )
    attribution.approve_policy(draft.version, Actor(role="hq_finance"))
    attribution.publish_policy(draft.version, now)


def a_plan(*rules: NewRule, hold_days: int = 7) -> None:
    """A published plan: 5 % on everything, held a week, unless said otherwise."""
    now = clock.now()
    draft = plans.draft_plan(
        rules or [NewRule(rate=500)],
        hold_days=hold_days,
        starts_at=now,
        note="for a test",
        actor=SYSTEM,
        now=now,
    )
    plans.approve_plan(draft.version, Actor(role="hq_finance"))
    plans.publish_plan(draft.version, now)
