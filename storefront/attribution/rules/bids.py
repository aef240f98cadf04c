"""Every claim there is on an order, before it is known which of them win."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from storefront.attribution.rules.evidence import Evidence, TillClaim, TouchEvidence
from storefront.attribution.rules.policy import Kind, Policy, Source, TieMode, Treatment
from storefront.attribution.rules.verdict import Reason


@dataclass(frozen=True, slots=True)
class Bid:
    """One claim: a touch, a tie, or what the till said."""

    employee_id: int
    source: Source
    at: datetime
    fault: Reason | None
    """Why it may not win as it is; None if it may."""
    treatment: Treatment
    """What becomes of it in its turn: `skip` takes it out of the contest."""
    kind: str = ""
    touch_id: int | None = None
    product_id: int | None = None
    weight: int = 0
    """A till's claim comes with its share."""

    @property
    def moment(self) -> tuple[datetime, int]:
        """When it happened; of two touches at once the one stored later is later."""
        return self.at, self.touch_id or 0

    @property
    def contends(self) -> bool:
        """Whether it takes part in the contest."""
        return self.treatment is not Treatment.SKIP


def of_touches_and_tie(policy: Policy, evidence: Evidence) -> list[Bid]:
    """The claims that are on every line alike: touches, the latest first, and then the tie."""
    bids = [_of_touch(policy, evidence, touch) for touch in evidence.touches]
    bids.sort(key=lambda bid: bid.moment, reverse=True)
    tie = evidence.tie
    if tie and policy.tie_mode is not TieMode.NONE:
        ended = tie.protected_until is not None and tie.protected_until <= evidence.placed_at
        own = Reason.TIE_ENDED if ended else None
        fault, treatment = _judged(policy, evidence, tie.employee_id, own)
        bids.append(Bid(tie.employee_id, Source.TIE, tie.since, fault, treatment, kind=tie.how))
    return bids


def of_till(policy: Policy, evidence: Evidence, claim: TillClaim) -> Bid:
    """What the till said about a line."""
    fault, treatment = _judged(policy, evidence, claim.employee_id, None)
    return Bid(
        claim.employee_id,
        Source.TILL,
        evidence.placed_at,
        fault,
        treatment,
        weight=claim.share,
    )


def _of_touch(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> Bid:
    own = _fault_of_touch(policy, evidence, touch)
    fault, treatment = _judged(policy, evidence, touch.employee_id, own)
    return Bid(
        touch.employee_id,
        Source.COUPON if touch.kind == Kind.COUPON else Source.TOUCH,
        touch.at,
        fault,
        treatment,
        kind=touch.kind,
        touch_id=touch.touch_id,
        product_id=touch.product_id,
    )


def _fault_of_touch(policy: Policy, evidence: Evidence, touch: TouchEvidence) -> Reason | None:
    """What is wrong with a touch itself, whoever's it is."""
    if not touch.counts:
        return Reason.NOT_COUNTED
    if touch.at > evidence.placed_at:
        return Reason.AFTER_ORDER
    window = policy.window_of(touch.kind)
    if not window or touch.at < evidence.placed_at - timedelta(days=window):
        return Reason.OUTSIDE_WINDOW
    return None


def _judged(
    policy: Policy, evidence: Evidence, employee_id: int, own_fault: Reason | None
) -> tuple[Reason | None, Treatment]:
    """Why a claim may not win like any other, and what becomes of it."""
    if own_fault:
        return own_fault, Treatment.SKIP
    if employee_id in evidence.buyers and policy.own_purchase is not Treatment.ALLOW:
        return Reason.OWN_PURCHASE, policy.own_purchase
    left_at = evidence.people[employee_id].left_at
    if left_at is not None and policy.leavers is not Treatment.ALLOW:
        graceful = evidence.placed_at < left_at + timedelta(days=policy.grace_days)
        if not graceful:
            return Reason.LEFT_THE_CHAIN, policy.leavers
    return None, Treatment.ALLOW
