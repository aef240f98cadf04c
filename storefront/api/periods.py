"""Which days a figure is about."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import fields, validate

from storefront.api.schemas import Schema
from storefront.core.errors import Invalid
from storefront.insights.scope import Period

_DAYS = validate.Range(date(2000, 1, 1), date(2100, 1, 1))


class PeriodQuery(Schema):
    """Days of the chain's calendar: from the first up to, and without, the second."""

    start = fields.Date(data_key="from", validate=_DAYS, metadata={"example": "2026-03-01"})
    end = fields.Date(data_key="to", validate=_DAYS, metadata={"example": "2026-04-01"})


class PeriodSchema(Schema):
    """Days of the chain's calendar; null: no bound."""

    start = fields.Date(data_key="from", allow_none=True, metadata={"example": "2026-03-01"})
    end = fields.Date(data_key="to", allow_none=True, metadata={"example": "2026-04-01"})


def period_of(query: dict[str, Any]) -> Period:
    """The period that a query names. Raises Invalid `wrong_period`."""
    period = Period(query.get("start"), query.get("end"))
    if period.start and period.end and period.start >= period.end:
        message = "Must be after `from`: it is the first day left out."
        raise Invalid("wrong_period", message, errors={"query": {"to": [message]}})
    return period
