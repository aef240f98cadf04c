"""Gathering, at the moment of the order, what is known about who may have sold it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from storefront.attribution.rules import Evidence, TouchEvidence
from storefront.sharing.models import Uncounted
from storefront.sharing.touches import TouchFact, touches_of
from storefront.staff.models import EmploymentState
from storefront.staff.recognition import employees_known_as

LONGEST_WINDOW_DAYS = 365
"""Touches older than this are not frozen on an order: no policy's window is longer."""

MOST_TOUCHES = 500
"""The latest so many touches of a customer are evidence; hardly a person has more."""


def gather(visitor_ids: Collection[str], phone: str, now: datetime) -> Evidence:
    """The touches of a customer's browsers up to `now`, and the employees the customer may be."""
    met = touches_of(visitor_ids, now - timedelta(days=LONGEST_WINDOW_DAYS), now, MOST_TOUCHES)
    return Evidence(
        placed_at=now,
        touches=tuple(_as_evidence(touch) for touch in met),
        buyers=frozenset(employees_known_as(phone, visitor_ids)),
    )


def _as_evidence(touch: TouchFact) -> TouchEvidence:
    return TouchEvidence(
        touch_id=touch.touch_id,
        employee_id=touch.employee_id,
        number=touch.employee_number,
        store_id=touch.store_id,
        left=touch.employee_state is EmploymentState.LEFT,
        at=touch.at,
        kind=touch.kind.value,
        channel=touch.channel.value,
        counts=touch.uncounted is Uncounted.NO,
    )
