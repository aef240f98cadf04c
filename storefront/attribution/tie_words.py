"""Claims and transfers in words, in both languages."""

from __future__ import annotations

from datetime import datetime

from storefront.attribution.relations import ClaimOutcome
from storefront.attribution.wording import Words
from storefront.core.languages import Language, say_moment

_OUTCOMES: dict[ClaimOutcome, Words] = {
    ClaimOutcome.NOBODYS: {
        "zh": "这位顾客还不归任何人，现在归你。",
        "en": "The customer was nobody's and is yours now.",
    },
    ClaimOutcome.LAPSED: {
        "zh": "原同事的保护期已过，这位顾客现在归你。",
        "en": "A colleague's protection had run out: the customer is yours now.",
    },
    ClaimOutcome.ALREADY_YOURS: {
        "zh": "这位顾客本来就归你。",
        "en": "The customer is yours already.",
    },
    ClaimOutcome.PROTECTED: {
        "zh": "这位顾客归另一位同事，目前受保护。",
        "en": "The customer is a colleague's, and protected.",
    },
    ClaimOutcome.OWN_NUMBER: {
        "zh": "这是你自己的号码；没有人是自己的顾客。",
        "en": "This number is your own: nobody is their own customer.",
    },
    ClaimOutcome.NO_TIES: {
        "zh": "按现行规则，顾客不归任何人。",
        "en": "By the rules in force, customers belong to nobody.",
    },
}
_UNTIL: Words = {"zh": "保护期到 {at}。", "en": "The protection lasts until {at}."}

_GAINED: Words = {
    "zh": "有 {count} 位顾客转到你名下。",
    "en": "Customers that are now yours: {count}.",
}
_LOST: Words = {
    "zh": "有 {count} 位顾客从你名下转给了同事。",
    "en": "Customers of yours that now are a colleague's: {count}.",
}
_WHY: Words = {"zh": "原因：{reason}", "en": "Why: {reason}"}


def say_outcome(
    outcome: ClaimOutcome, until: datetime | None, language: Language, time_zone: str
) -> str:
    """How a claim was settled, and until when the customer is protected."""
    said = [_OUTCOMES[outcome][language]]
    if until is not None:
        said.append(_UNTIL[language].format(at=say_moment(until, time_zone, language)))
    return ("" if language == "zh" else " ").join(said)


def say_transfer(count: int, reason: str, language: Language) -> str:
    """What an employee is told who gained (or, below zero, lost) so many customers."""
    said = [(_GAINED if count > 0 else _LOST)[language].format(count=abs(count))]
    if reason:
        said.append(_WHY[language].format(reason=reason))
    return ("" if language == "zh" else " ").join(said)
