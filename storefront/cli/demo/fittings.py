"""What some employees make of their shops besides picking goods: headings, and posts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from random import Random

from storefront.cli.demo.content import Chain, EmploymentState
from storefront.cli.demo.plans import (
    PostPlan,
    ShopFittingPlan,
    ShopOpeningPlan,
    Trade,
    VisitPlan,
)
from storefront.cli.demo.writing import headings, post_words

_WRITERS = 0.2
"""How many write, besides those whose shops are visited most."""
_VISITED_MOST = 8
_POSTS = (1, 5)
_WITH_HEADINGS = 0.5
_LEFT_OVER = 1
"""So many headings fewer than a shop could have: not everything is sorted."""


def plan_fittings(random: Random, chain: Chain, trade: Trade) -> tuple[ShopFittingPlan, ...]:
    """For shops that are open at the end; posts come at any time from the opening on."""
    active = {each.number for each in chain.employees if each.state is EmploymentState.ACTIVE}
    visits = Counter(event.employee for event in trade.events if isinstance(event, VisitPlan))
    best = set(sorted(visits, key=lambda number: (-visits[number], number))[:_VISITED_MOST])
    fittings = (
        _fitting(random, chain, event, trade.events[-1].at, is_best=event.employee in best)
        for event in trade.events
        if isinstance(event, ShopOpeningPlan) and event.employee in active
    )
    return tuple(fitting for fitting in fittings if fitting.headings or fitting.posts)


def _fitting(
    random: Random, chain: Chain, opening: ShopOpeningPlan, end: datetime, *, is_best: bool
) -> ShopFittingPlan:
    products = {product.code: product for product in chain.products}
    posts = ()
    if is_best or random.random() < _WRITERS:
        posts = tuple(_posts(random, opening, end))
    found = headings([products[pick.product] for pick in opening.shop.picks])
    has_some = is_best or random.random() < _WITH_HEADINGS
    kept = found[: max(2, len(found) - _LEFT_OVER)] if has_some else ()
    return ShopFittingPlan(opening.employee, kept, posts)


def _posts(random: Random, opening: ShopOpeningPlan, end: datetime) -> Iterator[PostPlan]:
    picks = {pick.product for pick in opening.shop.picks}
    written = post_words(random, picks, random.randint(*_POSTS))
    times = sorted(opening.at + (end - opening.at) * random.random() for _ in written)
    for at, post in zip(times, written, strict=True):
        yield PostPlan(at.replace(microsecond=0), post)
