"""Who earns, a second time: the rules read again and written plainly, without a thought for speed.

It shares nothing with `storefront.attribution.rules` but the shape of policy and evidence.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from storefront.attribution.rules import Evidence, Policy, TouchEvidence


def slow_opinion(policy: Policy, evidence: Evidence) -> tuple[str, list[int], dict[int, str]]:
    """The reason, who earns, and why each of the others does not."""
    people = {each.employee_id for each in evidence.touches}
    last: dict[int, TouchEvidence] = {}
    why: dict[int, str] = {}
    for person in people:
        own = [each for each in evidence.touches if each.employee_id == person]
        valid = [each for each in own if not wrong_with(policy, evidence, each)]
        last[person] = max(valid or own, key=moment)
        if not valid:
            why[person] = wrong_with(policy, evidence, last[person])
    reason, winners = ("no_valid_claim" if people else "no_touch"), list[int]()
    settled = False
    for person in sorted(people - set(why), key=lambda each: moment(last[each]), reverse=True):
        bar, treatment = barred(policy, evidence, last[person])
        if bar:
            why[person] = bar
            if not settled and treatment == "nobody":
                reason, settled = bar, True
        elif settled:
            why[person] = "earlier_touch"
        else:
            reason, winners, settled = "last_touch", [person], True
    return reason, winners, why


def wrong_with(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> str:
    """What is wrong with a touch, or nothing."""
    if not touch.counts:
        return "not_counted"
    if touch.at > evidence.placed_at:
        return "after_order"
    opens = evidence.placed_at - timedelta(days=policy.window_days)
    return "outside_window" if touch.at < opens else ""


def barred(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> tuple[str, str]:
    """Why an employee may not earn, or nothing, and what then becomes of the others."""
    if touch.employee_id in evidence.buyers and policy.own_purchase != "allow":
        return "own_purchase", policy.own_purchase
    if touch.left and policy.leavers != "allow":
        return "left_the_chain", policy.leavers
    return "", "allow"


def moment(touch: TouchEvidence) -> tuple[datetime, int]:
    """When it happened; what is stored later is later."""
    return touch.at, touch.touch_id
