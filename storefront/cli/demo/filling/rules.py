"""Who earns and how much: drafted by one person of headquarters, approved by another."""

from __future__ import annotations

from datetime import time

from storefront.attribution import service as attribution
from storefront.attribution.rules import Policy
from storefront.cli.demo.filling.goods import Goods
from storefront.cli.demo.filling.people import People
from storefront.cli.demo.filling.script import Script
from storefront.commissions import plans
from storefront.commissions.terms import NewRule

WINDOW_DAYS = 30
HOLD_DAYS = 7

_EVERYTHING = 500
_CATEGORIES = {"beauty": 800, "lamps-decor": 650}
_BRANDS = {"reedbank": 700}
_FAVOURITE = 1_000
_STAR = 900


def publish(script: Script, people: People, goods: Goods) -> None:
    """Bring a policy and a plan into force with the first day of trade."""
    starts_at = script.at(0, time.min)
    drafted_at, published_at = script.at(-6, time(10)), script.at(-5, time(16))
    policy = attribution.draft_policy(
        Policy(window_days=WINDOW_DAYS),
        starts_at,
        f"Whoever was met last within {WINDOW_DAYS} days earns.",
        people.desk,
        drafted_at,
    )
    attribution.approve_policy(policy.version, people.approver)
    attribution.publish_policy(policy.version, published_at)
    plan = plans.draft_plan(
        _rules(script, people, goods),
        hold_days=HOLD_DAYS,
        starts_at=starts_at,
        note="5 % on everything, more on what we want to be known for.",
        actor=people.desk,
        now=drafted_at,
    )
    plans.approve_plan(plan.version, people.approver)
    plans.publish_plan(plan.version, published_at)


def _rules(script: Script, people: People, goods: Goods) -> list[NewRule]:
    favourite = max(script.chain.products, key=lambda product: product.popularity)
    return [
        NewRule(rate=_EVERYTHING),
        *(
            NewRule(rate=rate, category_id=goods.category_ids[code])
            for code, rate in _CATEGORIES.items()
        ),
        *(NewRule(rate=rate, brand_id=goods.brand_ids[code]) for code, rate in _BRANDS.items()),
        NewRule(rate=_FAVOURITE, product_id=goods.products[favourite.code].id),
        NewRule(rate=_STAR, employee_id=people.id_of(script.star())),
    ]
