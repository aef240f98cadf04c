"""Why commission is held, told to whoever earned it: what it is, and what ends it.

They are told that something is looked into, and not by which rule it was found.
"""

from __future__ import annotations

from datetime import datetime

from storefront.commissions.models import HoldKind
from storefront.core.languages import Language, say_moment

_WORDS: dict[HoldKind, dict[Language, str]] = {
    HoldKind.DISPUTE: {
        "zh": "同事对这一行归谁提出了争议；总部裁定后解除。",
        "en": "It is in dispute whose this line is; held until headquarters has decided.",
    },
    HoldKind.FRAUD: {
        "zh": "总部正在核查这笔销售，尚无结论；核查完成后解除或另行通知，不会因时间自动处理。",
        "en": "Headquarters is looking into this sale and has found nothing yet; held until it has"
        " answered, however long that takes.",
    },
    HoldKind.REVIEW: {
        "zh": "总部正在人工核查，尚无结论；核查完成后解除。",
        "en": "Headquarters is looking into this by hand; held until it is done.",
    },
    HoldKind.MISSING_DATA: {
        "zh": "发放所需的资料不全；补齐后由总部解除，请联系人事。",
        "en": "Something that is needed to pay you is missing; headquarters lifts this once it is"
        " there. Ask the people who look after staff data.",
    },
}
_WINDOW: dict[Language, str] = {
    "zh": "顾客的退货期到 {moment} 结束，之后自动转为应付。",
    "en": "The customer may bring the goods back until {moment}; then it falls due by itself.",
}
_NOT_HANDED_OVER: dict[Language, str] = {
    "zh": "顾客尚未收到商品；交付后退货期才开始。",
    "en": "The customer has not received the goods yet; the return window starts when they do.",
}


def of_hold(kind: HoldKind, language: Language) -> str:
    """Why a hold of this kind is there, and what ends it."""
    return _WORDS[kind][language]


def of_window(due_at: datetime | None, time_zone: str, language: Language) -> str:
    """Why commission that is not due yet waits: the return window."""
    if due_at is None:
        return _NOT_HANDED_OVER[language]
    return _WINDOW[language].format(moment=say_moment(due_at, time_zone, language))
