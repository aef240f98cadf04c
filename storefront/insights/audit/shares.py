"""The arithmetic of `core.money` in SQL, for questions over whole tables.

Written so that no product leaves 64 bits, whatever amount the program allows.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storefront.core.money import WHOLE_BASIS_POINTS
from storefront.insights.audit.tables import credits_

Number = sa.ColumnElement[Any]


def part_so_far(whole: Number, done: Number, of: Number) -> Number:
    """What `done` of `of` pieces are worth of `whole`, halves up."""
    return (whole // of) * done + (2 * (whole % of) * done + of) // (2 * of)


def rounded_down(amount: Number, share: Number) -> Number:
    """`share` basis points of `amount`, rounded down."""
    whole = sa.literal(WHOLE_BASIS_POINTS)
    return (amount // whole) * share + (amount % whole) * share // whole


def share_of(amount: Number, credit: sa.FromClause) -> Number:
    """A credit's part of an amount of its line: the first takes what rounding leaves."""
    others = credits_.alias()
    later = (
        sa.select(sa.func.coalesce(sa.func.sum(rounded_down(amount, others.c.share)), 0))
        .where(
            others.c.order_line_id == credit.c.order_line_id,
            others.c.verdict_id == credit.c.verdict_id,
            others.c.position > 0,
        )
        .scalar_subquery()
    )
    return sa.case(
        (credit.c.share == WHOLE_BASIS_POINTS, amount),
        (credit.c.position > 0, rounded_down(amount, credit.c.share)),
        else_=amount - later,
    )
