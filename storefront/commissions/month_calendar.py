"""Which version of the plan settles which month."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import sqlalchemy as sa

from storefront.attribution.models import VersionState
from storefront.commissions.models import CommissionPlan
from storefront.commissions.rules.months import NO_MONTH_TERMS, MonthTerms
from storefront.core.database import db

_plans = cast(sa.Table, CommissionPlan.__table__)


class MonthCalendar:
    """The published versions, as months ask for them. One query."""

    def __init__(self) -> None:
        rows = db.session.execute(
            sa.select(_plans.c.id, _plans.c.starts_at, _plans.c.month_terms)
            .where(_plans.c.state == VersionState.PUBLISHED)
            .order_by(_plans.c.starts_at, _plans.c.version)
        )
        self._plans = [
            (row.starts_at, row.id, MonthTerms.from_document(row.month_terms)) for row in rows
        ]

    @property
    def has_terms(self) -> bool:
        """Whether any version says anything about months."""
        return any(terms for _, _, terms in self._plans)

    def at(self, starts_at: datetime, ends_at: datetime) -> tuple[int | None, MonthTerms]:
        """The plan (row number) that settles a month, and its terms.

        It is the version in force when the month begins, or else the first that starts within it:
        so nobody's thresholds move while they sell towards them.
        """
        earlier = [plan for plan in self._plans if plan[0] <= starts_at]
        within = [plan for plan in self._plans if starts_at < plan[0] < ends_at]
        if not earlier and not within:
            return None, NO_MONTH_TERMS
        if earlier:
            _, plan_id, terms = earlier[-1]
        else:
            # Of those that start at the same moment the latest version counts, as for a sale.
            first = within[0][0]
            _, plan_id, terms = [plan for plan in within if plan[0] == first][-1]
        return plan_id, terms
