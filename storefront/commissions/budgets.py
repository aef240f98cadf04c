"""The money of boosters: what a sale takes of it, and what a decision gives back.

What comes back to the store does not come back to the budget: a booster that was used up stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import sqlalchemy as sa

from storefront.commissions.models import PlanRule
from storefront.core.database import db

_rules = cast(sa.Table, PlanRule.__table__)

_left = _rules.c.budget - _rules.c.spent
_asked: sa.BindParameter[int] = sa.bindparam("asked", type_=sa.BigInteger())
_TAKE = (
    sa.update(_rules)
    .where(_rules.c.id == sa.bindparam("booster"), _rules.c.spent < _rules.c.budget)
    .values(
        granted=sa.case((_asked < _left, _asked), else_=_left),
        spent=sa.case((_asked < _left, _rules.c.spent + _asked), else_=_rules.c.budget),
    )
    .returning(_rules.c.granted)
)
_GIVE_BACK = (
    sa.update(_rules)
    .where(_rules.c.id == sa.bindparam("booster"))
    .values(spent=_rules.c.spent - sa.bindparam("amount"))
)


def take(asked: Mapping[int, int]) -> dict[int, int]:
    """Take what is asked of each booster (row number), or what is left of its budget.

    One guarded UPDATE for each, which waits for whoever takes of the same: so a budget is never
    overspent, however many sell at once. Boosters are taken in the order of their numbers, so that
    two sales never wait for each other.
    """
    granted: dict[int, int] = {}
    for booster in sorted(asked):
        got = db.session.scalar(_TAKE, {"booster": booster, "asked": asked[booster]})
        granted[booster] = got or 0
    return granted


def give_back(amounts: Mapping[int, int], plan_ids: Iterable[int]) -> None:
    """Put what a decision took from earners back into the boosters it came from.

    All boosters of these plans are locked first, in the order of their numbers: what others are
    given is taken in a second pass, and must not meet a sale half way.
    """
    given = {booster: amount for booster, amount in amounts.items() if amount}
    if not given:
        return
    db.session.execute(
        sa.select(_rules.c.id)
        .where(_rules.c.plan_id.in_(set(plan_ids)), _rules.c.budget.is_not(None))
        .order_by(_rules.c.id)
        .with_for_update()
    ).all()
    db.session.execute(
        _GIVE_BACK,
        [{"booster": booster, "amount": amount} for booster, amount in sorted(given.items())],
    )
