"""How a customer comes to be somebody's, stays theirs, and is taken by another: by policy alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from storefront.attribution.rules.evidence import Evidence, TieEvidence, TouchEvidence
from storefront.attribution.rules.policy import Policy, Renewal, TieMode


@dataclass(frozen=True, slots=True)
class TieChange:
    """What becomes of a customer's tie: it is this employee's, protected until then."""

    employee_id: int
    protected_until: datetime | None
    """None: for good."""


def protection_from(policy: Policy, moment: datetime) -> datetime | None:
    """Until when a tie is protected that comes about, or begins anew, at `moment`."""
    return moment + timedelta(days=policy.protection_days) if policy.protection_days else None


def has_lapsed(tie: TieEvidence, at: datetime) -> bool:
    """Whether somebody else may take the customer."""
    return tie.protected_until is not None and tie.protected_until <= at


def by_touch(policy: Policy, evidence: Evidence) -> TieChange | None:
    """What the touches of a customer do to their tie, seen from the moment of the evidence.

    Somebody's first touch that counts brings a tie about; after it, touches are gone through in
    the order in which they happened: the tied employee's begin the protection anew if the policy
    says so, another's takes the customer if the protection had run out by then. None: nothing.
    """
    met = [touch for touch in evidence.touches if _is_a_meeting(policy, evidence, touch)]
    met.sort(key=lambda touch: (touch.at, touch.touch_id))
    taking = policy.tie_mode is TieMode.FIRST_TOUCH
    tie = evidence.tie
    if tie is None:
        first = next((each for each in met if _may_take(policy, evidence, each)), None)
        return _taken(policy, evidence, first) if taking and first else None
    if tie.protected_until is None:
        return None
    until = tie.protected_until
    for touch in met:
        if touch.at < tie.since:
            continue
        if touch.employee_id == tie.employee_id:
            if Renewal.TOUCH in policy.renewed_by:
                until = max(until, protection_from(policy, touch.at) or until)
        elif taking and until <= touch.at and _may_take(policy, evidence, touch):
            return _taken(policy, evidence, touch)
    return TieChange(tie.employee_id, until) if until > tie.protected_until else None


def by_order(
    policy: Policy,
    evidence: Evidence,
    tie: TieEvidence | None,
    credited: Mapping[int, int],
    paid_at: datetime,
) -> TieChange | None:
    """What a paid order does to its customer's tie, which is `tie` now.

    `credited` says who earns on it and how much, in the order of the verdict. The tied employee's
    part in it begins the protection anew if the policy says so. Else, where ties come of orders,
    whoever earns most gets a customer who is nobody's, or whose protection had run out when the
    order was placed. None: nothing.
    """
    if tie and tie.employee_id in credited and Renewal.ORDER in policy.renewed_by:
        until = protection_from(policy, paid_at)
        longer = until and tie.protected_until and until > tie.protected_until
        return TieChange(tie.employee_id, until) if longer else None
    free = tie is None or has_lapsed(tie, evidence.placed_at)
    able = [who for who in credited if _may_have(evidence, who)]
    if policy.tie_mode is not TieMode.FIRST_ORDER or not free or not able:
        return None
    best = max(able, key=lambda who: credited[who])
    if tie and best == tie.employee_id:
        return None
    return TieChange(best, protection_from(policy, paid_at))


def _is_a_meeting(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> bool:
    return touch.counts and touch.at <= evidence.placed_at and policy.window_of(touch.kind) > 0


def _may_take(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> bool:
    """Whether a touch still counts at the moment of the evidence, and for somebody who may have
    the customer.
    """
    window = timedelta(days=policy.window_of(touch.kind))
    return touch.at >= evidence.placed_at - window and _may_have(evidence, touch.employee_id)


def _may_have(evidence: Evidence, employee_id: int) -> bool:
    """Nobody is their own customer, and nobody gets one after they have left."""
    if employee_id in evidence.buyers:
        return False
    person = evidence.people.get(employee_id)
    return person is None or person.left_at is None


def _taken(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> TieChange:
    return TieChange(touch.employee_id, protection_from(policy, evidence.placed_at))
