"""What is wrong with a policy before anybody is judged by it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from storefront.attribution.rules.policy import (
    LONGEST_WINDOW_DAYS,
    Kind,
    Model,
    Policy,
    Source,
    TieMode,
    Treatment,
)
from storefront.core.money import WHOLE_BASIS_POINTS

LONGEST_DAYS = 3_650
CREDITS_NOBODY = "policy_credits_nobody"
WRONG = "wrong_policy"

_OF_TIES = frozenset({Model.TIED_FIRST, Model.TIED_AND_LAST})


class Fault(NamedTuple):
    """One thing that is wrong, and where."""

    code: str
    element: str
    sentence: str


def faults_of(policy: Policy) -> list[Fault]:
    """Everything that is wrong with a policy, in the order of its elements."""
    wrong = [Fault(WRONG, element, sentence) for element, sentence in _wrong(policy)]
    return wrong or list(_hopeless(policy))


def _wrong(policy: Policy) -> Iterator[tuple[str, str]]:
    if not 1 <= policy.window_days <= LONGEST_WINDOW_DAYS:
        yield "window_days", f"The window is 1 to {LONGEST_WINDOW_DAYS} days."
    for kind, days in policy.windows.items():
        if not 0 <= days <= LONGEST_WINDOW_DAYS:
            yield "windows", f"The window of {kind} is 0 to {LONGEST_WINDOW_DAYS} days."
    if policy.own_purchase is Treatment.SUCCESSOR:
        yield "own_purchase", "Nobody takes the place of a buyer: allow, skip, nobody or store."
    yield from _wrong_precedence(policy)
    yield from _wrong_shares(policy)
    yield from _wrong_ties(policy)
    for element in ("grace_days", "dispute_days", "answer_days", "decision_days", "blackout_days"):
        if not 0 <= getattr(policy, element) <= LONGEST_WINDOW_DAYS:
            yield element, f"This is 0 to {LONGEST_WINDOW_DAYS} days."
    if policy.answer_days > policy.decision_days:
        yield "answer_days", "Whoever would lose answers before the decision is due."


def _wrong_precedence(policy: Policy) -> Iterator[tuple[str, str]]:
    if not policy.precedence:
        yield "precedence", "Name at least one source of claims."
    if len(set(policy.precedence)) < len(policy.precedence):
        yield "precedence", "Name each source of claims once."


def _wrong_shares(policy: Policy) -> Iterator[tuple[str, str]]:
    first, last = policy.first_share, policy.last_share
    if min(first, last) < 0 or first + last > WHOLE_BASIS_POINTS:
        yield "first_share", "First and last share are 0 or more, and 10,000 at most together."
    if not 1 <= policy.tied_share < WHOLE_BASIS_POINTS:
        yield (
            "tied_share",
            "The tied employee's share is 1 to 9,999; for all of it take tied_first.",
        )
    if not 1 <= policy.half_life_days <= LONGEST_WINDOW_DAYS:
        yield "half_life_days", f"The half-life is 1 to {LONGEST_WINDOW_DAYS} days."


def _wrong_ties(policy: Policy) -> Iterator[tuple[str, str]]:
    without = policy.tie_mode is TieMode.NONE
    if without and policy.model in _OF_TIES:
        yield "tie_mode", f"The model {policy.model} needs ties: say how one comes about."
    if without and Source.TIE in policy.precedence and len(policy.precedence) > 1:
        yield "tie_mode", "The precedence names ties: say how one comes about."
    if not 0 <= policy.protection_days <= LONGEST_DAYS:
        yield "protection_days", f"The protection is 0 (for good) to {LONGEST_DAYS} days."
    if policy.renewed_by and not policy.protection_days:
        yield "renewed_by", "A tie that lasts for good is not renewed."


def _hopeless(policy: Policy) -> Iterator[Fault]:
    ways = set(policy.precedence)
    if policy.tie_mode is TieMode.NONE:
        ways.discard(Source.TIE)
    if not policy.window_of(Kind.COUPON):
        ways.discard(Source.COUPON)
    others = [kind for kind in Kind if kind is not Kind.COUPON]
    if not any(policy.window_of(kind) for kind in others) and policy.model not in _OF_TIES:
        ways.discard(Source.TOUCH)
    if not ways:
        yield Fault(
            CREDITS_NOBODY,
            "precedence",
            "Under this policy nobody could ever earn: no source that it names can make a claim.",
        )
