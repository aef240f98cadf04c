"""Policies that somebody wrote by hand, as JSON: read strictly, with a complaint per element."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from storefront.attribution.rules import Policy, faults_of
from storefront.attribution.rules.policy import ELEMENTS
from storefront.core.errors import Invalid

_NUMBERS = frozenset(
    {"window_days", "first_share", "last_share", "half_life_days", "tied_share", "protection_days"}
    | {"grace_days", "dispute_days", "answer_days", "decision_days", "blackout_days"}
)
_LISTS = frozenset({"precedence", "renewed_by"})


def read_policy(document: object) -> Policy:
    """The policy that a document describes, with nothing wrong with it.

    Raises Invalid `wrong_policy`, `policy_credits_nobody`, with a sentence per element.
    """
    if not isinstance(document, dict):
        raise Invalid("wrong_policy", "A policy is a JSON object of its elements.")
    elements = cast(dict[str, Any], document)
    _refuse(dict(_wrong(elements)))
    return checked(Policy.from_document(elements))


def checked(policy: Policy) -> Policy:
    """The policy, if nothing is wrong with it. Raises what reading raises."""
    faults = faults_of(policy)
    _refuse({fault.element: fault.sentence for fault in faults}, faults[0].code if faults else "")
    return policy


def _wrong(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = [(name, "There is no such element.") for name in document if name not in ELEMENTS]
    if "window_days" not in document:
        found.append(("window_days", "Say for how many days a touch counts."))
    for name, value in document.items():
        if name in ELEMENTS and (wrong := _wrong_value(name, value)):
            found.append((name, wrong))
    return found


def _wrong_value(name: str, value: Any) -> str:
    if name in _NUMBERS:
        return "" if _is_whole(value) else "This is a whole number."
    if name in _LISTS and not isinstance(value, list):
        return "This is a list."
    if name == "windows" and not _has_days(value):
        return "This is an object of kinds of touch and their days."
    try:
        Policy.from_document({"window_days": 1, name: value})
    except (TypeError, ValueError) as error:
        return f"This is not one of the choices: {error}."
    return ""


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _has_days(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_whole, cast(dict[str, Any], value).values()))


def _refuse(errors: Mapping[str, str], code: str = "wrong_policy") -> None:
    if errors:
        raise Invalid(
            code,
            next(iter(errors.values())),
            errors={"json": {element: [sentence] for element, sentence in errors.items()}},
        )
