"""Policies in words: what each element says, and what a version changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storefront.attribution.rules import Kind, Policy
from storefront.attribution.wording import (
    ELEMENTS,
    KINDS,
    MODELS,
    RENEWALS,
    SCOPES,
    SOURCES,
    TIE_MODES,
    TREATMENTS,
    Words,
)
from storefront.core.languages import Language, say_share

_CHOICES: dict[str, Mapping[Any, Words]] = {
    "model": MODELS,
    "scope": SCOPES,
    "tie_mode": TIE_MODES,
    "own_purchase": TREATMENTS,
    "leavers": TREATMENTS,
}
_LISTS: dict[str, tuple[Mapping[Any, Words], Words]] = {
    "precedence": (SOURCES, {"zh": " → ", "en": ", then "}),
    "renewed_by": (RENEWALS, {"zh": "、", "en": " or "}),
}
_SHARES = frozenset({"first_share", "last_share", "tied_share"})
_DAYS: Words = {"zh": "{days} 天", "en": "{days} days"}
_FOR_GOOD: Words = {"zh": "不限期", "en": "for good"}
_NONE: Words = {"zh": "无", "en": "none"}
_CHANGE: Words = {"zh": "{element}：{new}（原为：{old}）", "en": "{element}: {new} (was: {old})"}


@dataclass(frozen=True, slots=True)
class Difference:
    """An element that two versions say differently, in words."""

    element: str
    """Its name in the document."""
    sentence: str


def differences(old: Policy, new: Policy, language: Language) -> list[Difference]:
    """What changes from one version to the other, element by element; empty if nothing does."""
    return [
        Difference(
            element,
            _CHANGE[language].format(
                element=words[language],
                new=say_element(new, element, language),
                old=say_element(old, element, language),
            ),
        )
        for element, words in ELEMENTS.items()
        if getattr(old, element) != getattr(new, element)
    ]


def say_element(policy: Policy, element: str, language: Language) -> str:
    """What a policy says of one element, in a few words."""
    value = getattr(policy, element)
    if element in _CHOICES:
        return _CHOICES[element][value][language]
    if element in _LISTS:
        words, joint = _LISTS[element]
        return joint[language].join(words[each][language] for each in value) or _NONE[language]
    if element in _SHARES:
        return say_share(value)
    if element == "windows":
        return _say_windows(policy, language)
    if element == "protection_days" and not value:
        return _FOR_GOOD[language]
    return _DAYS[language].format(days=value)


def _say_windows(policy: Policy, language: Language) -> str:
    said = [
        f"{KINDS[kind][language]} {_DAYS[language].format(days=policy.windows[kind])}"
        for kind in Kind
        if kind in policy.windows
    ]
    return ("、" if language == "zh" else ", ").join(said) or _NONE[language]
