"""Which verdict on an order stands: the latest one."""

from __future__ import annotations

from typing import cast

import sqlalchemy as sa

from storefront.attribution.models import Verdict

_later = cast(sa.Table, Verdict.__table__).alias("later_verdicts")


def stands(verdicts: sa.FromClause) -> sa.ColumnElement[bool]:
    """Whether the row of `verdicts` (the table, or an alias of it) has no later one beside it."""
    return ~(
        sa.exists()
        .where(
            _later.c.order_id == verdicts.c.order_id,
            _later.c.sequence > verdicts.c.sequence,
        )
        .correlate(verdicts)
    )
