"""Money and times as people of each language write them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_currency

from storefront.core.money import format_amount
from storefront.core.settings import settings
from storefront.web.language import LOCALES, Language

_MOMENTS: dict[Language, str] = {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}
_DAYS: dict[Language, str] = {"zh": "y年M月d日", "en": "d MMM y"}
_SHORT_MOMENTS: dict[Language, str] = {"zh": "M月d日 HH:mm", "en": "d MMM HH:mm"}
_TIMES = "HH:mm"


@lru_cache(maxsize=4096)
def money(amount: int, currency: str, language: Language) -> str:
    """Minor units as a price: `¥1,299.00` in Chinese, `CN¥1,299.00` in English."""
    return format_currency(
        Decimal(format_amount(amount, currency)), currency, locale=LOCALES[language]
    )


def moment(when: datetime, language: Language) -> str:
    """Day and time in the chain's zone: `2026年3月5日 14:35`, `5 Mar 2026, 14:35`."""
    return _written(when, _MOMENTS[language], language)


def short_moment(when: datetime, language: Language) -> str:
    """The same without the year, where the year is said beside it: `3月5日 14:35`."""
    return _written(when, _SHORT_MOMENTS[language], language)


def day(when: datetime, language: Language) -> str:
    """The day in the chain's zone."""
    return _written(when, _DAYS[language], language)


def time_of_day(when: datetime, language: Language) -> str:
    """The time of day in the chain's zone."""
    return _written(when, _TIMES, language)


def _written(when: datetime, pattern: str, language: Language) -> str:
    zone = ZoneInfo(settings().chain_time_zone)
    return format_datetime(when.astimezone(zone), pattern, locale=LOCALES[language])
