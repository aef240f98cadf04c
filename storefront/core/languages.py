"""The two languages that people are spoken to in, and how times are said in them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

LOCALES: dict[Language, str] = {"zh": "zh_Hans_CN", "en": "en"}

_MOMENTS: dict[Language, str] = {"zh": "y年M月d日 HH:mm", "en": "d MMM y, HH:mm"}


def say_moment(moment: datetime, time_zone: str, language: Language) -> str:
    """`2026年3月5日 16:30` or `5 Mar 2026, 16:30`, by the clocks of `time_zone`."""
    return format_datetime(
        moment, _MOMENTS[language], tzinfo=ZoneInfo(time_zone), locale=LOCALES[language]
    )


def say_share(basis_points: int) -> str:
    """`12.5%` for 1,250."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02}".rstrip("0").rstrip(".") + "%" if rest else f"{whole}%"
